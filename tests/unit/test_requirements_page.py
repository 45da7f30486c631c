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


def named(text: str) -> set[str]:
    """The rows in a text; `R-BT-01 to R-BT-04` is all four."""
    found = set(re.findall(r"R-[A-Z]{2}-\d\d", text))
    for group, first, last in re.findall(r"R-([A-Z]{2})-(\d\d) to\s+R-\1-(\d\d)", text):
        found |= {f"R-{group}-{n:02}" for n in range(int(first), int(last) + 1)}
    return found


def in_first_column() -> set[str]:
    rows = [line.split("|")[1] for line in TEXT.splitlines() if line.startswith(("| R-", "| C"))]
    return {each.strip() for row in rows for each in row.split(",")}


def test_every_row_is_in_the_table_or_said_to_be_missing_and_in_one_of_them() -> None:
    missing = named(TEXT.partition("## Not in this table yet")[2])
    listed = in_first_column()
    assert listed | missing == ALL | CONTRADICTIONS
    assert not listed & missing


def test_the_rows_that_a_gate_answers_are_in_the_table() -> None:
    answered = {row for gate in GATES for row in gate.rows}
    assert answered <= in_first_column()


def test_every_test_that_is_named_is_there() -> None:
    places = re.findall(r"((?:unit|system)/test_\w+\.py)(?:::(test_\w+))?", TEXT)
    assert places
    for file, function in places:
        code = (ROOT / "tests" / file).read_text("utf-8")
        assert not function or f"def {function}(" in code, (file, function)


def test_no_text_threatens_or_uses_a_word_that_no_carrier_knows() -> None:
    asked = [str(part) for each in QUESTIONS.values() for part in each]
    for text in [*TEXTS.values(), *asked]:
        assert not re.findall("处罚|罚款|FM ?卡", text)
