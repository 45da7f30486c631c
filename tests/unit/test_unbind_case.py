"""A case is what its journal tells: each act in its place, nothing else."""

import pytest

from agent.unbind import machine
from agent.unbind.case import CaseError, fold
from tests.gates_world import ACCOUNT
from tests.unit.unbind_helpers import ICCID, OPENING, ROAD, begun, case_of, done, entry, upto


def test_the_whole_road_passes_every_state_of_a_device_at_hand():
    states = [fold(ROAD[: n + 1]).state for n in range(len(ROAD))]
    aside = {"aborting", "aborted", "stopped", "statement_written"}
    assert set(states) == set(machine.STATES) - aside
    assert states[-1] == "closed"


def test_every_entry_out_of_its_place_is_refused():
    acts = [each for each in ROAD if each["what"] == "done"]
    for number in range(1, len(ROAD) + 1):
        state = fold(ROAD[:number]).road
        for act in acts:
            allowed = machine.after(state, act["act"], lost=False) is not None
            if allowed:
                continue
            with pytest.raises(CaseError) as error:
                fold([*ROAD[:number], act])
            assert error.value.number == number + 1


def test_a_case_begins_with_its_opening():
    for bodies in ([], ROAD[1:2], [entry("opened", **{**OPENING, "schema": "other"})]):
        with pytest.raises(CaseError) as error:
            fold(bodies)
        assert error.value.number == 1


def test_an_entry_that_nobody_knows_is_refused():
    with pytest.raises(CaseError):
        case_of(ROAD[0], entry("dreamt"))


def test_what_was_begun_and_did_not_end_is_known():
    case = case_of(*upto(machine.BEGIN_RELEASE), begun("release.pdp", cid=1))
    assert set(case.begun) == {"release.pdp"}
    step = case.step("pdp")
    assert (step.id, step.result, step.prepared, step.at) == (
        "pdp", None, {"cid": 1}, case.opened_at,
    )  # fmt: skip
    case = case_of(
        *upto(machine.BEGIN_RELEASE), begun("release.pdp"), done("release.pdp", result="done")
    )
    assert (case.begun, case.step("pdp").result) == ({}, "done")


def test_a_step_keeps_how_it_was_before_the_first_try():
    case = case_of(
        *upto(machine.BEGIN_RELEASE),
        begun("release.pdp", active=True),
        entry("refused", act="release.pdp", because="+CME ERROR: 4"),
        begun("release.pdp", active=False),
        done("release.pdp", result="nothing_to_do"),
    )
    assert case.step("pdp").prepared == {"active": True}
    assert (case.step("pdp").result, case.refused) == ("nothing_to_do", {})


def test_a_step_that_ends_without_having_begun_is_refused():
    with pytest.raises(CaseError):
        case_of(*upto(machine.BEGIN_RELEASE), done("release.pdp", result="done"))


def test_the_release_counts_as_proved_until_it_is_undone():
    assert case_of(*upto(machine.END_RELEASE)).release is None
    proved = upto(machine.PROVE)
    assert case_of(*proved).release["proofs"] == {"pdp": True}
    assert case_of(*proved, done(machine.ABORT)).release is None
    undone = [done(machine.ABORT), done("undo.pdp", result="done"), done(machine.END_ABORT)]
    case = case_of(*proved, *undone)
    assert (case.state, case.release, case.step("pdp").undo) == ("aborted", None, "done")


def test_after_an_abort_the_road_begins_anew():
    case = case_of(*upto(machine.PROVE), done(machine.ABORT), done(machine.END_ABORT))
    again = fold([*upto(machine.PROVE), *_aborted(), done(machine.REOPEN)])
    assert (case.ended, again.ended, again.state, again.attempt) == (True, False, "opened", 2)
    assert (again.steps, again.evidence, again.iccid, again.done) == ((), {}, ICCID, {})
    assert again.entries == len(upto(machine.PROVE)) + 3


def _aborted():
    return [done(machine.ABORT), done(machine.END_ABORT)]


def test_a_stopped_case_goes_on_where_it_stood():
    stopped = [*upto(machine.BASELINE), entry("stopped", because="another card")]
    assert (fold(stopped).state, fold(stopped).road) == ("stopped", "baseline_taken")
    assert fold([*stopped, entry("resumed")]).state == "baseline_taken"


def test_how_evidence_was_handed_over_is_kept():
    case = fold(ROAD)
    assert case.evidence["before_release"][2:4] == ("acked", None)
    assert case.evidence["closing"][2:4] == ("file", "/media/usb/closing.json")
    assert case_of(*upto(machine.SIGN)).evidence["before_release"].handed_over == "waiting"


def test_a_closing_record_may_be_handed_over_later():
    waiting = [*upto(machine.SIGN_CLOSING), done(machine.CLOSE_PAIRING), done(machine.WAIT)]
    assert fold(waiting).evidence["closing"].handed_over == "waiting"
    later = fold([*waiting, done(machine.HAND_OVER_CLOSING, handed_over="acked")])
    assert (later.state, later.evidence["closing"].handed_over) == (
        "waiting_carrier_unbind",
        "acked",
    )


def test_a_lost_device_has_a_short_road_that_never_says_ready():
    opening = entry("opened", **{**OPENING, "lost": True})
    road = [
        opening,
        done(machine.STATEMENT),
        done(machine.WAIT),
        done(machine.CANCEL_SEEN, cancelled_at="2026-11-24T08:00:00Z"),
        done(machine.UNLINK, sha256="d" * 64, name="statement.txt"),
    ]
    assert [fold(road[: n + 1]).state for n in range(5)] == [
        "opened",
        "statement_written",
        "waiting_carrier_unbind",
        "cancelled",
        "closed",
    ]
    for act in (machine.JUDGE, machine.BE_READY, machine.BEGIN_RELEASE, machine.PROVE):
        assert not any(machine.after(state, act, lost=True) for state in machine.STATES)


def test_looks_and_account_facts_are_kept():
    case = fold(ROAD)
    assert [look["verdict"] for look in case.looks] == ["confirmed"]
    assert case.account["account"] == ACCOUNT
    assert case.cancelled_at == "2026-11-24T08:00:00Z"


def test_whoever_is_ready_was_released_before():
    """On every walk through the table that ends in `ready_to_cancel` the release was proved."""
    reached = {(machine.OPENED, False)}
    todo = list(reached)
    while todo:
        state, proved = todo.pop()
        for move in machine.ROAD:
            if move.state != state or move.of == machine.LOST:
                continue
            now = proved or move.act == machine.PROVE
            if move.act in {machine.ABORT, machine.RELEASE_AGAIN}:
                now = False
            if (move.to, now) not in reached:
                reached.add((move.to, now))
                todo.append((move.to, now))
    assert (machine.READY, True) in reached
    assert (machine.READY, False) not in reached


def test_a_device_that_is_lost_in_the_middle_leaves_the_road_and_proves_nothing():
    lost = [*upto(machine.PROVE), done(machine.LOSE)]
    case = fold(lost)
    assert (case.lost, case.state, case.release) == (True, "opened", None)
    assert case.step("pdp").result == "done"
    back = fold([*lost, done(machine.ABORT), done(machine.END_ABORT), done(machine.REOPEN)])
    assert (back.lost, back.state, back.attempt) == (False, "opened", 2)
