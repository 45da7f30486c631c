"""Deadlines as a calendar file (iCalendar, RFC 5545, unread). Pure.

Plain text rather than a package: one component of a fixed shape, with one alarm.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from agent.i18n import t
from agent.unbind.deadlines import Deadline

_FOLD: Final = 73  # of the 75 octets of a line; the blank of a folded one counts


def calendar_of(deadlines: Iterable[Deadline], about: str, now: datetime, *, uid: str) -> str:
    """The file's text, in the language spoken; deadlines without a date are left out.

    `about` is put in front of each summary; `uid` makes the events' names unique and lasting, so
    that a calendar takes a newer file for the same events.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//simward//deadlines//EN",
        "CALSCALE:GREGORIAN",
    ]
    for each in deadlines:
        if each.due_at is not None:
            lines += _event(each.id, each.due_at, f"{about}: {each.why.in_words()}", now, uid)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(name: str, due_at: datetime, summary: str, now: datetime, uid: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{name}-{uid}@simward",
        f"DTSTAMP:{_time(now)}",
        f"DTSTART:{_time(due_at)}",
        f"SUMMARY:{_escaped(summary)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(t('due in one day'))}",
        "TRIGGER:-P1D",
        "END:VALARM",
        "END:VEVENT",
    ]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Lines of at most 75 octets, a blank in front of all but the first; no character is cut."""
    parts, part = [], ""
    for char in line:
        if len((part + char).encode()) > _FOLD:
            parts.append(part)
            part = ""
        part += char
    parts.append(part)
    return [parts[0], *(f" {each}" for each in parts[1:])]
