"""ZTE's own commands, of its sticks and modules.

Sources: public drivers of MG2639, ME3630 and MC271x (+ZGETICCID), modemdata's addons for MF8xx
sticks and a gateway maker's mapper (+ZRSSI), oFono's SIM driver (+ZPINPUK); manuals unread.
"""

import re

from modem.at.syntax import to_int
from modem.commands.base import GAVE_NONE, PrefixedCommand
from modem.commands.signal import Signal, ratio, whole
from modem.commands.sim_access import PinRetries, ReadIccid
from sim.reading import Absent


class ReadZteIccid(ReadIccid):
    """AT+ZGETICCID: the card's number; a bare ERROR without a card."""

    text = "AT+ZGETICCID"
    prefixes = ("+ZGETICCID",)


class ReadSignalLevels(PrefixedCommand[Signal | Absent]):
    """AT+ZRSSI: levels of the network in use, in dBm and dB; the count of fields tells which.

    Four are RSRP, RSRQ, RSSI and SINR of LTE, two RSCP and Ec/Io, one is RSSI. Three without a
    sign are those of an older stick on 3G: RSSI, then Ec/Io and RSCP in halves; 1000 is none.
    """

    text = "AT+ZRSSI"
    prefixes = ("+ZRSSI",)
    shape = re.compile(r"\s*-?[0-9.]+\s*(,\s*-?[0-9.]+\s*){0,3}")

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """RSSI, RSRP, RSRQ and SINR as far as they are there."""
        fields = self.rows(lines)[-1]
        if len(fields) == 4:
            rsrp, rsrq, rssi, sinr = fields
            return Signal(
                rssi_dbm=whole(ratio(rssi, -140, -10)),
                rsrp_dbm=ratio(rsrp, -157, -31),
                rsrq_db=ratio(rsrq, -43, 20),
                sinr_db=ratio(sinr, -30, 50),
            )
        if len(fields) == 1:
            return Signal(rssi_dbm=whole(ratio(fields[0], -140, -10)))
        if len(fields) == 3:
            below = ratio(fields[0], 10, 140)
            return Signal(rssi_dbm=below if isinstance(below, Absent) else -round(below))
        return Absent(GAVE_NONE)


class ReadPinRetriesOfZte(PrefixedCommand[PinRetries]):
    """AT+ZPINPUK=?: tries left for PIN1 and PUK1; a reading in the form of a test command."""

    text = "AT+ZPINPUK=?"
    prefixes = ("+ZPINPUK",)
    shape = re.compile(r"\s*[0-9]+\s*,\s*[0-9]+\s*(,.*)?")

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """`+ZPINPUK: 3,10`."""
        pin, puk = self.rows(lines)[-1][:2]
        return PinRetries(to_int(pin), to_int(puk))
