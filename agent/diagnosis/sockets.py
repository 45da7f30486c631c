"""Sockets bound to the cellular interface: SO_BINDTODEVICE where that is allowed, else by address.

Linux allows SO_BINDTODEVICE to everyone since 5.7, before that to CAP_NET_RAW (socket(7)).
"""

import errno
import os
import socket
from contextlib import suppress
from typing import Final

from agent.diagnosis.ip_path import CONNECT_S, RECEIVE_S, PathError, Way

_SMALL_WINDOW: Final = 4096
"""The peer must not send more than we want to pay for before we read it."""
_STAYED_HERE: Final = frozenset(
    {
        errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EINVAL, errno.ENODEV, errno.EPERM,
        errno.EACCES, errno.ENETDOWN, errno.EAFNOSUPPORT,
    }
)  # fmt: skip


class SystemSockets:
    """The machine's own sockets."""

    def connect(self, address: str, port: int, way: Way) -> "TcpConnection":
        """A TCP connection.

        Raises:
            PathError: none came about.
        """
        connection = _socket(address, socket.SOCK_STREAM)
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_WINDOW)
            connection.settimeout(CONNECT_S)
            _bind(connection, way)
            connection.connect((address, port))
        except OSError as error:
            connection.close()
            raise _path_error(error) from error
        return TcpConnection(connection)

    def ask(self, address: str, port: int, data: bytes, way: Way) -> bytes:
        """The answer to one datagram.

        Raises:
            PathError: none came.
        """
        with _socket(address, socket.SOCK_DGRAM) as asker:
            asker.settimeout(RECEIVE_S)
            try:
                _bind(asker, way)
                asker.connect((address, port))
                asker.send(data)
                return asker.recv(512)
            except OSError as error:
                raise _path_error(error) from error


class TcpConnection:
    """A connection of this machine's."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            PathError: it did not go out.
        """
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise _path_error(error) from error

    def receive(self, limit: int, timeout_s: float) -> bytes:
        """What comes next; b"" at the end, or where nothing came in time."""
        with suppress(OSError):
            self._connection.settimeout(max(timeout_s, 0.001))
            return self._connection.recv(limit)
        return b""

    def close(self) -> None:
        """End it."""
        self._connection.close()


def can_leave_by(way: Way) -> bool:
    """Whether this machine has the way at all: such an interface, such an address."""
    if way.interface is not None:
        return os.path.exists(f"/sys/class/net/{way.interface}")  # noqa: PTH110 - a kernel's file
    if way.source is None:
        return True
    with _socket(way.source, socket.SOCK_DGRAM) as tried, suppress(OSError):
        tried.bind((way.source, 0))
        return True
    return False


def counters_of(interface: str) -> tuple[int, int] | None:
    """Bytes that the interface has sent and received; None where the kernel counts none."""
    counts = []
    for name in ("tx_bytes", "rx_bytes"):
        try:
            with open(f"/sys/class/net/{interface}/statistics/{name}", encoding="ascii") as file:  # noqa: PTH123 - a kernel's file
                counts.append(int(file.read()))
        except (OSError, ValueError):
            return None
    return counts[0], counts[1]


def name_servers_of_system() -> tuple[str, ...]:
    """The name servers of /etc/resolv.conf that are not on this machine."""
    try:
        with open("/etc/resolv.conf", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - one small file
            lines = [line.split() for line in file]
    except OSError:
        return ()
    found = [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]
    return tuple(each for each in found if not each.startswith("127.") and each != "::1")


def _socket(address: str, kind: socket.SocketKind) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)


def _bind(own: socket.socket, way: Way) -> None:
    if way.interface is not None:
        try:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, way.interface.encode())
        except PermissionError:
            if way.source is None:
                raise
        else:
            return
    if way.source is not None:
        own.bind((way.source, 0))


def _path_error(error: OSError) -> PathError:
    refused = isinstance(error, ConnectionRefusedError | ConnectionResetError)
    return PathError(left=error.errno not in _STAYED_HERE, came=refused)
