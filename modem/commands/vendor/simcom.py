"""SIMCom's own commands.

Sources: field reports of SIM800, SIM7000, SIM7600, SIM76xx/82xx, A76xx and SIM7670G; QModem; oFono
(+SPIC).
"""

from modem.at.syntax import to_int
from modem.commands.base import GAVE_NONE, NOT_REGISTERED, PrefixedCommand
from modem.commands.identity import ReadIdentification
from modem.commands.signal import UNIT_DISPUTED, Signal, plmn_of_cell, ratio, scaled, whole
from modem.commands.sim_access import PinRetries, ReadIccid
from sim.reading import Absent


class ReadSimcomIdentification(ReadIdentification):
    """AT+SIMCOMATI: labelled identification."""

    text = "AT+SIMCOMATI"


class ReadCiccid(ReadIccid):
    """AT+CICCID: the card's number; answers `+ICCID:`."""

    text = "AT+CICCID"


class ReadPinTries(PrefixedCommand[PinRetries]):
    """AT+SPIC: tries left for PIN1, and for PIN2 and the PUKs."""

    text = "AT+SPIC"
    prefixes = ("+SPIC",)

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """PIN1 comes first everywhere; PUK1 second (`3,10,0,10`) or third (`3,3,10,10`): None."""
        return PinRetries(to_int([*self.rows(lines)[-1], None][0]), None)


class ReadSlot(PrefixedCommand[int | Absent]):
    """AT+SMSIMCFG?: which slot is on, in the second field."""

    text = "AT+SMSIMCFG?"
    prefixes = ("+SMSIMCFG",)

    def parse(self, lines: tuple[str, ...]) -> int | Absent:
        """The slot, counted from 1."""
        fields = [*self.rows(lines)[-1], None, None]
        slot = to_int(fields[1])
        return Absent(GAVE_NONE) if slot is None else slot


class ReadSystemInfo(PrefixedCommand[Signal]):
    """AT+CPSI?: the serving cell's level and quality.

    Three notations are on record, and RSRP tells them apart: tenths of a dB (SIM76xx, SIM82xx,
    below -400), whole dB (SIM70xx, -140 to -44), indexes of +CESQ (A76xx, positive).
    """

    text = "AT+CPSI?"
    prefixes = ("+CPSI",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """LTE and its kin: RSRQ, RSRP, RSSI, then the ratio; 5G: RSRP, RSRQ; 2G: RSSI."""
        rows = self.rows(lines)
        # On 5G non-standalone a line for NR follows that of the LTE anchor.
        fields = next((row for row in rows if row and (row[0] or "").startswith("LTE")), rows[-1])
        if not fields or (fields[0] or "").upper() == "NO SERVICE":
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        mcc, _, mnc = ([*fields, None, None][2] or "").partition("-")
        return _levels(list(fields))._replace(plmn=plmn_of_cell(mcc, mnc))


class ReadSystemInfoAgain(ReadSystemInfo):
    """AT+CPSI? once more: on SIM7600 the first one after power-up answers ERROR."""


def _levels(fields: list[str | None]) -> Signal:
    network = (fields[0] or "").upper()
    if network == "GSM":
        return Signal(rssi_dbm=whole(ratio([*fields, *[None] * 7][6], -140, -10)))
    if network == "NR5G_SA":
        return _of_5g([*fields, *[None] * 11])
    if not network.startswith("LTE") or len(fields) < 13:
        return Signal()
    rsrq, rsrp, rssi, sinr = [*fields[10:14], None][:4]
    level = to_int(rsrp)
    if level is not None and level >= 0:
        return Signal(rsrp_dbm=scaled(level, 97, -141), rsrq_db=scaled(to_int(rsrq), 34, -20, 0.5))
    unit = 10 if level is not None and level < -140 else 1
    return Signal(
        rssi_dbm=whole(ratio(rssi, -140, -10, unit)),
        rsrp_dbm=ratio(rsrp, -157, -31, unit),
        rsrq_db=ratio(rsrq, -43, 20, unit),
        sinr_db=ratio(sinr, -30, 50),
    )


def _of_5g(fields: list[str | None]) -> Signal:
    """Level and quality in tenths of a dB; of the ratio behind them sources dispute the unit."""
    rsrp, rsrq, sinr = fields[8:11]
    return Signal(
        rsrp_dbm=ratio(rsrp, -157, -31, 10),
        rsrq_db=ratio(rsrq, -43, 20, 10),
        sinr_db=Absent(GAVE_NONE) if sinr is None else UNIT_DISPUTED,
    )
