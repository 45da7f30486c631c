"""What a diagnosis does beside reading: only where it was asked to, once, and put back."""

import itertools
from ipaddress import ip_network

import pytest

from agent.cli.diagnose_text import render
from agent.diagnosis.wish import Wish, checked_number
from agent.errors import RefusedError, UsageError
from agent.own_uplink import Route, Uplinks
from tests.diagnosis_world import INTERFACE, OWN_ADDRESS, Bench

WRITES = ("AT+CFUN=", "AT+CGACT=", "AT+CMGS", "AT+CMGF=", "AT+COPS=0", "AT+COPS=1", "AT+COPS=2")
UNKNOWN_SUBSCRIBER = {"network": {"cs": {"reject": 2}, "eps": {"reject": 8}, "ps": {"reject": 8}}}
NOT_IDLE = {"start": {"network": {"sessions": [{"cause": 33}]}}}


def sent(bench: Bench) -> list[str]:
    return [line for _, line in bench.modem.log]


def changes(bench: Bench) -> list[str]:
    return [line for line in sent(bench) if line.upper().startswith(WRITES)]


@pytest.mark.parametrize(
    "start", [{}, UNKNOWN_SUBSCRIBER, {"network": {"coverage": False}}, {"card": "remove"}]
)
def test_by_default_nothing_is_changed(start) -> None:
    bench = Bench({"start": start, "hosts": ["hub.example"]} if start else {})
    document = bench.document()
    assert changes(bench) == []
    assert document["probe"] is None
    assert bench.air.sent == 0


def test_one_radio_cycle_and_the_radio_is_as_it_was() -> None:
    bench = Bench({"options": ["--reattach"], "start": UNKNOWN_SUBSCRIBER})
    document = bench.document()
    assert changes(bench) == ["AT+CFUN=0", "AT+CFUN=1"]
    assert document["reattach"] == {"done": True, "reason": None}
    assert document["row"] == "L3-1"
    assert "sticky_refusal" in document["excluded"]


def test_a_refusal_that_the_modem_only_remembers_goes_with_the_cycle() -> None:
    change = {"at_s": 20, "network": {key: {"accept": 1} for key in ("cs", "ps", "eps")}}
    tables = {"start": UNKNOWN_SUBSCRIBER, "step": [change], "after_s": 60}
    assert Bench(tables).document()["row"] == "L3-1"
    document = Bench({**tables, "options": ["--reattach"]}).document()
    assert (document["cause"], document["reattach"]["done"]) == ("healthy", True)


def test_a_radio_that_does_not_come_on_at_once_is_switched_on_again() -> None:
    refusal = {"command": "AT+CFUN=1", "final": "+CME ERROR: 14", "times": 2}
    start = {**UNKNOWN_SUBSCRIBER, "answer": refusal}
    bench = Bench({"options": ["--reattach"], "start": start})
    document = bench.document()
    assert changes(bench) == ["AT+CFUN=0", *["AT+CFUN=1"] * 3]
    assert document["reattach"]["done"] is True
    assert "modem.functionality" not in document["absent"]


def test_a_radio_that_stays_off_is_said_to_be_off() -> None:
    refusal = {"command": "AT+CFUN=1", "final": "+CME ERROR: 3"}
    start = {**UNKNOWN_SUBSCRIBER, "answer": refusal}
    document = Bench({"options": ["--reattach"], "start": start}).document()
    assert (document["row"], document["absent"]["modem.functionality"]) == (
        "L0-2",
        "+CME ERROR: 3",
    )
    assert "could not be switched on again: +CME ERROR: 3" in render(document)


def test_a_modem_that_does_not_let_its_radio_be_switched_off_is_left_on() -> None:
    refusal = {"command": "AT+CFUN=0", "final": "+CME ERROR: 3"}
    bench = Bench({"options": ["--reattach"], "start": {**UNKNOWN_SUBSCRIBER, "answer": refusal}})
    document = bench.document()
    assert document["reattach"] == {"done": False, "reason": "+CME ERROR: 3"}
    assert document["row"] == "L3-1"
    assert changes(bench) == ["AT+CFUN=0", "AT+CFUN=1"]


def test_a_search_that_is_refused_makes_the_verdict_less_sure() -> None:
    answer = {"command": "AT+COPS=?", "final": "+CME ERROR: 3"}
    start = {"network": {"coverage": False}, "answer": answer}
    document = Bench({"start": start}).document()
    assert (document["row"], document["confidence"]) == ("L2-1", "medium")
    assert document["absent"]["cells"] == "+CME ERROR: 3"


def test_a_modem_that_goes_away_in_the_middle_is_unreachable() -> None:
    step = {"on": "AT+COPS=?", "unplug": True}
    bench = Bench({"start": {"network": {"coverage": False}}, "step": [step]})
    assert bench.document()["row"] == "L0-1"


def test_a_modem_that_is_registered_needs_no_cycle() -> None:
    bench = Bench({"options": ["--reattach"]})
    assert bench.document()["reattach"]["reason"] == "registered, so no radio cycle was needed"
    assert changes(bench) == []


def test_a_radio_that_somebody_switched_off_stays_off() -> None:
    bench = Bench({"options": ["--reattach"], "before": ["AT+CFUN=4"]})
    document = bench.document()
    assert document["row"] == "L0-2"
    assert document["reattach"] == {"done": False, "reason": "radio off or card not ready"}
    assert changes(bench) == ["AT+CFUN=4"]


@pytest.mark.parametrize("interface", [INTERFACE, ""])
def test_no_cycle_where_the_default_route_is_the_modems(interface) -> None:
    bench = Bench({"options": ["--reattach"], "start": UNKNOWN_SUBSCRIBER, "interface": interface})
    route = Route(ip_network("0.0.0.0/0"), INTERFACE, 100)
    bench.uplinks = bench.uplinks._replace(routes=(route,))
    with pytest.raises(RefusedError, match="default route of this machine leads over wwan0"):
        bench.document()
    assert changes(bench) == []


def test_no_cycle_where_the_technician_comes_over_the_modem() -> None:
    bench = Bench({"options": ["--reattach"], "start": UNKNOWN_SUBSCRIBER})
    bench.wish = lambda: Wish(reattach=True, ssh=("203.0.113.9", OWN_ADDRESS))
    with pytest.raises(RefusedError, match=r"SSH session from 203\.0\.113\.9 comes over wwan0"):
        bench.document()
    assert changes(bench) == []


def test_a_cycle_where_all_else_goes_by_cable() -> None:
    bench = Bench({"options": ["--reattach"], "start": UNKNOWN_SUBSCRIBER})
    routes = (
        Route(ip_network("0.0.0.0/0"), "eth0", 0),
        Route(ip_network("0.0.0.0/0"), INTERFACE, 700),
    )
    addresses = {INTERFACE: frozenset({OWN_ADDRESS}), "eth0": frozenset({"192.0.2.7"})}
    bench.uplinks = Uplinks(routes, addresses)
    bench.wish = lambda: Wish(reattach=True, ssh=("203.0.113.9", "192.0.2.7"))
    assert bench.document()["reattach"]["done"] is True


def test_a_context_is_brought_up_and_taken_down_again() -> None:
    tables = {
        "options": ["--probe"],
        "before": ["AT+CGACT=0,1"],
        "hosts": ["hub.example"],
        "air": {"host": {"hub.example": {"address": "198.51.100.10"}}},
    }
    bench = Bench(tables)
    document = bench.document()
    assert changes(bench) == ["AT+CGACT=0,1", "AT+CGACT=1,1", "AT+CGACT=0,1"]
    assert document["cause"] == "healthy"
    assert document["probe"]["activated"] is True
    assert document["probe"]["hosts"] == {"hub.example": True}


def test_the_context_of_the_configured_apn_is_the_one() -> None:
    bench = Bench({"options": ["--probe"], "apn": "ims", "before": ["AT+CGACT=0,1"]})
    bench.document()
    assert changes(bench)[1:] == ["AT+CGACT=1,2", "AT+CGACT=0,2"]


def test_a_context_that_is_up_is_left_alone() -> None:
    bench = Bench({"options": ["--probe"]})
    assert bench.document()["absent"]["probe.hosts"] == "no probe.hosts are configured"
    assert changes(bench) == []


def test_a_context_is_wanted_once_only() -> None:
    bench = Bench({"options": ["--probe"], **NOT_IDLE})
    assert bench.document()["row"] == "L4-2"
    assert changes(bench) == ["AT+CGACT=1,1"]


def test_nobody_is_probed_through_a_modem_that_is_refused() -> None:
    bench = Bench({"options": ["--probe"], "start": UNKNOWN_SUBSCRIBER, "hosts": ["hub.example"]})
    assert bench.document()["absent"]["probe"] == "not registered"
    assert changes(bench) == []


def test_a_modem_whose_interface_nobody_knows_is_not_probed_by_another() -> None:
    bench = Bench(
        {
            "options": ["--probe"],
            "hosts": ["hub.example"],
            "interface": "",
            "modem": "nordic_nrf9160",
        }
    )
    bench.uplinks = Uplinks((), {"eth0": frozenset({"192.0.2.7"})})
    machine = bench.machine()._replace(has_way=lambda _way: False)
    bench.machine = lambda: machine
    document = bench.document()
    assert document["absent"]["probe.hosts"].startswith(
        "the modem's network interface is not known"
    )
    assert "L5" in document["not_tested"]
    assert (bench.air.sent, bench.air.by_others) == (0, 0)


def test_the_budget_is_kept_and_what_was_left_out_is_named() -> None:
    names = [f"h{number}.example" for number in range(8)]
    hosts = {
        name: {"address": f"198.51.100.{number}", "does": "page", "body_bytes": 5000}
        for number, name in enumerate(names, start=10)
    }
    for budget in (0, 500, 2_000, 10_000, 20_000):
        bench = Bench(
            {
                "options": ["--probe"],
                "hosts": [f"http://{name}/" for name in names],
                "budget_bytes": budget,
                "air": {"host": hosts},
            }
        )
        probe = bench.document()["probe"]
        assert bench.air.sent + bench.air.received <= probe["spent_bytes"] <= budget
        assert len(probe["hosts"] or {}) + len(probe["left_out"]) == len(names)


def test_a_message_goes_out_only_where_it_was_asked_for_and_the_mode_is_put_back() -> None:
    bench = Bench({"options": ["--probe-sms=+999 0000 0002"], "before": ["AT+CMGF=1"]})
    document = bench.document()
    assert document["cause"] == "healthy"
    assert changes(bench) == ["AT+CMGF=1", "AT+CMGF=0", "AT+CMGS=20", "AT+CMGF=1"]
    assert [tuple(each) for each in bench.modem.sent_messages] == [("+99900000002", "SIMWARD")]


@pytest.mark.parametrize("number", ["112", "110", "+86110", "0086 119", "911", "999"])
def test_no_message_to_an_emergency_number(number) -> None:
    with pytest.raises(RefusedError):
        checked_number(number)


@pytest.mark.parametrize("number", ["", "12", "call me", "+", "1" * 21, "10086;ls"])
def test_no_message_to_what_is_no_number(number) -> None:
    with pytest.raises(UsageError):
        checked_number(number)


def test_no_message_to_what_the_card_calls_an_emergency_number() -> None:
    bench = Bench({"card": "usim_test"})
    bench.wish = lambda: Wish(sms_to="112")  # as if no list of ours had it
    with pytest.raises(RefusedError):
        bench.document()
    assert bench.modem.sent_messages == []


def test_account_facts_that_are_old_are_said_to_be_old() -> None:
    facts = {"iccid": "89001010000000000018", "state": "active", "platform": "test"}
    account = Bench({"account": {**facts, "as_of": "2026-11-20T00:00:00Z"}}).document()["account"]
    assert account["age"] in {"old", "unknown"}
    assert account["of_this_card"] is True


def test_every_command_of_a_whole_diagnosis_is_one_that_reads_or_was_asked_for() -> None:
    bench = Bench(
        {
            "options": ["--probe", "--reattach", "--probe-sms=+99900000002"],
            "start": {
                "network": {"cs": {"reject": 17}, "ps": {"reject": 17}, "eps": {"reject": 17}}
            },
        }
    )
    bench.document()
    cycle = [line for line in changes(bench) if line.startswith("AT+CFUN=")]
    assert cycle == ["AT+CFUN=0", "AT+CFUN=1"]
    assert not any(line.upper().startswith("ATD") for line in sent(bench))
    pairs = itertools.pairwise(sent(bench))
    assert ("AT+COPS=?", "AT+COPS=?") not in set(pairs)


def test_a_diagnosis_ends_in_time_whatever_keeps_it_waiting() -> None:
    names = [f"h{number}.example" for number in range(40)]
    late = [{"command": "AT+CGACT=1*", "late_s": 50.0}, {"command": "AT+COPS=?", "never": True}]
    for start in ({"answer": late}, {"answer": late, "network": {"coverage": False}}):
        bench = Bench(
            {
                "options": ["--probe", "--reattach", "--probe-sms=+99900000002"],
                "before": ["AT+CGACT=0,1"],
                "hosts": names,
                "budget_bytes": 1_000_000,
                "start": start,
                "air": {"names": "silent"},
            }
        )
        bench.document()
        assert bench.world.now < 300  # the daemon's patience, and half of its watchdog's


def test_a_platforms_own_code_is_understood_by_its_own_rules() -> None:
    facts = {"iccid": "89001010000000000018", "as_of": "2026-11-22T00:30:00Z"}
    for platform, state in (("onelink", "suspended"), ("ctcc cmp", "active"), (None, "unknown")):
        account = {**facts, "platform": platform, "raw_code": "4", "state": state}
        document = Bench({"account": account}).document()
        assert document["account"]["state"] == state


@pytest.mark.parametrize(
    ("named", "ordered", "state"),
    [
        (None, "onelink", "suspended"),
        (None, None, "unknown"),
        ("ctcc cmp", "onelink", "active"),
    ],
)
def test_where_the_facts_name_no_platform_the_work_orders_rules_hold(named, ordered, state) -> None:
    iccid = "89001010000000000018"
    word = "active" if state == "active" else "suspended"
    account = {"iccid": iccid, "as_of": "2026-11-22T00:30:00Z", "raw_code": "4", "state": word}
    order = {"order_id": "WO-1", "iccid": iccid, "platform": ordered}
    facts = {"account": {**account, "platform": named}, "order": order}
    assert Bench(facts).document()["account"]["state"] == state
