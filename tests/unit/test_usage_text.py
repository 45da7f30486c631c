import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.cli.table import width
from agent.cli.usage_text import in_words, render, render_air
from agent.config import Settings
from agent.i18n import set_language
from agent.usage.counters import Counters, Traits
from agent.usage.cycle import zone_of
from agent.usage.days import When
from agent.usage.document import document
from agent.usage.ledger import Ledger, Metered
from agent.usage.meter import plan_of
from agent.usage.tables import MIGRATIONS
from cloud_bridge.orders import read_account

ROOT = Path(__file__).parents[2]
CARD = "89001010000000000018"
START = datetime(2026, 10, 20, 4, 0, tzinfo=UTC)
NOW = START + timedelta(days=31)
SETTINGS = {"usage": {"cycle_day": 27, "quota_bytes": 40_000_000, "max_mbit_s": 0.1}}


def reading(at, tx, rx, **more):
    more = {"card": CARD, "modem": "356938035643809", "slot": 1, **more}
    up_s = (at - START).total_seconds()
    when = When(1, up_s, up_s, at)
    counted = {"counters": Counters(tx, rx), "traits": Traits("volatile")}
    return Metered(source="modem", when=when, **counted, **more)


def kept(days=31):
    """A ledger of some weeks: half a day each, more on Mondays; the modem restarts once."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for script in MIGRATIONS:
        connection.executescript(script)
    ledger = Ledger(connection, zone=zone_of("+08:00"), max_bytes_s=0.1e6 / 8)
    tx = rx = 0
    for number in range(2 * days):
        at = START + timedelta(hours=12 * number)
        size = 2_600_000 if at.weekday() == 0 else 200_000 + 12_345 * (number % 13)
        restarted = number == 50
        tx, rx = (900, 4100) if restarted else (tx + size // 4, rx + size * 3 // 4)
        ledger.book(reading(at, tx, rx, restarted=restarted))
        if number >= 2 * days - 2:
            other = {"card": "89001010000000000026", "modem": "490154203237518", "slot": 2}
            ledger.book(reading(at, 0, 0, **other))
    return connection


@pytest.fixture
def usage():
    connection = kept()
    plan = plan_of(Settings.model_validate(SETTINGS))
    yield document(connection, plan, now=NOW, synchronized=True)
    connection.close()


@pytest.fixture(params=["en", "zh"])
def language(request):
    set_language(request.param)
    yield request.param
    set_language("en")


def test_no_line_is_wider_than_eighty_columns(usage, language):
    del language
    text = render(usage, full=True)
    assert max(width(line) for line in text.splitlines()) <= 80
    assert "#" in text


@pytest.mark.parametrize("columns", [1, 10**3, 10**6, 10**9, 10**13])
def test_bars_end_in_one_column_whatever_the_sizes_are(usage, columns):
    for number, day in enumerate(usage["cards"][0]["cycle"]["days"]):
        day["tx_bytes"] = columns * number
    lines = [line for line in render(usage).splitlines() if re.match(r"  \d\d-\d\d [# ]", line)]
    assert len({width(line.removesuffix(" ?")) for line in lines}) == 1
    assert width(lines[-1]) <= 80


def test_a_file_gets_no_chart(usage):
    assert "#" not in render(usage, chart=False)


def test_identifiers_are_masked_unless_asked_for(usage):
    assert CARD not in render(usage)
    assert "356938035643809" not in render(usage)
    assert CARD in render(usage, full=True)


def test_the_page_shows_what_is_printed(usage, language):
    page = ROOT / ("docs/usage.md" if language == "en" else "docs/usage.zh.md")
    assert f"```\n{render(usage)}\n```" in page.read_text(encoding="utf-8")


def test_the_page_shows_the_document(usage):
    shown = (ROOT / "docs/usage.md").read_text(encoding="utf-8")
    sample = json.loads(re.search(r"```json\n(.*?)```", shown, re.DOTALL)[1])
    card, whole = sample["cards"][0], usage["cards"][0]
    card["before"], whole["before"] = card["before"][:1], whole["before"][:1]
    card["cycle"]["days"], whole["cycle"]["days"] = (
        card["cycle"]["days"][:1],
        whole["cycle"]["days"][:1],
    )
    assert card == whole
    assert set(sample) == set(usage)


def test_the_document_says_why_something_is_missing(usage):
    second = usage["cards"][1]
    assert second["cycle"]["used_up_at"] is None
    assert usage["absent"]["cards.1.cycle.used_up_at"] == "too early in the cycle to tell"
    bare = document(None, plan_of(Settings()), now=NOW, synchronized=False)
    assert bare["cards"] == []
    assert render(bare).startswith("no usage recorded yet")


def test_without_a_quota_there_is_no_share_of_it():
    connection = kept(3)
    plan = plan_of(Settings())
    bare = document(connection, plan, now=START + timedelta(days=3), synchronized=False)
    assert bare["absent"]["cards.0.quota_bytes"] == "no quota is configured"
    assert "%" not in render(bare)
    assert "The clock is not known to be right" in render(bare)
    connection.close()


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_234_567, "1.2 MB"), (10**10, "10.0 GB")],
)
def test_sizes_are_in_powers_of_ten_as_plans_are_sold(size, words):
    assert in_words(size) == words


AIR = {
    "predicted": {
        "day_bytes": 108_484,
        "reports_bytes": 62_496,
        "acks_bytes": 28_416,
        "pings_bytes": 0,
        "connections_bytes": 17_572,
        "report_bytes": 415,
    },
    "measured": [{"day": "2026-11-26", "tx_bytes": 61_000, "rx_bytes": 40_100, "connects": 3}],
}


def test_own_bytes_are_shown_as_foretold_and_as_measured(usage, language):
    text = render_air({**usage, "air": AIR})
    assert max(width(line) for line in text.splitlines()) <= 80
    assert "108.5 kB" in text
    assert "101.1 kB" in text
    page = ROOT / ("docs/usage.md" if language == "en" else "docs/usage.zh.md")
    assert f"```\n{text}\n```" in page.read_text(encoding="utf-8")


def test_without_a_broker_there_is_nothing_to_foretell(usage):
    absent = {"air.predicted": "no broker is configured"}
    text = render_air({**usage, "air": {"predicted": None, "measured": []}, "absent": absent})
    assert "no broker is configured" in text
    assert "nothing yet" in text


def facts(**more):
    plan = {"quota_bytes": 50_000_000, "cycle_day": 1, "used_bytes": 20_000_000}
    document_ = {
        "schema": "simward/account/1",
        "iccid": CARD,
        "as_of": "2026-11-20T02:00:00Z",
        "platform": "onelink",
        "plan": plan,
        **more,
    }
    return read_account(json.dumps(document_).encode())


def told_by(account, recorded=None, *, synchronized=True):
    connection = kept()
    whole = document(
        connection,
        plan_of(Settings.model_validate(SETTINGS)),
        now=NOW,
        synchronized=synchronized,
        account=account,
        recorded=lambda iccid: recorded if iccid == CARD else None,
    )
    connection.close()
    return whole


def test_the_platforms_plan_goes_before_the_configured_one_for_its_card_alone():
    mine, other = told_by(facts())["cards"]
    assert (mine["cycle"]["start"], mine["quota_bytes"]) == ("2026-11-01", 50_000_000)
    assert (other["cycle"]["start"], other["quota_bytes"]) == ("2026-10-27", 40_000_000)
    assert other["carrier"] is None


def test_the_carriers_figure_is_shown_beside_ours_for_the_same_time():
    whole = told_by(facts())
    carrier = whole["cards"][0]["carrier"]
    # Until yesterday 24:00 in China.
    assert (carrier["lag"], carrier["until"]) == ("yesterday", "2026-11-19T16:00:00.000Z")
    days = whole["cards"][0]["cycle"]["days"]
    until = [day["tx_bytes"] + day["rx_bytes"] for day in days if day["day"] < "2026-11-20"]
    assert carrier["counted_bytes"] == sum(until)
    assert "20.0 MB until 2026-11-19T16:00 UTC; counted here until then: " in " ".join(
        render(whole).split()
    )


def test_a_platform_whose_lag_nobody_knows_is_not_compared():
    whole = told_by(facts(platform="elsewhere", as_of="2026-11-02T02:00:00Z"))
    carrier = whole["cards"][0]["carrier"]
    assert (carrier["lag"], carrier["until"], carrier["counted_bytes"]) == ("unknown", None, None)
    assert carrier["settling"]
    assert "may still speak of the cycle before" in " ".join(render(whole).split())
    assert max(map(width, render(whole).splitlines())) <= 80


def test_a_platform_in_real_time_is_compared_at_midnight_alone():
    live = told_by(facts(platform="CTCC", as_of="2026-11-19T18:00:00Z"))["cards"][0]["carrier"]
    assert (live["lag"], live["counted_bytes"]) == ("none", None)
    night = told_by(facts(platform="CTCC", as_of="2026-11-19T16:00:00Z"))["cards"][0]["carrier"]
    assert night["counted_bytes"] is not None


def test_a_platform_without_a_figure_shows_none():
    plan = {"quota_bytes": 50_000_000, "cycle_day": 27}
    whole = told_by(facts(plan=plan))
    assert whole["cards"][0]["carrier"]["used_bytes"] is None
    assert whole["absent"]["cards.0.carrier.used_bytes"] == "the platform gives no figure"
    assert "carrier" not in render(whole)


def test_facts_that_were_recorded_when_the_card_was_bound_count_with_their_age_shown(language):
    whole = told_by(None, facts(as_of="2026-10-20T02:00:00Z"))
    card = whole["cards"][0]
    assert (card["cycle"]["start"], card["quota_bytes"]) == ("2026-11-01", 50_000_000)
    plan = card["plan"]
    assert (plan["quota_from"], plan["cycle_day_from"]) == ("account", "account")
    assert (plan["as_of"], plan["age"], plan["age_h"]) == ("2026-10-20T02:00:00.000Z", "old", 746.0)
    text = render(whole)
    assert ("31 days old" if language == "en" else "31 天前") in text
    assert max(map(width, text.splitlines())) <= 80
    # A figure of another cycle is none of this one.
    assert card["carrier"] is None
    assert whole["absent"]["cards.0.carrier"] == "the account facts are older than this cycle"


def test_the_newer_facts_count_whether_given_or_recorded():
    old, new = facts(as_of="2026-11-02T02:00:00Z"), facts(as_of="2026-11-19T02:00:00Z")
    for given, recorded in ((old, new), (new, old), (None, new), (new, None)):
        card = told_by(given, recorded)["cards"][0]
        assert card["plan"]["as_of"] == "2026-11-19T02:00:00.000Z"
        assert card["carrier"]["as_of"] == "2026-11-19T02:00:00.000Z"


def test_a_plan_that_ended_is_said_and_the_configuration_counts(language):
    plan = {"quota_bytes": 50_000_000, "cycle_day": 1, "expires_at": "2026-11-10T00:00:00Z"}
    whole = told_by(None, facts(plan=plan))
    card = whole["cards"][0]
    assert (card["cycle"]["start"], card["quota_bytes"]) == ("2026-10-27", 40_000_000)
    assert (card["plan"]["quota_from"], card["plan"]["ended"]) == ("usage", True)
    assert "2026-11-10" in render(whole)
    del language
    # Without a clock nobody knows whether it has ended.
    assert told_by(None, facts(plan=plan), synchronized=False)["cards"][0]["quota_bytes"] == (
        50_000_000
    )


def test_the_age_of_facts_is_not_known_without_a_clock():
    whole = told_by(None, facts(), synchronized=False)
    assert (whole["cards"][0]["plan"]["age"], whole["cards"][0]["plan"]["age_h"]) == (
        "unknown",
        None,
    )
    assert "age not known" in render(whole)


def test_each_slot_may_have_a_plan_of_its_own():
    modem = {"port": "a", "slot": 2, "quota_bytes": 1_000_000, "cycle_day": 5}
    connection = kept()
    plan = plan_of(Settings.model_validate({**SETTINGS, "modem": [modem]}))
    whole = document(connection, plan, now=NOW, synchronized=True)
    connection.close()
    shown = [
        (card["slot"], card["quota_bytes"], card["cycle"]["start"], card["plan"]["quota_from"])
        for card in whole["cards"]
    ]
    assert shown == [
        (1, 40_000_000, "2026-10-27", "usage"),
        (2, 1_000_000, "2026-11-05", "modem"),
    ]


def test_days_on_the_screen_are_the_carriers_days():
    plan = {"quota_bytes": 31_000_000, "cycle_day": 27, "expires_at": "2026-12-31T16:00:00Z"}
    whole = told_by(None, facts(plan=plan, as_of="2026-11-18T17:00:00Z"))
    text = " ".join(render(whole).split())
    assert "account facts of 2026-11-19, 35 h old; ends on 2026-12-31" in text
    used_up = datetime.fromisoformat(whole["cards"][0]["cycle"]["used_up_at"])
    assert f"used up on {(used_up + timedelta(hours=8)).date()}" in text
