"""A card's files as text for people: names and words of the field, identifiers masked."""

import re
from typing import Any

from agent.cli.table import columns, paint, printable
from agent.i18n import language, mark, reason_text, t
from sim.identifiers import mask

Json = dict[str, Any]

# Members of a file's value that name a subscriber: characters kept at the front and at the end.
_MASKS = {"iccid": (6, 4), "imsi": (5, 2), "number": (4, 2), "address": (4, 2), "pdu": (0, 0)}
_LABELS = {
    "iccid": "ICCID",
    "imsi": "IMSI",
    "ms_operation_mode": mark("mode of operation"),
    "mnc_length": mark("digits of the MNC"),
    "spn": mark("name"),
    "hide_in_oplmn": mark("name hidden in other networks"),
    "show_in_hplmn": mark("network's name shown at home"),
    "alpha": mark("name"),
    "number": mark("number"),
    "ton_npi": mark("type of number"),
    "tmsi": "TMSI",
    "ptmsi": "P-TMSI",
    "ptmsi_signature": mark("P-TMSI signature"),
    "guti": "GUTI",
    "lai": mark("location area"),
    "rai": mark("routing area"),
    "tai": mark("tracking area"),
    "status": mark("status"),
    "plmns": mark("forbidden networks"),
    "entries": mark("networks"),
    "classes": mark("access classes"),
    "services": mark("services"),
    "aid": "AID",
    "label": mark("label"),
    "languages": mark("languages"),
    "rules": mark("rules"),
    "access": mark("access"),
    "condition": mark("condition"),
    "pdu": "PDU",
    "address": mark("number"),
    "text": mark("text"),
    "smsc": mark("SMS centre"),
    "hex": mark("content"),
    "full_name": mark("full name"),
    "short_name": mark("short name"),
    "mcc": "MCC",
    "mnc": "MNC",
    "lac": "LAC",
    "rac": "RAC",
    "tac": "TAC",
    "lac_min": mark("first LAC"),
    "lac_max": mark("last LAC"),
    "pnn_record": mark("record of EF.PNN"),
    "interval_minutes": mark("minutes between searches"),
}
_WORDS = {
    "updated": mark("updated"),
    "not_updated": mark("not updated"),
    "plmn_not_allowed": mark("network not allowed"),
    "location_area_not_allowed": mark("location area not allowed"),
    "routing_area_not_allowed": mark("routing area not allowed"),
    "roaming_not_allowed": mark("roaming not allowed"),
    "reserved": mark("reserved value"),
    "normal": mark("normal"),
    "normal_and_specific_facilities": mark("normal, specific facilities"),
    "maintenance_off_line": mark("maintenance, off line"),
    "cell_test": mark("cell test"),
    "type_approval": mark("type approval"),
    "type_approval_and_specific_facilities": mark("type approval, specific facilities"),
    "free": mark("free"),
    "received_read": mark("received, read"),
    "received_unread": mark("received, unread"),
    "stored_sent": mark("stored, sent"),
    "stored_unsent": mark("stored, not sent"),
}
_IN_WORDS = {"status", "ms_operation_mode"}
_COMPLAINT = re.compile(r"(?P<file>\S+): offset (?P<offset>[0-9]+): (?P<reason>.+)", re.DOTALL)


def render_value(name: str, fid: str, value: Json, *, full: bool) -> str:
    """One decoded file or record."""
    return "\n".join([paint(f"{name} ({fid})", "strong"), *columns(_rows(value, full=full))])


def render_card(document: Json, *, full: bool) -> str:
    """All files of a card, each with its content or with why there is none."""
    lines = [t("card read by {transport}", transport=document["transport"])]
    unknown: dict[str, list[str]] = {}
    for file in document["files"]:
        if file["absent"] is not None and file["error"] is None:
            unknown.setdefault(file["absent"], []).append(file["file"])
            continue
        lines.append(paint(file["path"], "strong"))
        lines += _file(file, full=full)
    for reason, names in unknown.items():
        lines.append(paint(t("unknown ({reason})", reason=reason_text(reason)), "strong"))
        lines += columns([(t("card files"), " ".join(names))])
    return "\n".join(lines)


def _file(file: Json, *, full: bool) -> list[str]:
    if file["absent"] is not None:
        return columns([(t("content"), _why_not(file, full=full))])
    if file["value"] is not None:
        return columns(_rows(file["value"], full=full))
    if not file["records"]:
        return columns([(t("content"), t("empty"))])
    lines: list[str] = []
    for record in file["records"]:
        lines.append("  " + t("record {number}", number=record["record"]))
        if record["value"] is None:
            rows = [(t("content"), _why_not(record, full=full))]
        else:
            rows = _rows(record["value"], full=full)
        lines += columns(rows, indent="    ")
    return lines


def _why_not(part: Json, *, full: bool) -> str:
    """The reason; for bytes that do not decode, where they stop to make sense (`full`: them)."""
    reason = reason_text(part["absent"])
    complaint = _COMPLAINT.fullmatch(part["error"] or "")
    if complaint is not None:
        where = {**complaint.groupdict(), "reason": reason_text(complaint["reason"])}
        reason = t("{file}: offset {offset}: {reason}", **where)
    text = paint(t("unknown ({reason})", reason=reason), "faint")
    return f"{text} {part['raw']}" if full and part.get("raw") else text


def _rows(value: Json, *, full: bool) -> list[tuple[str, str]]:
    return [
        (t(_LABELS.get(name, name)), _shown(name, member, full=full))
        for name, member in value.items()
        if name != "empty"  # the members say so
    ]


def _shown(name: str, member: Any, *, full: bool) -> str:
    if isinstance(member, dict):
        return _together(member, full=full)
    if isinstance(member, list):
        comma = "\N{IDEOGRAPHIC COMMA}" if language() == "zh" else ", "
        return comma.join(_shown(name, each, full=full) for each in member) or t("none")
    if member is None or isinstance(member, bool):
        return t({None: "not set", True: "yes", False: "no"}[member])
    if name in _IN_WORDS:
        return t(_WORDS.get(member, member))
    text = printable(str(member))
    return mask(text, *_MASKS[name]) if name in _MASKS and not full else text


def _together(members: Json, *, full: bool) -> str:
    """A network as one number, and what more is known of it."""
    rest = dict(members)
    words = []
    if "mcc" in rest and "mnc" in rest:
        network = [rest.pop("mcc"), rest.pop("mnc")]
        words.append(" ".join(network) if None not in network else t("not set"))
    words += [
        f"{t(_LABELS.get(name, name))} {_shown(name, member, full=full)}"
        for name, member in rest.items()
        if member not in (None, [])
    ]
    return " ".join(words)
