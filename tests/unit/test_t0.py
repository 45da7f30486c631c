"""T=0: what follows an answer, step by step and over a transport."""

import pytest

from sim.apdu import CLA_GSM, ResponseApdu, read_binary, select_by_fid, status
from sim.errors import ApduProtocolError
from sim.exchange import exchange
from sim.t0 import Done, Send, next_step
from sim.transport.memory import MemoryTransport

SELECT = select_by_fid(0x3F00)
GSM_SELECT = select_by_fid(0x3F00, CLA_GSM)
READ = read_binary(0, 256)

CONTINUED = {
    "61xx asks for so many": (SELECT, "611F", "00C000001F"),
    "6100 asks for 256": (SELECT, "6100", "00C0000000"),
    "9Fxx stays in class A0": (GSM_SELECT, "9F16", "A0C0000016"),
    "6Cxx repeats with the right Le": (READ, "6C0A", "00B000000A"),
    "67xx does so in class A0": (read_binary(0, 9, CLA_GSM), "6707", "A0B0000007"),
    "STATUS is fetched in class 00": (status(), "6120", "00C0000020"),
    "6283 after SELECT may have an answer": (SELECT, "6283", "00C0000000"),
}


@pytest.mark.parametrize(("command", "answer", "expected"), CONTINUED.values(), ids=CONTINUED)
def test_an_answer_that_is_not_the_end_says_what_to_send(command, answer, expected):
    step = next_step(command, ResponseApdu.from_bytes(bytes.fromhex(answer)))
    assert isinstance(step, Send)
    assert step.command.to_bytes().hex().upper() == expected


FINAL = {
    "9000": (SELECT, "9000", True, None),
    "9000 with an FCP inline": (SELECT, "62028000" + "9000", True, None),
    "91xx is success with a command pending": (READ, "AA" + "9115", True, 0x15),
    "6282 with data": (READ, "AABB" + "6282", False, None),
    "6A82": (SELECT, "6A82", False, None),
    "67xx of a UICC": (READ, "6707", False, None),
    "63Cx is a counter": (SELECT, "63C2", False, None),
}


@pytest.mark.parametrize(("command", "answer", "ok", "pending"), FINAL.values(), ids=FINAL)
def test_an_answer_that_is_the_end_is_handed_up(command, answer, ok, pending):
    response = ResponseApdu.from_bytes(bytes.fromhex(answer))
    step = next_step(command, response)
    assert step == Done(response, pending)
    assert step.ok is ok


class Script:
    """A card that expects these commands and has these answers; nothing else may be asked."""

    name = "script"

    def __init__(self, *pairs):
        self.pairs = list(pairs)

    def transmit(self, command):
        expected, answer = self.pairs.pop(0)
        assert command.hex().upper() == expected
        return bytes.fromhex(answer)

    def close(self):
        self.pairs.clear()


def test_an_answer_in_parts_is_joined():
    card = Script(
        ("00A40004023F00", "6103"), ("00C0000003", "6201" + "6101"), ("00C0000001", "AA9000")
    )
    response = exchange(card, SELECT)
    assert (response.data.hex(), response.sw) == ("6201aa", 0x9000)
    assert card.pairs == []


def test_a_warning_before_the_data_stays_the_status_word():
    card = Script(("00A40004023F00", "6283"), ("00C0000000", "6C02"), ("00C0000002", "62009000"))
    response = exchange(card, SELECT)
    assert (response.data.hex(), response.sw) == ("6200", 0x6283)


def test_a_warning_without_anything_to_fetch_stays_the_answer():
    card = Script(("00A40004023F00", "6283"), ("00C0000000", "6F00"))
    response = exchange(card, SELECT)
    assert (response.data, response.sw) == (b"", 0x6283)


def test_a_card_that_never_ends_is_a_protocol_error():
    with pytest.raises(ApduProtocolError, match="no end"):
        exchange(MemoryTransport(lambda _: b"\x61\x01"), SELECT)
