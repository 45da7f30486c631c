"""Answers about the network: registration, operator, signal, packet service."""

from modem.simulator.profile import DOMAIN_COMMANDS, Context
from modem.simulator.request import Request
from modem.simulator.state import (
    CAMPED_STATS,
    DATA_REFUSED,
    WRONG_PARAMETERS,
    Answerer,
    DomainState,
    ModemState,
    Refused,
)

DOMAIN_OF = {command: domain for domain, command in DOMAIN_COMMANDS.items()}


def registration_fields(domain: str, state: DomainState, form: int) -> str:
    """The fields after `<n>` in the form that `form` (the `<n>` set) asks for."""
    fields = [str(state.stat)]
    camped = state.stat in CAMPED_STATS
    if form >= 2:
        area = [f'"{state.area}"', f'"{state.ci}"'] if camped else ["", ""]
        act = ["" if state.act is None or not camped else str(state.act)]
        extra = [f'"{state.rac}"' if camped else ""] if domain == "ps" and state.rac else []
        if domain == "nr5g":
            extra = ["", ""]
        located = area + act + extra
        if form in {3, 5} and state.cause is not None and not camped:
            fields += [*located, str(state.cause_type), str(state.cause)]
        elif camped:
            fields += located
            while fields[-1] == "":
                fields.pop()
    return ",".join(fields)


def _registration_read(state: ModemState, request: Request) -> list[str]:
    domain = DOMAIN_OF[request.name]
    form = state.reports[domain]
    return [f"{request.name}: {form},{registration_fields(domain, state.domain(domain), form)}"]


def _registration_set(state: ModemState, request: Request) -> list[str]:
    domain = DOMAIN_OF[request.name]
    form = request.number(0, 0)
    if form is None or form > state.profile.registration[domain].max_n:
        raise Refused(WRONG_PARAMETERS)
    state.reports = {**state.reports, domain: form}
    return []


def _registration_test(state: ModemState, request: Request) -> list[str]:
    return [f"{request.name}: (0-{state.profile.registration[DOMAIN_OF[request.name]].max_n})"]


def _operator_read(state: ModemState, _: Request) -> list[str]:
    operator = state.profile.operator
    if not state.camped:
        return ["+COPS: 0"]
    name = operator.plmn if state.operator_format == 2 else operator.name
    act = "" if state.act is None else f",{state.act}"
    return [f'+COPS: 0,{state.operator_format},"{name}"{act}']


def _operator_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(1, state.operator_format)
    if request.number(0) not in {0, 3} or wanted not in {0, 1, 2}:
        raise Refused(WRONG_PARAMETERS)
    state.operator_format = wanted
    return []


def _operator_test(state: ModemState, _: Request) -> list[str]:
    operator = state.profile.operator
    return [f'+COPS: (2,"{operator.name}","{operator.name}","{operator.plmn}",7),,(0,3),(0-2)']


def _signal(state: ModemState, _: Request) -> list[str]:
    if not state.radio or state.profile.style.csq_unknown:
        return ["+CSQ: 99,99"]
    values = state.values()
    return [f"+CSQ: {values['csq']},{values['ber']}"]


def _signal_extended(state: ModemState, _: Request) -> list[str]:
    if not state.radio:
        return ["+CESQ: 99,99,255,255,255,255"]
    values = state.values()
    return [f"+CESQ: 99,99,255,255,{values['rsrq_n']},{values['rsrp_n']}"]


def _attach_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CGATT: {int(state.data_service)}"]


def _attach_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0)
    if wanted not in {0, 1}:
        raise Refused(WRONG_PARAMETERS)
    state.attached = bool(wanted)
    if wanted and not state.data_service:
        raise Refused(DATA_REFUSED)
    return []


def _contexts_read(state: ModemState, _: Request) -> list[str]:
    tail = state.profile.style.context_tail
    return [
        f'+CGDCONT: {context.cid},"{context.pdp_type}","{context.apn}",{tail}'.rstrip(",")
        for context in state.contexts.values()
    ]


def _contexts_set(state: ModemState, request: Request) -> list[str]:
    cid = request.number(0)
    if cid is None:
        raise Refused(WRONG_PARAMETERS)
    contexts = dict(state.contexts)
    contexts.pop(cid, None)
    if len(request.args) > 1:
        apn = request.args[2] if len(request.args) > 2 else ""
        contexts[cid] = Context(cid, pdp_type=request.args[1], apn=apn)
    state.contexts = dict(sorted(contexts.items()))
    return []


def _active_read(state: ModemState, _: Request) -> list[str]:
    return [
        f"+CGACT: {context.cid},{int(state.is_active(context))}"
        for context in state.contexts.values()
    ]


def _active_set(state: ModemState, request: Request) -> list[str]:
    wanted, cid = request.number(0), request.number(1, 1)
    if wanted not in {0, 1} or cid is None:
        raise Refused(WRONG_PARAMETERS)
    state.activate(cid, bool(wanted))
    return []


def _addresses(state: ModemState, request: Request) -> list[str]:
    chosen = request.number(0) if request.kind == "set" else None
    lines = []
    for context in state.contexts.values():
        if chosen in {None, context.cid}:
            shown = context.addresses if state.is_active(context) else ()
            lines.append(",".join([f"+CGPADDR: {context.cid}", *(f'"{a}"' for a in shown)]))
    return lines


def _dynamic_parameters(state: ModemState, request: Request) -> list[str]:
    chosen = request.number(0) if request.kind == "set" else None
    return [
        f'+CGCONTRDP: {context.cid},5,"{context.apn}","{address}"'
        for context in state.contexts.values()
        if chosen in {None, context.cid} and state.is_active(context)
        for address in context.addresses
    ]


def _last_error(state: ModemState, _: Request) -> list[str]:
    return [f"+CEER: {state.last_error or state.profile.style.no_error_text}"]


NETWORK_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+COPS", "read"): _operator_read,
    ("+COPS", "set"): _operator_set,
    ("+COPS", "test"): _operator_test,
    ("+CSQ", "execute"): _signal,
    ("+CESQ", "execute"): _signal_extended,
    ("+CGATT", "read"): _attach_read,
    ("+CGATT", "set"): _attach_set,
    ("+CGDCONT", "read"): _contexts_read,
    ("+CGDCONT", "set"): _contexts_set,
    ("+CGACT", "read"): _active_read,
    ("+CGACT", "set"): _active_set,
    ("+CGPADDR", "execute"): _addresses,
    ("+CGPADDR", "set"): _addresses,
    ("+CGCONTRDP", "execute"): _dynamic_parameters,
    ("+CGCONTRDP", "set"): _dynamic_parameters,
    ("+CEER", "execute"): _last_error,
    **{(name, "read"): _registration_read for name in DOMAIN_OF},
    **{(name, "set"): _registration_set for name in DOMAIN_OF},
    **{(name, "test"): _registration_test for name in DOMAIN_OF},
}
