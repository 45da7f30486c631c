"""simward's own bytes on the air against their bound in a billing cycle. Pure."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from agent.usage.cycle import Cycle

Json = dict[str, Any]

CODE: Final = "budget_near"
PERCENTS: Final = (80, 100)
_PERCENT: Final = 100


class Own(NamedTuple):
    """Our own bytes in the cycle that runs, both directions; the bound and a day, foretold."""

    cycle: Cycle
    used_bytes: int
    bound_bytes: int | None
    day_bytes: int | None

    def to_json(self) -> Json:
        """For `state`; what is not known is left out."""
        facts = {
            "cycle": self.cycle.start.isoformat(),
            "used_bytes": self.used_bytes,
            "bound_bytes": self.bound_bytes,
            "day_bytes": self.day_bytes,
        }
        return {name: value for name, value in facts.items() if value is not None}


class Said(NamedTuple):
    """What was said last: of which cycle and bound, up to which percentage."""

    cycle: str
    bound_bytes: int
    percent: int

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "Said":
        """Back from the store."""
        return cls(**facts)


def look(own: Own, before: Said | None) -> Json | None:
    """The event's args where something is to be said; only the highest that was reached."""
    bound = own.bound_bytes
    if not bound:
        return None
    reached = [each for each in PERCENTS if own.used_bytes * _PERCENT >= bound * each]
    if not reached:
        return None
    cycle, percent = own.cycle.start.isoformat(), max(reached)
    if before is not None and before[:2] == (cycle, bound) and before.percent >= percent:
        return None
    return {
        "cycle": cycle,
        "percent": percent,
        "used_bytes": own.used_bytes,
        "bound_bytes": bound,
    }


def said(args: Mapping[str, Any]) -> Said:
    """What is to be remembered of an event's args."""
    return Said(args["cycle"], args["bound_bytes"], args["percent"])
