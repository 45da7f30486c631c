"""Scenarios: what happens to a simulated modem by the clock, by command, and at will."""

import tomllib
from pathlib import Path

import pytest

from modem.simulator.fixture import FixtureError, shipped_names
from modem.simulator.modem import SimulatedModem
from modem.simulator.scenario import load_scenario, read_scenario
from tests.unit.simulated_modem_helpers import ask, lines, quiet

SIMULATORS = Path(__file__).parents[2] / "docs" / "simulators.md"


def scripted(*steps: dict, **header) -> SimulatedModem:
    return quiet(scenario=read_scenario("test", {"step": list(steps), **header}))


HOME_DENIED_HOME = """
start = { network = { plmn = "00102" } }
[[step]]
at_s = 60
set = { eps.stat = 3, eps.cause = 8, usage.tx_bytes = 7, signal.rssi_dbm = -113 }
[[step]]
at_s = 90
card = "remove"
urc = "+HELLO: 1"
[[step]]
at_s = 120
card = "insert"
set = { eps.stat = 5 }
"""


def test_a_scenario_changes_the_state_by_the_clock(tmp_path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(HOME_DENIED_HOME)
    modem = quiet(scenario=load_scenario(file))
    assert ask(modem, "AT+COPS=3,2;+COPS?")[0] == '+COPS: 0,2,"00102",7'
    ask(modem, "AT+CEREG=3", 0.0)
    assert modem.next_event_at() == 60.0
    assert lines(modem, 59.9) == []
    assert lines(modem, 60.0) == ["+CEREG: 3,,,,0,8"]
    assert ask(modem, "AT+CSQ", 60.0)[0] == "+CSQ: 0,99"
    assert lines(modem, 90.0) == ["+CPIN: NOT READY", "+CEREG: 0", "+HELLO: 1"]
    assert lines(modem, 120.0) == [
        "+CPIN: READY",
        '+CEREG: 5,"00A1","01A2B301",7',
    ]


def test_the_scenario_of_the_document_is_home_then_refused_then_home_again() -> None:
    text = SIMULATORS.read_text(encoding="utf-8")
    section = text.split("### Scenarios")[1]
    tables = tomllib.loads(section.split("```toml\n")[1].split("```")[0])
    modem = quiet(scenario=read_scenario("document", tables))
    ask(modem, "AT+CEREG=3", 0.0)
    assert lines(modem, 60.0) == ["+CEREG: 3,,,,0,8"]
    ask(modem, "AT+CFUN=4", 100.0)  # the network refuses again
    ask(modem, "AT+CFUN=1", 110.0)
    assert ask(modem, "AT+CEREG?", 120.0)[0] == "+CEREG: 3,3,,,,0,8"
    lines(modem, 240.0)
    assert "+CEREG: 0,1" in ask(modem, "AT+CEREG?", 240.0)


def test_a_step_waits_for_the_nth_time_that_something_is_asked() -> None:
    modem = scripted({"on": "AT+CGACT=1*", "count": 2, "network": {"sessions": [{"cause": 33}]}})
    assert ask(modem, "AT+CGACT=1,2") == ["OK"]
    ask(modem, "AT+CGACT=0,2")
    assert ask(modem, "AT+CGACT=1,2") == ["ERROR"]
    assert ask(modem, "AT+CEER")[0] == '+CEER: "ESM reject",33'


def test_a_step_may_come_a_while_after_a_command() -> None:
    modem = scripted({"on": "AT+CGATT?", "after_s": 3.0, "detach": True, "urc": "^GONE"})
    ask(modem, "AT+CGEREP=2", 0.0)
    assert ask(modem, "AT+CGATT?", 1.0) == ["+CGATT: 1", "OK"]
    assert modem.next_event_at() == 4.0
    assert lines(modem, 4.0) == ["+CGEV: NW DETACH", "^GONE"]


def test_a_step_repeats_itself() -> None:
    modem = scripted({"at_s": 10, "every_s": 5, "times": 3, "urc": ["+X: 1", "+X: 2"]})
    assert [len(lines(modem, at)) for at in (9.9, 10.0, 15.0, 20.0, 25.0)] == [0, 2, 2, 2, 0]


def test_an_answer_is_replaced_for_some_times_or_until_it_is_usual_again() -> None:
    modem = quiet()
    modem.do(answer={"command": "AT+CSQ", "lines": ["+CSQ: 7,0"], "times": 1})
    assert ask(modem, "AT+CSQ") == ["+CSQ: 7,0", "OK"]
    assert ask(modem, "AT+CSQ") == ["+CSQ: 20,99", "OK"]
    modem.do(answer={"command": "AT+C*", "final": "+CME ERROR: 14"})
    assert ask(modem, "AT+CIMI") == ["+CME ERROR: 14"]
    modem.do(answer={"command": "AT+CSQ", "never": True})
    assert ask(modem, "AT+CSQ") == []
    modem.do(answer=[{"command": "AT+C*", "usual": True}, {"command": "at+csq", "usual": True}])
    assert ask(modem, "AT+CSQ;+CIMI") == ["+CSQ: 20,99", "001010123456789", "OK"]


def test_an_answer_comes_late() -> None:
    modem = quiet()
    modem.do(answer={"command": "AT+CIMI", "late_s": 7.0})
    assert ask(modem, "AT+CIMI", 1.0) == []
    assert lines(modem, 8.0) == ["001010123456789", "OK"]


def test_silence_noise_and_an_echo_that_comes_back() -> None:
    modem = quiet()
    modem.do(noise="\\x00\\xff~", silent_s=5.0)
    assert modem.poll(0.0) == b"\x00\xff~"
    assert ask(modem, "AT", 4.9) == []
    modem.do(echo=True)
    assert ask(modem, "AT", 5.0) == ["AT", "OK"]


def test_the_line_drops_when_the_cable_is_pulled() -> None:
    modem = quiet()
    modem.receive(b"AT+CS", 0.0)
    modem.do(unplug=True)
    assert (modem.take_hang_up(), modem.take_hang_up()) == (True, False)
    assert ask(modem, "AT") == ["OK"]


def test_a_restart_in_mid_answer_loses_the_rest_of_it() -> None:
    modem = scripted({"at_s": 5, "reboot": True})
    modem.do(answer={"command": "AT+CSQ", "late_s": 10.0})
    assert ask(modem, "AT+CSQ", 0.0) == []
    assert lines(modem, 5.0) == []
    assert lines(modem, 60.0)[0] == "RDY"
    assert "+CSQ: 20,99" not in lines(modem, 100.0)


def test_a_scenario_may_name_its_modem_and_card() -> None:
    scenario = read_scenario("s", {"modem": "simcom_a7670", "card": "none", "start": {}})
    assert (scenario.modem, scenario.card) == ("simcom_a7670", "none")


@pytest.mark.parametrize("name", shipped_names("scenarios", ".toml"))
def test_every_shipped_scenario_runs_to_its_end(name) -> None:
    scenario = load_scenario(name)
    modem = quiet(scenario.modem or "quectel_ec25", scenario=scenario)
    for _ in range(1000):
        due = modem.next_event_at()
        if due is None or due > 100_000:
            break
        modem.poll(due)
    assert ask(modem, "AT", 100_000.0)[-1:] == ["OK"]


WRONG = [
    ("[[step]\n", 1, "not TOML"),
    ("x = 1", "x", "unknown key"),
    ("", "step", "missing"),
    ("step = 1", "step", "must be a list of tables"),
    ("modem = 1\nstart = {}", "modem", "a value of the wrong type"),
    ("[[step]]\nurc = 'x'", "step[0]", "must have at_s or on"),
    ("[[step]]\nat_s = -1", "step[0].at_s", "must be a number of seconds"),
    ("[[step]]\nat_s = 1\nafter_s = 'x'", "step[0].after_s", "must be a number of seconds"),
    ("[[step]]\non = 1", "step[0].on", "a value of the wrong type"),
    ("[[step]]\non = 'AT'\ncount = 0", "step[0].count", "a value of the wrong type"),
    ("[[step]]\nat_s = 1\ncolour = 1", "step[0].colour", "unknown key"),
    ("[[step]]\nat_s = 1\nset = 1", "step[0].set", "must be a table"),
    ("[[step]]\nat_s = 1\nset.moon.stat = 1", "step[0].set.moon", "unknown key"),
    ("[[step]]\nat_s = 1\nset.eps = 1", "step[0].set.eps", "must be a table"),
    ("[[step]]\nat_s = 1\nset.eps.color = 1", "step[0].set.eps.color", "unknown key"),
    ("[[step]]\nat_s = 1\nset.eps.stat = '3'", "step[0].set.eps.stat", "a value of the wrong type"),
    (
        "[[step]]\nat_s = 1\nset.eps.stat = true",
        "step[0].set.eps.stat",
        "a value of the wrong type",
    ),
    ("[[step]]\nat_s = 1\ncard = 'eject'", "step[0].card", "must be insert, remove or a card"),
    ("[[step]]\nat_s = 1\npower = 'up'", "step[0].power", "must be off or on"),
    ("[[step]]\nat_s = 1\nnoise = '\\x0'", "step[0].noise", "wrong escape"),
    ("[[step]]\nat_s = 1\nsilent_s = -3", "step[0].silent_s", "must be a number of seconds"),
    ("[[step]]\nat_s = 1\nurc = [1]", "step[0].urc", "a value of the wrong type"),
    ("[[step]]\nat_s = 1\nreboot = 1", "step[0].reboot", "a value of the wrong type"),
    ("[[step]]\nat_s = 1\nanswer.line = 'x'", "step[0].answer[0].line", "unknown key"),
    (
        "[[step]]\nat_s = 1\ndevice_lock = 'SC'",
        "step[0].device_lock",
        "must be PS, PF, PN, PU, PP or PC",
    ),
    ("start.network = 1", "start.network", "must be a table"),
    ("start.network.eps = {}", "start.network.eps", "must have accept, reject or silence"),
    (
        "start.network.eps = {accept = 1, reject = 8}",
        "start.network.eps",
        "must have accept, reject or silence",
    ),
    ("start.network.eps = {reject = 'x'}", "start.network.eps.reject", "a value of the wrong type"),
    ("start.network.colour = 1", "start.network.colour", "unknown key"),
    ("start.network.sessions = 33", "start.network.sessions", "must be a list of tables"),
    ("start.network.sessions = [{code = 3}]", "start.network.sessions[0].code", "unknown key"),
    ("start.network.calls.answer = 'hi'", "start.network.calls.answer", "no such answer to a call"),
    ("start = 1", "start", "must be a table"),
]


@pytest.mark.parametrize(("text", "place", "reason"), WRONG, ids=lambda value: str(value)[-28:])
def test_a_wrong_scenario_is_refused_with_the_place(tmp_path, text, place, reason) -> None:
    file = tmp_path / "s.toml"
    file.write_text(text)
    with pytest.raises(FixtureError) as caught:
        load_scenario(file)
    assert (caught.value.place, caught.value.reason) == (place, reason)
