"""docs/card_files.md has every file as the code has it."""

from tests.unit.card_files_table import PAGE, tables, written


def test_the_tables_are_those_of_the_code():
    page = PAGE.read_text("utf-8")
    assert written(page) == page
    for name, lines in tables().items():
        assert "\n".join([f"<!-- {name} -->", *lines]) in page
