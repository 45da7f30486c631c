"""The steps of a release at the modem: contexts, their definitions, credentials, its own habits.

One request, one action on one step, in the thread that owns the port. Before anything is changed
the card is looked at: another one than the release is about is not touched, nor what is set up for
it. What a modem has no known command for is `not_available`, never guessed.
"""

from collections.abc import Callable
from typing import Any, Final

from agent.i18n.said import Said, say
from agent.modem_session import ModemSession
from agent.release.auto_connect import AUTO_CONNECT
from agent.release.contexts_down import CONTEXTS_DOWN
from agent.release.credentials import APN_CREDENTIALS
from agent.release.definitions import CONTEXT_DEFINITIONS
from agent.release.device_locks import DEVICE_LOCKS
from agent.release.dialogue import Dialogue, ModemStep
from agent.release.results import REFUSED, StepResult

Json = dict[str, Any]
Work = Callable[[ModemSession], Json]

STEPS: Final[dict[str, ModemStep]] = {
    "auto_connect": AUTO_CONNECT,
    "contexts_down": CONTEXTS_DOWN,
    "apn_credentials": APN_CREDENTIALS,
    "context_definitions": CONTEXT_DEFINITIONS,
    "device_locks": DEVICE_LOCKS,
}
_SIM: Final = frozenset({"sim"})


def release_work(request: Json) -> Work | None:
    """The work of a request `release`; None for a step or an action that nobody knows."""
    step, action = request.get("step"), request.get("action")
    if step not in STEPS or action not in {"plan", "prepare", "do", "undo", "prove"}:
        return None
    prepared = request.get("prepared")
    if action == "undo" and not isinstance(prepared, dict):
        return None
    iccid = str(request.get("iccid", ""))
    return lambda session: _work(Dialogue(session), str(step), str(action), prepared, iccid)


def _work(talk: "Dialogue", name: str, action: str, prepared: Any, iccid: str) -> Json:
    step = STEPS[name]
    match action:
        case "plan":
            return step.plan(talk).to_json()
        case "prepare":
            return step.prepare(talk)
        case "prove":
            return step.prove(talk).to_json()
    other = _other_card(talk.session, iccid)
    if other is not None:
        return StepResult(REFUSED, (other,)).to_json()
    return (step.do(talk) if action == "do" else step.undo(talk, prepared)).to_json()


def _other_card(session: ModemSession, iccid: str) -> Said | None:
    """Why nothing may be changed: another card is in the modem. No card at all is no reason."""
    sim = session.snapshot(_SIM).modem.sim
    known = None if sim is None else sim.iccid.known
    if known is None or known.value == iccid:
        return None
    return say("another card is in the modem")
