"""What the backend stored, one line a message, for people; identifiers masked unless `full`."""

from collections.abc import Mapping
from typing import Any, Final

from agent.binding.words import CHANGED, COSTS, NOT_HELD
from agent.cli.evidence_words import kind_words, verdict_words
from agent.cli.status_text import SIM_STATES
from agent.i18n import language, mark, reason_text, t
from cloud_bridge.backend.consumer import Arrival
from cloud_bridge.backend.judgement import Judgement
from cloud_bridge.events import CATALOGUE, PAIRING_CHANGED
from cloud_bridge.messages import Birth, Event, Evidence, Report, State
from modem.causes import reject_name
from modem.commands.registration import STATES
from sim.identifiers import mask

_DOMAINS: Final = {"eps": "emm", "nr5g": "5gmm", "ps": "gmm", "cs": "mm"}
"""Domains of registration, the telling ones first, and whose cause numbers they speak."""
_SHORT_STATES: Final = {
    "not_registered": mark("not registered"),
    "home": mark("home"),
    "searching": mark("searching"),
    "denied": mark("denied"),
    "unknown": mark("unknown"),
    "roaming": mark("roaming"),
}
_WHY_DROPPED: Final = {
    "bound": mark("no room in the outbox"),
    "gone": mark("no longer in the outbox"),
    "not stored": mark("could not be stored"),
    "refused": mark("the broker refuses evidence"),
}
EVENT: Final = mark("event {seq}  {code}  {args}")
EVIDENCE: Final = mark("evidence {seq}  {kind}  card {card}  {verdict}")
_IDENTIFIERS: Final = ("iccid", "imsi", "imei", "msisdn", "eid")
_MAX_CHARS: Final = 200


def line_of(arrival: Arrival, *, full: bool) -> str:
    """One stored message in one line."""
    match arrival.message:
        case Report() as report:
            text = _report(report)
        case Event() as event:
            details, code = _details(event, full=full), event_code(event.code)
            text = t(EVENT, seq=event.seq, code=code, args=details)
        case Evidence() as evidence:
            text = _evidence(evidence, arrival.found, full=full)
        case State() as state:
            text = _state(state)
        case Birth() as birth:
            text = _birth(birth, full=full)
    again = "" if arrival.new else t("  (again)")
    return f"{arrival.gw}  {text.rstrip()}{again}"


def _evidence(evidence: Evidence, found: Judgement | None, *, full: bool) -> str:
    iccid = None if found is None else found.head.get("iccid")
    card = "?" if iccid is None else _safe(iccid) if full else _masked(_safe(iccid))
    return t(
        EVIDENCE,
        seq=evidence.seq,
        kind=kind_words(evidence.kind),
        card=card,
        verdict="" if found is None else verdict_words(found),
    )


def _report(report: Report) -> str:
    registered = report.reg.model_dump() if report.reg else {}
    parts = [
        f"{name} {_registration(*registered[name])}"
        for name in _DOMAINS
        if registered.get(name) is not None
    ]
    levels = {"rssi": report.rssi, "rsrp": report.rsrp, "rsrq": report.rsrq, "sinr": report.sinr}
    parts += [f"{name} {value:g}" for name, value in levels.items() if value is not None]
    parts += [f"{n} {v}" for n, v in (("tx", report.tx), ("rx", report.rx)) if v is not None]
    parts += [t("counters began anew")] if report.reset else []
    return t(
        "report {seq}  card {state}  {parts}",
        seq=report.seq,
        state=t(SIM_STATES[report.sim_state]),
        parts=", ".join(parts),
    )


def _registration(stat: int | None, cause: int | None) -> str:
    state = STATES[stat] if stat is not None and stat < len(STATES) else "unknown"
    text = t(_SHORT_STATES.get(state, state))
    return text if cause is None else f"{text} {cause}"


def _state(state: State) -> str:
    if state.on:
        return t("online  boot {boot}  {software}", boot=state.boot, software=_safe(state.software))
    return t("offline  boot {boot}  {why}", boot=state.boot, why=reason_text(state.why or ""))


def _birth(birth: Birth, *, full: bool) -> str:
    models = ", ".join(_safe(modem.model or "?") for modem in birth.modems)
    iccids = [card.iccid for card in birth.cards if card.iccid]
    cards = ", ".join(iccids if full else map(_masked, iccids))
    return t("identity  modem {models}  card {cards}", models=models or "?", cards=cards or "?")


# Events


def event_code(code: str) -> str:
    """The code; in Chinese with its name beside it, in English it speaks for itself."""
    name = t(CATALOGUE[code].name)
    return code if language() == "en" else f"{code} {name}"


def _details(event: Event, *, full: bool) -> str:
    """The event's args in words; those that have none stand as `name value`."""
    left = dict(event.args)
    words: list[str] = []
    if isinstance(causes := left.get("denied"), dict):
        del left["denied"]
        words.append(_denied(causes))
    if isinstance(causes := left.get("was_denied"), dict):
        del left["was_denied"]
        words.append(t("was denied: {causes}", causes=_denied(causes)))
    if isinstance(reason := left.get("reason"), str):
        del left["reason"]
        words.append(_safe(reason_text(reason)))
    if event.code == PAIRING_CHANGED:
        words += _pairing(left, full=full)
    if isinstance(left.get("ranges"), list):
        words.append(_dropped(left.pop("count", "?"), left.pop("ranges"), left.pop("why", "")))
    if left.pop("stop_retrying", None) is True:
        words.append(t("retrying does not help"))
    if left.get("slot") == 1:
        del left["slot"]
    words += [f"{_safe(name)} {_shown(name, left[name], full=full)}" for name in left]
    return ", ".join(words)


def _pairing(left: dict[str, Any], *, full: bool) -> list[str]:
    """What changed and what it may cost; takes what it says out of `left`."""
    words, held = [], left.pop("held", None)
    for name in ("entry", "hash"):  # for programs
        left.pop(name, None)
    if isinstance(changed := left.pop("changed", None), list):
        words.append(t("changed: {what}", what=t(", ").join(_in_words(changed, CHANGED))))
    if isinstance(was := left.pop("was", None), dict):
        shown = [f"{_safe(name)} {_shown(name, was[name], full=full)}" for name in was]
        words.append(t("was: {what}", what=" ".join(shown)))
    if isinstance(costs := left.pop("costs", None), list):
        words += _in_words(costs, COSTS)
    if left.pop("stood_before", None) is True:
        words.append(t("the same pairing stood here before"))
    if isinstance(held, bool):
        text = t("data is held") if held else t("data is not held")
        why = NOT_HELD.get(str(left.pop("not_held", None)))
        words.append(text if why is None else f"{text} ({t(why)})")
    if (broken := left.pop("history_broken_at", None)) is not None:
        words.append(t("the pairing history is broken at entry {entry}", entry=_safe(broken)))
    return words


def _in_words(codes: list[Any], words: Mapping[str, str]) -> list[str]:
    return [t(words.get(str(code), _safe(code))) for code in codes]


def _denied(causes: Mapping[str, Any]) -> str:
    """`eps 8 EPS services and non-EPS services not allowed, cs 2 IMSI unknown in HLR`."""
    named = [name for name in _DOMAINS if name in causes]
    named += [name for name in causes if name not in _DOMAINS]
    return ", ".join(_cause(name, causes[name]) for name in named)


def _cause(domain: str, cause: object) -> str:
    if not isinstance(cause, int):
        return f"{_safe(domain)} {t('without a cause')}"
    name = reject_name(_DOMAINS.get(domain, ""), cause)
    return " ".join([_safe(domain), str(cause), *([reason_text(name)] if name else [])])


def _dropped(count: object, ranges: list[Any], why: object) -> str:
    pairs = [f"{pair[0]}-{pair[1]}" for pair in ranges if isinstance(pair, list) and len(pair) == 2]
    return t(
        "{count} rows will never come ({why}): {ranges}",
        count=_safe(count),
        why=t(_WHY_DROPPED.get(str(why), _safe(why))),
        ranges=_safe(", ".join(pairs) or "?"),
    )


def _shown(name: str, value: object, *, full: bool) -> str:
    hidden = not full and isinstance(value, str)
    if hidden and (name == "was" or any(word in name for word in _IDENTIFIERS)):
        return _safe(_masked(str(value)))
    return _safe("?" if value is None else value)


def _masked(text: str) -> str:
    return mask(text, 6, 4)


def _safe(value: object) -> str:
    """`value` as one bounded line: a hostile message must not write to the terminal."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(value))
    return shown[:_MAX_CHARS]
