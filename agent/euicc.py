"""What an eUICC says of itself, by whichever way leads to its ISD-R."""

from collections.abc import Callable
from typing import Any

from modem.card_access import read_euicc
from modem.engine import Engine
from modem.errors import ModemError
from sim.errors import SimError
from sim.euicc import Euicc, IsdR, isd_r, no_euicc, why_not
from sim.reading import Absent
from sim.transport.base import ApduTransport

Json = dict[str, Any]


def euicc_of_card(transport: ApduTransport) -> Euicc:
    """Over a logical channel that is opened and closed again."""
    try:
        with isd_r(transport) as asked:
            return asked.read()
    except SimError as error:
        return no_euicc(why_not(error))


def euicc_of_modem(
    engine: Engine, wrapped: Callable[[ApduTransport], ApduTransport] = lambda inner: inner
) -> Euicc:
    """By AT+CGLA, else AT+CSIM; a port that is lost now spoils nothing that was read before."""
    try:
        return read_euicc(engine, wrapped)
    except SimError as error:
        return no_euicc(why_not(error))
    except ModemError as error:
        return no_euicc(str(error))


def euicc_of_trace(transport: ApduTransport) -> Euicc:
    """As it was recorded: over a channel of its own, or through AT+CGLA, where none was opened."""
    euicc = euicc_of_card(transport)
    if not isinstance(euicc.eid, Absent):
        return euicc
    try:
        return Euicc(IsdR(transport).eid(), IsdR(transport).profiles())
    except SimError:
        return euicc
