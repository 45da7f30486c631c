"""The thread `work`: owns the store. Samples become rows, rows go to the uplink, acks delete them.

A sample, its usage, its events and what was seen last are one transaction. What cannot be stored
(a full disk) is kept in memory, bounded, and tried again; what that bound loses is counted and
said in an event as soon as there is room.
"""

import json
import logging
import secrets
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from agent.binding.recorded_facts import RecordedFacts
from agent.binding.watch import PairingWatch
from agent.edges import Remembered, changes
from agent.errors import AgentError, StoreError
from agent.jobs import Happened, Sample, Stop
from agent.notices.board import NoticeBoard
from agent.outgoing import Outgoing
from agent.report import Seen, birth_body, event_body, report_body, seen
from agent.stamps import stamp_now
from agent.store import DAMAGED, Store
from agent.usage.meter import Meter, Plan
from agent.workers import Mailbox
from cloud_bridge.air import Air
from cloud_bridge.errors import BridgeError, OutboxError
from cloud_bridge.outbox import DROPPED, Outbox
from cloud_bridge.uplink import Uplink
from modem.snapshot import ModemSnapshot

Json = dict[str, Any]

PENDING_LIMIT: Final = 256
RETRY_S: Final = 15.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WantsRows:
    """The uplink's question for rows."""

    after_seq: int
    limit: int


@dataclass(frozen=True)
class Delivered:
    """The broker took these rows."""

    seqs: tuple[int, ...]


@dataclass(frozen=True)
class Refused:
    """The broker will never take this row of evidence."""

    seq: int
    reason: str


@dataclass(frozen=True)
class Acked:
    """The backend has all up to `seq`."""

    store: str
    seq: int
    replayed: bool


@dataclass(frozen=True)
class StoreQuestion:
    """Something that somebody else wants done in the store; the document goes into `answer`.

    `work` runs inside a transaction, and is given what appends events and evidence to it.
    """

    work: Callable[[sqlite3.Connection, Outgoing], Json]
    answer: "Future[Json]"


Job = Sample | Happened | WantsRows | Delivered | Refused | Acked | StoreQuestion | Stop


class Recorder:
    """Runs in its own thread; everybody else posts jobs into `mailbox`."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        *,
        boot: int,
        plan: Plan,
        board: NoticeBoard | None = None,
    ) -> None:
        """`board`: what the gateway says of itself; without one it says nothing."""
        self.mailbox: Mailbox[Job] = Mailbox(limit=PENDING_LIMIT)
        self.uplink: Uplink | None = None
        self._store = store
        self._outbox = outbox
        self._meter = Meter(store.connection, plan, RecordedFacts(store.connection).of)
        self._air_booked = self._air_stored = Air()
        self._pairings = PairingWatch(store.connection)
        self.on_hold: Callable[[int], None] = lambda _slot: None
        """Called with each sample of a slot whose data is held."""
        self._is_held = False  # of the sample that is being stored
        self._board = board
        self._boot = boot
        self._out = Outgoing(store.connection, outbox, lambda: stamp_now(boot))
        self._pending: deque[Sample | Happened] = deque()
        self._lost = 0
        self._trouble: str | None = None
        self._retry_at: float | None = None
        self._identities: dict[int, ModemSnapshot] = {}
        # A command that cannot be undone has to echo it: one recorded earlier does not.
        self._named = {"nonce": secrets.token_hex(8)}

    def known_by(self, public_key: str) -> None:
        """Say the device's public key in each birth; to be called before `run`."""
        self._named["public_key"] = public_key

    def begin(self) -> None:
        """Look at where things stand; to be called before `run`, and before the uplink runs."""
        if self._board is not None:
            self._change(self._board.begin)
            self._say_budget()

    def hold_data(self, why_not: Callable[[int], str | None]) -> None:
        """Hold a slot's data when its pairing changes; `why_not` says where that cannot be."""
        self._pairings.why_not_held = why_not

    def run(self) -> None:
        """The thread's work, until `Stop`; what is in the mailbox then is done first."""
        self._change(self._pairings.begin)
        while True:
            self.mailbox.wait(self._patience())
            job = self.mailbox.take()
            if isinstance(job, Stop):
                self._store_pending()
                return
            self._do(job)

    def _patience(self) -> float | None:
        return None if self._retry_at is None else max(0.0, self._retry_at - time.monotonic())

    def _do(self, job: Job | None) -> None:
        match job:
            case None:
                self._store_pending()
            case Sample() | Happened():
                self._take(job)
            case WantsRows():
                self._offer(job)
            case StoreQuestion():
                self._answer(job)
            case Delivered():
                self._change(lambda: self._outbox.delivered(job.seqs))
            case Refused():
                self._set_aside(job)
            case Acked():
                self._change(lambda: self._acknowledge(job))

    # Up: samples to rows

    def _take(self, job: Sample | Happened) -> None:
        if len(self._pending) >= PENDING_LIMIT:
            self._pending.popleft()
            self._lost += 1
        self._pending.append(job)
        # While the disk is full each try costs an error; the timer tries.
        if self._retry_at is None or time.monotonic() >= self._retry_at:
            self._store_pending()

    def _store_pending(self) -> None:
        """Store what waits, oldest first, until the store refuses."""
        stored = False
        while self._pending or self._lost:
            if not self._change(self._store_next):
                self._retry_at = time.monotonic() + RETRY_S
                break
            stored = True
            if self._pending:
                self._after(self._pending.popleft())
            self._lost = 0
        else:
            self._retry_at = None
        if stored and self.uplink is not None:
            self.uplink.poke()

    def _store_next(self) -> None:
        if self._lost:
            args = {"count": self._lost, "ranges": [], "why": "not stored"}
            self._outbox.append("event", event_body(DROPPED, args, stamp_now(self._boot)))
        if self._pending:
            job = self._pending[0]
            if isinstance(job, Sample):
                self._store_sample(job)
            else:
                self._outbox.append("event", event_body(job.code, job.args, job.stamp))

    def _store_sample(self, sample: Sample) -> None:
        snapshot = sample.snapshot.modem
        before = self._remembered(sample.slot)
        after = seen(snapshot, Seen() if before is None else before.seen)
        changed, remembered = changes(sample.slot, before, after, sample.stamp)
        step = self._meter.book(sample, after)
        self._book_own(sample)
        self._outbox.append("report", report_body(snapshot, sample.slot, sample.stamp, step))
        happened = (
            *changed,
            *self._pairings.observe(sample),
            *self._meter.alerts(sample),
        )
        for code, args in happened:
            self._outbox.append("event", event_body(code, args, sample.stamp))
        if self._board is not None:
            for code, args in self._board.look():
                self._outbox.append("event", event_body(code, args, stamp_now(self._boot)))
        self._store.connection.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?)",
            (sample.slot, json.dumps(remembered.to_json())),
        )
        self._is_held = self._pairings.holds.of(sample.slot) is not None

    def _book_own(self, sample: Sample) -> None:
        """Our own bytes since the sample before; without a date they wait in memory."""
        air = None if self.uplink is None else self.uplink.air
        if air is not None and self._meter.book_own(sample, air.minus(self._air_booked)):
            self._air_stored = air

    def _remembered(self, slot: int) -> Remembered | None:
        row = self._store.connection.execute(
            "SELECT facts FROM seen WHERE slot = ?", (slot,)
        ).fetchone()
        return None if row is None else Remembered.from_json(json.loads(row[0]))

    def _after(self, job: Sample | Happened) -> None:
        """What a stored sample brings about outside the store."""
        self._air_booked = self._air_stored
        if not isinstance(job, Sample):
            _logger.warning("event code=%s %s", job.code, _words(job.args))
            return
        _logger.info("sample slot=%d %s", job.slot, _summary(job.snapshot.modem))
        if self._is_held:
            self.on_hold(job.slot)
        self._say_budget()
        if job.full:
            self._identities[job.slot] = job.snapshot.modem
            self._say_birth()

    def _say_birth(self) -> None:
        if self.uplink is not None:
            stamp = stamp_now(self._boot)
            clock = {"synchronized": stamp.at is not None, "at": stamp.at, "up_s": stamp.up_s}
            body = {**self._named, **birth_body(self._identities, clock)}
            self.uplink.set_birth(body)

    def _say_budget(self) -> None:
        own = None if self._board is None else self._board.own
        if own is not None and self.uplink is not None:
            self.uplink.set_budget(own.to_json())

    def _answer(self, question: StoreQuestion) -> None:
        """Do it, or leave everything as it was and say why it could not be done."""
        try:
            with self._store.transaction():
                document = question.work(self._store.connection, self._out)
        except (AgentError, BridgeError) as error:
            question.answer.set_exception(error)
            return
        question.answer.set_result(document)
        if self.uplink is not None:
            self.uplink.poke()

    # Down: what the uplink wants and learned

    def _offer(self, job: WantsRows) -> None:
        if self.uplink is None:
            return
        try:
            rows = self._outbox.unsent(job.after_seq, job.limit)
        except OutboxError as error:
            self._complain(error)
            rows = ()
        self.uplink.offer(job.after_seq, rows)

    def _set_aside(self, job: Refused) -> None:
        _logger.error("evidence refused by the broker seq=%d reason=%r", job.seq, job.reason)
        if self._change(lambda: self._out.refused(job.seq, job.reason)) and self.uplink is not None:
            self.uplink.poke()

    def _acknowledge(self, job: Acked) -> None:
        result = self._outbox.acknowledge(job.store, job.seq, replayed=job.replayed)
        if result.refused is not None:
            _logger.warning("ack refused reason=%r seq=%d", result.refused, job.seq)
        elif result.deleted:
            _logger.info("ack seq=%d rows=%d", job.seq, result.deleted)
        if result.gone is not None and self.uplink is not None:
            self.uplink.poke()

    # The store

    def _change(self, change: Callable[[], None]) -> bool:
        """Whether `change` is committed.

        Raises:
            StoreError: the database is damaged: only a new start can move it aside.
        """
        try:
            with self._store.transaction():
                change()
        except OutboxError as error:
            self._complain(error)
            return False
        if self._trouble is not None:
            _logger.warning("store works again waiting=%d", len(self._pending))
            self._trouble = None
        return True

    def _complain(self, error: OutboxError) -> None:
        if error.reason == DAMAGED:
            raise StoreError("the store: {reason}", reason=error.reason) from error
        if error.reason != self._trouble:
            self._trouble = error.reason
            _logger.error("store refuses reason=%r detail=%r", error.reason, error.detail)


def _words(args: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in args.items())


def _summary(snapshot: ModemSnapshot) -> str:
    """The gist of a sample, for the log."""
    facts: dict[str, Any] = {}
    if snapshot.sim is not None:
        facts["card"] = snapshot.sim.state.known
    if snapshot.registration is not None:
        for name in ("cs", "ps", "eps", "nr5g"):
            domain = getattr(snapshot.registration, name).known
            if domain is not None:
                facts[name] = domain.state
    if snapshot.signal is not None:
        facts["rssi_dbm"] = snapshot.signal.rssi_dbm.known
    return _words({name: value for name, value in facts.items() if value is not None})
