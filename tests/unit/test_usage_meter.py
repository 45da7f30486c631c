import json
import sqlite3
from dataclasses import replace

import pytest

from agent.config import Settings
from agent.jobs import Sample
from agent.report import Seen, Stamp, seen
from agent.usage.counters import Counters, Traits
from agent.usage.meter import Meter, plan_of
from agent.usage.reading import cards, holders, own_days
from agent.usage.sources import Offer, Outside
from agent.usage.tables import MIGRATIONS
from cloud_bridge.air import Air
from cloud_bridge.orders import read_account
from modem.snapshot import UsageCounters
from sim.reading import absent
from tests.unit.snapshot_helpers import DENIED, MODEM, gateway, read, registered, with_card

CARD = "89001010000000000018"
SETTINGS = Settings.model_validate({"usage": {"quota_bytes": 1_000_000}})


class Desk:
    """A meter, and samples that come each quarter of an hour."""

    def __init__(self, settings=SETTINGS) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        for script in MIGRATIONS:
            self.connection.executescript(script)
        self.account = None
        self.meter = Meter(self.connection, plan_of(settings), lambda _iccid: self.account)
        self.minutes = 0
        self.facts = Seen()

    def sample(self, modem=MODEM, **more) -> Sample:
        self.minutes += 15
        hour, minute = divmod(self.minutes, 60)
        stamp = Stamp(1, self.minutes * 60.0, f"2026-11-22T{hour:02}:{minute:02}:00.000Z")
        sample = Sample(1, gateway(modem), stamp, full=False)
        return replace(sample, **more)

    def take(self, modem=MODEM, **more):
        sample = self.sample(modem, **more)
        self.facts = seen(modem, self.facts)
        booked = self.meter.book(sample, self.facts)
        return booked, self.meter.alerts(sample)


@pytest.fixture
def desk():
    made = Desk()
    yield made
    made.connection.close()


def shows(tx, rx, modem=MODEM):
    """So much more than when it was seen first."""
    return modem._replace(usage=read(UsageCounters(1000 + tx, 1000 + rx)))


def test_a_sample_is_booked_for_the_card_and_modem_in_it(desk):
    desk.take(shows(0, 0))
    booked, _ = desk.take(shows(10, 20))
    assert booked.counters == (1010, 1020)
    assert booked.step.total == 30
    (card,) = cards(desk.connection)
    assert (card.iccid, card.slot, card.modem) == (CARD, 1, "356938035643809")
    assert (card.tx, card.rx) == (10, 20)
    assert holders(desk.connection) == {CARD: "modem"}


def test_a_threshold_is_an_event_once_however_often_the_daemon_starts(desk):
    desk.take(shows(0, 0))
    _, first = desk.take(shows(100_000, 400_000))
    assert [(code, args["slot"], args["iccid"], args["percent"]) for code, args in first] == [
        ("usage_threshold", 1, CARD, 50)
    ]
    desk.meter = Meter(desk.connection, plan_of(SETTINGS))
    assert desk.take(shows(100_000, 400_001))[1] == []


def test_without_a_clock_nothing_is_told_and_then_it_is(desk):
    desk.take(shows(0, 0))
    undated = Stamp(1, 1800.0, None)
    assert desk.take(shows(100_000, 500_000), stamp=undated)[1] == []
    _, told = desk.take(shows(100_000, 500_000))
    assert [code for code, _ in told] == ["usage_threshold"]


def test_an_empty_slot_is_not_an_unreadable_card(desk):
    desk.take(shows(0, 0))
    empty = with_card(state=read("absent"), iccid=absent("no card"))
    booked, alerts = desk.take(shows(10, 10, empty))
    assert booked.step.total == 20
    assert alerts == []
    assert holders(desk.connection) == {}
    assert cards(desk.connection)[0].tx == 10


def test_a_modem_without_counters_is_counted_by_its_interface(desk):
    silent = MODEM._replace(usage=absent("not supported by this modem"))
    traits = Traits("volatile", steady=True)
    for tx in (5, 9):
        offers = {"interface": Offer(Counters(tx, 0), traits, "b:7")}
        booked, _ = desk.take(silent, outside=Outside("e", offers))
    assert booked.counters == (9, 0)
    assert holders(desk.connection) == {CARD: "interface"}
    # It stays decided: the modem's own bytes would be the same bytes again.
    assert desk.take(shows(1_000, 1_000))[0] is None


def test_nothing_counts_where_there_is_no_counter(desk):
    booked, alerts = desk.take(MODEM._replace(usage=absent("not supported by this modem")))
    assert booked is None
    assert alerts == []


def test_own_bytes_are_kept_by_day_and_wait_for_a_date(desk):
    air = Air(sent=100, received=200, connects=1)
    assert desk.meter.book_own(desk.sample(), air)
    assert desk.meter.book_own(desk.sample(), Air(1, 2, 0))
    assert not desk.meter.book_own(desk.sample(stamp=Stamp(1, 1.0, None)), air)
    assert own_days(desk.connection, 31) == [("2026-11-22", 101, 202, 1)]


def test_a_card_that_the_network_refuses_is_not_idle():
    desk = Desk(Settings.model_validate({"usage": {"idle_days": 1}}))
    refused = registered(cs=DENIED, ps=DENIED, eps=DENIED)
    desk.take(shows(0, 0))
    later = Stamp(1, 200_000.0, "2026-11-25T00:00:00.000Z")
    assert desk.take(shows(0, 0, refused), stamp=later)[1] == []
    assert [code for code, _ in desk.take(shows(0, 0), stamp=later)[1]] == ["idle_card"]
    desk.connection.close()


def bound(**plan):
    """Account facts as `simward bind --account` recorded them."""
    facts = {"schema": "simward/account/1", "iccid": CARD, "as_of": "2026-11-01T00:00:00Z"}
    return read_account(json.dumps({**facts, "plan": plan}).encode())


def threshold(desk):
    """Of the 500 kB that a card just used: percentage, cycle and whose quota it is."""
    desk.take(shows(0, 0))
    _, told = desk.take(shows(100_000, 400_000))
    return [(args["percent"], args["cycle"], args["quota_from"]) for _, args in told]


TWO = {
    "usage": {"quota_bytes": 10_000_000, "cycle_day": 1},
    "modem": [
        {"port": "a", "slot": 1, "quota_bytes": 1_000_000, "thresholds": [45], "cycle_day": 20},
        {"port": "b", "slot": 2},
    ],
}


def test_each_slot_has_its_own_quota_thresholds_and_cycle():
    assert threshold(Desk(Settings.model_validate(TWO))) == [(45, "2026-11-20", "modem")]
    first, second = TWO["modem"]
    other = {**TWO, "modem": [{**first, "slot": 2}, {**second, "slot": 1}]}
    assert threshold(Desk(Settings.model_validate(other))) == []


def test_account_facts_of_the_card_go_before_the_configuration():
    desk = Desk(Settings.model_validate(TWO))
    desk.account = bound(quota_bytes=900_000, cycle_day=27)
    desk.take(shows(0, 0))
    ((_, args),) = desk.take(shows(100_000, 400_000))[1]
    assert (args["quota_bytes"], args["quota_from"], args["cycle"], args["quota_as_of"]) == (
        900_000,
        "account",
        "2026-10-27",
        "2026-11-01T00:00:00.000Z",
    )


def test_what_the_facts_do_not_say_the_configuration_says():
    desk = Desk(Settings.model_validate(TWO))
    desk.account = bound(cycle_day=27)
    assert threshold(desk) == [(45, "2026-10-27", "modem")]


def test_a_plan_that_has_ended_says_nothing_any_more():
    desk = Desk(Settings.model_validate(TWO))
    desk.account = bound(quota_bytes=600_000, expires_at="2026-11-21T00:00:00Z")
    assert threshold(desk) == [(45, "2026-11-20", "modem")]


@pytest.mark.parametrize(("own", "codes"), [({}, ["idle_card"]), ({"idle_days": 0}, [])])
def test_the_idle_days_of_a_slot_are_its_own(own, codes):
    modem = {"port": "a", "slot": 1, **own}
    desk = Desk(Settings.model_validate({"usage": {"idle_days": 3}, "modem": [modem]}))
    desk.take(shows(0, 0))
    late = Stamp(1, 5 * 86_400.0, "2026-11-27T00:00:00.000Z")
    assert [code for code, _ in desk.take(shows(0, 0), stamp=late)[1]] == codes
