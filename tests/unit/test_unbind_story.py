"""What `simward unbind` tells of a case: steps, evidence, what comes next, in both languages."""

import json

from agent.cli.check_text import GATE_NAMES
from agent.cli.unbind_text import render
from agent.i18n import set_language
from agent.unbind import machine
from agent.unbind.advice import REASONS
from agent.unbind.case import Case, fold
from agent.unbind.gates import GATES, judge
from agent.unbind.situation import with_case
from agent.unbind.story import document
from agent.unbind.unbinding import (
    OTHER_CARD,
    READY,
    VERIFY,
    WAITS,
    Halt,
)
from tests.gates_world import ORDER, facts
from tests.unbind_world import BOUND, ICCID, World, run
from tests.unit.unbind_helpers import OPENING, entry, upto


def told(case: Case | None, why: str | None = None, *, dry_run: bool = False, **changes) -> dict:
    seen = facts(**changes)
    seen = seen if case is None else with_case(seen, case)
    halt = None if why is None else Halt(why, 1)
    return document(seen, judge(seen), case, halt, dry_run=dry_run, planned=PLANNED)


PLANNED = [
    {
        "step": "pdp", "result": "would_do", "what": [{"zh": "断开", "en": "down"}], "why": [],
        "cuts_uplink": True, "undo": "all", "title": {"zh": "断开上下文", "en": "contexts down"},
    },
    {
        "step": "profile", "result": "needs_human", "what": [], "undo": "none",
        "why": [{"zh": "不确定是不是这张卡的", "en": "perhaps another card's"}],
        "cuts_uplink": False,
        "title": {"zh": "删除配置", "en": "profiles removed"},
    },
]  # fmt: skip


def case(act: str) -> Case:
    bodies = upto(act)
    return fold([entry("opened", **{**OPENING, "order": ORDER}), *bodies[1:]])


def test_before_anything_is_begun_every_step_is_what_would_be_done():
    found = told(None, dry_run=True)
    assert (found["state"], found["dry_run"]) == ("not_begun", True)
    steps = {each["id"]: each for each in found["steps"]}
    assert {steps[each]["result"] for each in (machine.JUDGE, machine.PROVE)} == {"would"}
    assert (steps["release.pdp"]["result"], steps["release.pdp"]["undo"]) == (
        "would_do", "possible",
    )  # fmt: skip
    assert steps["release.profile"]["because"]["en"] == "perhaps another card's"
    assert "--yes-unbind" in found["next"]["zh"]


def test_each_step_says_what_came_of_it():
    found = told(case(machine.BE_READY), READY)
    steps = {each["id"]: each["result"] for each in found["steps"]}
    assert steps[machine.HAND_OVER] == "acked"
    assert steps[machine.BACK_UP] == "nothing_to_do"
    assert (steps["release.pdp"], steps["release.profile"]) == ("done", "not_available")
    assert steps[machine.HAND_OVER_CLOSING] == "file"
    assert steps[machine.VERIFY] == "open"
    assert found["evidence"]["closing"] == {
        "sha256": "b" * 64, "handed_over": "file", "file": "/media/usb/closing.json",
        "because": None,
    }  # fmt: skip


def test_who_waits_is_told_how_to_unbind_and_whom_to_call():
    found = told(case(machine.WAIT), WAITS, account_={"bindings": BOUND})
    assert "23A05" in found["next"]["zh"]
    assert "4001100868" in found["next"]["en"]
    assert "working days" in found["next"]["en"]
    assert found["ready_to_cancel"] is False


def test_who_is_ready_is_told_what_the_platform_asks_and_whom_to_call():
    found = told(case(machine.BE_READY), READY)
    assert found["ready_to_cancel"] is True
    assert "simward sim sms" in found["next"]["zh"]
    assert "4001100868" in found["next"]["zh"]
    assert "a reason" in found["next"]["en"]


def test_once_it_is_cancelled_the_dates_of_the_looks_count():
    found = told(case(machine.CANCEL_SEEN))
    due = {each["id"]: each["due_at"] for each in found["deadlines"]}
    assert due["verify_now"] == "2026-11-24T08:00:00.000Z"
    assert {"verify_30d", "refund"} <= set(due)


def test_the_reasons_that_channels_ask_for_are_told():
    found = told(None)
    assert [each["id"] for each in found["reasons"]] == [each.id for each in REASONS]
    assert all(each["zh"] and each["en"] for each in found["reasons"])
    text = " ".join(render(told(case(machine.BE_READY), READY)).split())
    assert all(each.en.split(":")[0] in text for each in REASONS)


def test_another_card_is_said_first():
    stopped = fold([*upto(machine.BASELINE), entry("stopped", seen={"iccid": "x", "imei": "y"})])
    found = told(stopped._replace(order=ORDER), OTHER_CARD)
    assert found["state"] == "stopped"
    assert found["next"]["en"].startswith("Another card is in the slot")


def test_a_closing_record_that_waits_is_to_be_carried():
    bodies = [*upto(machine.SIGN_CLOSING)]
    waiting = fold([entry("opened", **{**OPENING, "order": ORDER}), *bodies[1:]])
    assert "certificate qr" in told(waiting)["next"]["zh"]


def test_the_document_is_json_and_its_text_is_said_in_both_languages(tmp_path):
    world = World()
    kept, halt = run(world, tmp_path)
    seen = with_case(world.facts(), kept)
    planned = [
        {**each, "title": {"zh": "步骤", "en": "step"}}
        for each in kept.done[machine.BEGIN_RELEASE]["planned"]
    ]
    found = json.loads(
        json.dumps(document(seen, judge(seen), kept, halt, dry_run=False, planned=planned))
    )
    for lang in ("zh", "en"):
        set_language(lang)
        try:
            text = render(found)
        finally:
            set_language("en")
        assert ICCID not in text
        assert found["next"][lang][:8] in text.replace("\n  ", "")


def test_every_gate_has_a_name_on_the_screen():
    assert {gate.id for gate in GATES} <= set(GATE_NAMES)


def test_what_comes_after_the_cancellation_is_said_in_both_languages():
    found = told(case(machine.CANCEL_SEEN), VERIFY)
    gates = {each["id"]: each["result"] for each in found["gates"]}
    assert gates["verify_after"] == "needs_human"
    for lang in ("zh", "en"):
        set_language(lang)
        try:
            text = render(found)
        finally:
            set_language("en")
        assert "simward verify" in text
