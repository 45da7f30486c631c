"""u-blox's own commands.

Source: ModemManager's u-blox plugin tests.
"""

from modem.at.syntax import to_int
from modem.commands.base import GAVE_NONE, PrefixedCommand
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
