"""The whole road without a network: outbox, window, a broker that loses, a backend.

Whatever is lost, killed or restarted on the way, in the end the backend holds every row that was
committed, once, but for those that an event names as dropped.
"""

import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_bridge.backend.store import BackendStore
from cloud_bridge.encoding import Row, batch, envelope
from cloud_bridge.errors import OutboxError
from cloud_bridge.messages import Event, Evidence, Report, dropped_ranges, read
from cloud_bridge.outbox import Bounds
from cloud_bridge.window import Window
from tests.effort import examples
from tests.unit.outbox_helpers import Box, database

GW = "gw1"

Publish = tuple[int, tuple[Row, ...]]


class Road:
    """Everything between a sample and the backend's table, one small step at a time."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.connection = database()
        self.box = Box(self.connection, bounds)
        self.store = BackendStore(":memory:")
        self.window = Window()
        self.mids = 0
        self.now = 0.0
        self.committed: set[int] = set()
        self.to_backend: deque[Publish] = deque()
        self.pubacks: deque[int] = deque()
        self.acks: deque[int] = deque()
        self.dropped: set[int] = set()
        self.signed: set[int] = set()
        self.refused: set[int] = set()
        self.refusals: set[str] = set()

    def close(self) -> None:
        self.connection.close()
        self.store.close()

    # What may happen

    def append(self) -> None:
        self._commit(self.box.report)

    def append_event(self) -> None:
        self._commit(self.box.event)

    def append_evidence(self) -> None:
        def step() -> int:
            seq = self.box.evidence(50)
            self.signed.add(seq)
            return seq

        self._commit(step)

    def refuse_evidence_for_good(self) -> None:
        """The broker takes all but the oldest evidence."""
        rows = self.box.outbox.unsent(0, 10_000)
        seq = next((row.seq for row in rows if row.kind == "evidence"), None)
        if seq is not None:
            self.box.set_aside(seq)
            self.refused.add(seq)
            self.window.poke()

    def _commit(self, step: Callable[[], int]) -> None:
        try:
            self.committed.add(step())
        except OutboxError as error:
            self.refusals.add(error.reason)
        self.window.poke()

    def append_and_die(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        with suppress(OutboxError):
            self.box.outbox.append("report", {"boot": 7, "up_s": 1.0})
        self.connection.execute("ROLLBACK")
        self.kill()

    def kill(self) -> None:
        self.box = Box(self.connection, self.bounds)
        self.reconnect()

    def reconnect(self) -> None:
        """What was under way may be lost on both ways."""
        self.window.restart(10)
        self.pubacks.clear()

    def forget(self) -> None:
        """A broker that restarts empty."""
        self.to_backend.clear()
        self.acks.clear()
        self.reconnect()

    def send(self) -> None:
        ask = self.window.ask()
        if ask is not None:
            self.window.offered(ask.after_seq, self.box.outbox.unsent(ask.after_seq, ask.limit))
        while rows := self.window.take():
            self.mids += 1
            self.window.sent(self.mids, rows)
            self.to_backend.append((self.mids, rows))

    def broker_takes(self) -> None:
        for mid, _ in self.to_backend:
            if mid not in self.pubacks:
                self.pubacks.append(mid)

    def puback(self) -> None:
        while self.pubacks:
            self.box.delivered(*self.window.taken(self.pubacks.popleft(), self.now))

    def refuse(self) -> None:
        if self.to_backend:
            self.window.refused(self.to_backend.pop()[0])

    def lose(self) -> None:
        """The broker had it, and it never arrives."""
        if self.to_backend:
            self.pubacks.append(self.to_backend.popleft()[0])

    def vanish(self) -> None:
        """Sent and taken by a broker to which nobody listens."""
        self.send()
        while self.to_backend:
            self.lose()
        self.puback()

    def arrive(self) -> None:
        self.send()
        self.backend_takes()

    def backend_takes(self) -> None:
        while self.to_backend:
            mid, rows = self.to_backend.popleft()
            self.pubacks.append(mid)
            self.store_rows(rows)

    def store_rows(self, rows: tuple[Row, ...]) -> None:
        name = self.box.outbox.store
        raw = envelope(GW, name, rows[0]) if len(rows) == 1 else batch(GW, name, rows)
        with self.store.transaction():
            for message in read(rows[0].kind, raw):
                if isinstance(message, Report):
                    self.store.add_report(message, "now")
                elif isinstance(message, Evidence):
                    self.store.add_evidence(message, "now")
                elif isinstance(message, Event):
                    self.store.add_event(message, "now")
                    for first, last in dropped_ranges(message):
                        self.dropped.update(range(first, last + 1))

    def backend_acks(self) -> None:
        self.acks.append(self.store.ack_position(GW, self.box.outbox.store))

    def ack_arrives(self) -> None:
        while self.acks:
            self.take_ack(self.acks.popleft())

    def ack_again(self) -> None:
        """The copy that the broker kept."""
        position = self.store.ack_position(GW, self.box.outbox.store)
        self.take_ack(position, replayed=True)

    def take_ack(self, seq: int, *, replayed: bool = False) -> None:
        result = self.box.ack(seq, replayed=replayed)
        self.window.acked(seq, self.now)
        if result.gone:
            self.window.poke()

    def wait(self) -> None:
        self.now += 61.0

    # The end: everything works again

    def settle(self) -> None:
        for _ in range(60):
            self.reconnect()
            self.ack_again()
            for _ in range(3):
                self.send()
                self.backend_takes()
                self.puback()
            self.backend_acks()
            self.ack_arrives()
            if not self.box.outbox.rows:
                return

    def stored(self) -> list[int]:
        name = self.box.outbox.store
        events = self.store._connection.execute("SELECT seq FROM events").fetchall()
        evidence = self.store._connection.execute("SELECT seq FROM evidence_rows").fetchall()
        rows = (int(seq) for (seq,) in (*events, *evidence))
        return [*self.store.report_seqs(GW, name), *rows]

    def evidence(self) -> set[int]:
        found = self.store._connection.execute("SELECT seq FROM evidence_rows").fetchall()
        return {int(seq) for (seq,) in found}


STEPS = [
    "append", "append", "append", "append_event", "append_evidence", "append_and_die", "kill",
    "reconnect", "forget",
    "send", "broker_takes", "puback", "refuse", "lose", "backend_takes", "backend_acks",
    "ack_arrives", "ack_again", "wait", "vanish", "arrive", "refuse_evidence_for_good",
]  # fmt: skip


def walk(steps: list[str], bounds: Bounds) -> tuple[list[int], Road]:
    road = Road(bounds)
    for step in steps:
        getattr(road, step)()
    road.settle()
    return road.stored(), road


@settings(max_examples=examples(150))
@given(steps=st.lists(st.sampled_from(STEPS), min_size=8, max_size=60))
def test_whatever_happens_every_committed_row_is_stored_once(steps: list[str]) -> None:
    stored, road = walk(steps, Bounds(min_free_bytes=0))
    assert len(stored) == len(set(stored))
    assert not road.refusals
    assert road.committed - road.refused <= set(stored)
    assert road.box.outbox.rows == 0
    road.close()


@settings(max_examples=examples(150))
@given(
    steps=st.lists(st.sampled_from(STEPS), min_size=15, max_size=80), max_rows=st.integers(3, 12)
)
def test_what_the_bound_drops_is_named_and_nothing_else_is_missing(
    steps: list[str], max_rows: int
) -> None:
    stored, road = walk(steps, Bounds(max_rows=max_rows, min_free_bytes=0, kept_rows=5))
    road.append()
    road.settle()
    # A bound of a few rows is soon full of events; that was said, and nothing was committed.
    assert road.refusals <= {"the outbox is full of events"}
    missing = road.committed - set(road.stored())
    assert missing <= road.dropped
    assert road.signed - road.refused <= road.evidence()
    assert len(stored) == len(set(stored))
    assert road.box.outbox.rows == 0
    road.close()


@settings(max_examples=examples(100))
@given(
    seqs=st.lists(st.integers(1, 30), min_size=1, max_size=60),
    holes=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=5),
)
def test_the_position_never_passes_a_missing_row(
    seqs: list[int], holes: list[tuple[int, int]]
) -> None:
    store = BackendStore(":memory:")
    known: set[int] = set()
    with store.transaction():
        for seq in seqs:
            store._fill(GW, "00000000", seq, seq)
            known.add(seq)
        for first, more in holes:
            store._fill(GW, "00000000", first, first + more)
            known.update(range(first, first + more + 1))
        expected = next(n for n in range(40) if n + 1 not in known)
        assert store.ack_position(GW, "00000000") == expected
        assert store.has_gap(GW, "00000000") == (max(known) > expected)
    store.close()


_VALUES = st.none() | st.integers(-200, 200) | st.booleans() | st.just("lte") | st.just([1, None])


@settings(max_examples=examples(150))
@given(
    bodies=st.lists(
        st.dictionaries(st.sampled_from(["rsrp", "act", "reg", "gap", "tx"]), _VALUES),
        min_size=1,
        max_size=20,
    )
)
def test_a_batch_says_what_its_rows_say(bodies: list[dict[str, Any]]) -> None:
    from cloud_bridge.messages import split

    rows = [
        Row(number, "report", 7, json.dumps({"boot": 7, "up_s": number, **body}).encode())
        for number, body in enumerate(bodies, start=1)
    ]
    alone = [split("report", envelope(GW, "00000000", row))[0] for row in rows]
    together = split("report", batch(GW, "00000000", rows))

    def said(message: dict[str, Any]) -> str:
        return json.dumps({k: v for k, v in message.items() if v is not None}, sort_keys=True)

    assert list(map(said, together)) == list(map(said, alone))
