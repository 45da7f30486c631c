"""Whatever is known and is not: no gate passes by silence, no card is ready without proof."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.unbind.check import check_document, open_questions
from agent.unbind.facts import FROM_CARD, Answer, Backend, Device, Facts, Operator, Uplink
from agent.unbind.finding import NEEDS_HUMAN, PASS, RESULTS
from agent.unbind.gates import BEFORE_RELEASE, judge
from agent.unbind.platform_files import all_platforms
from agent.unbind.questions import CHOICE, QUESTIONS, YES_NO
from sim.reading import absent
from tests.effort import examples
from tests.gates_world import (
    COUNTS,
    ICCID,
    IMEI,
    IMSI,
    NOW,
    OTHER_ICCID,
    OTHER_IMEI,
    READY,
    account,
    order,
    read,
)


def maybe(*values, source="AT"):
    """A reading of one of these, or none; the first is the likely one."""
    known = st.sampled_from([values[0], *values]).map(lambda value: read(value, source))
    return st.one_of(known, known, st.just(absent("timeout 5 s")))


devices = st.fixed_dictionaries(
    {
        "taken_at": st.just(NOW),
        "clock_synchronized": st.sampled_from([True, True, False]),
        "sim_state": maybe("ready", "pin_required", "busy", "absent"),
        "iccid": st.one_of(maybe(ICCID, OTHER_ICCID, source=FROM_CARD), maybe(ICCID)),
        "modem_iccid": maybe(ICCID, OTHER_ICCID),
        "luhn": st.sampled_from([True, False, None]),
        "imsi": maybe(IMSI),
        "imei": maybe(IMEI, OTHER_IMEI),
        "locks": maybe((), ("ps",)),
        "personal": maybe(COUNTS, {}, {**COUNTS, "calls": 3}, {**COUNTS, "messages": None}),
        "uplink": maybe(
            Uplink(("eth0",)),
            Uplink(()),
            Uplink(("wwan0",), "route", "wwan0"),
            Uplink(("eth0",), "ssh", "wwan0", "192.0.2.7"),
        ),
        "imei_changes": maybe(0, 2),
        "release": maybe(True, False),
    }
).map(lambda parts: Device(**parts))


def answer_to(question):
    if question.kind == YES_NO:
        values = st.sampled_from([True, True, True, False, None])
    elif question.kind == CHOICE:
        values = st.sampled_from([*question.choices, None])
    else:
        values = st.sampled_from([ICCID, OTHER_ICCID, None])
    return values.map(lambda value: Answer(value, at=NOW))


answers = st.fixed_dictionaries({}, optional={n: answer_to(q) for n, q in QUESTIONS.items()})
full = st.fixed_dictionaries({name: answer_to(q) for name, q in QUESTIONS.items()})
operators = st.fixed_dictionaries(
    {
        "technician": st.just("Li"),
        "answers": st.one_of(answers, full, st.just(READY.operator.answers)),
        "iccid": st.sampled_from([ICCID, ICCID, None, OTHER_ICCID]),
        "order_id": st.sampled_from(["W-1", "W-1", None, "W-2"]),
    }
).map(lambda parts: Operator(**parts))
bindings = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["billing_side", "network_side", "device_lock"]),
            "bound": st.sampled_from([False, False, True, None]),
        },
        optional={"imei": st.sampled_from([IMEI, OTHER_IMEI])},
    ),
    max_size=3,
)
accounts = st.fixed_dictionaries(
    {},
    optional={
        "iccid": st.sampled_from([ICCID, ICCID, OTHER_ICCID]),
        "as_of": st.sampled_from(["2026-11-22T08:00:00Z", "2026-11-20T08:00:00Z"]),
        "platform": st.sampled_from(["onelink", "ctcc", "cucc", "nobody", None]),
        "raw_code": st.sampled_from(["2", "4", "9", "77", None]),
        "state": st.sampled_from(["active", "suspended", "cancelled", "unknown"]),
        "stop_reasons": st.lists(st.sampled_from(["keep", "arrears", "violation", "what"])),
        "arrears": st.sampled_from(["0.00", "0", "12.5", None]),
        "balance": st.sampled_from(["0", "3.20", "-1", None]),
        "auto_renew": st.sampled_from([False, True, None]),
        "bindings": bindings,
        "plan": st.none(),
    },
).map(lambda changes: account(**changes))
orders = st.fixed_dictionaries(
    {},
    optional={
        "iccid": st.sampled_from([ICCID, ICCID, OTHER_ICCID]),
        "imei": st.sampled_from([IMEI, None, OTHER_IMEI]),
        "subject": st.sampled_from(["enterprise", "individual", None]),
        "platform": st.sampled_from(["onelink", "ctcc", "nobody", None]),
        "expires_at": st.sampled_from(["2026-12-21T00:00:00Z", "2026-11-01T00:00:00Z", None]),
    },
).map(lambda changes: order(**changes))


@st.composite
def facts_of_any_kind(draw) -> Facts:
    """Facts of every kind, each part now and then as a ready card has it."""
    ready = READY.backend
    backend = Backend(
        draw(st.one_of(st.just(ready.order), st.just(ready.order), orders, st.none())),
        draw(st.one_of(st.just(ready.account), accounts, accounts, st.none())),
    )
    return Facts(
        draw(st.one_of(st.just(READY.device), devices)),
        draw(st.one_of(st.just(READY.operator), operators)),
        backend,
        draw(st.sampled_from([NOW, NOW, NOW + timedelta(days=2)])),
        all_platforms(),
    )


@settings(max_examples=examples(200))
@given(facts_of_any_kind())
def test_a_gate_passes_on_evidence_alone(facts) -> None:
    for gate, finding in judge(facts).found:
        assert finding.result in RESULTS
        assert finding.result != PASS or (
            finding.evidence and None not in finding.evidence.values()
        ), gate.id
        assert finding.result != NEEDS_HUMAN or finding.question or gate.id == "release_proved"
        assert finding.question is None or QUESTIONS[finding.question].gate == gate.id


@settings(max_examples=examples(200))
@given(facts_of_any_kind())
def test_no_card_is_ready_without_proof_of_release_and_a_released_binding(facts) -> None:
    judged = judge(facts)
    assert judged.ready_to_release or not judged.ready_to_cancel
    if not judged.ready_to_cancel:
        return
    device, told, wanted = facts.device, facts.backend.account, facts.backend.order
    assert device.release.known is True
    assert device.clock_synchronized
    assert wanted is not None
    assert told is not None
    assert device.iccid.known == wanted.iccid == told.iccid
    assert facts.now - told.as_of <= timedelta(hours=24)
    sides = [each for each in told.bindings if each.kind in {"billing_side", "network_side"}]
    assert any(each.bound is False for each in sides)
    assert not any(each.bound for each in sides)
    assert facts.state(told).state == "active" or facts.state(told).reasons
    assert told.arrears is None or Decimal(told.arrears) <= 0
    assert told.auto_renew is not True


@settings(max_examples=examples(200))
@given(facts_of_any_kind())
def test_no_card_may_be_released_that_the_order_does_not_name(facts) -> None:
    if not judge(facts).ready_to_release:
        return
    assert facts.backend.order is not None
    assert facts.device.iccid.known == facts.backend.order.iccid
    assert facts.device.sim_state.known == "ready"
    for gate, finding in judge(facts).found:
        if gate.phase == BEFORE_RELEASE:
            assert finding.evidence


@settings(max_examples=examples(200))
@given(facts_of_any_kind())
def test_any_facts_make_a_document_and_a_list_of_questions(facts) -> None:
    document = check_document(facts)
    assert document["ready_to_cancel"] == (document["verdict"] == "ready")
    asked = [each.id for each in open_questions(facts)]
    assert len(asked) == len(set(asked))
    open_now = {each["question"] for each in document["gates"]} - {None}
    assert open_now <= set(asked)
