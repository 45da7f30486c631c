"""Both ends of the road around a broker, driven turn by turn in the test's own thread."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from cloud_bridge.backend.consumer import Arrival, Consumer
from cloud_bridge.backend.settings import ConsumerSettings
from cloud_bridge.backend.store import BackendStore
from cloud_bridge.outbox import MIGRATIONS, Bounds, Outbox
from cloud_bridge.uplink import Uplink
from cloud_bridge.uplink_settings import UplinkSettings

GW = "gw00000001"


class Gateway:
    """An outbox and an uplink; what the daemon's work thread does happens at once."""

    def __init__(self, url: str, database: Path | str = ":memory:", **settings: object) -> None:
        self.connection = sqlite3.connect(database, isolation_level=None)
        if not self.connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            for script in MIGRATIONS:
                self.connection.executescript(script)
        self.outbox = Outbox(
            self.connection,
            stamp=lambda: {"boot": 1, "up_s": 1.0, "at": None},
            bounds=Bounds(min_free_bytes=0),
        )
        base = UplinkSettings(
            url=url,
            gw=GW,
            store=self.outbox.store,
            boot=1,
            software="simward test",
            ack_grace_s=0.1,
            backoff_base_s=0.05,
            backoff_cap_s=0.2,
            connect_timeout_s=5.0,
            will_delay_s=0,
        )
        self.uplink = Uplink(replace(base, **settings), self)  # type: ignore[arg-type]
        self.problems: list[str] = []
        self.connections: list[str] = []
        self.delivered: list[int] = []
        self.refused: list[str] = []

    def report(self, **fields: object) -> int:
        self.connection.execute("BEGIN IMMEDIATE")
        seq = self.outbox.append("report", {"boot": 1, "up_s": 1.0, "at": None, **fields})
        self.connection.execute("COMMIT")
        self.uplink.poke()
        return seq

    def close(self) -> None:
        """As after `kill -9`: no goodbye."""
        self.uplink.close()
        self.connection.close()

    def wants_rows(self, after_seq: int, limit: int) -> None:
        self.uplink.offer(after_seq, self.outbox.unsent(after_seq, limit))

    def on_delivered(self, seqs: tuple[int, ...]) -> None:
        self.delivered.extend(seqs)
        self.connection.execute("BEGIN IMMEDIATE")
        self.outbox.delivered(seqs)
        self.connection.execute("COMMIT")

    def on_ack(self, store: str, seq: int, *, replayed: bool) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        result = self.outbox.acknowledge(store, seq, replayed=replayed)
        self.connection.execute("COMMIT")
        if result.refused:
            self.refused.append(result.refused)
        if result.gone:
            self.uplink.poke()

    def on_connected(self, protocol: str) -> None:
        self.connections.append(protocol)

    def on_problem(self, reason: str, detail: str) -> None:
        del detail
        self.problems.append(reason)


@dataclass
class Watcher:
    """A listener that remembers."""

    connections: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    dead: list[tuple[str, str]] = field(default_factory=list)
    acks: list[tuple[str, str, int]] = field(default_factory=list)

    def on_connected(self, protocol: str) -> None:
        self.connections.append(protocol)

    def on_problem(self, reason: str, detail: str) -> None:
        del detail
        self.problems.append(reason)

    def on_arrival(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)

    def on_dead_letter(self, topic: str, reason: str) -> None:
        self.dead.append((topic, reason))

    def on_ack(self, gw: str, store: str, seq: int) -> None:
        self.acks.append((gw, store, seq))


class Backend:
    """A consumer with its store."""

    def __init__(self, url: str, database: Path | str = ":memory:", **settings: object) -> None:
        self.watcher = Watcher()
        self.store = BackendStore(database)
        base = ConsumerSettings(
            url=url, ack_every_s=0.0, eager_s=0.0, backoff_base_s=0.05, backoff_cap_s=0.2
        )
        merged = replace(base, **settings)  # type: ignore[arg-type]
        self.consumer = Consumer(merged, self.store, self.watcher)

    def seqs(self, store: str) -> tuple[int, ...]:
        return self.store.report_seqs(GW, store)

    def close(self) -> None:
        self.consumer.close()
        self.store.close()


def drive(
    *ends: Gateway | Backend, until: Callable[[], bool], within_s: float = 60.0, why: str = ""
) -> None:
    """Turn after turn at each end, until `until` holds; fails after `within_s` seconds."""
    deadline = monotonic() + within_s
    while not until():
        if monotonic() > deadline:
            problems = [end.problems for end in ends if isinstance(end, Gateway)]
            raise AssertionError(f"{why or 'it did not happen'} (problems: {problems})")
        for end in ends:
            if isinstance(end, Gateway):
                end.uplink.step(0.01)
            else:
                end.consumer.step(0.01)
