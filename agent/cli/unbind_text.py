"""An unbinding on a screen: where the card stands, the steps, what comes next."""

import re
from typing import Any, Final

from agent.cli.check_text import COLUMNS, GATE_NAMES, RESULTS, deadline_lines
from agent.cli.table import columns, paint, printable, wrapped
from agent.i18n import language, mark, t
from agent.release.table import BY_ID
from agent.unbind.machine import CLOSE_PAIRING
from agent.unbind.story import ACTS
from sim.identifiers import mask

Json = dict[str, Any]

STATES: Final = {
    "not_begun": mark("not begun"),
    "opened": mark("begun"),
    "gates_passed": mark("the gates before the release are open"),
    "baseline_taken": mark("what works is taken down"),
    "backed_up": mark("personal data is settled"),
    "evidence_signed": mark("the evidence is signed"),
    "handed_over": mark("the evidence is handed over"),
    "releasing": mark("the release is under way"),
    "released": mark("released, not read back yet"),
    "release_proved": mark("the release is proved"),
    "closing_signed": mark("the closing record is signed"),
    "closing_handed": mark("the closing record is handed over"),
    "waiting_carrier_unbind": mark("waits for the carrier to release its binding"),
    "ready_to_cancel": mark("ready for the carrier's work order"),
    "cancelled": mark("ended, says the platform"),
    "verified": mark("the card is really gone"),
    "closed": mark("closed"),
    "statement_written": mark("the statement is written"),
    "aborting": mark("is being taken back"),
    "aborted": mark("taken back"),
    "stopped": mark("STOPPED"),
}
_MARKS: Final = {
    "would": mark("would"),
    "would_do": mark("would"),
    "open": mark("still open"),
    "begun": mark("begun"),
    "done": mark("is done"),
    "nothing_to_do": mark("nothing to do"),
    "not_available": mark("not present here"),
    "needs_human": mark("not touched"),
    "refused": mark("REFUSED"),
    "declined": mark("not wanted"),
    "acked": mark("acknowledged"),
    "file": mark("on your medium"),
    "qr": mark("as QR codes"),
    "waiting": mark("waits"),
    "undo_done": mark("put back"),
    "undo_nothing_to_do": mark("put back"),
    "undo_not_available": mark("not present here"),
    "undo_refused": mark("NOT PUT BACK"),
}
_GOOD: Final = frozenset({"done", "acked", "file", "qr", "nothing_to_do", "undo_done"})
_BAD: Final = frozenset({"refused", "undo_refused"})
_STANDS: Final = frozenset({"ready_to_cancel", "cancelled", "verified", "closed"})
_DOCUMENTS: Final = {
    "before_release": mark("Evidence before the release"),
    "closing": mark("Closing record"),
    "conclusion": mark("Conclusion"),
    "taken_back": mark("Record of taking it back"),
}
_PROGRESS: Final = {
    "release.": mark("release: {what}"),
    "undo.": mark("put back: {what}"),
}
_CANNOT: Final = mark("cannot be undone")
_CUTS: Final = mark("cuts this card's data")
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z.])[0-9A-F]{14,22}(?![0-9A-Za-z.])")


def render(document: Json, *, full: bool = False) -> str:
    """The whole text, at most 80 columns, without a newline at the end."""
    state = document["state"]
    heading = t(STATES[state])
    if document["dry_run"]:
        heading = t("Dry run; the card: {state}", state=heading)
    colour = "good" if state in _STANDS else "bad" if state == "stopped" else "strong"
    lines = [paint(heading, colour)]
    rows = [(t("Card"), document["iccid"] or t("not read"))]
    rows += [(t("Work order"), document["order_id"])] if document["order_id"] else []
    title = document["platform_title"]
    rows += [(t("Platform"), title[language()])] if title is not None else []
    lines += columns(rows, limit=COLUMNS)
    lines += _gates(document["gates"])
    lines += ["", paint(t("Steps"), "strong")]
    for step in document["steps"]:
        lines += _step(step)
    lines += _evidence(document["evidence"])
    if document["last_known"] is not None:
        lines += _text(t("Known last"), document["last_known"]["text"][language()])
    for each in document["warnings"]:
        lines += _text(t("Note"), each[language()])
    lines += deadline_lines(document["deadlines"])
    if document["next"][language()]:
        lines += _text(t("Next"), document["next"][language()])
    if state == "ready_to_cancel":
        lines += ["", paint(t("A reason is asked for; one of these"), "strong")]
        for each in document["reasons"]:
            lines += _wrapped(each[language()], 2)
    text = "\n".join(lines)
    return text if full else _NUMBER.sub(lambda found: mask(found[0], 6, 4), text)


def _gates(gates: list[Json]) -> list[str]:
    """Those that are not open; the rest is a number."""
    shut = [each for each in gates if each["result"] not in {"pass", "not_applicable"}]
    count = t("{open} of {all} gates are open", open=len(gates) - len(shut), all=len(gates))
    lines = ["", paint(count, "strong")]
    for each in shut:
        name, result = t(GATE_NAMES[each["id"]]), t(RESULTS[each["result"]])
        lines += _wrapped(t("{what}: {result}", what=name, result=result), 2)
        lines += _wrapped(each["said"][language()], 4)
        lines += _wrapped(t("do: {what}", what=each["advice"][language()]), 4)
    return lines


def _step(step: Json) -> list[str]:
    result, lang = step["result"], language()
    colour = "good" if result in _GOOD else "bad" if result in _BAD else "faint"
    word = paint(t(str(_MARKS.get(result, result))), colour)
    indent = 4 if step["id"].startswith("release.") else 2
    text = t("{what}: {result}", what=printable(step["what"][lang]), result=word)
    lines = [f"{' ' * indent}{line}" for line in wrapped(text, COLUMNS - indent)]
    notes = [] if step["because"] is None else [step["because"][lang]]
    notes += [t(_CUTS)] if step.get("cuts_uplink") and result in {"would_do", "would"} else []
    notes += [t(_CANNOT)] if step["undo"] == "impossible" and result == "would_do" else []
    for note in notes:
        lines += _wrapped(note, 6)
    return lines


def _evidence(evidence: Json) -> list[str]:
    lines: list[str] = []
    for name, title in _DOCUMENTS.items():
        kept = evidence.get(name)
        if kept is not None:
            how = t(_MARKS.get(kept["handed_over"], kept["handed_over"]))
            lines += _wrapped(t("{what}: {result}", what=t(title), result=how), 2)
            lines += _wrapped(kept["file"], 4)
            lines += [f"    SHA-256 {kept['sha256'][:32]}", f"            {kept['sha256'][32:]}"]
    return ["", *lines] if lines else []


def _text(heading: str, text: str) -> list[str]:
    return ["", paint(heading, "strong"), *_wrapped(text, 2)]


def _wrapped(text: str, indent: int) -> list[str]:
    return [f"{' ' * indent}{line}" for line in wrapped(printable(text), COLUMNS - indent)]


def progress_text(act: str) -> str | None:
    """What is being done, in a line; None for what takes no time."""
    if act in ACTS:
        return t(ACTS[act][0])
    for kind, text in _PROGRESS.items():
        if act.startswith(kind):
            name = act.removeprefix(kind)
            title = BY_ID[name].title if name in BY_ID else ACTS[CLOSE_PAIRING][0]
            return t(str(text), what=t(str(title)))
    return None
