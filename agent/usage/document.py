"""The document `simward/usage/1`: cycles of each card, what may be missing, what the plan says.

Made from the ledger alone, read-only: the daemon and a command without a daemon make the same.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

from agent.clock import iso
from agent.usage import reading
from agent.usage.alerts import Card, projection, times_of
from agent.usage.carrier import beside
from agent.usage.cycle import Cycle, cycle_before, cycle_of, day_of
from agent.usage.meter import Plan
from agent.usage.plans import CardPlan, newer, plan_for
from agent.usage.summary import CycleUsage, Day, usage_in
from cloud_bridge.orders import AccountFacts

Json = dict[str, Any]

SCHEMA: Final = "simward/usage/1"
_CYCLES_BEFORE: Final = 6
_PERCENT: Final = 100

NOT_DATED: Final = "the clock is not known to be right"
NO_QUOTA: Final = "no quota is configured"
TOO_EARLY: Final = "too early in the cycle to tell"
NO_BOUND: Final = "a gap of unknown length"
IN_NO_MODEM: Final = "in no modem now"
NO_ACCOUNT: Final = "no account facts are given (--account)"
NO_PLAN_FACTS: Final = "no account facts with a plan are known of this card"
NO_END: Final = "the platform gives no end"
OLD_FIGURE: Final = "the account facts are older than this cycle"
NO_FIGURE: Final = "the platform gives no figure"
UNKNOWN_LAG: Final = "how far this platform's figure lags is not known"
NOT_COMPARABLE: Final = "not known for the same time"


def document(
    connection: sqlite3.Connection | None,
    plan: Plan,
    *,
    now: datetime,
    synchronized: bool,
    account: AccountFacts | None = None,
    recorded: Callable[[str], AccountFacts | None] = lambda _iccid: None,
) -> Json:
    """The document; without cards where no daemon ever kept a ledger.

    `account`: what the platform says of one card; `recorded`: what it said when a card was bound.
    """
    known = [] if connection is None else reading.cards(connection)
    sources = {} if connection is None else reading.holders(connection)
    absent: dict[str, str] = {}
    cards: list[Json] = []
    for card in known:
        assert connection is not None
        given = account if account is not None and account.iccid == card.iccid else None
        kept = recorded(card.iccid)
        counts = plan_for(
            plan.configured, card.slot, newer(given, kept), now, synchronized=synchronized
        )
        page = _Page(connection, card, plan, counts, now)
        cards.append(
            {
                **page.card(sources.get(card.iccid)),
                "plan": page.plan(),
                "carrier": page.carrier(given, kept),
            }
        )
        absent |= {f"cards.{len(cards) - 1}.{path}": why for path, why in page.absent.items()}
    return {
        "schema": SCHEMA,
        "taken_at": iso(now),
        "clock_synchronized": synchronized,
        "time_zone": plan.zone_name,
        "cards": cards,
        "absent": absent,
    }


class _Page:
    """One card."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        card: reading.KnownCard,
        plan: Plan,
        counts: CardPlan,
        now: datetime,
    ) -> None:
        self._card = card
        self._zone = plan.zone
        self._plan = counts
        self._now = now
        self.absent: dict[str, str] = {}
        self._today = day_of(now, plan.zone)
        self._days = reading.days(connection, card.iccid)
        self._undated = reading.undated(connection, card.iccid)

    def card(self, source: str | None) -> Json:
        usage = usage_in(cycle_of(self._today, self._plan.cycle_day), self._days)
        undated = self._undated
        waiting = undated.tx or undated.rx or undated.gaps
        return {
            "iccid": self._card.iccid,
            "slot": self._card.slot,
            "modem": self._card.modem,
            "source": self._or_why(source, "source", IN_NO_MODEM),
            "quota_bytes": self._or_why(self._plan.rules.quota_bytes, "quota_bytes", NO_QUOTA),
            "cycle": self._now_running(usage),
            "before": [
                self._cycle(each, f"before.{number}") for number, each in enumerate(self._before())
            ],
            "undated": {"tx_bytes": undated.tx, "rx_bytes": undated.rx, "gaps": undated.gaps}
            if waiting
            else None,
            "since": self._or_why(self._first_day(), "since", NOT_DATED),
            "total": {"tx_bytes": self._card.tx, "rx_bytes": self._card.rx},
        }

    def plan(self) -> Json:
        """Whose quota and cycle it is, and how old account facts behind it are."""
        told = self._plan.told
        facts: Json = {
            "quota_from": self._or_why(self._plan.quota_from, "plan.quota_from", NO_QUOTA),
            "cycle_day": self._plan.cycle_day,
            "cycle_day_from": self._plan.cycle_day_from,
        }
        if told is None:
            nothing = dict.fromkeys(("as_of", "age", "age_h", "expires_at", "ended"))
            self.absent |= dict.fromkeys((f"plan.{name}" for name in nothing), NO_PLAN_FACTS)
            return facts | nothing
        expires_at = None if told.expires_at is None else iso(told.expires_at)
        return facts | {
            "as_of": iso(told.as_of),
            "age": told.age.word,
            "age_h": self._or_why(told.age.hours, "plan.age_h", NOT_DATED),
            "expires_at": self._or_why(expires_at, "plan.expires_at", NO_END),
            "ended": told.ended,
        }

    def carrier(self, given: AccountFacts | None, kept: AccountFacts | None) -> Json | None:
        """The platform's own figure; None where its facts are not given, or of another cycle."""
        usage = usage_in(cycle_of(self._today, self._plan.cycle_day), self._days)
        facts = given
        if kept is not None and kept.as_of >= times_of(usage, self._zone)[0]:
            facts = newer(given, kept)
        if facts is None:
            self.absent["carrier"] = NO_ACCOUNT if kept is None else OLD_FIGURE
            return None
        figure = beside(facts.platform, facts.as_of, usage, self._zone)
        used = None if facts.plan is None else facts.plan.used_bytes
        until = None if figure.until is None else iso(figure.until)
        return {
            "platform": facts.platform,
            "as_of": iso(facts.as_of),
            "used_bytes": self._or_why(used, "carrier.used_bytes", NO_FIGURE),
            "lag": figure.lag,
            "until": self._or_why(until, "carrier.until", UNKNOWN_LAG),
            "counted_bytes": self._or_why(figure.ours, "carrier.counted_bytes", NOT_COMPARABLE),
            "settling": figure.settling,
        }

    def _first_day(self) -> str | None:
        if self._card.first_at is None:
            return None
        first_at = datetime.fromtimestamp(self._card.first_at, UTC)
        return day_of(first_at, self._zone).isoformat()

    def _before(self) -> list[CycleUsage]:
        """The cycles before, newest first, back to the first day that is known."""
        first = min((day.day for day in self._days), default=self._today.isoformat())
        cycle = cycle_of(self._today, self._plan.cycle_day)
        found: list[CycleUsage] = []
        while len(found) < _CYCLES_BEFORE and cycle.start.isoformat() > first:
            cycle = cycle_before(cycle, self._plan.cycle_day)
            found.append(usage_in(cycle, self._days))
        return found

    def _now_running(self, usage: CycleUsage) -> Json:
        quota = self._plan.rules.quota_bytes
        percent = None if not quota else usage.total * _PERCENT // quota
        starts_at, ends_at = times_of(usage, self._zone)
        foretold = projection(
            Card(
                usage=usage,
                days=self._days,
                today=self._today.isoformat(),
                now=self._now,
                starts_at=starts_at,
                ends_at=ends_at,
                still_since=None,
                active=False,
            ),
            quota,
        )
        used_up = None if foretold is None else iso(foretold.at)
        return {
            **self._cycle(usage, "cycle"),
            "day": (self._today - usage.cycle.start).days + 1,
            "percent": self._or_why(percent, "cycle.percent", NO_QUOTA),
            "used_up_at": self._or_why(
                used_up, "cycle.used_up_at", TOO_EARLY if quota else NO_QUOTA
            ),
            "days": [_day(usage, day) for day in _days_until(usage.cycle, self._today)],
        }

    def _cycle(self, usage: CycleUsage, name: str) -> Json:
        hidden = self._or_why(usage.hidden_bytes, f"{name}.hidden_bytes", NO_BOUND)
        return {
            "start": usage.cycle.start.isoformat(),
            "last_day": usage.cycle.last_day.isoformat(),
            "tx_bytes": usage.tx,
            "rx_bytes": usage.rx,
            "total_bytes": usage.total,
            "exact": usage.exact,
            "gaps": usage.gaps,
            "hidden_bytes": hidden,
            "early_bytes": usage.early_bytes,
            "late_bytes": usage.late_bytes,
        }

    def _or_why(self, value: Any, name: str, reason: str) -> Any:
        if value is None:
            self.absent[name] = reason
        return value


def _days_until(cycle: Cycle, today: date) -> list[date]:
    count = (min(today, cycle.last_day) - cycle.start).days + 1
    return [date.fromordinal(cycle.start.toordinal() + number) for number in range(count)]


def _day(usage: CycleUsage, day: date) -> Json:
    name = day.isoformat()
    found = next((each for each in usage.days if each.day == name), None)
    day_ = found or Day(name, 0, 0, 0, name, 0, 0, 0, name)
    return {"day": name, "tx_bytes": day_.tx, "rx_bytes": day_.rx, "gaps": day_.gaps}
