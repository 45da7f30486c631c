"""A PIN that somebody ordered to be sent: to a card in a reader, or in a modem."""

from contextlib import closing
from typing import Any, cast, get_args

from agent.clock import iso, now
from agent.errors import UsageError
from agent.modem_session import ModemSession
from agent.reader import choose_reader
from modem import pin as modem_pin
from modem.snapshot import PinState
from sim.files.ts_102_221 import EfIccid
from sim.filesystem import CardFilesystem
from sim.identifiers import Iccid
from sim.pin import Action, PinCounters, PinOrder, PinValue, carry_out, read_pin1
from sim.transport.base import ApduTransport
from sim.transport.pcsc import PcscTransport, list_readers

Json = dict[str, Any]

SCHEMA = "simward/pin/1"
ACTIONS: tuple[str, ...] = get_args(Action)


def order_of(action: str, pin: str, new_pin: str | None, forced: str | None) -> PinOrder:
    """The order that these texts make.

    Raises:
        UsageError: there is no such action.
        PinFormatError, IdentifierError: a text that is no PIN, or no ICCID.
    """
    if action not in ACTIONS:
        raise UsageError(
            "{name}: {what} is not one of {known}",
            name="sim pin",
            what=action,
            known=", ".join(ACTIONS),
        )
    return PinOrder(
        cast("Action", action),
        PinValue(pin),
        None if new_pin is None else PinValue(new_pin),
        None if forced is None else Iccid(forced),
    )


def pin_in_modem(
    session: ModemSession, action: str, pin: str, new_pin: str | None, forced: str | None
) -> Json:
    """Send it by the modem's own command; the document of `simward sim pin`.

    Raises:
        PinRefused, PinWrong: the policy or the card does not take it.
        ModemError, UsageError, PinFormatError, IdentifierError: see `modem.pin` and `order_of`.
    """
    order = order_of(action, pin, new_pin, forced)
    lock = modem_pin.carry_out(session.interview, order)
    return _document(action, lock.iccid.known, lock.pin1)


def pin_in_reader(wanted: str, order: PinOrder) -> Json:
    """Send it to the card in a reader; the document of `simward sim pin`.

    Raises:
        PinRefused, PinWrong: the policy or the card does not take it.
        ReaderUnreachable, ReaderError, StatusWordError, ApduProtocolError: see `agent.reader`.
    """
    with closing(PcscTransport(choose_reader(wanted, list_readers()))) as transport:
        return pin_on_card(transport, order)


def pin_on_card(transport: ApduTransport, order: PinOrder) -> Json:
    """The same over a transport that stays open.

    Raises:
        as `pin_in_reader`.
    """
    filesystem = CardFilesystem(transport)
    iccid = iccid_on(filesystem)
    carry_out(transport, filesystem, order, iccid)
    filesystem.forget()
    pin1 = read_pin1(transport, filesystem.cla, filesystem.root)
    return _document(order.action, iccid, pin1)


def iccid_on(filesystem: CardFilesystem) -> Iccid:
    """What stands in EF.ICCID.

    Raises:
        StatusWordError, ReaderError, ApduProtocolError: it cannot be read.
        FileDecodeError, IdentifierError: what stands there is no ICCID.
    """
    value = EfIccid.decode(filesystem.read_transparent("MF/EF.ICCID"))["iccid"]
    return Iccid(value or "")


def _document(action: str, iccid: Iccid | None, pin1: PinState | PinCounters) -> Json:
    named = pin1._asdict()
    return {
        "schema": SCHEMA,
        "action": action,
        "done": True,
        "at": iso(now()),
        "iccid": None if iccid is None else iccid.value,
        "pin1": {name: each.known for name, each in named.items()},
        "absent": {
            f"pin1.{name}": each.reason for name, each in named.items() if each.reason is not None
        },
    }
