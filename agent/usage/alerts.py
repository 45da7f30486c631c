"""What is worth an event about a card's usage. Pure.

Each alert has a name (`Alert.what`) that is kept with the card's cycle: it is given once a cycle,
whatever is restarted. That also bounds how many there can be: one a threshold and quota, one
projection, one jump and one idleness a cycle. Counted bytes are a lower bound, so that a threshold
is passed for certain; what may be hidden is told beside.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final, NamedTuple

from agent.usage.cycle import begins_at
from agent.usage.summary import CycleUsage, Day

THRESHOLD: Final = "usage_threshold"
JUMP: Final = "usage_jump"
IDLE: Final = "idle_card"

JUMP_FACTOR: Final = 10
"""A day is a jump from ten times the usual day on."""
JUMP_LEAST_BYTES: Final = 1_000_000
"""What a day must have at least: ten times next to nothing is nothing."""
JUMP_DAYS: Final = 7
"""Days with traffic that it takes to know what is usual; the latest 28 are looked at."""
_LOOKED_AT = 28
PROJECT_AFTER: Final = timedelta(days=3)
"""A cycle must have run so long, and used a tenth of the quota, before its end is foretold."""
_PROJECT_PERCENT = 10
_PERCENT = 100
_PROJECTED = "projected"
_UTC = "%Y-%m-%dT%H:%M:%SZ"


class Rules(NamedTuple):
    """What the plan says and the configuration asks for."""

    quota_bytes: int | None
    thresholds: Sequence[int]
    idle_days: int


class Card(NamedTuple):
    """A card at a moment: its days until now (of all cycles), and whether the network serves it.

    `still_since`: since when it has used nothing; None where that is not known.
    """

    usage: CycleUsage
    days: Sequence[Day]
    today: str
    now: datetime
    starts_at: datetime
    ends_at: datetime
    still_since: datetime | None
    active: bool


class Alert(NamedTuple):
    """An event: its code and args, and the name under which it is remembered."""

    what: str
    code: str
    args: dict[str, Any]


def alerts(card: Card, rules: Rules, given: Collection[str]) -> list[Alert]:
    """What is to be said now and was not yet in this cycle; with what goes without saying then."""
    found = [*_thresholds(card, rules, given), *_jump(card), *_idle(card, rules)]
    return [alert for alert in found if alert.what not in given]


def also_given(alert: Alert, rules: Rules) -> set[str]:
    """The names that are done with once an alert was given: lower thresholds, what it foretold."""
    names = {alert.what}
    if alert.code == THRESHOLD:
        reached = (each for each in rules.thresholds if each <= alert.args.get("percent", 0))
        names |= {_threshold_name(each, alert.args["quota_bytes"]) for each in reached}
        if "projected_at" in alert.args:
            names.add(_PROJECTED)
    return names


class Projection(NamedTuple):
    """When the quota is used up if the cycle goes on as it did until now."""

    at: datetime
    before_end: bool


def projection(card: Card, quota_bytes: int | None) -> Projection | None:
    """When the quota will be used up; None as long as that would be guessing, and once it is."""
    if not quota_bytes:
        return None
    used, passed = card.usage.total, card.now - card.starts_at
    if passed < PROJECT_AFTER or used * _PERCENT < quota_bytes * _PROJECT_PERCENT:
        return None
    if used >= quota_bytes:
        return None
    at = card.starts_at + passed * (quota_bytes / used)
    return Projection(at, at < card.ends_at)


def _thresholds(card: Card, rules: Rules, given: Collection[str]) -> list[Alert]:
    quota = rules.quota_bytes
    if not quota:
        return []
    args = {**_usage_args(card), "quota_bytes": quota}
    foretold = projection(card, quota)
    if foretold is not None and foretold.before_end:
        args["projected_at"] = foretold.at.strftime(_UTC)
    reached = max((each for each in rules.thresholds if _is_reached(card, quota, each)), default=0)
    # Only the highest one: who was away for a week is not told three things at once.
    name = _threshold_name(reached, quota)
    if reached and name not in given:
        return [Alert(name, THRESHOLD, {**args, "percent": reached})]
    return [Alert(_PROJECTED, THRESHOLD, args)] if "projected_at" in args else []


def _is_reached(card: Card, quota_bytes: int, percent: int) -> bool:
    return card.usage.total * _PERCENT >= quota_bytes * percent


def _threshold_name(percent: int, quota_bytes: int) -> str:
    """A plan that grows has its thresholds again, a plan that is told twice has not."""
    return f"{percent}% of {quota_bytes}"


def _jump(card: Card) -> list[Alert]:
    before = [day.total for day in card.days if day.day < card.today and day.total]
    today = next((day.total for day in card.days if day.day == card.today), 0)
    if len(before) < JUMP_DAYS:
        return []
    usual = int(median(before[-_LOOKED_AT:]))
    if today < max(JUMP_FACTOR * usual, JUMP_LEAST_BYTES):
        return []
    args = {"day": card.today, "day_bytes": today, "usual_bytes": usual}
    return [Alert("jump", JUMP, {"cycle": card.usage.cycle.start.isoformat(), **args})]


def _idle(card: Card, rules: Rules) -> list[Alert]:
    if not rules.idle_days or card.still_since is None or not card.active:
        return []
    days = (card.now - card.still_since) // timedelta(days=1)
    if days < rules.idle_days:
        return []
    since = card.still_since.strftime(_UTC)
    args = {"cycle": card.usage.cycle.start.isoformat(), "days": days, "since": since}
    return [Alert("idle", IDLE, args)]


def _usage_args(card: Card) -> dict[str, Any]:
    usage = card.usage
    args = {"cycle": usage.cycle.start.isoformat(), "used_bytes": usage.total}
    if usage.hidden_bytes:
        args["hidden_bytes"] = usage.hidden_bytes
    return args


def times_of(usage: CycleUsage, zone: Any) -> tuple[datetime, datetime]:
    """When the cycle begins and ends, UTC."""
    return begins_at(usage.cycle.start, zone), begins_at(usage.cycle.next_start, zone)
