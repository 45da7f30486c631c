"""What must hold for the engine with every modem: any bytes, any delay, any order of commands."""

import re
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from modem.at.channel import _ECHOES_KEPT, _MAX_DROPPED, MAX_ANSWER, Channel
from modem.at.command import Command
from modem.at.framer import MAX_LINE
from modem.engine import Engine
from modem.errors import AtCommandError, AtProtocolError, ModemError, PortLost
from tests.effort import examples
from tests.unit.at_helpers import Ask, imsi, model

# Any bytes

PIECES = (
    b"\r\n", b"\r", b"\n", b"AT+CSQ", b"+CSQ: 18,99", b"OK", b"ERROR", b"+CME ERROR: 10", b"> ",
    b"+CREG: 1", b"+CMT: x", b"+CMEE: 1", b"NO CARRIER", b"0", b"4", b"\x00", b"\xff", b"x" * 300,
    b"\r\nOK\r\n", b"\r\n+CMEE: 1\r\n\r\nOK\r\n", b"\x1a", b"\x1b", b"RDY", b"CONNECT",
)  # fmt: skip
NOISE = st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=12).map(b"".join)
COMMANDS = (
    Ask("AT+CSQ", r"\+CSQ: .*"),
    imsi(),
    model(),
    Ask("AT"),
    Ask("AT+CPIN?", r"\+CPIN: .*", final_optional=True),
    Ask("AT+EEMGINFO?", r"\+EEMG.*", data_after_final=True),
    Ask("AT+CMGS=9", r"\+CMGS: .*", payload=b"00FF\x1a"),
    Ask("ATD123", may_dial=True),
)


class Babbler:
    """Sends what it likes, when it likes: a part of `script` at each write, and by itself."""

    def __init__(self, script: list[tuple[float, bytes]]) -> None:
        self.now = 0.0
        self._script = script
        self._coming: list[tuple[float, bytes]] = []

    def clock(self) -> float:
        return self.now

    def write(self, data: bytes) -> None:
        del data
        for _ in range(2):
            if self._script:
                delay_s, piece = self._script.pop()
                self._coming.append((self.now + delay_s, piece))
        self._coming.sort(key=lambda each: each[0])

    def read(self, timeout_s: float) -> bytes:
        deadline = self.now + timeout_s
        if not self._coming or self._coming[0][0] > deadline:
            self.now = deadline
            return b""
        moment, piece = self._coming.pop(0)
        self.now = max(self.now, moment)
        return piece or b"\r"

    def close(self) -> None:
        self._coming.clear()


def size_of(channel: Channel) -> int:
    """Bytes and characters that a channel keeps."""
    answer, fence = channel._answer, channel._fence
    return (
        len(channel._framer._partial)
        + (sum(map(len, answer.lines)) if answer else 0)
        + (sum(map(len, fence.dropped)) if fence else 0)
        + sum(map(len, channel._sent))
        + len(channel._body_of or "")
    )


BOUND = MAX_LINE + MAX_ANSWER + _MAX_DROPPED * MAX_LINE + _ECHOES_KEPT * 64 + MAX_LINE


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
@given(
    script=st.lists(st.tuples(st.floats(0, 8), NOISE), max_size=40),
    order=st.lists(st.sampled_from(range(len(COMMANDS))), min_size=1, max_size=12),
    reopens=st.booleans(),
)
def test_any_bytes_give_a_value_or_a_modem_error_and_bounded_memory(script, order, reopens):
    modem = Babbler(list(script))
    heard: list[str] = []
    engine = Engine(
        modem,
        clock=modem.clock,
        on_urc=heard.append,
        reopen=(lambda: modem) if reopens else None,
    )
    for number in order:
        before = modem.now
        with suppress(ModemError):
            assert isinstance(engine.run(COMMANDS[number]), str)
        assert size_of(engine._channel) <= BOUND
        assert modem.now - before <= 30
    assert sum(map(len, heard)) <= sum(len(piece) + 2 for _, piece in script) + 64 * len(order)


@pytest.mark.parametrize("piece", [b"x", b"x\r\n" * 400, b"+CSQ: 1\r\n" * 64, b"\xff\r", b"> "])
def test_a_flood_is_bounded_in_memory_and_time(piece):
    modem = Babbler([])
    modem._coming = [(at / 1000, piece * (4096 // len(piece))) for at in range(400)]
    engine = Engine(modem, clock=modem.clock)
    with pytest.raises(ModemError):
        engine.run(COMMANDS[0])
    assert size_of(engine._channel) <= BOUND
    assert modem.now <= 10


# Late answers


@dataclass(frozen=True)
class Ask1:
    """A question to `Slow`: how it is answered, and what is done before it.

    `delay_s` None: never answered. `kind`: `x` has a name in its answer, `bare` has none, `set`
    answers OK alone, `no` is refused. `before`: `drop` gives the port back, `shout` restarts.
    """

    kind: str
    delay_s: float | None
    before: str = ""


DELAYS = st.none() | st.floats(0, 0.9) | st.floats(0.9, 1.6) | st.floats(1, 30)
QUESTIONS = st.lists(
    st.builds(
        Ask1,
        kind=st.sampled_from(["x", "x", "bare", "set", "no"]),
        delay_s=DELAYS,
        before=st.sampled_from(["", "", "", "", "drop", "wait"]),
    ),
    min_size=3,
    max_size=12,
)


class Numbered(Command[int]):
    """A command whose answer says whose it is, and which says so alone: `owns` cannot."""

    timeout_s = 1.0

    def __init__(self, kind: str, number: int) -> None:
        self.kind = kind
        self.number = number
        self.text = f"AT+{kind.upper()}={number}"

    def owns(self, line: str) -> bool:
        if self.kind == "x":
            return line.startswith("+X:")
        return self.kind == "bare" and re.fullmatch(r"\d+", line) is not None

    def parse(self, lines: tuple[str, ...]) -> int:
        if self.kind == "set":
            return self.number
        if len(lines) != 1:
            raise AtProtocolError(self.text, "unreadable answer", lines)
        return int(lines[0].removeprefix("+X:"))


class Slow:
    """Answers in order, each command after its own delay; some never. It may be opened again.

    What it is asked while it works waits in its line; with `deaf` it is lost instead.
    """

    def __init__(self, delays: list[float | None], *, echo: bool, deaf: bool, size: int) -> None:
        self.now = 0.0
        self.obeyed: set[str] = set()
        self._delays = delays
        self._echo = echo
        self._deaf = deaf
        self._size = size
        self._free_at = 0.0
        self._coming = b""
        self._events: list[tuple[float, bytes, str]] = []

    def clock(self) -> float:
        return self.now

    def write(self, data: bytes) -> None:
        if self._deaf and self.now < self._free_at:
            return
        text = data.decode().strip("\r\x1b")
        ours = re.fullmatch(r"AT\+(X|BARE|SET|NO)=(\d+)", text)
        delay_s = self._delays[int(ours[2])] if ours else 0.01
        if self._echo:
            self._events.append((self.now, data + b"\r\n", ""))
        if delay_s is None:
            return
        self._free_at = max(self._free_at, self.now) + delay_s
        self._events.append((self._free_at, self._answer(text, ours), text))
        self._events.sort(key=lambda event: event[0])

    def _answer(self, text: str, ours: "re.Match[str] | None") -> bytes:
        lines = {"X": b"\r\n+X: %s\r\n", "BARE": b"\r\n%s\r\n"}
        if ours is None:
            return b"\r\n%s: 1\r\n\r\nOK\r\n" % text[2:-1].encode()
        if ours[1] == "NO":
            return b"\r\nERROR\r\n"
        information = lines[ours[1]] % ours[2].encode() if ours[1] in lines else b""
        return information + b"\r\nOK\r\n"

    def read(self, timeout_s: float) -> bytes:
        deadline = self.now + timeout_s
        if not self._coming and self._events and self._events[0][0] <= deadline:
            moment, self._coming, text = self._events.pop(0)
            self.now = max(self.now, moment)
            self.obeyed.add(text)
        if not self._coming:
            self.now = deadline
            return b""
        piece, self._coming = self._coming[: self._size], self._coming[self._size :]
        return piece

    def close(self) -> None:
        """What comes meanwhile is kept for whoever opens the port next: the worst case."""


def lie(
    questions: list[Ask1], channel: type[Channel], *, echo: bool, deaf: bool, size: int
) -> str | None:
    """The first answer that was another command's; None where there was none."""
    modem = Slow([each.delay_s for each in questions], echo=echo, deaf=deaf, size=size)
    engine = Engine(modem, clock=modem.clock, reopen=lambda: modem)
    engine._channel = channel()
    engine._answered = True  # else a first silence would be probed for a modem at once
    for number, question in enumerate(questions):
        command = Numbered(question.kind, number)
        try:
            if question.before == "drop":
                engine.drop()
            elif question.before == "wait":
                engine.poll(1.0)
            value = engine.run(command)
        except AtCommandError:
            if question.kind != "no" or command.text not in modem.obeyed:
                return f"{command.text} was refused by another's ERROR"
        except ModemError:
            continue
        else:
            if value != number or command.text not in modem.obeyed or question.kind == "no":
                return f"{command.text} was answered {value} by another"
    return None


MODEMS = st.fixed_dictionaries(
    {"echo": st.booleans(), "deaf": st.booleans(), "size": st.sampled_from([1, 3, 7, 4096])}
)


@settings(max_examples=examples(250))
@given(questions=QUESTIONS, modem=MODEMS)
def test_a_late_answer_never_reaches_the_next_command(questions, modem):
    assert lie(questions, Channel, **modem) is None


class Unfenced(Channel):
    """The channel that all others have: a timeout only forgets the command."""

    def time_out(self) -> None:
        self._answer = None

    def doubt(self) -> None:
        pass


class ForgetfulWhenOpenedAgain(Channel):
    """A fence that opening the port again takes away."""

    def reopened(self) -> None:
        self._framer.clear()
        self._answer = self._fence = None


class SatisfiedWithAnyOk(Channel):
    """A fence that the first OK closes, be it the late one."""

    def _fenced_final(self, fence, final):
        fence.answered = True
        return super()._fenced_final(fence, final)


@pytest.mark.parametrize("channel", [Unfenced, ForgetfulWhenOpenedAgain, SatisfiedWithAnyOk])
def test_without_the_fence_or_a_part_of_it_one_does(channel):
    def lies(story: tuple[list[Ask1], dict]) -> bool:
        questions, modem = story
        return lie(questions, channel, **modem) is not None

    try:
        found = find(
            st.tuples(QUESTIONS, MODEMS),
            lies,
            settings=settings(
                max_examples=3000,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
            ),
        )
    except NoSuchExample:
        pytest.fail(f"{channel.__name__}: the property would not notice")
    assert lies(found)


def test_a_port_that_is_lost_ends_the_command_and_not_more():
    class Gone(Babbler):
        def read(self, timeout_s: float) -> bytes:
            raise PortLost(f"gone after {timeout_s} s")

    modem = Gone([])
    engine = Engine(modem, clock=modem.clock)
    with pytest.raises(PortLost):
        engine.run(COMMANDS[0])
