"""The AT dialogue as a state machine: bytes in, events out, no clock and no port.

Idle -> `send` -> busy -> a final result -> idle. AT has no sequence numbers, so after a command
was given up (`time_out`) or its end is doubtful (`doubt`) the channel is *fenced*: nothing is sent
until the answer of a probe, a read whose line nothing else produces, shows that all before it has
been answered. docs/adr/0002-the-fence.md has the reasons.

Which command an information line belongs to is asked of the command (`owns`): shape, not position.
"""

import re
from typing import Any, NamedTuple

from modem.at.command import Command
from modem.at.finals import is_final, is_numeric_final, is_ok, may_be_unsolicited
from modem.at.framer import MAX_LINE, Framer, Overlong
from modem.at.orders import check_ordered
from modem.at.syntax import has_prefix, prefix_of
from modem.errors import AtUsageError

MAX_ANSWER = 256 * 1024
"""Longest answer kept, in characters; a modem that never ends must not fill the memory."""

PROBES = ("AT+CMEE?", "AT+CSCS?", "AT+CMGF?", "AT+CNMI?")
"""Reads that nearly every modem has, that need no card, and whose lines are never unsolicited."""

LAST_RESORT = "AT"
"""For a modem that refuses all probes: any final result, then silence, closes the fence."""

_ESCAPE = b"\x1b"  # leaves the prompt of +CMGS and its like (3GPP TS 27.005 clause 3.5.1, unread)
_MAX_DROPPED = 64
_ECHOES_KEPT = 6


class Completed(NamedTuple):
    """The command in flight ended: its own lines, and the final result as the modem wrote it.

    `final` is empty where only silence ended it. `cut` says that lines were too long or too many
    to be kept, so that `lines` is not the whole answer.
    """

    lines: tuple[str, ...]
    final: str
    cut: bool


class Urc(NamedTuple):
    """A line that no command owns; with a body (+CMT) the body follows after a line break."""

    line: str


class Prompt(NamedTuple):
    """The modem waits for the command's payload."""


class Refused(NamedTuple):
    """While fenced: the last probe was, as far as one can tell, not answered but refused."""

    final: str


class Resynced(NamedTuple):
    """The fence is closed; `dropped` are the late lines that it kept out (the first 64)."""

    dropped: tuple[str, ...]


Event = Completed | Urc | Prompt | Refused | Resynced | Overlong


class _Unheard(Command[None]):
    """A command whose answer nobody waits for."""

    def __init__(self, text: str) -> None:
        self.text = text

    def owns(self, line: str) -> bool:
        """No line is taken for an answer: what the modem says then may be its start."""
        del line
        return False


class _Answer:
    """What has come of one command's answer so far."""

    def __init__(self, command: Command[Any]) -> None:
        self.command = command
        self.lines: list[str] = []
        self.size = 0
        self.cut = False
        self.echoed = False
        self.awaits_prompt = command.payload is not None
        self.final = ""  # an `OK` that came before the one line

    def add(self, line: str) -> None:
        self.size += len(line) + 1
        if self.size > MAX_ANSWER:
            self.cut = True
        else:
            self.lines.append(line)

    def completed(self, final: str) -> Completed:
        return Completed(tuple(self.lines), final, self.cut)


class _Fence:
    """What was given up, and which probes were sent since."""

    def __init__(self, given_up: Command[Any]) -> None:
        self.given_up = given_up
        self.asked: list[str] = []
        self.finals = 0
        self.answered = False  # the line of the last probe has come, its OK has not
        self.closing = False  # only silence is missing
        self.wants_silence = False
        self.dropped: list[str] = []

    def next_probe(self, probes: tuple[str, ...]) -> str | None:
        """A probe that was not sent yet: a late answer to the same text could not be told."""
        for probe in probes:
            if probe not in self.asked and probe != self.given_up.text.upper():
                return probe
        refused_all = self.finals >= len(self.asked)
        return LAST_RESORT if refused_all and LAST_RESORT not in self.asked else None

    def drop(self, line: str) -> None:
        if len(self.dropped) < _MAX_DROPPED:
            self.dropped.append(line)


class Channel:
    """One modem's dialogue, one command at a time.

    `extra_finals` are final results of this modem alone. `urc_prefixes` are its unsolicited words;
    they matter where they have no `+` or the like in front (`PB DONE`), since a command that owns
    bare lines could take them. `body_urcs` are followed by a line of their own, which may be `OK`.
    """

    def __init__(
        self,
        *,
        extra_finals: tuple[str, ...] = (),
        urc_prefixes: tuple[str, ...] = (),
        probes: tuple[str, ...] = PROBES,
        body_urcs: tuple[str, ...] = ("+CMT", "+CDS", "+CBM"),
        max_line: int = MAX_LINE,
    ) -> None:
        self._probes = probes
        self._body_urcs = body_urcs
        self._framer = Framer(max_line)
        self._answer: _Answer | None = None
        self._fence: _Fence | None = None
        self._last: Command[Any] | None = None
        self._body_of: str | None = None
        self._sent: list[str] = []  # latest texts, upper case: each may come back as an echo
        self._echoed = False
        self._numeric = True  # ATV0 is possible until a final result came in words
        self.configure(extra_finals=extra_finals, urc_prefixes=urc_prefixes)

    def configure(self, *, extra_finals: tuple[str, ...], urc_prefixes: tuple[str, ...]) -> None:
        """Take what the profile knows, once the modem is known."""
        self._extra_finals = extra_finals
        self._urc_words = tuple(word.upper() for word in urc_prefixes if not prefix_of(word))

    @property
    def busy(self) -> bool:
        """Whether a command is in flight."""
        return self._answer is not None

    @property
    def fenced(self) -> bool:
        """Whether a probe must be answered before the next command may be sent."""
        return self._fence is not None

    @property
    def echoed(self) -> bool:
        """Whether the latest text came back as an echo."""
        return self._echoed

    @property
    def waits_for_silence(self) -> bool:
        """Whether `fall_silent` would end what is in flight, if nothing comes for a moment."""
        if self._fence:
            return self._fence.closing
        answer = self._answer
        if answer is None:
            return False
        return bool(answer.final) or (answer.command.final_optional and bool(answer.lines))

    def send(self, command: Command[Any]) -> bytes:
        r"""The bytes to write for `command`: its text and `\r`.

        Raises:
            AtUsageError: a command is in flight, the channel is fenced, or the text is none.
        """
        if self.busy or self.fenced:
            raise AtUsageError(f"{command.shown}: the channel is not free")
        _check(command.text, type(command).__module__)
        self._answer = _Answer(command)
        self._last = command
        return self._written(command.text)

    def receive_data(self, data: bytes) -> list[Event]:
        """What `data` brings, in order. Any bytes are accepted."""
        events: list[Event] = []
        for found in self._framer.feed(data):
            if isinstance(found, Overlong):
                if self._answer:
                    self._answer.cut = True
                events.append(found)
            else:
                events.extend(self._line(found.text))
        answer = self._answer
        if answer and answer.awaits_prompt and self._framer.take_prompt():
            answer.awaits_prompt = False
            events.append(Prompt())
        return events

    def fall_silent(self) -> list[Event]:
        """What a short silence means; only where `waits_for_silence`."""
        if not self.waits_for_silence:
            return []
        return [self._resynced()] if self._fence else [self._complete("")]

    def time_out(self) -> Completed | None:
        """Give up the command in flight; its answer may still come, so the channel is fenced.

        A one-line answer that came without its final result is given all the same.
        """
        answer, self._answer = self._answer, None
        if answer is None:
            return None
        self._numeric = True
        self._fence = _Fence(answer.command)
        return answer.completed("") if answer.command.one_line and answer.lines else None

    def doubt(self) -> None:
        """Fence after a command that ended, but perhaps not with its own final result."""
        if self._last and not self.busy and not self.fenced:
            self._fence = _Fence(self._last)

    def abandon(self, text: str) -> bytes:
        r"""The bytes of a command that goes out whatever is under way; then the channel is fenced.

        Raises:
            AtUsageError: the text is none.
        """
        _check(text, "")
        escape = self._escape(self._last)
        self._answer, self._last = None, _Unheard(text)
        self._fence = _Fence(self._last)
        self._fence.wants_silence = True  # probes that were sent before it may yet be answered
        return escape + self._written(text)

    def fence(self) -> bytes | None:
        """The bytes of the next probe, or None where only waiting is left.

        Raises:
            AtUsageError: the channel is not fenced.
        """
        if not self._fence:
            raise AtUsageError("the channel is not fenced")
        probe = self._fence.next_probe(self._probes)
        if probe is None:
            return None
        escape = b"" if self._fence.asked else self._escape(self._fence.given_up)
        self._fence.asked.append(probe)
        self._fence.answered = self._fence.closing = False
        return escape + self._written(probe)

    def reopened(self) -> None:
        """The port was opened anew: no line is under way, but late answers may still come.

        Where the channel was fenced the probes start over, and since an older one may yet be
        answered, silence must follow the answer.
        """
        self._framer.clear()
        self._body_of = None
        self.time_out()
        if self._fence:
            self._fence = _Fence(self._fence.given_up)
            self._fence.wants_silence = True

    def _escape(self, latest: Command[Any] | None) -> bytes:
        """What leaves a prompt that may be open since `latest`."""
        may_be_open = latest is not None and latest.payload is not None
        return _ESCAPE if self._framer.take_prompt() or may_be_open else b""

    def _written(self, text: str) -> bytes:
        self._echoed = False
        self._sent = [*self._sent[1 - _ECHOES_KEPT :], text.upper()]
        return text.encode("ascii") + b"\r"

    def _line(self, line: str) -> list[Event]:
        if self._body_of is not None:
            whole, self._body_of = f"{self._body_of}\n{line}", None
            return [Urc(whole)]
        head, echoed, rest = self._split_at_echo(line)
        events: list[Event] = [Urc(head)] if head else []
        if echoed:
            events.extend(self._note_echo())
        if rest:
            events.extend(self._information(rest))
        return events

    def _information(self, line: str) -> list[Event]:
        if self._has_body(line):
            self._body_of = line
            return []
        if self._fence:
            return self._fenced_line(self._fence, line)
        if self._answer:
            return self._answer_line(self._answer, line)
        return [Urc(line)]

    def _split_at_echo(self, line: str) -> tuple[str, bool, str]:
        """What stands before the echo of the latest text, whether there is one, what follows."""
        upper = line.strip().upper()
        latest = self._sent[-1] if self._sent else ""
        if upper in self._sent:
            return "", upper == latest, ""
        # An echo glued to what was left in the line before it, or to the answer behind it. Short
        # texts (`ATI`) could stand in an answer by chance.
        awaited = self._fence or (self._answer and not self._answer.echoed)
        if not awaited or len(latest) <= len("ATI0") or latest not in upper:
            return "", False, line
        head, rest = re.split(re.escape(latest), line, maxsplit=1, flags=re.IGNORECASE)
        stray = head.strip()
        return "" if stray.upper() in self._sent else stray, True, rest.strip()

    def _note_echo(self) -> list[Event]:
        """At the echo of the command in flight: what came before it was no answer to it."""
        self._echoed = True
        answer = self._answer
        if answer is None or answer.echoed:
            return []
        answer.echoed = True
        stale, answer.lines = answer.lines, []
        return [Urc(line) for line in stale]

    def _has_body(self, line: str) -> bool:
        name = prefix_of(line)
        if name not in self._body_urcs or (self._answer and self._answer.command.owns(line)):
            return False
        # In text mode a status report is one line: `+CDS: 6,24,"10086",129,...`; in PDU mode
        # its header has one number only (3GPP TS 27.005 clause 3.4.1, unread).
        return not (name == "+CDS" and "," in line)

    def _ends(self, line: str, owner: Command[Any] | None) -> bool:
        if is_final(line, self._extra_finals):
            # +CME ERROR is the same in ATV0, where OK is 0.
            self._numeric = self._numeric and line.upper().startswith("+CM")
            return True
        return self._numeric and is_numeric_final(line) and not (owner and owner.owns(line))

    def _answer_line(self, answer: _Answer, line: str) -> list[Event]:
        if may_be_unsolicited(line.strip()) and not answer.command.may_dial:
            return [Urc(line)]
        if self._ends(line, answer.command):
            final = line.strip()
            if answer.command.one_line and is_ok(final) and not (answer.lines or answer.final):
                answer.final = final
                return []
            return [self._complete(final)]
        if self._is_urc_word(line) or not answer.command.owns(line):
            return [Urc(line)]
        answer.add(line)
        return []

    def _is_urc_word(self, line: str) -> bool:
        upper = line.upper()
        return any(
            upper == word or (word.endswith(":") and upper.startswith(word))
            for word in self._urc_words
        )

    def _complete(self, final: str) -> Completed:
        assert self._answer is not None
        answer, self._answer = self._answer, None
        if may_be_unsolicited(final):
            self.doubt()
        return answer.completed(final or answer.final)

    def _fenced_line(self, fence: _Fence, line: str) -> list[Event]:
        if may_be_unsolicited(line.strip()) and not fence.given_up.may_dial:
            return [Urc(line)]
        if self._ends(line, None):
            return self._fenced_final(fence, line.strip())
        probe = next((p for p in fence.asked if has_prefix(line, _answer_prefix(p))), None)
        if probe is None and not fence.given_up.owns(line):
            return [Urc(line)]
        fence.drop(line)
        fence.answered = fence.answered or (probe is not None and probe == fence.asked[-1])
        return []

    def _fenced_final(self, fence: _Fence, final: str) -> list[Event]:
        answered, fence.answered = fence.answered and is_ok(final), False
        if answered and not fence.wants_silence:
            return [self._resynced()]
        fence.finals += bool(fence.asked)
        fence.closing = answered or fence.asked[-1:] == [LAST_RESORT]
        fence.drop(final)
        # A bare `OK` is the late answer's; a refusal is more likely the probe's own.
        refused = fence.asked and not fence.closing and not is_ok(final)
        return [Refused(final)] if refused else []

    def _resynced(self) -> Resynced:
        assert self._fence is not None
        fence, self._fence = self._fence, None
        return Resynced(tuple(fence.dropped))


def _check(text: str, module: str) -> None:
    """See that `text` is a command line, and that a class of `module` may have it sent.

    Raises:
        AtUsageError: it is none, or may not.
    """
    if not text or not text.isascii() or not text.isprintable():
        raise AtUsageError(f"not a command: {text!r}")
    check_ordered(text, module)


def _answer_prefix(probe: str) -> str:
    """`+CMEE` for `AT+CMEE?`."""
    return probe.removeprefix("AT").rstrip("?")
