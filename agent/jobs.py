"""What threads hand to each other."""

from dataclasses import dataclass
from typing import Any

from agent.report import Stamp
from agent.snapshot import GatewaySnapshot


@dataclass(frozen=True)
class Sample:
    """One snapshot on its way to the store."""

    slot: int
    snapshot: GatewaySnapshot
    stamp: Stamp
    full: bool


@dataclass(frozen=True)
class Happened:
    """Something that is no difference between samples: an event's code and args."""

    code: str
    args: dict[str, Any]
    stamp: Stamp


class Stop:
    """Ends the thread."""
