"""What a port can serve: bytes in, bytes out, with the time as an argument."""

import re
from collections import deque
from collections.abc import Callable
from typing import Protocol

_PIECES = re.compile(rb"[^\r]*\r|[^\r]+")
_MAX_COMMAND = 4096


class Device(Protocol):
    """A simulated modem as its port sees it; `now` is in seconds of any clock that never steps."""

    def receive(self, data: bytes, now: float) -> None:
        """Take `data` that came in on the line."""
        ...

    def poll(self, now: float) -> bytes:
        """The next bytes to send, `b""` where there are none yet."""
        ...

    def next_event_at(self) -> float | None:
        """When `poll` should be called again at the latest; None: not before something comes in."""
        ...

    def take_hang_up(self) -> bool:
        """Whether the line drops now; asking clears it."""
        ...

    def reboot(self, now: float) -> None:
        """Start again as after a loss of power."""
        ...

    def attach(self, wake: Callable[[], None]) -> None:
        """Name what is to be called when there is something to poll that no byte asked for."""
        ...


class CommandReader:
    """Bytes as typed to the commands in them: CR ends one, LF is ignored, backspace deletes.

    Whatever stands before the first `AT` of a line is dropped, a line without `AT` is no command
    (ITU-T V.250 clause 5.2.1, unread); left-over bytes of an earlier client behave as in the field.
    """

    def __init__(self) -> None:
        self._line = bytearray()

    def feed(self, piece: bytes) -> str | None:
        """The command that `piece` completes; `piece` is as `pieces` cuts it."""
        for byte in piece:
            if byte in {0x08, 0x7F}:
                del self._line[-1:]
            elif byte == 0x1B:
                self._line.clear()
            elif byte not in {0x0A, 0x0D} and len(self._line) < _MAX_COMMAND:
                self._line.append(byte)
        if not piece.endswith(b"\r"):
            return None
        text = self._line.decode("latin-1")
        self._line.clear()
        start = text.upper().find("AT")
        return None if start < 0 else text[start:].strip()


def pieces(data: bytes) -> list[bytes]:
    """`data` cut after each CR, so that each piece completes at most one command."""
    return _PIECES.findall(data)


def same_command(text: str) -> str:
    """`text` in the form in which commands are compared: case matters only inside quotes."""
    parts = text.strip().split('"')
    return '"'.join(part if number % 2 else part.upper() for number, part in enumerate(parts))


class TimedOutput:
    """Bytes that leave in the order in which they were put, none before its time."""

    def __init__(self) -> None:
        self._queue: deque[tuple[float, bytes]] = deque()

    def put(self, at: float, data: bytes) -> None:
        """Queue `data` for the time `at`; what was put before leaves before."""
        if data:
            self._queue.append((at, data))

    def take(self, now: float) -> bytes:
        """All that is due."""
        due = bytearray()
        while self._queue and self._queue[0][0] <= now:
            due += self._queue.popleft()[1]
        return bytes(due)

    def next_at(self) -> float | None:
        """When the next bytes are due."""
        return self._queue[0][0] if self._queue else None

    def drop_after(self, now: float) -> None:
        """Forget what is queued for later than `now`."""
        self._queue = deque(item for item in self._queue if item[0] <= now)

    def clear(self) -> None:
        """Forget what is queued."""
        self._queue.clear()


def earliest(*times: float | None) -> float | None:
    """The first of some times of which any may be None."""
    known = [time for time in times if time is not None]
    return min(known) if known else None


def no_wake() -> None:
    """What a device calls that no port serves."""
