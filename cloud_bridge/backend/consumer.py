"""The backend's end of the road: takes what gateways send, stores it once, acknowledges.

Order: stored and committed, then PUBACK to the broker, then `ack` to the gateway. A message that
is no message goes to the dead letters with the reason; it stops nobody else.
"""

import json
import random as random_module
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from cloud_bridge import encoding, link, messages, topics
from cloud_bridge.backend.ack_policy import AckPolicy, Owed, Touch
from cloud_bridge.backend.evidence_shelf import Taken
from cloud_bridge.backend.judgement import Judgement
from cloud_bridge.backend.settings import BATCH, ConsumerSettings, target_of
from cloud_bridge.backend.store import BackendStore
from cloud_bridge.dialer import Backoff, Dialer
from cloud_bridge.errors import BackendStoreError, MessageError, UplinkError, reason
from cloud_bridge.messages import Birth, Event, Evidence, Report, State

_KINDS: Final = ("state", "birth", "report", "event", "evidence")
_ROW_KINDS: Final = frozenset({"report", "event", "evidence"})
_STORE_FAILED: Final = reason("the backend's store failed")
KEY_CHANGED: Final = reason("the gateway says another public key than the one that is known")


class Arrival(NamedTuple):
    """One message that was stored; `new` is false for one that was here before.

    `found` is what was found of evidence; `warning` is what somebody has to look at.
    """

    gw: str
    kind: str
    message: State | Birth | Report | Event | Evidence
    new: bool
    found: Judgement | None = None
    warning: str | None = None


class Listener(Protocol):
    """Who watches; called in the consumer's thread, after the commit."""

    def on_connected(self, protocol: str) -> None:
        """The broker answers; messages come from now on."""

    def on_problem(self, reason: str, detail: str) -> None:
        """Something is in the way: once per change of `reason`."""

    def on_arrival(self, arrival: Arrival) -> None:
        """A message was stored, or was stored before."""

    def on_dead_letter(self, topic: str, reason: str) -> None:
        """Bytes that are no message were put aside."""

    def on_ack(self, gw: str, store: str, seq: int) -> None:
        """A gateway was told how far its rows are stored."""


class Consumer:
    """Works in one thread: `step` again and again, or `run` until `stop`."""

    def __init__(
        self,
        settings: ConsumerSettings,
        store: BackendStore,
        listener: Listener,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Callable[[], float] = random_module.random,
    ) -> None:
        """Nothing is connected yet.

        Raises:
            ValueError: the URL or the root cannot be used.
            UplinkError: a certificate or key file cannot be used.
        """
        self._settings = settings
        self._root = topics.check_root(settings.root)
        self._store = store
        self._listener = listener
        self._clock = clock
        self._wall = wall
        self._target = target_of(settings)
        backoff = Backoff(settings.backoff_base_s, settings.backoff_cap_s, random)
        self._dialer = Dialer(backoff, clock)
        self._policy = AckPolicy(settings.ack_every_s, settings.eager_s)
        self._link: link.Link | None = None
        self._problem: str | None = None
        self._subscriptions: set[int] = set()
        self._acks_flying: dict[int, tuple[str, str]] = {}
        self._touched: dict[tuple[str, str], Touch] = {}
        self._session_kept = False
        self._owed: dict[tuple[str, str], Owed] = {}
        self._look_at = clock()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._stopping = False
        self.online = False

    # Life

    def stop(self) -> None:
        """End `run`; may be called from any thread."""
        self._stopping = True
        with suppress(OSError):
            self._wake_write.send(b"\0")

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping

    def run(self) -> None:
        """Work until `stop`, then let go."""
        while not self._stopping:
            self.step(5.0)
        self.close()

    def close(self) -> None:
        """Leave the broker; what was not committed stays there for the next time."""
        if self._link is not None:
            self._link.close()
            self._link = None
        self.online = False
        self._wake_read.close()
        self._wake_write.close()

    def step(self, timeout_s: float) -> None:
        """One turn of at most `timeout_s`: what came is stored, committed and acknowledged."""
        if self._link is None:
            self._dial(timeout_s)
            return
        batch: list[link.Message] = []
        self._collect(timeout_s, batch)
        while batch and len(batch) < BATCH and self._collect(0.0, batch):
            pass
        if batch:
            self._take(batch)
        self._say_acks()

    def _dial(self, timeout_s: float) -> None:
        wait_s = self._dialer.wait_s()
        if wait_s > 0:
            self._wake_read.settimeout(min(wait_s, timeout_s))
            with suppress(TimeoutError, BlockingIOError):
                self._wake_read.recv(4096)
            self._wake_read.setblocking(False)
        if self._stopping or self._dialer.wait_s() > 0:
            return
        self._link = link.Link(
            self._target,
            self._dialer.protocol(),
            clock=self._clock,
            manual_ack=True,
            connack_timeout_s=self._dialer.patience_s,
        )
        try:
            self._link.open()
        except UplinkError as error:
            self._link = None
            self._dialer.failed()
            self._tell(error.reason, error.detail)

    # What comes

    def _collect(self, timeout_s: float, batch: list[link.Message]) -> int:
        """How many messages came, put into `batch`."""
        if self._link is None:
            return 0
        before = len(batch)
        for event in self._link.step(timeout_s, self._wake_read):
            if isinstance(event, link.Message):
                batch.append(event)
            else:
                self._handle(event)
        with suppress(BlockingIOError):
            self._wake_read.recv(4096)
        return len(batch) - before

    def _handle(self, event: link.Event) -> None:
        match event:
            case link.Connected():
                self._dialer.connected()
                self._session_kept = event.session_kept
                if not event.session_kept:
                    self._policy.forget()
                self._subscribe()
            case link.Subscribed():
                self._on_subscribed(event)
            case link.Published():
                self._on_published(event)
            case link.Closed():
                # What came before the end is stored; a broker that sends it again finds it here.
                self._forget_link()
                if not self._dialer.closed(event):
                    self._tell(event.reason, event.detail)

    def _subscribe(self) -> None:
        if self._link is not None:
            mids = [self._link.subscribe(f"{self._root}/+/{kind}") for kind in _KINDS]
            self._subscriptions = {mid for mid in mids if mid is not None}

    def _on_subscribed(self, event: link.Subscribed) -> None:
        self._subscriptions.discard(event.mid)
        if not event.ok:
            self._tell(link.NO_SUBSCRIPTION, self._root)
        elif not self._subscriptions:
            self.online = True
            self._problem = None
            self._listener.on_connected(self._dialer.protocol_name)

    def _on_published(self, event: link.Published) -> None:
        key = self._acks_flying.pop(event.mid, None)
        if key is not None and event.failed:
            self._policy.unsaid(key)
            self._tell(link.TAKES_NOTHING, f"ack: {event.words}")

    def _tell(self, problem: str, detail: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._listener.on_problem(problem, detail)

    # What is stored

    def _take(self, batch: list[link.Message]) -> None:
        """All of `batch` in one transaction; acknowledged to the broker only after it."""
        now = self._wall().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        arrivals: list[Arrival] = []
        dead: list[tuple[str, str]] = []
        try:
            with self._store.transaction():
                for message in batch:
                    self._store_one(message, now, arrivals, dead)
        except BackendStoreError as error:
            self._give_back(str(error))
            return
        if self._link is not None:
            for message in batch:
                if message.qos:
                    self._link.ack(message.mid)
        for arrival in arrivals:
            self._listener.on_arrival(arrival)
        for topic, why in dead:
            self._listener.on_dead_letter(topic, why)
        self._note(arrivals)

    def _give_back(self, detail: str) -> None:
        """Hang up without acknowledging: the broker sends all of it again."""
        if self._link is not None:
            self._link.drop()
        self._forget_link()
        self._dialer.failed()
        self._tell(_STORE_FAILED, detail)

    def _forget_link(self) -> None:
        """The connection is over: acks that the broker may not have are said again."""
        self._link = None
        self.online = False
        for key in self._acks_flying.values():
            self._policy.unsaid(key)
            self._touched.setdefault(key, Touch())
        self._acks_flying.clear()

    def _store_one(
        self,
        message: link.Message,
        now: str,
        arrivals: list[Arrival],
        dead: list[tuple[str, str]],
    ) -> None:
        if not message.payload:
            return  # somebody cleared a retained message

        def bury(payload: bytes, why: str, row: tuple[str, str, int] | None = None) -> None:
            self._store.add_dead_letter(message.topic, payload, why, now, row)
            dead.append((message.topic, why))
            if row is not None:
                self._touched.setdefault(row[:2], Touch())

        try:
            topic = topics.parse(self._root, message.topic)
            parts = messages.split(topic.kind, message.payload)
        except MessageError as error:
            bury(message.payload, error.reason)
            return
        for part in parts:
            try:
                arrivals.append(self._store_part(topic, part, now))
            except MessageError as error:
                payload = message.payload if len(parts) == 1 else json.dumps(part).encode()
                bury(payload, error.reason, _row_used_up(topic, part))

    def _store_part(self, topic: topics.Topic, part: dict[str, Any], now: str) -> Arrival:
        message = messages.validate(topic.kind, part)
        if message.gw != topic.gw:
            raise MessageError("gw: not the gateway of the topic")
        match message:
            case Report():
                new = self._store.add_report(message, now)
            case Event():
                new = self._store.add_event(message, now)
            case Evidence():
                return _arrived(message, self._store.add_evidence(message, now))
            case State():
                new = self._store.set_state(message, now)
            case Birth():
                is_known = self._store.set_birth(message, now)
                warning = None if is_known else KEY_CHANGED
                return Arrival(topic.gw, topic.kind, message, new=True, warning=warning)
            case _:
                raise MessageError("a kind that this version does not read")
        return Arrival(topic.gw, topic.kind, message, new)

    # What is acknowledged to the gateways

    def _note(self, arrivals: list[Arrival]) -> None:
        for arrival in arrivals:
            message = arrival.message
            if isinstance(message, Birth):
                continue
            key = (message.gw, message.store)
            before = self._touched.get(key, Touch())
            if isinstance(message, State):
                # A gateway that is there, on a broker that queued nothing for us: what it sent
                # before we came is lost, and its next row may be a quarter of an hour away.
                there = message.on and arrival.new
                if there and not self._session_kept and self._policy.is_new(key):
                    self._touched[key] = before._replace(found=True)
            else:
                # A row that is here already: the gateway does not know, tell it.
                self._touched[key] = before._replace(
                    repeated=before.repeated or not arrival.new,
                    urgent=before.urgent or isinstance(message, Evidence),
                )

    def _say_acks(self) -> None:
        """Say what is due; those that wait for their time are looked at once a second."""
        now = self._clock()
        keys = list(self._touched)
        for key, touch in self._touched.items():
            owed = self._owed.get(key, Owed())
            eager = touch.repeated or owed.eager or self._store.has_gap(*key)
            position = self._store.ack_position(*key)
            self._owed[key] = Owed(
                position, eager, touch.found or owed.found, touch.urgent or owed.urgent
            )
        self._touched.clear()
        if self._link is None or not self.online:
            return
        if now >= self._look_at:
            self._look_at = now + 1.0
            keys = list(self._owed)
        for key in keys:
            owed = self._owed[key]
            if self._policy.due(key, owed, now):
                self._say_ack(key, owed, now)

    def _say_ack(self, key: tuple[str, str], owed: Owed, now: float) -> None:
        gw, store = key
        position = owed.position
        again = owed.found or self._store.has_gap(gw, store)
        message = {"v": encoding.VERSION, "gw": gw, "store": store, "seq": position}
        if again:
            message["again"] = True
        if self._link is None:
            return
        payload = encoding.encode(message)
        mid = self._link.publish(topics.build(self._root, gw, "ack"), payload, retain=True)
        if mid is None:
            return
        self._acks_flying[mid] = key
        self._policy.said(key, position, now, again=again)
        self._owed.pop(key, None)
        self._listener.on_ack(gw, store, position)


def _arrived(message: Evidence, taken: Taken) -> Arrival:
    found = taken.found
    warning = None if found.holds else found.reason
    return Arrival(message.gw, "evidence", message, taken.new, found, warning)


def _row_used_up(topic: topics.Topic, part: dict[str, Any]) -> tuple[str, str, int] | None:
    """Whose number a spoilt row uses up: it is kept as a dead letter and will not get better."""
    row = messages.row_of(part) if topic.kind in _ROW_KINDS else None
    return None if row is None or part.get("gw") != topic.gw else (topic.gw, *row)
