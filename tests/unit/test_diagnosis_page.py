"""docs/diagnosis.md is what the code says."""

from tests.diagnosis_page import DOCUMENT, document


def test_the_page_shows_the_table_and_the_output_of_the_code() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert document(text) == text, "write it anew: python -m tests.diagnosis_page"
