"""Who answers which standard command: the tables of this simulator's own answers.

Shapes are those of 3GPP TS 27.007 (unread) as real modems show them; a profile's `[[answer]]`
tables hold what a vendor does differently.
"""

from modem.simulator.card_answers import CARD_ANSWERS
from modem.simulator.network_answers import DOMAIN_OF, NETWORK_ANSWERS
from modem.simulator.request import Request
from modem.simulator.state import WRONG_PARAMETERS, Answerer, ModemState, Refused


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
    return []


def _errors_read(state: ModemState, _: Request) -> list[str]:
    return [f"+CMEE: {state.cmee}"]


def _errors_set(state: ModemState, request: Request) -> list[str]:
    wanted = request.number(0, 0)
    if wanted not in {0, 1, 2}:
        raise Refused(WRONG_PARAMETERS)
    if not state.profile.style.cmee_fixed:
        state.cmee = wanted
    return []


def _nothing(state: ModemState, request: Request) -> list[str]:
    del state, request
    return []


ANSWERS: dict[tuple[str, str], Answerer] = {
    **NETWORK_ANSWERS,
    **CARD_ANSWERS,
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
    ("+CMEE", "read"): _errors_read,
    ("+CMEE", "set"): _errors_set,
    ("+CMGF", "set"): _nothing,
    ("+CSCS", "set"): _nothing,
    ("+CNMI", "set"): _nothing,
}


def answerer(state: ModemState, request: Request) -> Answerer | None:
    """Who answers `request`; None where this modem lacks the command."""
    name = request.name
    if name in state.profile.without:
        return None
    if name in DOMAIN_OF and DOMAIN_OF[name] not in state.profile.registration:
        return None
    return ANSWERS.get((name, request.kind))
