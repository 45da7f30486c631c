"""What a piece of work in the store sends to the cloud: events and evidence, in its transaction.

Evidence is given one row, however often it is handed in: the SHA-256 of its file is remembered in
the transaction that appends the row. A kill between the row and the answer leaves either both or
nothing.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from agent.report import Stamp, event_body
from cloud_bridge.encoding import decode, encode
from cloud_bridge.outbox import EVIDENCE, Outbox

Json = dict[str, Any]

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE evidence (      -- which evidence was given a row
        sha256  TEXT PRIMARY KEY,  -- of its file
        seq     INTEGER NOT NULL,
        refused TEXT               -- why the broker will never take that row, if it said so
    ) WITHOUT ROWID;
    """,
)


class Queued(NamedTuple):
    """The row that evidence has; `new`: it was given just now."""

    store: str
    seq: int
    new: bool

    def to_json(self) -> Json:
        """As an answer at the control socket."""
        return self._asdict()


class Standing(NamedTuple):
    """How far a row of evidence is: `acked` by the backend, or `refused` by the broker, and why."""

    acked: bool
    refused: str | None = None


class Outgoing:
    """Writes inside an open transaction of the caller."""

    def __init__(
        self, connection: sqlite3.Connection, outbox: Outbox, stamp: Callable[[], Stamp]
    ) -> None:
        self._connection = connection
        self._outbox = outbox
        self._stamp = stamp

    @property
    def store(self) -> str:
        """The id of the store that rows are given in."""
        return self._outbox.store

    def event(self, code: str, args: Json) -> None:
        """An event of now.

        Raises:
            OutboxError: it is not stored.
        """
        self._outbox.append("event", event_body(code, args, self._stamp()))

    def evidence(self, raw: bytes) -> Queued:
        """The row of the evidence in the file `raw`; a new one where it has none, or none any more.

        Raises:
            EvidenceError: it is no evidence, or is not well-formed.
            MessageError: no message can carry it.
            OutboxError: it is not stored.
        """
        from cloud_bridge.certificate import read

        kind = read(raw).head["kind"]
        sha256, store = hashlib.sha256(raw).hexdigest(), self._outbox.store
        row = self._connection.execute(
            "SELECT seq FROM evidence WHERE sha256 = ? AND refused IS NULL", (sha256,)
        ).fetchone()
        if row is not None:
            return Queued(store, int(row[0]), new=False)
        body = {**self._stamp().body(), "kind": kind, "document": decode(raw)}
        decode(encode(body))  # what nobody could read is not sent
        seq = self._outbox.append(EVIDENCE, body)
        self._connection.execute(
            "INSERT OR REPLACE INTO evidence VALUES (?, ?, NULL)", (sha256, seq)
        )
        return Queued(store, seq, new=True)

    def refused(self, seq: int, why: str) -> None:
        """The broker will never take this row of evidence: it leaves, and is not forgotten.

        Raises:
            OutboxError: the store failed; nothing changed.
        """
        if self._outbox.set_aside(seq):
            self._connection.execute("UPDATE evidence SET refused = ? WHERE seq = ?", (why, seq))

    def standing(self, store: str, seq: int) -> Standing:
        """How far a row of evidence is; one of another store is not known to have come anywhere."""
        if store != self._outbox.store:
            return Standing(acked=False)
        row = self._connection.execute(
            "SELECT refused FROM evidence WHERE seq = ?", (seq,)
        ).fetchone()
        if row is not None and row[0] is not None:
            return Standing(acked=False, refused=str(row[0]))
        return Standing(acked=1 <= seq <= (self._outbox.acked or 0))
