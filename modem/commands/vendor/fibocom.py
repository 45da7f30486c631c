"""Fibocom's own commands; those of the L8xx are Intel's.

Sources: ModemManager's XMM plugin tests, field reports of an L860-GL, an FM350-GL and an FM160-CN,
modemdata's addons for FM150, FM190 and FM350, QModem's Fibocom script, an i.MX board's FM150 notes.
"""

import re

from modem.at.syntax import split_fields, to_int
from modem.commands.base import GAVE_NONE, NOT_REGISTERED, PrefixedCommand, answered
from modem.commands.signal import UNIT_DISPUTED, Signal, plmn_of_cell, scaled, whole
from sim.identifiers import Plmn
from sim.reading import Absent

_LTE_SERVING = "4"
_CELL = re.compile(r"[12],[0-9]{1,2},.*")
_HEADING = re.compile(r"[A-Za-z-]+ (service|neighbor|neighbour) cell ?:", re.IGNORECASE)


def _plmn(row: tuple[str | None, ...]) -> Plmn | None:
    """The cell's network; FM350 drops the zeros of the MNC (`250,1`), so `12` could be 012."""
    mcc, mnc = row[2:4]
    whole_mnc = mnc is not None and (mnc.startswith("0") or len(mnc) == 3)
    return plmn_of_cell(mcc, mnc) if whole_mnc else None


def _halves(raw: int | None) -> float | Absent:
    """A ratio in halves of a dB, as it is written; 255 is unknown."""
    if raw is None:
        return Absent(GAVE_NONE)
    return raw / 2 if -100 <= raw <= 100 else answered(raw)


class ReadSignal(PrefixedCommand[Signal]):
    """AT+XCESQ?: the indexes of +CESQ with one for the signal-to-noise ratio, in half dB."""

    text = "AT+XCESQ?"
    prefixes = ("+XCESQ",)
    shape = re.compile(r"\s*[0-9]+\s*(,\s*-?[0-9]+\s*){7,}")

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """The first field is the report setting; then as +CESQ, then the ratio."""
        fields = [to_int(field) for field in self.rows(lines)[-1]]
        _n, rxlev, ber, _rscp, _ecno, rsrq, rsrp, ratio = fields[:8]
        return Signal(
            rssi_dbm=whole(scaled(rxlev, 63, -111)),
            rsrp_dbm=scaled(rsrp, 97, -141),
            rsrq_db=scaled(rsrq, 34, -20, 0.5),
            sinr_db=_halves(ratio),
            ber=whole(scaled(ber, 7, 0)),
        )


class ReadNetworkOfXmm(PrefixedCommand[Plmn | Absent]):
    """AT+XMCI=1: the cells in reach, of Intel's chips; kind 4 is LTE's serving one."""

    text = "AT+XMCI=1"
    prefixes = ("+XMCI",)

    def parse(self, lines: tuple[str, ...]) -> Plmn | Absent:
        """Kind, MCC and MNC stand first; the MNC keeps its zeros (`4,247,05,...`)."""
        for row in self.rows(lines):
            if row[:1] == (_LTE_SERVING,):
                return plmn_of_cell(*row[1:3]) or answered(row[1])
        return Absent(NOT_REGISTERED)


class ReadCellInfo(PrefixedCommand[Signal | Absent]):
    """AT+GTCCINFO?: the cells in reach, a line without prefix each; `1,` begins a serving one.

    Qualcomm models put a heading before them (`LTE service cell:`), MediaTek's do not.
    """

    text = "AT+GTCCINFO?"
    prefixes = ("+GTCCINFO",)
    nr_ratio_in_halves = True

    def owns(self, line: str) -> bool:
        """Whether `line` is a heading or has the shape of a cell."""
        text = line.strip()
        return super().owns(line) or bool(_CELL.fullmatch(text) or _HEADING.fullmatch(text))

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """Of the serving LTE cell, else of the serving NR cell: the ratio, then level and quality.

        The FM350 whose LTE index is 39 prints -102 dBm beside it (AT+GTCAINFO?), which is n-141.
        """
        cells = [split_fields(line) for line in lines if _CELL.fullmatch(line.strip())]
        serving = {row[1]: row for row in cells if row[0] == "1" and len(row) >= 14}
        if "4" in serving:
            ratio, rsrp, rsrq = self._indexes(serving["4"])
            return Signal(
                rsrp_dbm=scaled(rsrp, 97, -141),
                rsrq_db=scaled(rsrq, 34, -20, 0.5),
                sinr_db=_halves(ratio),
                plmn=_plmn(serving["4"]),
            )
        if "9" in serving:
            ratio, rsrp, rsrq = self._indexes(serving["9"])
            return Signal(
                rsrp_dbm=scaled(rsrp, 126, -157),
                rsrq_db=scaled(rsrq, 126, -43.5, 0.5),
                sinr_db=scaled(ratio, 127, -23.5, 0.5)
                if self.nr_ratio_in_halves
                else UNIT_DISPUTED,
                plmn=_plmn(serving["9"]),
            )
        return Absent(GAVE_NONE)

    def _indexes(self, row: tuple[str | None, ...]) -> tuple[int | None, ...]:
        return to_int(row[10]), to_int(row[12]), to_int(row[13])


class ReadCellInfoOfMediatek(ReadCellInfo):
    """AT+GTCCINFO? of FM350: QModem takes NR's ratio as it is, modemdata for halves from -23.5."""

    nr_ratio_in_halves = False


class ReadSlot(PrefixedCommand[int | Absent]):
    """AT+GTDUALSIM?: the slot in use, counted from 0; some write a blank before the colon."""

    text = "AT+GTDUALSIM?"
    prefixes = ("+GTDUALSIM",)

    def parse(self, lines: tuple[str, ...]) -> int | Absent:
        """`+GTDUALSIM : 0, "SUB1", "L"`; it also comes unsolicited, and says the same."""
        slot = to_int(next(iter(self.rows(lines)[-1]), None))
        if slot is None:
            raise self.refuse(lines)
        return slot + 1 if slot in {0, 1} else answered(slot)
