"""The AT side of a simulated modem: what is typed, what is obeyed, how it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from modem.simulator.answers import answerer
from modem.simulator.causes import CME_TEXTS
from modem.simulator.changes import Override
from modem.simulator.command_line import commands_of
from modem.simulator.device import CommandReader, TimedOutput, pieces, same_command
from modem.simulator.phone_answers import dial, hang_up
from modem.simulator.profile import CannedAnswer
from modem.simulator.request import read_request
from modem.simulator.scenario import fits
from modem.simulator.state import UNKNOWN, ModemState, Prompt, Refused
from modem.simulator.values import template_values

_NUMERIC_FINALS = {
    "OK": "0",
    "CONNECT": "1",
    "NO CARRIER": "3",
    "ERROR": "4",
    "BUSY": "7",
    "NO ANSWER": "8",
}
_PROMPT = b"\r\n> "
_SEND, _CANCEL = b"\x1a", b"\x1b"
_MAX_TEXT = 4096
# Basic commands that clients send and that change nothing here (V.250 clauses 5 and 6, unread).
_TAKEN = ("ATX", "ATL", "ATM", "ATS", "ATO", "ATP", "ATT", "AT&C", "AT&D", "AT&K", "AT&S", "AT&W",
          "AT\\Q")  # fmt: skip


@dataclass(frozen=True)
class _Reply:
    """An answer as it goes out; `never`: none at all; `first`: the final result leads."""

    lines: tuple[str, ...] = ()
    final: str = "OK"
    first: bool = False
    never: bool = False


class Owner(Protocol):
    """The modem around a terminal."""

    def is_deaf(self, now: float) -> bool:
        """Whether nothing is heard just now."""
        ...

    def heard(self, line: str, now: float) -> None:
        """A command line came; it has not been obeyed yet."""
        ...

    def obeyed(self, commands: Sequence[str], line: str, answer: Sequence[str], at: float) -> None:
        """The commands of `line` were answered; the answer leaves at the time `at`."""
        ...


class Terminal:
    """Reads command lines and queues what is said; `state` is changed as they ask."""

    def __init__(self, state: ModemState, output: TimedOutput, owner: Owner) -> None:
        self._state = state
        self._output = output
        self._owner = owner
        self._reader = CommandReader()
        self._prompt: Prompt | None = None
        self._prompted_by = ""
        self._text = bytearray()
        self._overrides: list[Override] = []
        self._spent: dict[Override, int] = {}

    def reset(self) -> None:
        """Forget what was typed and not finished."""
        self._reader = CommandReader()
        self._prompt = None
        self._text.clear()

    def override(self, override: Override) -> None:
        """From now on another answer to a command; the latest one for it counts."""
        self._overrides = [o for o in self._overrides if o.command != override.command]
        if not override.usual:
            self._overrides.append(replace(override, command=same_command(override.command)))

    def say(self, line: str, at: float) -> None:
        """Say `line` by itself."""
        self._output.put(at, f"\r\n{line}\r\n".encode())

    def hear(self, data: bytes, now: float) -> None:
        """Take what the client typed."""
        for piece in pieces(data):
            rest = piece
            while rest and not self._owner.is_deaf(now):
                rest = self._take_text(rest, now) if self._prompt else self._take_line(rest, now)

    def _take_line(self, piece: bytes, now: float) -> bytes:
        if self._state.settings.echo:
            self._output.put(now, piece.replace(b"\n", b""))
        line = self._reader.feed(piece)
        if line is not None:
            self._obey(line, now)
        return b""

    def _take_text(self, piece: bytes, now: float) -> bytes:
        """What stands before Ctrl-Z or ESC is the text; what comes behind it is given back."""
        ends = [at for mark in (_SEND, _CANCEL) if (at := piece.find(mark)) >= 0]
        end = min(ends) if ends else len(piece)
        if self._state.settings.echo:
            # The end is echoed too; oFono's chat waits for it.
            self._output.put(now, piece[: end + 1].replace(b"\n", b""))
        self._text += piece[:end][: _MAX_TEXT - len(self._text)]
        if ends:
            prompt, self._prompt = self._prompt, None
            text = self._text.decode("latin-1").lstrip("\n")
            self._text.clear()
            assert prompt is not None
            cancelled = piece[end : end + 1] == _CANCEL
            self._answer_text(prompt, None if cancelled else text, now)
        return piece[end + 1 :]

    def _answer_text(self, prompt: Prompt, text: str | None, now: float) -> None:
        try:
            reply = _Reply(tuple(prompt.done(text)) if text is not None else ())
        except Refused as refused:
            reply = _Reply(final=self._error(refused))
        self._send(reply, [self._prompted_by], self._prompted_by, now)

    def _obey(self, line: str, now: float) -> None:
        self._owner.heard(line, now)
        self._state.takes_s = 0.0
        self._state.error_is_new = False
        override = self._override_of(same_command(line))
        late_s = override.late_s if override else 0.0
        commands = [line]
        if override is not None and override.answer is not None:
            reply: _Reply | Prompt = self._canned(override.answer)
        elif same_command(line) in self._state.profile.answers:
            reply = self._one(line)
        else:
            commands = commands_of(line)
            reply = self._all(commands, line)
        if isinstance(reply, Prompt):
            self._prompt, self._prompted_by = reply, line
            self._output.put(now, _PROMPT)
            return
        self._send(reply, commands, line, now + late_s)

    def _all(self, commands: list[str], line: str) -> _Reply | Prompt:
        """One command after the other; the first that fails ends it."""
        lines: list[str] = []
        reply = _Reply()
        if ";" in line and len(commands) > 1 and not self._state.profile.style.concatenated:
            return _Reply(final=self._error(Refused(UNKNOWN)))
        try:
            for command in commands:
                answer = self._one(command)
                if isinstance(answer, Prompt):
                    return answer
                reply = answer
                lines += reply.lines
                if reply.final != "OK":
                    break
        except Refused as refused:
            return _Reply(tuple(lines), self._error(refused))
        return replace(reply, lines=tuple(lines))

    def _one(self, command: str) -> _Reply | Prompt:
        state, plain = self._state, same_command(command)
        state.takes_s += state.profile.delays.get(plain, 0.0)
        if (canned := state.profile.answers.get(plain)) is not None:
            return self._canned(canned)
        if plain in state.profile.reboot_commands | state.profile.power_off_commands:
            return _Reply()
        if self._obey_basic(plain, command):
            return _Reply()
        request = read_request(command)
        answer = None if request is None else answerer(state, request)
        if request is None or answer is None:
            raise Refused(UNKNOWN)
        lines = answer(state, request)
        if isinstance(lines, Prompt):
            return lines
        return _Reply(tuple(self._styled(line) for line in lines))

    def _canned(self, canned: CannedAnswer) -> _Reply:
        try:
            lines = self._filled(canned)
        except Refused as refused:
            return _Reply(final=self._error(refused))
        return _Reply(lines, canned.final, canned.final_first, canned.never)

    def _filled(self, canned: CannedAnswer) -> tuple[str, ...]:
        if canned.needs == "card":
            self._state.ready_card()
        if canned.needs == "powered":
            self._state.powered_card()
        if canned.needs == "network" and not self._state.camped:
            return canned.otherwise
        values = template_values(self._state)
        return tuple(line.format_map(values) for line in canned.lines)

    def _styled(self, line: str) -> str:
        separator = self._state.profile.style.separator
        return line if separator == ": " else line.replace(": ", separator, 1)

    def _obey_basic(self, plain: str, command: str) -> bool:
        """Whether it is a basic command; then it has been obeyed."""
        settings = self._state.settings
        if plain.startswith("ATD"):
            dial(self._state, command[3:].strip())
        elif plain in {"ATE", "ATE0", "ATE1"}:
            settings.echo = plain == "ATE1"
        elif plain in {"ATV", "ATV0", "ATV1"}:
            settings.verbose = plain == "ATV1"
        elif plain in {"ATQ", "ATQ0", "ATQ1"}:
            settings.quiet = plain == "ATQ1"
        elif plain in {"ATZ", "ATZ0", "AT&F", "AT&F0"}:
            settings.echo = self._state.profile.style.echo
            settings.verbose, settings.quiet = True, False
        elif plain in {"ATH", "ATH0", "ATH1"}:
            hang_up(self._state)
        elif plain == "ATA":
            raise Refused(final="NO CARRIER")
        else:
            return plain == "AT" or plain.startswith(_TAKEN)
        return True

    def _override_of(self, command: str) -> Override | None:
        """The override for `command`, which is used up by being found."""
        for override in reversed(self._overrides):
            if not fits(override.command, command):
                continue
            self._spent[override] = self._spent.get(override, 0) + 1
            if override.times and self._spent[override] >= override.times:
                self._overrides.remove(override)
                del self._spent[override]
            return override
        return None

    def _error(self, refused: Refused) -> str:
        """The final result of a refused command."""
        state = self._state
        if refused.final:
            return refused.final
        if refused.message:
            return f"+CMS ERROR: {refused.code}"
        code = refused.code
        if state.profile.style.error_text_volatile and not state.error_is_new:
            state.last_error = ""
        if code == UNKNOWN:
            unknown = state.profile.style.unknown
            if not unknown.startswith("cme:"):
                return unknown
            code = int(unknown.removeprefix("cme:"))
        if state.settings.cmee == 0:
            return "ERROR"
        text = CME_TEXTS.get(code, "unknown") if state.settings.cmee == 2 else code
        return f"+CME ERROR: {text}"

    def _send(self, reply: _Reply, commands: Sequence[str], line: str, now: float) -> None:
        at = now + self._state.takes_s
        if not reply.never:
            self._output.put(at, self._rendered(reply))
        self._owner.obeyed(commands, line, [*reply.lines, reply.final], at)

    def _rendered(self, reply: _Reply) -> bytes:
        settings = self._state.settings
        final = "" if settings.quiet else reply.final
        if not settings.verbose:
            numeric = _NUMERIC_FINALS.get(final)
            end = f"{final}\r\n" if numeric is None else f"{numeric}\r"
            return "".join([*(f"{line}\r\n" for line in reply.lines), end]).encode()
        information = "".join(f"{line}\r\n" for line in reply.lines)
        if information:
            information = f"\r\n{information}"
        compact = information and self._state.profile.style.compact
        result = (f"{final}\r\n" if compact else f"\r\n{final}\r\n") if final else ""
        return (result + information if reply.first else information + result).encode()
