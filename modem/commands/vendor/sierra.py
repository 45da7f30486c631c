"""Sierra Wireless' own commands.

Sources: ModemManager's Sierra plugin (!ICCID, !SCACT, +CPINC), field reports of EM7455s
(!GSTATUS), QModem and modemdata, which read !GSTATUS of MC77xx, EM74xx, EM75xx and EM919x (and
!UIMS), Zephyr's HL7800 driver (+KCELLMEAS).
"""

import re

from modem.at.syntax import has_prefix, to_int
from modem.commands.base import GAVE_NONE, PrefixedCommand
from modem.commands.packet_domain import ReadContextStates
from modem.commands.signal import Signal, ratio, whole
from modem.commands.sim_access import PinRetries, ReadIccid
from modem.snapshot import LastError
from sim.reading import Absent

# `LTE band:      B3               LTE bw:      10 MHz`: columns are set apart by tabs or blanks.
_CELL = re.compile(r"([A-Z][\w ()/]{1,24}?):[ \t]*(.*?)[ \t]*(?=(?:\t|  )[A-Z][\w ()/]{1,24}:|$)")
# How the lines of the table begin, in all firmware on record.
_HEADS = (
    "Current Time", "Bootup Time", "Reset Counter", "System mode", "LTE ", "WCDMA ", "GSM ",
    "NR5G ", "EMM state", "RRC state", "GMM (PS) state", "MM (CS) state", "IMS ", "PCC ", "SCC",
    "RSSI (dBm)", "RSRP (dBm)", "RSRQ (dB)", "SINR (dB)", "Tx Power", "Cell ID", "L1 State",
)  # fmt: skip


def _told(lines: tuple[str, ...]) -> dict[str, str]:
    """The table's values by their labels; a label that stands there twice has its first value."""
    told: dict[str, str] = {}
    for line in lines:
        for label, value in _CELL.findall(line.rstrip()):
            if value and value != "---":
                told.setdefault(label, " ".join(value.split()))
    return told


class ReadIccidOfCard(ReadIccid):
    """AT!ICCID?: the card's number."""

    text = "AT!ICCID?"
    prefixes = ("!ICCID", "+ICCID")


class ReadPinCounts(PrefixedCommand[PinRetries]):
    """AT+CPINC?: tries left for PIN1, PIN2, PUK1 and PUK2."""

    text = "AT+CPINC?"
    prefixes = ("+CPINC",)

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """`+CPINC: 3,3,10,10`; a number beyond what a card can count is none."""
        fields = [*self.rows(lines)[-1], None, None, None]
        return PinRetries(to_int(fields[0]), to_int(fields[2]))


class ReadSlot(PrefixedCommand[int]):
    """AT!UIMS?: the slot in use, which the modem counts from 0."""

    text = "AT!UIMS?"
    prefixes = ("!UIMS",)
    shape = re.compile(r"\s*[0-9]\s*")

    def parse(self, lines: tuple[str, ...]) -> int:
        """The slot, counted from 1."""
        return (to_int(self.bodies(lines)[-1]) or 0) + 1


class ReadSessionStates(ReadContextStates):
    """AT!SCACT?: which data sessions of the network interface are up, by cid."""

    text = "AT!SCACT?"
    prefixes = ("!SCACT",)


class _StatusTable:
    """AT!GSTATUS?: a heading, then a table in two columns without a prefix on its lines."""

    text = "AT!GSTATUS?"

    def owns(self, line: str) -> bool:
        """Whether `line` is the heading or begins as a line of the table does."""
        return has_prefix(line, "!GSTATUS") or line.lstrip().startswith(_HEADS)


class ReadStatus(_StatusTable, PrefixedCommand[Signal]):
    """AT!GSTATUS?: level and quality of the serving cell, by its main receiver."""

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """Of the LTE cell, else of the NR cell; firmware differs in where it names RSRP."""
        told = _told(lines)
        if not told:
            raise self.refuse(lines)

        def first(*labels: str) -> str | None:
            return next((told[label] for label in labels if label in told), None)

        return Signal(
            rssi_dbm=whole(ratio(first("PCC RxM RSSI", "RSSI (dBm)"), -140, -10)),
            rsrp_dbm=ratio(first("PCC RxM RSRP", "RSRP (dBm)", "NR5G RSRP (dBm)"), -157, -31),
            rsrq_db=ratio(first("RSRQ (dB)", "NR5G RSRQ (dB)"), -43, 20),
            sinr_db=ratio(first("SINR (dB)", "NR5G SINR (dB)"), -30, 50),
        )


class ReadAttachState(_StatusTable, PrefixedCommand[LastError | Absent]):
    """AT!GSTATUS?: what became of registration, in words; these modems give no cause number."""

    def parse(self, lines: tuple[str, ...]) -> LastError | Absent:
        """`EMM state:     Registered       Normal Service` on LTE, GMM state on older networks."""
        told = _told(lines)
        for label, domain in (("EMM state", "emm"), ("GMM (PS) state", "gmm")):
            if label in told:
                return LastError(f"{label}: {told[label]}", domain, Absent(GAVE_NONE))
        return Absent(GAVE_NONE)


class ReadCellMeasurement(PrefixedCommand[Signal]):
    """AT+KCELLMEAS=0 (HL78xx): RSRP first, SINR fifth."""

    text = "AT+KCELLMEAS=0"
    prefixes = ("+KCELLMEAS",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """In dBm and dB; path loss and transmit power stand between them."""
        fields = [*self.rows(lines)[-1], *[None] * 5]
        return Signal(rsrp_dbm=ratio(fields[0], -157, -31), sinr_db=ratio(fields[4], -30, 50))
