"""What the demo's backend holds, as anybody with its database could ask."""

import json
import sqlite3
from pathlib import Path
from typing import Any


class Kept:
    """Reads alone."""

    def __init__(self, db: Path) -> None:
        """The backend makes `db`."""
        self._db = db

    def stored(self, gw: str, table: str) -> int:
        """Rows of a gateway."""
        statement = f"SELECT count(*) FROM {table} WHERE gw = ?"  # noqa: S608 - names of our own
        return int(self._ask(statement, gw))

    def has_event(self, gw: str, code: str) -> bool:
        """Whether such an event came."""
        statement = "SELECT count(*) FROM events WHERE gw = ? AND code = ?"
        return int(self._ask(statement, gw, code)) > 0

    def missing(self, gw: str) -> int:
        """Numbers below the highest that are neither a stored report nor a stored event."""
        both = (
            "SELECT seq FROM reports WHERE gw = ?1 UNION ALL SELECT seq FROM events WHERE gw = ?1"
        )
        statement = f"SELECT coalesce(max(seq), 0) - count(*) FROM ({both})"  # noqa: S608
        return int(self._ask(statement, gw))

    def has_evidence(self, gw: str, kind: str) -> bool:
        """Whether evidence of that kind came."""
        statement = "SELECT count(*) FROM evidence WHERE gw = ? AND kind = ?"
        return int(self._ask(statement, gw, kind)) > 0

    def evidence(self, gw: str, kind: str) -> bytes:
        """The signed file of that kind."""
        return bytes(self._ask("SELECT file FROM evidence WHERE gw = ? AND kind = ?", gw, kind))

    def public_key(self, gw: str) -> str:
        """What the gateway said at its birth."""
        return str(json.loads(self._ask("SELECT body FROM births WHERE gw = ?", gw))["public_key"])

    def _ask(self, statement: str, *values: str) -> Any:
        connection = sqlite3.connect(f"file:{self._db}?mode=ro", uri=True, timeout=5)
        try:
            return connection.execute(statement, values).fetchone()[0]
        finally:
            connection.close()
