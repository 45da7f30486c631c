"""The document of `simward unbind`: where a card stands, what was done, what comes next. Pure."""

from datetime import datetime
from typing import Any, Final

from agent.i18n import in_both, mark, t
from agent.unbind import machine
from agent.unbind.advice import reasons_known, what_next
from agent.unbind.case import BEFORE_RELEASE, CLOSING, CONCLUSION, TAKEN_BACK, Case, Kept
from agent.unbind.check import deadlines_json, gates_json, warnings_json
from agent.unbind.facts import Facts
from agent.unbind.gates import AFTER_CANCEL, READY, Judged, judge
from agent.unbind.unbinding import WITHOUT_CARD as AFTER
from agent.unbind.unbinding import Halt

Json = dict[str, Any]

SCHEMA: Final = "simward/unbind/1"
NOT_BEGUN: Final = "not_begun"
WOULD, OPEN, BEGUN = "would", "open", "begun"
_NOT_NEEDED, _CAN, _CANNOT, _PART = "not_needed", "possible", "impossible", "part"
_UNDO_OF_STEPS: Final = {"all": _CAN, "part": _PART, "none": _CANNOT}

ACTS: Final[dict[str, tuple[str, str]]] = {
    machine.JUDGE: (mark("judge the gates before the release"), _NOT_NEEDED),
    machine.BASELINE: (mark("try once what works: data, messages, voice"), _NOT_NEEDED),
    machine.BACK_UP: (mark("save what is somebody's on the card"), _NOT_NEEDED),
    machine.USAGE: (mark("take down what the card used"), _NOT_NEEDED),
    machine.SIGN: (mark("sign the evidence before the release"), _NOT_NEEDED),
    machine.HAND_OVER: (mark("hand the evidence over, before anything is cut"), _CANNOT),
    machine.BEGIN_RELEASE: (mark("judge the gates once more, and begin the release"), _NOT_NEEDED),
    machine.PROVE: (mark("read back that the card is released"), _NOT_NEEDED),
    machine.SIGN_CLOSING: (mark("sign the closing record"), _NOT_NEEDED),
    machine.HAND_OVER_CLOSING: (mark("hand the closing record over; it may wait"), _CANNOT),
    machine.CLOSE_PAIRING: (mark("close the record of this pairing"), _CAN),
    machine.BE_READY: (mark("wait until the carrier's binding is released"), _CANNOT),
    machine.CANCEL_SEEN: (mark("wait until the platform says that it is ended"), _CANNOT),
    machine.VERIFY: (mark("look whether the card is really gone"), _NOT_NEEDED),
    machine.UNLINK: (mark("take the card out of the own asset register"), _NOT_NEEDED),
}
"""What is done on the road, in its order, and whether it can be undone."""
LOST_ACTS: Final[dict[str, tuple[str, str]]] = {
    machine.STATEMENT: (mark("write the statement that people sign"), _NOT_NEEDED),
    **{name: ACTS[name] for name in (machine.CANCEL_SEEN, machine.UNLINK)},
}


def document(
    facts: Facts,
    judged: Judged,
    case: Case | None,
    halt: Halt | None,
    *,
    dry_run: bool,
    planned: list[Json],
    lost: bool = False,
    last: Json | None = None,
    said: list[Json] | None = None,
) -> Json:
    """All of it; `planned` are the steps of the release as they would be done.

    `said` are warnings of this run; `last` is what was known last of a device that is gone.
    """
    order, platform = facts.backend.order, facts.platform
    state = NOT_BEGUN if case is None else case.state
    after = _after(facts, case)
    return {
        "schema": SCHEMA,
        "state": state,
        "dry_run": dry_run,
        "iccid": case.iccid if case is not None else facts.device.iccid.known,
        "order_id": None if order is None else order.order_id,
        "platform": None if platform is None else platform.name,
        "platform_title": None if platform is None else platform.title._asdict(),
        "technician": facts.operator.technician,
        "lost": lost,
        "ready_to_release": judged.ready_to_release,
        "ready_to_cancel": state == machine.READY and judged.ready_to_cancel,
        "verdict": verdict(judged, after),
        "stopped_by": None if halt is None else halt.why,
        "gates": gates_json(judged if after is None else after),
        "steps": steps(case, planned, dry_run=dry_run, lost=lost),
        "evidence": evidence(case),
        "last_known": last,
        "warnings": [*warnings_json(facts), *(said or [])],
        "deadlines": deadlines_json(facts, _cancelled_at(case)),
        "next": what_next(facts, judged, case, halt, dry_run=dry_run, lost=lost)._asdict(),
        "reasons": [each._asdict() for each in reasons_known()],
    }


def _cancelled_at(case: Case | None) -> datetime | None:
    told = None if case is None else case.cancelled_at
    return None if told is None else datetime.fromisoformat(told)


def _after(facts: Facts, case: Case | None) -> Judged | None:
    """The gates after the cancellation, once it is that far: then those before it are past."""
    far = case is not None and case.road in AFTER
    return judge(facts, (AFTER_CANCEL,)) if far else None


def verdict(judged: Judged, after: Judged | None) -> str:
    """`ready blocked incomplete`: to be cancelled; after the cancellation, to be closed."""
    if after is None:
        return judged.verdict
    return READY if after.ready_to_close else after.verdict


def steps(case: Case | None, planned: list[Json], *, dry_run: bool, lost: bool) -> list[Json]:
    """Every act of the road in its order, with what came of it."""
    found: list[Json] = []
    for act, (text, undo) in (LOST_ACTS if lost else ACTS).items():
        found.append(_act(case, act, text, undo, dry_run=dry_run))
        if act == machine.BEGIN_RELEASE:
            found += [_step(case, each, dry_run=dry_run) for each in planned]
    return found


def _act(case: Case | None, act: str, text: str, undo: str, *, dry_run: bool) -> Json:
    entry = None if case is None else case.done.get(act) or case.refused.get(act)
    result = WOULD if dry_run else OPEN
    if case is not None and act in case.begun:
        result = BEGUN
    elif entry is not None:
        result = _result(entry)
    because = None if entry is None else entry.get("because")
    return {
        "id": act,
        "what": in_both(lambda: t(text)),
        "result": result,
        "undo": undo,
        "because": _both(because),
        "at": None if entry is None else entry["at"],
    }


def _result(entry: Json) -> str:
    if entry["what"] == "refused":
        return "refused"
    return str(entry.get("handed_over") or entry.get("result") or "done")


def _step(case: Case | None, planned: Json, *, dry_run: bool) -> Json:
    name = planned["step"]
    step = None if case is None else case.step(name)
    result = planned["result"] if dry_run else OPEN
    if step is not None:
        result = step.result or BEGUN
    if step is not None and step.undo is not None:
        result = f"undo_{step.undo}"
    because = planned["why"] if step is None or not step.because else step.because
    return {
        "id": machine.STEP + name,
        "what": _joined(planned["what"]) or planned["title"],
        "title": planned["title"],
        "result": result,
        "undo": _UNDO_OF_STEPS.get(planned["undo"], planned["undo"]),
        "cuts_uplink": planned["cuts_uplink"],
        "because": _both(because),
        "at": None if step is None else step.at,
    }


def _joined(texts: list[Json]) -> Json | None:
    if not texts:
        return None
    return {"zh": "；".join(e["zh"] for e in texts), "en": "; ".join(e["en"] for e in texts)}


def _both(because: Any) -> Json | None:
    if not because:
        return None
    if isinstance(because, list):
        return _joined(because)
    return in_both(lambda: t(str(because)))


def evidence(case: Case | None) -> Json:
    """The signed documents, and how each was handed over."""
    kept = {} if case is None else case.evidence
    found = {name: _kept(kept.get(name)) for name in (BEFORE_RELEASE, CLOSING)}
    return found | {name: _kept(kept[name]) for name in (CONCLUSION, TAKEN_BACK) if name in kept}


def _kept(kept: Kept | None) -> Json | None:
    if kept is None:
        return None
    return {
        "sha256": kept.sha256,
        "handed_over": kept.handed_over,
        "file": kept.file or kept.name,
        "because": _both(kept.because),
    }
