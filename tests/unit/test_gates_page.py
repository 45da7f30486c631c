"""docs/gates.md says what the code does."""

from agent.cli.check_text import GATE_NAMES
from agent.unbind.gates import GATES
from tests.gates_page import DOCUMENT, PARTS, document, parts_of


def test_the_tables_are_those_of_the_code() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert document(text) == text


def test_every_rule_says_what_passes_what_fails_and_who_has_to_answer() -> None:
    for gate in GATES:
        parts = parts_of(gate.rule.__doc__ or "")
        assert set(parts) == {"", *PARTS}
        assert parts[""].endswith("?") or "? " in parts[""]


def test_every_gate_has_a_name_on_the_screen() -> None:
    assert list(GATE_NAMES) == [gate.id for gate in GATES]
