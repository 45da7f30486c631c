"""Asking a modem for one snapshot: nothing twice, and no answer without a value or a reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast, overload

from modem.at.command import Command
from modem.causes import cme_code
from modem.commands.base import GAVE_NONE, UNREADABLE
from modem.errors import AtCommandError, AtProtocolError, AtTimeout, PortError, PortUnavailable
from modem.vendors.profile import Profile, command_class
from sim.reading import Absent, Reading, absent

T = TypeVar("T")
S = TypeVar("S")

UNSUPPORTED = "not supported by this modem"
RESTARTED = "the modem restarted meanwhile"
CARD_MOVED = "the card was moved meanwhile"
NO_CARD_CODES = frozenset({10, 13, 14})
"""SIM not inserted, failure, busy: no other command will know better."""

_TRIES_TO_SETTLE = 3


class Asker(Protocol):
    """What an interview needs of an engine."""

    commands_sent: int

    def run(self, command: Command[T], timeout_s: float | None = None) -> T:
        """The command's answer, or one of `modem.errors`."""
        ...

    def configure(
        self, *, extra_finals: tuple[str, ...], urc_prefixes: tuple[str, ...], guard_s: float
    ) -> None:
        """What is particular to the modem, once it is known."""
        ...


class Interview:
    """The questions of one snapshot to one modem.

    A refusal, a silence and an answer that cannot be read become `Absent`. So does all that is
    asked after the port was lost (`lost` says how); lost before anything was learned, it is raised.
    `identified` is whether the modem said who it is: one that did not is asked more widely.
    """

    def __init__(self, engine: Asker, profile: Profile, now: Callable[[], datetime]) -> None:
        self.engine = engine
        self.profile = profile
        self.now = now
        self.identified = True
        self.lost: str | None = None
        self.interrupted: str | None = None
        """Why what was answered so far may be of another start of the modem, or another card."""
        self.card_moved = False
        """Whether the modem said so meanwhile; whether it is another card has to be asked."""
        self._starts_heard = 0
        self._was_silent = False
        self._learned = False
        # By class as well as by text: two classes may read different things in one answer.
        self._answers: dict[tuple[type[Command[object]], str], Reading[object]] = {}
        self._numeric_errors = False
        self._owed: list[Command[None]] = []

    @overload
    def ask(self, command: Command[T | Absent], *, again: bool = False) -> Reading[T]: ...

    @overload
    def ask(self, command: Command[T], *, again: bool = False) -> Reading[T]: ...

    def ask(self, command: Command[Any], *, again: bool = False) -> Reading[Any]:
        """The command's answer; the first one where it was asked before, but for `again`.

        Raises:
            PortError: the port went away before anything was learned.
        """
        asked = (type(command), command.text)
        if again or asked not in self._answers:
            self._answers[asked] = self._run(command)
        return self._answers[asked]

    def ask_again(self, question: str, source: str) -> Reading[T]:
        """The rung of the ladder for `question` that `source` names, asked once more."""
        rungs = self.profile.ladder(question, identified=self.identified)
        commands = [command_class(path)() for path in rungs]
        command = next(each for each in commands if each.text == source)
        return cast("Reading[T]", self.ask(command, again=True))

    def hear_start(self) -> None:
        """Note that the modem said, in the middle of it, that it started.

        It did only if it also left a command without answer: makers disagree about such lines.
        """
        self._starts_heard += 1

    def hear_card(self) -> None:
        """Note that the modem said, in the middle of it, that its card moved."""
        self.card_moved = True

    def forget(self) -> None:
        """Begin anew: all is asked again, settings of the modem too."""
        self._answers.clear()
        self._numeric_errors = self._was_silent = self.card_moved = False
        self.interrupted = None

    def put_back(self, command: Command[None]) -> Reading[None]:
        """Send a command that sets something: always sent, never remembered."""
        return cast("Reading[None]", self._run(command))

    def restore(self, command: Command[None]) -> None:
        """Send a command that undoes a setting; `settle` does where the modem is too busy now.

        What keeps it busy is the answer to an earlier command, which comes late.
        """
        reason = self.put_back(command).reason or ""
        if reason.startswith("timeout") and reason != f"timeout {command.timeout_s:g} s":
            self._owed.append(command)

    def settle(self) -> None:
        """Send what `restore` could not send; the last thing to do with a modem."""
        for _ in range(_TRIES_TO_SETTLE):
            owed, self._owed = self._owed, []
            for command in owed:
                self.restore(command)

    def ladder(
        self, question: str, *, of_card: bool = False, believe_none: bool = False
    ) -> Reading[T]:
        """The first value on the profile's ladder for `question`; else why the first had none.

        A second silence ends it, and so does (for a question of the card) a card that is not
        there. `believe_none`: so does a modem that answered the question, but with nothing.

        Raises:
            PortError: the port went away before anything was learned.
        """
        first: Reading[T] | None = None
        silences = 0
        for path in self.profile.ladder(question, identified=self.identified):
            reading = cast("Reading[T]", self.ask(command_class(path)()))
            if reading.reason is None or (believe_none and reading.reason == GAVE_NONE):
                return reading
            first = first or reading
            silences += reading.reason.startswith("timeout")
            if silences > 1 or (of_card and cme_code(reading.reason) in NO_CARD_CODES):
                break
        return first or absent(UNSUPPORTED)

    def want_numeric_errors(self) -> bool:
        """Have refusals numbered (AT+CMEE=1), once; whether the modem took it just now."""
        from modem.commands.control import SetNumericErrors

        if self._numeric_errors:
            return False
        self._numeric_errors = True
        return self.put_back(SetNumericErrors()).reason is None

    def run(self, command: Command[T], timeout_s: float | None = None) -> T:
        """As the engine's, for a way to the card; no answer any more once the port is gone.

        Raises:
            AtTimeout, AtCommandError, AtProtocolError: see `Engine.run`.
            PortError: the port went away before anything was learned.
        """
        if self.lost is None:
            starts, was_silent = self._starts_heard, self._was_silent
            self._was_silent = False
            try:
                value = self.engine.run(command, timeout_s)
            except AtTimeout:
                self._was_silent = True
                raise
            except PortError as error:
                if not self._learned:
                    raise
                self.lost = error.reason if isinstance(error, PortUnavailable) else str(error)
            else:
                self._learned = self._learned or value is not None
                return value
            finally:
                if self._starts_heard > starts and (was_silent or self._was_silent):
                    self.interrupted = RESTARTED
        raise AtProtocolError(command.shown, self.lost)

    def _run(self, command: Command[object] | Command[T]) -> Reading[object]:
        value: object
        try:
            value = self.run(cast("Command[object]", command))
        except AtTimeout as silence:
            value = Absent(f"timeout {silence.timeout_s:g} s")
        except AtCommandError as refusal:
            value = Absent(refusal.final)
        except AtProtocolError as confusion:
            value = Absent(self.lost or (UNREADABLE if confusion.lines else GAVE_NONE))
        return Reading(value, command.shown, self.now())


def part_of(reading: Reading[S], pick: Callable[[S], T | Absent | None]) -> Reading[T]:
    """One member of an answer as a reading of its own; None is what the modem left out."""
    if isinstance(reading.value, Absent):
        return Reading(reading.value, reading.source, reading.taken_at)
    value = pick(reading.value)
    return Reading(Absent(GAVE_NONE) if value is None else value, reading.source, reading.taken_at)


def first_known(*readings: Reading[T]) -> Reading[T]:
    """The first reading with a value; else the first."""
    return next((reading for reading in readings if reading.known is not None), readings[0])
