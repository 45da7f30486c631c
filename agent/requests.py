"""What may be asked of whoever owns a modem's port: each request by its name, as work to be done.

The daemon does it for askers at its socket; a command that opened the port itself does the same.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from agent.card import Wish, read_card
from agent.modem_session import ModemSession
from agent.snapshot import to_json
from modem.service import PARTS

Json = dict[str, Any]
Work = Callable[[ModemSession], Json]


def work_of(request: Json) -> Work | None:
    """The work; None for a request that nobody knows."""
    match request:
        case {"ask": "status", "parts": list(parts)}:
            wanted = frozenset(str(part) for part in parts)
            if not wanted <= PARTS:
                return None
            return lambda session: to_json(session.snapshot(wanted))
        case {"ask": "status"}:
            return lambda session: to_json(session.snapshot())
        case {"ask": "sim_read"}:
            return partial(read_card, wish=Wish(everything=request.get("all") is True))
        case {"ask": "sim_pin", "action": str(action), "pin": str(pin)}:
            from agent.card_pin import pin_in_modem

            new_pin, forced = request.get("new_pin"), request.get("forced")
            return lambda session: pin_in_modem(session, action, pin, new_pin, forced)
        case _:
            return _other_work(request)


def _other_work(request: Json) -> Work | None:
    match request:
        case {"ask": "release"}:
            from agent.release.modem_steps import release_work

            return release_work(request)
        case {"ask": "sim_personal"}:
            from agent.personal import personal_in_modem

            return partial(personal_in_modem, contents=request.get("contents") is True)
        case {
            "ask": "sim_put"
            | "sim_fill"
            | "sim_push_out"
            | "sim_delete_message"
            | "sim_clear_entry"
        }:
            from agent.card_changes import change_in_modem, change_of

            change = change_of(request)
            return None if change is None else partial(change_in_modem, change=change)
        case _:
            return None
