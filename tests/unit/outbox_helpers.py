"""An outbox on a database of its own."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cloud_bridge.outbox import MIGRATIONS, Acknowledged, Bounds, Outbox

ROOMY = Bounds(min_free_bytes=0)


def database(path: Path | str = ":memory:", factory: Any = sqlite3.Connection) -> Any:
    """A connection to a database with the outbox's tables."""
    connection = sqlite3.connect(path, isolation_level=None, factory=factory)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        for script in MIGRATIONS:
            connection.executescript(script)
    return connection


def stamp() -> Mapping[str, Any]:
    return {"boot": 7, "up_s": 900.5, "at": None}


class Box:
    """An outbox whose every call is a transaction of its own."""

    def __init__(self, connection: sqlite3.Connection, bounds: Bounds = ROOMY, **more: Any) -> None:
        self.connection = connection
        self.outbox = Outbox(connection, stamp=stamp, bounds=bounds, **more)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def report(self, **fields: Any) -> int:
        with self.transaction():
            return self.outbox.append("report", {**stamp(), **fields})

    def event(self, code: str = "modem_lost") -> int:
        with self.transaction():
            return self.outbox.append("event", {**stamp(), "code": code, "args": {}})

    def evidence(self, size: int = 40_000) -> int:
        body = {**stamp(), "kind": "bind", "document": {"signature": "x" * size}}
        with self.transaction():
            return self.outbox.append("evidence", body)

    def set_aside(self, seq: int) -> bool:
        with self.transaction():
            return self.outbox.set_aside(seq)

    def delivered(self, *seqs: int) -> None:
        with self.transaction():
            self.outbox.delivered(seqs)

    def ack(self, seq: int, *, replayed: bool = False, store: str | None = None) -> Acknowledged:
        with self.transaction():
            return self.outbox.acknowledge(store or self.outbox.store, seq, replayed=replayed)

    def unsent(self, after_seq: int = 0) -> list[int]:
        return [row.seq for row in self.outbox.unsent(after_seq, 1_000_000)]
