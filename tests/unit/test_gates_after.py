"""The gates after the cancellation: the carrier's paper, the looks, the own register."""

# ruff: noqa: E501 - one case a line is easier to review

import pytest

from agent.unbind.facts import After, Answer, Backend, Facts, Operator
from agent.unbind.finding import RESULTS
from agent.unbind.gates import AFTER_CANCEL, judge
from agent.unbind.questions import QUESTIONS
from sim.reading import absent
from tests.gates_world import ICCID, NOW, READY, account, order, read

ANSWERS = {
    "asset_unlink.register": True,
    "asset_unlink.card": "destroyed",
    "asset_unlink.auto_dial": True,
    "personal_data.decision": "destroy",
}
DONE = After(read("ab" * 32), read("confirmed"), read(0))


def after(*, answers=None, account_=None, **changes) -> Facts:
    """A card that is gone, all papers there, with these differences."""
    told = {**ANSWERS, **(answers or {})}
    given = {name: Answer(value, at=NOW) for name, value in told.items() if value is not None}
    return READY._replace(
        operator=Operator("Li", given, ICCID, "W-1"),
        backend=Backend(order(), account(**(account_ or {}))),
        after=DONE._replace(**changes),
    )


CANCELLED = {"raw_code": "9", "state": "cancelled"}
BOUND = {"bindings": [{"kind": "asset_register", "bound": True}]}
NO_PAPER = {"certificate": absent("not given")}
CASES = [
    ("certificate", {}, "pass", "operator"),
    ("certificate", NO_PAPER, "needs_human", "operator"),
    ("certificate", {**NO_PAPER, "answers": {"certificate.issued": "issued"}}, "needs_human", "operator"),
    ("certificate", {**NO_PAPER, "answers": {"certificate.issued": "none_issued"}}, "pass", "operator"),
    ("verify_after", {}, "pass", "device"),
    ("verify_after", {"verdict": read("consistent")}, "pass", "device"),
    ("verify_after", {"verdict": absent("no look")}, "needs_human", "device"),
    ("verify_after", {"verdict": read("contradicted")}, "fail", "device"),
    ("verify_after", {"verdict": read("inconclusive")}, "needs_human", "device"),
    ("verify_after", {"looks_left": read(2)}, "unknown", "device"),
    ("verify_after", {"looks_left": absent("no clock")}, "unknown", "device"),
    ("verify_after", {"verdict": read("not_testable")}, "unknown", "backend"),
    ("verify_after", {"verdict": read("not_testable"), "account_": CANCELLED}, "pass", "backend"),
    ("asset_unlink", {}, "pass", "operator"),
    ("asset_unlink", {"answers": {"asset_unlink.register": None}}, "needs_human", "operator"),
    ("asset_unlink", {"answers": {"asset_unlink.card": None}}, "needs_human", "operator"),
    ("asset_unlink", {"answers": {"asset_unlink.auto_dial": None}}, "needs_human", "operator"),
    ("asset_unlink", {"answers": {"asset_unlink.register": False}}, "fail", "operator"),
    ("asset_unlink", {"answers": {"asset_unlink.auto_dial": False}}, "fail", "operator"),
    ("asset_unlink", {"answers": {"asset_unlink.card": "removed"}}, "fail", "operator"),
    ("asset_unlink", {"answers": {"asset_unlink.card": "removed", "personal_data.decision": "keep"}}, "pass", "operator"),
    ("asset_unlink", {"account_": BOUND}, "fail", "backend"),
]  # fmt: skip


@pytest.mark.parametrize(("gate", "changes", "expected", "source"), CASES)
def test_what_each_gate_says(gate, changes, expected, source) -> None:
    found = judge(after(**changes), (AFTER_CANCEL,)).of(gate)
    assert (found.result, found.source) == (expected, source)


def test_a_device_that_is_scrapped_is_closed_by_fresh_facts_of_the_platform_alone() -> None:
    gone = after(
        verdict=read("not_testable"), account_={**CANCELLED, "as_of": "2026-11-20T00:00:00Z"}
    )
    assert judge(gone, (AFTER_CANCEL,)).of("verify_after").result == "needs_backend"


def test_nothing_is_left_to_be_done_where_all_three_are_open() -> None:
    assert judge(after(), (AFTER_CANCEL,)).ready_to_close
    assert not judge(after(looks_left=read(1)), (AFTER_CANCEL,)).ready_to_close
    assert not judge(after()).ready_to_close  # of gates that nobody judged nothing is known


def test_of_nothing_nothing_passes() -> None:
    nothing = READY._replace(operator=Operator("Li"), backend=Backend())
    found = judge(nothing, (AFTER_CANCEL,)).found
    assert len(found) == 3
    assert "pass" not in {each.result for _, each in found}
    assert {each.result for _, each in found} <= set(RESULTS)
    for gate, each in found:
        assert each.question is None or QUESTIONS[each.question].gate == gate.id


def test_the_gates_before_are_judged_without_those_after() -> None:
    assert {gate.phase for gate, _ in judge(READY).found} == {"before_release", "before_cancel"}
