"""docs/verification.md says what the code does."""

from agent.verification.exclusions import EXCLUSIONS
from agent.verification.verdict import VERDICTS
from agent.verification.words import EXCLUSION_NAMES
from tests.verification_page import PAGE, written


def test_the_table_is_that_of_the_code() -> None:
    text = PAGE.read_text("utf-8")
    assert written(text) == text
    assert [each.id for each in EXCLUSIONS] == list(EXCLUSION_NAMES)
    assert all(f"| `{verdict}` |" in text for verdict in VERDICTS)
