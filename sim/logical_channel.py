"""Logical channels of a card: opened for one purpose, and closed again.

ETSI TS 102 221 clause 11.1.17 (unread).
"""

from contextlib import suppress

from sim import apdu
from sim.errors import ApduProtocolError, SimError
from sim.exchange import checked, exchange
from sim.transport.base import ApduTransport

_LAST = 19


def open_channel(transport: ApduTransport) -> int:
    """The number of a channel that the card has opened, 1-19.

    Raises:
        StatusWordError: it opens none.
        ReaderError, ApduProtocolError: no answer, or none that is one.
    """
    answer = checked(exchange(transport, apdu.open_channel()), "MANAGE CHANNEL")
    if len(answer) != 1 or not 1 <= answer[0] <= _LAST:
        raise ApduProtocolError("MANAGE CHANNEL: no channel number")
    return answer[0]


def close_channel(transport: ApduTransport, number: int) -> None:
    """Give a channel back; where that fails nothing helps but a reset, which closes it too."""
    with suppress(SimError):
        exchange(transport, apdu.close_channel(number))
