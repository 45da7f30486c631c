"""The door to a release: what each step would do, do it, undo it, read it back.

`plan`, `prepare` and `prove` change nothing. `prepare` comes before `do`, and what it gives is
kept before anything is done: it is all that `undo` has. It may hold passwords (of APNs): it belongs
into a journal that only its owner may read, and nowhere else.

Each may be done again: after a kill between any two of them, `do` goes on, and `undo` undoes what
was done so far. Errors of the way to the modem (`ModemError`, `AgentError`) are the caller's.
"""

from typing import Any, Protocol

from agent.release.modem_manager import ModemManagerSide
from agent.release.modem_side import ModemSide
from agent.release.network_manager import NetworkManagerSide
from agent.release.ppp import PppSide
from agent.release.results import Planned, Proof, StepResult
from agent.release.table import MODEM, MODEMMANAGER, NETWORKMANAGER, PPP, STEPS, Step
from agent.release.world import World

Json = dict[str, Any]

__all__ = ["STEPS", "Planned", "Proof", "Step", "StepResult", "World", "do", "plan", "prepare",
           "prove", "undo"]  # fmt: skip


class Side(Protocol):
    """A place where steps act."""

    def plan(self, step: Step, world: World) -> Planned:
        """What the step would do."""
        ...

    def prepare(self, step: Step, world: World) -> Json:
        """What an undo needs."""
        ...

    def do(self, step: Step, world: World, prepared: Json) -> StepResult:
        """Release."""
        ...

    def undo(self, step: Step, prepared: Json, world: World) -> StepResult:
        """Put back what `prepare` found."""
        ...

    def prove(self, step: Step, world: World) -> Proof:
        """Read back."""
        ...


_SIDES: dict[str, Side] = {
    MODEM: ModemSide(),
    NETWORKMANAGER: NetworkManagerSide(),
    MODEMMANAGER: ModemManagerSide(),
    PPP: PppSide(),
}


def plan(world: World, steps: tuple[Step, ...] = STEPS) -> tuple[Planned, ...]:
    """What each step would do, in order. Reads alone."""
    return tuple(_SIDES[step.where].plan(step, world) for step in steps)


def prepare(step: Step, world: World) -> Json:
    """What `undo` needs. Reads alone; its result holds secrets (see above)."""
    return _SIDES[step.where].prepare(step, world)


def do(step: Step, world: World, prepared: Json | None = None) -> StepResult:
    """Release; where that was done before there is nothing to do.

    `prepared` is what `prepare` gave: what came since, and is not in it, is not removed. Without it
    things are prepared now, and what they were is lost: for a caller that will not undo.
    """
    kept = prepare(step, world) if prepared is None else prepared
    return _SIDES[step.where].do(step, world, kept)


def undo(step: Step, prepared: Json, world: World) -> StepResult:
    """Put back what `prepared` says; what stands there already is left as it is."""
    return _SIDES[step.where].undo(step, prepared, world)


def prove(step: Step, world: World) -> Proof:
    """Whether it is released, read back now."""
    return _SIDES[step.where].prove(step, world)
