"""The thread `modem-io`: owns one port, samples on monotonic time, answers questions in between."""

import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from agent.complaints import describe
from agent.errors import AgentError
from agent.jobs import Happened, Sample, Stop
from agent.modem_session import ModemSession
from agent.stamps import stamp_now
from agent.workers import Mailbox
from modem.errors import ModemError
from modem.urcs import BootProgressed, CardMoved, RegistrationChanged, SimStateChanged, parse_urc
from sim.errors import SimError

URC_DELAY_S: Final = 2.0
URC_PAUSE_S: Final = 30.0
"""A sample that an unsolicited line asks for comes this late, and this seldom at most: a modem that
flaps must not turn the plan's bytes into reports of its flapping."""
BOOT_S: Final = 60.0
_BOOT_BEGINS: Final = frozenset({"boot", "ready", "at_ready"})
_BACKOFF_S: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
_LOOK_S: Final = 2.0
"""How often a port without a descriptor to wait on is looked at."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """Something that somebody else wants read now; the document goes into `answer`."""

    read: Callable[[ModemSession], dict[str, Any]]
    answer: "Future[dict[str, Any]]"


class ModemWorker:
    """Runs in its own thread; `mailbox` takes questions and `Stop`."""

    def __init__(
        self,
        open_session: Callable[[Callable[[str], None]], ModemSession],
        *,
        port: str,
        slot: int,
        boot: int,
        interval_s: float,
        emit: Callable[[Sample | Happened], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_session` opens the port, and is given what to call with unsolicited lines."""
        self.port = port
        self.slot = slot
        self.mailbox: Mailbox[Question | Stop] = Mailbox(limit=16)
        self._open_session = open_session
        self._boot = boot
        self._interval_s = interval_s
        self._emit = emit
        self._clock = clock
        self._session: ModemSession | None = None
        self._full_next = True
        self._due = clock()
        self._urc_sample_after = 0.0
        self._next_restart_after = 0.0
        self._failures = 0
        self._lost = False

    def run(self) -> None:
        """The thread's work, until `Stop`."""
        try:
            while not self._turn():
                pass
        finally:
            self._close()

    def _turn(self) -> bool:
        """Wait for the next thing to do and do it; whether it was `Stop`."""
        readable = self.mailbox.wait(self._patience(), self._descriptor())
        job = self.mailbox.take()
        if isinstance(job, Stop):
            return True
        if job is not None:
            self._answer(job)
        elif readable or (self._session is not None and self._descriptor() is None):
            self._listen()
        if self._clock() >= self._due:
            self._sample()
        return False

    def _patience(self) -> float:
        left = max(0.0, self._due - self._clock())
        blind = self._session is not None and self._descriptor() is None
        return min(left, _LOOK_S) if blind else left

    def _descriptor(self) -> int | None:
        return None if self._session is None else self._session.fileno()

    # What there is to do

    def _sample(self) -> None:
        """Take the sample that is due, and set the time of the next one."""
        try:
            session = self._opened()
            full = self._full_next
            stamp = stamp_now(self._boot)
            snapshot = session.snapshot() if full else session.changes()
        except (ModemError, AgentError) as error:
            self._gone(error)
            return
        self._failures, self._lost, self._full_next = 0, False, False
        self._emit(Sample(self.slot, snapshot, stamp, full))
        # On a grid, so that the work's own time does not add up; what was missed is not made up.
        done = self._clock()
        self._due += self._interval_s
        if self._due <= done:
            self._due = done + self._interval_s

    def ask_for_all_next(self) -> None:
        """The next sample is a full one: another card or modem is there. From any thread."""
        self._full_next = True

    def _answer(self, question: Question) -> None:
        if not question.answer.set_running_or_notify_cancel():
            return
        try:
            question.answer.set_result(question.read(self._opened()))
        except SimError as error:
            question.answer.set_exception(error)  # the card's fault: the modem is still there
        except (ModemError, AgentError) as error:
            question.answer.set_exception(error)
            self._gone(error)

    def _listen(self) -> None:
        try:
            if self._session is not None:
                self._session.engine.poll(0.0)
        except ModemError as error:
            self._gone(error)

    def _on_urc(self, line: str) -> None:
        """Called by the engine, in this thread, in the middle of its work: only takes notes."""
        event = parse_urc(line)
        if isinstance(event, BootProgressed) and event.step in _BOOT_BEGINS:
            self._restarted()
        if isinstance(event, BootProgressed | RegistrationChanged | SimStateChanged | CardMoved):
            soon = max(self._clock() + URC_DELAY_S, self._urc_sample_after)
            if soon < self._due:
                self._due = soon
                self._urc_sample_after = soon + URC_PAUSE_S

    def _restarted(self) -> None:
        """The modem began anew: said once a start, which shows in several lines."""
        self._full_next = True
        now = self._clock()
        if now >= self._next_restart_after:
            _logger.warning("modem restarted port=%s", self.port)
            self._emit(Happened("modem_restarted", {"slot": self.slot}, stamp_now(self._boot)))
        self._next_restart_after = now + BOOT_S

    # The port

    def _opened(self) -> ModemSession:
        if self._session is None:
            self._session = self._open_session(self._on_urc)
            self._full_next = True
            _logger.info("modem port opened port=%s", self.port)
        return self._session

    def _gone(self, error: Exception) -> None:
        """The port or the modem behind it is not there: said once, tried again with a back-off."""
        self._close()
        if not self._lost:
            self._lost = True
            complaint = describe(error)
            reason = str(complaint.fields.get("reason", error))
            _logger.warning("modem lost port=%s reason=%s", self.port, error)
            self._emit(
                Happened("modem_lost", {"slot": self.slot, "reason": reason}, stamp_now(self._boot))
            )
        step = _BACKOFF_S[min(self._failures, len(_BACKOFF_S) - 1)]
        self._failures += 1
        self._due = self._clock() + min(step * random.uniform(0.5, 1.0), self._interval_s)  # noqa: S311 - jitter

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
