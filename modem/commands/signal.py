"""Signal, from indexes to dBm and dB.

3GPP TS 27.007 clauses 8.5 (+CSQ) and 8.69 (+CESQ), unread. Edges of the scales are disputed by one
unit between sources: rsrp = n-141 and rsrq = n/2-20 (ModemManager), n-140 and n/2-19.5 (Nordic).
"""

import re
from typing import NamedTuple

from modem.at.syntax import to_int
from modem.commands.base import GAVE_NONE, PrefixedCommand, answered
from sim.errors import IdentifierError
from sim.identifiers import Plmn
from sim.reading import Absent

_NONE = Absent(GAVE_NONE)
_UNKNOWN = (99, 255, 255, 255)
UNIT_DISPUTED = Absent("sources dispute the unit")


class Signal(NamedTuple):
    """Signal as far as one command tells it: dBm and dB, `ber` as RXQUAL class 0-7.

    `plmn` is the network of the cell, where the same answer names it.
    """

    rssi_dbm: int | Absent = _NONE
    rsrp_dbm: float | Absent = _NONE
    rsrq_db: float | Absent = _NONE
    sinr_db: float | Absent = _NONE
    ber: int | Absent = _NONE
    plmn: Plmn | None = None


def plmn_of_cell(*parts: str | None) -> Plmn | None:
    """The cell's network from its MCC and MNC; None where that is no network."""
    try:
        return Plmn(parts[0] or "", parts[1] or "") if len(parts) > 1 else None
    except IdentifierError:
        return None


def scaled(raw: int | None, top: int, offset: float, step: float = 1.0) -> float | Absent:
    """`offset + step * raw` for an index in 0..top; a sentinel (99, 255) is what it is."""
    if raw is None:
        return _NONE
    return offset + step * raw if 0 <= raw <= top else answered(raw)


def of_fifths(raw: str | None) -> float | Absent:
    """A ratio from an index in fifths of a dB, 0 to 250 from -20 up."""
    sinr = scaled(to_int(raw), 250, -20, 0.2)
    return sinr if isinstance(sinr, Absent) else round(sinr, 1)


def whole(value: float | Absent) -> int | Absent:
    """A level in whole dBm."""
    return value if isinstance(value, Absent) else round(value)


def ratio(raw: str | None, low: float, high: float, divisor: int = 1) -> float | Absent:
    """A value that the modem prints in units of 1/divisor, unknown outside `low`..`high`."""
    if raw is None or raw in {"", "-"}:
        return _NONE
    try:
        value = float(raw) / divisor
    except ValueError:
        return answered(raw)
    return value if low <= value <= high else answered(raw)


class ReadSignalQuality(PrefixedCommand[Signal]):
    """AT+CSQ: received level and bit error class; no level on 5G standalone."""

    text = "AT+CSQ"
    prefixes = ("+CSQ",)
    one_line = True
    shape = re.compile(r"\s*[0-9]{1,3}\s*,\s*[0-9]{1,3}\s*")

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """-113 dBm and 2 dB a step; 99 is unknown."""
        rssi, ber = (to_int(field) for field in self.rows(lines)[-1])
        return Signal(rssi_dbm=whole(scaled(rssi, 31, -113, 2)), ber=whole(scaled(ber, 7, 0)))


class ReadSignalQualityByQuery(ReadSignalQuality):
    """AT+CSQ?: the same, for a modem that takes only this form."""

    text = "AT+CSQ?"


class ReadExtendedSignal(PrefixedCommand[Signal | Absent]):
    """AT+CESQ: six indexes, those of the network in use filled in."""

    text = "AT+CESQ"
    prefixes = ("+CESQ",)
    one_line = True
    shape = re.compile(r"\s*[0-9]+\s*(,\s*[0-9]+\s*){5,8}")
    rsrp_offset = -141.0
    rsrq_offset = -20.0

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """GSM level and error class, LTE RSRP and RSRQ; nothing where no index is known."""
        rxlev, ber, rscp, _ecno, rsrq, rsrp = [to_int(f) for f in self.rows(lines)[-1]][:6]
        if (rxlev, rscp, rsrq, rsrp) == _UNKNOWN:
            return answered(255)
        return Signal(
            rssi_dbm=whole(scaled(rxlev, 63, -111)),
            rsrp_dbm=scaled(rsrp, 97, self.rsrp_offset),
            rsrq_db=scaled(rsrq, 34, self.rsrq_offset, 0.5),
            ber=whole(scaled(ber, 7, 0)),
        )
