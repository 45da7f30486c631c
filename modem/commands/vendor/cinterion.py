"""Cinterion's (Siemens', Gemalto's, Thales', now Telit's) own commands.

Sources: ModemManager's Cinterion plugin and its tests (^SMONI, ^SPIC, ^SWWAN), EHS6 AT command set
page 182 (^SMONI), logs of Cinterion test benches (^SCID); manuals unread beyond these.
"""

import re

from modem.at.syntax import to_int
from modem.commands.base import NOT_REGISTERED, PrefixedCommand
from modem.commands.packet_domain import ReadContextStates
from modem.commands.signal import Signal, plmn_of_cell, ratio, whole
from modem.commands.sim_access import PinRetries, ReadIccid
from sim.reading import Absent


class ReadScid(ReadIccid):
    """AT^SCID: the card's number."""

    text = "AT^SCID"
    prefixes = ("^SCID",)


class ReadPinTries(PrefixedCommand[PinRetries]):
    """AT^SPIC="SC": tries left for PIN1."""

    text = 'AT^SPIC="SC"'
    prefixes = ("^SPIC",)
    shape = re.compile(r"\s*[0-9]{1,2}\s*")

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """`^SPIC: 3`."""
        return PinRetries(to_int(self.bodies(lines)[-1]), None)


class ReadPukTries(ReadPinTries):
    """AT^SPIC="SC",1: tries left for PUK1."""

    text = 'AT^SPIC="SC",1'

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """`^SPIC: 10`."""
        return PinRetries(None, to_int(self.bodies(lines)[-1]))


class ReadSessionStates(ReadContextStates):
    """AT^SWWAN?: which data sessions of the network interface are up, by cid."""

    text = "AT^SWWAN?"
    prefixes = ("^SWWAN",)


class ReadServingCell(PrefixedCommand[Signal]):
    """AT^SMONI: the serving cell in dBm and dB, in a layout for each of 2G, 3G and 4G."""

    text = "AT^SMONI"
    prefixes = ("^SMONI",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """4G: network from 7th place, levels from 13th; 2G: level in 3rd; 3G: no RSSI."""
        fields = [*self.rows(lines)[-1], *[None] * 14]
        if "SEARCH" in fields:
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        if fields[0] == "2G":
            return Signal(rssi_dbm=whole(ratio(fields[2], -140, -10)))
        if fields[0] == "4G":
            return Signal(
                rsrp_dbm=ratio(fields[12], -157, -31),
                rsrq_db=ratio(fields[13], -43, 20),
                plmn=plmn_of_cell(*fields[6:8]),
            )
        return Signal()
