"""The steps at the modem, asked of whoever owns its port: the daemon, or a session of our own."""

from typing import Any

from agent.release.results import Planned, Proof, StepResult
from agent.release.table import Step
from agent.release.world import World

Json = dict[str, Any]


class ModemSide:
    """Requests `release`; `agent.release.modem_steps` does them."""

    def plan(self, step: Step, world: World) -> Planned:
        """See `agent.release.steps`."""
        return Planned.from_json(_ask(step, "plan", world))

    def prepare(self, step: Step, world: World) -> Json:
        """See `agent.release.steps`."""
        return _ask(step, "prepare", world)

    def do(self, step: Step, world: World, prepared: Json) -> StepResult:
        """See `agent.release.steps`. What came since `prepare` cannot be told from what was."""
        del prepared
        return StepResult.from_json(_ask(step, "do", world))

    def undo(self, step: Step, prepared: Json, world: World) -> StepResult:
        """See `agent.release.steps`."""
        return StepResult.from_json(_ask(step, "undo", world, prepared=prepared))

    def prove(self, step: Step, world: World) -> Proof:
        """See `agent.release.steps`."""
        return Proof.from_json(_ask(step, "prove", world))


def _ask(step: Step, action: str, world: World, **more: Json) -> Json:
    request = {"ask": "release", "step": step.id, "action": action, "iccid": world.iccid, **more}
    return world.ask(request)
