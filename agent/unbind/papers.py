"""What the signed documents of an unbinding say, from the journal of the case alone. Pure.

Nothing is read anew: an auditor finds in the evidence what stood in the journal when it was signed.
Kinds and entries: docs/evidence.md, docs/unbind.md.
"""

from collections.abc import Iterator
from typing import Any, Final

from agent.carrier_certificate import CarrierCertificate, certificate_bodies
from agent.unbind import machine
from agent.unbind.case import BEFORE_RELEASE, CLOSING, CONCLUSION, TAKEN_BACK, Case
from agent.unbind.check import gates_json
from agent.unbind.gates import Judged
from cloud_bridge.evidence_entries import When, was_answered, was_done, was_judged, was_read

Json = dict[str, Any]

KINDS: Final = {
    BEFORE_RELEASE: "unbind",
    CLOSING: "closing",
    CONCLUSION: "verification",
    TAKEN_BACK: "closing",
}
"""The kind of evidence of each document of a case."""
NAMES: Final = {
    BEFORE_RELEASE: "before_release.json",
    CLOSING: "closing.json",
    CONCLUSION: "conclusion.json",
    TAKEN_BACK: "taken_back.json",
}
_ORDER: Final = "work order"
_ACCOUNT: Final = "account facts"
_USAGE: Final = "simward usage"
_BACK: Final = "read back"
_RULES: Final = "rules of the platform"
_JOURNAL: Final = "journal of the unbinding"
# Of the order and of account facts: nothing in them names a person.
_OF_ORDER: Final = (
    "order_id", "iccid", "imei", "imsi", "subject", "platform", "reason", "channel", "issued_at",
    "expires_at",
)  # fmt: skip
_OF_ACCOUNT: Final = (
    "iccid", "as_of", "platform", "raw_code", "raw_text", "state", "stop_reasons", "net_blocked",
    "arrears", "balance", "currency", "auto_renew", "bindings", "plan",
)  # fmt: skip


def bodies(case: Case, kind: str) -> list[Json]:
    """The entries of one of the two documents."""
    return list(_before_release(case) if kind == BEFORE_RELEASE else _closing(case))


def _before_release(case: Case) -> Iterator[Json]:
    """Gates, answers with who gave them, what works, what was used, what was read."""
    judged = case.done[machine.JUDGE]
    when = _when(judged)
    for name in _OF_ORDER:
        if case.order.get(name) is not None:
            yield was_read(when, f"order.{name}", plain(case.order[name]), _ORDER)
    for each in judged["readings"]:
        yield was_read(when, each["path"], plain(each["value"]), each["command"])
    yield from _account(case)
    yield from _answers(case)
    yield from _gates(judged)
    yield from _baseline(case)
    yield from _backup(case)
    yield from _deadlines(judged)
    usage = case.done[machine.USAGE]
    yield was_read(_when(usage), "usage", plain(usage.get("usage")), usage.get("because") or _USAGE)


def _account(case: Case) -> Iterator[Json]:
    if case.account is None:
        return
    when, told = _when(case.account), case.account["account"]
    for name in _OF_ACCOUNT:
        if told.get(name) is not None:
            yield was_read(when, f"account.{name}", plain(told[name]), _ACCOUNT)


def _answers(case: Case) -> Iterator[Json]:
    if case.answers is None:
        return
    told, when = case.answers["answers"], _when(case.answers)
    for name, answer in sorted(told["answers"].items()):
        at = answer.get("at") if when.at is not None else None
        yield was_answered(
            when._replace(at=at or when.at),
            name,
            plain(answer["value"]),
            told["technician"],
            answer.get("note"),
        )


def _gates(entry: Json) -> Iterator[Json]:
    when = _when(entry)
    for gate in entry["gates"]:
        yield was_judged(when, gate["id"], gate["result"], gate["source"], gate["reason"])


def _deadlines(entry: Json) -> Iterator[Json]:
    """What is due, and why; no date where nobody can tell it yet."""
    for each in entry.get("deadlines", ()):
        told = {"due_at": each["due_at"], "why": each["why"]}
        yield was_read(_when(entry), f"deadlines.{each['id']}", told, _RULES)


def _baseline(case: Case) -> Iterator[Json]:
    entry = case.done[machine.BASELINE]
    services = entry.get("services")
    if services is None:
        yield was_done(_when(entry), machine.BASELINE, "not_taken", entry.get("because"))
        return
    from agent.verification.baseline import baseline_bodies

    yield from baseline_bodies(services, _when(entry))


def _backup(case: Case) -> Iterator[Json]:
    entry = case.done[machine.BACK_UP]
    when = _when(entry)
    yield was_done(when, machine.BACK_UP, entry["result"], entry.get("because"))
    for name in ("sha256", "counts"):
        if entry.get(name) is not None:
            yield was_read(when, f"backup.{name}", plain(entry[name]), machine.BACK_UP)


def _closing(case: Case) -> Iterator[Json]:
    """What was released, with which commands, and what reading back showed."""
    begun, proof = case.done[machine.BEGIN_RELEASE], case.done[machine.PROVE]
    before = case.evidence[BEFORE_RELEASE]
    when = _when(case.done[machine.HAND_OVER])
    yield was_read(when, "evidence.before_release.sha256", before.sha256, _JOURNAL)
    yield was_done(when, machine.HAND_OVER, before.handed_over, before.file)
    yield from _gates(begun)
    for step in case.steps:
        entry = case.done[machine.STEP + step.id]
        commands = "; ".join(step.commands) or None
        yield was_done(_when(entry), step.id, str(step.result), commands)
        if step.because:
            yield was_read(_when(entry), f"release.{step.id}.because", plain(step.because), step.id)
    for name, told in proof["proofs"].items():
        yield was_read(_when(proof), f"proof.{name}", plain(told), _BACK)
    yield was_done(_when(proof), machine.PROVE, "released", _BACK)


def taken_back(case: Case, when: When) -> list[Json]:
    """The entries of the record that a release was undone: what stands now, step by step."""
    found = [
        was_read(when, f"evidence.{name}.sha256", kept.sha256, _JOURNAL)
        for name, kept in case.evidence.items()
    ]
    for step in reversed(case.steps):
        entry = case.done.get(machine.UNDO + step.id)
        if entry is not None:
            commands = "; ".join(entry.get("commands", ())) or None
            found.append(was_done(_when(entry), machine.UNDO + step.id, entry["result"], commands))
    pairing = case.done.get(machine.UNDO + machine.PAIRING)
    if pairing is not None:
        name = machine.UNDO + machine.PAIRING
        found.append(was_done(_when(pairing), name, pairing["result"]))
    return [*found, was_done(when, machine.ABORT, "taken_back")]


def conclusion(case: Case, after: Judged, when: When) -> list[Json]:
    """The entries of the last document: what the platform said, its paper, the gates after it."""
    found = [
        was_read(when, "cancelled_at", case.cancelled_at, _ACCOUNT),
        *(
            was_read(when, f"evidence.{name}.sha256", kept.sha256, _JOURNAL)
            for name, kept in case.evidence.items()
        ),
        *(
            was_read(when, "look", plain({n: e.get(n) for n in ("verdict", "sha256")}), _JOURNAL)
            for e in case.looks
        ),
    ]
    if case.certificate is not None:
        told = case.certificate
        paper = CarrierCertificate(
            told["sha256"], told["bytes"], told["media_type"], told["number"], told["date"]
        )
        found += certificate_bodies(paper, _when(told), case.technician or "operator")
    found += [
        body for body in _answers(case) if body["question"].startswith(("certificate.", "asset_"))
    ]
    return found + list(_gates({"up_s": when.up_s, "at": when.at, "gates": gates_json(after)}))


def _when(entry: Json) -> When:
    return When(entry["up_s"], entry["at"])


def plain(value: Any) -> Any:
    """As evidence holds it: whole numbers, and a fraction as text."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else str(value)
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
