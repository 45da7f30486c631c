"""Who answers which standard command: the tables of this simulator's own answers.

Shapes are those of 3GPP TS 27.007 (unread) as real modems show them; a profile's `[[answer]]`
tables hold what a vendor does differently.
"""

from modem.simulator.card_answers import CARD_ANSWERS
from modem.simulator.lock_answers import LOCK_ANSWERS
from modem.simulator.message_answers import MESSAGE_ANSWERS
from modem.simulator.network_answers import DOMAIN_OF, NETWORK_ANSWERS
from modem.simulator.packet_answers import NETWORK_ERROR_ANSWERS, PACKET_ANSWERS
from modem.simulator.phone_answers import PHONE_ANSWERS
from modem.simulator.request import Request
from modem.simulator.settling import settle
from modem.simulator.setup_answers import SETUP_ANSWERS
from modem.simulator.state import WRONG_PARAMETERS, Answerer, ModemState, Refused

_CHARSETS = ("GSM", "IRA", "UCS2")


def _identity(field: str) -> Answerer:
    def answer(state: ModemState, request: Request) -> list[str]:
        del request
        return [str(getattr(state.profile.identity, field))]

    return answer


def _functionality_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CFUN: {state.functionality}"]


def _functionality_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0, 1)
    if wanted not in {0, 1, 4}:
        raise Refused(WRONG_PARAMETERS)
    state.functionality = wanted
    settle(state)
    return []


def _errors_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CMEE: {state.settings.cmee}"]


def _errors_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0, 0)
    if wanted not in {0, 1, 2}:
        raise Refused(WRONG_PARAMETERS)
    if not state.profile.style.cmee_fixed:
        state.settings.cmee = wanted
    return []


def _charset_read(state: ModemState, _: Request) -> list[str]:
    return [f'+CSCS: "{state.settings.charset}"']


def _charset_set(state: ModemState, request: Request) -> list[str]:
    if len(request.args) != 1 or request.args[0] not in _CHARSETS:
        raise Refused(WRONG_PARAMETERS)
    state.settings.charset = request.args[0]
    return []


def _clock_read(state: ModemState, _: Request) -> list[str]:
    return [f'+CCLK: "{state.clock.text(state.now)}"']


def _clock_set(state: ModemState, request: Request) -> list[str]:
    if len(request.args) != 1 or not state.clock.set(request.args[0], state.now):
        raise Refused(WRONG_PARAMETERS)
    return []


def _zone_reports_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CTZR: {state.settings.zone_reports}"]


def _zone_reports_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0, 0)
    if wanted not in {0, 1, 2}:
        raise Refused(WRONG_PARAMETERS)
    state.settings.zone_reports = wanted
    return []


def _zone_update_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CTZU: {int(state.settings.takes_network_time)}"]


def _zone_update_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0, 0)
    if wanted not in {0, 1, 3}:
        raise Refused(WRONG_PARAMETERS)
    state.settings.takes_network_time = wanted > 0
    return []


def _says(*lines: str) -> Answerer:
    def answer(state: ModemState, request: Request) -> list[str]:
        del state, request
        return list(lines)

    return answer


# Settings that clients make and that change nothing here.
_TAKEN = ("+CSMP", "+CSMS", "+CGSMS", "+CLIP", "+COLP", "+CRC", "+CCWA", "+CVHU", "+CUSD", "+CSSN",
          "+CMER", "+CSTA", "+CMMS", "+IFC", "+ICF", "+IPR", "+CREC")  # fmt: skip

ANSWERS: dict[tuple[str, str], Answerer] = {
    **NETWORK_ANSWERS,
    **PACKET_ANSWERS,
    **CARD_ANSWERS,
    **LOCK_ANSWERS,
    **MESSAGE_ANSWERS,
    **PHONE_ANSWERS,
    **{(name, "set"): _says() for name in _TAKEN},
    ("+CGMI", "execute"): _identity("manufacturer"),
    ("+CGMM", "execute"): _identity("model"),
    ("+CGMR", "execute"): _identity("revision"),
    ("+CGSN", "execute"): _identity("imei"),
    ("+GMI", "execute"): _identity("manufacturer"),
    ("+GMM", "execute"): _identity("model"),
    ("+GMR", "execute"): _identity("revision"),
    ("+GSN", "execute"): _identity("imei"),
    ("+CFUN", "read"): _functionality_read,
    ("+CFUN", "set"): _functionality_set,
    ("+CFUN", "test"): _says("+CFUN: (0,1,4),(0,1)"),
    ("+CMEE", "read"): _errors_read,
    ("+CMEE", "set"): _errors_set,
    ("+CMEE", "test"): _says("+CMEE: (0,1,2)"),
    ("+CSCS", "read"): _charset_read,
    ("+CSCS", "set"): _charset_set,
    ("+CSCS", "test"): _says(f"+CSCS: ({','.join(chr(34) + c + chr(34) for c in _CHARSETS)})"),
    ("+CCLK", "read"): _clock_read,
    ("+CCLK", "set"): _clock_set,
    ("+CTZR", "read"): _zone_reports_read,
    ("+CTZR", "set"): _zone_reports_set,
    ("+CTZR", "test"): _says("+CTZR: (0-2)"),
    ("+CTZU", "read"): _zone_update_read,
    ("+CTZU", "set"): _zone_update_set,
    ("+CTZU", "test"): _says("+CTZU: (0,1)"),
    ("+CSMS", "read"): _says("+CSMS: 0,1,1,1"),
    ("+CSMS", "test"): _says("+CSMS: (0,1)"),
    ("+CSMP", "read"): _says("+CSMP: 17,167,0,0"),
}


_RARE = {**NETWORK_ERROR_ANSWERS, **SETUP_ANSWERS}
_KNOWN = frozenset(name for name, _ in ANSWERS)


def answerer(state: ModemState, request: Request) -> Answerer | None:
    """Who answers `request`; None where this modem lacks the command."""
    name = request.name
    if name in state.profile.without:
        return None
    if name in DOMAIN_OF and DOMAIN_OF[name] not in state.profile.registration:
        return None
    if name in state.profile.also and (rare := _RARE.get((name, request.kind))):
        return rare
    own = ANSWERS.get((name, request.kind))
    if own is None and request.kind == "test" and name in _KNOWN:
        return _says()  # the command is there, and that is all it says
    return own
