"""What cards used by day of the carrier's calendar, and what may be missing or misplaced there.

A reading is dated only while the clock is known to be right. Bytes of undated readings wait by boot
and are entered as soon as the clock is right: in the same boot exactly, else to somewhere between
the last time that was known before and the beginning of this boot. What was read on one day and may
have flowed on an earlier one is `early_bytes` of the day, since `early_since` at most.

Works inside the caller's transaction.
"""

import sqlite3
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from agent.usage.counters import NOTHING, Counters, Delta
from agent.usage.cycle import day_of

_PART_S: Final = 86400.0
_EVER: Final = ""
"""Earlier than any day, as SQLite compares texts."""


class When(NamedTuple):
    """When a reading was taken: between `up_s` and `done_up_s` of a boot; `at` is `up_s` in UTC.

    `at` is None while the clock is not known to be right.
    """

    boot: int
    up_s: float
    done_up_s: float
    at: datetime | None

    @property
    def done_at(self) -> float | None:
        """The end, seconds since 1970."""
        return None if self.at is None else self.at.timestamp() + self.done_up_s - self.up_s


class Since(NamedTuple):
    """A moment before: of a boot, and not before a time (seconds since 1970) where it is known."""

    boot: int
    up_s: float
    not_before: float | None


class Days:
    """The days of all cards; `max_bytes_s` is the fastest that a modem can go, both ways."""

    def __init__(self, connection: sqlite3.Connection, *, zone: tzinfo, max_bytes_s: float) -> None:
        self._connection = connection
        self._zone = zone
        self._max_bytes_s = max_bytes_s

    def charge(self, iccid: str, when: When, since: Since, step: Delta) -> None:
        """Enter a step of a card."""
        self._connection.execute(
            "INSERT INTO usage_cards (iccid, tx, rx) VALUES (?, ?, ?) ON CONFLICT (iccid) DO UPDATE"
            " SET tx = tx + excluded.tx, rx = rx + excluded.rx",
            (iccid, step.tx_bytes, step.rx_bytes),
        )
        hidden = step.hidden_bytes if step.gap else 0
        if step.total or hidden != 0:
            self._enter(iccid, when, since, step.counted, hidden)

    def mark(self, iccid: str, when: When, since: Since, hidden: int | None) -> None:
        """Say that bytes since `since` may be missing, `hidden` at most (None: not bounded)."""
        if hidden != 0:
            self._enter(iccid, when, since, NOTHING, hidden)

    def _enter(
        self, iccid: str, when: When, since: Since, counted: Counters, hidden: int | None
    ) -> None:
        """Enter bytes, and what may be hidden (None: not bounded), of the time since `since`."""
        gap = hidden != 0
        done_at = when.done_at
        if when.at is None or done_at is None:
            self._wait(iccid, when, since, counted, hidden)
            return
        begin = self._date_of(since, when)
        self._to_day(
            iccid, begin, done_at, counted, gaps=gap, hidden=hidden or 0, open_gaps=hidden is None
        )

    def _date_of(self, since: Since, when: When) -> float | None:
        """A moment before a dated one, in seconds since 1970; None where it is not known."""
        if since.boot == when.boot and when.at is not None:
            return when.at.timestamp() - max(0.0, when.up_s - since.up_s)
        return since.not_before

    def _to_day(
        self,
        iccid: str,
        begin: float | None,
        end: float,
        counted: Counters,
        *,
        gaps: int,
        hidden: int,
        open_gaps: int,
    ) -> None:
        day = self._day(end)
        first = _EVER if begin is None else self._day(min(begin, end))
        self._connection.execute(
            "INSERT INTO usage_days VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (iccid, day) DO UPDATE SET"
            " tx = tx + excluded.tx, rx = rx + excluded.rx,"
            " early_bytes = early_bytes + excluded.early_bytes,"
            " early_since = min(early_since, excluded.early_since),"
            " gaps = gaps + excluded.gaps, hidden_bytes = hidden_bytes + excluded.hidden_bytes,"
            " open_gaps = open_gaps + excluded.open_gaps,"
            " hidden_since = min(hidden_since, excluded.hidden_since)",
            (
                iccid,
                day,
                *counted,
                counted.total if first < day else 0,
                first if counted.total else day,
                gaps,
                hidden,
                open_gaps,
                first if gaps else day,
            ),
        )

    def _day(self, moment: float) -> str:
        return day_of(datetime.fromtimestamp(moment, UTC), self._zone).isoformat()

    # Without a date

    def _wait(
        self, iccid: str, when: When, since: Since, counted: Counters, hidden: int | None
    ) -> None:
        same_boot = since.boot == when.boot
        self._connection.execute(
            "INSERT INTO usage_undated VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (iccid, boot, part) DO UPDATE SET"
            " tx = tx + excluded.tx, rx = rx + excluded.rx, gaps = gaps + excluded.gaps,"
            " hidden_bytes = hidden_bytes + excluded.hidden_bytes,"
            " open_gaps = open_gaps + excluded.open_gaps,"
            # min() of SQLite is NULL where one of them is.
            " from_up_s = min(from_up_s, excluded.from_up_s), to_up_s = excluded.to_up_s,"
            " not_before = min(not_before, excluded.not_before)",
            (
                iccid,
                when.boot,
                int(when.done_up_s // _PART_S),
                *counted,
                hidden != 0,
                hidden or 0,
                hidden is None,
                since.up_s if same_boot else None,
                when.done_up_s,
                since.not_before,
            ),
        )

    def date(self, when: When) -> None:
        """The clock is right: what waits for that is entered."""
        waiting = self._connection.execute(
            "SELECT iccid, boot, tx, rx, gaps, hidden_bytes, open_gaps, from_up_s, to_up_s,"
            " not_before FROM usage_undated"
        ).fetchall()
        if not waiting:
            return
        assert when.at is not None
        booted_at = when.at.timestamp() - when.up_s
        for row in waiting:
            iccid, boot, tx, rx, gaps, hidden, open_gaps, from_up_s, to_up_s, begin = row
            # A boot before this one ended before this one began.
            end = booted_at + to_up_s if boot == when.boot else booted_at
            if boot == when.boot and from_up_s is not None:
                begin = booted_at + from_up_s
            if open_gaps and begin is not None and begin <= end:
                hidden += open_gaps * self._carried(end - begin)
                open_gaps = 0
            self._to_day(
                iccid,
                begin,
                end,
                Counters(tx, rx),
                gaps=gaps,
                hidden=hidden,
                open_gaps=open_gaps,
            )
            if tx + rx:
                self._connection.execute(
                    "UPDATE usage_cards SET moved_at = max(coalesce(moved_at, 0), ?)"
                    " WHERE iccid = ?",
                    (end, iccid),
                )
        self._connection.execute("DELETE FROM usage_undated")

    # Time

    def room(self, since: Since, when: When) -> int | None:
        """The most that can have flowed from `since` until the end of a reading."""
        if since.boot == when.boot:
            passed = when.done_up_s - since.up_s
        elif when.done_at is None or since.not_before is None:
            return None
        else:
            passed = when.done_at - since.not_before
        return None if passed < 0 else self._carried(passed)

    def _carried(self, seconds: float) -> int:
        return int(seconds * self._max_bytes_s) + 1

    def not_before(self, when: When) -> float | None:
        """What time it is at least; remembered."""
        row = self._connection.execute("SELECT boot, up_s, not_before FROM usage_clock").fetchone()
        boot, up_s, known = row
        if when.at is not None:
            known = when.at.timestamp()
        elif known is not None and boot == when.boot:
            known += max(0.0, when.up_s - up_s)
        self._connection.execute(
            "UPDATE usage_clock SET boot = ?, up_s = ?, not_before = ?",
            (when.boot, when.up_s, known),
        )
        return None if known is None else float(known)
