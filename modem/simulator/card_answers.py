"""Answers about the card, and the three ways to it (+CRSM, +CSIM, +CCHO/+CGLA)."""

from modem.simulator.card_slot import Card
from modem.simulator.request import Request
from modem.simulator.state import (
    CARD_FAILURE,
    NOT_ALLOWED,
    NOT_SUPPORTED,
    WRONG_PARAMETERS,
    Answerer,
    ModemState,
    Refused,
)


def _imsi(state: ModemState, _: Request) -> list[str]:
    imsi = state.ready_card().imsi
    if not imsi:
        raise Refused(NOT_ALLOWED)
    return [imsi]


def _own_number(state: ModemState, _: Request) -> list[str]:
    number = state.ready_card().msisdn
    if not number:
        return [state.profile.style.no_number] if state.profile.style.no_number else []
    kind = 145 if number.startswith("+") else 129
    return [f'+CNUM: ,"{number}",{kind}']


def _nothing(state: ModemState, request: Request) -> list[str]:
    del state, request
    return []


def channel_class(cla: int, channel: int) -> int:
    """The class byte `cla` on a logical channel 0-19 (ISO/IEC 7816-4 clause 5.1.1, unread)."""
    if channel > 3:
        return (cla & 0x80) | 0x40 | (channel - 4)
    return (cla & 0xFC) | channel


def _apdu(text: str, length: int | None) -> bytes:
    try:
        apdu = bytes.fromhex(text)
    except ValueError:
        raise Refused(WRONG_PARAMETERS) from None
    if length != len(text) or len(apdu) < 4:
        raise Refused(WRONG_PARAMETERS)
    return apdu


def _asked(card: Card, apdu: bytes) -> bytes:
    """The card's answer.

    Raises:
        Refused: there is none.
    """
    response = card.transmit(apdu)
    if not response:
        raise Refused(CARD_FAILURE)
    return response


def _generic_access(state: ModemState, request: Request) -> list[str]:
    card = state.powered_card()
    if len(request.args) != 2:
        raise Refused(WRONG_PARAMETERS)
    response = _asked(card, _apdu(request.args[1], request.number(0))).hex().upper()
    return [f'+CSIM: {len(response)},"{response}"']


def _restricted_access(state: ModemState, request: Request) -> list[str]:
    card = state.powered_card()
    numbers = [request.number(position, 0) for position in range(5)]
    command, fid, p1, p2, p3 = (-1 if number is None else number for number in numbers)
    if min(command, fid, p1, p2, p3) < 0:
        raise Refused(WRONG_PARAMETERS)
    data = request.args[5] if len(request.args) > 5 else ""
    path = request.args[6] if len(request.args) > 6 else ""
    try:
        sw1, sw2, content = card.crsm(command, fid, p1, p2, p3, bytes.fromhex(data), path)
    except ValueError:
        raise Refused(WRONG_PARAMETERS) from None
    shown = f',"{content.hex().upper()}"' if content else ""
    return [f"+CRSM: {sw1},{sw2}{shown}"]


def _open_channel(state: ModemState, request: Request) -> list[str]:
    card = state.powered_card()
    opened = _asked(card, bytes.fromhex("0070000001"))
    if len(opened) != 3:
        raise Refused(NOT_SUPPORTED)
    channel = opened[0]
    try:
        aid = bytes.fromhex(request.args[0])
    except ValueError:
        raise Refused(WRONG_PARAMETERS) from None
    select = bytes([channel_class(0x00, channel), 0xA4, 0x04, 0x00, len(aid)]) + aid
    if _asked(card, select)[-2] not in {0x90, 0x91, 0x61}:
        card.transmit(bytes([0x00, 0x70, 0x80, channel]))
        raise Refused(NOT_SUPPORTED)
    state.channels.add(channel)
    return [f"+CCHO: {channel}"]


def _channel_access(state: ModemState, request: Request) -> list[str]:
    card = state.powered_card()
    channel = request.number(0)
    if channel not in state.channels or channel is None or len(request.args) != 3:
        raise Refused(WRONG_PARAMETERS)
    apdu = bytearray(_apdu(request.args[2], request.number(1)))
    apdu[0] = channel_class(apdu[0], channel)
    response = _asked(card, bytes(apdu)).hex().upper()
    return [f'+CGLA: {len(response)},"{response}"']


def _close_channel(state: ModemState, request: Request) -> list[str]:
    channel = request.number(0)
    if channel not in state.channels or channel is None:
        raise Refused(WRONG_PARAMETERS)
    state.channels.discard(channel)
    state.powered_card().transmit(bytes([0x00, 0x70, 0x80, channel]))
    return []


CARD_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+CIMI", "execute"): _imsi,
    ("+CNUM", "execute"): _own_number,
    ("+CSIM", "set"): _generic_access,
    ("+CSIM", "test"): _nothing,
    ("+CRSM", "set"): _restricted_access,
    ("+CRSM", "test"): _nothing,
    ("+CCHO", "set"): _open_channel,
    ("+CGLA", "set"): _channel_access,
    ("+CCHC", "set"): _close_channel,
}
