"""docs/unbind.md says what the code does."""

from agent.cli.unbind_text import STATES as WORDS
from agent.unbind.machine import ROAD, STATES
from tests.unbind_page import DOCUMENT, document


def test_the_table_of_states_is_that_of_the_code():
    text = DOCUMENT.read_text("utf-8")
    assert document(text) == text


def test_every_state_has_words_and_leads_on_or_ends():
    assert set(STATES) <= set(WORDS)
    leads_on = {move.state for move in ROAD}
    assert set(STATES) - leads_on == {"closed", "stopped"}
