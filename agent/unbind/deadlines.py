"""Dates that must not be missed: computed from facts, as far as a clock can be believed. Pure.

A date that stands in a document is a date whatever this machine's clock says; what counts from now
has none while the clock is not synchronised. Nobody is told of a carrier's date that no fact gives.
"""

# ruff: noqa: E501 - a text is easier to compare unbroken

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from agent.i18n.said import Said, say
from agent.unbind.dates import after_working_days, next_cycle
from agent.unbind.facts import Facts
from agent.unbind.platform import CARRIER_SIDES, Platform
from agent.usage.cycle import zone_of
from cloud_bridge.orders import OLD_AFTER, AccountFacts


class Deadline(NamedTuple):
    """What is due, when (None: not known yet), and why."""

    id: str
    due_at: datetime | None
    why: Said


_DAY: Final = timedelta(days=1)
_LOOKS: Final = (
    ("verify_now", timedelta(0), say("first look: is the card really gone?")),
    ("verify_30min", timedelta(minutes=30), say("second look, after half an hour")),
    ("verify_24h", _DAY, say("third look, after a day")),
    ("verify_7d", 7 * _DAY, say("look on the last day for a refund")),
    ("verify_30d", 30 * _DAY, say("last look: no carrier takes longer than about a month")),
)
_LOOK_WORKING_DAYS: Final = 3


def deadlines(facts: Facts) -> tuple[Deadline, ...]:
    """All that can be told before the cancellation; the earliest first, the dateless last."""
    found = [*_of_order(facts), *_of_account(facts), *_of_refund(facts)]
    far = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(found, key=lambda each: each.due_at or far))


def after_cancellation(
    cancelled_at: datetime, platform: Platform, first_day: int | None
) -> tuple[Deadline, ...]:
    """When to look whether the card is really gone, and until when a refund can be asked for."""
    zone, day = _calendar(platform, first_day)
    found = [Deadline(name, cancelled_at + distance, why) for name, distance, why in _LOOKS]
    third = after_working_days(cancelled_at, _LOOK_WORKING_DAYS, zone)
    found.append(Deadline("verify_3wd", third, say("look after three working days")))
    if day is not None:
        why = say("look after the billing cycle: a data limit would be gone by now")
        found.append(Deadline("verify_next_cycle", next_cycle(cancelled_at, day, zone) + _DAY, why))
    days = platform.cancel.refund_days
    if days is not None:
        why = say(
            "refund or conversion has to be asked for within {days} days of the cancellation",
            days=days,
        )
        found.append(Deadline("refund", cancelled_at + days * _DAY, why))
    return tuple(sorted(found, key=lambda each: each.due_at or cancelled_at))


def _of_order(facts: Facts) -> Iterator[Deadline]:
    order = facts.backend.order
    if order is not None and order.expires_at is not None:
        yield Deadline(
            "order_expires", order.expires_at.astimezone(UTC), say("the work order expires")
        )


def _of_account(facts: Facts) -> Iterator[Deadline]:
    account = facts.backend.account
    if account is None or account.iccid != facts.device.iccid.known:
        return
    platform = facts.platform or next(each for each in facts.platforms if each.name == "generic")
    why = say("the account facts are too old from then on")
    yield Deadline("facts_old", account.as_of + OLD_AFTER, why)
    yield from _of_plan(account, platform)
    yield from _from_now(facts, account, platform)


def _of_plan(account: AccountFacts, platform: Platform) -> Iterator[Deadline]:
    if account.plan is None or account.plan.expires_at is None:
        return
    end, rules = account.plan.expires_at.astimezone(UTC), platform.auto_cancel
    yield Deadline("plan_expires", end, say("the plan ends"))
    if rules.days is None or rules.warn_days is None:
        return
    why = say(
        "{days} days without a plan: from now on it may be gone any day", days=rules.warn_days
    )
    yield Deadline("auto_cancel_warning", end + rules.warn_days * _DAY, why)
    why = say(
        "{days} days without a plan: the carrier ends the subscription by itself; debts and the fee for keeping it stay",
        days=rules.days,
    )
    yield Deadline("auto_cancel", end + rules.days * _DAY, why)


def _from_now(facts: Facts, account: AccountFacts, platform: Platform) -> Iterator[Deadline]:
    """What counts from now: no date without a clock."""
    zone, day = _calendar(platform, None if account.plan is None else account.plan.cycle_day)
    now = facts.now if facts.synchronized else None
    if day is not None:
        due = None if now is None else next_cycle(now, day, zone)
        yield Deadline("cycle_end", due, say("the billing cycle ends; a renewal would be billed"))
    rules = platform.binding
    if rules.per_month is not None:
        due = None if now is None else next_cycle(now, 1, zone)
        why = say(
            "{count} unbindings a card and month; the count starts anew", count=rules.per_month
        )
        yield Deadline("unbind_limit_reset", due, why)
    bound = any(each.kind in CARRIER_SIDES and each.bound for each in account.bindings)
    if bound and rules.working_days is not None:
        due = None if now is None else after_working_days(now, rules.working_days, zone)
        why = say(
            "unbinding by hand takes {days} working days, if asked for now (public holidays not counted)",
            days=rules.working_days,
        )
        yield Deadline("unbind_done", due, why)


def _of_refund(facts: Facts) -> Iterator[Deadline]:
    """Before the cancellation nobody knows the day; that there will be one is said all the same."""
    days = None if facts.platform is None else facts.platform.cancel.refund_days
    if days is not None:
        why = say(
            "refund or conversion has to be asked for within {days} days of the cancellation",
            days=days,
        )
        yield Deadline("refund", None, why)


def _calendar(platform: Platform, first_day: int | None) -> tuple[tzinfo, int | None]:
    """The carrier's time zone and the day on which its cycles begin, as far as they are known."""
    rules = platform.cycle
    if rules is None:
        return UTC, first_day
    return zone_of(rules.zone), first_day or rules.first_day
