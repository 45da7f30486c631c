"""Quectel's own commands.

Sources: EC2x&EG9x AT commands manual chapters 2, 4, 5, 10 (unread; as quoted in field reports),
recordings of an RM500U-CNV, an EM12-G, an EP06 and EC25s, BG95, BC26 and BC95 logs and drivers.
"""

import re

from modem.at.syntax import to_int
from modem.commands.base import (
    GAVE_NONE,
    NOT_REGISTERED,
    PrefixedCommand,
    SettingCommand,
    answered,
)
from modem.commands.context_setup import Authentication, written
from modem.commands.registration import plmn_of
from modem.commands.signal import UNIT_DISPUTED, Signal, of_fifths, plmn_of_cell, ratio, whole
from modem.commands.sim_access import PinRetries, ReadIccid
from modem.snapshot import UsageCounters
from sim.identifiers import Plmn
from sim.reading import Absent

_LTE_AND_KIN = frozenset({"LTE", "EMTC", "NBIOT", "CAT-M", "CAT-M1", "CAT-NB", "CAT-NB1"})
_NO_SERVICE = frozenset({"NOSERVICE", "NO SERVICE", "SEARCH", "LIMSRV"})


class ReadQccid(ReadIccid):
    """AT+QCCID: the card's number, F filler kept."""

    text = "AT+QCCID"


class ReadNetworkInfo(PrefixedCommand[Plmn | Absent]):
    """AT+QNWINFO: the operator's number in one command, where +COPS would take three."""

    text = "AT+QNWINFO"
    prefixes = ("+QNWINFO",)

    def parse(self, lines: tuple[str, ...]) -> Plmn | Absent:
        """`"FDD LTE","26203","LTE BAND 1",250`; `No Service` is no operator."""
        fields = self.rows(lines)[0]
        if len(fields) < 2:
            return Absent(NOT_REGISTERED)
        return plmn_of(fields[1]) or answered(fields[1])


class ReadPinRetriesOfSc(PrefixedCommand[PinRetries]):
    """AT+QPINC?: tries left for PIN1 and PUK1 (`SC`), PIN2 and PUK2 (`P2`)."""

    text = "AT+QPINC?"
    prefixes = ("+QPINC",)

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """`+QPINC: "SC",3,10`."""
        for row in self.rows(lines):
            if len(row) >= 3 and row[0] == "SC":
                return PinRetries(to_int(row[1]), to_int(row[2]))
        raise self.refuse(lines)


class ReadUsage(PrefixedCommand[UsageCounters]):
    """AT+QGDCNT?: bytes sent and received since the counters were last reset or reloaded."""

    text = "AT+QGDCNT?"
    prefixes = ("+QGDCNT",)
    shape = re.compile(r"\s*[0-9]+\s*,\s*[0-9]+\s*")
    doubt: str | None = None

    def parse(self, lines: tuple[str, ...]) -> UsageCounters:
        """Sent, then received, in bytes."""
        sent, received = (to_int(field) or 0 for field in self.rows(lines)[-1])
        return UsageCounters(sent, received, self.doubt)


class ReadUsageUnisoc(ReadUsage):
    """AT+QGDCNT? on Unisoc modems, where sources dispute which number is which."""

    doubt = "sources dispute the order of sent and received"


class ReadUsageWithout5g(PrefixedCommand[UsageCounters | Absent]):
    """AT+QGDCNT? on 5G modems: counts LTE alone, stays `0,0` on 5G standalone."""

    text = "AT+QGDCNT?"
    prefixes = ("+QGDCNT",)
    shape = ReadUsage.shape

    def parse(self, lines: tuple[str, ...]) -> UsageCounters | Absent:
        """Sent, then received, in bytes; both zero: ask the 5G counter."""
        sent, received = (to_int(field) or 0 for field in self.rows(lines)[-1])
        if sent == received == 0:
            return answered("0,0")
        return UsageCounters(sent, received, "5G standalone traffic is not counted")


class ReadUsageOf5g(ReadUsage):
    """AT+QGDNRCNT?: bytes on 5G; QModem reads sent first, another project received first."""

    text = "AT+QGDNRCNT?"
    prefixes = ("+QGDNRCNT",)
    doubt = "sources dispute the order of sent and received"


class ReadSignal(PrefixedCommand[Signal]):
    """AT+QCSQ: level and quality on the network in use; SINR in fifths of a dB from -20 up."""

    text = "AT+QCSQ"
    prefixes = ("+QCSQ",)
    sinr_in_fifths = True

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """LTE, LTE-M and NB-IoT: RSSI, RSRP, SINR, RSRQ; NR5G: RSRP, SINR, RSRQ."""
        mode, *values = self.rows(lines)[0] or (None,)
        if mode is None or mode.upper() in _NO_SERVICE:
            nothing = Absent(NOT_REGISTERED)
            return Signal(nothing, nothing, nothing, nothing, nothing)
        if mode.upper().startswith("NR5G"):
            values = [None, *values]
        values += [None] * (4 - len(values))
        if mode.upper() in {"GSM", "WCDMA", "TDSCDMA"}:
            return Signal(rssi_dbm=_rssi(values[0]))
        return Signal(
            rssi_dbm=_rssi(values[0]),
            rsrp_dbm=ratio(values[1], -157, -31),
            rsrq_db=ratio(values[3], -43, 20),
            sinr_db=self._sinr(values[2]),
        )

    def _sinr(self, raw: str | None) -> float | Absent:
        value = to_int(raw)
        if not self.sinr_in_fifths or (value is not None and value < 0):
            return ratio(raw, -30, 50)  # an index is never negative
        return of_fifths(raw)


class ReadSignalInDb(ReadSignal):
    """AT+QCSQ where SINR is in dB (ASR and Unisoc chips)."""

    sinr_in_fifths = False


def _rssi(raw: str | None) -> int | Absent:
    """EP06 prints 52 for -52 dBm."""
    value = to_int(raw)
    return whole(ratio(None if value is None else str(-abs(value)), -140, -10))


class ReadServingCell(PrefixedCommand[Signal]):
    """AT+QENG="servingcell": level and quality of the serving cell.

    SINR is left out where sources dispute its unit: manuals say fifths of a dB, EC25 and EM12
    print what can only be dB.
    """

    text = 'AT+QENG="servingcell"'
    prefixes = ("+QENG",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """One line, or (non-standalone) a line for the LTE anchor and one for NR."""
        for row in self.rows(lines):
            fields = [(field or "").upper() for field in row]
            if "NR5G-SA" in fields:
                at = fields.index("NR5G-SA")
                found = self._signal([None, *row[at + 10 : at + 13]])
                return found._replace(plmn=plmn_of_cell(*row[at + 2 : at + 4]))
            place = next((i for i, field in enumerate(fields) if field in _LTE_AND_KIN), None)
            if place is not None:
                rsrp, rsrq, rssi, sinr = [*row[place + 11 : place + 15], *[None] * 4][:4]
                found = self._signal([rssi, rsrp, rsrq, sinr])
                return found._replace(plmn=plmn_of_cell(*row[place + 2 : place + 4]))
            if "GSM" in fields:
                level = [*row[fields.index("GSM") + 8 :], None][0]
                return Signal(rssi_dbm=whole(ratio(level, -140, -10)))
            if "WCDMA" in fields:
                return Signal()  # RSCP and Ec/Io, which +CSQ has as RSSI
        nothing = Absent(NOT_REGISTERED)
        return Signal(nothing, nothing, nothing, nothing, nothing)

    def _signal(self, values: list[str | None]) -> Signal:
        rssi, rsrp, rsrq, sinr = [*values, None, None, None, None][:4]
        return Signal(
            rssi_dbm=whole(ratio(rssi, -140, -10)),
            rsrp_dbm=ratio(rsrp, -157, -31),
            rsrq_db=ratio(rsrq, -43, 20),
            sinr_db=self._sinr(sinr),
        )

    def _sinr(self, raw: str | None) -> float | Absent:
        return Absent(GAVE_NONE) if raw in {None, "", "-"} else UNIT_DISPUTED


class ReadServingCellInDb(ReadServingCell):
    """AT+QENG="servingcell" on Unisoc and ASR modems, whose SINR is in dB."""

    def _sinr(self, raw: str | None) -> float | Absent:
        return ratio(raw, -30, 50)


class ReadServingCellInFifths(ReadServingCell):
    """AT+QENG="servingcell" on EP06, whose SINR is in fifths of a dB from -20 up."""

    def _sinr(self, raw: str | None) -> float | Absent:
        return of_fifths(raw)


class ReadActiveContexts(PrefixedCommand[dict[int, tuple[bool, tuple[str, ...]]]]):
    """AT+QIACT?: contexts that the modem's own stack activated, with their addresses."""

    text = "AT+QIACT?"
    prefixes = ("+QIACT",)

    def parse(self, lines: tuple[str, ...]) -> dict[int, tuple[bool, tuple[str, ...]]]:
        """By cid: active or not, addresses; an answer without lines is an answer."""
        found = {}
        for row in self.rows(lines) if lines else ():
            cid, state = (to_int(field) for field in [*row, None, None][:2])
            if cid is None or state is None:
                raise self.refuse(lines)
            found[cid] = (state == 1, tuple(field for field in row[3:] if field))
        return found


class ReadSlot(PrefixedCommand[int]):
    """AT+QUIMSLOT?: the slot in use, counted from 1."""

    text = "AT+QUIMSLOT?"
    prefixes = ("+QUIMSLOT",)
    shape = re.compile(r"\s*[12]\s*")

    def parse(self, lines: tuple[str, ...]) -> int:
        """`+QUIMSLOT: 1`."""
        return to_int(self.bodies(lines)[-1]) or 1


class SetContextLogin(SettingCommand):
    """AT+QICSGP=<cid>,<type>,"<apn>","<user>","<password>",<protocol>."""

    def __init__(self, row: Authentication) -> None:
        self._cid = row.cid
        user, password = (*row.fields, "", "")[:2]
        fields = (*row.beside, user, password, str(row.protocol))
        self.text = f"AT+QICSGP={written(row.cid, fields, texts=range(1, 4))}"

    @property
    def shown(self) -> str:
        """The command without what it logs in with."""
        return f"AT+QICSGP={self._cid},***"


class ReadContextLogin(PrefixedCommand[tuple[Authentication, ...]]):
    """AT+QICSGP=<cid>: type, APN, user, password and protocol of one context.

    Source: Quectel LTE Standard(A) Series TCP/IP Application Note V1.4, clause 2.3.2, as public
    code quotes it; logs of EC200As.
    """

    prefixes = ("+QICSGP",)
    cids = range(1, 17)
    """One command each."""
    writer = SetContextLogin

    def __init__(self, cid: int) -> None:
        self._cid = cid
        self.text = f"AT+QICSGP={cid}"

    def parse(self, lines: tuple[str, ...]) -> tuple[Authentication, ...]:
        """One row; none for a context that is not defined (type 0)."""
        (row, *_) = self.rows(lines)
        kind, protocol = to_int(row[0] if row else None), to_int(row[4] if len(row) > 4 else None)
        if kind is None or protocol is None:
            raise self.refuse(lines)
        return (Authentication(self._cid, protocol, row[2:4], row[:2]),) if kind else ()
