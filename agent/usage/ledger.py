"""Data used, per card, added up over everything that may happen to the counters.

Works on a connection that is handed in, inside the caller's transaction: a sample is in the ledger
if and only if its report is in the outbox.

Each modem has a track: its last reading, and the card that was in it then. Bytes go to a card only
where no other card can have used them; else both cards get a gap mark that bounds them. Not seen is
a card that comes and goes again between two readings.

`agent.usage.days` keeps days, not cycles: a plan whose cycle begins on another day is summed from
the same rows.
"""

import sqlite3
from datetime import tzinfo
from typing import Final, NamedTuple

from agent.usage.counters import Base, Continuity, Counters, Delta, Traits, advance, first_base
from agent.usage.days import Days, Since, When

NO_CARD: Final = ""
_UNKNOWN_SINCE: Final = "?"


class Metered(NamedTuple):
    """One reading of the counter that counts for a modem.

    `card` is the ICCID of the card in it, `NO_CARD`, or None where it could not be read. `fresh`:
    nobody listened to the modem before; `restarted`: it said itself that it did. `epoch` names the
    counter's life where something does: as long as it is the same, the counter was not restarted.
    `echoes`: the modem echoes commands, as many do after a start until they are told not to.
    """

    modem: str
    slot: int
    card: str | None
    source: str
    counters: Counters
    traits: Traits
    when: When
    epoch: str | None = None
    fresh: bool = False
    restarted: bool = False
    echoes: bool = False


class _Track(NamedTuple):
    holder: str
    source: str
    epoch: str | None
    base: Base
    doubt: Continuity
    blurred: bool
    loud: bool
    quiet: bool
    since: Since


class Ledger:
    """The ledger; one thread owns it with its connection."""

    def __init__(self, connection: sqlite3.Connection, *, zone: tzinfo, max_bytes_s: float) -> None:
        """`zone` is the carrier's; `max_bytes_s` the fastest that a modem can go, both ways."""
        self._connection = connection
        self._days = Days(connection, zone=zone, max_bytes_s=max_bytes_s)

    def source_of(self, modem: str) -> str | None:
        """Which counter was decided on for a modem; None before the first reading."""
        row = self._connection.execute(
            "SELECT source FROM usage_tracks WHERE modem = ?", (modem,)
        ).fetchone()
        return None if row is None else str(row[0])

    def book(self, reading: Metered) -> Delta:
        """Book a reading; the step that it made for the card that is in the modem now.

        Where no step can be said to be this card's, it is zero and a gap.
        """
        if reading.when.at is not None:
            self._days.date(reading.when)
        not_before = self._days.not_before(reading.when)
        ended = self._end_elsewhere(reading)
        track = self._track(reading.modem)
        if track is not None and track.source != reading.source:
            ended = self._change_source(reading, track) or ended
            track = None
        if track is None:
            step = self._begin(reading, not_before, gap_is_marked=ended)
        elif reading.card is None:
            step = self._doubt(reading, track)
        else:
            step = self._go_on(reading, track, not_before)
        if reading.card:
            self._see(reading, not_before, moved=step.total > 0)
        return step

    # Who is charged

    def _begin(self, reading: Metered, not_before: float | None, *, gap_is_marked: bool) -> Delta:
        """The first reading of a counter: a base. Of a card that is known, it ends a gap."""
        holder = _UNKNOWN_SINCE if reading.card is None else reading.card
        self._keep(
            reading,
            holder,
            first_base(reading.counters, reading.traits),
            _moment(reading.when, not_before),
        )
        seen = self._seen(reading.card) if reading.card else None
        if reading.card and seen is not None and not gap_is_marked:
            self._days.mark(reading.card, reading.when, seen, self._days.room(seen, reading.when))
        return Delta(0, 0, gap=True, hidden_bytes=None)

    def _doubt(self, reading: Metered, track: _Track) -> Delta:
        """Whose bytes these are will be known later; what happened to the counter is kept."""
        doubt = track.doubt.and_then(self._continuity(reading, track))
        if not (reading.traits.steady or reading.counters.at_least(track.base.reading)):
            # Begun again, or shown wrong for once: who rises next has not certainly begun at zero.
            doubt = doubt.and_then(Continuity.UNSURE)
        self._connection.execute(
            "UPDATE usage_tracks SET doubt = ?, blurred = 1, epoch = coalesce(?, epoch),"
            " loud = max(loud, ?), quiet = ? WHERE modem = ?",
            (doubt.value, reading.epoch, reading.echoes, not reading.echoes, reading.modem),
        )
        return Delta(0, 0, gap=True, hidden_bytes=None)

    def _go_on(self, reading: Metered, track: _Track, not_before: float | None) -> Delta:
        card = reading.card or NO_CARD
        room = self._days.room(track.since, reading.when)
        continuity = track.doubt.and_then(self._continuity(reading, track))
        base, step = advance(track.base, reading.counters, reading.traits, continuity, room)
        now = _moment(reading.when, not_before)
        # What should have been there, where the counter shows something else, was another card's.
        holder = card if base.regular or card == track.holder else _UNKNOWN_SINCE
        self._keep(reading, holder, base, now if base.regular else track.since, track)
        left = card == NO_CARD and not track.blurred
        if track.holder not in {NO_CARD, card} and not left:
            # One card went and another came, unseen when: the bytes are of either.
            unclear = None if step.hidden_bytes is None else step.total + step.hidden_bytes
            if unclear != 0:
                for one in {track.holder, card} - {NO_CARD, _UNKNOWN_SINCE}:
                    self._days.mark(one, reading.when, track.since, unclear)
            return Delta(0, 0, reset=step.reset, gap=True, hidden_bytes=unclear)
        charged = track.holder if left else card
        if charged not in {NO_CARD, _UNKNOWN_SINCE}:
            self._days.charge(charged, reading.when, track.since, step)
        return step

    def _change_source(self, reading: Metered, track: _Track) -> bool:
        """Another counter counts from now on; whether that marked a gap of the card in the modem.

        What flowed since the last reading of the old one is not known.
        """
        if track.holder not in {NO_CARD, _UNKNOWN_SINCE}:
            room = self._days.room(track.since, reading.when)
            self._days.mark(track.holder, reading.when, track.since, room)
        self._connection.execute("DELETE FROM usage_tracks WHERE modem = ?", (reading.modem,))
        return reading.card == track.holder

    def _end_elsewhere(self, reading: Metered) -> bool:
        """End tracks of modems that are no more where they were, or whose card is in this one now.

        When that came to be was not seen: a gap for the card. Such a modem is no base for the card
        any more, since another one may have been in it. Whether the card in this modem has one.
        """
        rows = self._connection.execute(
            "SELECT modem, holder, boot, up_s, not_before FROM usage_tracks"
            " WHERE (holder = ? OR slot = ?) AND modem <> ? AND holder NOT IN (?, ?)",
            (reading.card, reading.slot, reading.modem, NO_CARD, _UNKNOWN_SINCE),
        ).fetchall()
        for modem, holder, *moment in rows:
            since = Since(*moment)
            self._days.mark(holder, reading.when, since, self._days.room(since, reading.when))
            self._connection.execute(
                "UPDATE usage_tracks SET holder = ? WHERE modem = ?", (_UNKNOWN_SINCE, modem)
            )
        return any(row[1] == reading.card for row in rows)

    def _continuity(self, reading: Metered, track: _Track) -> Continuity:
        if reading.restarted:
            return Continuity.BROKEN
        if reading.epoch is not None and track.epoch is not None:
            if reading.epoch != track.epoch:
                # A modem that was plugged in again need not have been off, nor one whose host was.
                return Continuity.BROKEN if reading.traits.steady else Continuity.UNSURE
            if reading.traits.steady:
                return Continuity.SURE
        if reading.echoes and track.quiet:
            return Continuity.UNSURE  # it forgot what it was told
        if reading.epoch is not None and reading.epoch == track.epoch:
            return Continuity.SURE
        # It would echo if it had been started since it was told not to.
        still_quiet = track.loud and track.quiet
        return Continuity.UNSURE if reading.fresh and not still_quiet else Continuity.SURE

    # Rows

    def _track(self, modem: str) -> _Track | None:
        row = self._connection.execute(
            "SELECT holder, source, epoch, doubt, blurred, loud, quiet, boot, up_s, not_before,"
            " tx, rx, other_tx, other_rx, peak_tx, peak_rx FROM usage_tracks WHERE modem = ?",
            (modem,),
        ).fetchone()
        if row is None:
            return None
        holder, source, epoch, doubt, blurred, loud, quiet, *since = row[:10]
        tx, rx, other_tx, other_rx, peak_tx, peak_rx = row[10:]
        other = None if other_tx is None else Counters(other_tx, other_rx)
        peak = None if peak_tx is None else Counters(peak_tx, peak_rx)
        return _Track(
            holder,
            source,
            epoch,
            Base(Counters(tx, rx), other, peak),
            Continuity(doubt),
            bool(blurred),
            bool(loud),
            bool(quiet),
            Since(*since),
        )

    def _keep(
        self,
        reading: Metered,
        holder: str,
        base: Base,
        since: Since,
        before: _Track | None = None,
    ) -> None:
        """The reading is what the next one is compared with."""
        loud = reading.echoes or (before is not None and before.loud)
        self._connection.execute(
            "INSERT OR REPLACE INTO usage_tracks (modem, slot, holder, source, epoch, tx, rx,"
            " other_tx, other_rx, peak_tx, peak_rx, loud, quiet, boot, up_s, not_before)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                reading.modem,
                reading.slot,
                holder,
                reading.source,
                reading.epoch,
                *base.reading,
                *(base.other or (None, None)),
                *(base.peak or (None, None)),
                loud,
                not reading.echoes,
                *since,
            ),
        )

    def _seen(self, iccid: str) -> Since | None:
        """When a card was seen last."""
        row = self._connection.execute(
            "SELECT boot, up_s, not_before FROM usage_cards WHERE iccid = ?", (iccid,)
        ).fetchone()
        return None if row is None else Since(*row)

    def _see(self, reading: Metered, not_before: float | None, *, moved: bool) -> None:
        when = reading.when
        dated = None if when.at is None else when.at.timestamp()
        self._connection.execute(
            "INSERT INTO usage_cards (iccid, slot, modem, boot, up_s, not_before, first_at,"
            " moved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (iccid) DO UPDATE SET"
            " slot = excluded.slot, modem = excluded.modem, boot = excluded.boot,"
            " up_s = excluded.up_s, not_before = excluded.not_before,"
            " first_at = coalesce(first_at, excluded.first_at),"
            " moved_at = coalesce(excluded.moved_at, moved_at)",
            (
                reading.card,
                reading.slot,
                reading.modem,
                when.boot,
                when.up_s,
                not_before,
                dated,
                dated if moved else None,
            ),
        )


def _moment(when: When, not_before: float | None) -> Since:
    return Since(when.boot, when.up_s, not_before)
