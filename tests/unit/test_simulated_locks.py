"""PINs, locks, clock and power of a simulated modem."""

import pytest

from tests.unit.simulated_modem_helpers import ask, lines, numbered, quiet


def test_three_wrong_pins_want_the_puk_which_sets_a_new_pin() -> None:
    modem = numbered(card="pin_locked")  # one try is burnt already
    assert ask(modem, 'AT+CPIN="0000"') == ["+CME ERROR: 16"]
    assert ask(modem, 'AT+CPIN="0000"') == ["+CME ERROR: 12"]
    assert ask(modem, "AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert ask(modem, 'AT+CPIN="1234"') == ["+CME ERROR: 12"]
    assert ask(modem, 'AT+CPIN="00000000","4321"') == ["+CME ERROR: 16"]
    assert ask(modem, "AT+QPINC?")[0] == '+QPINC: "SC",0,9'
    assert ask(modem, 'AT+CPIN="12345678","4321"')[0] == "OK"
    assert ask(modem, "AT+CPIN?") == ["+CPIN: READY", "OK"]
    assert ask(modem, 'AT+CPWD="SC","4321","1111"') == ["OK"]
    ask(modem, "AT+CFUN=1,1", 0.0)
    ask(modem, "ATE0", 5.0)
    assert ask(modem, 'AT+CPIN="1111"', 5.0)[0] == "OK"


def test_the_pin_is_switched_on_and_off() -> None:
    modem = numbered()
    assert ask(modem, 'AT+CLCK="SC",1,"1234"') == ["OK"]
    assert ask(modem, 'AT+CLCK="SC",2') == ["+CLCK: 1", "OK"]
    modem.reboot(0.0)
    ask(modem, "ATE0", 5.0)
    ask(modem, "AT+CMEE=1", 5.0)
    assert ask(modem, "AT+CPIN?", 5.0) == ["+CPIN: SIM PIN", "OK"]
    assert ask(modem, 'AT+CLCK="SC",0,"1234"', 5.0) == ["+CME ERROR: 11"]
    ask(modem, 'AT+CPIN="1234"', 5.0)
    assert ask(modem, 'AT+CLCK="SC",0,"0000"', 5.0) == ["+CME ERROR: 16"]
    assert ask(modem, 'AT+CLCK="SC",0,"1234"', 5.0) == ["OK"]
    assert ask(modem, 'AT+CLCK="SC",2', 5.0) == ["+CLCK: 0", "OK"]


def test_pin2_is_changed_by_itself() -> None:
    modem = numbered()
    assert ask(modem, 'AT+CPWD="P2","5678","8765"') == ["OK"]
    assert ask(modem, 'AT+CPWD="P2","5678","1111"') == ["+CME ERROR: 16"]
    assert ask(modem, 'AT+CPWD="AB","5678","1111"') == ["+CME ERROR: 4"]
    assert ask(modem, 'AT+CPWD="SC","1234"') == ["+CME ERROR: 50"]
    assert ask(modem, "AT+QPINC?")[1] == '+QPINC: "P2",2,10'


@pytest.mark.parametrize(
    ("lock", "word", "cme"),
    [("PS", "PH-SIM PIN", 5), ("PN", "PH-NET PIN", 40), ("PC", "PH-CORP PIN", 46)],
)
def test_a_device_lock_keeps_the_modem_off_the_network(lock, word, cme) -> None:
    modem = numbered("generic_3gpp")
    modem.do(device_lock=lock)
    assert ask(modem, "AT+CPIN?") == [f"+CPIN: {word}", "OK"]
    assert ask(modem, "AT+CIMI") == [f"+CME ERROR: {cme}"]
    assert ask(modem, "AT+CREG?") == ["+CREG: 0,0", "OK"]
    for _ in range(3):
        assert ask(modem, 'AT+CPIN="1111"') == ["+CME ERROR: 16"]
    assert ask(modem, 'AT+CPIN="87654321"') == [f"+CME ERROR: {cme + 1}"]
    modem.do(device_lock="")
    assert ask(modem, "AT+CREG?") == ["+CREG: 0,1", "OK"]


def test_a_device_lock_opens_with_its_code() -> None:
    modem = numbered("generic_3gpp")
    assert ask(modem, 'AT+CLCK="PN",1,"87654321"') == ["OK"]
    assert ask(modem, 'AT+CLCK="PN",2') == ["+CLCK: 1", "OK"]
    modem.do(device_lock="PN")
    assert ask(modem, 'AT+CPIN="87654321"') == ["OK"]
    assert ask(modem, 'AT+CLCK="PN",2') == ["+CLCK: 0", "OK"]
    assert ask(modem, 'AT+CLCK="PN",0') == ["+CME ERROR: 50"]


def test_the_clock_stands_at_its_beginning_until_the_network_tells_the_time() -> None:
    modem = quiet()
    assert ask(modem, "AT+CCLK?", 10.0) == ['+CCLK: "80/01/06,00:00:10+00"', "OK"]
    ask(modem, "AT+CTZR=1", 10.0)
    modem.do(time="26/11/22,09:02:03+32")
    assert lines(modem, 10.0) == ["+CTZV: +32"]
    assert ask(modem, "AT+CCLK?", 70.0) == ['+CCLK: "26/11/22,09:03:03+32"', "OK"]
    ask(modem, "AT+CTZR=2", 70.0)
    modem.do(time="26/11/22,09:04:00+32")
    assert lines(modem, 70.0) == ['+CTZE: "+32",0,"2026/11/22,01:04:00"']
    assert ask(modem, 'AT+CCLK="26/11/23,00:00:00-04"', 70.0) == ["OK"]
    assert ask(modem, "AT+CCLK?", 71.0)[0] == '+CCLK: "26/11/23,00:00:01-04"'


@pytest.mark.parametrize("text", ["", "yesterday", "26/13/01,00:00:00+00", "26/01/01,00:00:00+96"])
def test_a_time_that_is_none_is_refused(text) -> None:
    assert ask(numbered(), f'AT+CCLK="{text}"') == ["+CME ERROR: 50"]


def test_powered_down_the_modem_hears_nothing_until_the_power_comes_back() -> None:
    modem = quiet()
    assert ask(modem, "AT+QPOWD", 1.0) == ["OK"]
    assert modem.next_event_at() == 2.0
    assert lines(modem, 2.0) == ["POWERED DOWN"]
    assert ask(modem, "AT", 100.0) == []
    modem.do(power="on")
    assert lines(modem, 102.0)[0] == "RDY"
    assert ask(modem, "AT", 102.0)[-1] == "OK"


def test_counters_are_saved_where_the_model_can_save_them() -> None:
    modem = quiet()
    ask(modem, "AT+QGDCNT?", 0.0)
    assert ask(modem, "AT+QGDCNT=1", 10.0) == ["OK"]
    modem.reboot(20.0)
    ask(modem, "ATE0", 22.0)
    assert ask(modem, "AT+QGDCNT?", 22.0) == ["+QGDCNT: 2434,10478", "OK"]
    assert ask(modem, "AT+QGDCNT=0", 22.0) == ["OK"]
    assert ask(modem, "AT+QGDCNT?", 22.0) == ["+QGDCNT: 0,0", "OK"]


def test_counters_may_go_with_the_session() -> None:
    modem = quiet("ublox_sara_r4")
    ask(modem, "AT+UGCNTRD", 0.0)
    assert ask(modem, "AT+UGCNTRD", 10.0) == ["+UGCNTRD: 1,80,160,2804,1999", "OK"]
    ask(modem, "AT+CGACT=0,1", 10.0)
    assert ask(modem, "AT+UGCNTRD", 20.0) == ["+UGCNTRD: 1,0,0,0,0", "OK"]
