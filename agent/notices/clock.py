"""When the wall clock jumped against the time since boot, and how often that is said. Pure.

A jump is told of against what was *said* last: a clock that jumps and comes back in between is not
said, one that stays where it jumped to is said as soon as there is room.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

Json = dict[str, Any]

CODE: Final = "clock_stepped"
STEP_S: Final = 10.0
"""A jump from here on; who only drifts, or is led back slowly, does not jump."""
DRIFT: Final = 0.001
"""Of the time that passed: a clock is slewed by half of it at most (adjtimex(2): 500 ppm)."""
PAUSE_S: Final = 3_600.0
A_DAY: Final = 4
_DAY_S: Final = 86_400.0


class Moment(NamedTuple):
    """Both clocks at once, and whether the wall clock is known to be right."""

    boot: int
    up_s: float
    wall: datetime
    synchronized: bool

    @property
    def offset_s(self) -> float:
        """When this boot began, by the wall clock; seconds since 1970."""
        return self.wall.timestamp() - self.up_s


class Told(NamedTuple):
    """What later looks are compared with: the offset that was said, or crept to, last.

    `at`: `up_s` of the jumps that were said of late; `seen_s`: the offset at the latest look.
    """

    boot: int
    offset_s: float
    up_s: float
    synchronized: bool
    seen_s: float
    at: tuple[float, ...] = ()
    left_out: int = 0

    def to_json(self) -> Json:
        """For the store."""
        return {**self._asdict(), "at": list(self.at)}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "Told":
        """Back from the store."""
        return cls(**{**facts, "at": tuple(facts["at"])})


def look(before: Told | None, now: Moment) -> tuple[Json | None, Told]:
    """The event's args where a jump is to be said, and what is to be remembered."""
    base = Told(now.boot, now.offset_s, now.up_s, now.synchronized, now.offset_s)
    # A boot counter that was lost may count from one again: time since boot tells.
    if before is None or before.boot != now.boot or now.up_s < before.up_s:
        return None, base
    by_s = now.offset_s - before.offset_s
    least_s = max(STEP_S, DRIFT * (now.up_s - before.up_s))
    at = tuple(at for at in before.at if now.up_s - at < _DAY_S)
    left_out = before.left_out + (abs(now.offset_s - before.seen_s) >= least_s)
    if abs(by_s) < least_s:
        # What crept is the base now: slow hands never add up to a jump.
        return None, base._replace(at=at, left_out=left_out)
    if len(at) >= A_DAY or (at and now.up_s - at[-1] < PAUSE_S):
        return None, before._replace(at=at, left_out=left_out, seen_s=now.offset_s)
    args: Json = {
        "by_s": round(abs(by_s), 1),
        "direction": "forward" if by_s > 0 else "back",
        "synchronized": now.synchronized,
    }
    if now.synchronized and not before.synchronized:
        args["first_sync"] = True
    if before.left_out:
        args["left_out"] = before.left_out
    return args, base._replace(at=(*at, now.up_s))
