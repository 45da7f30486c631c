"""Ports at which a simulated modem can be reached: a pseudo terminal, or TCP.

Each has one thread, which sleeps until a byte comes or the device has something to say.
"""

import contextlib
import os
import pty
import select
import socket
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from modem.simulator.device import Device
from modem.simulator.faults import Latency
from modem.simulator.pacing import Paced

_MAX_UNREAD = 1 << 18
_CHUNK = 4096


class Port:
    """A device being served; a context manager. `url` is what a client opens."""

    url = ""

    def __init__(self, device: Device, clock: Callable[[], float]) -> None:
        self._device = device
        self._clock = clock
        self._line: int | None = None
        self._unsent = bytearray()
        self._stopping = False
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        device.attach(self.wake)
        self._thread = threading.Thread(target=self._serve, name="simulated-modem", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def wake(self) -> None:
        """Look at the device now; for those who changed it from another thread."""
        with contextlib.suppress(OSError):  # full: it is awake already; closed: nobody is there
            os.write(self._wake_write, b"w")

    def close(self) -> None:
        """Stop serving; a client sees the line drop."""
        if self._stopping:
            return
        self._stopping = True
        self.wake()
        self._thread.join()
        self._release()
        self._close_wake()

    def _close_wake(self) -> None:
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _serve(self) -> None:
        while not self._stopping:
            self._send_what_is_due()
            self._wait()

    def _send_what_is_due(self) -> None:
        while data := self._device.poll(self._clock()):
            self._send(data)
        if self._device.take_hang_up():
            self._hang_up()

    def _wait(self) -> None:
        due = self._device.next_event_at()
        timeout = None if due is None else max(0.0, due - self._clock())
        sources = [self._wake_read, *self._sources()]
        sinks = [self._line] if self._unsent and self._line is not None else []
        ready, writable, _ = select.select(sources, sinks, [], timeout)
        if self._wake_read in ready:
            os.read(self._wake_read, _CHUNK)
        if writable:
            self._flush()
        for source in ready:
            if source != self._wake_read:
                self._on_ready(source)

    def _send(self, data: bytes) -> None:
        self._unsent += data
        self._flush()
        # A modem whose host does not read loses bytes, the oldest first; it never waits for it.
        if len(self._unsent) > _MAX_UNREAD:
            del self._unsent[:-_MAX_UNREAD]

    def _flush(self) -> None:
        if self._line is None:
            return
        try:
            while self._unsent:
                del self._unsent[: os.write(self._line, self._unsent)]
        except BlockingIOError:
            return
        except OSError:
            self._lost()

    def _receive(self) -> None:
        assert self._line is not None
        try:
            data = os.read(self._line, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._device.receive(data, self._clock())
        else:
            self._lost()

    def _sources(self) -> list[int]:
        raise NotImplementedError

    def _on_ready(self, source: int) -> None:
        raise NotImplementedError

    def _lost(self) -> None:
        raise NotImplementedError

    def _hang_up(self) -> None:
        raise NotImplementedError

    def _release(self) -> None:
        raise NotImplementedError


class TcpPort(Port):
    """One client at a time; the next one is served when the last has gone.

    What the modem says before the first client comes is kept for it, later it is lost without one.
    """

    def __init__(self, device: Device, host: str, number: int, clock: Callable[[], float]) -> None:
        self._listener = socket.create_server((host, number))
        self._listener.setblocking(False)
        self._client: socket.socket | None = None
        self._had_client = False
        self.host, self.number = self._listener.getsockname()[:2]
        self.url = f"socket://{self.host}:{self.number}"
        super().__init__(device, clock)
        self._thread.start()

    def _sources(self) -> list[int]:
        return [self._listener.fileno()] if self._line is None else [self._line]

    def _on_ready(self, source: int) -> None:
        if self._line is None:
            self._accept()
        elif source == self._line:
            self._receive()

    def _accept(self) -> None:
        try:
            self._client, _ = self._listener.accept()
        except OSError:  # it went away again between select and here
            return
        self._client.setblocking(False)
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line = self._client.fileno()
        self._had_client = True
        self._flush()

    def _send(self, data: bytes) -> None:
        if self._line is not None or not self._had_client:
            super()._send(data)

    def _lost(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._line = None
        self._unsent.clear()

    def _hang_up(self) -> None:
        self._lost()

    def _release(self) -> None:
        self._lost()
        self._listener.close()


class PtyPort(Port):
    """A pseudo terminal at `path`, raw and without echo; clients may come and go.

    A line that drops is a modem that was unplugged: the terminal goes, and a new one with a new
    `path` comes; `link` is a name that follows it.
    """

    def __init__(self, device: Device, link: Path | None, clock: Callable[[], float]) -> None:
        self._link = link
        self._slave = -1
        self.path = ""
        super().__init__(device, clock)
        try:
            self._open()
        except OSError:
            self._release()
            self._close_wake()
            raise
        self._thread.start()

    def _open(self) -> None:
        self._line, self._slave = pty.openpty()
        # Our own handle on the client's side keeps the line up while no client has it open.
        tty.setraw(self._slave)
        os.set_blocking(self._line, False)
        self.path = os.ttyname(self._slave)
        self.url = str(self._link or self.path)
        if self._link is not None:
            fresh = self._link.with_name(self._link.name + ".new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self.path)
            fresh.replace(self._link)

    def _sources(self) -> list[int]:
        return [] if self._line is None else [self._line]

    def _on_ready(self, source: int) -> None:
        if source == self._line:
            self._receive()

    def _lost(self) -> None:
        self._hang_up()

    def _hang_up(self) -> None:
        gone = [fd for fd in (self._line, self._slave) if fd is not None]
        self._open()  # first: whoever sees the old one go finds the new one there
        self._unsent.clear()
        for fd in gone:
            os.close(fd)

    def _release(self) -> None:
        if self._line is not None:
            os.close(self._line)
            os.close(self._slave)
        self._line = None
        if self._link is not None:
            self._link.unlink(missing_ok=True)


def serve_tcp(
    device: Device,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    latency_s: float = 0.0,
    baud: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> TcpPort:
    """`device` at a TCP port (0: any free one); `.url` and `.number` say where.

    `latency_s` passes before each answer; `baud` is the speed of the line (0: without limit).

    Raises:
        OSError: the address cannot be had.
    """
    return TcpPort(_slowed(device, latency_s, baud), host, port, clock)


def serve_pty(
    device: Device,
    *,
    link: Path | None = None,
    latency_s: float = 0.0,
    baud: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> PtyPort:
    """`device` at a new pseudo terminal; `.path` says where, `link` is made to point there.

    `latency_s` passes before each answer; `baud` is the speed of the line (0: without limit).

    Raises:
        OSError: no terminal can be had, or the link cannot be made.
    """
    return PtyPort(_slowed(device, latency_s, baud), link, clock)


def _slowed(device: Device, latency_s: float, baud: int) -> Device:
    slow = Latency(device, latency_s) if latency_s > 0 else device
    return Paced(slow, baud) if baud else slow
