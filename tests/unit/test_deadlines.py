"""Deadlines: computed from facts, as far as a clock can be believed; and as a calendar file."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.i18n import set_language
from agent.unbind.dates import after_working_days, next_cycle
from agent.unbind.deadlines import after_cancellation, deadlines
from agent.unbind.icalendar import calendar_of
from agent.unbind.platform_files import all_platforms
from agent.usage.cycle import zone_of
from tests.gates_world import NOW, OTHER_ICCID, READY, facts

CHINA = zone_of("+08:00")
PLATFORM = {each.name: each for each in all_platforms()}


def due(given) -> dict[str, str | None]:
    return {
        each.id: None if each.due_at is None else each.due_at.isoformat(timespec="minutes")
        for each in deadlines(given)
    }


@pytest.mark.parametrize(
    ("moment", "first_day", "expected"),
    [
        ("2026-11-22T09:00:00+00:00", 1, "2026-12-01T00:00:00+08:00"),
        ("2026-11-30T16:00:00+00:00", 1, "2027-01-01T00:00:00+08:00"),  # the 1st already, there
        ("2026-11-26T15:59:00+00:00", 27, "2026-11-27T00:00:00+08:00"),
        ("2026-11-26T16:00:00+00:00", 27, "2026-12-27T00:00:00+08:00"),
        ("2026-12-31T23:00:00+00:00", 27, "2027-01-27T00:00:00+08:00"),
        ("2027-01-31T10:00:00+00:00", 31, "2027-02-28T00:00:00+08:00"),
        ("2028-02-01T10:00:00+00:00", 30, "2028-02-29T00:00:00+08:00"),
        ("2026-12-05T10:00:00+00:00", 31, "2026-12-31T00:00:00+08:00"),
    ],
)
def test_a_cycle_begins_at_midnight_of_the_carrier(moment, first_day, expected) -> None:
    found = next_cycle(datetime.fromisoformat(moment), first_day, CHINA)
    assert found == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("moment", "days", "expected"),
    [
        ("2026-11-23T01:00:00+00:00", 3, "2026-11-26"),  # Monday
        ("2026-11-26T01:00:00+00:00", 3, "2026-12-01"),  # Thursday
        ("2026-11-28T01:00:00+00:00", 1, "2026-11-30"),  # Saturday
        ("2026-11-27T20:00:00+00:00", 1, "2026-11-30"),  # Friday here, Saturday there
        ("2026-11-23T01:00:00+00:00", 0, "2026-11-23"),
    ],
)
def test_working_days_are_monday_to_friday_of_the_carrier(moment, days, expected) -> None:
    found = after_working_days(datetime.fromisoformat(moment), days, CHINA)
    assert found.astimezone(CHINA).date().isoformat() == expected


def test_what_is_due_before_the_cancellation() -> None:
    assert due(READY) == {
        "facts_old": "2026-11-23T08:00+00:00",
        "cycle_end": "2026-11-30T16:00+00:00",
        "plan_expires": "2026-12-01T00:00+00:00",
        "order_expires": "2026-12-21T00:00+00:00",
        "auto_cancel_warning": "2027-01-30T00:00+00:00",
        "auto_cancel": "2027-03-01T00:00+00:00",
        "refund": None,
    }


def test_a_limit_of_unbindings_and_a_binding_that_takes_days() -> None:
    bound = {"bindings": [{"kind": "network_side", "bound": True}], "platform": "ctcc"}
    found = due(facts(account_={**bound, "raw_code": "4"}))
    assert found["unbind_limit_reset"] == "2026-11-30T16:00+00:00"
    assert found["unbind_done"] == "2026-11-25T09:00+00:00"


def test_without_a_clock_nothing_that_counts_from_now_has_a_date() -> None:
    bound = {"bindings": [{"kind": "network_side", "bound": True}], "platform": "ctcc"}
    found = due(facts(device={"clock_synchronized": False}, account_={**bound, "raw_code": "4"}))
    assert {name for name, at in found.items() if at is None} == {
        "cycle_end", "unbind_limit_reset", "unbind_done", "refund",
    }  # fmt: skip
    assert found["plan_expires"] == "2026-12-01T00:00+00:00"


def test_account_facts_of_another_card_give_no_dates() -> None:
    other = READY._replace(backend=READY.backend._replace(account=None))
    assert set(due(other)) == {"order_expires", "refund"}
    moved = READY.backend.account.model_copy(update={"iccid": OTHER_ICCID})
    other = READY._replace(backend=READY.backend._replace(account=moved))
    assert set(due(other)) == {"order_expires", "refund"}


def test_a_platform_that_publishes_no_rule_gets_no_date() -> None:
    found = due(facts(account_={"platform": "soracom", "raw_code": "active"}))
    assert "auto_cancel" not in found
    assert "refund" not in found


def test_the_looks_after_the_cancellation() -> None:
    found = {
        each.id: each.due_at - NOW for each in after_cancellation(NOW, PLATFORM["cucc_cmp"], None)
    }
    day = timedelta(days=1)
    assert found == {
        "verify_now": timedelta(0),
        "verify_30min": timedelta(minutes=30),
        "verify_24h": day,
        "verify_3wd": 3 * day,  # a Sunday there: Wednesday
        "verify_next_cycle": datetime(2026, 11, 27, 16, tzinfo=UTC) - NOW,
        "verify_7d": 7 * day,
        "refund": 7 * day,
        "verify_30d": 30 * day,
    }
    assert list(found.values()) == sorted(found.values())


@pytest.fixture(params=["en", "zh"])
def _spoken(request):
    set_language(request.param)
    yield
    set_language("en")


@pytest.mark.usefixtures("_spoken")
def test_a_calendar_file_that_any_calendar_takes() -> None:
    text = calendar_of(deadlines(READY), "890010**********0018", NOW, uid="u1")
    lines = text.split("\r\n")
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in lines) <= 75
    events = [line for line in lines if line.startswith("UID:")]
    dated = [each for each in deadlines(READY) if each.due_at is not None]
    assert events == [f"UID:{each.id}-u1@simward" for each in dated]
    assert "DTSTART:20261123T080000Z" in lines
    unfolded = text.replace("\r\n ", "")
    said = dated[0].why.in_words().replace(",", "\\,")
    assert f"SUMMARY:890010**********0018: {said}" in unfolded


def test_the_same_deadline_keeps_its_name_in_a_newer_file() -> None:
    first = calendar_of(deadlines(READY), "x", NOW, uid="u1")
    later = calendar_of(deadlines(READY), "x", NOW + timedelta(days=1), uid="u1")
    names = [
        [line for line in text.splitlines() if line.startswith("UID:")] for text in (first, later)
    ]
    assert names[0] == names[1]
