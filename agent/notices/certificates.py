"""When a certificate of the uplink is said to end: 30, 14, 7 and 1 day before, and after. Pure.

Of a file with several the one that ends first is spoken of; those that ended already only where
none is left that counts: old roots stay in such files for years.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from agent.clock import iso

Json = dict[str, Any]

CODE: Final = "certificate_expires"
DAYS: Final = (30, 14, 7, 1)
EXPIRED: Final = 0


class Said(NamedTuple):
    """What was said of a file last: of the certificate that ends then, the nearest threshold."""

    not_after: str
    days: int

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "Said":
        """Back from the store."""
        return cls(**facts)


def look(key: str, ends: Iterable[datetime], before: Said | None, now: datetime) -> Json | None:
    """The event's args where something is to be said; `ends`: of each certificate in the file.

    Only the nearest threshold: who was off for a month is not told four things at once.
    """
    known = sorted(ends)
    end = next((each for each in known if each > now), known[-1] if known else None)
    if end is None:
        return None
    left = end - now
    passed = [days for days in DAYS if left.total_seconds() <= days * 86_400]
    if not passed:
        return None
    days = EXPIRED if now >= end else min(passed)
    if before is not None and before.not_after == iso(end) and before.days <= days:
        return None
    args: Json = {"key": key, "not_after": iso(end), "days": max(left.days, 0), "threshold": days}
    return {**args, "expired": True} if days == EXPIRED else args


def said(args: Mapping[str, Any]) -> Said:
    """What is to be remembered of an event's args."""
    return Said(args["not_after"], args["threshold"])
