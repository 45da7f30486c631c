"""`simward sim pin` for the card in a modem: by the modem's own commands, under the policy."""

import json
from dataclasses import replace

import pytest

from agent.cli import main
from agent.i18n import set_language
from modem import pin as modem_pin
from modem.engine import Engine
from modem.errors import AtTimeout
from modem.interview import Interview
from modem.simulator.card_slot import load_card
from modem.simulator.faults import Wrapper
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from modem.simulator.profile import CannedAnswer, ModemProfile
from modem.vendors.select import load_profile
from sim.pin import PinOrder, PinValue
from sim.simulator import SimulatedCard
from tests.device_stream import TAKEN_AT, DeviceStream

PIN_OPTIONS = ("--pin-file", "--new-pin-file")
NO_COUNT = CannedAnswer("AT+QPINC?", (), final="ERROR")
ICCID = "89001010000000000026"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("SIMWARD_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SIMWARD_DEVICE__STATE_DIR", str(tmp_path / "state"))
    yield
    set_language("en")


def card_with(retries=3, **pin1):
    return SimulatedCard.load(
        {
            "name": "t",
            "identity": {"iccid": ICCID, "imsi": "001010123456789", "mnc_length": 2},
            "pin1": {"enabled": True, "value": "1234", "retries": retries, **pin1},
        }
    )


class Heard(Wrapper):
    """A modem, and every line that was said to it."""

    def __init__(self, card, without=(), answers=()):
        profile = ModemProfile.load("quectel_ec25")
        canned = {answer.command: answer for answer in answers}
        profile = replace(
            profile,
            without=profile.without | frozenset(without),
            answers={**profile.answers, **canned},
        )
        super().__init__(SimulatedModem(profile, card))
        self.said = b""

    def receive(self, data, now):
        self.said += data
        super().receive(data, now)

    @property
    def spent(self):
        """The lines that carried a PIN."""
        asks = 'AT+CLCK="SC",2'
        shows = ("AT+CPIN=", "AT+CPWD=", 'AT+CLCK="SC",')
        lines = self.said.decode().split("\r")
        return [line for line in lines if line.startswith(shows) and line != asks]


def pin_file(folder, number, pin):
    file = folder / f"pin{number}"
    file.write_text(pin + "\n")
    file.chmod(0o600)
    return str(file)


def give(capsys, tmp_path, device, action, *pins, options=(), lang="en"):
    """(exit code, standard output, standard error)."""
    files = [pin_file(tmp_path, number, pin) for number, pin in enumerate(pins)]
    named = [word for pair in zip(PIN_OPTIONS, files, strict=False) for word in pair]
    with serve_tcp(device) as port:
        code = main(["--lang", lang, "sim", "pin", action, "--port", port.url, *named, *options])
    told = capsys.readouterr()
    for pin in pins:
        assert pin not in told.out + told.err
    return code, told.out, told.err


def test_the_right_pin_opens_the_card(capsys, tmp_path):
    device = Heard(card_with())
    code, out, _ = give(capsys, tmp_path, device, "verify", "1234", options=["--json"])
    document = json.loads(out)
    assert (code, document["done"], document["iccid"]) == (0, True, ICCID)
    assert document["pin1"] == {"enabled": True, "retries": 3, "puk_retries": 10}
    assert device.spent == ['AT+CPIN="1234"']


def test_a_wrong_pin_is_sent_once_and_the_tries_that_are_left_are_told(capsys, tmp_path):
    card = card_with()
    device = Heard(card)
    code, out, err = give(capsys, tmp_path, device, "verify", "9999")
    assert (code, out) == (4, "")
    assert err == "simward: the card did not take the PIN; tries left: 2\n"
    assert (len(device.spent), card.retries()["pin1"]) == (1, 2)


@pytest.mark.parametrize("forced", [None, "89001010000000000018", ICCID])
def test_with_one_try_left_the_card_has_to_be_named(capsys, tmp_path, forced):
    device = Heard(card_with(1))
    options = [] if forced is None else ["--force-pin", forced]
    code, _, err = give(capsys, tmp_path, device, "verify", "1234", options=options)
    if forced == ICCID:
        assert (code, len(device.spent)) == (0, 1)
    else:
        assert (code, device.spent) == (6, [])
        assert "no PIN was sent" in err


@pytest.mark.parametrize("name", ["puk_locked", "blocked"])
def test_a_card_that_wants_its_puk_gets_none(capsys, tmp_path, name):
    card = load_card(name)
    before = card.retries()
    device = Heard(card)
    options = ["--force-pin", card.iccid]
    code, _, err = give(capsys, tmp_path, device, "verify", "1234", options=options)
    assert (code, device.spent, card.retries()) == (6, [], before)
    assert "PUK" in err


def test_the_last_wrong_pin_is_told_as_such(capsys, tmp_path):
    card = card_with(1)
    code, _, err = give(
        capsys, tmp_path, Heard(card), "verify", "9999", options=["--force-pin", ICCID]
    )
    assert (code, card.pin1_state()) == (4, "puk")
    assert err == "simward: the card did not take the PIN; tries left: 0\n"


def test_the_card_is_made_to_ask_and_not_to_ask_and_takes_another_pin(capsys, tmp_path):
    card = card_with(enabled=False)
    device = Heard(card)
    assert give(capsys, tmp_path, device, "enable", "1234")[0] == 0
    assert card.pin1_enabled
    assert give(capsys, tmp_path, device, "change", "1234", "76543")[0] == 0
    assert give(capsys, tmp_path, device, "disable", "1234")[0] == 4
    assert give(capsys, tmp_path, device, "disable", "76543")[0] == 0
    assert not card.pin1_enabled
    assert len(device.spent) == 4


def test_a_card_that_is_open_is_shown_nothing(capsys, tmp_path):
    device = Heard(load_card("usim_test"))
    code, _, err = give(capsys, tmp_path, device, "verify", "1234")
    assert (code, device.spent) == (6, [])
    assert err == "simward: no PIN was sent: the card asks for no PIN\n"


def test_where_the_modem_counts_no_tries_the_card_itself_is_asked(capsys, tmp_path):
    card = card_with(1)
    device = Heard(card, without={"+CPINR"}, answers=[NO_COUNT])
    code, _, err = give(capsys, tmp_path, device, "verify", "1234")
    assert (code, device.spent) == (6, [])
    assert "too few tries are left" in err
    assert card.retries()["pin1"] == 1


def test_where_nobody_counts_the_tries_nothing_is_sent(capsys, tmp_path):
    device = Heard(card_with(), without={"+CPINR", "+CSIM"}, answers=[NO_COUNT])
    code, _, err = give(capsys, tmp_path, device, "verify", "1234")
    assert (code, device.spent) == (6, [])
    assert "the tries left are not known" in err


def test_a_modem_that_falls_silent_gets_the_pin_once():
    device = Heard(card_with(), answers=[CannedAnswer('AT+CPIN="1234"', (), final="")])
    stream = DeviceStream(device)
    engine = Engine(stream, clock=stream.clock)
    profile = load_profile("quectel_ec2x")
    order = PinOrder("verify", PinValue("1234"))
    with pytest.raises(AtTimeout) as caught:
        modem_pin.carry_out(lambda: Interview(engine, profile, lambda: TAKEN_AT), order)
    assert "1234" not in str(caught.value)
    assert device.spent == ['AT+CPIN="1234"']


def test_refusals_are_told_in_chinese_too(capsys, tmp_path):
    code, _, err = give(capsys, tmp_path, Heard(card_with(1)), "verify", "1234", lang="zh")
    assert (code, err) == (6, "simward: 未发送 PIN：剩余次数太少\n")


def test_a_pin_is_never_taken_from_nowhere(capsys):
    device = Heard(card_with())
    with serve_tcp(device) as port:
        code = main(["sim", "pin", "verify", "--port", port.url])
    assert (code, device.spent) == (6, [])
    assert capsys.readouterr().err == "simward: an answer is missing: --pin-file\n"


def test_a_file_that_others_can_read_is_named(capsys, tmp_path):
    file = tmp_path / "open"
    file.write_text("1234\n")
    file.chmod(0o644)
    with serve_tcp(Heard(card_with())) as port:
        assert main(["sim", "pin", "verify", "--port", port.url, "--pin-file", str(file)]) == 0
    assert "can be read by others" in capsys.readouterr().err
