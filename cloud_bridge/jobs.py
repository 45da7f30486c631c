"""Jobs that other threads give the one that owns a connection, and the bell that wakes it."""

import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress


class Jobs:
    """`post` from any thread returns at once; the rest belongs to the owner."""

    def __init__(self) -> None:
        self._jobs: deque[Callable[[], None]] = deque()
        self.bell, self._rope = socket.socketpair()
        """Can be read while there are jobs."""
        self.bell.setblocking(False)
        self._rope.setblocking(False)

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def post(self, job: Callable[[], None]) -> None:
        """Have `job` done in the owner's thread."""
        self._jobs.append(job)
        # A full pipe wakes just as well.
        with suppress(BlockingIOError, OSError):
            self._rope.send(b"\0")

    def wait(self, timeout_s: float) -> None:
        """Until there is a job, at most so long."""
        self.bell.settimeout(timeout_s)
        with suppress(TimeoutError, BlockingIOError):
            self.bell.recv(4096)
        self.bell.setblocking(False)

    def run(self) -> None:
        """Do them all, oldest first."""
        with suppress(BlockingIOError):
            self.bell.recv(4096)
        while self._jobs:
            self._jobs.popleft()()

    def close(self) -> None:
        """Let go of the bell; who rings it then is not heard."""
        self.bell.close()
        self._rope.close()
