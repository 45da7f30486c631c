"""docs/requirements.md names tests and rows that exist."""

import re
from pathlib import Path

from agent.i18n.zh import TEXTS
from agent.unbind.gates import GATES
from agent.unbind.questions import QUESTIONS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/requirements.md").read_text("utf-8")
# R-ID-01 to R-SC-01 and C1 to C16, as the sources are numbered.
LAST = {
    "ID": 15, "ST": 19, "AR": 7, "BA": 6, "RN": 4, "BD": 7, "BK": 6, "PD": 8, "CH": 13, "TM": 11,
    "PR": 4, "CE": 4, "IR": 4, "VF": 5, "BT": 9, "US": 2, "SC": 1,
}  # fmt: skip
ALL = {f"R-{group}-{n:02}" for group, last in LAST.items() for n in range(1, last + 1)}
CONTRADICTIONS = {f"C{n}" for n in range(1, 17)}


def table_rows() -> list[str]:
    return [line for line in TEXT.splitlines() if line.startswith(("| R-", "| C"))]


def in_first_column() -> list[str]:
    rows = [line.split("|")[1] for line in table_rows()]
    return [each.strip() for row in rows for each in row.split(",")]


def test_every_row_of_the_sources_is_in_the_table_once() -> None:
    assert len(ALL) == 125
    rows = in_first_column()
    assert sorted(rows) == sorted(ALL | CONTRADICTIONS)


def test_every_row_says_where_and_names_a_test_or_a_reason() -> None:
    for line in table_rows():
        _, what, where, shown = (each.strip() for each in line.strip().strip("|").split(" | "))
        assert what, line
        assert where, line
        nowhere = where.startswith("nowhere")
        named = shown in {"gates", "silence"} or "test_" in shown or shown.startswith("see C")
        assert named or nowhere or len(shown.split()) > 4, line


def test_the_rows_that_a_gate_answers_are_in_the_table() -> None:
    answered = {row for gate in GATES for row in gate.rows}
    assert answered <= set(in_first_column())


def test_every_test_that_is_named_is_there() -> None:
    places = re.findall(r"((?:unit|system|fault|property)/test_\w+\.py)(?:::(test_\w+))?", TEXT)
    assert places
    for file, function in places:
        code = (ROOT / "tests" / file).read_text("utf-8")
        assert not function or f"def {function}(" in code, (file, function)


def test_no_text_threatens_or_uses_a_word_that_no_carrier_knows() -> None:
    asked = [str(part) for each in QUESTIONS.values() for part in each]
    for text in [*TEXTS.values(), *asked]:
        assert not re.findall("处罚|罚款|FM ?卡", text)
