"""The one owner of a port: writes a command, reads to its deadline, fences, hands URCs on.

Blocking, for one thread. Time comes from `clock` and passes inside `ByteStream.read` alone, so
tests run on virtual time.
"""

import time
from collections.abc import Callable

from modem.at.channel import Channel, Completed, Event, Prompt, Refused, Resynced, Urc
from modem.at.command import Command, T
from modem.at.finals import is_ok, refusal
from modem.errors import AtCommandError, AtProtocolError, AtTimeout, PortLost
from modem.transport.base import ByteStream

SILENCE_S = 0.3
"""How long nothing must come for an answer without final result to count as whole."""

FENCE_S = 2.0
"""What closing the fence may cost before one command."""

PATIENCE = 5
"""After so many fences in a row that did not close the modem counts as gone."""

NO_ANSWER = "the modem does not answer"
GARBLED = "only garbage comes: wrong speed (baud rate), or no AT port"
FLOODED = "the port never stops sending"
CLOSED = "closed"

FLOOD_BYTES = 1 << 20
FLOOD_S = 10.0
"""So much so fast without one answer is no modem's talk: 115200 baud carry a tenth of it."""

# Text and its control characters; and NUL, which a UART gives while its other end has no power.
_PLAIN = bytes([0, 7, 8, 9, 10, 13, 26, 27, *range(32, 127)])
_ODD_BYTES = 3


class Engine:
    """Runs one command at a time on `stream`, which it owns from now on.

    `on_urc` gets every line that is no answer, as it comes (a body, as of +CMT, after a line
    break); it must not call back. `guard_s` is the pause that the modem needs between an answer
    and the next command. `reopen` opens the port again after it was lost, or where the modem fell
    silent; without it these end in `PortLost`. `meanwhile` is called once, when the first command
    has been written: work that may as well be done while the modem thinks.
    """

    def __init__(
        self,
        stream: ByteStream,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_urc: Callable[[str], None] | None = None,
        extra_finals: tuple[str, ...] = (),
        urc_prefixes: tuple[str, ...] = (),
        guard_s: float = 0.0,
        fence_s: float = FENCE_S,
        reopen: Callable[[], ByteStream] | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        self.commands_sent = 0
        """AT command lines written so far, probes of the fence included."""
        self.fences_closed = 0
        self.times_reopened = 0
        self._stream: ByteStream | None = stream
        self._closed = False
        self._clock = clock
        self._on_urc = on_urc
        self._guard_s = guard_s
        self._fence_s = fence_s
        self._reopen = reopen
        self._meanwhile = meanwhile
        self._channel = Channel(extra_finals=extra_finals, urc_prefixes=urc_prefixes)
        self._free_at = clock()
        self._first = True  # the next command is the first since the port was opened
        self._answered = False  # any command was, ever
        self._spoke = False  # anything came in the latest read
        self._failed_fences = 0
        self._heard = self._odd = 0  # bytes since the latest answer, and those that are no text
        self._flood_since, self._flood = clock(), 0

    @property
    def is_open(self) -> bool:
        """Whether the port is open; a command opens it where the engine was told how."""
        return self._stream is not None

    @property
    def echo_is_on(self) -> bool:
        """Whether the modem echoed the latest command."""
        return self._channel.echoed

    def configure(
        self, *, extra_finals: tuple[str, ...], urc_prefixes: tuple[str, ...], guard_s: float
    ) -> None:
        """Take what the profile knows, once the modem is known."""
        self._channel.configure(extra_finals=extra_finals, urc_prefixes=urc_prefixes)
        self._guard_s = guard_s

    def run(self, command: Command[T], timeout_s: float | None = None) -> T:
        """The answer's value; `timeout_s` instead of the command's own patience.

        Raises:
            CmeError, CmsError, AtCommandError: the modem refused.
            AtTimeout: no answer in time, or an earlier command still keeps the modem busy.
            AtProtocolError: an answer, but not to this command.
            PortLost: the port is gone, or the modem behind it does not answer any more.
            PortUnavailable: the port was gone and could not be opened again.
            AtUsageError: the command cannot be sent.
        """
        self._make_ready(command)
        patience_s = command.timeout_s if timeout_s is None else timeout_s
        first, self._first = self._first, False
        try:
            return self._ask(command, patience_s)
        except (AtCommandError, AtProtocolError) as error:
            if not (first and _first_answer_is_doubtful(error) and _is_harmless(command.text)):
                raise
        # The first command met bytes that somebody left in the modem's line buffer (EC2x gateway:
        # the first `AT` answers ERROR), or the answer to somebody else's last command.
        self._make_ready(command)
        return self._ask(command, patience_s)

    def poll(self, timeout_s: float) -> None:
        """Read URCs for `timeout_s` seconds; 0 takes what is there.

        Raises:
            PortLost: the port is gone.
        """
        deadline = self._clock() + timeout_s
        self._receive(0)
        while (left_s := deadline - self._clock()) > 0:
            self._receive(left_s)

    def shout(self, text: str) -> None:
        """Write the command line `text` whatever is under way, and wait for nothing.

        For a modem that may not answer any more (a restart). The next command waits behind the
        fence.

        Raises:
            PortLost: the port is gone.
            PortUnavailable: it was gone and could not be opened again.
            AtUsageError: `text` cannot be sent.
        """
        if self._stream is None:
            self._open_again()
        self._write(self._channel.abandon(text))
        self.commands_sent += 1

    def drop(self) -> None:
        """Give the port back for now; the next command opens it again, behind the fence."""
        self._drop_stream()

    def close(self) -> None:
        """Give the port back; calling it twice is harmless."""
        self._closed = True
        self._drop_stream()

    def _make_ready(self, command: Command[T]) -> None:
        """An open port, an idle modem, and nothing unread."""
        try:
            self._receive(0)
        except PortLost:
            if self._reopen is None:
                raise
            self._open_again()
        while (left_s := self._free_at - self._clock()) > 0:
            self._receive(left_s)
        if self._channel.fenced:
            self._close_fence(command)

    def _ask(self, command: Command[T], patience_s: float) -> T:
        completed = self._exchange(command, patience_s)
        if command.any_text and len(set(completed.lines)) > 1:
            completed = self._said_twice(command, patience_s, completed)
        return self._value(command, completed)

    def _said_twice(self, command: Command[T], patience_s: float, first: Completed) -> Completed:
        """What a second answer confirms of `first`, whose lines may not all be the modem's word."""
        try:
            self._make_ready(command)
            second = self._exchange(command, patience_s)
        except AtTimeout:
            return first
        both = tuple(line for line in first.lines if line in second.lines)
        return first._replace(lines=both) if both else first

    def _exchange(self, command: Command[T], patience_s: float) -> Completed:
        try:
            self._write(self._channel.send(command))
            self.commands_sent += 1
            if self._meanwhile is not None:
                meanwhile, self._meanwhile = self._meanwhile, None
                meanwhile()
            completed = self._await_answer(command, self._clock() + patience_s)
        except KeyboardInterrupt:
            self._channel.time_out()  # whoever has a setting to undo can still send it
            raise
        self._free_at = self._clock() + self._guard_s
        if completed is None:
            completed = self._channel.time_out()
        if completed is None:
            # Nothing was ever answered, whatever came (noise, an echo, a login prompt): this one
            # command alone may be the silent one, a probe tells.
            if not self._answered and not self._probe(self._clock() + self._fence_s):
                self._lose(self._why_no_answer())
            raise AtTimeout(command.shown, patience_s)
        self._note_answer()
        return completed

    def _value(self, command: Command[T], completed: Completed) -> T:
        if completed.final and not is_ok(completed.final):
            from modem.causes import cme_code_of_words, cms_code_of_words

            raise refusal(command.shown, completed.final, cme_code_of_words, cms_code_of_words)
        if completed.cut:
            raise AtProtocolError(command.shown, "answer too long", completed.lines)
        try:
            return command.parse(completed.lines)
        except AtProtocolError:
            if not completed.lines:
                # `OK` without the data that should stand before it may be a stray one, and then
                # this command's own answer is still under way.
                self._channel.doubt()
            raise

    def _await_answer(self, command: Command[T], deadline: float) -> Completed | None:
        completed: Completed | None = None
        while completed is None and (left_s := deadline - self._clock()) > 0:
            for event in self._receive_or_silence(left_s):
                if isinstance(event, Completed):
                    completed = event
                elif isinstance(event, Prompt):
                    self._write(command.payload or b"")
        return completed

    def _close_fence(self, command: Command[T]) -> None:
        """Make sure that all earlier answers are in, or raise."""
        if self._probe(self._clock() + self._fence_s):
            return
        self._failed_fences += 1
        if self._failed_fences < PATIENCE:
            raise AtTimeout(command.shown, self._fence_s)
        if self._reopen is None or self._first:  # opening it again just now has not helped
            self._lose(self._why_no_answer())
        self._drop_stream()
        self._open_again()
        if not self._probe(self._clock() + self._fence_s):
            self._lose(self._why_no_answer())

    def _probe(self, deadline: float) -> bool:
        """Send probe after probe until the fence closes; False where the deadline passes."""
        while self._clock() < deadline:
            probe = self._channel.fence()
            if probe is not None:
                self._write(probe)
                self.commands_sent += 1
            # A silent modem gets one more probe halfway: it may have dropped the first while busy.
            patience_s = deadline - self._clock() if probe is None else self._fence_s / 2
            if self._await_fence(min(deadline, self._clock() + patience_s)):
                self.fences_closed += 1
                self._note_answer()
                return True
        return False

    def _await_fence(self, deadline: float) -> bool:
        """Whether the fence closed; False also where the next probe may be sent."""
        while (left_s := deadline - self._clock()) > 0:
            events = self._receive_or_silence(left_s)
            if any(isinstance(event, Resynced) for event in events):
                return True
            if any(isinstance(event, Refused) for event in events):
                return False
        return False

    def _receive_or_silence(self, left_s: float) -> list[Event]:
        if not self._channel.waits_for_silence:
            return self._receive(left_s)
        events = self._receive(min(left_s, SILENCE_S))
        too_short = left_s < SILENCE_S and self._channel.fenced
        return events if self._spoke or too_short else self._channel.fall_silent()

    def _receive(self, timeout_s: float) -> list[Event]:
        """What came within `timeout_s`, as soon as anything did; URCs are handed on."""
        if self._stream is None:
            raise PortLost(CLOSED)
        try:
            data = self._stream.read(timeout_s)
        except PortLost:
            self._drop_stream()
            raise
        self._spoke = bool(data)
        self._measure(data)
        events = self._channel.receive_data(data) if data else []
        if self._on_urc:
            for event in events:
                if isinstance(event, Urc):
                    self._on_urc(event.line)
        return events

    def _measure(self, data: bytes) -> None:
        """Count what comes; a port that floods us is given up, it would cost all our time."""
        self._heard += len(data)
        self._odd += len(data.translate(None, _PLAIN))
        now = self._clock()
        if now - self._flood_since > FLOOD_S:
            self._flood_since, self._flood = now, 0
        self._flood += len(data)
        if self._flood > FLOOD_BYTES:
            self._flood = 0
            self._lose(FLOODED)

    def _note_answer(self) -> None:
        self._answered = True
        self._failed_fences = 0
        self._heard = self._odd = self._flood = 0

    def _why_no_answer(self) -> str:
        """Silence, or a line that carries bytes but no text: mostly another speed than ours."""
        garbled = self._odd >= _ODD_BYTES and self._odd * 4 > self._heard
        return GARBLED if garbled else NO_ANSWER

    def _write(self, data: bytes) -> None:
        if self._stream is None:
            raise PortLost(CLOSED)
        try:
            self._stream.write(data)
        except PortLost:
            self._drop_stream()
            raise

    def _open_again(self) -> None:
        if self._closed or self._reopen is None:
            raise PortLost(CLOSED)
        self._stream = self._reopen()
        self.times_reopened += 1
        self._channel.reopened()
        self._first = True
        self._answered = False  # what is behind it now has to show that it is a modem
        self._heard = self._odd = 0

    def _lose(self, reason: str) -> None:
        self._drop_stream()
        raise PortLost(reason)

    def _drop_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            self._channel.time_out()
            stream.close()


def _first_answer_is_doubtful(error: AtCommandError | AtProtocolError) -> bool:
    if isinstance(error, AtCommandError):
        return error.final.upper() == "ERROR"
    return not error.lines


def _is_harmless(text: str) -> bool:
    """Whether sending `text` twice changes nothing: never a PIN, an APDU or a setting of note."""
    return "=" not in text or text.upper().startswith("AT+CMEE=")
