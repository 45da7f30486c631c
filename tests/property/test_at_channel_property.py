"""What must hold for every modem, chunking and delay."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from modem.at.channel import Channel, Completed, Urc
from modem.at.command import Command
from modem.at.framer import MAX_LINE, Overlong
from tests.unit.at_helpers import Ask, csq

PIECES = [
    b"\r\n", b"\r", b"\n", b"AT+CSQ", b"+CSQ: 18,99", b"OK", b"ERROR", b"+CME ERROR: 10", b"> ",
    b"+CREG: 1", b"+CMT: x", b"+CMEE: 1", b"NO CARRIER", b"0", b"4", b"\x00", b"\xff", b"x" * 300,
]  # fmt: skip
NOISE = st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=30).map(b"".join)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    marks = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(marks)]


@given(data=NOISE, places=st.lists(st.integers(0, 5000), max_size=40), fenced=st.booleans())
def test_any_chunking_gives_the_same_events(data, places, fenced):
    seen = []
    for pieces in ([data], cut(data, places)):
        channel = Channel(max_line=200)
        channel.send(csq())
        if fenced:
            channel.time_out()
            channel.fence()
        seen.append([event for piece in pieces for event in channel.receive_data(piece)])
    assert seen[0] == seen[1]


@given(data=st.lists(NOISE, max_size=20))
def test_any_bytes_give_events_and_bounded_memory(data):
    channel = Channel(max_line=200)
    channel.send(csq())
    for piece in data:
        channel.receive_data(piece)
        assert len(channel._framer._partial) <= 200


@given(size=st.integers(MAX_LINE + 1, MAX_LINE + 50))
def test_a_long_line_is_reported_and_the_next_is_read(size):
    channel = Channel()
    channel.send(csq())
    events = channel.receive_data(b"x" * size + b"\r\nOK\r\n")
    assert events == [Overlong(size), Completed((), "OK", True)]


@given(
    before=st.lists(st.sampled_from([b"^RSSI:14", b"+CREG: 1", b"RDY", b"+CSQN: 1"]), max_size=3),
    between=st.lists(st.sampled_from([b"^RSSI:14", b"+CREG: 1", b"RDY"]), max_size=3),
    echo=st.sampled_from([b"", b"AT+CREG?\r\r\n", b"AT+CREG?\r\n", b"at+creg?\r"]),
)
def test_unsolicited_lines_anywhere_change_no_answer(before, between, echo):
    channel = Channel()
    command: Command[str] = Ask("AT+CREG?", r"\+CREG: \d,\d.*")
    channel.send(command)
    data = echo + b"".join(b"\r\n" + line + b"\r\n" for line in before)
    data += b'\r\n+CREG: 2,1,"00A1","0000B2C3",7\r\n'
    data += b"".join(b"\r\n" + line + b"\r\n" for line in between) + b"\r\nOK\r\n"
    events = channel.receive_data(data)
    assert events[-1] == Completed(('+CREG: 2,1,"00A1","0000B2C3",7',), "OK", False)
    reported = [event.line.encode() for event in events if isinstance(event, Urc)]
    assert reported == before + between
