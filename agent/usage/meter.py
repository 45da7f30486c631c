"""From a sample to the ledger, and from the ledger to events; in the thread that owns the store."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final, NamedTuple

from agent.clock import iso
from agent.config import Modem, Settings
from agent.jobs import Sample
from agent.report import REGISTERED, Seen, Stamp, counters_of
from agent.usage import reading
from agent.usage.alerts import THRESHOLD, Alert, Card, Rules, alerts, also_given, times_of
from agent.usage.counters import Booked, Traits
from agent.usage.cycle import cycle_of, day_of, zone_of
from agent.usage.days import When
from agent.usage.ledger import NO_CARD, Ledger, Metered
from agent.usage.plans import CardPlan, Configured, SlotPlan, plan_for
from agent.usage.sources import MODEM, Offer, choose
from agent.usage.summary import usage_in
from cloud_bridge.air import Air
from cloud_bridge.orders import AccountFacts
from modem.snapshot import SERVING_ORDER, ModemSnapshot
from modem.vendors.select import load_profile

Json = dict[str, Any]

_LOOK_BACK: Final = timedelta(days=100)
"""Days that alerts look at: a cycle, and the usual days before it."""


class Plan(NamedTuple):
    """How usage is counted and what is worth an event, from the configuration."""

    zone: tzinfo
    zone_name: str
    configured: Configured
    max_bytes_s: float
    source: str


def plan_of(settings: Settings) -> Plan:
    """As configured."""
    usage = settings.usage
    rules = Rules(usage.quota_bytes, tuple(usage.thresholds), usage.idle_days)
    slots = {each.slot: _slot_plan(each) for each in settings.modem}
    return Plan(
        zone=zone_of(usage.time_zone),
        zone_name=usage.time_zone,
        configured=Configured(usage.cycle_day, rules, slots),
        max_bytes_s=usage.max_mbit_s * 1e6 / 8,
        source=usage.source,
    )


def _slot_plan(entry: Modem) -> SlotPlan:
    thresholds = None if entry.thresholds is None else tuple(entry.thresholds)
    return SlotPlan(entry.cycle_day, entry.quota_bytes, thresholds, entry.idle_days)


def _nothing_told(_iccid: str) -> AccountFacts | None:
    return None


class Meter:
    """Books samples; every method works in an open transaction of the caller."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        plan: Plan,
        account_of: Callable[[str], AccountFacts | None] = _nothing_told,
    ) -> None:
        """`account_of`: the account facts that are recorded with a card."""
        self._connection = connection
        self._plan = plan
        self._account_of = account_of
        self._ledger = Ledger(connection, zone=plan.zone, max_bytes_s=plan.max_bytes_s)

    def book(self, sample: Sample, facts: Seen) -> Booked | None:
        """Book what a sample shows; None where nothing counts for this modem now."""
        modem = facts.imei or f"slot {sample.slot}"
        offers = dict(sample.outside.offers)
        own = _own_counter(sample)
        if own is not None:
            offers[MODEM] = own
        source = choose(self._ledger.source_of(modem), self._plan.source, offers)
        if source is None:
            return None
        offer = offers[source]
        metered = Metered(
            modem=modem,
            slot=sample.slot,
            card=_card_in(sample.snapshot.modem),
            source=source,
            counters=offer.counters,
            traits=offer.traits,
            when=_when(sample),
            epoch=offer.epoch,
            fresh=sample.full,
            restarted=sample.restarted and source == MODEM,
            echoes=sample.echoes,
        )
        return Booked(offer.counters, self._ledger.book(metered))

    def book_own(self, sample: Sample, air: Air) -> bool:
        """Book our own bytes on the air; whether they could be dated."""
        at = _when(sample).at
        if at is None:
            return False
        self._connection.execute(
            "INSERT INTO usage_own VALUES (?, ?, ?, ?) ON CONFLICT (day) DO UPDATE SET"
            " sent = sent + excluded.sent, received = received + excluded.received,"
            " connects = connects + excluded.connects",
            (day_of(at, self._plan.zone).isoformat(), *air),
        )
        return True

    def alerts(self, sample: Sample) -> list[tuple[str, Json]]:
        """(code, args) of what is to be said of the card in this sample; it is said once."""
        iccid = _card_in(sample.snapshot.modem)
        now = _when(sample).at
        if not iccid or now is None:
            return []
        known = reading.card(self._connection, iccid)
        if known is None:
            return []
        today = day_of(now, self._plan.zone)
        days = reading.days(self._connection, iccid, today - _LOOK_BACK)
        facts = self._account_of(iccid)
        plan = plan_for(self._plan.configured, sample.slot, facts, now, synchronized=True)
        usage = usage_in(cycle_of(today, plan.cycle_day), days)
        starts_at, ends_at = times_of(usage, self._plan.zone)
        card = Card(
            usage=usage,
            days=days,
            today=today.isoformat(),
            now=now,
            starts_at=starts_at,
            ends_at=ends_at,
            still_since=known.still_since,
            active=_is_served(sample.snapshot.modem),
        )
        cycle = usage.cycle.start.isoformat()
        found = alerts(card, plan.rules, reading.given(self._connection, iccid, cycle))
        for alert in found:
            self._connection.executemany(
                "INSERT OR IGNORE INTO usage_alerts VALUES (?, ?, ?)",
                [(iccid, cycle, what) for what in also_given(alert, plan.rules)],
            )
        return [
            (alert.code, {"slot": sample.slot, "iccid": iccid, **alert.args, **_by(alert, plan)})
            for alert in found
        ]


def _by(alert: Alert, plan: CardPlan) -> Json:
    """Whose quota it was that was reached."""
    if alert.code != THRESHOLD:
        return {}
    if plan.quota_from == "account" and plan.told is not None:
        return {"quota_from": "account", "quota_as_of": iso(plan.told.as_of)}
    return {"quota_from": plan.quota_from}


def _own_counter(sample: Sample) -> Offer | None:
    counters = counters_of(sample.snapshot.modem)
    if counters is None:
        return None
    usage = load_profile(sample.snapshot.modem.profile).usage
    return Offer(counters, Traits(usage.persistence, usage.bits), sample.outside.epoch)


def _card_in(snapshot: ModemSnapshot) -> str | None:
    """The card's ICCID, `NO_CARD` where nothing can use data, or None where it was not readable."""
    if snapshot.sim is None:
        return None
    if snapshot.sim.iccid.known is not None:
        return snapshot.sim.iccid.known.value
    return NO_CARD if snapshot.sim.state.known in {"absent", "no_profile"} else None


def _when(sample: Sample) -> When:
    stamp: Stamp = sample.stamp
    at = None if stamp.at is None else datetime.fromisoformat(stamp.at)
    return When(stamp.boot, stamp.up_s, max(stamp.up_s, sample.done_up_s), at)


def _is_served(snapshot: ModemSnapshot) -> bool:
    """Whether the network serves the card: one that is refused or nowhere is idle of itself."""
    if snapshot.registration is None:
        return False
    domains = (getattr(snapshot.registration, name).known for name in SERVING_ORDER)
    return any(facts is not None and facts.stat in REGISTERED for facts in domains)
