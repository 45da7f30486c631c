"""Billing cycles on a carrier's calendar. Pure.

A cycle begins at midnight of its first day in the carrier's time zone and ends where the next one
begins. The first day is the same number in each month (1: calendar months; 27: the 27th to the
26th); in a month that is too short for it, the cycle begins on the month's last day.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_DECEMBER = 12


class Cycle(NamedTuple):
    """One billing cycle: its first day, and the first day of the next one."""

    start: date
    next_start: date

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.next_start - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.next_start - self.start).days


def zone_of(name: str) -> tzinfo:
    """A time zone by name (`Asia/Shanghai`) or by its distance from UTC (`+08:00`).

    Raises:
        ValueError: there is no such zone.
    """
    match = _OFFSET.fullmatch(name)
    if match is None:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone {name}") from error
    distance = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if distance >= timedelta(hours=24):
        raise ValueError(f"no time zone {name}")
    return timezone(-distance if match[1] == "-" else distance)


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The carrier's day that a moment falls on."""
    return moment.astimezone(zone).date()


def begins_at(day: date, zone: tzinfo) -> datetime:
    """When a day of the carrier begins, UTC.

    Where its midnight is skipped by daylight saving time, at the skip; where there are two, at the
    first.
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def cycle_of(day: date, first_day: int) -> Cycle:
    """The cycle that contains `day`, where cycles begin on the day `first_day` of a month."""
    start = _start(day.year, day.month, first_day)
    if day < start:
        year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, _DECEMBER)
        return Cycle(_start(year, month, first_day), start)
    year, month = (day.year, day.month + 1) if day.month < _DECEMBER else (day.year + 1, 1)
    return Cycle(start, _start(year, month, first_day))


def cycle_before(cycle: Cycle, first_day: int) -> Cycle:
    """The one that ended when `cycle` began."""
    return cycle_of(cycle.start - timedelta(days=1), first_day)


def _start(year: int, month: int, first_day: int) -> date:
    return date(year, month, min(first_day, monthrange(year, month)[1]))
