"""The simulated card's logical channels: what each has selected.

ISO/IEC 7816-4 clause 5.4.1 and ETSI TS 102 221 clauses 10.1.1 and 11.1.17 (unread).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.simulator.contents import Answer, Command
from sim.simulator.tree import SimulatedDirectory, SimulatedFile

MOST_CHANNELS = 19


@dataclass
class Channel:
    """What one logical channel has selected, and the answer that waits for GET RESPONSE.

    `application` is the one that is active: it stays so while other directories are selected.
    `record` is the record pointer, 0 while it is not set.
    """

    directory: SimulatedDirectory
    application: SimulatedDirectory | None = None
    file: SimulatedFile | None = None
    record: int = 0
    waiting: bytes = b""


class Channels:
    """The channels that are open; number 0 always is."""

    def __init__(self, mf: SimulatedDirectory, most: int) -> None:
        self._mf = mf
        self._most = min(most, MOST_CHANNELS)
        self._open = {0: Channel(mf)}

    def of_class(self, cla: int) -> Channel | int:
        """The channel that a class byte names, or the status word that refuses it."""
        if cla & 0x40:
            number, more = 4 + (cla & 0x0F), cla & 0x30
        else:
            number, more = cla & 0x03, cla & 0x30
            if cla & 0x0C:
                return 0x6882  # secure messaging
        if more:
            return 0x6E00
        return self._open.get(number, 0x6881)

    @property
    def basic(self) -> Channel:
        """Channel 0."""
        return self._open[0]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Which are open."""
        return tuple(self._open)

    def manage(self, command: Command, current: Channel) -> Answer:
        """MANAGE CHANNEL: open or close one."""
        if not self._most or command.gsm:
            return b"", 0x6881
        if command.p1 == 0x80:
            if command.p2 == 0 or self._open.pop(command.p2, None) is None:
                return b"", 0x6A86
            return b"", 0x9000
        if command.p1 != 0x00:
            return b"", 0x6A86
        wanted = [command.p2] if command.p2 else range(1, self._most + 1)
        free = next((n for n in wanted if n not in self._open and n <= self._most), None)
        if free is None:
            return b"", 0x6A81
        # Opened from the basic channel it stands in the MF, else where the other one stands.
        is_basic = current is self._open[0]
        self._open[free] = Channel(self._mf) if is_basic else replace(current, waiting=b"")
        return (b"" if command.p2 else bytes((free,))), 0x9000
