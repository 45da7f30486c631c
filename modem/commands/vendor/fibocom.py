"""Fibocom's own commands; those of the L8xx are Intel's.

Sources: ModemManager's XMM plugin tests, field reports of an L860-GL and an FM350-GL.
"""

import re

from modem.at.syntax import split_fields, to_int
from modem.commands.base import PrefixedCommand
from modem.commands.signal import Signal, scaled, whole

_CELL = re.compile(r"[12],[0-9]{1,2},.*")


class ReadSignal(PrefixedCommand[Signal]):
    """AT+XCESQ?: the indexes of +CESQ with one for the signal-to-noise ratio, in half dB."""

    text = "AT+XCESQ?"
    prefixes = ("+XCESQ",)
    shape = re.compile(r"\s*[0-9]+\s*(,\s*-?[0-9]+\s*){7,}")

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """The first field is the report setting; then as +CESQ, then the ratio."""
        fields = [to_int(field) for field in self.rows(lines)[-1]]
        _n, rxlev, ber, _rscp, _ecno, rsrq, rsrp, ratio = fields[:8]
        noise = scaled(None if ratio is None else ratio + 100, 200, -50, 0.5)
        return Signal(
            rssi_dbm=whole(scaled(rxlev, 63, -111)),
            rsrp_dbm=scaled(rsrp, 97, -141),
            rsrq_db=scaled(rsrq, 34, -20, 0.5),
            sinr_db=noise,
            ber=whole(scaled(ber, 7, 0)),
        )


class ReadCellInfo(PrefixedCommand[Signal]):
    """AT+GTCCINFO?: the cells in reach, a line without prefix each; `1,` begins a serving one."""

    text = "AT+GTCCINFO?"
    prefixes = ("+GTCCINFO",)

    def owns(self, line: str) -> bool:
        """Whether `line` is the heading or has the shape of a cell."""
        return super().owns(line) or _CELL.fullmatch(line.strip()) is not None

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """Of the serving LTE cell, else of the serving NR cell: the last two indexes.

        The FM350 whose LTE index is 39 prints -102 dBm beside it (AT+GTCAINFO?), which is n-141.
        """
        cells = [split_fields(line) for line in lines if _CELL.fullmatch(line.strip())]
        serving = {row[1]: row for row in cells if row[0] == "1" and len(row) >= 14}
        if "4" in serving:
            rsrp, rsrq = (to_int(field) for field in serving["4"][12:14])
            return Signal(rsrp_dbm=scaled(rsrp, 97, -141), rsrq_db=scaled(rsrq, 34, -20, 0.5))
        if "9" in serving:
            rsrp, rsrq = (to_int(field) for field in serving["9"][12:14])
            return Signal(rsrp_dbm=scaled(rsrp, 126, -157), rsrq_db=scaled(rsrq, 126, -43.5, 0.5))
        return Signal()
