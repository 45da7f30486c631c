"""The outbox: what is to reach the cloud, kept on disk until the backend says that it has it.

It works on a connection that is handed in and never begins, commits or rolls back: a sample, its
usage and its row are one step of the caller's transaction. A number (`seq`) that was committed is
never given again, whatever was deleted (SQLite AUTOINCREMENT).

A row leaves when an `ack` of the backend covers it; evidence leaves for nothing else. With a
backend that never sent one, a successful PUBACK ends its sending; the newest `kept_rows` of those
stay as copies, because the first `ack` ever may show that nobody was listening. What the bound
drops, and what a backend asks for that is no longer here, is named in an event `reports_dropped`,
so that the backend's count can go on: `args` are `count`, `ranges` (pairs of first and last `seq`)
and `why`: `bound` (dropped for room), `gone` (was acknowledged or delivered before) or `refused`
(evidence that the broker does not take; whoever wrote it still has it).

Sources: SQLite documentation, "Autoincrement" and "Result and Error Codes".
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from cloud_bridge.encoding import Row, encode
from cloud_bridge.errors import OutboxError

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE outbox (
        seq  INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        code TEXT,
        boot INTEGER NOT NULL,
        body BLOB NOT NULL,
        sent INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX outbox_sent ON outbox (seq) WHERE sent = 1;
    CREATE INDEX outbox_events ON outbox (seq) WHERE kind = 'event';
    CREATE TABLE outbox_meta (
        store TEXT NOT NULL,
        acked INTEGER,
        rows  INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0
    );
    INSERT INTO outbox_meta (store) VALUES (lower(hex(randomblob(4))));
    CREATE TRIGGER outbox_in AFTER INSERT ON outbox BEGIN
        UPDATE outbox_meta SET rows = rows + 1, bytes = bytes + length(NEW.body);
    END;
    CREATE TRIGGER outbox_out AFTER DELETE ON outbox BEGIN
        UPDATE outbox_meta SET rows = rows - 1, bytes = bytes - length(OLD.body);
    END;
    CREATE TRIGGER outbox_change AFTER UPDATE OF body ON outbox BEGIN
        UPDATE outbox_meta SET bytes = bytes + length(NEW.body) - length(OLD.body);
    END;
    """,
)
"""Scripts that make the tables, in order; `agent.store` numbers and runs them."""

DROPPED: Final = "reports_dropped"
EVIDENCE: Final = "evidence"
MAX_BODY_BYTES: Final = 16 * 1024
MAX_EVIDENCE_BODY_BYTES: Final = 60 * 1024 + 256
"""A document of 60 KiB and what stands around it; with the envelope still below 64 KiB."""
_MAX_RANGES = 32
_DROP_AT_ONCE = 50
"""Rows dropped a step at most, so that a smaller bound after a restart frees in small steps."""


@dataclass(frozen=True)
class Bounds:
    """How much the outbox keeps.

    `min_free_bytes` is room on the disk that it leaves alone; `own_bytes` of rows it keeps all the
    same, as long as there is any room: a small or crowded disk is no reason to forget reports.
    """

    max_rows: int = 20_000
    max_bytes: int = 32 * 1024 * 1024
    min_free_bytes: int = 64 * 1024 * 1024
    own_bytes: int = 1024 * 1024
    kept_rows: int = 672


@dataclass(frozen=True)
class Acknowledged:
    """What an `ack` did: rows deleted, why it was refused, first and last `seq` that are gone."""

    deleted: int = 0
    refused: str | None = None
    gone: tuple[int, int] | None = None


@contextmanager
def sqlite_errors() -> Iterator[None]:
    """Inside, errors of SQLite come out as `OutboxError` with a reason in words."""
    try:
        yield
    except sqlite3.Error as error:
        name = str(getattr(error, "sqlite_errorname", "") or "")
        raise OutboxError(_reason(name), str(error)) from error


def _reason(name: str) -> str:
    if name.startswith("SQLITE_FULL"):
        return "the disk is full"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "the store cannot be written"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "the store is damaged"
    return "the store failed"


class Outbox:
    """Rows in order of `seq`; every method that writes needs an open transaction of the caller."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        stamp: Callable[[], Mapping[str, Any]],
        bounds: Bounds | None = None,
        free_bytes: Callable[[], int] | None = None,
    ) -> None:
        """`stamp` gives `boot`, `up_s` and `at` of now; `free_bytes` the room on the disk."""
        self._connection = connection
        self._stamp = stamp
        self._bounds = bounds or Bounds()
        self._free_bytes = free_bytes
        # What a run before this one handed out is unknown: count all of it as handed out.
        self._handed_out = self.last_seq

    @property
    def store(self) -> str:
        """The store's id: 8 hexadecimal characters, made with the database."""
        return str(self._meta("store"))

    @property
    def acked(self) -> int | None:
        """The highest `seq` that an `ack` ever covered; None as long as there was none."""
        value = self._meta("acked")
        return None if value is None else int(value)

    @property
    def rows(self) -> int:
        """Rows held, delivered copies included."""
        return int(self._meta("rows"))

    @property
    def size_bytes(self) -> int:
        """Bytes of the bodies held."""
        return int(self._meta("bytes"))

    @property
    def last_seq(self) -> int:
        """The highest `seq` ever given; 0 in a new store."""
        row = self._one("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
        return int(row[0]) if row else 0

    def append(self, kind: str, body: Mapping[str, Any]) -> int:
        """The new row's `seq`. `body` is the message without `v gw store seq`, with its `boot`.

        Raises:
            OutboxError: not stored (disk full, damaged, over the bound with events alone).
                The caller rolls back; what was stored before stays.
        """
        encoded = encode(body)
        if len(encoded) > (MAX_EVIDENCE_BODY_BYTES if kind == EVIDENCE else MAX_BODY_BYTES):
            raise OutboxError("the message is too long")
        self._need_transaction()
        with sqlite_errors():
            self._make_room(len(encoded), report=kind == "report")
            return self._insert(kind, body, encoded)

    def unsent(self, after_seq: int, limit: int) -> tuple[Row, ...]:
        """At most `limit` rows that still have to be delivered, oldest first, after `after_seq`."""
        with sqlite_errors():
            found = self._connection.execute(
                "SELECT seq, kind, boot, body FROM outbox WHERE seq > ? AND sent = 0 "
                "ORDER BY seq LIMIT ?",
                (after_seq, limit),
            ).fetchall()
        rows = tuple(Row(*fields) for fields in found)
        if rows:
            self._handed_out = max(self._handed_out, rows[-1].seq)
        return rows

    def delivered(self, seqs: tuple[int, ...]) -> None:
        """The broker took these rows. Changes something only while no `ack` ever came.

        Raises:
            OutboxError: the store failed; the rows will be sent again.
        """
        self._need_transaction()
        if self.acked is not None:
            return
        with sqlite_errors():
            self._connection.executemany(
                "UPDATE outbox SET sent = 1 WHERE seq = ?", [(seq,) for seq in seqs]
            )
            self._connection.execute(
                "DELETE FROM outbox WHERE sent = 1 AND kind != 'evidence' AND seq <= "
                "(SELECT seq FROM outbox WHERE sent = 1 ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (self._bounds.kept_rows,),
            )

    def acknowledge(self, store: str, seq: int, *, replayed: bool = False) -> Acknowledged:
        """The backend holds every row up to `seq`: they leave.

        `replayed` marks a copy that the broker had kept (retained, or sent again): an old one
        says nothing about what the backend lacks now.

        Raises:
            OutboxError: the store failed; nothing left.
        """
        self._need_transaction()
        if store != self.store:
            return Acknowledged(refused="ack of another store")
        if not 0 <= seq <= self.last_seq:
            return Acknowledged(refused="ack beyond what was sent")
        before = self.acked
        if replayed and before is not None and seq < before:
            return Acknowledged()
        with sqlite_errors():
            deleted = self._connection.execute("DELETE FROM outbox WHERE seq <= ?", (seq,)).rowcount
            self._connection.execute(
                "UPDATE outbox SET sent = 0 WHERE sent = 1",
            )
            self._connection.execute("UPDATE outbox_meta SET acked = ?", (max(seq, before or 0),))
            return Acknowledged(deleted, gone=self._name_what_is_gone(seq))

    def set_aside(self, seq: int) -> bool:
        """Take out evidence that the broker refuses, so that it holds up nothing behind it.

        Whether it was still here; its number is then said never to come.

        Raises:
            OutboxError: the store failed; nothing changed.
        """
        self._need_transaction()
        with sqlite_errors():
            found = self._connection.execute(
                "DELETE FROM outbox WHERE seq = ? AND kind = 'evidence'", (seq,)
            ).rowcount
            if found:
                self._say_dropped([[seq, seq]], "refused")
        return found == 1

    # What is no longer here

    def _name_what_is_gone(self, acked: int) -> tuple[int, int] | None:
        """Rows after `acked` that do not exist any more, said in an event, once.

        Copies leave oldest first, evidence stays: what lies between pieces of evidence is gone.
        """
        oldest = self._one("SELECT min(seq) FROM outbox WHERE kind != 'evidence'")[0]
        last = self.last_seq if oldest is None else oldest - 1
        kept = self._connection.execute(
            "SELECT seq FROM outbox WHERE kind = 'evidence' AND seq > ? AND seq <= ? ORDER BY seq",
            (acked, last),
        )
        gone, first = [], acked + 1
        for seq in [*(seq for (seq,) in kept), last + 1]:
            if seq > first and not self._is_said(first):
                gone.append([first, seq - 1])
            first = seq + 1
        if not gone:
            return None
        self._say_dropped(gone, "gone")
        return gone[0][0], gone[-1][1]

    def _is_said(self, seq: int) -> bool:
        return any(
            first <= seq <= last
            for _, args in self._pending_drop_events()
            for first, last in args["ranges"]
        )

    def _pending_drop_events(self) -> list[tuple[int, dict[str, Any]]]:
        found = self._connection.execute(
            "SELECT seq, body FROM outbox WHERE kind = 'event' AND code = ? ORDER BY seq",
            (DROPPED,),
        )
        return [(seq, json.loads(body)["args"]) for seq, body in found]

    def _say_dropped(self, ranges: list[list[int]], why: str) -> None:
        """In the newest event about drops if nobody has seen it yet, else in a new one."""
        pending = self._pending_drop_events()
        if pending and pending[-1][0] > self._handed_out and pending[-1][1]["why"] == why:
            seq, args = pending[-1]
            merged = _merge(args["ranges"], ranges)
            body = self._drop_event(merged, why)
            if len(merged) <= _MAX_RANGES:
                self._connection.execute(
                    "UPDATE outbox SET boot = ?, body = ? WHERE seq = ?",
                    (body["boot"], encode(body), seq),
                )
                return
        body = self._drop_event(ranges, why)
        self._insert("event", body, encode(body))

    def _drop_event(self, ranges: list[list[int]], why: str) -> dict[str, Any]:
        count = sum(last - first + 1 for first, last in ranges)
        args = {"count": count, "ranges": ranges, "why": why}
        return {**self._stamp(), "code": DROPPED, "args": args}

    # Room

    def _make_room(self, new_bytes: int, *, report: bool) -> None:
        """Drop delivered copies, then the oldest reports, until a row of `new_bytes` fits.

        Events and evidence are let in when nothing is left to drop, up to twice the bound: there
        something floods. Low on disk, a row may come in for each that leaves: the file does not
        grow.
        """
        if self._disk_is_low(new_bytes):
            self._drop_oldest()
        while self._over(new_bytes, times=1):
            if self._drop_oldest():
                continue
            if report or self._over(new_bytes, times=2):
                raise OutboxError("the outbox is full of events")
            return

    def _disk_is_low(self, new_bytes: int) -> bool:
        if self._free_bytes is None or self.size_bytes + new_bytes <= self._bounds.own_bytes:
            return False
        return self._free_bytes() < self._bounds.min_free_bytes

    def _over(self, new_bytes: int, *, times: int) -> bool:
        rows, size = self.rows + 1, self.size_bytes + new_bytes
        return rows > times * self._bounds.max_rows or size > times * self._bounds.max_bytes

    def _drop_oldest(self) -> int:
        """Rows that left: one delivered copy, or one of the oldest reports, which is then said."""
        copies = self._connection.execute(
            "DELETE FROM outbox WHERE seq = "
            "(SELECT min(seq) FROM outbox WHERE sent = 1 AND kind != 'evidence')"
        ).rowcount
        if copies:
            return copies
        surplus = min(max(self.rows + 1 - self._bounds.max_rows, 1), _DROP_AT_ONCE)
        seqs = [
            seq
            for (seq,) in self._connection.execute(
                "SELECT seq FROM outbox WHERE kind = 'report' ORDER BY seq LIMIT ?", (surplus,)
            )
        ]
        self._connection.executemany("DELETE FROM outbox WHERE seq = ?", [(seq,) for seq in seqs])
        if seqs:
            self._say_dropped(_merge([], [[seq, seq] for seq in seqs]), "bound")
        return len(seqs)

    # Statements

    def _insert(self, kind: str, body: Mapping[str, Any], encoded: bytes) -> int:
        cursor = self._connection.execute(
            "INSERT INTO outbox (kind, code, boot, body) VALUES (?, ?, ?, ?)",
            (kind, body.get("code"), body["boot"], encoded),
        )
        # An INSERT that succeeded has a row id.
        return int(cursor.lastrowid or 0)

    def _need_transaction(self) -> None:
        if not self._connection.in_transaction:
            raise RuntimeError("the outbox writes inside a transaction of its caller only")

    def _meta(self, column: str) -> Any:
        return self._one(f"SELECT {column} FROM outbox_meta")[0]  # noqa: S608 - names of our own

    def _one(self, statement: str) -> Any:
        with sqlite_errors():
            return self._connection.execute(statement).fetchone()


def _merge(ranges: list[list[int]], more: list[list[int]]) -> list[list[int]]:
    """All ranges, in order, those that touch made one."""
    merged: list[list[int]] = []
    for first, last in sorted([*ranges, *more]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return merged
