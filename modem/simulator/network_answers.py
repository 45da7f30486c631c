"""Answers about the network: registration, operator, signal."""

from modem.simulator.network import CAMPED_STATS, Cell
from modem.simulator.profile import DOMAIN_COMMANDS
from modem.simulator.registration import DomainState
from modem.simulator.request import Request
from modem.simulator.settling import settle
from modem.simulator.state import NO_NETWORK, WRONG_PARAMETERS, Answerer, ModemState, Refused
from modem.simulator.values import signal_values

DOMAIN_OF = {command: domain for domain, command in DOMAIN_COMMANDS.items()}
_WITH_CAUSE = frozenset({3, 5})
_MODES = {0: "automatic", 1: "manual", 2: "off"}
_MODE_NUMBERS = {word: number for number, word in _MODES.items()}
_LONG, _SHORT, _NUMERIC = 0, 1, 2
_SHORT_NAME = 8


def registration_fields(
    domain: str, state: DomainState, form: int, *, always_placed: bool = False
) -> str:
    """The fields after `<n>` in the form that `form` (the `<n>` set) asks for.

    `always_placed`: area and cell are told also while the modem is denied.
    """
    fields = [str(state.stat)]
    camped = state.stat in CAMPED_STATS
    caused = form in _WITH_CAUSE and state.cause is not None and not camped
    placed = camped or (caused and always_placed)
    if form >= 2:
        area = [f'"{state.area}"', f'"{state.ci}"'] if placed else ["", ""]
        act = ["" if state.act is None or not placed else str(state.act)]
        extra = [f'"{state.rac}"' if placed else ""] if domain == "ps" and state.rac else []
        if domain == "nr5g":
            extra = ["", ""]
        located = area + act + extra
        if caused:
            fields += [*located, str(state.cause_type), str(state.cause)]
        elif camped:
            fields += located
            while fields[-1] == "":
                fields.pop()
    return ",".join(fields)


def registration_line(state: ModemState, domain: str, form: int) -> str:
    """What follows the colon of an unsolicited +CxREG."""
    placed = state.profile.style.place_when_denied
    return registration_fields(domain, state.domain(domain), form, always_placed=placed)


def _registration_read(state: ModemState, request: Request) -> list[str]:
    domain = DOMAIN_OF[request.name]
    form = state.settings.reports[domain]
    return [f"{request.name}: {form},{registration_line(state, domain, form)}"]


def _registration_set(state: ModemState, request: Request) -> list[str]:
    domain = DOMAIN_OF[request.name]
    form = request.number(0, 0)
    if form is None or form > state.profile.registration[domain].max_n:
        raise Refused(WRONG_PARAMETERS)
    state.settings.reports[domain] = form
    return []


def _registration_test(state: ModemState, request: Request) -> list[str]:
    return [f"{request.name}: (0-{state.profile.registration[DOMAIN_OF[request.name]].max_n})"]


def _operator_read(state: ModemState, _: Request) -> list[str]:
    mode = _MODE_NUMBERS[state.registrar.selection]
    if not state.camped:
        return [f"+COPS: {mode}"]
    style = state.settings.operator_format
    network = state.network
    names = {
        _LONG: state.written(network.name),
        _SHORT: state.written(network.name[:_SHORT_NAME]),
        _NUMERIC: network.plmn,
    }
    act = "" if state.act is None else f",{state.act}"
    return [f'+COPS: {mode},{style},"{names[style]}"{act}']


def _operator_set(state: ModemState, request: Request) -> list[str]:
    mode, style = request.number(0), request.number(1, state.settings.operator_format)
    if mode not in {0, 1, 2, 3, 4} or style not in {_LONG, _SHORT, _NUMERIC}:
        raise Refused(WRONG_PARAMETERS)
    if mode == 3:
        state.settings.operator_format = style
    elif mode in {1, 4}:
        _select(state, request, style, falls_back=mode == 4)
    else:
        state.registrar.select(_MODES[mode], state.surroundings)
        settle(state)
    return []


def _select(state: ModemState, request: Request, style: int, *, falls_back: bool) -> None:
    """A network by name or number; one that is not there leaves the modem without any."""
    wanted = request.args[2] if len(request.args) > 2 else ""
    if not wanted:
        raise Refused(WRONG_PARAMETERS)
    if style != _NUMERIC:
        wanted = state.read_text(wanted)
    network = state.network
    there = wanted in {network.plmn, network.name, network.name[:_SHORT_NAME]}
    if not there and not falls_back:
        state.registrar.select("off", state.surroundings)
        settle(state)
        raise Refused(NO_NETWORK)
    state.registrar.select("manual" if there else "automatic", state.surroundings)
    settle(state)
    if there and not state.camped:
        raise Refused(NO_NETWORK)


def _operator_test(state: ModemState, _: Request) -> list[str]:
    if not state.radio:
        raise Refused(NO_NETWORK)
    cells = "".join(f"{_cell(state, cell)}," for cell in state.network.found())
    return [f"+COPS: {cells},(0,1,2,3,4),(0-2)"]


def _cell(state: ModemState, cell: Cell) -> str:
    long, short = state.written(cell.name), state.written(cell.short_name)
    return f'({cell.stat},"{long}","{short}","{cell.plmn}",{cell.act})'


def _signal(state: ModemState, _: Request) -> list[str]:
    if not _hears(state) or state.profile.style.csq_unknown:
        return ["+CSQ: 99,99"]
    values = signal_values(state.signal)
    return [f"+CSQ: {values['csq']},{values['ber']}"]


def _signal_extended(state: ModemState, _: Request) -> list[str]:
    if not _hears(state):
        return ["+CESQ: 99,99,255,255,255,255"]
    values = signal_values(state.signal)
    return [f"+CESQ: 99,99,255,255,{values['rsrq_n']},{values['rsrp_n']}"]


def _hears(state: ModemState) -> bool:
    return state.radio and state.network.coverage


NETWORK_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+COPS", "read"): _operator_read,
    ("+COPS", "set"): _operator_set,
    ("+COPS", "test"): _operator_test,
    ("+CSQ", "execute"): _signal,
    ("+CESQ", "execute"): _signal_extended,
    **{(name, "read"): _registration_read for name in DOMAIN_OF},
    **{(name, "set"): _registration_set for name in DOMAIN_OF},
    **{(name, "test"): _registration_test for name in DOMAIN_OF},
}
