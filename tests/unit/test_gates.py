"""The gates: what passes, what fails, who has to answer; and that nothing passes by silence."""

# ruff: noqa: E501 - one case a line is easier to review

from datetime import timedelta

import pytest

from agent.i18n.said import say
from agent.unbind.facts import FROM_CARD, Answer, Backend, Operator, Uplink
from agent.unbind.finding import RESULTS, passed
from agent.unbind.gates import AFTER_CANCEL, BEFORE_CANCEL, BEFORE_RELEASE, GATES, judge
from agent.unbind.questions import QUESTIONS
from sim.reading import absent
from tests.gates_world import (
    COUNTS,
    ICCID,
    OTHER_ICCID,
    OTHER_IMEI,
    READY,
    account,
    facts,
    operator,
    order,
    read,
)

DAY = timedelta(days=1)


def result(gate: str, given) -> tuple[str, str]:
    found = judge(given).of(gate)
    return found.result, found.source


def test_the_gates_of_the_contract_in_its_order() -> None:
    ids = {
        phase: [g.id for g in GATES if g.phase == phase]
        for phase in (BEFORE_RELEASE, BEFORE_CANCEL, AFTER_CANCEL)
    }
    assert ids[BEFORE_RELEASE] == [
        "identity", "device_health", "card_state", "arrears", "auto_renew", "own_uplink",
        "dependencies", "balance", "documents", "risk", "irreversibility",
    ]  # fmt: skip
    assert ids[BEFORE_CANCEL] == ["backup", "personal_data", "release_proved", "binding"]
    assert ids[AFTER_CANCEL] == ["certificate", "verify_after", "asset_unlink"]


def test_a_card_with_all_its_evidence_is_ready() -> None:
    judged = judge(READY)
    assert {each.result for _, each in judged.found} == {"pass"}
    assert (judged.ready_to_release, judged.ready_to_cancel, judged.verdict) == (
        True,
        True,
        "ready",
    )


def test_a_verdict_is_blocked_by_a_gate_that_is_shut_and_incomplete_without_an_answer() -> None:
    assert judge(facts(account_={"arrears": "1"})).verdict == "blocked"
    assert judge(facts(account_={"arrears": None})).verdict == "incomplete"
    both = judge(facts(account_={"arrears": "1", "auto_renew": None}))
    assert both.verdict == "blocked"


def test_a_card_may_be_released_long_before_it_may_be_cancelled() -> None:
    bound = [{"kind": "billing_side", "bound": True}, {"kind": "network_side", "bound": True}]
    judged = judge(facts(account_={"bindings": bound}, device={"release": absent("not yet")}))
    assert (judged.ready_to_release, judged.ready_to_cancel) == (True, False)


def test_no_gate_passes_without_evidence() -> None:
    for evidence in ({}, {"sim.iccid": None}):
        with pytest.raises(ValueError, match="evidence"):
            passed("device", say("x"), evidence)


# One row: gate, what is different, result, source.
CASES = [
    # identity
    ("identity", {"order_": {"iccid": OTHER_ICCID}}, "fail", "device"),
    ("identity", {"order_": {"imei": OTHER_IMEI}}, "fail", "device"),
    ("identity", {"order_": {"imei": "35693803564380"}}, "pass", "device"),
    ("identity", {"order_": {"imsi": "001010123456780"}}, "fail", "device"),
    ("identity", {"order_": {"imei": None, "imsi": None}}, "pass", "device"),
    ("identity", {"order_": {"expires_at": "2026-11-22T09:00:00Z"}}, "fail", "device"),
    ("identity", {"order_": {"expires_at": None}}, "pass", "device"),
    ("identity", {"device": {"clock_synchronized": False}}, "unknown", "device"),
    ("identity", {"device": {"modem_iccid": read(OTHER_ICCID)}}, "fail", "device"),
    ("identity", {"device": {"modem_iccid": absent("no")}}, "pass", "device"),
    ("identity", {"device": {"iccid": absent("no card")}}, "unknown", "device"),
    ("identity", {"device": {"imei": absent("no")}}, "unknown", "device"),
    ("identity", {"device": {"iccid": read(ICCID, "AT+CCID")}}, "needs_human", "operator"),
    (
        "identity",
        {
            "device": {"iccid": read(ICCID, "AT+CCID")},
            "answers": {"identity__printed_iccid": "8900 1010 0000 0000 0018"},
        },
        "pass", "operator",
    ),
    (
        "identity",
        {
            "device": {"iccid": read(ICCID, "AT+CCID")},
            "answers": {"identity__printed_iccid": OTHER_ICCID},
        },
        "fail", "operator",
    ),
    # device_health
    ("device_health", {"device": {"sim_state": read("pin_required")}}, "fail", "device"),
    ("device_health", {"device": {"sim_state": read("faulty")}}, "fail", "device"),
    ("device_health", {"device": {"sim_state": read("busy")}}, "unknown", "device"),
    ("device_health", {"device": {"sim_state": absent("timeout 5 s")}}, "unknown", "device"),
    ("device_health", {"device": {"imei": absent("timeout 5 s")}}, "unknown", "device"),
    ("device_health", {"device": {"clock_synchronized": False}}, "unknown", "device"),
    # card_state
    ("card_state", {"account_": {"raw_code": "77"}}, "needs_backend", "backend"),
    ("card_state", {"account_": {"raw_code": "9", "state": "cancelled"}}, "fail", "backend"),
    ("card_state", {"account_": {"raw_code": "8", "state": "unknown"}}, "fail", "backend"),
    ("card_state", {"account_": {"raw_code": "9", "state": "active"}}, "needs_backend", "backend"),
    ("card_state", {"account_": {"raw_code": "1", "state": "ready"}}, "pass", "backend"),
    ("card_state", {"account_": {"raw_code": "4", "state": "suspended"}}, "needs_backend", "backend"),
    (
        "card_state",
        {"account_": {"raw_code": "4", "state": "suspended", "stop_reasons": ["000000002000"]}},
        "pass", "backend",
    ),
    (
        "card_state",
        {"account_": {"raw_code": "4", "state": "suspended", "stop_reasons": ["020000002000"]}},
        "fail", "backend",
    ),
    (
        "card_state",
        {"account_": {"raw_code": "4", "state": "suspended", "stop_reasons": ["002000000000"]}},
        "needs_backend", "backend",
    ),
    ("card_state", {"account_": {"stop_reasons": ["violation"]}}, "fail", "backend"),
    ("card_state", {"account_": {"platform": "gsl", "raw_code": "10", "state": "test_ready"}}, "fail", "backend"),
    ("card_state", {"account_": {"net_blocked": True}}, "pass", "backend"),
    # arrears
    ("arrears", {"account_": {"arrears": "0.01"}}, "fail", "backend"),
    ("arrears", {"account_": {"balance": "-3"}}, "fail", "backend"),
    ("arrears", {"account_": {"arrears": None}}, "needs_human", "operator"),
    ("arrears", {"account_": {"arrears": None}, "answers": {"arrears__settled": True}}, "pass", "operator"),
    ("arrears", {"account_": {"arrears": None}, "answers": {"arrears__settled": False}}, "fail", "operator"),
    ("arrears", {"account_": {"arrears": "5"}, "answers": {"arrears__settled": True}}, "fail", "backend"),
    ("arrears", {"account_": {"stop_reasons": ["000020000000"]}}, "fail", "backend"),
    # auto_renew
    ("auto_renew", {"account_": {"auto_renew": True}}, "fail", "backend"),
    ("auto_renew", {"account_": {"auto_renew": True}, "answers": {"auto_renew__off": True}}, "fail", "backend"),
    ("auto_renew", {"account_": {"auto_renew": None}}, "needs_human", "operator"),
    ("auto_renew", {"account_": {"auto_renew": None}, "answers": {"auto_renew__off": True}}, "pass", "operator"),
    ("auto_renew", {"account_": {"auto_renew": None}, "answers": {"auto_renew__off": False}}, "fail", "operator"),
    # own_uplink
    ("own_uplink", {"device": {"uplink": read(Uplink(("wwan0",), "route", "wwan0"))}}, "needs_human", "operator"),
    (
        "own_uplink",
        {
            "device": {"uplink": read(Uplink(("wwan0",), "route", "wwan0"))},
            "answers": {"own_uplink__medium": "qr"},
        },
        "pass", "operator",
    ),
    ("own_uplink", {"device": {"uplink": read(Uplink(()))}}, "needs_human", "operator"),
    (
        "own_uplink",
        {
            "device": {"uplink": read(Uplink(("eth0",), "ssh", "wwan0", "192.0.2.7"))},
            "answers": {"own_uplink__medium": "file"},
        },
        "fail", "device",
    ),
    ("own_uplink", {"device": {"uplink": absent("not asked")}}, "unknown", "device"),
    # balance
    ("balance", {"account_": {"balance": "0.00"}, "answers": {"balance__refund": None}}, "pass", "backend"),
    ("balance", {"answers": {"balance__refund": None}}, "needs_human", "operator"),
    ("balance", {"answers": {"balance__refund": "none"}}, "needs_human", "operator"),
    ("balance", {"account_": {"balance": None}, "answers": {"balance__refund": "none"}}, "pass", "operator"),
    # dependencies, documents, irreversibility
    ("dependencies", {"answers": {"dependencies__codes": None}}, "needs_human", "operator"),
    ("dependencies", {"answers": {"dependencies__services": False}}, "fail", "operator"),
    ("documents", {"answers": {"documents__handler_id": None}}, "needs_human", "operator"),
    ("documents", {"answers": {"documents__handler_id": False}}, "fail", "operator"),
    ("documents", {"account_": {"documents": {}}}, "needs_human", "operator"),
    ("documents", {"order_": {"subject": None}}, "needs_human", "operator"),
    ("documents", {"order_": {"channel": None}}, "needs_human", "operator"),
    ("documents", {"order_": {"subject": "individual"}}, "needs_human", "operator"),
    (
        "documents",
        {
            "order_": {"subject": "individual"},
            "answers": {"documents__id_photos": True, "documents__card_number": True},
        },
        "pass", "operator",
    ),
    (
        "documents",
        {
            "order_": {"subject": None, "channel": None},
            "answers": {"documents__subject": "enterprise", "documents__channel": "reseller"},
        },
        "pass", "operator",
    ),
    ("irreversibility", {"answers": {"irreversibility__understood": False}}, "fail", "operator"),
    ("irreversibility", {"answers": {"irreversibility__alternative_considered": None}}, "needs_human", "operator"),
    # risk
    ("risk", {"answers": {"risk__same_device": None}}, "needs_human", "operator"),
    ("risk", {"answers": {"risk__same_device": False}}, "needs_human", "operator"),
    (
        "risk",
        {"answers": {"risk__same_device": False, "risk__review_arranged": False}},
        "fail", "operator",
    ),
    ("risk", {"device": {"imei_changes": read(0)}, "answers": {"risk__same_device": None}}, "needs_human", "operator"),
    ("risk", {"device": {"imei_changes": read(2)}}, "needs_human", "operator"),
    (
        "risk",
        {"device": {"imei_changes": read(2)}, "answers": {"risk__review_arranged": True}},
        "pass", "operator",
    ),
    (
        "risk",
        {"account_": {"bindings": [{"kind": "network_side", "bound": True, "imei": OTHER_IMEI}]}},
        "needs_human", "operator",
    ),
    (
        "risk",
        {
            "account_": {"bindings": [{"kind": "network_side", "bound": False, "imei": "35693803564380"}]},
            "answers": {"risk__same_device": None},
        },
        "pass", "backend",
    ),
    # backup, personal_data
    ("backup", {"device": {"personal": read(COUNTS)}, "answers": {"backup__saved": None}}, "pass", "device"),
    ("backup", {"answers": {"backup__saved": None}}, "needs_human", "operator"),
    ("backup", {"device": {"personal": read({**COUNTS, "calls": None})}, "answers": {"backup__saved": None}}, "needs_human", "operator"),
    ("backup", {"device": {"personal": read({})}, "answers": {"backup__saved": None}}, "needs_human", "operator"),
    ("backup", {"device": {"personal": absent("no")}, "answers": {"backup__saved": None}}, "needs_human", "operator"),
    ("personal_data", {"answers": {"personal_data__decision": "cleared"}}, "fail", "device"),
    (
        "personal_data",
        {"device": {"personal": absent("no")}, "answers": {"personal_data__decision": "cleared"}},
        "pass", "operator",
    ),
    ("personal_data", {"answers": {"personal_data__decision": None}}, "needs_human", "operator"),
    # release_proved, binding
    ("release_proved", {"device": {"release": absent("not yet")}}, "needs_human", "device"),
    ("release_proved", {"device": {"release": read(False)}}, "fail", "device"),
    ("binding", {"account_": {"platform": "ctcc", "raw_code": "4", "bindings": []}}, "needs_backend", "backend"),
    ("binding", {"account_": {"platform": "ctcc", "raw_code": "4", "bindings": [{"kind": "network_side", "bound": None}]}}, "needs_backend", "backend"),
    ("binding", {"account_": {"bindings": []}}, "needs_backend", "backend"),
    ("binding", {"account_": {"bindings": [{"kind": "network_side", "bound": False}]}}, "needs_backend", "backend"),
    (
        "binding",
        {
            "account_": {
                "platform": "ctcc", "raw_code": "4",
                "bindings": [{"kind": "network_side", "bound": False}],
            }
        },
        "pass", "backend",
    ),
    (
        "binding",
        {
            "account_": {
                "platform": "ctcc", "raw_code": "4",
                "bindings": [
                    {"kind": "network_side", "bound": False}, {"kind": "billing_side", "bound": True},
                ],
            }
        },
        "fail", "backend",
    ),
    (
        "binding",
        {"account_": {"bindings": [{"kind": "device_lock", "bound": False}, {"kind": "asset_register", "bound": False}]}},
        "needs_backend", "backend",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("gate", "changes", "expected", "source"), CASES)
def test_what_each_gate_says(gate, changes, expected, source) -> None:
    assert result(gate, facts(**changes)) == (expected, source)


BY_ACCOUNT = ("card_state", "arrears", "auto_renew", "balance", "binding")


@pytest.mark.parametrize("gate", BY_ACCOUNT)
def test_account_facts_that_are_old_of_another_card_or_without_a_clock_pass_nothing(gate) -> None:
    assert result(gate, facts(later=DAY)) == ("needs_backend", "backend")
    other = READY._replace(backend=Backend(order(), account(iccid=OTHER_ICCID)))
    assert result(gate, other) == ("needs_backend", "backend")
    assert result(gate, facts(device={"clock_synchronized": False})) == ("unknown", "backend")
    assert result(gate, facts(later=-DAY)) == ("unknown", "backend")


def test_without_account_facts_the_platform_is_asked_and_for_renewal_the_operator() -> None:
    without = READY._replace(backend=Backend(order(), None))
    found = {gate: result(gate, without)[0] for gate in BY_ACCOUNT}
    assert found == {**dict.fromkeys(BY_ACCOUNT, "needs_backend"), "auto_renew": "needs_human"}


def test_without_an_order_the_identity_asks_for_one() -> None:
    found = judge(READY._replace(backend=Backend(None, account()))).of("identity")
    assert (found.result, found.evidence) == ("needs_backend", {"sim.iccid": ICCID})


@pytest.mark.parametrize("change", [{"iccid": OTHER_ICCID}, {"order_id": "W-2"}])
def test_answers_for_another_card_or_order_count_for_nothing(change) -> None:
    judged = judge(READY._replace(operator=operator()._replace(**change)))
    asked = {gate.id for gate, each in judged.found if each.result == "needs_human"}
    assert asked == {
        "dependencies", "balance", "documents", "risk", "irreversibility", "backup", "personal_data",
    }  # fmt: skip


def test_every_open_question_is_one_of_the_list() -> None:
    empty = READY._replace(operator=Operator())
    for gate, finding in judge(empty).found:
        if finding.question is not None:
            assert QUESTIONS[finding.question].gate == gate.id
    assert {each.gate for each in QUESTIONS.values()} <= {gate.id for gate in GATES}


def test_a_card_that_is_past_it_is_not_unbound_but_verified() -> None:
    for changes in ({"raw_code": "9", "state": "cancelled"}, {"raw_code": "8", "state": "unknown"}):
        advice = judge(facts(account_=changes)).of("card_state").advice
        assert advice is not None
        assert "simward verify" in advice.en


# Nothing passes by silence


def without(given, path: str):
    """The facts without the one that a piece of evidence names."""
    head, _, rest = path.partition(".")
    device, backend = given.device, given.backend
    missing = absent("taken away")
    by_device = {
        "sim.iccid": "iccid", "sim.iccid_modem": "modem_iccid", "sim.imsi": "imsi",
        "sim.state": "sim_state", "modem.imei": "imei", "uplink": "uplink",
        "personal.counts": "personal", "history.imei_changes": "imei_changes",
        "release.proved": "release",
    }  # fmt: skip
    if path in by_device:
        return given._replace(device=device._replace(**{by_device[path]: missing}))
    if path == "clock.synchronized":
        return given._replace(device=device._replace(clock_synchronized=False))
    if head == "answers":
        answers = {name: each for name, each in given.operator.answers.items() if name != rest}
        return given._replace(operator=given.operator._replace(answers=answers))
    document = getattr(backend, head)
    if rest in {"iccid", "as_of"}:
        return given._replace(backend=backend._replace(**{head: None}))
    name, _, inner = rest.partition(".")
    empty = {"bindings": (), "stop_reasons": (), "documents": {}, "state": "unknown"}
    value = empty.get(name)
    if name == "bindings" and inner:
        value = tuple(each for each in document.bindings if each.kind != inner)
    changed = document.model_copy(update={name: value})
    if name == "state":
        changed = changed.model_copy(update={"raw_code": None})
    return given._replace(backend=backend._replace(**{head: changed}))


# What is shown beside a decision, and decides nothing alone.
BESIDE = {
    "sim.iccid_modem": "EF.ICCID is the authority",
    "order.imei": "an order need not name a device",
    "order.imsi": "an order need not name a subscriber",
    "order.expires_at": "an order need not expire",
    "account.raw_code": "the state beside it is the platform's word as well",
    "account.platform": "the order names it too",
    "account.balance": "the operator's choice is asked either way",
    "account.stop_reasons": "a card in use need not be stopped",
    "personal.counts": "the operator's word stands where nothing could be counted",
}
VARIANTS = {
    "as it is": READY,
    "nothing on the card": facts(
        device={"personal": read(COUNTS)},
        answers={"backup__saved": None, "personal_data__decision": None},
    ),
    "by word": facts(
        account_={"arrears": None, "auto_renew": None, "balance": None},
        answers={"arrears__settled": True, "auto_renew__off": True},
    ),
    "suspended": facts(
        account_={"raw_code": "4", "state": "suspended", "stop_reasons": ["keep"], "balance": "0"},
    ),
    "over the card itself": facts(
        device={
            "uplink": read(Uplink(("wwan0",), "route", "wwan0")),
            "iccid": read(ICCID, "AT+CCID"),
        },
        answers={"own_uplink__medium": "qr", "identity__printed_iccid": ICCID},
    ),
    "bound to this device before": facts(
        account_={
            "bindings": [
                {"kind": "billing_side", "bound": False, "imei": "356938035643809"},
                {"kind": "network_side", "bound": False},
            ]
        },
        answers={"risk__same_device": None},
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_gate_that_loses_any_piece_of_its_evidence_passes_no_more(name) -> None:
    given = VARIANTS[name]
    taken = 0
    for gate, finding in judge(given).found:
        assert finding.result == "pass", gate.id
        for path in finding.evidence:
            if path in BESIDE and (name, path) != ("suspended", "account.stop_reasons"):
                continue
            if path == "personal.counts" or path.startswith("account.documents."):
                continue
            taken += 1
            assert judge(without(given, path)).of(gate.id).result != "pass", (gate.id, path)
    assert taken > 30


def test_a_count_that_is_all_there_is_may_not_be_missing() -> None:
    given = VARIANTS["nothing on the card"]
    for gate in ("backup", "personal_data"):
        assert judge(without(given, "personal.counts")).of(gate).result == "needs_human"


def test_of_nothing_nothing_passes() -> None:
    nothing = READY._replace(
        device=type(READY.device)(READY.device.taken_at, clock_synchronized=True),
        operator=Operator("Li"),
        backend=Backend(),
    )
    assert "pass" not in {each.result for _, each in judge(nothing).found}
    assert {each.result for _, each in judge(nothing).found} <= set(RESULTS)


def test_an_answer_that_is_null_is_none() -> None:
    given = READY._replace(operator=Operator("Li", {"risk.same_device": Answer(None)}))
    assert result("risk", given) == ("needs_human", "operator")


def test_the_modems_own_number_alone_is_not_the_cards() -> None:
    assert READY.device.iccid.source == FROM_CARD
