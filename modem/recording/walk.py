"""Asking a modem for all that may safely be asked, and keeping what it says.

Safe is what changes nothing, uses up no try and shows nothing that belongs to a person beyond the
identifiers that are replaced afterwards: no setting, no PIN, no short message, no phone book.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from modem.at.command import Command
from modem.engine import Engine
from modem.errors import AtCommandError, AtProtocolError, AtTimeout, PortLost
from modem.recording.capture import Captured, CaptureStream
from modem.service import ModemService
from modem.snapshot import ModemSnapshot
from modem.transport.base import ByteStream
from modem.vendors.profile import Profile, command_class
from modem.vendors.select import GENERIC, load_profile, profile_names

T = TypeVar("T")

UNKNOWN_COMMAND = "AT+SIMWARD?"
"""Asked to learn how the modem answers a command that it lacks."""

BASE = (
    "ATI", "AT+GMI", "AT+GMM", "AT+GMR", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN", "AT+GCAP",
    "AT+CFUN?", "AT+CFUN=?", "AT+CMEE?", "AT+CPIN?", "AT+CIMI", "AT+CCID", "AT+ICCID",
    "AT+CRSM=176,12258,0,0,10", "AT+CRSM=192,12258", "AT+CRSM=176,28589,0,0,4", "AT+CNUM",
    "AT+CSCA?", "AT+CPINR", 'AT+CLCK="SC",2', 'AT+CLCK="PS",2', 'AT+CLCK="PN",2',
    "AT+CREG?", "AT+CGREG?", "AT+CEREG?", "AT+C5GREG?", "AT+CREG=?", "AT+CEREG=?", "AT+COPS?",
    "AT+CSQ", "AT+CESQ", "AT+CEER", "AT+CGATT?", "AT+CGDCONT?", "AT+CGACT?", "AT+CGPADDR",
    "AT+CGCONTRDP", "AT+CGEREP?", "AT+CCLK?", "AT+CTZR?", "AT+CTZU?", "AT+CSCS?", "AT+CSCS=?",
    "AT+CPMS?", "AT+CPMS=?", "AT+CMGF?", "AT+CNMI?", "AT+CNMI=?", "AT+CPAS", "AT+CBC", "AT+WS46?",
    "AT+CNEC?", "AT+CLAC",
)  # fmt: skip
"""What every modem is asked, whoever made it."""

_SAFE = re.compile(
    r"""AT(?:
        I\d*
      | [+^%\#$*!][A-Z][A-Z0-9]*=?\?                 # read and test forms
      | \+CLCK="[A-Z]{2}",2                          # asking for a lock, not setting it
      | \+CRSM=(?:176|178|192|242),[0-9,]*           # reading a file of the card
      | \+CSIM=\d+,"[08A]0(?:A4|B0|B2|C0|F2)[0-9A-F]*"
      | \+CGSN=\d
      | \+CPINR="SIM[ ](?:PIN|PUK)2?"
      | \+CG(?:PADDR|CONTRDP)=\d+
    )""",
    re.VERBOSE,
)
# What shows somebody's own, or (a search for networks) interrupts what runs.
_UNSAFE = re.compile(
    r"AT\+(CMG[LRSWD]|CPB[RFSW]|CUSD|CGAUTH|QICSGP|CPIN2?=|CPWD|COPS=\?|CPOL)", re.IGNORECASE
)
_REGISTRATION = frozenset({"AT+CREG?", "AT+CGREG?", "AT+CEREG?", "AT+C5GREG?"})
_PATIENCE_S = 8.0
_SETTLES_S = 0.05


@dataclass(frozen=True)
class Exchange:
    """One command, what came after it (the echo included), and how long that took.

    `wait_s` is the time to the first byte behind the echo; `never`: there was none.
    """

    command: str
    data: bytes
    wait_s: float = 0.0
    never: bool = False


@dataclass(frozen=True)
class Recording:
    """A modem's dialogue as it was; nothing in it has been replaced yet."""

    model: str
    revision: str
    profile: str
    exchanges: tuple[Exchange, ...]
    echo: bool
    located: frozenset[str]
    """Commands whose answers say where the modem is."""
    snapshot: ModemSnapshot | None = None
    """What `simward status` makes of the answers."""


def is_safe(text: str, own: frozenset[str] = frozenset()) -> bool:
    """Whether `text` may be asked: one of `own` (the profile's), or of a shape that only reads."""
    if _UNSAFE.match(text):
        return False
    return text in own or text in BASE or _SAFE.fullmatch(text) is not None


class _Anything(Command[None]):
    """A command whose answer nobody reads here; every line may be of it."""

    timeout_s = _PATIENCE_S

    def __init__(self, text: str) -> None:
        self.text = text

    def owns(self, line: str) -> bool:  # noqa: ARG002 - whatever it says
        """Every line is ours."""
        return True

    def parse(self, lines: tuple[str, ...]) -> None:
        """Nothing to read."""


class Recorder:
    """An engine that asks only what is safe, and keeps each answer as it came.

    What is not safe it refuses by itself, as a modem would that lacks the command.
    """

    def __init__(self, stream: ByteStream, clock: Callable[[], float]) -> None:
        self._stream = CaptureStream(stream, clock)
        self._engine = Engine(self._stream, clock=clock)
        self._own = commands_of_profiles()
        self._kept: list[tuple[Captured, bool]] = []
        self.commands_sent = 0

    def configure(
        self, *, extra_finals: tuple[str, ...], urc_prefixes: tuple[str, ...], guard_s: float
    ) -> None:
        """Take what the profile knows, once the modem is known."""
        self._engine.configure(
            extra_finals=extra_finals, urc_prefixes=urc_prefixes, guard_s=guard_s
        )

    def run(self, command: Command[T], timeout_s: float | None = None) -> T:
        """The answer's value, see `Engine.run`; refused here where it is not safe to ask."""
        if not is_safe(command.text, self._own):
            raise AtCommandError(command.text, "ERROR")
        before = len(self._stream.captured)
        silent = False
        try:
            return self._engine.run(command, timeout_s)
        except AtTimeout:
            silent = True
            raise
        finally:
            self.commands_sent = self._engine.commands_sent
            # The last time that it was written counts: before it stood left-over bytes or a fence.
            written = self._stream.captured[before:]
            own = [each for each in written if each.command == command.text]
            self._kept += [(own[-1], silent)] if own else []

    def ask(self, text: str) -> None:
        """Keep what the modem says to `text`, whatever it is; once is enough."""
        if any(captured.command == text for captured, _ in self._kept):
            return
        with suppress(AtCommandError, AtProtocolError, AtTimeout):
            self.run(_Anything(text))
            self._engine.poll(_SETTLES_S)  # some firmware sends data behind the final result

    def exchanges(self) -> tuple[Exchange, ...]:
        """All that was asked, in its order."""
        return tuple(_exchange(captured, silent) for captured, silent in self._kept)


def _exchange(captured: Captured, silent: bool) -> Exchange:
    data = captured.data
    echo = len(captured.command) + 1 if echoes(captured.command, data) else 0
    if silent:  # the engine gave up; what may have come later is not its answer any more
        return Exchange(captured.command, data[:echo], never=True)
    return Exchange(captured.command, data, captured.waited_s(echo))


def echoes(command: str, data: bytes) -> bool:
    """Whether `data` begins with the command itself."""
    return data[: len(command)].upper() == command.upper().encode("latin-1")


@cache
def commands_of_profiles() -> frozenset[str]:
    """What `simward status` would ask of any modem; the commands that only read."""
    return frozenset(text for name in profile_names() for text in _own(load_profile(name)))


def _own(profile: Profile) -> list[str]:
    """What the ladders of a profile ask; those for strangers where it is nobody's in particular."""
    tables = [profile.commands]
    if profile.name == GENERIC:
        tables.append(profile.unidentified)
    paths = [path for table in tables for ladder in table.values() for path in ladder]
    return [command_class(path)().text for path in dict.fromkeys(paths)]


def located_commands(profile: Profile) -> frozenset[str]:
    """The commands whose answers say where the modem is."""
    questions = ("signal_more", "plmn", "reject")
    paths = [path for question in questions for path in profile.ladder(question)]
    if profile.name == GENERIC:
        paths += [path for q in questions for path in profile.ladder(q, identified=False)]
    return frozenset(command_class(path)().text for path in paths) | _REGISTRATION


def record(
    stream: ByteStream,
    *,
    clock: Callable[[], float] = time.monotonic,
    told: Callable[[str], object] | None = None,
) -> Recording:
    """Walk the modem at `stream`: first what `simward status` asks, then the rest of the list.

    `told` hears each command of the second part before it is asked.

    Raises:
        PortError: the port went away.
    """
    recorder = Recorder(stream, clock)
    snapshot = ModemService(recorder, now=lambda: datetime.now(UTC)).read()
    if snapshot.lost is not None:
        raise PortLost(snapshot.lost)
    profile = load_profile(snapshot.profile)
    for text in (*_own(profile), *BASE, UNKNOWN_COMMAND):
        if told is not None:
            told(text)
        recorder.ask(text)
    exchanges = recorder.exchanges()
    identity = snapshot.identity
    answered = [exchange for exchange in exchanges if not exchange.never]
    return Recording(
        model=(identity and identity.model.known) or "unknown",
        revision=(identity and identity.revision.known) or "unknown",
        profile=profile.name,
        exchanges=exchanges,
        echo=sum(echoes(each.command, each.data) for each in answered) * 2 > len(answered),
        located=located_commands(profile),
        snapshot=snapshot,
    )
