"""The definitions of the card's contexts in the modem, removed and written back."""

from typing import Any

from agent.i18n.said import say
from agent.release import contexts
from agent.release.dialogue import Dialogue, ModemStep, listed
from agent.release.results import NOT_AVAILABLE, NOTHING_TO_DO, WOULD_DO, Planned, Proof, StepResult
from modem.commands.context_setup import ContextRow, DefineContext, ReadContextRows

Json = dict[str, Any]


def _rows(talk: Dialogue) -> tuple[ContextRow, ...]:
    return talk.ask(ReadContextRows()) or ()


def _plan_definitions(talk: Dialogue) -> Planned:
    rows = talk.ask(ReadContextRows())
    if rows is None:
        why = say("the modem does not say which contexts are defined")
        return Planned("context_definitions", NOT_AVAILABLE, why=(why,))
    ours = contexts.of_the_card(rows)
    left = [row.cid for row in rows if row not in ours]
    why_ = (
        (
            say(
                "contexts {cids} stay: of the modem or the network, not of the card",
                cids=listed(left),
            ),
        )
        if left
        else ()
    )
    if not ours:
        return Planned("context_definitions", NOTHING_TO_DO, (), why_)
    what = tuple(
        say("the definition of context {cid} is removed (APN {apn})", cid=row.cid, apn=row.apn)
        for row in ours
    )
    return Planned("context_definitions", WOULD_DO, what, why_, cuts_uplink=True)


def _prepare_definitions(talk: Dialogue) -> Json:
    ours = contexts.of_the_card(_rows(talk))
    return {"rows": [[row.cid, list(row.fields)] for row in ours]}


def _remove_definitions(talk: Dialogue) -> StepResult:
    rows = talk.ask(ReadContextRows())
    if rows is None:
        return StepResult(
            NOT_AVAILABLE, (say("the modem does not say which contexts are defined"),)
        )
    for row in contexts.of_the_card(rows):
        talk.tell(DefineContext(row.cid))
    # Some contexts cannot be taken away (the one of the attachment): their APN can.
    for row in contexts.of_the_card(_rows(talk) if talk.commands else ()):
        talk.insist(DefineContext(row.cid, (row.pdp_type, "")))
    for row in contexts.of_the_card(_rows(talk) if talk.commands else ()):
        talk.because.append(say("context {cid} keeps its APN {apn}", cid=row.cid, apn=row.apn))
    return talk.result()


def _undo_definitions(talk: Dialogue, prepared: Json) -> StepResult:
    wanted = [contexts.row_of(each) for each in prepared["rows"]]
    for form in (contexts.short, contexts.whole):
        for row in contexts.missing(wanted, _rows(talk)):
            talk.tell(DefineContext(row.cid, form(row)))
    for row in contexts.missing(wanted, _rows(talk)):
        talk.because.append(
            say("context {cid} is not defined as before (APN {apn})", cid=row.cid, apn=row.apn)
        )
    return talk.result()


def _prove_definitions(talk: Dialogue) -> Proof:
    rows = talk.ask(ReadContextRows())
    if rows is None:
        return Proof(None, {"contexts_with_apn": None}, available=False)
    ours = contexts.of_the_card(rows)
    return Proof(not ours, {"contexts_with_apn": [row.cid for row in ours]})


CONTEXT_DEFINITIONS = ModemStep(
    _plan_definitions,
    _prepare_definitions,
    _remove_definitions,
    _undo_definitions,
    _prove_definitions,
)
