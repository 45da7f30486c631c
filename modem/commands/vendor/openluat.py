"""Commands of OpenLuat's AT firmware (Air724 and Air780 modules).

Sources: QModem's recordings of an Air724UG and its OpenLuat script (+CCED), openLuat's guide to the
card of Air780E (+SIMCROSS); manuals unread beyond these.
"""

import re

from modem.at.syntax import strip_prefix, to_int
from modem.commands.base import GAVE_NONE, NOT_REGISTERED, PrefixedCommand
from modem.commands.signal import Signal, plmn_of_cell, scaled
from modem.commands.vendor.neoway import ReadSlot
from sim.reading import Absent

_LTE_CELL = re.compile(r"LTE current cell\s*:\s*(.*)", re.IGNORECASE)
_RSRP, _RSRQ = 8, 9


class ReadServingCell(PrefixedCommand[Signal | Absent]):
    """AT+CCED=0,1: the serving cell, `+CCED:LTE current cell:...` with the indexes of +CESQ."""

    text = "AT+CCED=0,1"
    prefixes = ("+CCED",)

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """RSRP and RSRQ of an LTE cell; of any other network nothing that we read."""
        if not lines:
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        for line in lines:
            if match := _LTE_CELL.fullmatch(strip_prefix(line, "+CCED") or ""):
                fields = [*match.group(1).split(","), *[""] * (_RSRQ + 1)]
                return Signal(
                    rsrp_dbm=scaled(to_int(fields[_RSRP]), 97, -141),
                    rsrq_db=scaled(to_int(fields[_RSRQ]), 34, -20, 0.5),
                    plmn=plmn_of_cell(*fields[:2]),
                )
        return Absent(GAVE_NONE)


class ReadLuatSlot(ReadSlot):
    """AT+SIMCROSS?: the slot in use, counted from 0."""

    first = 0
