"""The thread `modem-io`: owns one port, samples on monotonic time, answers questions in between."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from agent.complaints import describe
from agent.errors import AgentError
from agent.jobs import Happened, Sample, Stop
from agent.modem_session import ModemSession
from agent.report import Stamp
from agent.rescue import Rescuer
from agent.trouble import Trouble, half_dead
from agent.usage.sources import Outside
from agent.workers import Mailbox
from modem.errors import ModemError
from modem.snapshot import ModemSnapshot
from modem.urcs import BootProgressed, RegistrationChanged, begins_boot, moves_card, parse_urc
from sim.errors import SimError

Json = dict[str, Any]

URC_DELAY_S: Final = 2.0
URC_PAUSE_S: Final = 30.0
"""A sample that an unsolicited line asks for comes this late, and this seldom at most: a modem that
flaps must not turn the plan's bytes into reports of its flapping."""
LISTEN_PAUSE_S: Final = 0.1
"""After what came by itself was read, the port is left alone for a moment: a modem that never stops
talking must not cost all of a processor."""
_LOOK_S: Final = 2.0
"""How often a port without a descriptor to wait on is looked at."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """Something that somebody else wants read now; the document goes into `answer`.

    `with_recovery`: what was done about the modem of late belongs into the document.
    """

    read: Callable[[ModemSession], Json]
    answer: "Future[Json]"
    with_recovery: bool = False


class ModemWorker:
    """Runs in its own thread; `mailbox` takes questions and `Stop`."""

    def __init__(
        self,
        open_session: Callable[[Callable[[str], None]], ModemSession],
        *,
        rescuer: Rescuer,
        port: str,
        slot: int,
        interval_s: float,
        emit: Callable[[Sample | Happened], None],
        stamp: Callable[[], Stamp],
        clock: Callable[[], float] = time.monotonic,
        look: Callable[[], Outside] = Outside,
    ) -> None:
        """`open_session` opens the port, and is given what to call with unsolicited lines.

        `look` tells what counts beside the modem.
        """
        self.port = port
        self.slot = slot
        self.mailbox: Mailbox[Question | Stop] = Mailbox(limit=16)
        self._open_session = open_session
        self._rescuer = rescuer
        self._interval_s = interval_s
        self._emit = emit
        self._stamp = stamp
        self._clock = clock
        self._look = look
        self._restarted = False
        self._session: ModemSession | None = None
        self._full_next = True
        self._prepared = self._ever_prepared = self._echo_stays = False
        self._due = clock()
        self._pause_s = interval_s  # between two good samples
        self._sampled_at = float("-inf")
        self._listen_after = float("-inf")
        self._urc_sample_after = 0.0
        self._shown: ModemSnapshot | None = None

    @property
    def due(self) -> float:
        """When the next sample is to be taken, or tried."""
        return self._due

    def run(self) -> None:
        """The thread's work, until `Stop`."""
        try:
            while not self._turn():
                pass
        finally:
            if self._session is not None:
                self._session.close()

    def _turn(self) -> bool:
        """Wait for the next thing to do and do it; whether it was `Stop`."""
        left_alone_s = self._listen_after - self._clock()
        watched = None if self._session is None or left_alone_s > 0 else self._session.fileno()
        readable = self.mailbox.wait(self._patience(left_alone_s), watched)
        job = self.mailbox.take()
        if isinstance(job, Stop):
            return True
        if job is not None:
            self._answer(job)
        elif readable or self._is_blind():
            self.listen()
        if self._clock() >= self._due:
            self.sample()
        return False

    def _patience(self, left_alone_s: float) -> float:
        left_s = max(0.0, self._due - self._clock())
        if left_alone_s > 0:
            return min(left_s, left_alone_s)
        return min(left_s, _LOOK_S) if self._is_blind() else left_s

    def _is_blind(self) -> bool:
        """Whether the port is open and has nothing to wait on."""
        session = self._session
        return session is not None and session.engine.is_open and session.fileno() is None

    # What there is to do

    def sample(self) -> None:
        """Take the sample that is due, and set the time of the next one."""
        try:
            session = self._opened()
            stamp, outside = self._stamp(), self._look()
            full = self._full_next
            snapshot = session.snapshot(sample=True) if full else session.changes()
            if not full and self._is_another_card(snapshot.modem):
                # Whose facts these are must be known before anybody reads them.
                stamp, full, outside = self._stamp(), True, self._look()
                snapshot = session.snapshot(sample=True)
        except (ModemError, AgentError) as error:
            self._gone(error)
            return
        trouble = half_dead(snapshot.modem)
        if trouble is not None and self._clock() < self._sampled_at + self._interval_s:
            self._troubled(trouble)  # said already; only a whole answer is news
            return
        self._sampled_at, self._full_next = self._clock(), False
        self._shown = snapshot.modem
        sample = Sample(
            self.slot,
            snapshot,
            stamp,
            full,
            done_up_s=self._stamp().up_s,
            restarted=self._restarted,
            echoes=session.engine.echo_is_on,
            outside=outside,
        )
        self._restarted = False
        if trouble is None:
            factor = self._rescuer.answered(snapshot.modem)
            self._pause_s = self._interval_s * factor
            self._emit(sample)
            self._set_next()
            self._prepare(session)
        else:
            self._emit(sample)
            self._troubled(trouble)

    def _set_next(self) -> None:
        """On a grid: the work's own time does not add up, and what was missed is not made up."""
        done = self._clock()
        self._due += self._pause_s
        if self._due <= done:
            self._due = done + self._pause_s

    def _is_another_card(self, now: ModemSnapshot) -> bool:
        """Whether a card or profile came, or went; a reading without result is neither."""
        before = None if self._shown is None else self._shown.sim
        if before is None or now.sim is None:
            return False
        came = now.sim.iccid.known is not None and now.sim.iccid.known != before.iccid.known
        state = now.sim.state.known
        return came or (state in {"absent", "no_profile"} and before.state.known != state)

    def _prepare(self, session: ModemSession) -> None:
        """Set up a modem that was just opened, started, or lost its settings otherwise."""
        echoes_again = session.engine.echo_is_on and not self._echo_stays
        if self._prepared and not echoes_again:
            return
        again = self._ever_prepared
        try:
            refused = session.prepare()
        except (ModemError, AgentError) as error:
            self._gone(error)
            return
        self._prepared = self._ever_prepared = True
        self._echo_stays = session.engine.echo_is_on
        if again:
            self._rescuer.prepared_again()
        _logger.info(
            "modem set up port=%s%s", self.port, f" refused={','.join(refused)}" if refused else ""
        )

    def _answer(self, question: Question) -> None:
        if not question.answer.set_running_or_notify_cancel():
            return
        try:
            session = self._opened()
            document = question.read(session)
        except SimError as error:
            question.answer.set_exception(error)  # the card's fault: the modem is still there
        except (ModemError, AgentError) as error:
            question.answer.set_exception(error)
            # One command that hangs is no modem that is gone: the next sample will tell.
            if self._session is None or not self._session.engine.is_open:
                self._gone(error)
        else:
            if question.with_recovery:
                document = self._with_recovery(document, session)
            question.answer.set_result(document)

    def _with_recovery(self, document: Json, session: ModemSession) -> Json:
        recovery = self._rescuer.document(session, self._pause_s)
        if recovery is None:
            return document
        whole = {**document, "recovery": recovery}
        whole["absent"] = whole.pop("absent")  # stays the last
        return whole

    def listen(self) -> None:
        """Read what the modem says by itself."""
        self._listen_after = self._clock() + LISTEN_PAUSE_S
        try:
            if self._session is not None:
                self._session.engine.poll(0.0)
        except ModemError as error:
            self._gone(error)

    def _on_urc(self, line: str) -> None:
        """Called by the engine, in this thread, in the middle of its work: only takes notes."""
        event = parse_urc(line)
        if begins_boot(event):
            self._full_next, self._prepared = True, False
            self._restarted = True
            self._rescuer.started_by_itself()
        registered = isinstance(event, RegistrationChanged) and self._is_news(event)
        if registered or isinstance(event, BootProgressed) or moves_card(event):
            soon = max(self._clock() + URC_DELAY_S, self._urc_sample_after)
            if soon < self._due:
                self._due = soon
                self._urc_sample_after = soon + URC_PAUSE_S

    def _is_news(self, event: RegistrationChanged) -> bool:
        """Whether a domain's state is another one than in the latest sample."""
        if self._shown is None or self._shown.registration is None:
            return True
        known = getattr(self._shown.registration, event.domain).known
        return known is None or known.stat != event.facts.stat

    # The port

    def _opened(self) -> ModemSession:
        if self._session is None:
            self._session = self._open_session(self._on_urc)
            _logger.info("modem port opened port=%s", self.port)
        return self._session

    def _gone(self, error: Exception) -> None:
        """The port or the modem behind it is not there: the ladder says what to do."""
        complaint = describe(error)
        self._give_back()
        reason = str(complaint.fields.get("reason", error))
        self._wait(self._rescuer.gone(reason, self._session))

    def _troubled(self, trouble: Trouble) -> None:
        self._give_back()
        self._wait(self._rescuer.troubled(trouble, self._session))

    def _give_back(self) -> None:
        """The port is given back; what may come late is remembered, and kept out."""
        self._full_next, self._prepared = True, False
        if self._session is not None:
            self._session.drop()

    def _wait(self, pause_s: float) -> None:
        self._due = self._clock() + pause_s
