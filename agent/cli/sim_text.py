"""A card's files as text for people: names and words of the field, identifiers masked."""

import re
from typing import Any

from agent.cli.access_text import condition_text
from agent.cli.card_words import IN_WORDS, LABELS, MASKS, UNMASKED, WORDS
from agent.cli.table import columns, paint, printable
from agent.i18n import language, reason_text, t
from sim.identifiers import mask

Json = dict[str, Any]

_PIECE = 64  # hexadecimal digits on a line
_HEXADECIMAL = frozenset({"hex", "pdu", "key"})
_COMPLAINT = re.compile(r"(?P<file>\S+): offset (?P<offset>[0-9]+): (?P<reason>.+)", re.DOTALL)


def render_value(name: str, fid: str | None, value: Json, *, full: bool) -> str:
    """One decoded file or record."""
    heading = name if fid is None else f"{name} ({fid})"
    return "\n".join([paint(heading, "strong"), *columns(rows(name, value, full=full))])


def render_card(document: Json, *, full: bool) -> str:
    """All files of a card, each with its content or with why there is none."""
    lines = heading(document)
    unknown: dict[str, list[str]] = {}
    for file in document["files"]:
        if file["absent"] is not None and file["error"] is None:
            unknown.setdefault(missing(file), []).append(file["file"])
            continue
        lines.append(paint(file["path"], "strong"))
        lines += _file(file, full=full)
    for reason, names in unknown.items():
        lines.append(paint(t("unknown ({reason})", reason=reason), "strong"))
        lines += columns([(t("card files"), " ".join(names))])
    return "\n".join(lines)


def heading(document: Json) -> list[str]:
    """By which way the card was read, and what it says of its PIN."""
    lines = [t("card read by {transport}", transport=document["transport"])]
    pin1 = document["pin1"]
    if pin1 is None or pin1["enabled"] is None:
        return lines
    state = t("asked for") if pin1["enabled"] else t("not asked for")
    if pin1["retries"] is not None:
        state = t("{state}; tries left: {tries}", state=state, tries=pin1["retries"])
    return lines + columns([("PIN1", state)])


def _file(file: Json, *, full: bool) -> list[str]:
    if file["absent"] is not None:
        return columns([(t("content"), why_not(file, full=full))])
    if file["value"] is not None:
        return columns(rows(file["file"], file["value"], full=full))
    if not file["records"]:
        return columns([(t("content"), t("empty"))])
    lines: list[str] = []
    for record in file["records"]:
        lines.append("  " + t("record {number}", number=record["record"]))
        if record["value"] is None:
            shown = [(t("content"), why_not(record, full=full))]
        else:
            shown = rows(file["file"], record["value"], full=full)
        lines += columns(shown, indent="    ")
    return lines


def missing(file: Json) -> str:
    """Why nothing of a file was read: the right that is missing, where the card names it."""
    if file["asks_for"] is not None:
        return t("asks for {right}", right=condition_text(file["asks_for"]))
    return reason_text(file["absent"])


def in_lines(raw: str) -> str:
    """Hexadecimal in pieces that fit a line, where it is longer than one."""
    return " ".join(raw[at : at + _PIECE] for at in range(0, len(raw), _PIECE))


def why_not(part: Json, *, full: bool) -> str:
    """The reason; for bytes that do not decode, where they stop to make sense (`full`: them)."""
    reason = reason_text(part["absent"])
    complaint = _COMPLAINT.fullmatch(part["error"] or "")
    if complaint is not None:
        where = {**complaint.groupdict(), "reason": reason_text(complaint["reason"])}
        reason = t("{file}: offset {offset}: {reason}", **where)
    text = paint(t("unknown ({reason})", reason=reason), "faint")
    return f"{text} {in_lines(part['raw'])}" if full and part.get("raw") else text


def rows(file: str, value: Json, *, full: bool) -> list[tuple[str, str]]:
    """Label and text of each member of a file's value."""
    return [
        (t(LABELS.get(name, name)), _Shown(file, full=full).member(name, member))
        for name, member in value.items()
        if name != "empty"  # the members say so
    ]


def comma() -> str:
    """What stands between the members of a list."""
    return "\N{IDEOGRAPHIC COMMA}" if language() == "zh" else ", "


def _semicolon() -> str:
    return "\N{FULLWIDTH SEMICOLON}" if language() == "zh" else "; "


class _Shown:
    """The members of one file's value as text."""

    def __init__(self, file: str, *, full: bool) -> None:
        self._file = file
        self._full = full

    def member(self, name: str, member: Any) -> str:
        if isinstance(member, dict):
            return self._together(member)
        if isinstance(member, list):
            between = _semicolon() if name == "rules" else comma()
            return between.join(self._each(name, each) for each in member) or t("none")
        if member is None or isinstance(member, bool):
            return t({None: "not set", True: "yes", False: "no"}[member])
        if name == "condition":
            return condition_text(member)
        if name in IN_WORDS:
            return t(WORDS.get(member, member))
        text = printable(str(member))
        hidden = isinstance(member, str) and name in MASKS and (self._file, name) not in UNMASKED
        if hidden and not self._full:
            text = mask(text, *MASKS[name])
        return in_lines(text) if name in _HEXADECIMAL else text

    def _each(self, name: str, each: Any) -> str:
        if name == "services":
            return self._service(each)
        if name == "ranges":
            return f"{each[0]}-{each[1]}"
        if name == "rules":
            access = comma().join(self.member("access", word) for word in each["access"])
            return f"{access} {condition_text(each['condition'])}"
        return self.member(name, each)

    def _service(self, number: int) -> str:
        """The number and what it stands for."""
        from sim.files.service_names import SERVICE_NAMES

        name = SERVICE_NAMES.get(self._file, {}).get(number)
        return str(number) if name is None else f"{number} {t(name)}"

    def _together(self, members: Json) -> str:
        """A network as one number, and what more is known of it."""
        rest = dict(members)
        words = []
        if "mcc" in rest and "mnc" in rest:
            network = [rest.pop("mcc"), rest.pop("mnc")]
            words.append(" ".join(network) if None not in network else t("not set"))
        words += [
            f"{t(LABELS.get(name, name))} {self.member(name, member)}"
            for name, member in rest.items()
            if member not in (None, [])
        ]
        return " ".join(words)
