"""Pairing changes that are to be said, and how often they were of late; kept in the store.

A gateway that goes back and forth between two cards all day must not fill its plan with it: what
comes too often waits, the newest in place of the one before, and is said when there is room again.
"""

import json
import sqlite3
from typing import Any, Final

from agent.edges import AN_HOUR, HOUR_S
from agent.report import Stamp

Json = dict[str, Any]

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE pairings_unsaid (  -- the newest change of a slot that is still to be said
        slot     INTEGER PRIMARY KEY,
        args     TEXT NOT NULL,
        left_out INTEGER NOT NULL   -- changes before it that it took the place of
    );
    CREATE TABLE pairings_told (    -- when changes were said, in the last hour
        slot INTEGER NOT NULL,
        boot INTEGER NOT NULL,
        up_s REAL NOT NULL
    );
    """,
)


class Unsaid:
    """Inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, slot: int, args: Json) -> None:
        """A change to be said."""
        self._connection.execute(
            "INSERT INTO pairings_unsaid VALUES (?, ?, 0) ON CONFLICT (slot) DO UPDATE SET"
            " args = excluded.args, left_out = left_out + 1",
            (slot, json.dumps(args)),
        )

    def take(self, slot: int, now: Stamp) -> Json | None:
        """The args of what is to be said now; None where nothing is, or it was said too often."""
        row = self._connection.execute(
            "SELECT args, left_out FROM pairings_unsaid WHERE slot = ?", (slot,)
        ).fetchone()
        if row is None or self._told(slot, now) >= AN_HOUR["card"]:
            return None
        self._connection.execute("DELETE FROM pairings_unsaid WHERE slot = ?", (slot,))
        self._connection.execute(
            "INSERT INTO pairings_told VALUES (?, ?, ?)", (slot, now.boot, now.up_s)
        )
        args: Json = json.loads(row[0])
        return {**args, "left_out": row[1]} if row[1] else args

    def _told(self, slot: int, now: Stamp) -> int:
        """How many were said in the last hour of this boot; what is older is forgotten."""
        self._connection.execute(
            "DELETE FROM pairings_told WHERE slot = ? AND (boot <> ? OR up_s <= ?)",
            (slot, now.boot, now.up_s - HOUR_S),
        )
        count: int = self._connection.execute(
            "SELECT COUNT(*) FROM pairings_told WHERE slot = ?", (slot,)
        ).fetchone()[0]
        return count
