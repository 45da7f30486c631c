"""u-blox's own commands.

Sources: ModemManager's u-blox plugin tests; u-blox' own ubxlib, which reads AT+UCGED? of each
module series.
"""

import re

from modem.at.syntax import split_fields, strip_prefix, to_int
from modem.commands.base import GAVE_NONE, PrefixedCommand, answered
from modem.commands.signal import Signal, of_fifths, ratio, scaled, whole
from modem.commands.sim_access import PinRetries
from modem.snapshot import UsageCounters
from sim.reading import Absent


class ReadPinCounts(PrefixedCommand[PinRetries]):
    """AT+UPINCNT: tries left for PIN1, PIN2, PUK1 and PUK2."""

    text = "AT+UPINCNT"
    prefixes = ("+UPINCNT",)

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """`+UPINCNT: 3,3,10,10`."""
        fields = [*self.rows(lines)[-1], None, None, None]
        return PinRetries(to_int(fields[0]), to_int(fields[2]))


class ReadUsage(PrefixedCommand[UsageCounters | Absent]):
    """AT+UGCNTRD: bytes by context, of the session and in all; gone after a power cycle."""

    text = "AT+UGCNTRD"
    prefixes = ("+UGCNTRD",)

    def parse(self, lines: tuple[str, ...]) -> UsageCounters | Absent:
        """The totals of all contexts together."""
        if not lines:
            return Absent(GAVE_NONE)
        sent = received = 0
        for row in self.rows(lines):
            values = [to_int(field) for field in row]
            if len(values) < 5 or None in values:
                raise self.refuse(lines)
            sent += values[3] or 0
            received += values[4] or 0
        return UsageCounters(sent, received)


# The lines of the answer behind the heading: numbers, hexadecimal ones too, and quoted ones.
_NUMBERS = re.compile(r'[0-9A-Fa-f"]+(,[0-9A-Fa-f."-]*){2,}')
_GSM, _UTRAN = 2, 3
_SHORT_HEADER = 3


class ReadCellInfo(PrefixedCommand[Signal | Absent]):
    """AT+UCGED?: the serving cell, where AT+UCGED=2 or =5 switched it on; else the mode alone.

    In mode 2 two lines without a name follow the heading. The first has the access technology,
    MCC and MNC, and a service state between them unless the module is a SARA-R422; the second has
    the cell. Indexes of 3GPP TS 36.133 are positive, levels in dBm are negative. In mode 5
    (SARA-R4) levels stand in lines `+RSRP:` and `+RSRQ:`.
    """

    text = "AT+UCGED?"
    prefixes = ("+UCGED", "+RSRP", "+RSRQ")
    sinr_divisor = 1

    def owns(self, line: str) -> bool:
        """Whether `line` has one of our names or consists of numbers throughout."""
        return super().owns(line) or _NUMBERS.fullmatch(line.strip()) is not None

    def parse(self, lines: tuple[str, ...]) -> Signal | Absent:
        """Level and quality of the serving cell."""
        named = {}
        for prefix in self.prefixes:
            bodies = [body for line in lines if (body := strip_prefix(line, prefix)) is not None]
            named[prefix] = split_fields(bodies[0]) if bodies else ()
        if not any(named.values()):
            raise self.refuse(lines)
        if named["+RSRP"]:
            rsrp, rsrq = (
                [*fields, None, None, None][2] for fields in (named["+RSRP"], named["+RSRQ"])
            )
            return Signal(rsrp_dbm=ratio(rsrp, -157, -31), rsrq_db=ratio(rsrq, -43, 20))
        rows = [split_fields(line) for line in lines if _NUMBERS.fullmatch(line.strip())]
        if len(rows) < 2:
            return answered(",".join(field or "" for field in named["+UCGED"]))
        return self._of_cell(rows[0], [*rows[1], *[None] * 13])

    def _of_cell(self, header: tuple[str | None, ...], cell: list[str | None]) -> Signal:
        if to_int(header[0]) == _GSM:
            return Signal(rssi_dbm=whole(scaled(to_int(cell[6]), 63, -111)))
        if len(header) == _SHORT_HEADER:
            return Signal(
                rsrp_dbm=ratio(cell[6], -157, -31),
                rsrq_db=ratio(cell[7], -43, 20),
                sinr_db=of_fifths(cell[8]),
            )
        if to_int(header[0]) == _UTRAN:
            return Signal()
        indexed = not (cell[10] or "").startswith("-")
        return Signal(
            rsrp_dbm=scaled(to_int(cell[10]), 97, -141) if indexed else ratio(cell[10], -157, -31),
            rsrq_db=scaled(to_int(cell[11]), 34, -20, 0.5) if indexed else ratio(cell[11], -43, 20),
            sinr_db=ratio(cell[12], -30, 50, self.sinr_divisor),
        )


class ReadCellInfoInTenths(ReadCellInfo):
    """AT+UCGED? on LARA-R6, whose SINR ubxlib reads in tenths of a dB."""

    sinr_divisor = 10
