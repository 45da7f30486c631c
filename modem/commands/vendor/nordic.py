"""Nordic's own commands.

Source: unit tests and parsers of Nordic's Cellular Monitor.
"""

import re

from modem.at.syntax import to_int
from modem.commands.base import NOT_REGISTERED, PrefixedCommand
from modem.commands.signal import ReadExtendedSignal, Signal, plmn_of_cell, scaled
from modem.commands.sim_access import ReadIccid
from modem.snapshot import UsageCounters
from sim.identifiers import Plmn
from sim.reading import Absent

_BYTES_IN_KB = 1000


class ReadXiccid(ReadIccid):
    """AT%XICCID: the card's number, F filler kept."""

    text = "AT%XICCID"
    prefixes = ("%XICCID",)


class ReadNordicSignal(ReadExtendedSignal):
    """AT+CESQ as Nordic reads its own indexes: rsrp = n-140, rsrq = n/2-19.5."""

    rsrp_offset = -140.0
    rsrq_offset = -19.5


class ReadMonitor(PrefixedCommand[Signal]):
    """AT%XMONITOR: the serving cell; RSRP and SNR as indexes, 255 and 127 unknown.

    Modem firmware differs in how many fields follow.
    """

    text = "AT%XMONITOR"
    prefixes = ("%XMONITOR",)

    def parse(self, lines: tuple[str, ...]) -> Signal:
        """Eleventh field: rsrp = n-140; twelfth: snr = n-24."""
        fields = [*self.rows(lines)[-1], *[None] * 12]
        if len(fields) < 12 + 6:
            nothing = Absent(NOT_REGISTERED)  # `%XMONITOR: 2` while it searches
            return Signal(nothing, nothing, nothing, nothing, nothing)
        return Signal(
            rsrp_dbm=scaled(to_int(fields[10]), 97, -140),
            sinr_db=scaled(to_int(fields[11]), 49, -24),
        )


class ReadNetwork(PrefixedCommand[Plmn | Absent]):
    """AT%XMONITOR: the network in use, by its number."""

    text = "AT%XMONITOR"
    prefixes = ("%XMONITOR",)

    def parse(self, lines: tuple[str, ...]) -> Plmn | Absent:
        """Fourth field, behind the status and two names."""
        number = [*self.rows(lines)[-1], *[None] * 4][3] or ""
        return plmn_of_cell(number[:3], number[3:]) or Absent(NOT_REGISTERED)


class ReadUsage(PrefixedCommand[UsageCounters]):
    """AT%XCONNSTAT?: kilobytes sent and received since AT%XCONNSTAT=1, which starts counting."""

    text = "AT%XCONNSTAT?"
    prefixes = ("%XCONNSTAT",)
    shape = re.compile(r"\s*[0-9]+\s*(,\s*[0-9]+\s*){3,}")

    def parse(self, lines: tuple[str, ...]) -> UsageCounters:
        """Short messages stand first, then data."""
        sent, received = (to_int(field) or 0 for field in self.rows(lines)[-1][2:4])
        return UsageCounters(
            sent * _BYTES_IN_KB, received * _BYTES_IN_KB, "counted in whole kilobytes"
        )
