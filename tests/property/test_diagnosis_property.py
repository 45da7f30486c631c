"""Whatever the facts are, a diagnosis never says too much."""

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.diagnosis.facts import Binding, Cause, Cell, Facts, HostAnswer
from agent.diagnosis.rules import RULES
from agent.diagnosis.verdict import judge
from sim.reading import Absent
from tests.effort import examples

PLMNS = ("00101", "00102", "00201")
UNKNOWN = st.just(Absent("timeout 5 s"))
PLMN = st.sampled_from(PLMNS)
STAT = st.integers(0, 11)
ICCIDS = st.sampled_from(("89001010000000000018", "89001010000000000026"))
IMEIS = st.sampled_from(("356938035643809", "490154203237518"))
CAUSES = st.builds(
    lambda domain, number, place, plmn: Cause(domain, number, f"{place}.{domain}", plmn),
    st.sampled_from(("mm", "gmm", "emm", "5gmm", "sm", "esm", "5gsm", "unknown")),
    st.one_of(st.integers(0, 60), st.integers(0, 255)),
    st.sampled_from(("registration", "rejects", "last_error", "probe")),
    st.one_of(PLMN, UNKNOWN),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "functionality": st.integers(0, 7),
    "sim_state": st.sampled_from(
        [
            "ready", "absent", "pin_required", "puk_required", "ph_sim_lock", "network_lock",
            "no_profile", "faulty", "busy", "blocked", "unknown",
        ]
    ),
    "iccid": ICCIDS,
    "order_iccid": ICCIDS,
    "imei": IMEIS,
    "bindings": st.lists(st.builds(Binding, st.just("order"), IMEIS), max_size=3).map(tuple),
    "stop_reasons": st.lists(st.sampled_from(("separated", "arrears")), max_size=2).map(tuple),
    **dict.fromkeys(("cs", "ps", "eps", "nr5g"), STAT),
    "causes": st.lists(CAUSES, max_size=4).map(tuple),
    "cells": st.lists(st.builds(Cell, PLMN, st.booleans()), max_size=3).map(tuple),
    "home_plmns": st.lists(PLMN, min_size=1, max_size=2).map(tuple),
    "forbidden_plmns": st.lists(PLMN, max_size=2).map(tuple),
    "last_plmn": PLMN,
    "here_plmn": PLMN,
    "hosts": st.lists(
        st.builds(HostAnswer, st.sampled_from(("a.example", "b.example")), st.booleans()),
        max_size=3,
    ).map(tuple),
    "foreign_answer": st.sampled_from(("", "pay.example")),
    "rate_bps": st.integers(0, 200_000),
    "expected_bps": st.just(64_000),
    "sms_refused": st.one_of(st.just(0), st.integers(1, 512)),
}  # fmt: skip
LIKELY = {
    "answers": st.just(True), "functionality": st.just(1), "sim_state": st.just("ready"),
    "order_iccid": UNKNOWN, "bindings": UNKNOWN,
}  # fmt: skip


def fact(name: str) -> st.SearchStrategy[Any]:
    return st.one_of(VALUES.get(name, st.booleans()), UNKNOWN)


ANY = st.fixed_dictionaries({name: fact(name) for name in Facts._fields})
# The lowest layers would hide the others nearly always.
MOSTLY_FINE = st.fixed_dictionaries({name: LIKELY.get(name, fact(name)) for name in Facts._fields})
FACTS = st.one_of(ANY, MOSTLY_FINE).map(lambda values: Facts(**values))

PERMITTED = (
    "与已销户相符,请平台确认", "未销户", "consistent with cancelled; confirm on the platform",
    "not cancelled",
)  # fmt: skip
DEAD = re.compile(r"销户|注销|拆机|cancel", re.IGNORECASE)
ELSEWHERE = re.compile(
    r"卡(换|移|插)到|换到|插到|"
    r"\b(move|put|insert|try|test|swap)\b[^.;,]*\b(it|card|sim)\b[^.;,]*"
    r"\b(phone|other device|another)\b",
    re.IGNORECASE,
)
WARNING = ("勿将卡换到手机测试", "do not move it to a phone")


def words(document: dict[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False)
    for permitted in PERMITTED + WARNING:
        text = text.replace(permitted, "")
    return text


@settings(max_examples=examples(400), deadline=None)
@given(FACTS)
def test_it_never_says_more_than_it_can_know(facts: Facts) -> None:
    verdict = judge(facts)
    document = verdict.to_json()
    text = words(document)
    assert "confirmed" not in text
    assert not DEAD.search(text)
    assert not ELSEWHERE.search(text)
    levels = {finding["confidence"] for finding in document["findings"]}
    assert levels | {document["confidence"]} <= {"high", "medium", "low"}
    rows = [finding["row"] for finding in document["findings"]]
    assert document["row"] == (min(rows) if rows else None)
    assert rows == sorted(rows)
    assert ("control_sim" in document["excluded"]) is False


@settings(max_examples=examples(200), deadline=None)
@given(FACTS, st.data())
def test_what_is_not_known_is_no_evidence(facts: Facts, data: st.DataObject) -> None:
    gone = Facts(*(Absent("timeout 5 s") for _ in facts))
    assert judge(gone).findings == ()
    name = data.draw(st.sampled_from(Facts._fields))
    before = {f.rule.row: f.because for f in judge(facts).findings}
    after = judge(facts._replace(**{name: Absent("timeout 5 s")})).findings
    # A fact less may leave a row standing, on evidence that was there before; a row that comes
    # up only now was held back by the fact, and must not cite it.
    for finding in after:
        if finding.rule.row not in before:
            assert not any(evidence.path.endswith(name) for evidence in finding.because)


def test_no_word_of_the_table_says_too_much() -> None:
    for rule in RULES:
        text = words(rule.advice._asdict())
        assert not DEAD.search(text), rule.row
        assert not ELSEWHERE.search(text), rule.row
        assert rule.confidence in {"high", "medium", "low"}
