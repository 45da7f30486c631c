"""docs/unbind_scenarios.md says what the files of the scenarios say; a wrong one is named."""

import pytest

from tests.unbind_scenario import Act, Scenario, ScenarioError, load, names, scenario_of
from tests.unbind_scenarios_page import PAGE, written
from tests.unit.test_requirements_page import ALL, CONTRADICTIONS

GOOD = """
rows = ["R-BD-01"]
[title]
zh = "一"
en = "one"
[gateway]
[[act]]
run = "simward check"
exit = 0
[end]
state = "not_begun"
verdict = "ready"
contexts = []
"""


def test_the_table_is_that_of_the_files():
    text = PAGE.read_text("utf-8")
    assert written(text) == text


def test_there_are_twenty_and_each_shows_rows_that_there_are():
    assert len(names()) >= 20
    for name in names():
        assert set(load(name).rows) <= ALL | CONTRADICTIONS, name


def test_every_key_of_the_format_is_on_the_page():
    page = PAGE.read_text("utf-8")
    for name in {*Scenario.model_fields, *Act.model_fields} - {"why", "act"}:
        assert f"`{name}" in page or f"[[{name}]]" in page, name


@pytest.mark.parametrize(
    ("good", "bad", "place"),
    [
        ("exit = 0", "exitt = 0", "bad.toml: act.0.exitt"),
        ("[gateway]", "[gateway]\nmodemm = 'x'", "bad.toml: gateway.modemm"),
        ("contexts = []", "contexts = []\nevent = []", "bad.toml: end.event"),
        ("exit = 0", "", "run without exit"),
        ("exit = 0", "exit = 0\nbefore = 'AT'", "then goes with one of"),
        ("exit = 0", "exit = 0\nmodem = { card = 'remove' }", "beside it modem"),
        ('run = "simward check"\nexit = 0', "why = 'nothing'", "nothing happens"),
        ('run = "simward check"\n', "", "no run, but exit"),
        ("[title]", "[title", "bad.toml: "),
    ],
)
def test_a_wrong_key_is_named_with_its_place(good, bad, place):
    assert scenario_of("good", GOOD).end.verdict == "ready"
    with pytest.raises(ScenarioError) as caught:
        scenario_of("bad", GOOD.replace(good, bad))
    assert str(caught.value).startswith("bad.toml: ")
    assert place in str(caught.value)
