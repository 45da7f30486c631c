"""docs/modems.md is what the profiles say."""

from tests.modem_table import DOCUMENT, document


def test_the_table_of_families_is_that_of_the_profiles():
    text = DOCUMENT.read_text("utf-8")
    assert document(text) == text, "write it anew: python -m tests.modem_table"
