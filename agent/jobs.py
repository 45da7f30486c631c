"""What threads hand to each other."""

from dataclasses import dataclass
from typing import Any

from agent.report import Stamp
from agent.snapshot import GatewaySnapshot
from agent.usage.sources import NOTHING_OUTSIDE, Outside


@dataclass(frozen=True)
class Sample:
    """One snapshot on its way to the store.

    `stamp` is its beginning, `done_up_s` its end (0: not known); `restarted`: the modem said since
    the sample before that it starts; `echoes`: it echoes commands. `outside`: what counts beside
    the modem.
    """

    slot: int
    snapshot: GatewaySnapshot
    stamp: Stamp
    full: bool
    done_up_s: float = 0.0
    restarted: bool = False
    echoes: bool = False
    outside: Outside = NOTHING_OUTSIDE


@dataclass(frozen=True)
class Happened:
    """Something that is no difference between samples: an event's code and args."""

    code: str
    args: dict[str, Any]
    stamp: Stamp


class Stop:
    """Ends the thread."""
