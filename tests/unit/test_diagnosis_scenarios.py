"""Each row of the decision table, and healthy, from what modem, card, network and papers say.

The scenarios are `tests/diagnosis/*.toml`. A file's name is the row that it leads to; one with
`near` in it leads anywhere but there.
"""

import pytest

from agent.diagnosis.rules import RULES
from tests.diagnosis_world import FOLDER, played

NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
LEADING = [name for name in NAMES if "-near" not in name]
NEAR = [name for name in NAMES if "-near" in name]


def row_of(name: str) -> str:
    return "healthy" if name.startswith("healthy") else name[:4]


def test_every_row_has_a_scenario_and_a_near_miss() -> None:
    rows = {rule.row for rule in RULES}
    assert {row_of(name) for name in LEADING} == rows | {"healthy"}
    assert {row_of(name) for name in NEAR} == rows


@pytest.mark.parametrize("name", LEADING)
def test_a_scenario_leads_to_its_row(name: str) -> None:
    document = played(name)
    told = document["row"] or document["cause"]
    assert told == row_of(name), document


@pytest.mark.parametrize("name", NEAR)
def test_a_near_miss_does_not_lead_there(name: str) -> None:
    document = played(name)
    assert row_of(name) not in {finding["row"] for finding in document["findings"]}, document
