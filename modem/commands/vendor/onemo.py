"""China Mobile OneMO's own commands.

Source: China Mobile's extended AT manual of ML30x and ML307, as a public copy has it.
"""

from modem.at.syntax import to_int
from modem.commands.base import NOT_REGISTERED, PrefixedCommand
from modem.commands.signal import Signal, plmn_of_cell, ratio, whole
from modem.commands.sim_access import ReadIccid
from modem.snapshot import UsageCounters
from sim.reading import Absent


class ReadMccid(ReadIccid):
    """AT+MCCID: the card's number; 20 digits may have an F behind them."""

    text = "AT+MCCID"


class ReadServingCell(PrefixedCommand[Signal]):
    """AT+MUESTATS="cell": the serving cell in tenths of a dB, -32768 invalid."""

    text = 'AT+MUESTATS="cell"'
    prefixes = ("+MUESTATS",)

    def owns(self, line: str) -> bool:
        """Whether `line` is the serving cell's."""
        return '"scell"' in line and super().owns(line)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """RSRP, RSRQ, RSSI, SINR from the eighth field on; without a serving cell only OK comes."""
        if not lines:
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        fields = self.rows(lines)[-1]
        rsrp, rsrq, rssi, sinr = [*fields[7:11], None, None, None, None][:4]
        return Signal(
            rssi_dbm=whole(ratio(rssi, -140, -10, 10)),
            rsrp_dbm=ratio(rsrp, -157, -31, 10),
            rsrq_db=ratio(rsrq, -43, 20, 10),
            sinr_db=ratio(sinr, -30, 50, 10),
            plmn=plmn_of_cell(*fields[2:4]),
        )


class ReadUsage(PrefixedCommand[UsageCounters]):
    """AT+MUESTATS="bler": block errors, and with them the bytes sent and received."""

    text = 'AT+MUESTATS="bler"'
    prefixes = ("+MUESTATS",)

    def owns(self, line: str) -> bool:
        """Whether `line` is the block error line."""
        return '"bler"' in line and super().owns(line)

    def parse(self, lines: tuple[str, ...]) -> UsageCounters:
        """Sent is the sixth field, received the seventh."""
        fields = [*self.rows(lines)[-1], None, None, None, None, None, None]
        sent, received = to_int(fields[5]), to_int(fields[6])
        if sent is None or received is None:
            raise self.refuse(lines)
        return UsageCounters(sent, received)
