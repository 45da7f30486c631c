"""Ports that pyserial can open, as a `ByteStream`; every foreign error is mapped here, once.

A tty, a pty and `socket://` have a file descriptor: `poll` wakes the moment something arrives and
nothing sleeps. `socket://` is opened here rather than by pyserial, whose `close` sleeps 0.3 s.
The rest (`rfc2217://`, `loop://`, ...) goes through pyserial's own reads.
"""

import errno
import math
import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from modem.errors import PortLost, PortUnavailable
from modem.transport.base import ByteStream
from modem.transport.exclusive import TAKEN, claim, enter, give_up, taken

CONNECT_S = 5.0
WRITE_S = 5.0
"""How long a port may take no bytes (flow control) before it counts as lost."""

_READ_BYTES = 65536
_POLL_S = 0.05

NO_SUCH_PORT = "no such port"
NO_PERMISSION = "no permission"
REFUSED = "connection refused"
NOT_SERIAL = "not a serial port"
UNREACHABLE = "host unreachable"
BAD_URL = "bad URL"
CANNOT_OPEN = "cannot be opened"

GONE = "the other end is gone"
STUCK = "the port takes no bytes"

_REASONS = {
    errno.ENOENT: NO_SUCH_PORT,
    errno.ENODEV: NO_SUCH_PORT,
    errno.ENXIO: NO_SUCH_PORT,
    errno.EACCES: NO_PERMISSION,
    errno.EPERM: NO_PERMISSION,
    errno.EBUSY: TAKEN,
    errno.EAGAIN: TAKEN,  # flock: somebody holds the lock
    errno.ECONNREFUSED: REFUSED,
    errno.ENOTTY: NOT_SERIAL,
    errno.EINVAL: NOT_SERIAL,
    errno.EISDIR: NOT_SERIAL,
    errno.EHOSTUNREACH: UNREACHABLE,
    errno.ENETUNREACH: UNREACHABLE,
    errno.ETIMEDOUT: UNREACHABLE,
}


def open_stream(url: str, *, baudrate: int = 115200) -> ByteStream:
    """The port that `url` names (`/dev/ttyUSB2`, `socket://HOST:PORT`, `rfc2217://...`), open.

    A tty is ours alone (flock, TIOCEXCL). What waits in it unread is dropped.

    Raises:
        PortTaken: another program has it; says which where this user may know.
        PortUnavailable: with the reason.
    """
    if url.lower().startswith("socket://"):
        return _open_socket(url)
    if "://" in url:
        return _open_with_pyserial(url, baudrate)
    try:
        ours = enter(url)
    except OSError as error:
        if isinstance(error, PortUnavailable):
            raise
        raise PortUnavailable(url, _reason(error)) from error
    try:
        return _open_with_pyserial(url, baudrate)
    finally:
        os.close(ours)


def _open_with_pyserial(url: str, baudrate: int) -> ByteStream:
    import serial

    port: Any  # Serial, or a class of a URL handler that the stubs do not know
    try:
        port = serial.serial_for_url(url, baudrate=baudrate, do_not_open=True)
        if isinstance(port, serial.Serial):
            port.exclusive = True
        else:
            port.timeout = _POLL_S
        port.open()
    except (serial.SerialException, OSError) as error:
        reason = _reason(error)
        raise (taken(url) if reason == TAKEN else PortUnavailable(url, reason)) from error
    except (ValueError, TypeError) as error:
        raise PortUnavailable(url, BAD_URL) from error
    if isinstance(port, serial.Serial):
        claim(port.fileno())
        return DescriptorStream(port.fileno(), lambda: _close_tty(port))
    return PolledStream(port)


def _close_tty(port: Any) -> None:
    """Close it at once: what a stuck port has not taken would keep close(2) waiting for it."""
    import termios

    with suppress(termios.error, OSError):
        port.reset_output_buffer()
    give_up(port.fileno())
    port.close()


def _open_socket(url: str) -> ByteStream:
    import socket

    host, colon, number = url[len("socket://") :].partition("?")[0].rstrip("/").rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and number.isascii() and number.isdecimal() and int(number) < 65536):
        raise PortUnavailable(url, BAD_URL)
    # As bytes: a text goes through Python's IDNA codec, which costs 2 ms to import.
    name: Any = host.encode() if host.isascii() else host
    try:
        connection = socket.create_connection((name, int(number)), timeout=CONNECT_S)
    except (TimeoutError, socket.gaierror) as error:
        raise PortUnavailable(url, UNREACHABLE) from error
    except UnicodeError as error:
        raise PortUnavailable(url, BAD_URL) from error
    except OSError as error:
        raise PortUnavailable(url, _reason(error)) from error
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return DescriptorStream(connection.fileno(), connection.close)


def _reason(error: BaseException) -> str:
    """Why a port did not open: pyserial puts the system's error number in, or behind, its own."""
    cause: BaseException | None = error
    while cause is not None:
        for number in (getattr(cause, "errno", None), *cause.args[:1]):
            if number in _REASONS:
                return _REASONS[number]
        if isinstance(cause, ValueError):
            return BAD_URL
        cause = cause.__context__
    return CANNOT_OPEN


class DescriptorStream:
    """A stream over a file descriptor that does not block.

    A port that takes no byte for `write_s` seconds is lost.
    """

    def __init__(
        self, descriptor: int, close: Callable[[], object], *, write_s: float = WRITE_S
    ) -> None:
        self._descriptor = descriptor
        self._write_s = write_s
        self._close: Callable[[], object] | None = close
        self._readable = select.poll()
        self._readable.register(descriptor, select.POLLIN)

    def read(self, timeout_s: float) -> bytes:
        """What arrived, as soon as anything did; `b""` after `timeout_s`."""
        if self._close is None:
            raise PortLost(GONE)
        if not self._readable.poll(math.ceil(timeout_s * 1000)):
            return b""
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise PortLost(GONE) from error
        if not data:  # readable without data: end of file, on a tty that it was unplugged
            raise PortLost(GONE)
        return data

    def fileno(self) -> int:
        """The descriptor, readable when something arrived; -1 once closed."""
        return self._descriptor if self._close is not None else -1

    def write(self, data: bytes) -> None:
        """Write all of `data`, or lose the port."""
        if self._close is None:
            raise PortLost(GONE)
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                self._await_room()
            except OSError as error:
                raise PortLost(GONE) from error

    def close(self) -> None:
        """Give the port back; calling it twice is harmless."""
        close, self._close = self._close, None
        if close is not None:
            close()

    def _await_room(self) -> None:
        writable = select.poll()
        writable.register(self._descriptor, select.POLLOUT)
        if not writable.poll(math.ceil(self._write_s * 1000)):
            raise PortLost(STUCK)


class PolledStream:
    """A stream over one of pyserial's ports without a file descriptor, opened with `_POLL_S`.

    `port` is a `serial.SerialBase`; the stubs lack most of it. Its timeout is set once: with
    rfc2217 each change of it is negotiated over the network.
    """

    def __init__(self, port: Any) -> None:
        self._port = port

    def read(self, timeout_s: float) -> bytes:
        """What arrived, as soon as anything did; `b""` after `timeout_s`."""
        import serial

        deadline = time.monotonic() + timeout_s
        try:
            while not self._port.in_waiting:
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    return b""
                first = self._port.read(1)
                if first:
                    return bytes(first + self._port.read(self._port.in_waiting))
            return bytes(self._port.read(self._port.in_waiting))
        except (serial.SerialException, OSError) as error:
            raise PortLost(GONE) from error

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        import serial

        try:
            self._port.write(data)
        except (serial.SerialException, OSError) as error:
            raise PortLost(GONE) from error

    def close(self) -> None:
        """Give the port back; calling it twice is harmless."""
        self._port.close()
