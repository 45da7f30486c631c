"""Answers about packets: attachment, contexts, their addresses, and what was refused."""

from modem.simulator.causes import cme_of_session
from modem.simulator.profile import Context
from modem.simulator.request import Request
from modem.simulator.sessions import SessionRefused, redefined
from modem.simulator.settling import note_session_refusal, settle
from modem.simulator.state import (
    DATA_REFUSED,
    NOT_ALLOWED,
    WRONG_PARAMETERS,
    Answerer,
    ModemState,
    Refused,
)

_TYPES = ("IP", "IPV6", "IPV4V6", "PPP")
_NO_ADDRESS = "0.0.0.0"  # noqa: S104
_HIGHEST_CID = 16


def _attach_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CGATT: {int(state.data_service)}"]


def _attach_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0)
    if wanted not in {0, 1}:
        raise Refused(WRONG_PARAMETERS)
    served = state.data_service
    if served != bool(wanted):
        state.registrar.attach(bool(wanted), state.now)
        settle(state)
    if wanted and not state.data_service:
        raise Refused(DATA_REFUSED)
    if served and not wanted:
        state.tell_packet_event("ME DETACH")
    return []


def _contexts_read(state: ModemState, _: Request) -> list[str]:
    lines = []
    for context in state.sessions.contexts.values():
        address = next(iter(_session_addresses(state, context)), _NO_ADDRESS)
        tail = state.profile.style.context_tail.replace("{address}", address)
        line = f'+CGDCONT: {context.cid},"{context.pdp_type}","{context.apn}",{tail}'
        lines.append(line.rstrip(","))
    return lines


def _contexts_set(state: ModemState, request: Request) -> list[str]:
    cid = request.number(0)
    if cid is None or cid > _HIGHEST_CID:
        raise Refused(WRONG_PARAMETERS)
    if len(request.args) == 1:
        state.sessions.define(cid, None)
        return []
    pdp_type = request.args[1].upper()
    if pdp_type not in _TYPES:
        raise Refused(WRONG_PARAMETERS)
    apn = request.args[2] if len(request.args) > 2 else ""
    state.sessions.define(cid, redefined(state.sessions.contexts.get(cid), pdp_type, apn, cid))
    return []


def _contexts_test(_state: ModemState, _: Request) -> list[str]:
    return [f'+CGDCONT: (1-{_HIGHEST_CID}),"{name}",,,(0-2),(0-4)' for name in _TYPES]


def _active_read(state: ModemState, _: Request) -> list[str]:
    return [
        f"+CGACT: {context.cid},{int(state.is_active(context))}"
        for context in state.sessions.contexts.values()
    ]


def _active_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0)
    cids = [request.number(at) for at in range(1, len(request.args))]
    if wanted not in {0, 1} or None in cids:
        raise Refused(WRONG_PARAMETERS)
    chosen = [cid for cid in cids if cid is not None] or sorted(state.sessions.contexts)
    for cid in chosen:
        if wanted:
            _start(state, cid)
        else:
            _stop(state, cid)
    return []


def _start(state: ModemState, cid: int) -> None:
    if cid not in state.sessions.contexts:
        raise Refused(WRONG_PARAMETERS)
    if not state.data_service:
        raise Refused(DATA_REFUSED)
    if state.sessions.session(cid) is not None:
        return
    try:
        session = state.sessions.start(cid, state.network)
    except SessionRefused as refusal:
        note_session_refusal(state, cid, refusal.cause)
        raise _session_error(state, refusal.cause) from refusal
    reason = "" if session.narrowed is None else f",{session.narrowed}"
    state.tell_packet_event(f"ME PDN ACT {cid}{reason}")


def _session_error(state: ModemState, cause: int) -> Refused:
    form = state.profile.style.session_error
    if form == "cause":
        return Refused(cme_of_session(cause))
    if form.startswith("cme:"):
        return Refused(int(form.removeprefix("cme:")))
    return Refused(final=form)


def _stop(state: ModemState, cid: int) -> None:
    if cid not in state.sessions.contexts:
        raise Refused(WRONG_PARAMETERS)
    if state.sessions.stop(cid):
        state.usage.end_session()
        state.tell_packet_event(f"ME PDN DEACT {cid}")


def _data(state: ModemState, request: Request) -> list[str]:
    """AT+CGDATA: there is nobody to speak PPP with behind this modem, so no call comes about."""
    del state, request
    raise Refused(final="NO CARRIER")


def _addresses(state: ModemState, request: Request) -> list[str]:
    chosen = _chosen(request)
    lines = []
    for context in state.sessions.contexts.values():
        if chosen is None or context.cid in chosen:
            session = state.sessions.session(context.cid)
            shown = () if session is None else session.addresses
            lines.append(",".join([f"+CGPADDR: {context.cid}", *(f'"{a}"' for a in shown)]))
    return lines


def _addresses_test(state: ModemState, _: Request) -> list[str]:
    return [f"+CGPADDR: ({','.join(str(cid) for cid in state.sessions.contexts)})"]


def _dynamic_parameters(state: ModemState, request: Request) -> list[str]:
    chosen = _chosen(request)
    return [
        f'+CGCONTRDP: {context.cid},5,"{context.apn}","{address}"'
        for context in _active(state)
        if chosen is None or context.cid in chosen
        for address in _session_addresses(state, context)
    ]


def _dynamic_test(state: ModemState, _: Request) -> list[str]:
    return [f"+CGCONTRDP: ({','.join(str(context.cid) for context in _active(state))})"]


def _active(state: ModemState) -> list[Context]:
    return [context for context in state.sessions.contexts.values() if state.is_active(context)]


def _session_addresses(state: ModemState, context: Context) -> tuple[str, ...]:
    session = state.sessions.session(context.cid)
    return () if session is None else session.addresses


def _chosen(request: Request) -> set[int | None] | None:
    if request.kind != "set":
        return None
    return {request.number(at) for at in range(len(request.args))}


def _last_error(state: ModemState, _: Request) -> list[str]:
    return [f"+CEER: {state.last_error or state.profile.style.no_error_text}"]


def _events_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CGEREP: {2 * state.settings.packet_events},0"]


def _events_set(state: ModemState, request: Request) -> list[str]:
    mode = request.number(0, 0)
    if mode not in {0, 1, 2}:
        raise Refused(WRONG_PARAMETERS)
    state.settings.packet_events = mode > 0
    return []


def _events_test(state: ModemState, request: Request) -> list[str]:
    del state, request
    return ["+CGEREP: (0-2),(0,1)"]


def _network_errors_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CNEC: {state.settings.network_errors}"]


def _network_errors_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0, 0)
    if wanted is None or wanted > 127:
        raise Refused(WRONG_PARAMETERS)
    state.settings.network_errors = wanted
    return []


def _class(_: ModemState, request: Request) -> list[str]:
    if request.kind == "set" and request.args != ("A",):
        raise Refused(NOT_ALLOWED)
    return ['+CGCLASS: "A"'] if request.kind == "read" else []


PACKET_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+CGATT", "read"): _attach_read,
    ("+CGATT", "set"): _attach_set,
    ("+CGDCONT", "read"): _contexts_read,
    ("+CGDCONT", "set"): _contexts_set,
    ("+CGDCONT", "test"): _contexts_test,
    ("+CGACT", "read"): _active_read,
    ("+CGACT", "set"): _active_set,
    ("+CGDATA", "set"): _data,
    ("+CGPADDR", "execute"): _addresses,
    ("+CGPADDR", "set"): _addresses,
    ("+CGPADDR", "test"): _addresses_test,
    ("+CGCONTRDP", "execute"): _dynamic_parameters,
    ("+CGCONTRDP", "set"): _dynamic_parameters,
    ("+CGCONTRDP", "test"): _dynamic_test,
    ("+CEER", "execute"): _last_error,
    ("+CGEREP", "read"): _events_read,
    ("+CGEREP", "set"): _events_set,
    ("+CGEREP", "test"): _events_test,
    ("+CGCLASS", "read"): _class,
    ("+CGCLASS", "set"): _class,
}
"""Every modem has these, if its profile does not say otherwise."""

NETWORK_ERROR_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+CNEC", "read"): _network_errors_read,
    ("+CNEC", "set"): _network_errors_set,
}
"""Newer than most firmware: a profile names them in `also`."""
