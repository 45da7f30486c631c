"""What must hold for every modem, chunking and delay."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from modem.at.channel import Channel, Completed, Urc
from modem.at.command import Command
from modem.at.framer import MAX_LINE, Overlong
from modem.engine import Engine
from modem.errors import AtProtocolError, AtTimeout, ModemError, PortLost
from modem.transport.memory import ScriptedStream
from tests.effort import examples
from tests.unit.at_helpers import Ask, Numbered, csq

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


@given(data=NOISE)
def test_any_bytes_give_a_value_or_a_modem_error(data):
    stream = ScriptedStream(
        {b"AT+CSQ\r": [(0, data)], b"AT\r": []}
        | {b"AT+%s?\r" % name: [] for name in (b"CMEE", b"CSCS", b"CMGF", b"CNMI")}
        | {b"\x1bAT+%s?\r" % name: [] for name in (b"CMEE", b"CSCS", b"CMGF", b"CNMI")}
    )
    engine = Engine(stream, clock=stream.clock)
    try:
        assert engine.run(csq()).startswith("+CSQ: ")
    except ModemError:
        assert stream.now <= 30


@given(size=st.integers(MAX_LINE + 1, MAX_LINE + 50))
def test_a_long_line_is_reported_and_the_next_is_read(size):
    channel = Channel()
    channel.send(csq())
    events = channel.receive_data(b"x" * size + b"\r\nOK\r\n")
    assert events == [Overlong(size), Completed((), "OK", True)]


class SlowModem:
    """Answers `AT+X=<n>` with `+X: <n>` in order, each after its own delay; some never.

    What it is asked while it works waits in its line; with `deaf`, it is lost instead.
    """

    def __init__(self, delays, *, echo, deaf, size):
        self.now = 0.0
        self._delays = delays
        self._echo = echo
        self._deaf = deaf
        self._size = size
        self._free_at = 0.0
        self._coming = b""
        self._events: list[tuple[float, bytes]] = []

    def clock(self):
        return self.now

    def write(self, data):
        if self._deaf and self.now < self._free_at:
            return
        text = data.decode().strip("\r\x1b")
        delay = self._delays.pop(0) if self._delays and text.startswith("AT+X=") else 0.01
        if self._echo:
            self._events.append((self.now, data + b"\r\n"))
        if delay is None:
            return
        self._free_at = max(self._free_at, self.now) + delay
        self._events.append((self._free_at, self._answer(text)))
        self._events.sort(key=lambda event: event[0])

    def _answer(self, text):
        if text.startswith("AT+X="):
            return b"\r\n+X: %s\r\n\r\nOK\r\n" % text[5:].encode()
        return b"\r\n%s: 1\r\n\r\nOK\r\n" % text[2:-1].encode()

    def read(self, timeout_s):
        deadline = self.now + timeout_s
        if not self._coming and self._events and self._events[0][0] <= deadline:
            self.now, self._coming = max(self.now, self._events[0][0]), self._events[0][1]
            del self._events[0]
        if not self._coming:
            self.now = deadline
            return b""
        piece, self._coming = self._coming[: self._size], self._coming[self._size :]
        return piece

    def close(self):
        self._events.clear()


DELAYS = st.lists(
    st.none() | st.floats(0, 0.9) | st.floats(0.9, 1.6) | st.floats(1, 30), min_size=3, max_size=12
)


def values_of(modem, engine, count):
    for number in range(count):
        try:
            yield number, engine.run(Numbered(number))
        except (AtTimeout, AtProtocolError):
            modem.read(0.1)
        except PortLost:
            return


@settings(max_examples=examples(400))
@given(delays=DELAYS, echo=st.booleans(), deaf=st.booleans(), size=st.sampled_from([1, 3, 7, 4096]))
def test_a_late_answer_never_reaches_the_next_command(delays, echo, deaf, size):
    modem = SlowModem(list(delays), echo=echo, deaf=deaf, size=size)
    engine = Engine(modem, clock=modem.clock)
    for number, value in values_of(modem, engine, len(delays)):
        assert value == number


class Unfenced(Channel):
    """The channel that all others have: a timeout only forgets the command."""

    def time_out(self) -> None:
        self._answer = None


def test_without_the_fence_it_does():
    modem = SlowModem([1.2, 0.5, 0.5], echo=False, deaf=False, size=4096)
    engine = Engine(modem, clock=modem.clock)
    engine._channel = Unfenced()
    engine._answered = True  # else the engine would probe at once whether a modem is there
    assert next(values_of(modem, engine, 3)) == (1, 0)


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
