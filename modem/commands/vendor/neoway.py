"""Neoway's own commands.

Sources: a public N5xx driver ($MYCCID), QModem's Neoway script (+NETDMSGEX, +SIMCROSS); manuals
unread.
"""

from modem.at.syntax import to_int
from modem.commands.base import GAVE_NONE, PrefixedCommand, answered
from modem.commands.signal import Signal, plmn_of_cell, ratio, whole
from modem.commands.sim_access import ReadIccid
from sim.reading import Absent


class ReadMyccid(ReadIccid):
    """AT$MYCCID: the card's number, in quotes; hexadecimal ones in lower case."""

    text = "AT$MYCCID"
    prefixes = ("$MYCCID",)


class ReadServingCell(PrefixedCommand[Signal | Absent]):
    """AT+NETDMSGEX: the serving cell; level and quality in tenths of a dB."""

    text = "AT+NETDMSGEX"
    prefixes = ("+NETDMSGEX",)

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """On LTE from the tenth field on RSRP, RSRQ, SINR, RSSI; on NR from the seventh."""
        fields = [*self.rows(lines)[-1], *[None] * 13]
        mode = (fields[0] or "").upper()
        if mode.startswith("NR"):
            return self._signal(fields[1], None, fields[6:9])
        if "LTE" in mode or "EMTC" in mode:
            return self._signal(fields[1], fields[12], fields[9:12])
        return Absent(GAVE_NONE)

    def _signal(self, network: str | None, rssi: str | None, values: list[str | None]) -> Signal:
        rsrp, rsrq, sinr = values
        return Signal(
            rssi_dbm=whole(ratio(rssi, -140, -10, 10)),
            rsrp_dbm=ratio(rsrp, -157, -31, 10),
            rsrq_db=ratio(rsrq, -43, 20, 10),
            sinr_db=ratio(sinr, -30, 50, 10),
            plmn=plmn_of_cell(*(network or "").split("+")),
        )


class ReadSlot(PrefixedCommand[int | Absent]):
    """AT+SIMCROSS?: the slot in use."""

    text = "AT+SIMCROSS?"
    prefixes = ("+SIMCROSS",)
    first = 1
    """What the modem calls its first slot."""

    def parse(self, lines: tuple[str, ...]) -> int | Absent:
        """`+SIMCROSS: 1`, the first field where there are several."""
        number = to_int(next(iter(self.rows(lines)[-1]), None))
        if number is None:
            raise self.refuse(lines)
        slot = number - self.first + 1
        return slot if slot in {1, 2} else answered(number)
