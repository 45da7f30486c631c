"""When something happened, for a message: taken at the moment itself, not when it is stored."""

from agent.clock import clock_synchronized, iso, now, up_s
from agent.report import Stamp


def stamp_now(boot: int) -> Stamp:
    """This moment of this boot; UTC only where the clock is known to be right."""
    return Stamp(boot, up_s(), iso(now()) if clock_synchronized() else None)
