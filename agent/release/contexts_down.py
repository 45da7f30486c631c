"""The modem's packet contexts, taken down and put up again."""

from typing import Any, Final

from agent.binding.hold import hold_data
from agent.diagnosis.attempts import reason_of
from agent.i18n import mark
from agent.i18n.said import say
from agent.release.dialogue import Dialogue, ModemStep, listed
from agent.release.results import DONE, NOTHING_TO_DO, REFUSED, WOULD_DO, Planned, Proof, StepResult
from modem.commands.packet_domain import (
    ReadAttachment,
    ReadContextStates,
    SetAttachment,
    SetContextState,
)
from modem.errors import AtTimeout

Json = dict[str, Any]

SAID_OK: Final = mark("the modem said OK")


def _active(talk: Dialogue) -> list[int] | None:
    states = talk.ask(ReadContextStates())
    return None if states is None else sorted(cid for cid, up in states.items() if up)


def _plan_contexts_down(talk: Dialogue) -> Planned:
    active = _active(talk)
    if active is None:
        what = say(
            "the modem is detached from packet service: it does not say which contexts are up"
        )
        return Planned("contexts_down", WOULD_DO, (what,), cuts_uplink=True)
    if not active:
        return Planned("contexts_down", NOTHING_TO_DO)
    what = say(
        "contexts {cids} are taken down; where one stays up, the modem is detached",
        cids=listed(active),
    )
    return Planned("contexts_down", WOULD_DO, (what,), cuts_uplink=True)


def _prepare_contexts_down(talk: Dialogue) -> Json:
    return {"active": _active(talk), "attached": talk.ask(ReadAttachment())}


def _contexts_down(talk: Dialogue) -> StepResult:
    try:
        done = hold_data(talk.session)
    except AtTimeout as silence:  # what it did until then shows when it is read back
        slow = say("{command}: {reason}", command=silence.command, reason=reason_of(silence))
        return StepResult(REFUSED, (slow,))
    commands = tuple(f"AT+CGACT=0,{cid}" for cid in done.contexts)
    commands += ("AT+CGATT=0",) if done.detached else ()
    if done.left:
        left = say("contexts {cids} stay up", cids=listed(done.left))
        return StepResult(REFUSED, (left,), commands)
    return StepResult(DONE if commands else NOTHING_TO_DO, (), commands)


def _undo_contexts_down(talk: Dialogue, prepared: Json) -> StepResult:
    if prepared["attached"] is True and talk.ask(ReadAttachment()) is not True:
        talk.insist(SetAttachment(attached=True))
    was = prepared["active"] or []
    refused = {}
    for cid in was:
        if cid not in (_active(talk) or ()):
            refused[cid] = talk.tell(SetContextState(cid, active=True))
    up = _active(talk) or ()
    for cid, reason in refused.items():
        if cid not in up:
            talk.because.append(
                say("context {cid} is not up again: {reason}", cid=cid, reason=reason or SAID_OK)
            )
    return talk.result()


def _prove_contexts_down(talk: Dialogue) -> Proof:
    active, attached = _active(talk), talk.ask(ReadAttachment())
    released = not active if active is not None else (True if attached is False else None)
    return Proof(released, {"active_contexts": active, "attached": attached})


CONTEXTS_DOWN = ModemStep(
    _plan_contexts_down,
    _prepare_contexts_down,
    _contexts_down,
    _undo_contexts_down,
    _prove_contexts_down,
)
