"""A PIN for a card: sent once, on order, with tries to spare, and never shown to anybody else."""

import copy
import pickle
from pathlib import Path

import pytest

from sim.errors import PinFormatError, PinRefused, PinWrong, StatusWordError
from sim.filesystem import CardFilesystem
from sim.identifiers import Iccid
from sim.pin import PinOrder, PinValue, carry_out, read_pin1
from sim.simulator import SimulatedCard
from sim.transport.memory import MemoryTransport

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
ICCID = "89001010000000000026"
OTHER = "89001010000000000018"
SPENDING = frozenset({0x20, 0x24, 0x26, 0x28, 0x2C})


def card_with(retries=3, *, kind="usim", **pin1):
    """A card of `kind` that asks for PIN1 (1234), unless `pin1` says something else."""
    return SimulatedCard.load(
        {
            "name": "t",
            "kind": kind,
            "identity": {"iccid": ICCID, "imsi": "001010123456789", "mnc_length": 2},
            "pin1": {"enabled": True, "value": "1234", "retries": retries, **pin1},
            "behaviour": {"class_uicc": kind == "usim", "class_gsm": kind == "sim"},
        }
    )


def order(action="verify", value="1234", new_value=None, forced=None):
    return PinOrder(
        action,
        PinValue(value),
        None if new_value is None else PinValue(new_value),
        None if forced is None else Iccid(forced),
    )


def send(card, wish, iccid=ICCID):
    transport = MemoryTransport(card.transmit)
    carry_out(transport, CardFilesystem(transport), wish, Iccid(iccid))


def shown(card):
    """The commands that carried a PIN."""
    return [a.command for a in card.log if a.command[1] in SPENDING and len(a.command) > 5]


@pytest.mark.parametrize("kind", ["usim", "sim"])
def test_the_right_pin_opens_the_card_and_is_sent_once(kind):
    card = card_with(kind=kind)
    send(card, order())
    assert (card.pin1_state(), len(shown(card)), card.retries()["pin1"]) == ("ready", 1, 3)


@pytest.mark.parametrize("kind", ["usim", "sim"])
def test_a_wrong_pin_costs_one_try_and_is_told(kind):
    card = card_with(kind=kind)
    with pytest.raises(PinWrong) as caught:
        send(card, order(value="9999"))
    assert caught.value.tries == (2 if kind == "usim" else None)
    assert (len(shown(card)), card.retries()["pin1"]) == (1, 2)


def test_an_order_is_good_for_one_sending():
    card, wish = card_with(), order(value="9999")
    with pytest.raises(PinWrong):
        send(card, wish)
    with pytest.raises(PinRefused, match="once"):
        send(card, wish)
    assert card.retries()["pin1"] == 2


@pytest.mark.parametrize("kind", ["usim", "sim"])
def test_with_one_try_left_nothing_is_sent_unless_the_card_is_named(kind):
    card = card_with(1, kind=kind)
    with pytest.raises(PinRefused) as caught:
        send(card, order())
    assert (caught.value.tries, shown(card)) == (1, [])
    with pytest.raises(PinRefused, match="another card"):
        send(card, order(forced=OTHER))
    assert shown(card) == []
    send(card, order(forced=ICCID))
    assert (card.pin1_state(), card.retries()["pin1"]) == ("ready", 3)


def test_a_card_that_does_not_tell_its_tries_gets_nothing_unless_it_is_named():
    profile = {
        "name": "t",
        "identity": {"iccid": ICCID, "imsi": "001010123456789"},
        "pin1": {"enabled": True},
        "behaviour": {"pin_query": "6985"},
    }
    card = SimulatedCard.load(profile)
    with pytest.raises(PinRefused, match="not known"):
        send(card, order())
    assert shown(card) == []
    send(card, order(forced=ICCID))
    assert card.pin1_state() == "ready"


def test_a_pin_that_was_shown_already_is_not_shown_again():
    profile = {
        "name": "t",
        "identity": {"iccid": ICCID, "imsi": "001010123456789"},
        "pin1": {"enabled": True},
        "behaviour": {"pin_query": "9000"},  # as ISO/IEC 7816-4 has it of a PIN that is open
    }
    card = SimulatedCard.load(profile)
    with pytest.raises(PinRefused, match="asks for no PIN"):
        send(card, order())
    assert shown(card) == []


@pytest.mark.parametrize("name", ["puk_locked", "blocked"])
def test_a_blocked_pin_stays_blocked_even_where_the_card_is_named(name):
    card = SimulatedCard.from_toml(CARDS / f"{name}.toml")
    before = card.retries()
    with pytest.raises(PinRefused, match="PUK"):
        send(card, order(forced=card.iccid), card.iccid)
    assert (shown(card), card.retries()) == ([], before)


def test_a_pin_that_the_card_does_not_ask_for_is_not_shown_to_it():
    card = card_with(enabled=False)
    for action, new_value in (("verify", None), ("disable", None), ("change", "4321")):
        with pytest.raises(PinRefused, match="asks for no PIN"):
            send(card, order(action, new_value=new_value))
    with pytest.raises(PinRefused, match="already"):
        send(card_with(), order("enable"))
    assert shown(card) == []


def test_a_pin_is_switched_on_and_off_and_changed():
    card = card_with(enabled=False)
    send(card, order("enable"))
    assert card.pin1_enabled
    card.reset()
    send(card, order("change", new_value="654321"))
    card.reset()
    send(card, order("disable", "654321"))
    assert not card.pin1_enabled
    assert card.retries()["pin1"] == 3


def test_another_refusal_is_none_of_a_wrong_pin():
    transport = MemoryTransport(_Refusing(card_with()).transmit)
    with pytest.raises(StatusWordError, match="VERIFY PIN: 6F00"):
        carry_out(transport, CardFilesystem(transport), order(), Iccid(ICCID))


class _Refusing:
    """A card that has a fault of its own when it sees a PIN."""

    def __init__(self, card):
        self._card = card

    def transmit(self, command):
        if command[1] == 0x20 and len(command) > 5:
            return b"\x6f\x00"
        return self._card.transmit(command)


def test_the_tries_are_asked_without_spending_one():
    card = SimulatedCard.from_toml(CARDS / "pin_locked.toml")
    before = card.retries()
    transport = MemoryTransport(card.transmit)
    for _ in range(20):
        files = CardFilesystem(transport)
        pin1 = read_pin1(transport, files.cla, files.root)
        assert [each.known for each in pin1] == [True, before["pin1"], None]
    assert card.retries() == before


@pytest.mark.parametrize("text", ["", "123", "123456789", "12a4", "１２３４", "12 4"])
def test_a_text_that_is_no_pin_is_refused_without_being_repeated(text):
    with pytest.raises(PinFormatError) as caught:
        PinValue(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(("action", "new"), [("change", None), ("verify", "1111")])
def test_a_new_pin_is_for_a_change_alone(action, new):
    with pytest.raises(PinFormatError):
        order(action, new_value=new)


def test_no_text_and_no_copy_of_a_pin_shows_it():
    value = PinValue("73519")
    sent = []

    def answer(command):
        sent.append(command)
        return card.transmit(command)

    card = card_with(value="73519")
    transport = MemoryTransport(answer)
    carry_out(transport, CardFilesystem(transport), PinOrder("verify", value), Iccid(ICCID))
    apdu = sent[-1]
    for text in (repr(value), str(value), f"{value}", repr(apdu), str(apdu), f"{apdu}"):
        assert "73519" not in text
        assert "3733353139" not in text
    for keep in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            keep(value)
        with pytest.raises(TypeError):
            keep(apdu)
