import pytest

from modem.causes import cme_code
from modem.vendors.select import load_profile
from sim.identifiers import Iccid
from sim.reading import Absent
from tests.unit.service_helpers import BUSY, SILENCE, ScriptedModem, read

EC25 = {
    "AT+CMEE=1": ["OK"],
    "AT+CEER": ['+CEER: "No report available",0', "OK"],
    "AT+CGMI": ["Quectel", "OK"],
    "ATI": ["Quectel", "EC25", "Revision: EC25EFAR06A03M4G", "OK"],
    "AT+CGMM": ["EC25", "OK"],
    "AT+CGMR": ["EC25EFAR06A03M4G", "OK"],
    "AT+CGSN": ["356938035643809", "OK"],
    "AT+CFUN?": ["+CFUN: 1", "OK"],
    "AT+CPIN?": ["+CPIN: READY", "OK"],
    "AT+CRSM=176,12258,0,0,10": ['+CRSM: 144,0,"98000101000000000081"', "OK"],
    "AT+CRSM=176,28589,0,0,4": ['+CRSM: 144,0,"00000003"', "OK"],
    "AT+CRSM=176,28486,0,0,17": ['+CRSM: 144,0,"0154657374204E6574FFFFFFFFFFFFFFFF"', "OK"],
    "AT+QCCID": ["+QCCID: 89001010000000000018", "OK"],
    "AT+CIMI": ["001010123456789", "OK"],
    "AT+CNUM": ['+CNUM: ,"",255', "OK"],
    "AT+CSCA?": ['+CSCA: "+10015550100",145', "OK"],
    'AT+CLCK="SC",2': ["+CLCK: 0", "OK"],
    "AT+QPINC?": ['+QPINC: "SC",3,10', '+QPINC: "P2",3,10', "OK"],
    "AT+CREG?": ["+CREG: 0,1", "OK"],
    "AT+CGREG?": ["+CGREG: 0,1", "OK"],
    "AT+CEREG?": ['+CEREG: 2,1,"1A2B","0144C3D5",7', "OK"],
    "AT+COPS?": ['+COPS: 0,0,"Test Network",7', "OK"],
    "AT+QNWINFO": ['+QNWINFO: "FDD LTE","00101","LTE BAND 3",1650', "OK"],
    "AT+CSQ": ["+CSQ: 20,99", "OK"],
    "AT+QCSQ": ['+QCSQ: "LTE",-73,-101,160,-10', "OK"],
    "AT+CGDCONT?": ['+CGDCONT: 1,"IPV4V6","iot.example","0.0.0.0",0,0,0,0', "OK"],
    "AT+CGACT?": ["+CGACT: 1,1", "OK"],
    "AT+CGPADDR=1": ['+CGPADDR: 1,"10.64.0.25"', "OK"],
    "AT+QGDCNT?": ["+QGDCNT: 1234,5678", "OK"],
    'AT+CLCK="PN",2': ["+CLCK: 0", "OK"],
}
CORE = {"modem", "sim", "registration", "signal"}


def ec25(**changes):
    return ScriptedModem({**EC25, **changes}, unknown="+CME ERROR: 4")


def change(text, *lines):
    return {**EC25, text: list(lines)}


def test_a_full_snapshot_of_a_registered_ec25_costs_35_commands_at_most():
    modem = ec25()
    snapshot = read(modem)
    assert len(modem.sent) <= 35
    assert snapshot.commands_sent == len(modem.sent)
    assert len(set(modem.sent)) == len(modem.sent)
    assert modem.sent[-1] == "AT+QCCID"  # also tells that it is still the same card


def test_the_core_facts_of_a_registered_ec25_cost_ten_commands():
    modem = ec25()
    snapshot = read(modem, CORE)
    assert modem.sent == [
        "AT+CGMI",
        "ATI",
        "AT+CGSN",
        "AT+CPIN?",
        "AT+CRSM=176,12258,0,0,10",
        "AT+CIMI",
        "AT+CREG?",
        "AT+CGREG?",
        "AT+CEREG?",
        "AT+CSQ",
    ]
    assert snapshot.signal.rsrp_dbm.value == Absent("not asked")
    assert snapshot.identity.functionality.value == Absent("not asked")
    assert snapshot.registration.nr5g.value == Absent("not supported by this modem")
    assert snapshot.operator is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(["ERROR"], id="refused"),
        pytest.param([SILENCE], id="never answered"),
        pytest.param(
            ["Quectel", "XYZ", "EC25", "Revision: EC25EFAR06A03M4G"], id="a stranger in it"
        ),
        pytest.param(["Quectel"], id="cut short"),
    ],
)
def test_what_the_identification_text_does_not_tell_is_asked_by_its_own_command(text):
    modem = ScriptedModem(change("ATI", *text), unknown="+CME ERROR: 4")
    snapshot = read(modem, CORE)
    assert snapshot.identity == read(ec25(), CORE).identity._replace(
        model=snapshot.identity.model, revision=snapshot.identity.revision
    )
    assert (snapshot.identity.model.known, snapshot.identity.model.source) == ("EC25", "AT+CGMM")
    assert snapshot.identity.revision.known == "EC25EFAR06A03M4G"
    assert snapshot.profile == "quectel_ec2x"
    assert modem.sent.count("ATI") == 1


def test_no_line_carries_two_commands():
    modem = ec25()
    read(modem)
    assert not [text for text in modem.sent if ";" in text]


def test_a_full_snapshot_has_every_fact():
    snapshot = read(ec25())
    assert snapshot.profile == "quectel_ec2x"
    assert snapshot.sim.iccid.source == "EF.ICCID"
    assert (
        snapshot.sim.iccid.known == snapshot.sim.modem_iccid.known == Iccid("89001010000000000018")
    )
    assert snapshot.sim.mnc_length.known == 3
    assert snapshot.sim.spn.known == "Test Net"
    assert snapshot.sim.pin1.enabled.known is False
    assert (snapshot.sim.pin1.retries.known, snapshot.sim.pin1.puk_retries.known) == (3, 10)
    assert snapshot.registration.eps.known.area == "1A2B"
    assert snapshot.operator.plmn.known.text == "00101"
    assert snapshot.operator.name.known == "Test Network"
    assert snapshot.signal.sinr_db.known == 12.0
    assert snapshot.packet.attached.known is True
    assert snapshot.packet.contexts.known[0].addresses == ("10.64.0.25",)
    assert snapshot.usage.known.rx_bytes == 5678
    assert snapshot.locks.pn.known is False
    assert snapshot.locks.pu.value == Absent("+CME ERROR: 4")
    assert snapshot.last_error.known.text == "No report available"


def test_the_last_error_is_asked_before_anything_can_overwrite_it():
    modem = ec25()
    read(modem)
    assert modem.sent[:2] == ["AT+CMEE=1", "AT+CEER"]


def test_a_modem_that_refuses_everything_gives_reasons_and_nothing_else():
    snapshot = read(ScriptedModem({}))
    assert snapshot.identity.manufacturer.value == Absent("ERROR")
    assert snapshot.sim.state.known == "unknown"
    assert snapshot.registration.eps.value == Absent("ERROR")
    assert snapshot.packet.contexts.value == Absent("ERROR")
    assert snapshot.profile == "generic_3gpp"
    assert snapshot.warnings


@pytest.mark.parametrize("text", sorted(EC25))
def test_a_silent_command_costs_its_own_fact_alone(text):
    snapshot = read(ScriptedModem(change(text, SILENCE), unknown="+CME ERROR: 4"))
    whole = read(ec25())
    lost = 0
    for part in ("identity", "registration", "locks"):
        for name in getattr(whole, part)._fields:
            before, after = (getattr(getattr(s, part), name).known for s in (whole, snapshot))
            lost += before != after
    assert lost <= 1
    if text != "AT+CPIN?":
        assert snapshot.sim.state.known == "ready"
    assert snapshot.sim.iccid.known == whole.sim.iccid.known


def test_the_identity_is_kept_when_the_card_fails():
    modem = ec25(**{"AT+CPIN?": ["+CME ERROR: 10"]})
    snapshot = read(modem)
    assert snapshot.identity.imei.known is not None
    assert snapshot.sim.state.known == "absent"
    assert snapshot.sim.iccid.value == Absent("no card")
    assert not [text for text in modem.sent if "CRSM" in text or "CIMI" in text or "CNUM" in text]


def test_a_bare_error_of_the_card_is_asked_again_with_numbers():
    answers = change("AT+CPIN?")
    answers["AT+CPIN?"] = [["ERROR"], ["+CME ERROR: SIM not inserted"]]
    modem = ScriptedModem(answers)
    assert read(modem, CORE).sim.state.known == "absent"
    assert modem.sent.count("AT+CMEE=1") == 1


def test_a_sim_failure_with_the_radio_off_says_nothing_of_the_card():
    answers = {**change("AT+CPIN?", "+CME ERROR: 13"), "AT+CFUN?": ["+CFUN: 0", "OK"]}
    assert read(ScriptedModem(answers), CORE).sim.state.known == "unknown"


def test_a_sim_failure_with_the_radio_on_is_a_faulty_card():
    answers = change("AT+CPIN?", "+CME ERROR: SIM failure")
    assert read(ScriptedModem(answers), CORE).sim.state.known == "faulty"


def test_a_card_that_waits_for_its_pin_still_shows_its_iccid():
    modem = ec25(**{"AT+CPIN?": ["+CPIN: SIM PIN", "OK"]})
    sim = read(modem).sim
    assert (sim.state.known, sim.iccid.known) == ("pin_required", Iccid("89001010000000000018"))
    assert sim.pin1.enabled.known is True
    assert sim.pin1.retries.known == 3
    assert sim.imsi.value == Absent("card not ready")
    assert 'AT+CLCK="SC",2' not in modem.sent


def test_more_tries_than_a_card_can_count_are_none():
    pin1 = read(ec25(**{"AT+QPINC?": ['+QPINC: "SC",255,255', "OK"]})).sim.pin1
    assert pin1.retries.value == Absent("modem answered 255")
    assert pin1.puk_retries.known is None


def test_a_card_without_puk_tries_is_blocked():
    answers = {
        **change("AT+CPIN?", "+CPIN: SIM PUK", "OK"),
        "AT+QPINC?": ['+QPINC: "SC",0,0', "OK"],
    }
    assert read(ScriptedModem(answers)).sim.state.known == "blocked"


@pytest.mark.parametrize("refusal", ["+CME ERROR: 4", "+CRSM: 106,130", '+CRSM: 159,10,""'])
def test_the_file_is_read_by_csim_where_crsm_brings_nothing_and_the_modem_has_no_number(refusal):
    answers = change("AT+CRSM=176,12258,0,0,10", refusal, "OK")
    answers |= {
        "AT+QCCID": ["ERROR"],
        'AT+CSIM=14,"00A4000C023F00"': ['+CSIM: 4,"9000"', "OK"],
        'AT+CSIM=14,"00A4000C022FE2"': ['+CSIM: 4,"9000"', "OK"],
        'AT+CSIM=10,"00B000000A"': ['+CSIM: 24,"980001010000000000819000"', "OK"],
    }
    iccid = read(ScriptedModem(answers), CORE).sim.iccid
    assert (iccid.known, iccid.source) == (Iccid("89001010000000000018"), "EF.ICCID")


def test_the_modems_own_iccid_serves_where_the_file_cannot_be_read():
    answers = change("AT+CRSM=176,12258,0,0,10", "ERROR")
    iccid = read(ScriptedModem(answers), CORE).sim.iccid
    assert (iccid.known, iccid.source) == (Iccid("89001010000000000018"), "AT+QCCID")


@pytest.mark.parametrize(
    ("answer", "iccid"),
    [
        ('+CRSM: 144,0,"FFFFFFFFFFFFFFFFFFFF"', Absent("not on the card")),
        ("+CRSM: 106,130", Absent("not on the card")),
        ('+CRSM: 144,0,"89001010000000000018"', Iccid("89001010000000000018")),
    ],
    ids=["blank", "no file", "nibbles in order already"],
)
def test_what_ef_iccid_holds_decides(answer, iccid):
    answers = {**change("AT+CRSM=176,12258,0,0,10", answer, "OK"), "AT+QCCID": ["ERROR"]}
    assert read(ScriptedModem(answers), CORE).sim.iccid.value == iccid


def test_another_number_from_the_modem_is_kept_for_comparison():
    sim = read(ec25(**{"AT+QCCID": ["+QCCID: 89001010000000000026", "OK"]})).sim
    assert sim.iccid.known == Iccid("89001010000000000018")
    assert sim.modem_iccid.known == Iccid("89001010000000000026")


def test_a_cause_is_asked_for_and_the_setting_put_back():
    answers = change("AT+CEREG?")
    answers |= {
        "AT+CEREG?": [["+CEREG: 2,3", "OK"], ["+CEREG: 3,3,,,,0,8", "OK"]],
        "AT+CEREG=3": ["OK"],
        "AT+CEREG=2": ["OK"],
    }
    modem = ScriptedModem(answers)
    eps = read(modem, CORE).registration.eps.known
    assert (eps.state, eps.reject_cause) == ("denied", 8)
    assert [t for t in modem.sent if "CEREG" in t] == [
        "AT+CEREG?",
        "AT+CEREG=3",
        "AT+CEREG?",
        "AT+CEREG=2",
    ]


def test_the_setting_is_put_back_when_the_second_answer_never_comes():
    answers = change("AT+CEREG?")
    answers |= {"AT+CEREG?": [["+CEREG: 0,3", "OK"], [SILENCE]], "AT+CEREG=3": ["OK"]}
    modem = ScriptedModem(answers)
    eps = read(modem, CORE).registration.eps.known
    assert (eps.state, eps.reject_cause) == ("denied", Absent("timeout 5 s"))
    assert modem.sent[modem.sent.index("AT+CEREG=3") + 1 :][:2] == ["AT+CEREG?", "AT+CEREG=0"]


@pytest.mark.parametrize(
    ("answers", "sent"),
    [([[BUSY], [BUSY], ["OK"]], 1), ([[SILENCE]], 1), ([["ERROR"]], 1), ([[BUSY]], 0)],
    ids=["busy for two fences", "never answers", "refuses", "busy for ever"],
)
def test_the_setting_is_put_back_once_however_late_the_second_answer_is(answers, sent):
    modem = ec25(
        **{
            "AT+CEREG?": [["+CEREG: 0,3", "OK"], [SILENCE]],
            "AT+CEREG=3": ["OK"],
            "AT+CEREG=0": answers,
        }
    )
    assert read(modem, CORE).registration.eps.known.state == "denied"
    assert modem.sent.count("AT+CEREG=0") == sent


def test_a_modem_that_takes_no_cause_reports_costs_one_reason():
    modem = ScriptedModem(change("AT+CEREG?", "+CEREG: 4,3", "OK"), unknown="+CME ERROR: 4")
    eps = read(modem, CORE).registration.eps.known
    assert (eps.state, eps.reject_cause) == ("denied", Absent("+CME ERROR: 4"))
    assert "AT+CEREG=4" not in modem.sent


def test_a_cause_that_is_there_already_is_not_asked_for():
    modem = ScriptedModem(change("AT+CEREG?", "+CEREG: 3,3,,,,0,8", "OK"))
    assert read(modem, CORE).registration.eps.known.reject_cause == 8
    assert "AT+CEREG=3" not in modem.sent


def test_what_needs_no_explaining_beside_a_registered_data_domain_is_not_asked_about():
    answers = {"AT+CREG?": ["+CREG: 0,0", "OK"], "AT+CGREG?": ["+CGREG: 0,2", "OK"]}
    modem = ec25(**answers, **{"AT+CREG=3": ["OK"], "AT+CREG=0": ["OK"]})
    registration = read(modem, CORE).registration
    assert (registration.cs.known.state, registration.ps.known.state) == (
        "not_registered",
        "searching",
    )
    assert not [text for text in modem.sent if "REG=" in text]


def test_a_circuit_switched_registration_alone_leaves_the_others_to_be_explained():
    answers = {"AT+CGREG?": ["+CGREG: 0,2", "OK"], "AT+CEREG=3": ["OK"], "AT+CEREG=0": ["OK"]}
    answers["AT+CEREG?"] = [["+CEREG: 0,2", "OK"], ["+CEREG: 3,2,,,,0,15", "OK"]]
    registration = read(ec25(**answers), CORE).registration
    assert registration.eps.known.reject_cause == 15


def test_functionality_is_asked_where_nothing_is_registered():
    answers = {f"AT+C{x}REG?": [f"+C{x}REG: 3,0", "OK"] for x in ("", "G", "E")}
    snapshot = read(ScriptedModem({**EC25, **answers}), CORE)
    assert snapshot.identity.functionality.known == 1


def test_an_operators_name_is_followed_up_by_its_number_and_put_back():
    answers = {**EC25, "AT+QNWINFO": ["ERROR"], "AT+COPS=3,2": ["OK"], "AT+COPS=3,0": ["OK"]}
    answers["AT+COPS?"] = [['+COPS: 0,0,"Test Network",7', "OK"], ['+COPS: 0,2,"00101",7', "OK"]]
    modem = ScriptedModem(answers)
    operator = read(modem).operator
    assert (operator.plmn.known.text, operator.name.known) == ("00101", "Test Network")
    assert modem.sent[modem.sent.index("AT+COPS=3,2") :][:3] == [
        "AT+COPS=3,2",
        "AT+COPS?",
        "AT+COPS=3,0",
    ]


def test_a_level_of_zero_in_flight_mode_is_none():
    answers = {**change("AT+CSQ", "+CSQ: 0,0", "OK"), "AT+CFUN?": ["+CFUN: 4", "OK"]}
    answers["AT+QCSQ"] = ["ERROR"]
    assert read(ScriptedModem(answers)).signal.rssi_dbm.value == Absent("modem answered 0")


def test_the_level_of_5g_standalone_comes_from_the_familys_own_command():
    answers = {
        **EC25,
        "ATI": ["Quectel", "RM520N-GL", "Revision: RM520NGLAAR01A07M4G", "OK"],
        "AT+CSQ": ["+CSQ: 99,99", "OK"],
        "AT+QCSQ": ['+QCSQ: "NR5G",-89,160,-11', "OK"],
        "AT+C5GREG?": ["+C5GREG: 0,1", "OK"],
    }
    snapshot = read(ScriptedModem(answers), CORE)
    assert snapshot.profile == "quectel_rm5xx"
    assert snapshot.signal.rsrp_dbm.known == -89.0
    assert snapshot.signal.rssi_dbm.value == Absent("modem answered 99")
    assert snapshot.registration.nr5g.known.state == "home"


def test_contexts_are_known_by_activation_alone_where_definitions_are_refused():
    answers = {
        **change("AT+CGDCONT?", "+CME ERROR: 4"),
        "AT+CGACT?": ["+CGACT: 1,1", "+CGACT: 11,0"],
    }
    contexts = read(ScriptedModem(answers)).packet.contexts.known
    assert [(c.cid, c.active, c.apn) for c in contexts] == [
        (1, True, Absent("+CME ERROR: 4")),
        (11, False, Absent("+CME ERROR: 4")),
    ]


def test_many_active_contexts_are_asked_for_addresses_at_once():
    answers = {
        **change("AT+CGACT?", "+CGACT: 1,1", "+CGACT: 2,1", "+CGACT: 3,1"),
        "AT+CGPADDR": ["+CGPADDR: 1,10.0.0.1", "+CGPADDR: 2,10.0.0.2", "OK"],
    }
    modem = ScriptedModem(answers)
    contexts = read(modem).packet.contexts.known
    unsaid = Absent("the modem gave none")
    assert [c.addresses for c in contexts] == [("10.0.0.1",), ("10.0.0.2",), unsaid]
    assert [t for t in modem.sent if "CGPADDR" in t] == ["AT+CGPADDR"]


def test_an_answer_without_a_line_leaves_the_state_of_existing_contexts_unknown():
    answers = {**change("AT+CGACT?"), "AT+CGATT?": ["+CGATT: 1", "OK"]}
    packet = read(ScriptedModem(answers)).packet
    assert packet.contexts.known[0].active == Absent("the modem gave none")
    assert packet.attached.known is True


def test_an_active_context_of_whose_address_nothing_is_said_has_an_unknown_one():
    answers = {**change("AT+CGACT?", "+CGACT: 1,1"), **change("AT+CGPADDR=1")}
    packet = read(ScriptedModem(answers)).packet
    assert packet.contexts.known[0].addresses == Absent("the modem gave none")


def test_an_inactive_modem_is_asked_whether_it_is_attached():
    answers = {**change("AT+CGACT?", "+CGACT: 1,0"), "AT+CGATT?": ["+CGATT: 0", "OK"]}
    packet = read(ScriptedModem(answers)).packet
    assert packet.attached.known is False
    assert packet.contexts.known[0].addresses == ()


def test_one_part_alone_is_read_in_full():
    modem = ec25()
    snapshot = read(modem, {"signal"})
    assert modem.sent == ["AT+CGMI", "ATI", "AT+CSQ", "AT+QCSQ"]
    assert snapshot.identity is None
    assert snapshot.signal.rsrp_dbm.known == -101.0


def test_parts_have_the_facts_that_they_have_in_the_whole_snapshot():
    whole = read(ec25())
    some = read(ec25(), {"modem", "sim", "signal"})
    assert some.identity == whole.identity
    assert some.sim == whole.sim
    assert some.signal == whole.signal


def test_the_core_parts_together_are_read_with_the_fewest_commands():
    modem = ec25()
    snapshot = read(modem, {"modem", "sim", "registration", "signal"})
    assert len(modem.sent) <= 11
    assert snapshot.sim.msisdn.value == Absent("not asked")


def test_a_profile_that_is_given_is_not_asked_for():
    modem = ec25()
    snapshot = read(modem, {"usage"}, load_profile("quectel_ec2x"))
    assert modem.sent == ["AT+QGDCNT?"]
    assert snapshot.profile == "quectel_ec2x"


def test_a_part_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no such part: weather"):
        read(ec25(), {"weather"})


def test_the_profiles_particulars_reach_the_engine():
    modem = ScriptedModem({"AT+CGMI": ["huawei", "OK"], "AT+CGMM": ["E3372", "OK"]})
    read(modem, CORE)
    assert "COMMAND NOT SUPPORT" in modem.configured["extra_finals"]


def test_a_card_that_is_not_there_ends_the_ladder_of_iccid_commands():
    answers = {**EC25, "AT+CPIN?": ["ERROR"], "AT+CRSM=176,12258,0,0,10": ["+CME ERROR: 10"]}
    answers["AT+QCCID"] = ["+CME ERROR: SIM not inserted"]
    modem = ScriptedModem(answers)
    sim = read(modem, CORE).sim
    assert cme_code(sim.iccid.reason) == 10
    assert "AT+CCID" not in modem.sent
    assert not [text for text in modem.sent if "CSIM" in text]
