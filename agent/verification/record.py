"""What is kept of a look: the entries of its signed evidence, its line in the journal. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from agent.unbind.case import Case
from agent.verification.baseline import Baseline, baseline_bodies, baseline_of
from agent.verification.known import Before
from cloud_bridge.evidence_entries import When, was_answered, was_read

Json = dict[str, Any]

KIND: Final = "verification"
_COMMAND: Final = "simward verify"
_ACCOUNT: Final = "account facts"
_PLACES: Final = ("verdict", "because", "target", "cancelled_at", "radio_cycle")


def before_of_case(case: Case) -> Before:
    """What the journal knows of the time before the release."""
    entry = case.baseline or {}
    services = entry.get("services")
    baseline = Baseline(iccid=case.iccid)
    if services is not None:
        when = When(entry["up_s"], entry["at"])
        baseline = baseline_of(baseline_bodies(services, when), case.iccid)
    if baseline.imei is None:
        baseline = baseline._replace(imei=case.imei)
    made_at = entry.get("at") or case.opened_at or ""
    return Before(baseline, made_at, case.order_id, platform=case.platform)


def bodies_of(document: Json, looks: tuple[str, ...], when: When, by: str | None) -> Iterator[Json]:
    """The entries of the evidence of a verification; `looks` are those that it was due as."""
    yield was_read(when, f"{KIND}.looks", list(looks), _COMMAND)
    for name in _PLACES:
        yield was_read(when, f"{KIND}.{name}", _plain(document[name]), _COMMAND)
    for name, each in document["services"].items():
        yield was_read(when, f"{KIND}.services.{name}", _plain(each), _COMMAND)
    for each in document["exclusions"]:
        held = {"held": each["held"], "because": each["because"]}
        yield was_read(when, f"{KIND}.exclusions.{each['id']}", held, _COMMAND)
    for name, value in document["where"].items():
        if value is not None:
            yield was_read(when, f"{KIND}.where.{name}", _plain(value), _COMMAND)
    if document["platform"] is not None:
        for name, value in document["platform"].items():
            yield was_read(when, f"account.{name}", value, _ACCOUNT)
    for name, value in document["answers"].items():
        if value is not None:
            yield was_answered(when, f"{KIND}.{name}", value, by or "operator")


def look_of(document: Json, looks: tuple[str, ...], kept: Json) -> Json:
    """The facts of a `look` in the journal; `kept`: name and hash of its evidence."""
    return {
        "looks": list(looks),
        "verdict": document["verdict"],
        "because": document["because"],
        "services": {name: each["now"] for name, each in document["services"].items()},
        "exclusions": {each["id"]: each["held"] for each in document["exclusions"]},
        "evidence": kept,
    }


def taken(case: Case) -> frozenset[str]:
    """The looks that the journal has."""
    return frozenset(name for look in case.looks for name in look.get("looks", ()))


def _plain(value: Any) -> Any:
    """As evidence holds it: whole numbers, and a fraction as text."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else str(value)
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
