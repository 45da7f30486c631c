"""Nordic's own commands.

Source: unit tests of Nordic's Cellular Monitor.
"""

import re

from modem.at.syntax import to_int
from modem.commands.base import PrefixedCommand
from modem.commands.signal import ReadExtendedSignal
from modem.commands.sim_access import ReadIccid
from modem.snapshot import UsageCounters

_BYTES_IN_KB = 1000


class ReadXiccid(ReadIccid):
    """AT%XICCID: the card's number, F filler kept."""

    text = "AT%XICCID"
    prefixes = ("%XICCID",)


class ReadNordicSignal(ReadExtendedSignal):
    """AT+CESQ as Nordic reads its own indexes: rsrp = n-140, rsrq = n/2-19.5."""

    rsrp_offset = -140.0
    rsrq_offset = -19.5


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
