"""A PIN for the card in a modem, under the policy of `sim.pin`: by the modem's own commands.

The modem has to hear of it, or it would go on waiting; so no VERIFY is passed through to the card.
"""

from collections.abc import Callable

from modem.card_access import CsimTransport
from modem.commands.base import SettingCommand
from modem.commands.pin import ChangePin, EnterPin, SetCardLock
from modem.errors import CmeError
from modem.interview import Interview
from modem.parts.card import CardLock, read_lock
from sim.errors import PinRefused, PinWrong, SimError
from sim.filesystem import CardFilesystem
from sim.pin import ASKS_FOR_NONE, PinCounters, PinOrder, permit, read_pin1
from sim.reading import Reading, absent

_WRONG_PASSWORD, _PUK_REQUIRED = 16, 12


def carry_out(interview: Callable[[], Interview], order: PinOrder) -> CardLock:
    """Send the order to the card, once; how the card stands afterwards.

    Each `interview` asks anew.

    Raises:
        PinRefused: the policy does not let it through; nothing was sent.
        PinWrong: the card did not take it.
        AtCommandError, AtTimeout, AtProtocolError: refused otherwise, or no answer; whether it
            counted is for the tries to tell.
        PortError: the port went away.
    """
    ask = interview()
    ask.want_numeric_errors()
    lock = read_lock(ask)
    _check_state(order, lock.state)
    permit(order, lock.iccid.known, _counters(ask, lock))
    try:
        ask.run(_command(order))
    except CmeError as refusal:
        if refusal.code not in {_WRONG_PASSWORD, _PUK_REQUIRED}:
            raise
        left = read_lock(interview()).pin1.retries.known
        raise PinWrong(0 if refusal.code == _PUK_REQUIRED else left) from None
    return read_lock(interview())


def _check_state(order: PinOrder, state: str) -> None:
    if state in {"puk_required", "blocked"}:
        raise PinRefused("PIN1 is blocked; the PUK is for the card's owner to enter")
    if order.action == "verify" and state == "ready":
        raise PinRefused(ASKS_FOR_NONE)
    wanted = "pin_required" if order.action == "verify" else "ready"
    if state != wanted:
        raise PinRefused("the card does not wait for this")


def _counters(ask: Interview, lock: CardLock) -> PinCounters:
    """What the modem says; of the tries, what the card says where the modem does not."""
    counters = PinCounters(*lock.pin1)
    if counters.retries.known is not None:
        return counters
    return counters._replace(retries=_asked_of_card(ask))


def _asked_of_card(ask: Interview) -> Reading[int]:
    transport = CsimTransport(ask)
    filesystem = CardFilesystem(transport)
    try:
        found = read_pin1(transport, filesystem.cla, filesystem.root).retries
        filesystem.leave()
    except SimError as error:
        return absent(str(error))
    return found


def _command(order: PinOrder) -> SettingCommand:
    if order.action == "verify":
        return EnterPin(order.value)
    if order.new_value is not None:
        return ChangePin(order.value, order.new_value)
    return SetCardLock(order.value, enabled=order.action == "enable")
