"""MeiG's own commands (SLM and SRM modules).

Sources: QModem's MeiG script and public tests of its kin (^CELLINFO, ^SIMSLOT); manuals unread.
"""

from modem.at.syntax import to_int
from modem.commands.base import GAVE_NONE, PrefixedCommand
from modem.commands.signal import Signal, plmn_of_cell, ratio
from sim.reading import Absent

_RATS = frozenset({"LTE", "5G", "EN-DC"})
_ACTIVE = 1


class ReadServingCell(PrefixedCommand[Signal | Absent]):
    """AT^CELLINFO=1: the serving cell; dBm and dB, the ratio in tenths. On EN-DC the LTE anchor."""

    text = "AT^CELLINFO=1"
    prefixes = ("^CELLINFO",)

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """RSRP, RSRQ and SINR are the fifteenth to seventeenth field, on LTE as on 5G."""
        fields = self.rows(lines)[0]
        if not fields or (fields[0] or "").upper() not in _RATS:
            return Absent(GAVE_NONE)
        rsrp, rsrq, sinr = [*fields[14:17], None, None, None][:3]
        return Signal(
            rsrp_dbm=ratio(rsrp, -157, -31),
            rsrq_db=ratio(rsrq, -43, 20),
            sinr_db=ratio(sinr, -30, 50, 10),
            plmn=plmn_of_cell(*fields[2:4]),
        )


class ReadSlot(PrefixedCommand[int | Absent]):
    """AT^SIMSLOT?: for each slot its number and whether it is the one in use."""

    text = "AT^SIMSLOT?"
    prefixes = ("^SIMSLOT",)

    def parse(self, lines: tuple[str, ...]) -> int | Absent:
        """`1,0,1,1`: the second field is slot 1's, the fourth slot 2's."""
        states = [to_int(field) for field in self.rows(lines)[-1][1::2]]
        if states.count(_ACTIVE) != 1:
            raise self.refuse(lines)
        return states.index(_ACTIVE) + 1
