"""Signed evidence, for people: what it is, what it says, what it does not attest."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from agent.cli.certificate_file import Examined, problem_text
from agent.cli.table import columns, paint, printable, wrapped
from agent.i18n import language, mark, t
from cloud_bridge.certificate import Evidence
from sim.identifiers import mask

_COLUMNS: Final = 80
# A number of bytes is nobody's number.
_IDENTIFIER: Final = re.compile(
    r'(?<![0-9A-Za-z])(?<!bytes: )(?<!bytes": )[+]?[0-9][0-9A-Fa-f]{6,}(?![0-9A-Za-z])'
)
_PHONE_DIGITS: Final = 13
_PERSONS: Final = ("by",)

KINDS: Final = {
    "bind": mark("pairing at installation"),
    "unbind": mark("before release"),
    "closing": mark("closing record of the release"),
    "verification": mark("verification afterwards"),
}
_WHAT: Final = {
    "read": mark("read"),
    "answered": mark("answer"),
    "gate": mark("gate"),
    "done": mark("done"),
}
_LABELS: Final = {
    "path": mark("item"),
    "question": mark("question"),
    "gate": mark("gate"),
    "step": mark("step"),
    "value": mark("value"),
    "result": mark("result"),
    "source": mark("source"),
    "by": mark("by"),
    "reason": mark("reason"),
    "note": mark("note"),
    "command": mark("command"),
}
_OF_ITS_OWN: Final = ("what", "at", "up_s")


def verdict_text(examined: Examined) -> str:
    """What `certificate verify` found."""
    evidence, problem = examined.evidence, examined.problem
    lines = _verdict(examined)
    if evidence is not None and problem is None:
        lines += _head(evidence, full=False)
        lines += _not_attested(evidence.head)
    return "\n".join(lines)


def evidence_text(examined: Examined, evidence: Evidence, *, full: bool) -> str:
    """All that it says."""
    lines = [*_verdict(examined), *_head(evidence, full=full)]
    lines.append(paint(t("Entries"), "strong"))
    for entry in evidence.entries:
        lines += _entry(entry.n, entry.body, full=full)
    return "\n".join([*lines, *_not_attested(evidence.head)])


def verdict_words(examined: Examined) -> str:
    """Whether it holds, and what that says: a sentence."""
    if examined.problem is not None:
        return t("Does not verify: {problem}", problem=problem_text(examined.problem))
    if examined.key_file is not None:
        return t(
            "Verified: unchanged since it was signed with the key in {file}",
            file=printable(examined.key_file),
        )
    return t(
        "Integrity only: unchanged since it was signed. Who signed is not shown: compare the key"
        " with one obtained elsewhere (--key FILE)"
    )


def _verdict(examined: Examined) -> list[str]:
    lines = wrapped(verdict_words(examined), _COLUMNS)
    if examined.problem is not None:
        return [paint(line, "bad") for line in lines]
    return lines if examined.key_file is None else [paint(line, "good") for line in lines]


def _head(evidence: Evidence, *, full: bool) -> list[str]:
    return columns(head_rows(evidence, full=full), limit=_COLUMNS)


def head_rows(evidence: Evidence, *, full: bool) -> list[tuple[str, str]]:
    """What it is about, with its key: labels and texts."""
    head = evidence.head
    clock = t("clock synchronised") if head["clock_synchronized"] else t("clock not synchronised")
    origin = t("store {store}, boot {boot}", store=head["store"], boot=head["boot"])
    rows = [
        (t("about"), t(KINDS[head["kind"]])),
        (t("gateway"), t("{text} ({more})", text=head["gw"], more=origin)),
        (t("order"), head["order_id"]),
        ("ICCID", head["iccid"]),
        ("IMEI", head["imei"]),
        (t("made"), t("{text} ({more})", text=head["made_at"], more=clock)),
        (t("software"), head["software"]),
        (t("entries"), str(head["entries"])),
        (t("public key"), evidence.public_key),  # compared digit by digit: never masked
    ]
    known = [(label, shown(text, full=full)) for label, text in rows[2:5] if text is not None]
    rows = [*rows[:2], *known, *rows[5:]]
    return [(label, printable(text)) for label, text in rows]


def _entry(number: int, body: Mapping[str, Any], *, full: bool) -> list[str]:
    what = printable(t(_WHAT.get(body["what"], body["what"])))
    when = body["at"] or t("{seconds} s after boot, no clock", seconds=body["up_s"])
    rows = [
        (printable(t(_LABELS.get(name, name))), member_text(name, value, full=full))
        for name, value in sorted(body.items(), key=_place)
        if name not in _OF_ITS_OWN and value is not None
    ]
    return [f"  {number}  {what}  {when}", *columns(rows, indent="     ", limit=_COLUMNS)]


def _place(member: tuple[str, object]) -> int:
    """The members that are known in their order, all others behind them."""
    names = tuple(_LABELS)
    return names.index(member[0]) if member[0] in names else len(names)


def member_text(name: str, value: object, *, full: bool) -> str:
    """A member of a body, for people."""
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if name in _PERSONS and not full:
        return printable(text[:1]) + "***"
    return shown(text, full=full)


def shown(text: str, *, full: bool) -> str:
    """`text` as a screen may show it: what could be a number of card, device or person starred."""
    plain = printable(text)
    return plain if full else _IDENTIFIER.sub(lambda found: _starred(found[0]), plain)


def _starred(number: str) -> str:
    return mask(number, 3, 4) if len(number) <= _PHONE_DIGITS else mask(number, 6, 4)


def _not_attested(head: Mapping[str, Any]) -> list[str]:
    lines = [paint(t("Not attested"), "strong")]
    for point in head["not_attested"]:
        first, *more = wrapped(printable(point[language()]), _COLUMNS - 4)
        lines += [f"  - {first}", *(f"    {line}" for line in more)]
    return lines
