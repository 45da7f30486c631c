"""Huawei's own commands, which its sticks, its modules and TD Tech's share.

Sources: ModemManager's Huawei plugin tests, vendor documents quoted in field reports (unread),
Huawei's Balong AT command table as published with the sources of ELS-AN00 (^REJINFO, ^MONSC),
oFono's SIM driver (^CPIN), an MT5700M recording (^HCSQ beside ^MONSC).
"""

import re
from typing import TYPE_CHECKING

from modem.at.syntax import to_hex, to_int
from modem.commands.base import GAVE_NONE, NOT_REGISTERED, PrefixedCommand, answered
from modem.commands.signal import UNIT_DISPUTED, Signal, plmn_of_cell, ratio, scaled, whole
from modem.commands.sim_access import PinRetries, ReadIccid
from modem.snapshot import UsageCounters
from sim.identifiers import Plmn
from sim.reading import Absent

if TYPE_CHECKING:
    from modem.urcs import RejectReported


_NR = frozenset({"NR", "NR-5GC", "NR5G"})
_WITH_LEVEL = frozenset({"GSM", "WCDMA"})


class ReadIccidOfCard(ReadIccid):
    """AT^ICCID?: the card's number."""

    text = "AT^ICCID?"
    prefixes = ("^ICCID", "+ICCID")


class ReadPinRetriesOfHuawei(PrefixedCommand[PinRetries]):
    """AT^CPIN?: the card's state, then the tries left for PUK1, PIN1, PUK2 and PIN2."""

    text = "AT^CPIN?"
    prefixes = ("^CPIN",)

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """`^CPIN: READY,,10,3,10,3`; the second field are the tries for the code that is due."""
        fields = [*self.rows(lines)[-1], None, None, None, None]
        return PinRetries(pin=to_int(fields[3]), puk=to_int(fields[2]))


class ReadSignal(PrefixedCommand[Signal]):
    """AT^HCSQ?: level and quality as indexes, 255 unknown; a line for each network in use."""

    text = "AT^HCSQ?"
    prefixes = ("^HCSQ",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """RSSI and RSRP from 0 up in dBm, SINR in fifths, RSRQ in halves of a dB.

        On 5G non-standalone the LTE anchor counts. The RSRQ of NR does not fit what ^MONSC says of
        the same moment (31 beside -9 dB).
        """
        rows = self.rows(lines)
        mode, *raw = next((row for row in rows if row and row[0] == "LTE"), rows[-1]) or (None,)
        values = [to_int(field) for field in raw] + [None] * 4
        name = (mode or "").upper()
        if name == "NOSERVICE" or not name:
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        if name in _NR:
            rsrp, sinr = values[:2]
            return Signal(
                rsrp_dbm=scaled(rsrp, 97, -141), sinr_db=_fifths(sinr), rsrq_db=UNIT_DISPUTED
            )
        level = whole(scaled(values[0], 96, -121)) if values[0] is not None else Signal().rssi_dbm
        if name != "LTE":
            return Signal(rssi_dbm=level)
        return Signal(
            rssi_dbm=level,
            rsrp_dbm=scaled(values[1], 97, -141),
            sinr_db=_fifths(values[2]),
            rsrq_db=scaled(values[3], 34, -20, 0.5),
        )


def _fifths(index: int | None) -> float | Absent:
    value = scaled(index, 251, -20.2, 0.2)
    return value if isinstance(value, Absent) else round(value, 1)


class ReadServingCell(PrefixedCommand[Signal | Absent]):
    """AT^MONSC: the serving cell in dBm and dB; ERROR without service."""

    text = "AT^MONSC"
    prefixes = ("^MONSC",)

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """The last three fields of LTE and NR; of GSM and WCDMA the received level."""
        fields = [*self.rows(lines)[0], *[None] * 12]
        rat = (fields[0] or "").upper()
        if rat == "NONE":
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        if rat == "LTE":
            return Signal(
                rssi_dbm=whole(ratio(fields[9], -140, -10)),
                rsrp_dbm=ratio(fields[7], -157, -31),
                rsrq_db=ratio(fields[8], -43, 20),
                plmn=plmn_of_cell(*fields[1:3]),
            )
        if rat == "NR":
            return Signal(
                rsrp_dbm=ratio(fields[8], -157, -31),
                rsrq_db=ratio(fields[9], -43, 20),
                sinr_db=ratio(fields[10], -30, 50),
                plmn=plmn_of_cell(*fields[1:3]),
            )
        return (
            Signal(rssi_dbm=whole(ratio(fields[8], -140, -10)))
            if rat in _WITH_LEVEL
            else Absent(GAVE_NONE)
        )


class ReadNetwork(PrefixedCommand[Plmn | Absent]):
    """AT^MONSC: the serving cell's network in one command, where +COPS would take three."""

    text = "AT^MONSC"
    prefixes = ("^MONSC",)

    def parse(self, lines: tuple[str, ...]) -> Plmn | Absent:
        """MCC and MNC stand behind the kind of network, whichever it is."""
        return plmn_of_cell(*self.rows(lines)[0][1:3]) or Absent(NOT_REGISTERED)


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
