"""A simulated card talks to a virtual reader as vsmartcard's vpcd has it."""

import socket
from pathlib import Path

import pytest

from sim.simulator import SimulatedCard
from sim.simulator.vpcd import VirtualSlot

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
POWER_OFF, POWER_ON, RESET, GET_ATR = b"\x00", b"\x01", b"\x02", b"\x04"
SELECT_ICCID = bytes.fromhex("00A4000C022FE2")
READ_ICCID = bytes.fromhex("00B000000A")
PATIENCE_S = 20


class Reader:
    """The other side: listens, and asks."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_S)
        self.port = self._listener.getsockname()[1]
        self.line = None

    def accept(self):
        self.hang_up()
        self.line, _ = self._listener.accept()
        self.line.settimeout(PATIENCE_S)

    def say(self, message):
        self.line.sendall(len(message).to_bytes(2, "big") + message)

    def ask(self, message):
        self.say(message)
        return self.heard()

    def heard(self):
        head = self._exactly(2)
        return head and self._exactly(int.from_bytes(head, "big"))

    def _exactly(self, count):
        got = b""
        while len(got) < count and (piece := self.line.recv(count - len(got))):
            got += piece
        return got

    def hang_up(self):
        if self.line is not None:
            self.line.close()

    def close(self):
        self.hang_up()
        self._listener.close()


@pytest.fixture
def reader():
    reader = Reader()
    yield reader
    reader.close()


def put(reader, card, heard=lambda _command, _answer: None):
    slot = VirtualSlot("127.0.0.1", reader.port, heard)
    slot.insert(card)
    reader.accept()
    return slot


def test_a_card_answers_its_atr_and_commands_and_is_silent_to_the_power(reader):
    card = SimulatedCard.from_toml(CARDS / "usim_test.toml")
    said = []
    with put(reader, card, lambda *pair: said.append(pair)):
        reader.say(POWER_ON)
        assert reader.ask(GET_ATR) == card.atr
        assert reader.ask(SELECT_ICCID) == b"\x90\x00"
        assert reader.ask(READ_ICCID).hex() == "980001010000000000819000"
        reader.say(RESET)
        assert reader.ask(READ_ICCID).hex() == "6986"  # what was selected is gone
        reader.say(POWER_OFF)
        assert reader.ask(GET_ATR) == card.atr
    assert said[0] == (SELECT_ICCID, b"\x90\x00")


def test_a_removed_card_hangs_up_and_may_be_put_in_again(reader):
    card = SimulatedCard.from_toml(CARDS / "usim_test.toml")
    slot = put(reader, card)
    assert slot.occupied
    slot.remove()
    slot.remove()
    assert (slot.occupied, reader.heard()) == (False, b"")
    slot.insert(card)
    reader.accept()
    assert reader.ask(GET_ATR) == card.atr
    slot.remove()


def test_a_card_that_loses_contact_hangs_up_without_an_answer(reader):
    fault = {"after": 1, "answer": "pulled"}
    card = SimulatedCard.load({"name": "loose", "identity": {"iccid": "8"}, "fault": [fault]})
    with put(reader, card):
        assert reader.ask(SELECT_ICCID) == b"\x90\x00"
        assert reader.ask(READ_ICCID) == b""


def test_a_mute_card_says_nothing_and_answers_the_next_time(reader):
    fault = {"after": 0, "answer": "none", "times": 1}
    card = SimulatedCard.load({"name": "mute", "fault": [fault]})
    with put(reader, card):
        reader.say(SELECT_ICCID)
        assert reader.ask(GET_ATR) == card.atr


def test_a_reader_that_went_away_is_found_again(reader):
    card = SimulatedCard.from_toml(CARDS / "usim_test.toml")
    with put(reader, card):
        reader.hang_up()
        reader.accept()
        assert reader.ask(GET_ATR) == card.atr


def test_no_reader_is_said_so():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        VirtualSlot("127.0.0.1", port).insert(SimulatedCard.load({"name": "none"}))
