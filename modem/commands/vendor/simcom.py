"""SIMCom's own commands.

Sources: field reports of SIM7600, SIM76xx/82xx, A76xx and SIM7670G.
"""

from modem.at.syntax import to_int
from modem.commands.base import NOT_REGISTERED, PrefixedCommand
from modem.commands.identity import ReadIdentification
from modem.commands.signal import Signal, ratio, scaled, whole
from modem.commands.sim_access import ReadIccid
from sim.reading import Absent


class ReadSimcomIdentification(ReadIdentification):
    """AT+SIMCOMATI: labelled identification."""

    text = "AT+SIMCOMATI"


class ReadCiccid(ReadIccid):
    """AT+CICCID: the card's number; answers `+ICCID:`."""

    text = "AT+CICCID"


class ReadSystemInfo(PrefixedCommand[Signal]):
    """AT+CPSI?: the serving cell's level and quality.

    Three notations are on record, and RSRP tells them apart: tenths of a dB (SIM76xx, below
    -400), whole dB (SIM70xx, -140 to -44), indexes of +CESQ (A76xx, positive).
    """

    text = "AT+CPSI?"
    prefixes = ("+CPSI",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """LTE and its kin: RSRQ, RSRP, RSSI, then the ratio; other networks: nothing we read."""
        rows = self.rows(lines)
        # On 5G non-standalone a line for NR follows that of the LTE anchor.
        fields = next((row for row in rows if row and (row[0] or "").startswith("LTE")), rows[-1])
        if not fields or (fields[0] or "").upper() == "NO SERVICE":
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        if not (fields[0] or "").upper().startswith("LTE") or len(fields) < 13:
            return Signal()
        rsrq, rsrp, rssi, sinr = [*fields[10:14], None][:4]
        level = to_int(rsrp)
        if level is not None and level >= 0:
            return Signal(
                rsrp_dbm=scaled(level, 97, -141), rsrq_db=scaled(to_int(rsrq), 34, -20, 0.5)
            )
        unit = 10 if level is not None and level < -140 else 1
        return Signal(
            rssi_dbm=whole(ratio(rssi, -140, -10, unit)),
            rsrp_dbm=ratio(rsrp, -157, -31, unit),
            rsrq_db=ratio(rsrq, -43, 20, unit),
            sinr_db=ratio(sinr, -30, 50),
        )
