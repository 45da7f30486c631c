"""Quectel's NB-IoT modules: BC95 and BC28 (HiSilicon's commands), BC26 and BC66 (MediaTek's).

Sources: logs and drivers of BC95s, BC28s, BC26s and BC660Ks; an operator's SARA-N2 and BC95 notes
(units of +NUESTATS); manuals unread beyond their tables of contents.
"""

import re

from modem.at.syntax import split_fields
from modem.commands.base import NOT_REGISTERED, PrefixedCommand, SettingCommand
from modem.commands.signal import Signal, ratio, whole
from modem.commands.sim_access import ReadIccid
from sim.reading import Absent

_STATISTIC = re.compile(
    r"(Signal power|Total power|TX power|TX time|RX time|Cell ID|ECL|SNR|EARFCN|PCI|RSRQ"
    r"|OPERATOR MODE|CURRENT BAND):\s*(-?[0-9]+)\s*"
)
_NO_CELL = "-32768"


class ReadNccid(ReadIccid):
    """AT+NCCID: the card's number."""

    text = "AT+NCCID"
    prefixes = ("+NCCID",)


class ReadStatistics(PrefixedCommand[Signal]):
    """AT+NUESTATS: a line for each statistic, mostly without prefix, levels in tenths."""

    text = "AT+NUESTATS"
    prefixes = ("+NUESTATS", "NUESTATS")

    def owns(self, line: str) -> bool:
        """Whether `line` is one of the statistics, behind our name or alone."""
        return self._named(line) is not None

    def _named(self, line: str) -> tuple[str, str] | None:
        body = self.body(line)
        match = _STATISTIC.fullmatch(line if body is None else body)
        return (match.group(1), match.group(2)) if match else None

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """Signal power is RSRP, total power RSSI; -32768 is no cell."""
        told = dict(named for line in lines if (named := self._named(line)))
        if not told:
            raise self.refuse(lines)
        if told.get("Signal power") == _NO_CELL:
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        return Signal(
            rssi_dbm=whole(ratio(told.get("Total power"), -140, -10, 10)),
            rsrp_dbm=ratio(told.get("Signal power"), -157, -31, 10),
            rsrq_db=ratio(told.get("RSRQ"), -43, 20, 10),
            sinr_db=ratio(told.get("SNR"), -30, 50, 10),
        )


class SetAutoConnect(SettingCommand):
    """AT+NCONFIG=AUTOCONNECT,<on>: kept over restarts; takes effect with the next one."""

    def __init__(self, *, on: bool) -> None:
        self.text = f"AT+NCONFIG=AUTOCONNECT,{str(on).upper()}"


class ReadAutoConnect(PrefixedCommand[bool]):
    """AT+NCONFIG?: a line for each setting; here whether the modem connects by itself.

    Sources: logs of BC95s and a SARA-N2, drivers of BC28s; some firmware quotes both words.
    """

    text = "AT+NCONFIG?"
    prefixes = ("+NCONFIG",)
    writer = SetAutoConnect

    def parse(self, lines: tuple[str, ...]) -> bool:
        """True where it does, after its next start at the latest."""
        for body in self.bodies(lines):
            match split_fields(body):
                case ("AUTOCONNECT", "TRUE" | "FALSE" as told, *_):
                    return told == "TRUE"
        raise self.refuse(lines)


class ReadServingCell(PrefixedCommand[Signal]):
    """AT+QENG=0: the serving cell, levels in dBm and dB from the fifth field on."""

    text = "AT+QENG=0"
    prefixes = ("+QENG",)
    shape = re.compile(r"\s*0\s*,.*")

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """RSRP, RSRQ, RSSI, SINR."""
        rsrp, rsrq, rssi, sinr = [*self.rows(lines)[0], *[None] * 9][5:9]
        return Signal(
            rssi_dbm=whole(ratio(rssi, -140, -10)),
            rsrp_dbm=ratio(rsrp, -157, -31),
            rsrq_db=ratio(rsrq, -43, 20),
            sinr_db=ratio(sinr, -30, 50),
        )
