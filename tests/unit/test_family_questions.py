"""Questions that some families answer by commands of their own, and those that some cannot."""

import pytest

from modem.snapshot import LastError
from modem.vendors.select import load_profile
from sim.reading import Absent
from tests.unit.service_helpers import ScriptedModem, read

TELIT = {
    "AT+CEER": ["+CEER: Normal, unspecified", "OK"],
    "AT+CGMI": ["Telit", "OK"],
    "AT+CGMM": ["FN990A28", "OK"],
    "AT+CPIN?": ["+CPIN: READY", "OK"],
    "AT+CEREG?": ["+CEREG: 3,3", "OK"],
    "AT#CEERNET": ["#CEERNET: 15", "OK"],
    "AT#QSS?": ["#QSS: 0,3,1", "OK"],
}


def telit(text="", *lines):
    return ScriptedModem({**TELIT, **({text: list(lines)} if text else {})})


def test_a_refusal_without_a_cause_is_followed_up_by_the_familys_own_command():
    reading = read(telit()).last_error
    assert reading.source == "AT#CEERNET"
    assert reading.known.cause == 15


def test_such_a_number_is_among_the_refusals_too():
    (reject,) = read(telit()).rejects
    assert (reject.cause, reject.source) == (15, "AT#CEERNET")
    assert isinstance(reject.domain, Absent)
    assert isinstance(reject.at, Absent)


HUAWEI = {
    "AT+CGMI": ["huawei", "OK"],
    "AT+CGMM": ["E3372", "OK"],
    "AT+CEREG?": ["+CEREG: 2,3", "OK"],
    "AT^REJINFO?": ['^REJINFO:00101,1,19,2,4,19,"1A2B","FF","01A2B3C4",27', "OK"],
}


def test_a_modem_that_remembers_the_refusal_whole_is_asked_for_it():
    snapshot = read(ScriptedModem(HUAWEI))
    assert [(it.domain, it.cause) for it in snapshot.rejects] == [("emm", 19), ("esm", 27)]
    assert snapshot.last_error.source == "AT^REJINFO?"
    assert snapshot.last_error.known == LastError("ESM failure", "emm", 19)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(["+CEREG: 2,1", "OK"], id="registered"),
        pytest.param(["+CEREG: 3,3,,,,0,15", "OK"], id="the cause is known"),
    ],
)
def test_a_modem_is_not_asked_to_remember_a_refusal_that_is_over_or_known(answer):
    modem = ScriptedModem({**HUAWEI, "AT+CEREG?": answer})
    read(modem)
    assert "AT^REJINFO?" not in modem.sent


def test_a_cause_that_the_last_error_names_is_not_followed_up():
    modem = telit("AT+CEER", '+CEER: "EMM reject",8', "OK")
    assert read(modem).last_error.known.cause == 8
    assert "AT#CEERNET" not in modem.sent


def test_a_registered_modem_is_not_asked_for_a_refusal():
    modem = telit("AT+CEREG?", "+CEREG: 0,1", "OK")
    assert read(modem).last_error.source == "AT+CEER"
    assert "AT#CEERNET" not in modem.sent


def test_the_last_error_stays_where_the_familys_own_command_knows_none():
    reading = read(telit("AT#CEERNET", "#CEERNET: 0", "OK")).last_error
    assert (reading.source, reading.known.text) == ("AT+CEER", "Normal, unspecified")


def test_the_modem_says_which_slot_is_on():
    snapshot = read(telit())
    assert (snapshot.sim.slot.value, snapshot.sim.slot.source) == (2, "AT#QSS?")


def test_the_configured_slot_stands_where_the_modem_does_not_say():
    snapshot = read(telit("AT#QSS?", "#QSS: 0,3", "OK"))
    assert (snapshot.sim.slot.value, snapshot.sim.slot.source) == (1, "")


def test_a_family_without_card_commands_is_not_asked_by_them():
    modem = ScriptedModem(
        {"AT+NCCID": ["+NCCID:89001010000000000018", "OK"], "AT+CIMI": ["001010123456789", "OK"]}
    )
    snapshot = read(modem, profile=load_profile("quectel_bc95"))
    asked = [text for text in modem.sent if text.startswith(("AT+CPIN", "AT+CRSM", "AT+CSIM"))]
    assert asked == []
    assert snapshot.sim.state.value == "unknown"
    assert snapshot.sim.iccid.source == "AT+NCCID"
    assert snapshot.sim.spn.value == Absent("not supported by this modem")


def test_a_brief_status_leaves_out_what_the_profile_says():
    modem = ScriptedModem({"AT+C5GREG?": ["+C5GREG: 0,1", "OK"]})
    fn990 = load_profile("telit_fn990")
    brief = read(modem, {"modem", "sim", "registration", "signal"}, fn990).registration
    assert brief.cs.value == Absent("not asked")
    assert "AT+CREG?" not in modem.sent
    assert read(modem, {"registration"}, fn990).registration.cs.reason == "ERROR"


def test_two_readings_of_one_answer_do_not_stand_for_each_other():
    answer = [
        "!GSTATUS:",
        "EMM state:     Deregistered     No PLMN",
        "PCC RxM RSSI:  -80              RSRP (dBm):  -110",
        "OK",
    ]
    modem = ScriptedModem({"AT!GSTATUS?": answer, "AT+CEREG?": ["+CEREG: 3,2", "OK"]})
    snapshot = read(modem, profile=load_profile("sierra_em7"))
    assert snapshot.last_error.known.text == "EMM state: Deregistered No PLMN"
    assert snapshot.signal.rsrp_dbm.value == -110


def test_the_serving_cell_names_the_network_where_the_operator_is_told_by_name():
    modem = ScriptedModem(
        {
            "AT+COPS?": ['+COPS: 0,0,"Test Network",7', "OK"],
            "AT+CPSI?": [
                "+CPSI: LTE,Online,001-01,0x00A1,1,2,EUTRAN-BAND3,1650,3,3,-92,-972,-668,14",
                "OK",
            ],
        }
    )
    operator = read(modem, {"operator"}, load_profile("simcom_sim7600")).operator
    assert (operator.plmn.known.text, operator.plmn.source) == ("00101", "AT+CPSI?")
    assert operator.name.known == "Test Network"
    assert "AT+COPS=3,2" not in modem.sent


def test_a_definition_with_the_address_in_use_saves_a_command():
    answers = {
        "AT+CGDCONT?": ['+CGDCONT: 1,"IP","iot.example","10.64.0.41",0,0,0,0', "OK"],
        "AT+CGACT?": ["+CGACT: 1,1", "OK"],
        "AT+CGPADDR=1": ['+CGPADDR: 1,"10.64.0.42"', "OK"],
    }
    in_use = ScriptedModem(answers)
    told = read(in_use, {"packet"}, load_profile("ublox_sara_r4")).packet.contexts.known
    assert told[0].addresses == ("10.64.0.41",)
    assert "AT+CGPADDR=1" not in in_use.sent
    wished_for = read(ScriptedModem(answers), {"packet"}, load_profile("quectel_ec2x")).packet
    assert wished_for.contexts.known[0].addresses == ("10.64.0.42",)


def test_a_definition_without_an_address_is_followed_up_in_every_family():
    answers = {
        "AT+CGDCONT?": ['+CGDCONT: 1,"IP","iot.example","0.0.0.0",0,0,0,0', "OK"],
        "AT+CGACT?": ["+CGACT: 1,1", "OK"],
        "AT+CGPADDR=1": ['+CGPADDR: 1,"10.64.0.42"', "OK"],
    }
    packet = read(ScriptedModem(answers), {"packet"}, load_profile("ublox_sara_r4")).packet
    assert packet.contexts.known[0].addresses == ("10.64.0.42",)


def test_levels_that_are_all_unknown_leave_the_ladder_to_its_next_rung():
    modem = ScriptedModem(
        {
            "AT+CSQ": ["+CSQ: 99,99", "OK"],
            "AT+CESQ": ["+CESQ: 99,99,255,255,255,255", "OK"],
            "AT+UCGED?": ["+UCGED: 5", "+RSRP: 162,5110,-85.00", "+RSRQ: 162,5110,-14.00", "OK"],
        }
    )
    signal = read(modem, {"signal"}, load_profile("ublox_sara_r4")).signal
    assert (signal.rsrp_dbm.known, signal.rsrp_dbm.source) == (-85.0, "AT+UCGED?")
