"""Sequans' own commands (Monarch and what is made of it: GM01Q, GM02S, VZM20Q).

Sources: logs and drivers of Monarch modules (+SQNCCID, +SQNMONI); the manual is unread.
"""

import re

from modem.commands.base import GAVE_NONE, UNREADABLE, PrefixedCommand
from modem.commands.signal import Signal, plmn_of_cell, ratio, whole
from modem.commands.sim_access import ReadIccid
from sim.errors import IdentifierError
from sim.identifiers import Eid
from sim.reading import Absent

_NAMED = re.compile(r"\b(Cc|Nc|RSRP|CINR|RSRQ|PWR):(-?[0-9]+(?:\.[0-9]+)?)")


class ReadSqnccid(ReadIccid):
    """AT+SQNCCID: the card's number, then the eUICC's, each quoted, after many blanks."""

    text = "AT+SQNCCID"
    prefixes = ("+SQNCCID",)


class ReadEid(PrefixedCommand[Eid | Absent]):
    """AT+SQNCCID: the eUICC's number, the second one; empty where there is no eUICC."""

    text = "AT+SQNCCID"
    prefixes = ("+SQNCCID",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> Eid | Absent:
        """The number behind the card's."""
        fields = self.rows(lines)[-1]
        number = (fields[1] or "").strip() if len(fields) > 1 else ""
        if not number:
            return Absent(GAVE_NONE)
        try:
            return Eid(number)
        except IdentifierError:
            return Absent(UNREADABLE)


class ReadServingCell(PrefixedCommand[Signal | Absent]):
    """AT+SQNMONI=7: the serving cell, values behind their names after the operator's name.

    `NL KPN Cc:204 Nc:08 RSRP:-90.00 CINR:18.00 RSRQ:-7.70 TAC:64503 Id:176 EARFCN:6400 PWR:-74.52
    PAGING:64`; -1 throughout is a cell that was not measured.
    """

    text = "AT+SQNMONI=7"
    prefixes = ("+SQNMONI",)

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """Level and quality in dBm and dB; firmware differs in which of them it prints."""
        told = dict(_NAMED.findall(self.bodies(lines)[0]))
        if not told:
            return Absent(GAVE_NONE)
        measured = told.get("RSRP") != "-1"
        return Signal(
            rssi_dbm=whole(ratio(told.get("PWR"), -140, -10)),
            rsrp_dbm=ratio(told.get("RSRP"), -157, -31),
            rsrq_db=ratio(told.get("RSRQ") if measured else None, -43, 20),
            sinr_db=ratio(told.get("CINR") if measured else None, -30, 50),
            plmn=plmn_of_cell(told.get("Cc"), told.get("Nc")),
        )
