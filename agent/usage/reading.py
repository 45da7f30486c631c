"""Reading the usage ledger: cards, days, what waits for a date. Changes nothing."""

import sqlite3
from datetime import UTC, date, datetime
from typing import NamedTuple

from agent.usage.summary import Day


class KnownCard(NamedTuple):
    """A card as the ledger knows it; times in seconds since 1970.

    `tx` and `rx`: since simward first saw it, undated bytes included.
    """

    iccid: str
    slot: int | None
    modem: str | None
    tx: int
    rx: int
    first_at: float | None
    moved_at: float | None

    @property
    def still_since(self) -> datetime | None:
        """Since when it has used nothing."""
        since = self.first_at if self.moved_at is None else self.moved_at
        return None if since is None else datetime.fromtimestamp(since, UTC)


class Undated(NamedTuple):
    """Bytes of a card that wait for the clock to be right."""

    tx: int
    rx: int
    gaps: int


_CARD = "SELECT iccid, slot, modem, tx, rx, first_at, moved_at FROM usage_cards"


def cards(connection: sqlite3.Connection) -> list[KnownCard]:
    """All cards, by slot; those that are in no modem any more by number behind them."""
    rows = connection.execute(f"{_CARD} ORDER BY slot IS NULL, slot, iccid")
    return [KnownCard(*row) for row in rows]


def card(connection: sqlite3.Connection, iccid: str) -> KnownCard | None:
    """One card; None where it was never seen."""
    row = connection.execute(f"{_CARD} WHERE iccid = ?", (iccid,)).fetchone()
    return None if row is None else KnownCard(*row)


def days(connection: sqlite3.Connection, iccid: str, since: date | None = None) -> list[Day]:
    """The days of a card in their order, from `since` on."""
    rows = connection.execute(
        "SELECT day, tx, rx, early_bytes, early_since, gaps, hidden_bytes, open_gaps, hidden_since"
        " FROM usage_days WHERE iccid = ? AND day >= ? ORDER BY day",
        (iccid, "" if since is None else since.isoformat()),
    )
    return [Day(*row) for row in rows]


def undated(connection: sqlite3.Connection, iccid: str) -> Undated:
    """What a card used that has no date yet."""
    row = connection.execute(
        "SELECT coalesce(sum(tx), 0), coalesce(sum(rx), 0), coalesce(sum(gaps), 0)"
        " FROM usage_undated WHERE iccid = ?",
        (iccid,),
    ).fetchone()
    return Undated(*row)


def holders(connection: sqlite3.Connection) -> dict[str, str]:
    """The cards that are in a modem now, and which counter counts for each."""
    rows = connection.execute("SELECT holder, source FROM usage_tracks").fetchall()
    return {holder: source for holder, source in rows if len(holder) > 1}


def given(connection: sqlite3.Connection, iccid: str, cycle: str) -> frozenset[str]:
    """The names of the alerts that were given of a card in a cycle."""
    rows = connection.execute(
        "SELECT what FROM usage_alerts WHERE iccid = ? AND cycle = ?", (iccid, cycle)
    )
    return frozenset(row[0] for row in rows)


def own_days(connection: sqlite3.Connection, most: int) -> list[tuple[str, int, int, int]]:
    """Our own bytes of the latest days, newest first: day, sent, received, connections."""
    rows = connection.execute(
        "SELECT day, sent, received, connects FROM usage_own ORDER BY day DESC LIMIT ?", (most,)
    )
    return [(str(day), sent, received, connects) for day, sent, received, connects in rows]


def own_bytes(connection: sqlite3.Connection, since: date, until: date) -> int:
    """Our own bytes of the days from `since` on, before `until`; both directions."""
    (total,) = connection.execute(
        "SELECT coalesce(sum(sent + received), 0) FROM usage_own WHERE day >= ? AND day < ?",
        (since.isoformat(), until.isoformat()),
    ).fetchone()
    return int(total)


def report_bytes(connection: sqlite3.Connection) -> int | None:
    """The usual size of the latest reports in the outbox; None where there is none."""
    (size,) = connection.execute(
        "SELECT avg(length(body)) FROM (SELECT body FROM outbox WHERE kind = 'report'"
        " ORDER BY seq DESC LIMIT 20)"
    ).fetchone()
    return None if size is None else round(size)
