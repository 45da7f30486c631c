"""What a connection costs on the air: bytes of IP, as a carrier counts them.

Measured: the kernel's count of the connection (TCP_INFO, `linux/tcp.h`: `tcpi_bytes_received` at
byte 128, `tcpi_segs_out` at 136, `tcpi_segs_in` at 140, `tcpi_bytes_sent` at 200, since Linux 4.19)
plus headers for each segment. Retransmissions are in it; DNS and NTP are other programs' traffic.
"""

import socket
import struct
from typing import Final, NamedTuple

_TCP_INFO_BYTES: Final = 208
_IPV4_HEADER: Final = 20
_IPV6_HEADER: Final = 40
_TCP_HEADER: Final = 32
"""With the time stamp option, which Linux uses where the peer has it."""


class Air(NamedTuple):
    """Bytes of IP sent and received, and connections made."""

    sent: int = 0
    received: int = 0
    connects: int = 0

    def plus(self, other: "Air") -> "Air":
        """Both together."""
        return Air(*(one + two for one, two in zip(self, other, strict=True)))

    def minus(self, other: "Air") -> "Air":
        """What came since `other`."""
        return Air(*(one - two for one, two in zip(self, other, strict=True)))


def on_air(sock: object) -> Air | None:
    """What a connection has cost until now; None where it is no socket, or the kernel is silent."""
    if not isinstance(sock, socket.socket):
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        family = sock.family
    except OSError:
        return None
    if len(info) < _TCP_INFO_BYTES:
        return None
    received, segments_out, segments_in = struct.unpack_from("=QII", info, 128)
    (sent,) = struct.unpack_from("=Q", info, 200)
    header = _TCP_HEADER + (_IPV6_HEADER if family == socket.AF_INET6 else _IPV4_HEADER)
    return Air(sent + segments_out * header, received + segments_in * header, 1)
