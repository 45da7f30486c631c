"""A recorded or written dialogue, played back byte for byte.

The file format is described in `docs/simulators.md`: header lines `key: value`, then `! LINE` for
what the modem says by itself at start, `> COMMAND`, and under it `< LINE` (a bare `<` is a blank
line), `<raw BYTES`, `<wait SECONDS` or `<never`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

from modem.simulator.device import CommandReader, TimedOutput, no_wake, pieces, same_command
from modem.simulator.fixture import (
    FixtureError,
    Reason,
    provenance_of,
    read_text,
    shipped,
    shipped_names,
)

Position = int | Literal["before", "between", "after", "everywhere"]

_LINE_ENDS = {"crlf": b"\r\n", "cr": b"\r", "lf": b"\n"}
_SWITCHES = {"on": True, "off": False}
_BUILT_IN = frozenset({"AT", "ATE0", "ATE1", "ATE"})


@dataclass(frozen=True)
class Answer:
    """What follows one command: `lines`, or exact bytes (`raw`) that include the echo if any.

    `wait_s` passes before it; `never` means that nothing comes at all.
    """

    lines: tuple[str, ...] = ()
    raw: bytes | None = None
    wait_s: float = 0.0
    never: bool = False


@dataclass(frozen=True)
class Dialogue:
    """One modem's dialogue; a command that stands in it twice is answered in that order.

    `unknown` is the final result of commands that are not in it; None: they are never answered.
    """

    exchanges: Mapping[str, tuple[Answer, ...]]
    model: str = ""
    provenance: str = "synthetic"
    source: str = ""
    note: str = ""
    echo: bool = False
    unknown: str | None = "ERROR"
    line_end: bytes = b"\r\n"
    boot_urcs: tuple[str, ...] = ()

    @classmethod
    def load(cls, name: str | Path) -> "Dialogue":
        """From a file, or from the shipped dialogue `family/name`.

        Raises:
            FixtureError: no such file, or something in it that is no dialogue.
        """
        shown = str(name)
        family, _, short = shown.partition("/")
        own = Path(name).is_file() or shown.count("/") > 1 or shown.endswith(".dialogue")
        if own or not isinstance(name, str):
            return cls.parse(read_text(Path(name)), shown)
        names = shipped_names(f"dialogues/{family}", ".dialogue")
        if short not in names:
            known = [f"{family}/{each}" for each in names] or [
                f"{each}/..." for each in _families()
            ]
            raise FixtureError(shown, "", "no such fixture", tuple(known))
        source = shipped(f"dialogues/{family}", short, ".dialogue")
        return cls.parse(read_text(source), shown)

    def at_once(self) -> "Dialogue":
        """The same without the waits before its answers."""
        exchanges = {
            command: tuple(replace(answer, wait_s=0.0) for answer in answers)
            for command, answers in self.exchanges.items()
        }
        return replace(self, exchanges=exchanges)

    @classmethod
    def parse(cls, text: str, file: str) -> "Dialogue":
        """From the text of a dialogue file; `file` names it in errors.

        Raises:
            FixtureError: with the line that is wrong.
        """
        return _Parser(file).parse(text)


def _families() -> list[str]:
    """The folders of shipped dialogues."""
    folder = files("hardware_fixtures").joinpath("dialogues")
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())


class _Parser:
    """Reads one dialogue file, line by line."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._line = 0
        self._headers: dict[str, str] = {}
        self._boot: list[str] = []
        self._exchanges: dict[str, list[Answer]] = {}
        self._answers: list[Answer] | None = None

    def parse(self, text: str) -> Dialogue:
        for self._line, line in enumerate(text.splitlines(), start=1):
            if line.strip() and not line.startswith("#"):
                self._read(line)
        return self._finish()

    def _error(self, reason: Reason, place: str | None = None) -> FixtureError:
        return FixtureError(self._file, self._line if place is None else place, reason)

    def _read(self, line: str) -> None:
        if line.startswith(">"):
            self._start(line[1:].strip())
        elif line.startswith("<"):
            self._add(line[1:])
        elif line.startswith("!"):
            self._boot.append(line[1:].removeprefix(" "))
        elif self._answers is None and ":" in line:
            key, _, value = line.partition(":")
            self._header(key.strip(), value.strip())
        else:
            raise self._error("neither a header nor a line of a dialogue")

    def _header(self, key: str, value: str) -> None:
        known = {"model", "provenance", "source", "note", "echo", "unknown", "line-end"}
        if key not in known:
            raise self._error("unknown key")
        if key == "echo" and value not in _SWITCHES:
            raise self._error("echo must be on or off")
        if key == "line-end" and value not in _LINE_ENDS:
            raise self._error("line-end must be crlf, cr or lf")
        self._headers[key] = value

    def _start(self, command: str) -> None:
        if not command.upper().startswith("AT"):
            raise self._error("a command begins with AT")
        self._answers = self._exchanges.setdefault(same_command(command), [])
        self._answers.append(Answer())

    def _add(self, rest: str) -> None:
        if self._answers is None:
            raise self._error("an answer without a command")
        answer = self._answers[-1]
        word, _, value = rest.partition(" ")
        if word == "":
            answer = replace(answer, lines=(*answer.lines, value))
        elif word == "raw":
            answer = replace(answer, raw=(answer.raw or b"") + self._bytes(value))
        elif word == "wait":
            answer = replace(answer, wait_s=self._seconds(value))
        elif word == "never":
            answer = replace(answer, never=True)
        else:
            raise self._error("after < comes a space, raw, wait or never")
        self._answers[-1] = answer

    def _bytes(self, value: str) -> bytes:
        try:
            return value.encode("latin-1").decode("unicode_escape").encode("latin-1")
        except UnicodeError as exc:
            raise self._error("wrong escape") from exc

    def _seconds(self, value: str) -> float:
        try:
            return float(value)
        except ValueError as exc:
            raise self._error("must be a number of seconds") from exc

    def _finish(self) -> Dialogue:
        get = self._headers.get
        for key in ("model", "provenance", "source"):
            if not get(key):
                raise self._error("missing", place=key)
        provenance, source = provenance_of(self._file, get("provenance"), get("source"))
        if not self._exchanges:
            raise self._error("no command in it", place="")
        unknown = get("unknown", "ERROR")
        return Dialogue(
            exchanges={command: tuple(answers) for command, answers in self._exchanges.items()},
            model=get("model", ""),
            provenance=provenance,
            source=source,
            note=get("note", ""),
            echo=_SWITCHES[get("echo", "off")],
            unknown=None if unknown == "never" else unknown,
            line_end=_LINE_ENDS[get("line-end", "crlf")],
            boot_urcs=tuple(self._boot),
        )


class DialoguePlayer:
    """A modem that knows one dialogue; see `Dialogue` and the `Device` protocol.

    `AT` and `ATE0`/`ATE1` are answered also where the dialogue lacks them. `interject` puts a line
    of its own into every answer: before its line number n (0 is the first; beyond the last: after
    it), or `before` the first, `between` the last two, `after` the last, or `everywhere`.
    `log` holds the commands with the times at which they came.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        *,
        echo: bool | None = None,
        interject: tuple[str, Position] | None = None,
    ) -> None:
        self.dialogue = dialogue
        self.log: list[tuple[float, str]] = []
        self._echo_at_start = dialogue.echo if echo is None else echo
        self._echo = self._echo_at_start
        self._interject = interject
        self._reader = CommandReader()
        self._echoed = 0  # bytes of the line being typed that were echoed already
        self._output = TimedOutput()
        self._free_at = float("-inf")
        self._played: dict[str, int] = {}
        self._wake: Callable[[], None] = no_wake
        self._say_boot_urcs(float("-inf"))

    @classmethod
    def from_exchanges(
        cls,
        exchanges: Mapping[str, Sequence[str]],
        *,
        echo: bool,
        boot_urcs: Sequence[str] = (),
        raw: Mapping[str, str] | None = None,
        interject: tuple[str, Position] | None = None,
        unknown: str | None = "ERROR",
    ) -> "DialoguePlayer":
        """A player for answers as lines (blank ones included), or as exact text where `raw` has it.

        `raw` includes the echo; with `echo` off it is taken away again.
        """
        exact = raw or {}
        answers = {
            same_command(command): (
                Answer(
                    lines=tuple(lines),
                    raw=exact[command].encode() if command in exact else None,
                ),
            )
            for command, lines in exchanges.items()
        }
        dialogue = Dialogue(
            exchanges=answers, echo=echo, unknown=unknown, boot_urcs=tuple(boot_urcs)
        )
        return cls(dialogue, interject=interject)

    def receive(self, data: bytes, now: float) -> None:
        """Take what the client typed; answers are queued."""
        for piece in pieces(data):
            echo = piece.replace(b"\n", b"") if self._echo else b""
            command = self._reader.feed(piece)
            if command is None:
                self._output.put(now, echo)
                self._echoed = 0 if piece.endswith(b"\r") else self._echoed + len(echo)
            else:
                self.log.append((now, command))
                self._answer(command, echo, now)
                self._echoed = 0

    def poll(self, now: float) -> bytes:
        """The bytes that are due."""
        return self._output.take(now)

    def next_event_at(self) -> float | None:
        """When the next bytes are due."""
        return self._output.next_at()

    def take_hang_up(self) -> bool:
        """A player never drops the line by itself."""
        return False

    def reboot(self, now: float) -> None:
        """Begin again: the dialogue's echo setting, its first answers, its lines at start."""
        self._echo = self._echo_at_start
        self._played.clear()
        self._output.clear()
        self._say_boot_urcs(now)
        self._wake()

    def attach(self, wake: Callable[[], None]) -> None:
        """See `Device.attach`."""
        self._wake = wake

    def _say_boot_urcs(self, at: float) -> None:
        for line in self.dialogue.boot_urcs:
            self._output.put(at, self._render((line,)))

    def _answer(self, command: str, echo: bytes, now: float) -> None:
        answer = self._next_answer(same_command(command))
        if answer is None or answer.never:
            self._output.put(now, echo)
            return
        body = self._render(answer.lines) if answer.raw is None else answer.raw
        typed = command.encode("latin-1")
        if answer.raw is not None and body[: len(typed)].upper() == typed.upper():
            # The recording holds the echo: "AT+CSQ\r", with some modems "AT+CSQ\r\n".
            end = len(typed) + (2 if body[len(typed) :].startswith(b"\r\n") else 1)
            echo, body = (body[self._echoed : end] if self._echo else b""), body[end:]
        self._free_at = max(now, self._free_at) + answer.wait_s
        self._output.put(now, echo)
        self._output.put(self._free_at, self._interjected(body))
        if command.upper() in {"ATE", "ATE0", "ATE1"}:
            self._echo = command.upper() == "ATE1"

    def _next_answer(self, command: str) -> Answer | None:
        answers = self.dialogue.exchanges.get(command)
        if answers is None:
            if command in _BUILT_IN:
                return Answer(lines=("OK",))
            unknown = self.dialogue.unknown
            return None if unknown is None else Answer(lines=(unknown,))
        played = self._played.get(command, 0)
        self._played[command] = played + 1
        return answers[min(played, len(answers) - 1)]

    def _render(self, lines: Sequence[str]) -> bytes:
        end = self.dialogue.line_end
        return end + b"".join(line.encode() + end for line in lines)

    def _interjected(self, body: bytes) -> bytes:
        if self._interject is None:
            return body
        line, position = self._interject
        return interject(body, self._render((line,)), position)


def interject(body: bytes, insertion: bytes, position: Position) -> bytes:
    """`body` with `insertion` at `position`, never inside a line; see `DialoguePlayer`."""
    chunks = body.splitlines(keepends=True)
    starts = [number for number, chunk in enumerate(chunks) if chunk.strip()]
    places = [*starts, len(chunks)]
    if position == "everywhere":
        chosen = set(places)
    elif position == "before":
        chosen = {places[0]}
    elif position == "between":
        chosen = {starts[-1]} if starts else {0}
    elif position == "after":
        chosen = {len(chunks)}
    else:
        chosen = {places[min(position, len(places) - 1)]}
    out = bytearray()
    for number in range(len(chunks) + 1):
        if number in chosen:
            out += insertion
        if number < len(chunks):
            out += chunks[number]
    return bytes(out)
