from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.usage.cycle import Cycle, begins_at, cycle_before, cycle_of, day_of, zone_of

CHINA = zone_of("+08:00")


@pytest.mark.parametrize(
    ("day", "first_day", "start", "last_day"),
    [
        pytest.param("2026-11-26", 1, "2026-11-01", "2026-11-30", id="calendar month"),
        pytest.param("2026-11-26", 27, "2026-10-27", "2026-11-26", id="27th to 26th, last day"),
        pytest.param("2026-11-27", 27, "2026-11-27", "2026-12-26", id="27th to 26th, first day"),
        pytest.param("2026-01-05", 27, "2025-12-27", "2026-01-26", id="over the year"),
        pytest.param("2026-02-28", 31, "2026-02-28", "2026-03-30", id="31st in February"),
        pytest.param("2026-02-27", 31, "2026-01-31", "2026-02-27", id="the day before that"),
        pytest.param("2028-02-29", 30, "2028-02-29", "2028-03-29", id="30th in a leap year"),
        pytest.param("2026-04-30", 31, "2026-04-30", "2026-05-30", id="31st in April"),
    ],
)
def test_a_cycle_has_its_first_and_last_day(day, first_day, start, last_day):
    cycle = cycle_of(date.fromisoformat(day), first_day)
    assert (cycle.start.isoformat(), cycle.last_day.isoformat()) == (start, last_day)


@given(st.dates(date(1971, 1, 1), date(2199, 1, 1)), st.integers(1, 31))
def test_cycles_leave_no_day_out_and_none_twice(day, first_day):
    cycle = cycle_of(day, first_day)
    assert cycle.start <= day <= cycle.last_day
    assert cycle_of(cycle.start, first_day) == cycle_of(cycle.last_day, first_day) == cycle
    assert cycle_of(cycle.next_start, first_day).start == cycle.next_start
    assert cycle_before(cycle, first_day).next_start == cycle.start
    assert 28 <= cycle.days <= 31


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        pytest.param("+08:00", "2026-11-01", "2026-10-31T16:00Z", id="China"),
        pytest.param("-03:30", "2026-11-01", "2026-11-01T03:30Z", id="west, half an hour"),
        pytest.param("America/New_York", "2026-03-09", "2026-03-09T04:00Z", id="after the skip"),
        pytest.param("America/New_York", "2026-03-08", "2026-03-08T05:00Z", id="before it"),
        pytest.param("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z", id="midnight is skipped"),
        pytest.param(
            "America/Havana", "2026-11-01", "2026-11-01T04:00Z", id="midnight comes twice"
        ),
    ],
)
def test_a_day_begins_at_the_carriers_midnight(zone, day, begins):
    moment = begins_at(date.fromisoformat(day), zone_of(zone))
    assert moment == datetime.fromisoformat(begins)
    assert day_of(moment, zone_of(zone)) == date.fromisoformat(day)
    assert day_of(moment - timedelta(seconds=1), zone_of(zone)) < date.fromisoformat(day)


@pytest.mark.parametrize("name", ["Nowhere/Land", "+25:00", "8", "", "../etc/passwd", "+08:00 "])
def test_a_zone_that_does_not_exist_is_refused(name):
    with pytest.raises(ValueError, match="no time zone"):
        zone_of(name)


def test_a_moment_belongs_to_the_carriers_day():
    assert day_of(datetime(2026, 10, 31, 16, 0, tzinfo=UTC), CHINA) == date(2026, 11, 1)
    assert cycle_of(date(2026, 11, 1), 1) == Cycle(date(2026, 11, 1), date(2026, 12, 1))
