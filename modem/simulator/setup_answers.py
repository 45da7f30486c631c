"""Answers about what a modem keeps for its contexts: logins, and whether it connects by itself.

A profile names these commands in `also`: many modems lack them.
"""

from typing import NamedTuple

from modem.simulator.request import Request
from modem.simulator.sessions import redefined
from modem.simulator.state import WRONG_PARAMETERS, Answerer, ModemState, Refused

_HIGHEST_CID = 16
_PROTOCOLS = (0, 1, 2, 3)


class _Login(NamedTuple):
    protocol: int
    user: str
    password: str


def _login_of(state: ModemState, cid: int) -> _Login:
    context = state.sessions.contexts[cid]
    kept = state.logins.get(cid, (context.auth, context.user, context.password))
    return _Login(*kept)


def _logins_read(state: ModemState, _: Request) -> list[str]:
    lines = []
    for cid in state.sessions.contexts:
        login = _login_of(state, cid)
        told = [f"+CGAUTH: {cid},{login.protocol}"]
        if login.protocol:
            told.append(f'"{login.user}"')
            if state.profile.style.tells_password:
                told.append(f'"{login.password}"')
        lines.append(",".join(told))
    return lines


def _logins_set(state: ModemState, request: Request) -> list[str]:
    cid, protocol = request.number(0), request.number(1, 0)
    if cid is None or cid not in state.sessions.contexts or protocol not in _PROTOCOLS:
        raise Refused(WRONG_PARAMETERS)
    user, password = (*request.args[2:4], "", "")[:2] if protocol else ("", "")
    state.logins[cid] = (protocol, user, password)
    return []


_KINDS = {"IP": "1", "IPV6": "2", "IPV4V6": "3"}


def _own_logins_set(state: ModemState, request: Request) -> list[str]:
    """AT+QICSGP: a context with its login; with the cid alone, what it has."""
    cid = request.number(0)
    if cid is None or not 1 <= cid <= _HIGHEST_CID:
        raise Refused(WRONG_PARAMETERS)
    if len(request.args) == 1:
        return [_own_login(state, cid)]
    kinds = {number: name for name, number in _KINDS.items()}
    kind, apn, user, password, *rest = (*request.args[1:], "", "", "")
    protocol = request.number(5, 0)
    if kind not in kinds or protocol not in _PROTOCOLS or not rest:
        raise Refused(WRONG_PARAMETERS)
    context = redefined(state.sessions.contexts.get(cid), kinds[kind], apn, cid)
    state.sessions.define(cid, context)
    state.logins[cid] = (protocol, user, password)
    return []


def _own_login(state: ModemState, cid: int) -> str:
    context = state.sessions.contexts.get(cid)
    if context is None:
        return '+QICSGP: 0,"","","",0'
    login = _login_of(state, cid)
    words = f'"{context.apn}","{login.user}","{login.password}"'
    return f"+QICSGP: {_KINDS.get(context.pdp_type, 1)},{words},{login.protocol}"


def _settings_read(state: ModemState, _: Request) -> list[str]:
    word = "TRUE" if state.auto_connect else "FALSE"
    return [f"+NCONFIG:AUTOCONNECT,{word}", "+NCONFIG:CR_0354_0338_SCRAMBLING,TRUE"]


def _settings_set(state: ModemState, request: Request) -> list[str]:
    if len(request.args) != 2 or request.args[1] not in {"TRUE", "FALSE"}:
        raise Refused(WRONG_PARAMETERS)
    if request.args[0] == "AUTOCONNECT":
        state.auto_connect = request.args[1] == "TRUE"
    return []


SETUP_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+CGAUTH", "read"): _logins_read,
    ("+CGAUTH", "set"): _logins_set,
    ("+QICSGP", "set"): _own_logins_set,
    ("+NCONFIG", "read"): _settings_read,
    ("+NCONFIG", "set"): _settings_set,
}
