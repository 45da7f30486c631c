"""Which plan counts for a card, and who says so. Pure.

The nearest to the card wins, for each value by itself: account facts of this very card (given now,
or recorded by `simward bind`; the newer of both), then `[[modem]]` of the slot that it is in, then
`usage`. A plan that has ended says nothing any more. Thresholds and idle days are configured alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from agent.usage.alerts import Rules
from cloud_bridge.orders import AccountFacts, Age, age_of

From = Literal["account", "modem", "usage"]


class SlotPlan(NamedTuple):
    """What `[[modem]]` says of the card in its slot; None where `usage` says it."""

    cycle_day: int | None = None
    quota_bytes: int | None = None
    thresholds: tuple[int, ...] | None = None
    idle_days: int | None = None


class Configured(NamedTuple):
    """What the configuration says: for all cards, and by slot."""

    cycle_day: int
    rules: Rules
    slots: Mapping[int, SlotPlan]


class Told(NamedTuple):
    """Account facts behind a plan, and how old they are; `ended`: the plan of which they speak."""

    as_of: datetime
    age: Age
    expires_at: datetime | None
    ended: bool


class CardPlan(NamedTuple):
    """What counts for one card; `told` is None where no account facts are known of it."""

    cycle_day: int
    cycle_day_from: From
    rules: Rules
    quota_from: From | None
    told: Told | None


def plan_for(
    configured: Configured,
    slot: int | None,
    facts: AccountFacts | None,
    now: datetime,
    *,
    synchronized: bool,
) -> CardPlan:
    """The plan of a card in `slot` (None: in no modem), of which `facts` are known."""
    own = configured.slots.get(slot, SlotPlan()) if slot is not None else SlotPlan()
    told = _told(facts, now, synchronized=synchronized)
    said = None if facts is None or told is None or told.ended else facts.plan
    quota, quota_from = _nearest(
        None if said is None else said.quota_bytes,
        own.quota_bytes,
        configured.rules.quota_bytes,
    )
    cycle_day, cycle_day_from = _nearest(
        None if said is None else said.cycle_day, own.cycle_day, configured.cycle_day
    )
    rules = configured.rules
    return CardPlan(
        cycle_day=cycle_day or configured.cycle_day,
        cycle_day_from=cycle_day_from or "usage",
        rules=Rules(
            quota,
            rules.thresholds if own.thresholds is None else own.thresholds,
            rules.idle_days if own.idle_days is None else own.idle_days,
        ),
        quota_from=quota_from,
        told=told,
    )


def newer(one: AccountFacts | None, other: AccountFacts | None) -> AccountFacts | None:
    """The facts that were true later."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda each: each.as_of)


def _nearest(
    account: int | None, modem: int | None, usage: int | None
) -> tuple[int | None, From | None]:
    known: tuple[tuple[int | None, From], ...] = (
        (account, "account"),
        (modem, "modem"),
        (usage, "usage"),
    )
    return next(((value, by) for value, by in known if value is not None), (None, None))


def _told(facts: AccountFacts | None, now: datetime, *, synchronized: bool) -> Told | None:
    if facts is None or facts.plan is None:
        return None
    expires_at = facts.plan.expires_at
    ended = synchronized and expires_at is not None and expires_at <= now
    return Told(facts.as_of, age_of(facts.as_of, now, synchronized=synchronized), expires_at, ended)
