"""A verification for people: the verdict, each service before and now, what was excluded."""

import re
from typing import Any, Final

from agent.cli.diagnose_text import AGES
from agent.cli.table import columns, paint, printable, wrapped
from agent.i18n import language, mark, reason_text, t
from agent.unbind.words import CARD_STATES
from agent.verification.words import EXCLUSION_NAMES, SERVICE_NAMES, STATE_NAMES
from sim.identifiers import mask

Json = dict[str, Any]

COLUMNS: Final = 80

VERDICTS: Final = {
    "confirmed": mark("Confirmed: the platform says so, and the device agrees"),
    "consistent": mark("consistent with cancelled; confirm on the platform"),
    "contradicted": mark("CONTRADICTED: a service still works"),
    "inconclusive": mark("Inconclusive: something else may be the reason"),
    "not_testable": mark("Not testable here"),
}
HELD: Final = {True: mark("excluded"), False: mark("NOT EXCLUDED"), None: mark("not known")}
_COLOURS: Final = {True: "good", False: "bad", None: "strong"}
_GOOD: Final = frozenset({"confirmed", "consistent"})
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z.])[0-9A-F]{14,22}(?![0-9A-Za-z.])")


def render(document: Json, *, full: bool = False) -> str:
    """The whole text, at most 80 columns, without a newline at the end."""
    verdict = document["verdict"]
    lines = [paint(t(VERDICTS[verdict]), "good" if verdict in _GOOD else "bad")]
    lines += columns([(label, printable(text)) for label, text in _rows(document)], limit=COLUMNS)
    lines += ["", paint(t("Services (before the release, now)"), "strong")]
    services = document["services"].items()
    lines += columns([(t(SERVICE_NAMES[n]), _service(each)) for n, each in services], limit=COLUMNS)
    lines += ["", paint(t("What else it could be"), "strong")]
    for each in document["exclusions"]:
        lines += _exclusion(each)
    for each in document["warnings"]:
        lines += ["", *wrapped(each[language()], COLUMNS)]
    lines += ["", paint(t("What to do"), "strong")]
    lines += [f"  {line}" for line in wrapped(document["advice"][language()], COLUMNS - 2)]
    text = "\n".join(lines)
    return text if full else _NUMBER.sub(lambda found: mask(found[0], 6, 4), text)


def _rows(document: Json) -> list[tuple[str, str]]:
    rows = [(t("Card"), document["iccid"] or t("not read"))]
    rows += [(t("Work order"), document["order_id"])] if document["order_id"] else []
    if document["verdict"] == "not_testable":
        rows.append((t("Because"), t("; ").join(map(_because, document["because"]))))
    platform = document["platform"]
    if platform is not None:
        state = t(CARD_STATES[platform["state"] or "unknown"])
        age = t(_AGES[platform["age"]])
        name = platform["name"] or t("not named")
        rows.append((t("Platform"), t("{name}: {state} ({age})", name=name, state=state, age=age)))
    cycle = document["radio_cycle"]
    if cycle["done"]:
        rows.append((t("Radio cycle"), t("done once")))
    elif cycle["reason"]:
        rows.append(
            (t("Radio cycle"), t("not done: {reason}", reason=reason_text(cycle["reason"])))
        )
    if document["next_check_at"]:
        at = document["next_check_at"][:16].replace("T", " ")
        rows.append((t("Next look (UTC)"), at))
    return rows


_AGES: Final = {
    "fresh": mark("of the last 24 h"),
    "old": mark("too old to rely on"),
    "unknown": AGES["unknown"],
    None: mark("of another card, not used"),
}


def _service(each: Json) -> str:
    before, now = t(STATE_NAMES[each["baseline"]]), t(STATE_NAMES[each["now"]])
    because = t("; ").join(map(_because, each["because"]))
    text = t("{before} -> {now}", before=before, now=now)
    return printable(t("{text} ({because})", text=text, because=because) if because else text)


def _exclusion(each: Json) -> list[str]:
    held = each["held"]
    name, word = t(EXCLUSION_NAMES[each["id"]]), paint(t(HELD[held]), _COLOURS[held])
    text = t("{place}: {reason}", place=name, reason=word)
    lines = [f"  {line}" for line in wrapped(text, COLUMNS - 2)]
    if held is not True:
        because = printable(t("; ").join(map(_because, each["because"])))
        lines += [f"    {line}" for line in wrapped(because, COLUMNS - 4)] if because else []
    return lines


def _because(text: str) -> str:
    """A reason in words; a path with its value, or the modem's own words, as they are."""
    place, colon, reason = text.partition(": ")
    return f"{place}: {reason_text(reason)}" if colon else reason_text(text)
