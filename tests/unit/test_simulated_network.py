"""Registration and packet sessions of a simulated modem: what follows from a network's verdict."""

import pytest

from modem.simulator.modem import SimulatedModem
from tests.unit.simulated_modem_helpers import ask, lines, numbered, quiet

EPS_BUT_CS = {"eps": {"reject": 8}, "ps": {"reject": 8}, "cs": {"accept": 1}}


def eps_of(modem: SimulatedModem, now: float = 0.0) -> str:
    return ask(modem, "AT+CEREG?", now)[0]


@pytest.mark.parametrize(
    ("cause", "stat"),
    [
        *(pytest.param(cause, 3, id=f"#{cause} denied") for cause in (2, 3, 6, 7, 8)),
        *(pytest.param(cause, 2, id=f"#{cause} goes on searching") for cause in (11, 12, 13, 15)),
        pytest.param(22, 2, id="#22 tries again"),
    ],
)
def test_a_cause_decides_whether_the_modem_gives_up_or_searches_on(cause, stat) -> None:
    modem = quiet()
    ask(modem, "AT+CEREG=3")
    modem.do(network={"eps": {"reject": cause}})
    assert lines(modem) == [f"+CEREG: {stat},,,,0,{cause}"]
    assert eps_of(modem) == f"+CEREG: 3,{stat},,,,0,{cause}"
    assert ask(modem, "AT+CEER")[0] == f'+CEER: "EMM reject",{cause}'


def test_each_domain_has_its_own_verdict() -> None:
    modem = quiet()
    modem.do(network=EPS_BUT_CS)
    assert eps_of(modem) == "+CEREG: 0,3"
    assert ask(modem, "AT+CREG?")[0] == "+CREG: 0,1"
    assert ask(modem, "AT+CGATT?")[0] == "+CGATT: 0"


def test_after_an_illegal_ue_only_a_radio_cycle_brings_the_modem_back() -> None:
    modem = quiet()
    modem.do(network={"eps": {"reject": 3}})
    modem.do(network={"eps": {"accept": 1}})
    assert eps_of(modem) == "+CEREG: 0,3"
    ask(modem, "AT+CGATT=0")
    ask(modem, "AT+CGATT=1")
    assert eps_of(modem) == "+CEREG: 0,3"
    ask(modem, "AT+CFUN=0")
    assert eps_of(modem) == "+CEREG: 0,0"
    ask(modem, "AT+CFUN=1")
    assert eps_of(modem) == "+CEREG: 0,1"


@pytest.mark.parametrize("how", ["AT+CFUN=1,1", "card"])
def test_a_restart_or_another_card_opens_a_closed_domain_too(how) -> None:
    modem = quiet()
    modem.do(network={"eps": {"reject": 8}})
    modem.do(network={"eps": {"accept": 5}})
    if how == "card":
        modem.do(card="pin_locked")
        ask(modem, 'AT+CPIN="1234"')
    else:
        ask(modem, how)
    ask(modem, "ATE0", 5.0)
    assert eps_of(modem, 5.0) == "+CEREG: 0,5"


def test_after_a_passing_trouble_the_modem_comes_back_by_itself() -> None:
    modem = quiet()
    modem.do(network={"eps": {"reject": 17}})
    modem.do(network={"eps": {"accept": 1}})
    assert eps_of(modem) == "+CEREG: 0,1"


FPLMN = "AT+CRSM=176,28539,0,0,12"


def test_plmn_not_allowed_goes_to_the_cards_list_and_is_shunned_from_then_on() -> None:
    modem = quiet()
    assert ask(modem, FPLMN)[0] == '+CRSM: 144,0,"001100FFFFFFFFFFFFFFFFFF"'
    modem.do(network={"eps": {"reject": 11}, "ps": {"reject": 11}, "cs": {"reject": 11}})
    assert ask(modem, FPLMN)[0] == '+CRSM: 144,0,"00110000F110FFFFFFFFFFFF"'
    ask(modem, "AT+CEREG=3")
    assert eps_of(modem) == "+CEREG: 3,2,,,,0,11"
    modem.do(network={"eps": {"accept": 1}, "ps": {"accept": 1}, "cs": {"accept": 1}})
    ask(modem, "AT+CFUN=4")
    ask(modem, "AT+CFUN=1")
    assert eps_of(modem) == "+CEREG: 3,2"  # no cause: it was not even tried
    assert ask(modem, 'AT+COPS=1,2,"00101"') == ["OK", '+CEREG: 1,"00A1","01A2B301",7']
    assert ask(modem, FPLMN)[0] == '+CRSM: 144,0,"001100FFFFFFFFFFFFFFFFFF"'


def test_no_coverage_is_silence_without_a_cause() -> None:
    modem = numbered("generic_3gpp")
    ask(modem, "AT+CEREG=3")
    modem.do(network={"coverage": False})
    assert lines(modem) == ["+CEREG: 2"]
    assert ask(modem, "AT+CSQ")[0] == "+CSQ: 99,99"
    assert ask(modem, "AT+COPS=?")[0] == "+COPS: ,(0,1,2,3,4),(0-2)"
    modem.do(network={"coverage": True})
    assert lines(modem) == ['+CEREG: 1,"00A1","01A2B301",7']


def test_a_registration_takes_its_time() -> None:
    modem = quiet()
    ask(modem, "AT+CEREG=1")
    modem.do(network={"attach_s": 7.5, "retry_s": 30.0})
    assert ask(modem, "AT+CFUN=4", 1.0) == ["OK", "+CEREG: 0"]
    assert ask(modem, "AT+CFUN=1", 2.0) == ["OK", "+CEREG: 2"]
    assert modem.next_event_at() == 9.5
    assert lines(modem, 9.4) == []
    assert lines(modem, 9.5) == ["+CEREG: 1"]
    modem.do(network={"eps": {"reject": 17}})
    assert lines(modem, 9.5) == ["+CEREG: 2"]
    modem.do(network={"eps": {"accept": 5}})
    assert modem.next_event_at() == 39.5
    assert lines(modem, 39.5) == ["+CEREG: 5"]


def test_a_verdict_may_wait_for_the_next_registration() -> None:
    modem = quiet()
    modem.do(network={"eps": {"reject": 8}, "keep": True})
    assert eps_of(modem) == "+CEREG: 0,1"
    modem.do(detach=True)
    assert eps_of(modem) == "+CEREG: 0,3"


def test_another_network_is_searched_for_chosen_and_left() -> None:
    modem = numbered("generic_3gpp")
    cells = [
        {"plmn": "00101", "name": "Test Network", "short_name": "Test", "stat": 2},
        {"plmn": "00102", "name": "Other", "stat": 3, "act": 0},
    ]
    modem.do(network={"cells": cells})
    found = '+COPS: (2,"Test Network","Test","00101",7),(3,"Other","","00102",0),,(0,1,2,3,4),(0-2)'
    assert ask(modem, "AT+COPS=?") == [found, "OK"]
    assert ask(modem, 'AT+COPS=1,2,"00102"') == ["+CME ERROR: 30"]
    assert ask(modem, "AT+COPS?") == ["+COPS: 2", "OK"]
    assert ask(modem, "AT+COPS=0") == ["OK"]
    assert ask(modem, "AT+COPS?") == ['+COPS: 0,0,"Test Network",7', "OK"]


def test_a_search_keeps_its_client_waiting() -> None:
    modem = quiet()
    modem.receive(b"AT+COPS=?\r", 0.0)
    assert modem.poll(0.0) == b""
    due = modem.next_event_at()
    assert due == modem.profile.delays["AT+COPS=?"]
    assert lines(modem, due)[-1] == "OK"


ESM = {8: 177, 26: 126, 27: 127, 29: 129, 30: 130, 31: 131, 33: 133, 38: 190, 54: 202}


@pytest.mark.parametrize(("cause", "cme"), ESM.items())
def test_a_refused_session_carries_its_cause(cause, cme) -> None:
    modem = numbered()
    ask(modem, 'AT+CGDCONT=3,"IP","private.example"')
    modem.do(network={"sessions": [{"apn": "private.example", "cause": cause}]})
    assert ask(modem, "AT+CGACT=1,3") == [f"+CME ERROR: {cme}"]
    assert ask(modem, "AT+CEER")[0] == f'+CEER: "ESM reject",{cause}'
    assert "+CGACT: 1,1" in ask(modem, "AT+CGACT?")  # the other apn is none of it
    modem.do(network={"sessions": []})
    assert ask(modem, "AT+CGACT=1,3") == ["OK"]
    assert ask(modem, "AT+CGPADDR=3")[0] == '+CGPADDR: 3,"10.64.3.1"'


def test_a_session_may_get_another_type_than_it_wants() -> None:
    modem = numbered()
    ask(modem, "AT+CGEREP=2")
    ask(modem, 'AT+CGDCONT=3,"IPV4V6","x"')
    ask(modem, 'AT+CGDCONT=4,"IPV6","x"')
    modem.do(network={"sessions": [{"only": "IP"}]})
    assert ask(modem, "AT+CGACT=1,3") == ["OK", "+CGEV: ME PDN ACT 3,0"]
    assert ask(modem, "AT+CGACT=1,4") == ["+CME ERROR: 192"]
    assert ask(modem, "AT+CGPADDR=3")[0] == '+CGPADDR: 3,"10.64.3.1"'


def test_events_of_packet_service_are_told_to_who_asked() -> None:
    modem = quiet()
    assert ask(modem, "AT+CGEREP=2,1") == ["OK"]
    assert ask(modem, "AT+CGACT=1,2") == ["OK", "+CGEV: ME PDN ACT 2"]
    assert ask(modem, "AT+CGACT=0,2") == ["OK", "+CGEV: ME PDN DEACT 2"]
    modem.do(drop_context=1)
    assert lines(modem) == ["+CGEV: NW PDN DEACT 1"]
    modem.do(network={"eps": {"reject": 7}, "ps": {"reject": 7}})
    assert lines(modem) == ["+CGEV: NW DETACH"]


def test_data_calls_are_refused_since_nobody_speaks_ppp() -> None:
    modem = quiet()
    for command in ("ATD*99#", "ATD*99***1#", 'AT+CGDATA="PPP",1'):
        assert ask(modem, command) == ["NO CARRIER"]


def test_a_context_that_was_stopped_stays_down_until_service_comes_anew() -> None:
    modem = quiet()
    ask(modem, "AT+CGACT=0,1")
    assert "+CGACT: 1,0" in ask(modem, "AT+CGACT?")
    ask(modem, "AT+CFUN=4")
    ask(modem, "AT+CFUN=1")
    assert "+CGACT: 1,1" in ask(modem, "AT+CGACT?")


# The same refusal in the words of each model: what is said by itself, then what +CEER says.
FORMS = {
    "ublox_sara_r4": ([], '+CEER: "EMM reject",19,"ESM failure"'),
    "simcom_a7670": ([], '+CEER: "19 ESM failure"'),
    "huawei_e3372": (
        ['^REJINFO:00101,1,19,2,4,19,"00A1","FF","01A2B301",33'],
        '+CEER:"EMM reject",19',
    ),
    "nordic_nrf9160": (["+CNEC_EMM: 19", "+CNEC_ESM: 33"], '+CEER: "EMM reject",19'),
}


@pytest.mark.parametrize(("name", "expected"), FORMS.items(), ids=FORMS)
def test_a_refusal_comes_in_the_form_of_the_model(name, expected) -> None:
    modem = quiet(name)
    ask(modem, "AT+CNEC=24")
    modem.do(network={"eps": {"reject": 19, "esm": 33}})
    assert (lines(modem), ask(modem, "AT+CEER")[0]) == expected


def test_a_refused_session_comes_in_the_form_of_the_model() -> None:
    modem = quiet("nordic_nrf9160")
    ask(modem, "AT+CNEC=16")
    ask(modem, 'AT+CGDCONT=1,"IP","x"')
    modem.do(network={"sessions": [{"cid": 1, "cause": 33}]})
    assert ask(modem, "AT+CGACT=1,1") == ["ERROR", "+CNEC_ESM: 33"]


def test_a_calls_end_is_told_and_explained() -> None:
    modem = quiet()
    assert ask(modem, "ATD10010;") == ["NO CARRIER"]
    assert ask(modem, "AT+CEER")[0] == '+CEER: "CC setup error",21'
    modem.do(network={"calls": {"answer": "busy", "cause": 17, "after_s": 4.0}})
    modem.receive(b"ATD10010;\r", 0.0)
    assert lines(modem, 3.9) == []
    assert lines(modem, 4.0) == ["BUSY"]
    modem.do(network={"calls": {"answer": "connect"}})
    assert ask(modem, "ATD10010;", 5.0) == ["OK"]
    assert ask(modem, "AT+CLCC", 5.0) == ['+CLCC: 1,0,0,0,0,"10010",129', "OK"]
    assert ask(modem, "AT+CPAS", 5.0)[0] == "+CPAS: 4"
    assert ask(modem, "ATH", 5.0) == ["OK"]
    assert ask(modem, "AT+CLCC", 5.0) == ["OK"]
    assert ask(modem, "AT+CEER", 5.0)[0] == '+CEER: "CC setup error",16'
