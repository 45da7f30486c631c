"""The backend's shelf of evidence: each document once, by its SHA-256, whichever way it came.

Works on the connection of `BackendStore`, inside its transactions. A document that came by MQTT
and by file is one document; `evidence_rows` says which rows brought it.
"""

import sqlite3
from typing import Any, Final, NamedTuple

from cloud_bridge.backend.judgement import (
    INTACT,
    VERDICTS,
    VERIFIED,
    Judgement,
    file_of,
    judge,
    judge_message,
)
from cloud_bridge.messages import Evidence

SCHEMA: Final = """
    CREATE TABLE evidence (
        sha256 TEXT PRIMARY KEY,      -- of the signed file
        verdict TEXT NOT NULL, part TEXT, entry INTEGER, reason TEXT,
        gw TEXT, kind TEXT, order_id TEXT, iccid TEXT, imei TEXT, made_at TEXT, public_key TEXT,
        way TEXT NOT NULL,            -- how it came first: mqtt, file, qr
        file BLOB NOT NULL, received_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX evidence_of_card ON evidence (iccid, made_at);
    CREATE TABLE evidence_rows (
        gw TEXT NOT NULL, store TEXT NOT NULL, seq INTEGER NOT NULL,
        boot INTEGER NOT NULL, up_s REAL NOT NULL, at TEXT,
        sha256 TEXT NOT NULL, received_at TEXT NOT NULL,
        PRIMARY KEY (gw, store, seq)
    ) WITHOUT ROWID;
    CREATE TABLE device_keys (        -- public keys that gateways said to be theirs
        gw TEXT NOT NULL, public_key TEXT NOT NULL,
        known INTEGER NOT NULL,       -- 1: the first one said; a later one has to be confirmed
        first_seen TEXT NOT NULL,
        PRIMARY KEY (gw, public_key)
    ) WITHOUT ROWID;
"""

MQTT: Final = "mqtt"
_FIELDS: Final = (
    "sha256", "verdict", "part", "entry", "reason", "gw", "kind", "order_id", "iccid", "imei",
    "made_at", "public_key", "way", "file", "received_at",
)  # fmt: skip
_OF_HEAD: Final = ("gw", "kind", "order_id", "iccid", "imei", "made_at", "public_key")


class Shelved(NamedTuple):
    """A document as it stands on the shelf."""

    sha256: str
    verdict: str
    gw: str | None
    kind: str | None
    iccid: str | None
    way: str
    file: bytes


class Taken(NamedTuple):
    """What became of one document: whether it is new here, and what was found of it."""

    new: bool
    found: Judgement


class EvidenceShelf:
    """Documents and the public keys they are verified with."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # What comes in

    def take(self, raw: bytes, way: str, received_at: str, *, key: str | None = None) -> Taken:
        """Keep the file `raw`; `key` is its signer's, obtained elsewhere, if anybody has it."""
        found = judge(raw, self.known_keys if key is None else lambda _gw: (key,))
        return Taken(self._keep(raw, found, way, received_at), found)

    def take_message(self, message: Evidence, received_at: str) -> Taken:
        """Keep what a gateway published; whether its row is new."""
        raw = file_of(message.document)
        found = judge_message(message, raw, self.known_keys)
        if not found.head:
            found = found._replace(head={"gw": message.gw, "kind": message.kind})
        self._keep(raw, found, MQTT, received_at)
        values = (message.gw, message.store, message.seq, message.boot, message.up_s, message.at)
        row = self._connection.execute(
            "INSERT INTO evidence_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (*values, found.sha256, received_at),
        )
        return Taken(row.rowcount == 1, found)

    def _keep(self, raw: bytes, found: Judgement, way: str, received_at: str) -> bool:
        """Whether it is new; one that is here is kept with the better of the two verdicts."""
        head = {name: found.head.get(name) for name in _OF_HEAD}
        values: dict[str, Any] = {**found._asdict(), **head, "way": way, "file": raw}
        values["received_at"] = received_at
        marks = ", ".join("?" * len(_FIELDS))
        new = self._connection.execute(
            f"INSERT INTO evidence ({', '.join(_FIELDS)}) VALUES ({marks})"  # noqa: S608 - our own
            " ON CONFLICT DO NOTHING",
            [values[name] for name in _FIELDS],
        )
        if new.rowcount == 1:
            return True
        (verdict,) = self._connection.execute(
            "SELECT verdict FROM evidence WHERE sha256 = ?", (found.sha256,)
        ).fetchone()
        if VERDICTS.index(found.verdict) > VERDICTS.index(verdict):
            self._connection.execute(
                "UPDATE evidence SET verdict = ?, part = ?, entry = ?, reason = ? WHERE sha256 = ?",
                (found.verdict, found.part, found.entry, found.reason, found.sha256),
            )
        return False

    # Keys

    def note_key(self, gw: str, public_key: str, first_seen: str) -> bool:
        """A gateway says that this is its key; whether that is the one that is known.

        The first one is believed: what came before it and was signed with it is verified now.
        """
        known = self.known_keys(gw)
        self._connection.execute(
            "INSERT INTO device_keys VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (gw, public_key, not known, first_seen),
        )
        if not known:
            self._connection.execute(
                "UPDATE evidence SET verdict = ? WHERE gw = ? AND public_key = ? AND verdict = ?",
                (VERIFIED, gw, public_key, INTACT),
            )
        return not known or public_key in known

    def known_keys(self, gw: str) -> frozenset[str]:
        """The keys of a gateway that its evidence is verified with."""
        found = self._connection.execute(
            "SELECT public_key FROM device_keys WHERE gw = ? AND known", (gw,)
        )
        return frozenset(str(key) for (key,) in found)

    # What is known

    def all(self) -> tuple[Shelved, ...]:
        """Every document, oldest first."""
        found = self._connection.execute(
            "SELECT sha256, verdict, gw, kind, iccid, way, file FROM evidence"
            " ORDER BY received_at, sha256"
        )
        return tuple(Shelved(*row) for row in found)
