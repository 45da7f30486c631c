"""The decision table over plain facts: each row is met, and just missed."""

import pytest

from agent.diagnosis.facts import Binding, Facts
from agent.diagnosis.rules import LAYERS, RULES
from agent.diagnosis.verdict import judge, reject_class
from sim.reading import Absent
from tests.unit.diagnosis_facts import (
    ABROAD,
    DENIED,
    GOOD,
    HOME,
    ICCID,
    IDLE,
    LOST,
    OTHER_IMEI,
    ROWS,
    SILENT,
    cause,
    hosts,
    refused,
)

CAUSES = {
    "L0-1": "modem_unreachable", "L0-2": "radio_off", "L1-1": "card_absent",
    "L1-2": "card_faulty", "L1-3": "card_locked", "L1-4": "device_locked", "L1-5": "wrong_card",
    "L1-6": "device_changed", "L2-1": "no_coverage", "L2-2": "searching",
    "L2-3": "home_plmn_forbidden", "L3-1": "subscription_unknown",
    "L3-2": "authentication_refused", "L3-3": "device_refused", "L3-4": "data_service_stopped",
    "L3-5": "home_plmn_refused", "L3-6": "roaming_restricted", "L3-7": "area_restricted",
    "L3-8": "network_transient", "L3-9": "sms_only", "L4-1": "apn_wrong",
    "L4-2": "service_not_subscribed", "L4-3": "operator_barring", "L4-4": "apn_authentication",
    "L4-5": "device_card_separated", "L4-6": "pdn_type", "L5-1": "whitelist_only",
    "L5-2": "data_cut", "L5-3": "captive_portal", "L5-4": "throttled", "L5-5": "wrong_uplink",
    "L6-1": "sms_not_provisioned", "L6-2": "one_way_suspension",
}  # fmt: skip


def test_the_table_has_the_rows_of_the_contract_in_their_order() -> None:
    assert {rule.row: rule.cause for rule in RULES} == CAUSES
    assert [rule.row for rule in RULES] == list(CAUSES)


@pytest.mark.parametrize("row", CAUSES)
def test_facts_lead_to_their_row(row: str) -> None:
    verdict = judge(ROWS[row][0])
    assert verdict.rule is not None
    assert (verdict.rule.row, verdict.cause) == (row, CAUSES[row])
    assert verdict.rule.layer == LAYERS[row[:2]]


@pytest.mark.parametrize("row", CAUSES)
def test_facts_just_beside_a_row_do_not_lead_to_it(row: str) -> None:
    verdict = judge(ROWS[row][1])
    assert row not in {finding.rule.row for finding in verdict.findings}


def test_nothing_known_gives_nothing() -> None:
    verdict = judge(Facts())
    assert (verdict.cause, verdict.rule, verdict.findings) == ("undetermined", None, ())
    assert verdict.not_tested == tuple(LAYERS)


def test_the_sample_of_the_contract() -> None:
    causes = (
        cause("mm", 2)._replace(path="registration.cs.reject_cause"),
        cause("emm", 8)._replace(path="registration.eps.reject_cause"),
    )
    document = judge(refused(DENIED, *causes)).to_json()
    assert document["reject_class"] == "perm_identity"
    assert document["findings"] == [
        {
            "cause": "subscription_unknown",
            "row": "L3-1",
            "confidence": "medium",
            "because": ["registration.eps.reject_cause=8", "registration.cs.reject_cause=2"],
        }
    ]
    assert document["not_tested"] == ["L5", "L6"]
    assert "control_sim" in document["not_excluded"]
    assert document["needs_backend"] is True
    assert document["stop_retrying"] is True
    assert "与已销户相符,请平台确认" in document["advice"]["zh"]
    assert "consistent with cancelled; confirm on the platform" in document["advice"]["en"]


def test_the_lowest_layer_wins_and_all_that_match_are_findings() -> None:
    facts = refused(DENIED, cause("emm", 8), order_iccid="89001010000000000026")
    verdict = judge(facts)
    assert [finding.rule.row for finding in verdict.findings] == ["L1-5", "L3-1"]
    assert verdict.cause == "wrong_card"


def test_healthy_is_said_of_a_modem_that_carries_data() -> None:
    assert judge(GOOD).to_json() | {"excluded": []} == {
        "schema": "simward/diagnosis/1",
        "cause": "healthy",
        "row": None,
        "layer": None,
        "confidence": "medium",
        "reject_class": "none",
        "findings": [],
        "excluded": [],
        "not_excluded": [],
        "not_tested": ["L5", "L6"],
        "needs_backend": False,
        "stop_retrying": False,
        "advice": {"zh": "正常，无需处理", "en": "Nothing to do"},
    }
    assert judge(GOOD._replace(hosts=hosts(True), dns_answers=True)).confidence == "high"


@pytest.mark.parametrize(
    "facts",
    [
        LOST._replace(eps=8),
        IDLE._replace(eps=2, ps=1),  # 2G or 3G without a context: no bearer is proved
        IDLE._replace(activation_refused=True),
        IDLE._replace(activation_silent=True),
        GOOD._replace(hosts=hosts(False)),
        GOOD._replace(sms_refused=28),
        GOOD._replace(sim_state="no_profile"),
    ],
)
def test_what_no_row_explains_is_undetermined_and_never_healthy(facts: Facts) -> None:
    assert judge(facts).cause == "undetermined"


@pytest.mark.parametrize(
    ("domain", "number", "expected"),
    [
        ("emm", 2, "perm_identity"), ("gmm", 3, "perm_identity"), ("emm", 8, "perm_identity"),
        ("mm", 5, "device"), ("emm", 6, "device"), ("gmm", 7, "perm_ps_only"),
        ("emm", 11, "plmn_area"), ("emm", 12, "plmn_area"), ("emm", 13, "plmn_area"),
        ("emm", 14, "plmn_area"), ("emm", 15, "plmn_area"), ("emm", 17, "transient"),
        ("emm", 22, "transient"), ("emm", 42, "transient"), ("emm", 26, "other"),
        ("emm", 34, "other"), ("mm", 38, "other"), ("esm", 8, "bearer"), ("esm", 27, "bearer"),
        ("sm", 26, "transient"), ("esm", 34, "transient"), ("esm", 38, "transient"),
        ("sm", 7, "bearer"), ("vendor", 8, "other"),
    ],
)  # fmt: skip
def test_the_class_is_of_domain_and_number(domain: str, number: int, expected: str) -> None:
    assert reject_class(domain, number) == expected


def test_esm_failure_has_the_class_of_the_session_cause() -> None:
    assert reject_class("emm", 19, 38) == "transient"
    assert reject_class("emm", 19, 27) == "bearer"
    assert reject_class("emm", 19) == "bearer"


def test_esm_failure_with_its_cause_leads_to_the_bearer() -> None:
    verdict = judge(refused(DENIED, cause("emm", 19), cause("esm", 33)))
    assert (verdict.cause, verdict.reject_class) == ("service_not_subscribed", "bearer")


def test_a_search_that_could_not_be_made_makes_the_radio_rows_less_sure() -> None:
    deaf = judge(LOST._replace(signal_heard=False))
    assert (deaf.cause, deaf.confidence) == ("no_coverage", "medium")
    heard = judge(LOST)
    assert (heard.cause, heard.confidence) == ("searching", "low")


def test_two_alone_says_nothing_while_lte_is_still_tried() -> None:
    assert judge(refused(LOST, cause("mm", 2), cs=3)).cause == "undetermined"
    assert judge(refused(DENIED, cause("mm", 2))).cause == "subscription_unknown"


def test_the_place_of_a_refusal_is_told_by_what_the_card_and_the_air_say() -> None:
    by_memory = judge(refused(LOST, cause("emm", 11), forbidden_plmns=(ABROAD,)))
    assert by_memory.cause == "roaming_restricted"
    by_last_place = judge(refused(LOST, cause("emm", 14), last_plmn=ABROAD))
    assert by_last_place.cause == "roaming_restricted"
    by_selection = judge(refused(LOST, cause("emm", 11), here_plmn=HOME))
    assert by_selection.cause == "home_plmn_refused"
    nowhere = judge(refused(LOST, cause("emm", 14), forbidden_plmns=Absent("timeout 5 s")))
    assert nowhere.cause == "undetermined"
    both = judge(refused(LOST, cause("emm", 11, HOME), cause("gmm", 13, ABROAD)))
    assert [finding.rule.row for finding in both.findings] == ["L3-5"]


def test_what_is_excluded_is_what_the_facts_exclude() -> None:
    facts = refused(DENIED, cause("emm", 3), order_iccid=ICCID, reattached=True)
    verdict = judge(facts)
    assert verdict.excluded == ("coverage", "wrong_card", "sticky_refusal")
    assert verdict.not_excluded == ("control_sim", "device_changed", "never_activated")


def test_a_platform_that_knows_another_imei_explains_a_refused_session_too() -> None:
    bindings = (Binding("account.bindings.network_side", OTHER_IMEI),)
    verdict = judge(refused(IDLE, cause("esm", 31), bindings=bindings))
    assert [finding.rule.row for finding in verdict.findings] == ["L1-6", "L4-5"]


def test_a_silent_modem_says_nothing_of_anything_else() -> None:
    verdict = judge(SILENT)
    assert verdict.not_tested == ("L1", "L2", "L3", "L4", "L5", "L6")


def test_data_is_cut_also_where_no_name_server_could_be_asked() -> None:
    facts = GOOD._replace(hosts=hosts(False), bytes_left=True, bytes_came=False)
    assert judge(facts).cause == "data_cut"


def test_a_message_that_comes_in_beside_a_barred_session_is_a_finding() -> None:
    verdict = judge(refused(IDLE, cause("esm", 8), sms_came=True))
    assert [finding.rule.row for finding in verdict.findings] == ["L4-3", "L6-2"]


BY_MOBILITY = {
    2: "L3-1", 3: "L3-2", 5: "L3-3", 6: "L3-3", 8: "L3-1", 12: "L3-7", 15: "L3-7", 17: "L3-8",
    22: "L3-8", 42: "L3-8",
}  # fmt: skip
BY_PLACE = {11: ("L3-5", "L3-6"), 13: (None, "L3-6"), 14: (None, "L3-6")}
BY_SESSION = {
    8: "L4-3", 26: "L3-8", 27: "L4-1", 28: "L4-6", 29: "L4-4", 33: "L4-2", 34: "L3-8",
    38: "L3-8", 50: "L4-6", 51: "L4-6",
}  # fmt: skip


def row_of(facts: Facts) -> str | None:
    rule = judge(facts).rule
    return None if rule is None else rule.row


@pytest.mark.parametrize("domain", ["gmm", "emm", "5gmm"])
def test_every_number_of_registration(domain: str) -> None:
    found = {n: row_of(refused(DENIED, cause(domain, n, HOME))) for n in range(256)}
    at_home = {n: home for n, (home, _) in BY_PLACE.items() if home}
    assert {n: row for n, row in found.items() if row} == BY_MOBILITY | at_home
    abroad = {n: row_of(refused(DENIED, cause(domain, n, ABROAD))) for n in BY_PLACE}
    assert abroad == {n: visited for n, (_, visited) in BY_PLACE.items()}
    served = {n: row_of(refused(DENIED, cause(domain, n), cs=1)) for n in range(256)}
    assert served[7] == "L3-4"
    assert {2, 8} & {n for n, row in served.items() if row == "L3-1"} == set()


@pytest.mark.parametrize("domain", ["sm", "esm", "5gsm"])
def test_every_number_of_a_session(domain: str) -> None:
    found = {n: row_of(refused(IDLE, cause(domain, n))) for n in range(256)}
    assert {n: row for n, row in found.items() if row} == BY_SESSION
    apart = {n: row_of(refused(IDLE, cause(domain, n), stop_reasons=("separated",)))
             for n in range(256)}  # fmt: skip
    assert {n: row for n, row in apart.items() if row} == BY_SESSION | {30: "L4-5", 31: "L4-5"}


def test_every_number_of_a_refused_message() -> None:
    facts = GOOD._replace(hosts=hosts(True))
    barred = [n for n in range(600) if row_of(facts._replace(sms_refused=n)) == "L6-1"]
    assert barred == [8, 10, 50]


@pytest.mark.parametrize(
    ("state", "row"),
    [
        ("ready", None), ("absent", "L1-1"), ("pin_required", "L1-3"), ("puk_required", "L1-3"),
        ("blocked", "L1-3"), ("ph_sim_lock", "L1-4"), ("network_lock", "L1-4"),
        ("no_profile", None), ("faulty", "L1-2"), ("busy", "L1-2"), ("unknown", None),
    ],
)  # fmt: skip
def test_every_state_of_the_card(state: str, row: str | None) -> None:
    assert row_of(GOOD._replace(sim_state=state, sim_state_lasts=True)) == row


def test_every_level_of_functionality() -> None:
    levels = [n for n in range(130) if row_of(GOOD._replace(functionality=n)) == "L0-2"]
    assert levels == [0, 4]


def test_every_state_of_registration() -> None:
    found = {n: row_of(LOST._replace(cs=n, ps=n, eps=n, signal_heard=False)) for n in range(12)}
    assert {n: row for n, row in found.items() if row} == {
        0: "L2-1", 2: "L2-1", 4: "L2-1", 6: "L3-9", 7: "L3-9",
    }  # fmt: skip
