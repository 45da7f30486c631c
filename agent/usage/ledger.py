"""Data used, per card, added up over resets of the modem that counts it.

Works on a connection that is handed in, inside the caller's transaction: a sample is in the ledger
if and only if its report is in the outbox.
"""

import sqlite3
from typing import Final

from agent.usage.counters import Counters, Delta, delta

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE usage_counters (   -- the last reading of each modem, and which card was in it
        modem    TEXT PRIMARY KEY,
        iccid    TEXT NOT NULL,
        tx_bytes INTEGER NOT NULL,
        rx_bytes INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE usage_totals (     -- since simward first saw the card
        iccid    TEXT PRIMARY KEY,
        tx_bytes INTEGER NOT NULL CHECK (tx_bytes >= 0),
        rx_bytes INTEGER NOT NULL CHECK (rx_bytes >= 0)
    ) WITHOUT ROWID;
    """,
)


class Ledger:
    """The totals; one thread owns it with its connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def advance(self, modem: str, iccid: str, current: Counters) -> Delta:
        """Book a reading of `modem` while card `iccid` was in it; the step that it made.

        A reading while another card was in the modem is no base: its bytes are not this card's.
        Nor is one from before the card was in another modem: who used this one since is unknown.
        """
        step = delta(self._last(modem, iccid), current)
        self._connection.execute(
            "DELETE FROM usage_counters WHERE iccid = ? AND modem <> ?", (iccid, modem)
        )
        self._connection.execute(
            "INSERT INTO usage_counters VALUES (?, ?, ?, ?) ON CONFLICT (modem) DO UPDATE SET "
            "iccid = excluded.iccid, tx_bytes = excluded.tx_bytes, rx_bytes = excluded.rx_bytes",
            (modem, iccid, current.tx_bytes, current.rx_bytes),
        )
        self._connection.execute(
            "INSERT INTO usage_totals VALUES (?, ?, ?) ON CONFLICT (iccid) DO UPDATE SET "
            "tx_bytes = tx_bytes + excluded.tx_bytes, rx_bytes = rx_bytes + excluded.rx_bytes",
            (iccid, step.tx_bytes, step.rx_bytes),
        )
        return step

    def total(self, iccid: str) -> Counters:
        """Bytes used by a card since simward first saw it."""
        row = self._connection.execute(
            "SELECT tx_bytes, rx_bytes FROM usage_totals WHERE iccid = ?", (iccid,)
        ).fetchone()
        return Counters(*row) if row else Counters(0, 0)

    def _last(self, modem: str, iccid: str) -> Counters | None:
        row = self._connection.execute(
            "SELECT tx_bytes, rx_bytes FROM usage_counters WHERE modem = ? AND iccid = ?",
            (modem, iccid),
        ).fetchone()
        return Counters(*row) if row else None
