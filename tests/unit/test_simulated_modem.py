import io
from dataclasses import replace

import pytest

from modem.simulator.fixture import FixtureError
from modem.simulator.modem import SimulatedModem
from modem.simulator.profile import ModemProfile
from tests.unit.simulated_modem_helpers import ask, lines, quiet


def test_echo_follows_ate() -> None:
    modem = SimulatedModem.load("quectel_ec25")
    modem.receive(b"AT\r", 0.0)
    assert modem.poll(0.0) == b"AT\r\r\nOK\r\n"
    ask(modem, "ATE0")
    modem.receive(b"AT\r", 0.0)
    assert modem.poll(0.0) == b"\r\nOK\r\n"


def test_numeric_results_follow_atv() -> None:
    modem = quiet()
    ask(modem, "ATV0")
    modem.receive(b"AT+CSQ\rAT+NOSUCH\r", 0.0)
    assert modem.poll(0.0) == b"+CSQ: 20,99\r\n0\r4\r"


def test_a_command_in_two_parts_is_one_command() -> None:
    modem = quiet()
    modem.receive(b"AT+C", 0.0)
    assert modem.poll(0.0) == b""
    modem.receive(b"SQ\r", 0.0)
    assert lines(modem) == ["+CSQ: 20,99", "OK"]


def test_left_over_bytes_spoil_the_next_command_as_in_the_field() -> None:
    modem = quiet()
    modem.receive(b"AT+CS", 0.0)
    assert ask(modem, "AT") == ["ERROR"]
    assert ask(modem, "AT") == ["OK"]


def test_several_commands_in_a_line_are_answered_in_turn() -> None:
    modem = quiet()
    assert ask(modem, "AT+CMEE=1;+CPIN?;+CSQ") == ["+CPIN: READY", "+CSQ: 20,99", "OK"]
    assert ask(modem, "AT+CSQ;+CMEE=7;+CPIN?") == ["+CSQ: 20,99", "+CME ERROR: 50"]
    assert ask(modem, "ATE1V1Q0X4&C1S0=0+CMEE=0;+CMEE?") == ["+CMEE: 0", "OK"]


def test_a_model_may_refuse_several_commands_in_a_line() -> None:
    profile = ModemProfile.load("quectel_ec25")
    style = replace(profile.style, concatenated=False, echo=False)
    modem = SimulatedModem(replace(profile, style=style), None)
    assert ask(modem, "AT+CSQ;+CMEE=1") == ["ERROR"]
    assert ask(modem, "AT&C1E0V1+CSQ") == ["+CSQ: 20,99", "OK"]


def test_results_are_kept_back_when_the_client_wants_none() -> None:
    modem = quiet()
    assert ask(modem, "ATQ1") == []
    assert ask(modem, "AT+CSQ") == ["+CSQ: 20,99"]
    assert ask(modem, "ATQ0") == ["OK"]


@pytest.mark.parametrize(
    ("level", "final"),
    [
        pytest.param("0", "ERROR", id="off"),
        pytest.param("1", "+CME ERROR: 10", id="numbers"),
        pytest.param("2", "+CME ERROR: SIM not inserted", id="words"),
    ],
)
def test_errors_are_written_as_cmee_says(level, final) -> None:
    modem = quiet(card="")
    ask(modem, f"AT+CMEE={level}")
    assert ask(modem, "AT+CPIN?") == [final]


def test_a_modem_may_ignore_cmee() -> None:
    modem = quiet("simcom_sim7600", card="")
    assert ask(modem, "AT+CMEE=1") == ["OK"]
    assert ask(modem, "AT+CPIN?") == ["+CME ERROR: SIM not inserted"]


@pytest.mark.parametrize(
    ("modem", "final"),
    [
        pytest.param("quectel_ec25", "ERROR", id="ERROR"),
        pytest.param("quectel_rm500u", "+CME ERROR: 4", id="CME"),
        pytest.param("huawei_e3372", "COMMAND NOT SUPPORT", id="Huawei"),
    ],
)
def test_a_command_that_the_modem_lacks_is_refused_in_its_way(modem, final) -> None:
    assert ask(quiet(modem), "AT+NOSUCH?") == [final]


def test_registration_is_read_in_the_form_that_was_set() -> None:
    modem = quiet()
    assert ask(modem, "AT+CEREG?") == ["+CEREG: 0,1", "OK"]
    ask(modem, "AT+CEREG=2")
    assert ask(modem, "AT+CEREG?") == ['+CEREG: 2,1,"00A1","01A2B301",7', "OK"]


def test_a_reject_cause_is_told_only_in_form_3() -> None:
    modem = quiet()
    modem.set_registration("eps", stat=3, cause=8)
    assert ask(modem, "AT+CEREG?") == ["+CEREG: 0,3", "OK"]
    ask(modem, "AT+CEREG=3")
    assert ask(modem, "AT+CEREG?") == ["+CEREG: 3,3,,,,0,8", "OK"]
    assert ask(modem, "AT+CEER") == ['+CEER: "EMM reject",8', "OK"]


@pytest.mark.parametrize(
    ("form", "urc"),
    [
        pytest.param(0, [], id="not asked"),
        pytest.param(1, ["+CEREG: 3"], id="n=1"),
        pytest.param(2, ["+CEREG: 3"], id="n=2"),
        pytest.param(3, ["+CEREG: 3,,,,0,8"], id="n=3"),
    ],
)
def test_a_change_of_registration_is_told_in_the_form_asked_for(form, urc) -> None:
    modem = quiet()
    ask(modem, f"AT+CEREG={form}")
    modem.set_registration("eps", stat=3, cause=8)
    assert lines(modem) == urc


def test_a_form_that_the_modem_does_not_know_is_refused() -> None:
    modem = quiet("simcom_a7670")
    ask(modem, "AT+CMEE=1")
    assert ask(modem, "AT+CEREG=3") == ["+CME ERROR: 50"]


def test_data_service_ends_with_the_registration() -> None:
    modem = quiet()
    assert "+CGACT: 1,1" in ask(modem, "AT+CGACT?")
    for domain in ("ps", "eps"):
        modem.set_registration(domain, stat=3, cause=8)
    assert "+CGACT: 1,0" in ask(modem, "AT+CGACT?")
    assert ask(modem, "AT+CGATT?") == ["+CGATT: 0", "OK"]
    assert ask(modem, "AT+CGPADDR=1") == ["+CGPADDR: 1", "OK"]


def test_without_a_card_nothing_registers_and_card_commands_say_why() -> None:
    modem = quiet()
    ask(modem, "AT+CMEE=1")
    modem.remove_card()
    assert lines(modem) == ["+CPIN: NOT READY"]
    for command in ("AT+CPIN?", "AT+CIMI", "AT+QCCID", "AT+CRSM=176,12258,0,0,10", "AT+CNUM"):
        assert ask(modem, command) == ["+CME ERROR: 10"], command
    assert ask(modem, "AT+CREG?") == ["+CREG: 0,0", "OK"]
    modem.insert_card()
    assert lines(modem) == ["+CPIN: READY"]
    assert ask(modem, "AT+CREG?") == ["+CREG: 0,1", "OK"]


def test_a_locked_card_gives_its_iccid_and_opens_with_its_pin() -> None:
    modem = quiet(card="pin_locked")
    ask(modem, "AT+CMEE=1")
    assert ask(modem, "AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert ask(modem, "AT+CIMI") == ["+CME ERROR: 11"]
    assert ask(modem, "AT+CRSM=176,12258,0,0,10")[0].startswith('+CRSM: 144,0,"98')
    assert ask(modem, 'AT+CLCK="SC",2') == ["+CLCK: 1", "OK"]
    tries = int(ask(modem, "AT+QPINC?")[0].split(",")[1])
    assert ask(modem, 'AT+CPIN="0000"') == ["+CME ERROR: 16"]
    assert ask(modem, "AT+QPINC?")[0] == f'+QPINC: "SC",{tries - 1},10'


def test_the_radio_off_leaves_the_network() -> None:
    modem = quiet()
    ask(modem, "AT+CFUN=4")
    assert ask(modem, "AT+CFUN?") == ["+CFUN: 4", "OK"]
    assert ask(modem, "AT+CREG?") == ["+CREG: 0,0", "OK"]
    assert ask(modem, "AT+CSQ") == ["+CSQ: 99,99", "OK"]
    assert ask(modem, "AT+COPS?") == ["+COPS: 0", "OK"]


def test_cfun_0_looks_like_a_dead_card_on_a_quectel() -> None:
    modem = quiet()
    ask(modem, "AT+CMEE=1")
    ask(modem, "AT+CFUN=0")
    assert ask(modem, "AT+CPIN?") == ["+CME ERROR: 13"]


def test_the_operator_is_told_in_the_format_set() -> None:
    modem = quiet()
    assert ask(modem, "AT+COPS?") == ['+COPS: 0,0,"Test Network",7', "OK"]
    ask(modem, "AT+COPS=3,2")
    assert ask(modem, "AT+COPS?") == ['+COPS: 0,2,"00101",7', "OK"]


def test_the_card_answers_through_csim_crsm_and_a_logical_channel() -> None:
    modem = quiet()
    assert ask(modem, "AT+CRSM=176,12258,0,0,10") == ['+CRSM: 144,0,"98000101000000000081"', "OK"]
    assert ask(modem, 'AT+CSIM=14,"00A4000C023F00"') == ['+CSIM: 4,"9000"', "OK"]
    assert ask(modem, 'AT+CCHO="A0000000871002"') == ["+CCHO: 1", "OK"]
    assert ask(modem, 'AT+CGLA=1,14,"00A4000C026F07"') == ['+CGLA: 4,"9000"', "OK"]
    assert ask(modem, 'AT+CGLA=1,10,"00B0000009"')[0].startswith('+CGLA: 22,"0809101010')
    assert ask(modem, "AT+CCHC=1") == ["OK"]
    assert ask(modem, 'AT+CGLA=1,10,"00B0000009"') == ["ERROR"]


@pytest.mark.parametrize(
    ("modem", "commands", "expected"),
    [
        pytest.param(
            "generic_3gpp", ["AT+CPINR"], "+CPINR: SIM PIN,3,3", id="tries left in one command"
        ),
        pytest.param(
            "generic_3gpp", ['AT+CPINR="SIM PUK"'], "+CPINR: SIM PUK,10,10", id="tries of one"
        ),
        pytest.param("generic_3gpp", ["AT+CMEE=2", "AT+CMEE?"], "+CMEE: 2", id="CMEE is read"),
        pytest.param("generic_3gpp", ["AT+CEREG=?"], "+CEREG: (0-3)", id="forms are listed"),
        pytest.param(
            "generic_3gpp",
            ["AT+COPS=?"],
            '+COPS: (2,"Test Network","Test Network","00101",7),,(0,1,2,3,4),(0-2)',
            id="operators are listed",
        ),
        pytest.param(
            "generic_3gpp",
            ['AT+CGDCONT=2,"IPV6","b"', "AT+CGACT=1,2", "AT+CGACT?"],
            "+CGACT: 2,1",
            id="a context is defined and activated",
        ),
        pytest.param("generic_3gpp", ["AT+CGDCONT=1", "AT+CGACT?"], "OK", id="and undefined"),
        pytest.param("generic_3gpp", ["AT+CGATT=0", "AT+CGATT?"], "+CGATT: 0", id="detach"),
        pytest.param("generic_3gpp", ["AT+CGATT=0", "AT+CGATT=1"], "OK", id="attach"),
        pytest.param(
            "generic_3gpp",
            ["AT+CGCONTRDP=1"],
            '+CGCONTRDP: 1,5,"iot.example","10.0.0.2"',
            id="parameters of an active context",
        ),
        pytest.param("generic_3gpp", ["AT+CESQ"], "+CESQ: 99,99,255,255,19,40", id="CESQ"),
        pytest.param(
            "generic_3gpp", ["AT+CFUN=4", "AT+CESQ"], "+CESQ: 99,99,255,255,255,255", id="no radio"
        ),
        pytest.param(
            "quectel_rm520n",
            ["AT+C5GREG=2", "AT+C5GREG?"],
            '+C5GREG: 2,1,"00A1F0","00A1B2C02",11',
            id="5G registration",
        ),
        pytest.param("quectel_rm520n", ["AT+CSQ"], "+CSQ: 99,99", id="CSQ is mute on 5G"),
        pytest.param("fibocom_fm350", ["AT+CGMM?"], '+CGMM: "FM350-GL"', id="identity with ?"),
        pytest.param("fibocom_fm350", ["AT+CGMM"], "ERROR", id="identity without ?"),
        pytest.param(
            "fibocom_fm350",
            ["AT+CGREG=2", "AT+CGREG?"],
            '+CGREG: 2,1,"00A1","01A2B301",7,"FF"',
            id="routing area",
        ),
        pytest.param(
            "nordic_nrf9160", ["AT%XCONNSTAT?"], "%XCONNSTAT=0,0,45,60,708,650", id="kilobytes"
        ),
        pytest.param("huawei_e3372", ["AT+CREG?"], "+CREG:0,1", id="no space after the colon"),
        pytest.param(
            "huawei_e3372",
            ["AT^DSFLOWQRY"],
            "^DSFLOWQRY:0000000A,0001E240,0002DC6C,00000064,0001E240,0002DC6C",
            id="hexadecimal counters",
        ),
    ],
)
def test_a_model_answers_in_its_own_form(modem, commands, expected) -> None:
    device = quiet(modem)
    answers = [ask(device, command) for command in commands]
    assert expected in answers[-1]


def test_a_pin_opens_the_card_and_the_modem_registers() -> None:
    modem = quiet(card="pin_locked")
    ask(modem, "AT+CREG=1")
    assert ask(modem, "AT+CREG?") == ["+CREG: 1,0", "OK"]
    assert ask(modem, 'AT+CPIN="1234"') == ["OK", "+CREG: 1", "+CPIN: READY", "+QUSIM: 1"]
    assert ask(modem, "AT+CPIN?") == ["+CPIN: READY", "OK"]
    assert ask(modem, "AT+CREG?") == ["+CREG: 1,1", "OK"]


@pytest.mark.parametrize(
    "command",
    [
        "AT+CMEE=7",
        "AT+CFUN=9",
        "AT+COPS=1,2",
        "AT+CGATT=5",
        "AT+CGACT=7,1",
        "AT+CGDCONT=x",
        'AT+CPINR="PIN9"',
        'AT+CPIN="1234"',
        'AT+CSIM=12,"00A4000C023F00"',
        'AT+CSIM=3,"00A"',
        "AT+CSIM=",
        'AT+CSIM=4,"ZZZZ"',
        "AT+CRSM=x",
        'AT+CRSM=176,12258,0,0,10,"Z"',
        'AT+CCHO="Q"',
        'AT+CGLA=9,10,"00B0000009"',
        "AT+CCHC=7",
        "AT+CGACT=1,99",
        "AT+CREG=99",
        'AT+CLCK="SC",1,"0000"',
        'AT+CLCK="SC",3',
        'AT+CLCK="XX",2',
        'AT+CPWD="SC","1234","4321"',
    ],
)
def test_wrong_parameters_are_refused(command) -> None:
    assert ask(quiet(), command) == ["ERROR"]


def test_usage_grows_with_time_and_only_while_data_flows() -> None:
    modem = quiet()
    assert ask(modem, "AT+QGDCNT?", 0.0) == ["+QGDCNT: 1234,5678", "OK"]
    assert ask(modem, "AT+QGDCNT?", 10.0) == ["+QGDCNT: 2434,10478", "OK"]
    for domain in ("ps", "eps"):
        modem.set_registration(domain, stat=2)
    assert ask(modem, "AT+QGDCNT?", 20.0) == ["+QGDCNT: 2434,10478", "OK"]
    modem.grow_usage(tx=6, rx=22)
    assert ask(modem, "AT+QGDCNT?", 20.0) == ["+QGDCNT: 2440,10500", "OK"]


def test_a_reboot_is_silent_then_says_so_and_forgets_settings_and_counters() -> None:
    modem = quiet()
    ask(modem, "AT+CEREG=3")
    assert ask(modem, "AT+CFUN=1,1", 10.0) == ["OK"]
    assert ask(modem, "AT", 11.0) == []
    assert modem.next_event_at() == 12.0
    assert lines(modem, 12.0)[:2] == ["RDY", "+CFUN: 1"]
    assert ask(modem, "AT+CEREG?", 12.0)[1:] == ["+CEREG: 0,1", "OK"]
    assert ask(modem, "AT+QGDCNT?", 12.0)[1] == "+QGDCNT: 0,0"


def test_a_huawei_talks_by_itself_and_reports_rejects() -> None:
    modem = quiet("huawei_e3372")
    assert modem.next_event_at() == 5.0
    assert lines(modem, 5.0) == ["^RSSI:20"]
    modem.set_registration("eps", stat=3, cause=8)
    assert lines(modem, 6.0) == ['^REJINFO:00101,1,8,2,4,8,"00A1","FF","01A2B301"']


def test_a_command_may_never_be_answered() -> None:
    modem = quiet("huawei_e3372")
    assert ask(modem, "AT+CCID") == []
    assert ask(modem, "AT") == ["OK"]


def test_an_error_text_may_be_forgotten_with_the_next_failing_command() -> None:
    modem = quiet("ublox_sara_r4")
    modem.set_registration("eps", stat=3, cause=15)
    assert ask(modem, "AT+CEER")[0] == '+CEER: "EMM reject",15,"No suitable cells in tracking area"'
    ask(modem, "AT+NOSUCH")
    assert ask(modem, "AT+CEER")[0].startswith('+CEER: "No report available"')


def test_what_was_asked_and_answered_is_logged_as_it_happens() -> None:
    log = io.StringIO()
    modem = quiet(log_file=log)
    ask(modem, "AT+QGDCNT?", 10.0)
    assert modem.log[-1] == (10.0, "AT+QGDCNT?")
    assert log.getvalue().splitlines()[-1] == "10.000000\tAT+QGDCNT?\t+QGDCNT: 2434,10478|OK"


GOOD = """
provenance = "synthetic"
source = "own"
[identity]
manufacturer = "m"
model = "m"
revision = "r"
imei = "490154203237518"
"""


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        pytest.param(("source", "sauce"), "source", "missing", id="no source"),
        pytest.param(("model", "modle"), "identity.modle", "unknown key", id="unknown key"),
        pytest.param(('"r"', "1"), "identity.revision", "a value of the wrong type", id="type"),
        pytest.param(('revision = "r"\n', ""), "identity", "missing", id="missing key"),
        pytest.param(
            ("[identity]", "[registration.xx]\n[identity]"),
            "registration.xx",
            "unknown key",
            id="unknown domain",
        ),
    ],
)
def test_a_wrong_profile_is_refused_with_the_key(tmp_path, change, place, reason) -> None:
    file = tmp_path / "m.toml"
    file.write_text(GOOD.replace(*change))
    with pytest.raises(FixtureError) as caught:
        ModemProfile.load(file)
    assert (caught.value.place, caught.value.reason) == (place, reason)


def test_a_template_with_an_unknown_name_is_refused(tmp_path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(GOOD + '[[answer]]\ncommand = "AT+X"\nlines = ["{nosuch}"]\n')
    with pytest.raises(FixtureError, match="unknown name in a template"):
        SimulatedModem.load(file)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(FixtureError, match="no such fixture"):
        SimulatedModem.load("quectel_ec99")
