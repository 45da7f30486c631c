"""Answers about PINs and locks: +CPIN, +CPINR, +CLCK, +CPWD.

The card counts its tries, not the modem: three wrong PINs ask for the PUK, ten wrong PUKs end it.
"""

from collections.abc import Callable

from modem.simulator.card_slot import Card
from modem.simulator.request import Request
from modem.simulator.state import (
    CARD_ERRORS,
    LOCK_ERRORS,
    NOT_ALLOWED,
    NOT_SUPPORTED,
    WRONG_PARAMETERS,
    WRONG_PASSWORD,
    Answerer,
    ModemState,
    Refused,
)

_CPIN_WORDS = {"pin": "SIM PIN", "puk": "SIM PUK", "blocked": "SIM PUK"}
_LOCK_WORDS = {
    "PS": "PH-SIM PIN",
    "PF": "PH-FSIM PIN",
    "PN": "PH-NET PIN",
    "PU": "PH-NETSUB PIN",
    "PP": "PH-SP PIN",
    "PC": "PH-CORP PIN",
}


def _pin_read(state: ModemState, _: Request) -> list[str]:
    card = state.powered_card()
    if card.is_empty and state.profile.style.no_profile:
        return [f"+CPIN: {state.profile.style.no_profile}"]
    waiting = _CPIN_WORDS.get(card.pin1_state()) or _LOCK_WORDS.get(state.asks_device_lock)
    return [f"+CPIN: {waiting or 'READY'}"]


def _pin_set(state: ModemState, request: Request) -> list[str]:
    card = state.powered_card()
    pin_state = card.pin1_state()
    if pin_state == "ready" and state.asks_device_lock and len(request.args) == 1:
        _open_device_lock(state, state.asks_device_lock, request.args[0])
    elif pin_state == "pin" and len(request.args) == 1:
        _spend(card, lambda: card.verify_pin(request.args[0]))
        state.notices += state.profile.urcs.card_unlocked
    elif pin_state == "puk" and len(request.args) == 2:
        _spend(card, lambda: card.unblock_pin(*request.args))
        state.notices += state.profile.urcs.card_unlocked
    else:
        raise Refused(CARD_ERRORS.get(pin_state, NOT_ALLOWED))
    return []


def _spend(card: Card, try_: Callable[[], bool]) -> None:
    """Use up a try.

    Raises:
        Refused: it was wrong; or it was the last one, then with what the card wants now.
    """
    before = card.pin1_state()
    if try_():
        return
    after = card.pin1_state()
    raise Refused(WRONG_PASSWORD if after in {before, "ready", "pin"} else CARD_ERRORS[after])


def _open_device_lock(state: ModemState, facility: str, code: str) -> None:
    if not state.lock_tries:
        raise Refused(LOCK_ERRORS[facility] + 1)
    if code != state.profile.card.lock_code:
        state.lock_tries -= 1
        raise Refused(WRONG_PASSWORD)
    state.lock_tries = 3
    state.asks_device_lock = ""
    state.device_locks[facility] = 0


def _retries(state: ModemState, request: Request) -> list[str]:
    left = state.powered_card().retries()
    lines = {
        "SIM PIN": f"+CPINR: SIM PIN,{left['pin1']},3",
        "SIM PUK": f"+CPINR: SIM PUK,{left['puk1']},10",
        "SIM PIN2": f"+CPINR: SIM PIN2,{left['pin2']},3",
        "SIM PUK2": f"+CPINR: SIM PUK2,{left['puk2']},10",
    }
    if request.kind != "set":
        return list(lines.values())
    wanted = request.args[0] if request.args else ""
    if wanted not in lines:
        raise Refused(WRONG_PARAMETERS)
    return [lines[wanted]]


def _lock(state: ModemState, request: Request) -> list[str]:
    facility = request.args[0].upper() if request.args else ""
    mode = request.number(1)
    code = request.args[2] if len(request.args) > 2 else ""
    if mode not in {0, 1, 2}:
        raise Refused(WRONG_PARAMETERS)
    if facility == "SC":
        return _card_lock(state.powered_card(), mode, code)
    if facility not in state.device_locks:
        raise Refused(NOT_SUPPORTED)
    if mode == 2:
        return [f"+CLCK: {state.device_locks[facility]}"]
    if not code:
        raise Refused(WRONG_PARAMETERS)
    if mode == 1:
        state.device_locks[facility] = 1
    else:
        _open_device_lock(state, facility, code)
    return []


def _card_lock(card: Card, mode: int, code: str) -> list[str]:
    if mode == 2:
        return [f"+CLCK: {int(card.pin1_enabled)}"]
    if card.pin1_state() != "ready":
        raise Refused(CARD_ERRORS[card.pin1_state()])
    if not code:
        raise Refused(WRONG_PARAMETERS)
    _spend(card, lambda: card.switch_pin(code, enabled=mode == 1))
    return []


def _lock_test(state: ModemState, _: Request) -> list[str]:
    names = ",".join(f'"{name}"' for name in ("SC", *state.device_locks))
    return [f"+CLCK: ({names})"]


def _password(state: ModemState, request: Request) -> list[str]:
    card = state.ready_card()
    if len(request.args) != 3:
        raise Refused(WRONG_PARAMETERS)
    facility, old, new = request.args
    if facility not in {"SC", "P2"}:
        raise Refused(NOT_SUPPORTED)
    if facility == "P2":
        if not card.change_pin(old, new, second=True):
            raise Refused(WRONG_PASSWORD)
    elif not card.pin1_enabled:
        raise Refused(NOT_ALLOWED)
    else:
        _spend(card, lambda: card.change_pin(old, new))
    return []


def _password_test(state: ModemState, request: Request) -> list[str]:
    del state, request
    return ['+CPWD: ("SC",8),("P2",8)']


LOCK_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+CPIN", "read"): _pin_read,
    ("+CPIN", "set"): _pin_set,
    ("+CPINR", "execute"): _retries,
    ("+CPINR", "set"): _retries,
    ("+CLCK", "set"): _lock,
    ("+CLCK", "test"): _lock_test,
    ("+CPWD", "set"): _password,
    ("+CPWD", "test"): _password_test,
}
