"""Evidence on its way to the backend: a row in the outbox, and the backend's `ack` for it.

`acked` is said only when an `ack` of the backend covers the row. That the broker took it (PUBACK)
leaves it `queued`: nobody may have been listening. Where a daemon runs it does the sending; else
this process opens the store and a connection of its own, as long as it was given time.

Handing the same document over again is harmless: it keeps its row.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

from agent.broker_way import uplink_of
from agent.config import Settings
from agent.config_files import control_path
from agent.control import DaemonError, ask
from agent.errors import RefusedError, UsageError
from agent.evidence_desk import NO_EVIDENCE, PUBLISH, STATE
from agent.i18n import mark
from agent.outbox_of import outbox_of
from agent.outgoing import Outgoing, Queued, Standing
from agent.report import Stamp
from agent.stamps import stamp_now
from agent.state_dir import StateDir
from agent.store import Store
from cloud_bridge.certificate import EvidenceError, verify
from cloud_bridge.encoding import Row, decode
from cloud_bridge.errors import MessageError, OutboxError
from cloud_bridge.outbox import Outbox
from cloud_bridge.uplink import Uplink

Json = dict[str, Any]

ACKED, QUEUED, UNREACHABLE = "acked", "queued", "unreachable"

NO_BROKER: Final = mark("no broker is configured")
NO_ACK: Final = mark("the backend has not acknowledged it yet")
BUSY: Final = mark("the daemon is starting, or another command uses the state directory")

POLL_S: Final = 0.5
_TURN_S: Final = 1.0


class HandedOver(NamedTuple):
    """How far a document is.

    `acked`: the backend has it. `queued`: it has a row, which goes out as soon as that can be;
    `reason` says what is in the way. `unreachable`: it goes nowhere by itself (no broker, or one
    that refuses it; no room): hand over the file. `reason` is a text of the catalogue.
    """

    state: str
    store: str | None = None
    seq: int | None = None
    reason: str | None = None


def hand_over(
    settings: Settings,
    kind: str,
    raw: bytes,
    wait_s: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> HandedOver:
    """Queue the evidence in the file `raw`, and wait up to `wait_s` seconds for the `ack`.

    Raises:
        UsageError: it is no evidence of this `kind`, or does not hold.
        RefusedError: this user may not talk to the daemon.
        ConfigError, StoreError: the configuration of the broker, or the store, cannot be used.
    """
    document = _document(kind, raw)
    deadline = clock() + wait_s
    daemon = _Daemon(control_path(str(settings.device.state_dir)), kind, document)
    while True:
        standing = daemon.standing()
        if standing is None:
            standing = _alone(settings, raw, deadline, clock)
        left_s = deadline - clock()
        if standing.state != QUEUED and standing.reason != BUSY:
            return standing
        if left_s <= 0:
            return standing
        pause(min(POLL_S, left_s))


def _document(kind: str, raw: bytes) -> Json:
    try:
        evidence, document = verify(raw), decode(raw)
    except EvidenceError as error:
        raise UsageError(NO_EVIDENCE, reason=str(error)) from error
    except MessageError as error:
        raise UsageError(NO_EVIDENCE, reason=error.reason) from error
    if evidence.head["kind"] != kind:
        raise UsageError(NO_EVIDENCE, reason=f"{evidence.head['kind']} ≠ {kind}")
    return document


def _said(queued: Queued, standing: Standing, problem: str | None, *, broker: bool) -> HandedOver:
    if standing.acked:
        return HandedOver(ACKED, queued.store, queued.seq)
    if standing.refused is not None:
        return HandedOver(UNREACHABLE, queued.store, queued.seq, standing.refused)
    if not broker:
        return HandedOver(UNREACHABLE, queued.store, queued.seq, NO_BROKER)
    return HandedOver(QUEUED, queued.store, queued.seq, problem or NO_ACK)


class _Daemon:
    """One document, handed to the daemon; it may be killed and come back at any time."""

    def __init__(self, path: str, kind: str, document: Json) -> None:
        self._path = path
        self._request = {"v": 1, "ask": PUBLISH, "kind": kind, "document": document}
        self._queued: Queued | None = None

    def standing(self) -> HandedOver | None:
        """How far it is; None where no daemon listens.

        Raises:
            RefusedError: this user may not talk to it.
        """
        try:
            queued = self._queued or self._queue()
            if queued is None:
                return None
            self._queued = queued
            row = {"store": queued.store, "seq": queued.seq}
            state = ask(self._path, {"v": 1, "ask": STATE, **row})
        except DaemonError as error:
            if self._queued is None:
                return HandedOver(UNREACHABLE, reason=str(error))
            return HandedOver(QUEUED, self._queued.store, self._queued.seq, str(error))
        if state is None or state["store"] != queued.store:
            # Gone, or its store was moved aside: the row is asked for again.
            self._queued = None
            return None if state is None else HandedOver(QUEUED, reason=NO_ACK)
        standing = Standing(state["acked"] is True, state["refused"])
        return _said(queued, standing, state["problem"], broker=state["broker"] is True)

    def _queue(self) -> Queued | None:
        told = ask(self._path, self._request)
        if told is None:
            return None
        return Queued(str(told["store"]), int(told["seq"]), told["new"] is True)


def _alone(
    settings: Settings, raw: bytes, deadline: float, clock: Callable[[], float]
) -> HandedOver:
    """The same where no daemon runs: on the store itself, over a connection of our own."""
    with ExitStack() as closing:
        try:
            state_dir = StateDir(settings.device.state_dir)
        except RefusedError:
            return HandedOver(UNREACHABLE, reason=BUSY)
        closing.callback(state_dir.close)
        boot = state_dir.boot()
        store = Store(settings.device.state_dir, boot=boot)
        closing.callback(store.close)
        end = _End(store, settings, boot)
        try:
            queued = end.queue(raw)
        except OutboxError as error:
            return HandedOver(UNREACHABLE, reason=error.reason)
        if clock() < deadline and not end.is_settled(queued):
            gw = settings.device.id or state_dir.gateway_id()
            end.uplink = uplink_of(settings, end, gw=gw, store=queued.store, boot=boot)
            if end.uplink is not None:
                closing.callback(end.uplink.finish)
                end.drive(queued, deadline, clock)
        broker = settings.broker.url is not None
        return _said(queued, end.standing(queued), end.problem, broker=broker)


class _End:
    """This process's own end of the road: an `UplinkPort` that does at once what it is told."""

    def __init__(self, store: Store, settings: Settings, boot: int) -> None:
        def stamp() -> Stamp:
            return stamp_now(boot)

        self.uplink: Uplink | None = None
        self.problem: str | None = None
        self._store = store
        self._outbox: Outbox = outbox_of(store, settings, stamp)
        self._out = Outgoing(store.connection, self._outbox, stamp)

    def queue(self, raw: bytes) -> Queued:
        """The document's row.

        Raises:
            OutboxError: it cannot be stored.
            UsageError: no message can carry it.
        """
        try:
            with self._store.transaction():
                return self._out.evidence(raw)
        except MessageError as error:
            raise UsageError(NO_EVIDENCE, reason=error.reason) from error

    def standing(self, queued: Queued) -> Standing:
        return self._out.standing(queued.store, queued.seq)

    def is_settled(self, queued: Queued) -> bool:
        standing = self.standing(queued)
        return standing.acked or standing.refused is not None

    def drive(self, queued: Queued, deadline: float, clock: Callable[[], float]) -> None:
        """Send what waits, oldest first, until this document is through or time is over."""
        while self.uplink is not None and clock() < deadline and not self.is_settled(queued):
            self.uplink.step(min(_TURN_S, max(0.0, deadline - clock())))

    # As the uplink's port

    def wants_rows(self, after_seq: int, limit: int) -> None:
        rows: tuple[Row, ...] = ()
        try:
            rows = self._outbox.unsent(after_seq, limit)
        except OutboxError as error:
            self.problem = error.reason
        if self.uplink is not None:
            self.uplink.offer(after_seq, rows)

    def on_delivered(self, seqs: tuple[int, ...]) -> None:
        self._change(lambda: self._outbox.delivered(seqs))

    def on_refused(self, seq: int, reason: str) -> None:
        self._change(lambda: self._out.refused(seq, reason))

    def on_ack(self, store: str, seq: int, *, replayed: bool) -> None:
        self._change(lambda: self._outbox.acknowledge(store, seq, replayed=replayed))

    def on_connected(self, protocol: str) -> None:
        del protocol
        self.problem = None

    def on_problem(self, reason: str, detail: str) -> None:
        del detail
        self.problem = reason

    def _change(self, change: Callable[[], object]) -> None:
        """In a transaction; what cannot be done now is done when the row is sent again."""
        try:
            with self._store.transaction():
                change()
        except OutboxError as error:
            self.problem = error.reason
        else:
            if self.uplink is not None:
                self.uplink.poke()
