"""Days on a carrier's calendar. Pure."""

from datetime import UTC, datetime, timedelta, tzinfo

from agent.usage.cycle import begins_at, cycle_of, day_of

_SATURDAY = 5


def next_cycle(moment: datetime, first_day: int, zone: tzinfo) -> datetime:
    """When the billing cycle after the one of `moment` begins, UTC."""
    return begins_at(cycle_of(day_of(moment, zone), first_day).next_start, zone)


def after_working_days(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """`moment` and so many working days, UTC: Monday to Friday; public holidays are not known."""
    day = moment.astimezone(zone)
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    return day.astimezone(UTC)
