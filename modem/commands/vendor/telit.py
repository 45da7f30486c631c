"""Telit's own commands.

Sources: ModemManager's Telit plugin tests (#QSS), unit tests and comments of a Telit library, a
recorded LM960A18 transcript, oFono's Telit driver and an ME910 driver (the layouts of #RFSTS),
UC864 and GM862 manual pages (#GDATAVOL), LE910 V2 AT manual pages 307 to 309 (#STATSCONSUME), a
field report of an LE910 in forced registration (#CEERNET); manuals unread beyond these.
"""

import re

from modem.at.syntax import to_int
from modem.commands.base import GAVE_NONE, NOT_REGISTERED, PrefixedCommand, answered
from modem.commands.signal import Signal, plmn_of_cell, ratio, whole
from modem.commands.sim_access import ReadIccid, ReadImsi
from modem.snapshot import LastError, UsageCounters
from sim.reading import Absent

_BYTES_IN_KB = 1000
_ORDER_DISPUTED = "sources dispute the order of sent and received"
_SENT, _RECEIVED = 7, 8  # services of #STATSCONSUME: IP data without headers


class ReadTelitIccid(ReadIccid):
    """AT#CCID: the card's number."""

    text = "AT#CCID"
    prefixes = ("#CCID",)


class ReadTelitImsi(ReadImsi):
    """AT#CIMI: the IMSI behind a name, where AT+CIMI prints it bare."""

    text = "AT#CIMI"
    prefixes = ("#CIMI",)


class ReadSlot(PrefixedCommand[int | Absent]):
    """AT#QSS?: report setting, state of the card, and on modems with two slots which one is on."""

    text = "AT#QSS?"
    prefixes = ("#QSS",)
    shape = re.compile(r"\s*[0-9]\s*,\s*[0-9]\s*(,\s*[0-9]\s*)?")

    def parse(self, lines: tuple[str, ...]) -> int | Absent:
        """The slot, counted from 1; older modems do not say."""
        fields = [to_int(field) for field in self.rows(lines)[-1]]
        slot = fields[2] if len(fields) > 2 else None
        return Absent(GAVE_NONE) if slot is None else slot + 1


class ReadNetworkStatus(PrefixedCommand[Signal]):
    """AT#RFSTS: the serving cell, in a layout for each of 2G, 3G and LTE.

    The layouts are told by their levels, which are the only negative numbers: 2G has one, in third
    place; LTE has three from there on (RSRP, RSSI, RSRQ); 3G has its scrambling code in third
    place and RSCP and RSSI in fifth and sixth. An empty first field says that the modem camps
    there without being registered; the levels are measured all the same.
    """

    text = "AT#RFSTS"
    prefixes = ("#RFSTS",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """LTE: RSRP, RSSI, RSRQ; 2G and 3G: RSSI."""
        fields = [*self.rows(lines)[-1], *[None] * 6]
        levels = [field if field and field.startswith("-") else None for field in fields[2:6]]
        if all(levels[:3]):
            rsrp, rssi, rsrq, _ = levels
            return Signal(
                rssi_dbm=whole(ratio(rssi, -140, -10)),
                rsrp_dbm=ratio(rsrp, -157, -31),
                rsrq_db=ratio(rsrq, -43, 20),
                plmn=plmn_of_cell(*(fields[0] or "").split(" ")),
            )
        if levels[0] and not levels[1]:
            return Signal(rssi_dbm=whole(ratio(levels[0], -140, -10)))
        if not levels[0] and levels[2] and levels[3]:
            return Signal(rssi_dbm=whole(ratio(levels[3], -140, -10)))
        nothing = Absent(NOT_REGISTERED)
        return Signal(nothing, nothing, nothing, nothing, nothing)


class ReadServingCell(PrefixedCommand[Signal]):
    """AT#SERVINFO: the serving cell in short; nine fields on LTE, more or fewer on 2G and 3G."""

    text = "AT#SERVINFO"
    prefixes = ("#SERVINFO",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """RSSI; on LTE also RSRP, the last field."""
        fields = [*self.rows(lines)[-1], None, None]
        lte = len(fields) == 11
        return Signal(
            rssi_dbm=whole(ratio(fields[1], -140, -10)),
            rsrp_dbm=ratio(fields[8], -157, -31) if lte else Absent(GAVE_NONE),
        )


class ReadNetworkReject(PrefixedCommand[LastError | Absent]):
    """AT#CEERNET: the network's latest refusal as a number; its domain is not told."""

    text = "AT#CEERNET"
    prefixes = ("#CEERNET",)
    shape = re.compile(r"\s*[0-9]{1,3}\s*")

    def parse(self, lines: tuple[str, ...]) -> LastError | Absent:
        """`#CEERNET: 15`; 0 is no refusal."""
        cause = to_int(self.bodies(lines)[-1])
        if not cause:
            return Absent(GAVE_NONE)
        return LastError(f"network reject {cause}", Absent(GAVE_NONE), cause)


class ReadDataVolume(PrefixedCommand[UsageCounters | Absent]):
    """AT#GDATAVOL=2: bytes by context since the last reset.

    The manuals print the sum first, then sent and received; a library's sample has the sum last.
    The sum tells where it stands; where it stands last, which of the others is which is disputed.
    """

    text = "AT#GDATAVOL=2"
    prefixes = ("#GDATAVOL",)

    def parse(self, lines: tuple[str, ...]) -> UsageCounters | Absent:
        """The contexts together."""
        if not lines:
            return Absent(GAVE_NONE)
        sent = received = 0
        doubt = None
        for row in self.rows(lines):
            numbers = [number for field in row[1:4] if (number := to_int(field)) is not None]
            if len(numbers) < 3:
                raise self.refuse(lines)
            first, second, third = numbers
            if first == second + third:
                sent, received = sent + second, received + third
            elif third == first + second:
                sent, received, doubt = sent + first, received + second, _ORDER_DISPUTED
            else:
                raise self.refuse(lines)
        return UsageCounters(sent, received, doubt)


class ReadConsumption(PrefixedCommand[UsageCounters | Absent]):
    """AT#STATSCONSUME=1: kilobytes by service over the modem's life, once it was told to count."""

    text = "AT#STATSCONSUME=1"
    prefixes = ("#STATSCONSUME",)

    def parse(self, lines: tuple[str, ...]) -> UsageCounters | Absent:
        """Data sent (service 7) and received (service 8), without headers."""
        counted = {}
        for row in self.rows(lines) if lines else ():
            service, amount = (to_int(field) for field in [*row, None, None][:2])
            counted[service] = amount
        sent, received = counted.get(_SENT), counted.get(_RECEIVED)
        if sent is None or received is None:
            return Absent(GAVE_NONE)
        if sent == received == 0:
            return answered("0,0")  # a life's counters at zero were never switched on
        return UsageCounters(
            sent * _BYTES_IN_KB, received * _BYTES_IN_KB, "counted in whole kilobytes"
        )
