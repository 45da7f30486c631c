from datetime import UTC, date, datetime, timedelta

import pytest

from agent.usage.alerts import Card, Rules, alerts, also_given, projection, times_of
from agent.usage.cycle import cycle_of, zone_of
from agent.usage.summary import Day, usage_in

ZONE = zone_of("+08:00")
RULES = Rules(quota_bytes=1_000_000, thresholds=(50, 80, 90, 100), idle_days=30)
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def day(name, size, hidden=0):
    return Day(name, size // 4, size - size // 4, 0, name, hidden > 0, hidden, 0, name)


def card(days, now=NOW, *, still_since=None, active=True):
    today = now.astimezone(ZONE).date()
    usage = usage_in(cycle_of(today, 1), days)
    starts_at, ends_at = times_of(usage, ZONE)
    return Card(usage, days, today.isoformat(), now, starts_at, ends_at, still_since or now, active)


def used(size, **more):
    """So much used, early in the cycle: nothing is foretold yet."""
    early = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
    return card([day("2026-11-02", size)], early, **more)


class Teller:
    """Gives alerts and remembers them, as the store does."""

    def __init__(self, rules=RULES) -> None:
        self.rules = rules
        self.given: set[str] = set()

    def tell(self, one):
        found = alerts(one, self.rules, self.given)
        for alert in found:
            self.given |= set(also_given(alert, self.rules))
        return [(alert.code, alert.args.get("percent")) for alert in found]


def test_each_threshold_is_told_once():
    teller = Teller()
    told = [teller.tell(used(size)) for size in (499_999, 500_000, 600_000, 800_000, 2_000_000)]
    assert told == [
        [],
        [("usage_threshold", 50)],
        [],
        [("usage_threshold", 80)],
        [("usage_threshold", 100)],
    ]


def test_who_passes_several_at_once_is_told_the_highest():
    teller = Teller()
    assert teller.tell(used(950_000)) == [("usage_threshold", 90)]
    assert teller.tell(used(950_000)) == []


def test_a_larger_plan_has_its_thresholds_again_and_the_same_one_has_not():
    teller = Teller()
    teller.tell(used(800_000))
    teller.rules = RULES._replace(quota_bytes=2_000_000)
    assert teller.tell(used(800_000)) == []
    assert teller.tell(used(1_000_000)) == [("usage_threshold", 50)]
    teller.rules = RULES
    assert teller.tell(used(1_000_000)) == [("usage_threshold", 100)]
    teller.rules = RULES._replace(quota_bytes=2_000_000)
    assert teller.tell(used(1_000_000)) == []


def test_without_a_quota_there_is_no_threshold():
    assert Teller(RULES._replace(quota_bytes=None)).tell(used(10**9)) == []


def test_an_alert_says_how_much_of_what_and_what_may_be_hidden():
    one = card([day("2026-11-20", 600_000, hidden=70)])._replace(now=NOW - timedelta(days=19))
    assert alerts(one, RULES, ())[0].args == {
        "cycle": "2026-11-01",
        "used_bytes": 600_000,
        "hidden_bytes": 70,
        "quota_bytes": 1_000_000,
        "percent": 50,
    }


def steady(size_a_day, days=10):
    first = date(2026, 11, 1)
    return [day((first + timedelta(days=each)).isoformat(), size_a_day) for each in range(days)]


def test_the_day_on_which_the_quota_will_be_used_up_is_foretold_once():
    one = card(steady(45_000), datetime(2026, 11, 10, 16, 0, tzinfo=UTC))
    foretold = projection(one, 1_000_000)
    assert foretold.before_end
    # 450,000 bytes in ten days: the whole takes 22 days and 5 hours and 20 minutes.
    assert foretold.at == datetime(2026, 11, 22, 21, 20, tzinfo=UTC)
    teller = Teller()
    assert teller.tell(one) == [("usage_threshold", None)]
    assert teller.tell(one) == []
    more = card(steady(55_000), datetime(2026, 11, 10, 16, 0, tzinfo=UTC))
    assert alerts(more, RULES, ())[0].args["projected_at"] == "2026-11-18T20:21:49Z"
    assert Teller().tell(more) == [("usage_threshold", 50)]


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(
            card([day("2026-11-02", 400_000)], datetime(2026, 11, 2, 16, 0, tzinfo=UTC)),
            id="a cycle that has hardly begun",
        ),
        pytest.param(card(steady(9_000)), id="next to nothing used"),
        pytest.param(card(steady(200_000)), id="used up already"),
    ],
)
def test_nothing_is_foretold_from_too_little(one):
    assert projection(one, 1_000_000) is None


def test_a_pace_that_lasts_to_the_end_is_no_alert():
    one = card(steady(20_000), datetime(2026, 11, 10, 16, 0, tzinfo=UTC))
    assert not projection(one, 1_000_000).before_end
    assert Teller().tell(one) == []


def test_a_day_of_ten_times_the_usual_is_a_jump_once_a_cycle():
    teller = Teller(RULES._replace(quota_bytes=None))
    usual = [day(f"2026-11-{number:02}", 150_000) for number in range(2, 10)]
    assert teller.tell(card([*usual, day("2026-11-20", 1_499_999)])) == []
    assert teller.tell(card([*usual, day("2026-11-20", 1_500_000)])) == [("usage_jump", None)]
    assert teller.tell(card([*usual, day("2026-11-20", 9_000_000)])) == []


@pytest.mark.parametrize(
    "days",
    [
        pytest.param([day("2026-11-20", 10**9)], id="nothing is usual yet"),
        pytest.param(
            [*(day(f"2026-11-{n:02}", 10) for n in range(1, 9)), day("2026-11-20", 900_000)],
            id="ten times next to nothing",
        ),
    ],
)
def test_no_jump(days):
    assert Teller(RULES._replace(quota_bytes=None)).tell(card(days)) == []


def test_a_card_that_is_served_and_still_for_thirty_days_is_idle_once():
    teller = Teller()
    still = datetime(2026, 11, 2, 4, 0, tzinfo=UTC) - timedelta(days=30)
    assert teller.tell(used(0, still_since=still + timedelta(seconds=1))) == []
    assert teller.tell(used(0, still_since=still, active=False)) == []
    assert teller.tell(used(0, still_since=still)) == [("idle_card", None)]
    assert teller.tell(used(0, still_since=still)) == []
    assert Teller(RULES._replace(idle_days=0)).tell(used(0, still_since=still)) == []
