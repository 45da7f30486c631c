"""From facts to what is said: the first match in the lowest layer, and all that match. Pure."""

from typing import Any, Final, NamedTuple

from agent.diagnosis.checks import split
from agent.diagnosis.evidence import Found
from agent.diagnosis.facts import MOBILITY, SESSION, Cause, Facts
from agent.diagnosis.rules import (
    HEALTHY,
    HIGH,
    LAYERS,
    LOW,
    MEDIUM,
    RULES,
    UNDETERMINED,
    Advice,
    Rule,
)
from sim.reading import Absent

Json = dict[str, Any]

SCHEMA: Final = "simward/diagnosis/1"
IS_HEALTHY: Final = "healthy"
NO_RULE: Final = "undetermined"

_PERM_IDENTITY: Final = frozenset({2, 3, 8})
_DEVICE: Final = frozenset({5, 6})
_PERM_PS_ONLY: Final = frozenset({7})
_PLMN_AREA: Final = frozenset({11, 12, 13, 14, 15})
_TRANSIENT: Final = frozenset({17, 22, 42})
_TRANSIENT_SESSION: Final = frozenset({26, 34, 38})
_ESM_FAILED: Final = 19
_CLASSES: Final = (
    (_PERM_IDENTITY, "perm_identity"),
    (_DEVICE, "device"),
    (_PERM_PS_ONLY, "perm_ps_only"),
    (_PLMN_AREA, "plmn_area"),
    (_TRANSIENT, "transient"),
)


class Finding(NamedTuple):
    """A row that holds, and why."""

    rule: Rule
    confidence: str
    because: Found


class Verdict(NamedTuple):
    """What is said; `rule` is None where nothing is wrong (`healthy`) or nothing fits."""

    cause: str
    rule: Rule | None
    confidence: str
    reject_class: str
    findings: tuple[Finding, ...]
    excluded: tuple[str, ...]
    not_excluded: tuple[str, ...]
    not_tested: tuple[str, ...]
    needs_backend: bool
    stop_retrying: bool
    advice: Advice

    def to_json(self) -> Json:
        """The document's members of the contract, without what stands around them."""
        return {
            "schema": SCHEMA,
            "cause": self.cause,
            "row": None if self.rule is None else self.rule.row,
            "layer": None if self.rule is None else self.rule.layer,
            "confidence": self.confidence,
            "reject_class": self.reject_class,
            "findings": [
                {
                    "cause": each.rule.cause,
                    "row": each.rule.row,
                    "confidence": each.confidence,
                    "because": [str(evidence) for evidence in each.because],
                }
                for each in self.findings
            ],
            "excluded": list(self.excluded),
            "not_excluded": list(self.not_excluded),
            "not_tested": list(self.not_tested),
            "needs_backend": self.needs_backend,
            "stop_retrying": self.stop_retrying,
            "advice": self.advice._asdict(),
        }


def judge(facts: Facts) -> Verdict:
    """The verdict; the table stands from the lowest layer up, so the first that holds is it."""
    findings = tuple(
        Finding(rule, rule.confidence_in(facts), because)
        for rule in RULES
        if (because := rule.holds(facts))
    )
    if not findings:
        return _without_finding(facts)
    first = findings[0]
    excluded, open_ = split(first.rule.checks, facts)
    return Verdict(
        cause=first.rule.cause,
        rule=first.rule,
        confidence=first.confidence,
        reject_class=_class_behind(first.because, facts),
        findings=findings,
        excluded=tuple(excluded),
        not_excluded=tuple(open_),
        not_tested=_not_tested(facts),
        needs_backend=first.rule.backend,
        stop_retrying=first.rule.stop,
        advice=first.rule.advice,
    )


def reject_class(domain: str, cause: int, esm_cause: int | None = None) -> str:
    """The class of a cause in its domain; `esm_cause` is the one behind EMM cause 19."""
    if domain in SESSION:
        return "transient" if cause in _TRANSIENT_SESSION else "bearer"
    if domain not in MOBILITY:
        return "other"
    if cause == _ESM_FAILED:
        return "bearer" if esm_cause is None else reject_class("esm", esm_cause)
    return next((name for numbers, name in _CLASSES if cause in numbers), "other")


def _without_finding(facts: Facts) -> Verdict:
    healthy = _is_healthy(facts)
    tested = not isinstance(facts.hosts, Absent)
    return Verdict(
        cause=IS_HEALTHY if healthy else NO_RULE,
        rule=None,
        confidence=(HIGH if tested else MEDIUM) if healthy else LOW,
        reject_class="none" if healthy else _class_behind((), facts),
        findings=(),
        excluded=(),
        not_excluded=(),
        not_tested=_not_tested(facts),
        needs_backend=not healthy,
        stop_retrying=False,
        advice=HEALTHY if healthy else UNDETERMINED,
    )


def _is_healthy(facts: Facts) -> bool:
    """Registered for data and nothing refused; a bearer, proved by EPS itself or by a context."""
    if not facts.usable or not facts.registered_for_data or isinstance(facts.causes, Absent):
        return False
    hosts = () if isinstance(facts.hosts, Absent) else facts.hosts
    bearer = facts.context_active is True or bool(hosts) or _attached_with_bearer(facts)
    unwilling = True in {facts.activation_refused, facts.activation_silent}
    refused = unwilling or bool(facts.session_refusals)
    silent = not all(each.answered for each in hosts)
    sms_failed = not isinstance(facts.sms_refused, Absent) and facts.sms_refused != 0
    return bearer and not (refused or silent or sms_failed)


def _attached_with_bearer(facts: Facts) -> bool:
    """EPS attaches with a default bearer (3GPP TS 23.401 clause 5.3.2, unread)."""
    return facts.stat("eps") in {1, 5, 9, 10}


def _class_behind(because: Found, facts: Facts) -> str:
    """The class of the cause that decided; else of the first that the network gives at all."""
    paths = [evidence.path for evidence in because]
    known = () if isinstance(facts.causes, Absent) else facts.causes
    deciding = [cause for path in paths for cause in known if cause.path == path]
    standing = [*facts.refusals, *facts.session_refusals, *facts.unnamed_refusals]
    chosen: Cause | None = next(iter(deciding or standing), None)
    if chosen is None:
        return "none"
    esm = next((c.number for c in facts.session_refusals if c.domain != "sm"), None)
    return reject_class(chosen.domain, chosen.number, esm)


def _not_tested(facts: Facts) -> tuple[str, ...]:
    """The layers that nothing is known about.

    The bearer of a modem that is not registered counts as tested: its attachment tells.
    """
    seen = facts.usable and bool(facts.stats()) and not isinstance(facts.causes, Absent)
    bearer = bool(
        not facts.registered_for_data
        or facts.context_active is True
        or facts.session_refusals
        or not isinstance(facts.activation_refused, Absent)
    )
    tested = {
        "L0": not isinstance(facts.answers, Absent),
        "L1": not isinstance(facts.sim_state, Absent),
        "L2": seen,
        "L3": seen,
        "L4": seen and bearer,
        "L5": not isinstance(facts.hosts, Absent),
        "L6": not (isinstance(facts.sms_refused, Absent) and isinstance(facts.sms_came, Absent)),
    }
    return tuple(layer for layer in LAYERS if not tested[layer])
