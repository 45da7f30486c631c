"""The backend's store in SQLite: each row of each gateway once, and how far each has no gap.

One transaction takes what came; nothing is acknowledged before its commit. `ack_position` counts
rows that are stored, rows that are kept as dead letters (their bytes are stored, sending them
again would not mend them), and ranges that an event `reports_dropped` says will never come.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from cloud_bridge.backend import evidence_shelf, part_shelf
from cloud_bridge.backend.evidence_shelf import EvidenceShelf, Taken
from cloud_bridge.backend.part_shelf import PartShelf
from cloud_bridge.errors import BackendStoreError
from cloud_bridge.messages import Birth, Event, Evidence, Report, State, dropped_ranges

_REPORT_FIELDS: Final = (
    "gw", "store", "seq", "boot", "up_s", "at", "slot", "sim_state", "reg", "plmn", "act", "tac",
    "ci", "rssi", "rsrp", "rsrq", "sinr", "tx", "rx", "reset", "gap",
)  # fmt: skip

_SCHEMA: Final = (
    """
    CREATE TABLE reports (
        gw TEXT NOT NULL, store TEXT NOT NULL, seq INTEGER NOT NULL,
        boot INTEGER NOT NULL, up_s REAL NOT NULL, at TEXT, slot INTEGER NOT NULL,
        sim_state TEXT NOT NULL, reg TEXT, plmn TEXT, act TEXT, tac TEXT, ci TEXT,
        rssi REAL, rsrp REAL, rsrq REAL, sinr REAL, tx INTEGER, rx INTEGER,
        reset INTEGER NOT NULL, gap INTEGER NOT NULL, received_at TEXT NOT NULL,
        PRIMARY KEY (gw, store, seq)
    ) WITHOUT ROWID;
    CREATE TABLE events (
        gw TEXT NOT NULL, store TEXT NOT NULL, seq INTEGER NOT NULL,
        boot INTEGER NOT NULL, up_s REAL NOT NULL, at TEXT,
        code TEXT NOT NULL, args TEXT NOT NULL, received_at TEXT NOT NULL,
        PRIMARY KEY (gw, store, seq)
    ) WITHOUT ROWID;
    CREATE TABLE states (
        gw TEXT PRIMARY KEY, boot INTEGER NOT NULL, online INTEGER NOT NULL,
        body TEXT NOT NULL, received_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE births (
        gw TEXT PRIMARY KEY, boot INTEGER NOT NULL, body TEXT NOT NULL, received_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE dead_letters (
        id INTEGER PRIMARY KEY, topic TEXT NOT NULL, payload BLOB NOT NULL,
        reason TEXT NOT NULL, received_at TEXT NOT NULL
    );
    CREATE TABLE positions (
        gw TEXT NOT NULL, store TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (gw, store)
    ) WITHOUT ROWID;
    CREATE TABLE ahead (
        gw TEXT NOT NULL, store TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        PRIMARY KEY (gw, store, first)
    ) WITHOUT ROWID;
    """,
    evidence_shelf.SCHEMA,
    part_shelf.SCHEMA,
)
_MAX_DEAD_LETTERS: Final = 10_000


class Counts(NamedTuple):
    """How many rows each table holds."""

    gateways: int
    reports: int
    events: int
    dead_letters: int
    evidence: int


class BackendStore:
    """The store; one thread uses it, and every writing method stands in `transaction`."""

    def __init__(self, path: Path | str) -> None:
        """Opens or makes the database.

        Raises:
            BackendStoreError: it cannot be opened, or is of a newer version.
        """
        with _errors():
            self._connection = sqlite3.connect(path, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise
        self.evidence = EvidenceShelf(self._connection)
        self.parts = PartShelf(self._connection)

    def close(self) -> None:
        """Let go of the file; calling it twice is harmless."""
        self._connection.close()

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA busy_timeout = 5000")
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(_SCHEMA):
            raise BackendStoreError("the database is of a newer version")
        for number, script in enumerate(_SCHEMA[version:], start=version + 1):
            self._connection.executescript(
                f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;"
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; durable when it ends.

        Raises:
            BackendStoreError: nothing of it was stored.
        """
        with _errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back by itself (a full disk).
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    # What comes in

    def add_report(self, report: Report, received_at: str) -> bool:
        """Whether it is new."""
        values = report.model_dump()
        values["reg"] = None if report.reg is None else _json(values["reg"])
        fields = (*_REPORT_FIELDS, "received_at")
        new = self._insert("reports", fields, [values[n] for n in _REPORT_FIELDS] + [received_at])
        self._fill(report.gw, report.store, report.seq, report.seq)
        return new

    def add_event(self, event: Event, received_at: str) -> bool:
        """Whether it is new; what it says will never come counts as filled.

        Raises:
            MessageError: `reports_dropped` without proper ranges; nothing was stored.
        """
        ranges = dropped_ranges(event)
        fields = ("gw", "store", "seq", "boot", "up_s", "at", "code", "args", "received_at")
        values = [event.gw, event.store, event.seq, event.boot, event.up_s, event.at]
        new = self._insert("events", fields, [*values, event.code, _json(event.args), received_at])
        self._fill(event.gw, event.store, event.seq, event.seq)
        for first, last in ranges:
            self._fill(event.gw, event.store, first, last)
        return new

    def add_evidence(self, message: Evidence, received_at: str) -> Taken:
        """Whether it is new, and what was found of it; one that does not hold is kept as well."""
        taken = self.evidence.take_message(message, received_at)
        self._fill(message.gw, message.store, message.seq, message.seq)
        return taken

    def set_state(self, state: State, received_at: str) -> bool:
        """Whether it counts: a late will of an earlier boot does not turn a gateway off."""
        found = self._one("SELECT boot, body FROM states WHERE gw = ?", state.gw)
        if found and json.loads(found[1])["store"] == state.store and state.boot < found[0]:
            return False
        self._replace(
            "states",
            ("gw", "boot", "online", "body", "received_at"),
            [state.gw, state.boot, state.on, state.model_dump_json(), received_at],
        )
        return True

    def set_birth(self, birth: Birth, received_at: str) -> bool:
        """The newest counts; whether the public key in it is the one that is known, if any is."""
        self._replace(
            "births",
            ("gw", "boot", "body", "received_at"),
            [birth.gw, birth.boot, birth.model_dump_json(), received_at],
        )
        if birth.public_key is None:
            return True
        return self.evidence.note_key(birth.gw, birth.public_key, received_at)

    def add_dead_letter(
        self,
        topic: str,
        payload: bytes,
        reason: str,
        received_at: str,
        row: tuple[str, str, int] | None = None,
    ) -> None:
        """Bytes that are no message. `row` (gw, store, seq) says whose number they use up.

        Only the newest 10,000 are kept: a flood must not fill the disk.
        """
        fields = ("topic", "payload", "reason", "received_at")
        self._insert("dead_letters", fields, [topic, payload, reason, received_at])
        self._connection.execute(
            "DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?",
            (_MAX_DEAD_LETTERS,),
        )
        if row is not None:
            self._fill(row[0], row[1], row[2], row[2])

    # What is known

    def ack_position(self, gw: str, store: str) -> int:
        """The highest `seq` up to which nothing is missing; 0 where the first row is."""
        found = self._one("SELECT seq FROM positions WHERE gw = ? AND store = ?", gw, store)
        return int(found[0]) if found else 0

    def has_gap(self, gw: str, store: str) -> bool:
        """Whether rows after `ack_position` are stored already."""
        found = self._one("SELECT 1 FROM ahead WHERE gw = ? AND store = ? LIMIT 1", gw, store)
        return found is not None

    def stores(self) -> tuple[tuple[str, str], ...]:
        """Every (gw, store) that rows came from."""
        with _errors():
            found = self._connection.execute("SELECT gw, store FROM positions").fetchall()
        return tuple((str(gw), str(store)) for gw, store in found)

    def counts(self) -> Counts:
        """How many rows each table holds."""
        gateways = self._one("SELECT count(DISTINCT gw) FROM positions")
        reports, events, dead, evidence = (
            self._one(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of our own
            for table in ("reports", "events", "dead_letters", "evidence")
        )
        return Counts(gateways[0], reports[0], events[0], dead[0], evidence[0])

    def report_seqs(self, gw: str, store: str) -> tuple[int, ...]:
        """The numbers of all reports of one store, rising."""
        with _errors():
            found = self._connection.execute(
                "SELECT seq FROM reports WHERE gw = ? AND store = ? ORDER BY seq", (gw, store)
            ).fetchall()
        return tuple(int(seq) for (seq,) in found)

    # The count without a gap

    def _fill(self, gw: str, store: str, first: int, last: int) -> None:
        """Rows `first` to `last` are here, or will never come."""
        position = self.ack_position(gw, store)
        last = max(last, position)
        if first > position + 1:
            self._put_ahead(gw, store, first, last)
            last = position
        else:
            last = self._take_ahead(gw, store, last)
        self._replace("positions", ("gw", "store", "seq"), [gw, store, last])

    def _take_ahead(self, gw: str, store: str, position: int) -> int:
        """`position` moved on over what came before its turn."""
        while found := self._one(
            "SELECT first, last FROM ahead WHERE gw = ? AND store = ? AND first <= ? "
            "ORDER BY first LIMIT 1",
            gw,
            store,
            position + 1,
        ):
            self._remove_ahead(gw, store, found[0])
            position = max(position, found[1])
        return position

    def _put_ahead(self, gw: str, store: str, first: int, last: int) -> None:
        """Keep `first` to `last` for later, made one with what they touch."""
        while found := self._one(
            "SELECT first, last FROM ahead WHERE gw = ? AND store = ? AND first <= ? "
            "ORDER BY first DESC LIMIT 1",
            gw,
            store,
            last + 1,
        ):
            if found[1] < first - 1:
                break
            self._remove_ahead(gw, store, found[0])
            first, last = min(first, found[0]), max(last, found[1])
        self._insert("ahead", ("gw", "store", "first", "last"), [gw, store, first, last])

    def _remove_ahead(self, gw: str, store: str, first: int) -> None:
        self._connection.execute(
            "DELETE FROM ahead WHERE gw = ? AND store = ? AND first = ?", (gw, store, first)
        )

    # Statements; table and field names are our own

    def _insert(self, table: str, fields: tuple[str, ...], values: list[Any]) -> bool:
        marks = ", ".join("?" * len(fields))
        statement = f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({marks}) "  # noqa: S608
        cursor = self._connection.execute(statement + "ON CONFLICT DO NOTHING", values)
        return cursor.rowcount == 1

    def _replace(self, table: str, fields: tuple[str, ...], values: list[Any]) -> None:
        marks = ", ".join("?" * len(fields))
        self._connection.execute(
            f"INSERT OR REPLACE INTO {table} ({', '.join(fields)}) VALUES ({marks})",  # noqa: S608
            values,
        )

    def _one(self, statement: str, *values: Any) -> Any:
        with _errors():
            return self._connection.execute(statement, values).fetchone()


def _json(value: Any) -> str:
    # ASCII: a lone surrogate from a hostile message stays an escape and can be stored.
    return json.dumps(value, separators=(",", ":"))


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackendStoreError(str(error)) from error
