"""The modem's own habit to connect by itself, where its family has a known command for it."""

from typing import Any

from agent.i18n.said import say
from agent.release.dialogue import Dialogue, ModemStep
from agent.release.results import NOT_AVAILABLE, NOTHING_TO_DO, WOULD_DO, Planned, Proof, StepResult
from modem.vendors.profile import command_class
from sim.reading import Absent

Json = dict[str, Any]


def _plan_auto_connect(talk: Dialogue) -> Planned:
    on = _auto_connect(talk)
    if isinstance(on, Absent):
        return Planned("auto_connect", NOT_AVAILABLE, why=(say(on.reason),))
    if not on:
        return Planned("auto_connect", NOTHING_TO_DO)
    what = say("the modem's automatic connection is switched off (after its next start)")
    return Planned("auto_connect", WOULD_DO, (what,))


def _ladder(talk: Dialogue) -> tuple[str, ...]:
    return talk.session.profile.release.get("auto_connect", ())


def _auto_connect(talk: Dialogue) -> bool | Absent:
    """Whether the modem connects by itself."""
    ladder = _ladder(talk)
    if not ladder:
        return Absent("of this modem no command is known that tells whether it connects by itself")
    told = talk.ask(command_class(ladder[0])())
    return (
        Absent("the modem does not say whether it connects by itself")
        if not isinstance(told, bool)
        else told
    )


def _switch(talk: Dialogue, *, on: bool) -> StepResult:
    now = _auto_connect(talk)
    if isinstance(now, Absent):
        return StepResult(NOT_AVAILABLE, (say(now.reason),))
    if now != on:
        reader: Any = command_class(_ladder(talk)[0])
        talk.insist(reader.writer(on=on))
    return talk.result()


def _prepare_auto_connect(talk: Dialogue) -> Json:
    on = _auto_connect(talk)
    return {"on": None if isinstance(on, Absent) else on}


def _undo_auto_connect(talk: Dialogue, prepared: Json) -> StepResult:
    if prepared["on"] is None:
        return StepResult(NOTHING_TO_DO)
    return _switch(talk, on=prepared["on"])


def _prove_auto_connect(talk: Dialogue) -> Proof:
    on = _auto_connect(talk)
    if isinstance(on, Absent):
        return Proof(None, {"auto_connect": None}, available=bool(_ladder(talk)))
    return Proof(not on, {"auto_connect": on})


AUTO_CONNECT = ModemStep(
    _plan_auto_connect,
    _prepare_auto_connect,
    lambda talk: _switch(talk, on=False),
    _undo_auto_connect,
    _prove_auto_connect,
)
