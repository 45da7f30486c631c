"""Which deadlines of a case are near enough to be said: 7, 3 and 1 day before, and when due. Pure.

Each is said once a threshold; what was said is remembered by the caller, over restarts too. The
looks after a cancellation are no deadlines of anybody's: the daemon takes them itself.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from agent.clock import iso
from agent.unbind.case import Case
from agent.unbind.deadlines import Deadline, after_cancellation, deadlines
from agent.unbind.facts import Backend, Device, Facts, Operator
from agent.unbind.platform import Platform
from agent.verification.schedule import rules_of
from cloud_bridge.orders import AccountFacts, OrderError, WorkOrder, read_account, read_order
from sim.reading import Reading

Json = dict[str, Any]

CODE: Final = "deadline_near"
DAYS: Final = (7, 3, 1)
DUE: Final = 0
_SPOKEN: Final = frozenset(
    {
        "order_expires", "plan_expires", "auto_cancel_warning", "auto_cancel", "cycle_end",
        "refund", "unbind_limit_reset",
    }
)  # fmt: skip
_STILL_SAID: Final = timedelta(days=1)
_JOURNAL: Final = "journal"


class Near(NamedTuple):
    """What is to be said, and `about` what, for remembering the smallest threshold that was."""

    about: str
    threshold: int
    args: Json


def near(name: str, case: Case, platforms: tuple[Platform, ...], now: datetime) -> Iterator[Near]:
    """The deadlines of the case called `name` that are near."""
    if case.ended:
        return
    for each in _deadlines(case, platforms, now):
        if each.id not in _SPOKEN or each.due_at is None:
            continue
        left = each.due_at - now
        passed = [days for days in DAYS if left <= timedelta(days=days)]
        if not passed or left < -_STILL_SAID:
            continue
        overdue = left <= timedelta(0)
        args: Json = {
            "case": name,
            "iccid": case.iccid,
            "order_id": case.order_id,
            "deadline": each.id,
            "due_at": iso(each.due_at),
            "days": max(left.days, 0),
            "threshold": DUE if overdue else min(passed),
        }
        about = f"{CODE} {name} {each.id} {args['due_at']}"
        yield Near(about, args["threshold"], {**args, "overdue": True} if overdue else args)


def _deadlines(case: Case, platforms: tuple[Platform, ...], now: datetime) -> Iterable[Deadline]:
    order, account = order_of(case), account_of(case)
    if case.cancelled_at is not None:
        named = None if account is None else account.platform
        rules = rules_of(platforms, named, case.platform)
        moment = datetime.fromisoformat(case.cancelled_at).astimezone(UTC)
        return after_cancellation(moment, rules, first_day_of(account))
    device = Device(now, clock_synchronized=True, iccid=Reading(case.iccid, _JOURNAL, now))
    return deadlines(Facts(device, Operator(), Backend(order, account), now, platforms))


def order_of(case: Case) -> WorkOrder | None:
    """The work order in the journal."""
    try:
        return read_order(json.dumps(case.order).encode())
    except OrderError:
        return None


def account_of(case: Case) -> AccountFacts | None:
    """The account facts that the journal has."""
    told = None if case.account is None else case.account.get("account")
    if told is None:
        return None
    try:
        return read_account(json.dumps(told).encode())
    except OrderError:
        return None


def first_day_of(account: AccountFacts | None) -> int | None:
    """The first day of the billing cycle, where the platform says it."""
    return None if account is None or account.plan is None else account.plan.cycle_day
