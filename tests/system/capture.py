"""What goes over loopback, counted packet by packet; needs the right to open a packet socket."""

import socket
import struct
from collections import Counter
from types import TracebackType
from typing import Self

import pytest

_ALL = 0x0003  # ETH_P_ALL, linux/if_ether.h
_OUTGOING = 4  # PACKET_OUTGOING, linux/if_packet.h: on loopback each packet is seen twice
_ETHERNET, _TCP = 14, 6
_RCVBUFFORCE = 33  # SO_RCVBUFFORCE, socket(7)
_ROOM = 16 << 20


class Capture:
    """IP bytes of TCP connections to one port of 127.0.0.1, by the port of the other end."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.sent: Counter[int] = Counter()
        self.received: Counter[int] = Counter()
        try:
            self._tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
        except PermissionError:
            pytest.skip("packets can be counted by root alone")
        # Beyond what net.core.rmem_max allows to others: nothing is read until the end.
        self._tap.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _ROOM)
        self._tap.bind(("lo", 0))
        self._tap.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tap.close()

    def total(self, client: int) -> int:
        """Both directions of the connection from `client`, headers included."""
        self._read()
        return self.sent[client] + self.received[client]

    def clients(self) -> set[int]:
        """The other ends of all connections until now."""
        self._read()
        return {*self.sent, *self.received}

    def _read(self) -> None:
        while True:
            try:
                frame, address = self._tap.recvfrom(1 << 17)
            except BlockingIOError:
                return
            packet = frame[_ETHERNET:]
            if address[2] != _OUTGOING or packet[:1] != b"\x45" or packet[9] != _TCP:
                continue
            (length,) = struct.unpack_from(">H", packet, 2)
            source, target = struct.unpack_from(">HH", packet, 20)
            if target == self._port:
                self.sent[source] += length
            elif source == self._port:
                self.received[target] += length
