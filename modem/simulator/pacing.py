"""A serial line of a given speed, as a device around a device."""

from collections import deque

from modem.simulator.device import Device, earliest
from modem.simulator.faults import Wrapper

BITS_PER_BYTE = 10
"""Eight data bits between a start and a stop bit."""


class Paced(Wrapper):
    """Bytes go in and out one after the other, each in its time at `baud`; both ways at once."""

    def __init__(self, device: Device, baud: int) -> None:
        super().__init__(device)
        self._byte_s = BITS_PER_BYTE / baud
        self._coming: deque[tuple[float, bytes]] = deque()
        self._leaving: deque[tuple[float, bytes]] = deque()
        self._in_free_at = self._out_free_at = self._reached = float("-inf")

    def receive(self, data: bytes, now: float) -> None:
        """Put `data` on the line; the device hears each byte when the last bit of it has come."""
        at = max(self._in_free_at, now)
        for byte in data:
            at += self._byte_s
            self._coming.append((at, bytes((byte,))))
        self._in_free_at = at

    def poll(self, now: float) -> bytes:
        """The bytes that have crossed the line by now."""
        while self._coming and self._coming[0][0] <= now:
            at, byte = self._coming.popleft()
            self._send_off(at)
            self.device.receive(byte, at)
            self._send_off(at)
        self._send_off(now)
        crossed = bytearray()
        while self._leaving and self._leaving[0][0] <= now:
            crossed += self._leaving.popleft()[1]
        return bytes(crossed)

    def next_event_at(self) -> float | None:
        """When the next byte arrives at either end."""
        coming = self._coming[0][0] if self._coming else None
        leaving = self._leaving[0][0] if self._leaving else None
        return earliest(coming, leaving, self.device.next_event_at())

    def take_hang_up(self) -> bool:
        """Whether the line drops now; what is on it is lost."""
        hang_up = self.device.take_hang_up()
        if hang_up:
            self._coming.clear()
            self._leaving.clear()
        return hang_up

    def _send_off(self, now: float) -> None:
        """Put on the line what the device says by `now`, each piece from the time it was said."""
        while True:
            due = self.device.next_event_at()
            early = due is not None and self._reached < due < now
            if not self._take(due if early and due is not None else now) and not early:
                return

    def _take(self, at: float) -> bool:
        """Put on the line what the device says at the time `at`; whether it said anything."""
        said = self.device.poll(at)
        self._reached = max(self._reached, at)
        free_at = max(self._out_free_at, at)
        for byte in said:
            free_at += self._byte_s
            self._leaving.append((free_at, bytes((byte,))))
        if said:
            self._out_free_at = free_at
        return bool(said)
