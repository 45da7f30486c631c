"""Every scenario of `tests/verification`: what modem, card and network answer, and the verdict."""

import pytest

from agent.cli.table import width
from agent.cli.verify_text import COLUMNS, render
from agent.i18n import set_language
from agent.verification.exclusions import EXCLUSIONS
from agent.verification.verdict import VERDICTS
from tests.verification_world import Verification, files, tables_of


@pytest.mark.parametrize("name", files())
def test_each_scenario_has_its_verdict(name) -> None:
    tables = tables_of(name)
    expected = tables["expect"]
    document = Verification(tables, name).document()
    held = {each["id"]: each["held"] for each in document["exclusions"]}
    assert document["verdict"] == expected["verdict"], (document["because"], held)
    assert name.startswith(expected["verdict"].replace("_", "-"))
    for each, states in (("unheld", False), ("unknown", None)):
        for exclusion in expected.get(each, []):
            assert held[exclusion] is states, (exclusion, held)
    now = {name: each["now"] for name, each in document["services"].items()}
    assert {**now, **expected.get("now", {})} == now
    assert [each["id"] for each in document["warnings"]] == expected.get("warnings", [])


def test_the_scenarios_show_every_verdict_and_every_exclusion() -> None:
    expected = [tables_of(name)["expect"] for name in files()]
    assert {each["verdict"] for each in expected} == set(VERDICTS)
    shown = {
        name for each in expected for name in (*each.get("unheld", []), *each.get("unknown", []))
    }
    assert {each.id for each in EXCLUSIONS} - shown == set()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", files())
def test_its_text_fits_and_hides_the_card(name, lang) -> None:
    document = Verification(tables_of(name), name).document()
    set_language(lang)
    try:
        text = render(document)
    finally:
        set_language("en")
    assert max(map(width, text.splitlines())) <= COLUMNS
    assert "89001010000000000018" not in text
    assert "356938035643809" not in text


def test_a_context_that_was_lent_for_the_look_is_taken_away_again() -> None:
    bench = Verification(tables_of("contradicted-after-the-release"))
    bench.document()
    log = [line for _, line in bench.modem.log if line.startswith(("AT+CGDCONT=", "AT+CGACT="))]
    assert log[2:] == [
        'AT+CGDCONT=1,"IP","iot.example"', "AT+CGACT=1,1", "AT+CGACT=0,1", "AT+CGDCONT=1",
    ]  # fmt: skip
