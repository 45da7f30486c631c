"""docs/doctor.md has every check as the code has it."""

from tests.unit.doctor_table import PAGE, table, written


def test_the_table_is_that_of_the_code():
    page = PAGE.read_text("utf-8")
    assert written(page) == page
    assert "\n".join(table()) in page
