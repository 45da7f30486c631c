"""The uplink: rows of the outbox to the broker, `ack` of the backend back.

One thread runs `Uplink.run` and owns the connection. Others call `offer`, `poke`, `set_birth` and
`stop`, which return at once. What the uplink wants or learned goes to an `UplinkPort`, whose
methods must return at once as well: they post a job to the owner of the outbox.

    uplink: wants_rows(after_seq, limit)  ->  work thread: outbox.unsent(...)  ->  uplink.offer(...)
    uplink: on_delivered(seqs), on_ack(store, seq, replayed=...)  ->  work thread, in a transaction

At each connection: `state` (retained), subscribe `ack`, `birth` (retained), a short wait for the
`ack` that the broker kept, then rows, oldest first.
"""

import random as random_module
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from cloud_bridge import encoding, link, refusals, topics
from cloud_bridge.acks import read_ack
from cloud_bridge.air import Air
from cloud_bridge.dialer import Backoff, Dialer
from cloud_bridge.encoding import Row
from cloud_bridge.errors import UplinkError, reason
from cloud_bridge.jobs import Jobs
from cloud_bridge.outbox import EVIDENCE
from cloud_bridge.uplink_settings import UplinkPort, UplinkSettings, state_message, target_of
from cloud_bridge.window import Window

WINDOW: Final = 10
"""Publishes unanswered at most; each may be a batch."""
STOP_GRACE_S: Final = 3.0
"""How long a clean stop waits for the broker to take the last `state`."""
_NOBODY_HEARS: Final = reason("nobody is subscribed at the broker")
_BAD_ACK: Final = reason("the backend's ack is unreadable")


class Uplink:
    """The thread `mqtt`: connects, sends, listens, until `stop`."""

    def __init__(
        self,
        settings: UplinkSettings,
        port: UplinkPort,
        *,
        random: Callable[[], float] = random_module.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is connected yet.

        Raises:
            ValueError: the URL, the root or the gateway's id cannot be used.
            UplinkError: a certificate or key file cannot be used.
        """
        self._settings = settings
        self._port = port
        self._clock = clock
        self._target = target_of(settings)
        self._topics = {
            kind: topics.build(settings.root, settings.gw, kind)
            for kind in ("state", "birth", "report", "event", "evidence", "ack")
        }
        self._dialer = Dialer(
            Backoff(settings.backoff_base_s, settings.backoff_cap_s, random), clock
        )
        self._retry = Backoff(settings.backoff_base_s, settings.backoff_cap_s, random)
        self._window = Window(WINDOW)
        self._jobs = Jobs()
        self._stopping = False
        self._budget: Mapping[str, Any] | None = None
        self._birth: bytes | None = None
        self._birth_facts: bytes | None = None
        self._problem: str | None = None
        self._tries = refusals.Tries()
        self._link: link.Link | None = None
        self._reset_connection()
        self.air = self._air_before = Air()
        """What all connections until now have cost; read by other threads."""
        self.beat = clock()

    def _reset_connection(self) -> None:
        self._online = False
        self._say_birth = False
        self._own: dict[int, str] = {}
        self._ack_subscription: int | None = None
        self._rows_from: float | None = None
        self._paused_until = 0.0
        self._max_publish = encoding.MAX_MESSAGE_BYTES
        self._aliases = 0
        self._aliased = False

    # From any thread

    @property
    def problem(self) -> str | None:
        """What was in the way last; None while all is well, and before the first try."""
        return self._problem

    def offer(self, after_seq: int, rows: Sequence[Row]) -> None:
        """The answer to `UplinkPort.wants_rows`, empty or not."""
        self._jobs.post(lambda: self._window.offered(after_seq, rows))

    def poke(self) -> None:
        """A row was committed."""
        self._jobs.post(self._window.poke)

    def set_birth(self, body: Mapping[str, Any]) -> None:
        """What `birth` says beside `v`, `gw`, `boot` and `store`; sent once a connection.

        A body that says something new is sent at once; a clock that went on is nothing new.
        """
        head = {"v": encoding.VERSION, "gw": self._settings.gw}
        named = {"boot": self._settings.boot, "store": self._settings.store}
        encoded = encoding.encode({**head, **named, **body})
        facts = encoding.encode({name: body[name] for name in body if name != "clock"})

        def take() -> None:
            self._say_birth = self._say_birth or facts != self._birth_facts
            self._birth, self._birth_facts = encoded, facts

        self._jobs.post(take)

    def set_budget(self, budget: Mapping[str, Any]) -> None:
        """What `state` says of our own bytes from the next connection on."""

        def take() -> None:
            self._budget = budget

        self._jobs.post(take)

    def stop(self) -> None:
        """End `run` after a last `state`."""

        def take() -> None:
            self._stopping = True

        self._jobs.post(take)

    # The thread

    def run(self) -> None:
        """Work until `stop`; then say goodbye."""
        while not self._stopping:
            self.step(30.0)
        self.finish()

    def finish(self) -> None:
        """Say goodbye and let go; for whoever took the turns himself (`step`)."""
        self._say_goodbye()
        self.close()

    def close(self) -> None:
        """Let go without a word, as a crash would; for one that never ran. Harmless after `run`."""
        if self._link is not None:
            self._link.drop()
            self._link = None
        self._jobs.close()

    def step(self, timeout_s: float) -> None:
        """One turn: wait at most `timeout_s` for something to do, and do it."""
        self.beat = self._clock()
        if self._link is None:
            self._wait_to_connect(timeout_s)
            return
        events = self._link.step(self._patience(timeout_s), self._jobs.bell)
        self._note_air()
        for event in events:
            self._handle(event)
        self._jobs.run()
        self._send()
        self._note_air()

    def _note_air(self) -> None:
        air = None if self._link is None else self._link.air()
        if air is not None:
            self.air = self._air_before.plus(air)

    def _wait_to_connect(self, timeout_s: float) -> None:
        wait_s = self._dialer.wait_s()
        if wait_s > 0:
            self._jobs.wait(min(wait_s, timeout_s))
        self._jobs.run()
        if not self._stopping and self._dialer.wait_s() <= 0:
            self._connect()

    def _patience(self, timeout_s: float) -> float:
        """Until the next thing that happens by time alone."""
        if self._jobs:
            return 0.0
        now = self._clock()
        times = [at for at in (self._rows_from, self._paused_until) if at is not None and at > now]
        return min([timeout_s, *(at - now for at in times)])

    def _connect(self) -> None:
        protocol = self._dialer.protocol()
        self._reset_connection()
        self._air_before = self.air
        will = link.Will(
            self._topics["state"], self._state(on=False, why="lost"), self._settings.will_delay_s
        )
        self._link = link.Link(
            self._target,
            protocol,
            clock=self._clock,
            will=will,
            connack_timeout_s=self._dialer.patience_s,
        )
        try:
            self._link.open()
        except UplinkError as error:
            self._link = None
            self._dialer.failed()
            self._tell(error.reason, error.detail)

    def _handle(self, event: link.Event) -> None:
        match event:
            case link.Connected():
                self._on_connected(event)
            case link.Subscribed():
                self._on_subscribed(event)
            case link.Published():
                self._on_published(event)
            case link.Message():
                self._on_message(event)
            case link.Closed():
                self._on_closed(event)

    def _on_connected(self, event: link.Connected) -> None:
        self._online = True
        self._problem = None
        self._dialer.connected()
        self._window.restart(min(WINDOW, event.receive_maximum))
        room = event.maximum_packet - encoding.FRAME_BYTES
        self._max_publish = min(encoding.MAX_MESSAGE_BYTES, room)
        self._aliases = event.topic_aliases
        self._publish_own("state", self._state(on=True))
        if self._link is not None:
            self._ack_subscription = self._link.subscribe(self._topics["ack"])
        self._say_birth = self._birth is not None
        self._port.on_connected(self._dialer.protocol_name)

    def _on_subscribed(self, event: link.Subscribed) -> None:
        if event.mid != self._ack_subscription:
            return
        if not event.ok:
            self._tell(link.NO_SUBSCRIPTION, self._topics["ack"])
        # The kept `ack` follows right behind; what it covers need not be sent again.
        self._rows_from = self._clock() + self._settings.ack_grace_s

    def _on_published(self, event: link.Published) -> None:
        own = self._own.pop(event.mid, None)
        if event.failed and own is None and self._is_refused_for_good(event):
            return
        if event.failed:
            if own is None:
                self._window.refused(event.mid)
            if self._clock() >= self._paused_until:
                self._paused_until = self._clock() + self._retry.next_s()
            self._tell(link.TAKES_NOTHING, f"{own or 'rows'}: {event.words}")
            return
        if own is not None:
            return
        unheard = event.code == link.NO_MATCHING_SUBSCRIBERS
        if not unheard:
            self._tries.taken(self._window.flying(event.mid))
        seqs = self._window.taken(event.mid, self._clock(), unheard=unheard)
        if seqs:
            self._retry.reset()
            if unheard:
                self._tell(_NOBODY_HEARS, event.words)
            else:
                self._problem = None
            self._port.on_delivered(seqs)

    def _is_refused_for_good(self, event: link.Published) -> bool:
        """Whether it was evidence that the broker will never take; it is then out of the way."""
        words, rows = refusals.for_good(event.code), self._window.flying(event.mid)
        if words is None or not rows or rows[0].kind != EVIDENCE:
            return False
        self._window.give_up(event.mid)
        self._refuse(rows[0].seq, words, event.words)
        return True

    def _refuse(self, seq: int, words: str, detail: str) -> None:
        self._tell(words, detail)
        self._port.on_refused(seq, words)

    def _on_message(self, event: link.Message) -> None:
        if event.topic != self._topics["ack"]:
            return
        ack = read_ack(event.payload, self._settings.gw)
        if ack is None:
            self._tell(_BAD_ACK, "")
            return
        self._rows_from = self._clock()
        self._port.on_ack(ack.store, ack.seq, replayed=event.retained or event.again)
        if ack.store == self._settings.store:
            is_live = ack.again and not event.retained
            lost = self._tries.lacking(ack.seq) if is_live else None
            if lost is not None:
                self._refuse(lost, refusals.NEVER_ARRIVES, "")
            self._window.acked(ack.seq, self._clock(), again=ack.again)

    def _on_closed(self, event: link.Closed) -> None:
        seq = self._tries.closed(self._window.unanswered) if self._online else None
        self._link = None
        self._online = False
        if seq is not None:
            self._refuse(seq, refusals.CLOSES, event.detail)
        if not self._dialer.closed(event):
            self._tell(event.reason, event.detail)

    def _tell(self, problem: str, detail: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._port.on_problem(problem, detail)

    # Sending

    def _send(self) -> None:
        if not self._online or self._link is None:
            return
        if self._say_birth and self._birth is not None:
            self._say_birth = False
            self._publish_own("birth", self._birth)
        now = self._clock()
        if self._rows_from is None or now < self._rows_from or now < self._paused_until:
            return
        while (rows := self._window.take()) and self._publish_rows(rows):
            pass
        ask = self._window.ask()
        if ask is not None:
            self._port.wants_rows(ask.after_seq, ask.limit)

    def _publish_rows(self, rows: tuple[Row, ...]) -> bool:
        """Whether they went out. A batch that is too long for the broker is cut."""
        payload = self._payload(rows)
        while len(payload) > self._max_publish and len(rows) > 1:
            half = len(rows) // 2
            self._window.put_back(rows[half:])
            rows = rows[:half]
            payload = self._payload(rows)
        if self._link is None:
            return False
        kind = rows[0].kind
        if kind == EVIDENCE and len(payload) > self._max_publish:
            self._refuse(rows[0].seq, refusals.TOO_LONG, f"{len(payload)} > {self._max_publish}")
            return True
        topic, alias = self._topics[kind], 0
        if kind == "report" and self._aliases:
            topic, alias = "" if self._aliased else topic, 1
            self._aliased = True
        mid = self._link.publish(topic, payload, alias=alias)
        if mid is None:
            self._window.put_back(rows)
            return False
        self._window.sent(mid, rows)
        return True

    def _payload(self, rows: tuple[Row, ...]) -> bytes:
        return encoding.message_of(self._settings.gw, self._settings.store, rows)

    def _publish_own(self, kind: str, payload: bytes) -> None:
        if self._link is not None:
            mid = self._link.publish(self._topics[kind], payload, retain=True)
            if mid is not None:
                self._own[mid] = kind

    def _state(self, *, on: bool, why: str | None = None) -> bytes:
        return state_message(self._settings, self._budget, on=on, why=why)

    def _say_goodbye(self) -> None:
        if self._link is None:
            return
        if self._online:
            self._publish_own("state", self._state(on=False, why="stopped"))
            deadline = self._clock() + STOP_GRACE_S
            while self._link is not None and self._own and self._clock() < deadline:
                for event in self._link.step(deadline - self._clock()):
                    self._handle(event)
        if self._link is not None:
            self._link.close()
            self._link = None
