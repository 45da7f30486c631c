"""The gates on a screen: verdict, each gate with its reason, what to do, warnings, deadlines."""

import re
from typing import Any, Final

from agent.cli.table import columns, paint, printable, wrapped
from agent.i18n import language, mark, t
from sim.identifiers import mask

Json = dict[str, Any]

COLUMNS: Final = 80

GATE_NAMES: Final = {
    "identity": mark("the right card"),
    "device_health": mark("device"),
    "card_state": mark("card state"),
    "arrears": mark("arrears"),
    "auto_renew": mark("automatic renewal"),
    "own_uplink": mark("own uplink"),
    "dependencies": mark("dependencies"),
    "balance": mark("balance"),
    "documents": mark("papers"),
    "risk": mark("review by hand"),
    "irreversibility": mark("no way back"),
    "backup": mark("backup"),
    "personal_data": mark("personal data"),
    "release_proved": mark("release"),
    "binding": mark("device-card binding"),
    "certificate": mark("the carrier's certificate"),
    "verify_after": mark("looks after the cancellation"),
    "asset_unlink": mark("own asset register"),
}
RESULTS: Final = {
    "pass": mark("passes"),
    "fail": mark("SHUT"),
    "needs_human": mark("asks you"),
    "needs_backend": mark("asks the platform"),
    "not_applicable": mark("does not apply"),
    "unknown": mark("not known"),
}
_COLOURS: Final = {"pass": "good", "fail": "bad", "not_applicable": "faint"}
_PHASES: Final = {
    "before_release": mark("Before the release"),
    "before_cancel": mark("Before the carrier's work order"),
}
_VERDICTS: Final = {
    "ready": mark("Ready for the carrier's work order"),
    "blocked": mark("Not ready: a gate is shut"),
    "incomplete": mark("Not ready: something is still to be answered"),
}
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z.])[0-9A-F]{14,22}(?![0-9A-Za-z.])")


def render(document: Json, *, full: bool = False) -> str:
    """The whole text, at most 80 columns, without a newline at the end."""
    good = document["verdict"] == "ready"
    lines = [paint(t(_VERDICTS[document["verdict"]]), "good" if good else "bad")]
    release = t("yes") if document["ready_to_release"] else t("no")
    rows = [(t("Card"), document["iccid"] or t("not read"))]
    rows += [(t("Work order"), document["order_id"])] if document["order_id"] else []
    rows.append((t("Ready to release"), release))
    lines += columns(rows, limit=COLUMNS)
    for phase, name in _PHASES.items():
        lines += ["", paint(t(name), "strong")]
        lines += _gates([each for each in document["gates"] if each["phase"] == phase])
    lines += _list(t("To be known"), [each[language()] for each in document["warnings"]])
    lines += deadline_lines(document["deadlines"])
    text = "\n".join(lines)
    return text if full else _NUMBER.sub(lambda found: mask(found[0], 6, 4), text)


def _gates(gates: list[Json]) -> list[str]:
    lines = []
    for each in gates:
        result = t(RESULTS[each["result"]])
        said = printable(each["said"][language()])
        painted = paint(result, _COLOURS.get(each["result"], "strong"))
        label = t("{gate}: {result}", gate=t(GATE_NAMES[each["id"]]), result=painted)
        lines.append(f"  {label}")
        lines += [f"    {line}" for line in wrapped(said, COLUMNS - 4)]
        if each["result"] not in {"pass", "not_applicable"}:
            do = t("do: {what}", what=each["advice"][language()])
            lines += [f"    {line}" for line in wrapped(printable(do), COLUMNS - 4)]
    return lines


def _list(heading: str, texts: list[str]) -> list[str]:
    if not texts:
        return []
    lines = ["", paint(heading, "strong")]
    for text in texts:
        lines += [f"  {line}" for line in wrapped(printable(text), COLUMNS - 2)]
    return lines


def deadline_lines(deadlines: list[Json]) -> list[str]:
    """What is due, under its heading; nothing where nothing is."""
    if not deadlines:
        return []
    unset = t("no date yet")
    rows = [
        ((each["due_at"] or unset)[:16].replace("T", " "), each["why"][language()])
        for each in deadlines
    ]
    return ["", paint(t("Deadlines (UTC)"), "strong"), *columns(rows, limit=COLUMNS)]


def render_questions(document: Json) -> str:
    """The open questions, each with its id, why it is asked, and what may be answered."""
    if not document["questions"]:
        return t("no question is open")
    lines: list[str] = []
    for each in document["questions"]:
        lines += ["", paint(each["id"], "strong")]
        texts = [each["text"][language()], t("Why: {why}", why=each["why"][language()])]
        texts.append(t("Not sure: {help}", help=each["unsure"][language()]))
        if each["choices"]:
            choices = [f"{value} ({text[language()]})" for value, text in each["choices"].items()]
            texts.append(t("Answers: {choices}", choices=t(", ").join(choices)))
        for text in texts:
            lines += [f"  {line}" for line in wrapped(text, COLUMNS - 2)]
    return "\n".join(lines[1:])
