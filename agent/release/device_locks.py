"""Device locks: they belong to the modem or its seller. Read and reported, never touched."""

from typing import Final

from agent.i18n.said import say
from agent.release.dialogue import Dialogue, ModemStep
from agent.release.results import NOTHING_TO_DO, Planned, Proof, StepResult
from modem.commands.locks import ReadFacilityLock

LOCKS: Final = ("PS", "PF", "PN", "PU", "PP", "PC")


def _locks(talk: Dialogue) -> dict[str, bool | None]:
    return {name.lower(): talk.ask(ReadFacilityLock(name)) for name in LOCKS}


def _plan_locks(talk: Dialogue) -> Planned:
    on = [name.upper() for name, locked in _locks(talk).items() if locked]
    if not on:
        return Planned("device_locks", NOTHING_TO_DO)
    why = say("device locks are on and stay: {locks}", locks=", ".join(on))
    return Planned("device_locks", NOTHING_TO_DO, why=(why,))


def _report_locks(talk: Dialogue) -> StepResult:
    return StepResult(NOTHING_TO_DO, _plan_locks(talk).why)


DEVICE_LOCKS = ModemStep(
    _plan_locks,
    lambda _: {},
    _report_locks,
    lambda *_: StepResult(NOTHING_TO_DO),
    lambda talk: Proof(True, {"device_locks": _locks(talk)}),  # they stop nothing
)
