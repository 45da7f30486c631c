"""Huawei's own commands, which its sticks, its modules and TD Tech's share.

Sources: ModemManager's Huawei plugin tests, vendor documents quoted in field reports (unread),
Huawei's Balong AT command table as published with the sources of ELS-AN00.
"""

import re
from typing import TYPE_CHECKING

from modem.at.syntax import to_hex, to_int
from modem.commands.base import GAVE_NONE, NOT_REGISTERED, PrefixedCommand, answered
from modem.commands.signal import Signal, scaled, whole
from modem.commands.sim_access import ReadIccid
from modem.snapshot import UsageCounters
from sim.reading import Absent

if TYPE_CHECKING:
    from modem.urcs import RejectReported


class ReadIccidOfCard(ReadIccid):
    """AT^ICCID?: the card's number."""

    text = "AT^ICCID?"
    prefixes = ("^ICCID", "+ICCID")


class ReadSignal(PrefixedCommand[Signal]):
    """AT^HCSQ?: level and quality as indexes, 255 unknown."""

    text = "AT^HCSQ?"
    prefixes = ("^HCSQ",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """RSSI and RSRP from 0 up in dBm, SINR in fifths, RSRQ in halves of a dB."""
        mode, *raw = [*self.rows(lines)[-1], None]
        values = [to_int(field) for field in raw] + [None] * 4
        name = (mode or "").upper()
        if name == "NOSERVICE" or not name:
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        if name.startswith("NR"):
            values = [None, *values]
        level = whole(scaled(values[0], 96, -121)) if values[0] is not None else Signal().rssi_dbm
        if name not in {"LTE", "NR", "NR-5GC", "NR5G"}:
            return Signal(rssi_dbm=level)
        sinr = scaled(values[2], 251, -20.2, 0.2)
        return Signal(
            rssi_dbm=level,
            rsrp_dbm=scaled(values[1], 97, -141),
            sinr_db=sinr if isinstance(sinr, Absent) else round(sinr, 1),
            rsrq_db=scaled(values[3], 34, -20, 0.5),
        )


class ReadUsage(PrefixedCommand[UsageCounters | Absent]):
    """AT^DSFLOWQRY: seconds and bytes of the last connection and in all, in hexadecimal."""

    text = "AT^DSFLOWQRY"
    prefixes = ("^DSFLOWQRY",)
    shape = re.compile(r"\s*[0-9A-Fa-f]+\s*(,\s*[0-9A-Fa-f]+\s*){5}")

    def parse(self, lines: tuple[str, ...]) -> UsageCounters | Absent:
        """Total sent and received."""
        sent, received = (to_hex(field) for field in self.rows(lines)[-1][4:6])
        return (
            answered(lines[-1])
            if sent is None or received is None
            else UsageCounters(sent, received)
        )


class ReadLastReject(PrefixedCommand["RejectReported | Absent"]):
    """AT^REJINFO?: the network's latest refusal, as the unsolicited line has it."""

    text = "AT^REJINFO?"
    prefixes = ("^REJINFO",)

    def parse(self, lines: tuple[str, ...]) -> "RejectReported | Absent":
        """Cause 0 is no refusal."""
        from modem.urcs import reject_of

        last = reject_of(self.bodies(lines)[-1])
        return last if last is not None and last.cause else Absent(GAVE_NONE)
