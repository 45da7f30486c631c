"""From order to cancellation in a world of its own: what is done, in order, and what stops it."""

import json

import pytest

from agent.errors import ModemUnreachable
from agent.unbind import machine
from agent.unbind.facts import Uplink
from agent.unbind.folder import case_in, folder_of
from agent.unbind.journal import Journal
from agent.unbind.unbinding import Wish
from agent.verification.keeping import planned
from cloud_bridge.certificate import verify
from tests.gates_world import IMEI, OTHER_IMEI
from tests.unbind_world import ICCID, KEY, OTHER_ICCID, STEPS, World, run

ABORT = Wish(abort=True)


@pytest.fixture
def world():
    return World()


def test_all_well_until_the_carrier_has_to_act(world, tmp_path):
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("waiting_carrier_unbind", ("waits_for_carrier", 1))
    assert world.released == set(STEPS)
    assert (world.pairing, world.wrong, len(world.backend)) == ("closed", [], 2)


def test_the_carriers_word_makes_it_ready_and_cancelled(world, tmp_path):
    run(world, tmp_path)
    world.bound = False
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("ready_to_cancel", ("ready", 0))
    world.cancelled = True
    case, halt = run(world, tmp_path)
    assert (case.state, halt, case.cancelled_at) == (
        "cancelled", ("verify_next", 0), "2026-11-22T08:00:00Z",
    )  # fmt: skip


def test_again_does_nothing_twice(world, tmp_path):
    run(world, tmp_path)
    effects, entries = dict(world.effects), case_in(folder_of(tmp_path, ICCID, "W-1")).entries
    for _ in range(3):
        case, _ = run(world, tmp_path)
    assert dict(world.effects) == effects
    assert (case.entries, world.messages, world.pairing_entries) == (entries, 1, 1)


def test_both_documents_verify_and_tell_of_gates_steps_and_proof(world, tmp_path):
    run(world, tmp_path)
    folder = folder_of(tmp_path, ICCID, "W-1")
    before, closing = (
        verify((folder / name).read_bytes(), public_key=KEY.public)
        for name in ("before_release.json", "closing.json")
    )
    assert (before.head["kind"], closing.head["kind"]) == ("unbind", "closing")
    assert {b["gate"]: b["result"] for b in before.bodies if b["what"] == "gate"} == {
        b["gate"]: b["result"] for b in closing.bodies if b["what"] == "gate"
    }
    done = [b["step"] for b in closing.bodies if b["what"] == "done"]
    assert done == ["hand_over_evidence", *STEPS, "prove_release"]
    assert next(b["path"] for b in closing.bodies if b["what"] == "read") == (
        "evidence.before_release.sha256"
    )
    assert any(b.get("step") == "take_baseline" for b in before.bodies)
    due = {
        b["path"]: b["value"]["due_at"] for b in before.bodies if "deadlines." in b.get("path", "")
    }
    assert due["deadlines.plan_expires"] == "2026-12-01T00:00:00.000Z"
    assert due["deadlines.refund"] is None  # nobody knows the day of the cancellation yet


def test_without_an_acknowledgement_nothing_is_cut(world, tmp_path):
    world.hears = False
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("evidence_signed", ("evidence_not_handed_over", 5))
    assert (world.released, world.pairing) == (set(), "bound")
    world.hears, world.acks = True, False
    assert run(world, tmp_path)[0].state == "evidence_signed"
    assert world.released == set()


def test_evidence_on_the_operators_medium_lets_the_release_begin(world, tmp_path):
    world.hears, world.saves = False, True
    case, _ = run(world, tmp_path)
    assert case.state == "waiting_carrier_unbind"
    assert {kept.handed_over for kept in case.evidence.values()} == {"file"}
    assert world.wrong == []


def test_a_closing_record_that_cannot_be_sent_waits_and_goes_later(world, tmp_path):
    world.refuses = {"contexts_down"}
    run(world, tmp_path)
    world.refuses, world.hears = set(), False
    case, _ = run(world, tmp_path)
    assert (case.state, case.evidence["closing"].handed_over) == (
        "waiting_carrier_unbind", "waiting",
    )  # fmt: skip
    world.hears = True
    case, _ = run(world, tmp_path)
    assert case.evidence["closing"].handed_over == "acked"
    assert case.state == "waiting_carrier_unbind"


def test_another_card_is_never_touched(world, tmp_path):
    world.refuses = {"contexts_down"}
    run(world, tmp_path)
    before = set(world.released)
    world.refuses, world.card = set(), (OTHER_ICCID, IMEI)
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("stopped", ("other_card", 6))
    assert run(world, tmp_path)[0].entries == case.entries
    assert (world.released, world.wrong) == (before, [])
    world.card = (ICCID, OTHER_IMEI)
    assert run(world, tmp_path)[1] == ("other_modem", 6)
    world.card = (ICCID, IMEI)
    assert run(world, tmp_path)[0].state == "waiting_carrier_unbind"


def test_without_a_card_nothing_goes_on(world, tmp_path):
    world.refuses = {"auto_connect"}
    run(world, tmp_path)
    world.card = (None, IMEI)
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("releasing", ("no_card", 4))


def test_a_refused_step_stops_the_release_and_is_tried_again(world, tmp_path):
    world.refuses = {"contexts_down"}
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("releasing", ("step_refused", 1))
    assert [(step.id, step.result) for step in case.steps] == [
        ("auto_connect", "done"), ("contexts_down", "refused"),
    ]  # fmt: skip
    world.refuses = set()
    case, _ = run(world, tmp_path)
    assert case.step("contexts_down").result == "done"
    assert world.effects["auto_connect"] == 1


def test_what_is_not_proved_is_released_once_more_and_then_said(world, tmp_path):
    world.lies = {"connections"}
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("released", ("release_not_proved", 1))
    assert case.refused["prove_release"]["released"] is False
    world.bound = False
    assert run(world, tmp_path)[0].state == "released"
    world.lies = set()
    assert run(world, tmp_path)[0].state == "ready_to_cancel"


def test_gates_are_judged_again_before_the_release(world, tmp_path):
    world.hears = False
    run(world, tmp_path)
    world.hears, world.old_facts = True, True
    case, halt = run(world, tmp_path)
    assert (case.state, halt, world.released) == ("handed_over", ("gate_open", 1), set())
    world.old_facts = False
    assert run(world, tmp_path)[0].state == "waiting_carrier_unbind"


def test_abort_puts_back_what_can_be_in_reverse(world, tmp_path):
    run(world, tmp_path)
    case, halt = run(world, tmp_path, ABORT)
    assert (case.state, world.released, world.pairing) == ("aborted", set(), "bound")
    undone = [name for name in case.done if name.startswith("undo.")]
    assert undone == ["undo.pairing", *(f"undo.{step}" for step in reversed(STEPS))]
    record = verify(
        (folder_of(tmp_path, ICCID, "W-1") / "taken_back.json").read_bytes(), public_key=KEY.public
    )
    done = [b["step"] for b in record.bodies if b["what"] == "done"]
    assert done == [*(f"undo.{step}" for step in reversed(STEPS)), "undo.pairing", "abort"]
    assert record.head["kind"] == "closing"
    assert halt == ("ended", 0)
    assert case.release is None
    assert run(world, tmp_path)[1] == ("ended", 0)


def test_what_stood_so_before_is_left_so_by_an_abort(world, tmp_path):
    world.released = {"connections"}
    run(world, tmp_path)
    run(world, tmp_path, ABORT)
    assert world.released == {"connections"}


def test_after_an_abort_the_word_of_the_operator_begins_anew(world, tmp_path):
    run(world, tmp_path)
    run(world, tmp_path, ABORT)
    case, _ = run(world, tmp_path, Wish(reopen=True))
    assert (case.state, case.attempt) == ("waiting_carrier_unbind", 2)
    assert world.effects["contexts_down"] == 2
    assert world.wrong == []


def test_a_cancelled_card_cannot_be_taken_back(world, tmp_path):
    run(world, tmp_path)
    world.cancelled = True
    run(world, tmp_path)
    case, halt = run(world, tmp_path, ABORT)
    assert (case.state, halt) == ("cancelled", ("too_late_to_abort", 6))


def test_a_card_that_is_bound_again_is_ready_no_more(world, tmp_path):
    world.bound = False
    assert run(world, tmp_path)[0].state == "ready_to_cancel"
    world.bound = True
    assert run(world, tmp_path)[0].state == "waiting_carrier_unbind"


def test_a_shut_gate_begins_nothing(world, tmp_path):
    world.card = (OTHER_ICCID, IMEI)
    assert run(world, tmp_path) is None
    assert case_in(folder_of(tmp_path, ICCID, "W-1")) is None


def test_a_modem_that_goes_away_in_the_middle(world, tmp_path):
    class Unplugged(World):
        def modem(self):
            if self.released:
                self.plugged = False
            super().modem()

    world = Unplugged()
    with pytest.raises(ModemUnreachable):
        run(world, tmp_path)
    assert case_in(folder_of(tmp_path, ICCID, "W-1")).road == "releasing"


def test_the_journal_is_json_that_names_each_act(world, tmp_path):
    run(world, tmp_path)
    lines = (folder_of(tmp_path, ICCID, "W-1") / "journal").read_text("utf-8").splitlines()
    acts = [(b["what"], b.get("act")) for b in (json.loads(line)["body"] for line in lines)]
    begun = acts.index(("begun", "release.contexts_down"))
    assert acts[begun + 1] == ("done", "release.contexts_down")
    assert acts.index(("done", machine.HAND_OVER)) < begun


def test_what_somebody_set_up_again_meanwhile_makes_no_card_ready(world, tmp_path):
    run(world, tmp_path)
    world.bound = False
    world.meddled("connections")
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("waiting_carrier_unbind", ("set_up_again", 1))
    world.released.add("connections")
    assert run(world, tmp_path)[0].state == "ready_to_cancel"


AFTER = {"certificate.issued": "none_issued", "asset_unlink.register": True,
         "asset_unlink.card": "destroyed", "asset_unlink.auto_dial": True}  # fmt: skip


def test_after_the_last_look_and_the_last_answers_the_case_is_closed(world, tmp_path):
    world.bound = False
    run(world, tmp_path)
    world.cancelled = True
    assert run(world, tmp_path)[1].why == "verify_next"
    folder = folder_of(tmp_path, ICCID, "W-1")
    looks = [each.id for each in planned(case_in(folder))]
    with Journal(folder) as journal:
        for each in looks:
            journal.append("look", {"looks": [each], "verdict": "consistent", "sha256": "e" * 64})
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("verified", ("unlink_next", 0))
    world.answers = AFTER
    case, halt = run(world, tmp_path)
    assert (case.state, halt) == ("closed", ("ended", 0))
    last = verify((folder / "conclusion.json").read_bytes(), public_key=KEY.public)
    gates = {b["gate"]: b["result"] for b in last.bodies if b["what"] == "gate"}
    assert gates == {"certificate": "pass", "verify_after": "pass", "asset_unlink": "pass"}


def test_a_service_that_still_works_is_said_first(world, tmp_path):
    world.bound = False
    run(world, tmp_path)
    world.cancelled = True
    run(world, tmp_path)
    with Journal(folder_of(tmp_path, ICCID, "W-1")) as journal:
        journal.append("look", {"looks": ["verify_now"], "verdict": "contradicted"})
    assert run(world, tmp_path)[1] == ("contradicted", 1)


def test_a_question_that_is_open_is_said_where_the_carrier_has_done_its_part(world, tmp_path):
    run(world, tmp_path)
    world.bound = False
    world.answers = {"personal_data.decision": None}
    assert run(world, tmp_path)[1] == ("answer_missing", 6)
    world.answers = {}
    assert run(world, tmp_path)[0].state == "ready_to_cancel"


def test_without_a_way_out_after_the_release_nobody_is_asked_for_a_medium(world, tmp_path):
    run(world, tmp_path)
    world.bound, world.uplink = False, Uplink(())
    assert run(world, tmp_path)[0].state == "ready_to_cancel"
