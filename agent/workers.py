"""Threads with one job each: they block until there is something to do, and never poll.

A worker's crash is handed to the supervisor, which ends the process: the service manager starts it
again and the store resumes. A half-dead daemon would be worse.
"""

import logging
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Mailbox(Generic[T]):
    """Jobs for one thread; `put` from any thread returns at once."""

    def __init__(self, limit: int) -> None:
        """`limit` counts jobs that may be refused; `force` ignores it."""
        self._limit = limit
        self._jobs: deque[T] = deque()
        self._busy_since: float | None = None
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def put(self, job: T, *, force: bool = False) -> bool:
        """Whether there was room for it."""
        if not force and len(self._jobs) >= self._limit:
            return False
        self._jobs.append(job)
        with suppress(BlockingIOError):  # a full counter rings as well
            os.eventfd_write(self._bell, 1)
        return True

    def wait(self, timeout_s: float | None, also: int | None = None) -> bool:
        """Until a job is there, `timeout_s` passed, or `also` can be read; whether `also` can."""
        self._busy_since = None
        try:
            return not self._jobs and self._wait(timeout_s, also)
        finally:
            self._busy_since = time.monotonic()

    def _wait(self, timeout_s: float | None, also: int | None) -> bool:
        watched = [self._bell] if also is None else [self._bell, also]
        ready, _, _ = select.select(watched, [], [], timeout_s)
        if self._bell in ready:
            with suppress(BlockingIOError):
                os.eventfd_read(self._bell)
        return also is not None and also in ready

    def stuck(self, now: float, limit_s: float) -> bool:
        """Whether its thread has been at one job for more than `limit_s`; waiting is no job."""
        since = self._busy_since
        return since is not None and now - since > limit_s

    def take(self) -> T | None:
        """The oldest job, or None."""
        return self._jobs.popleft() if self._jobs else None

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._bell)


class Worker(threading.Thread):
    """A named thread around `work`; its crash goes to `on_crash`."""

    def __init__(
        self, name: str, work: Callable[[], None], on_crash: Callable[[BaseException], None]
    ) -> None:
        # Not joined at exit: a thread that is stuck in a driver must not keep the process alive.
        super().__init__(name=name, daemon=True)
        self._work = work
        self._on_crash = on_crash

    def run(self) -> None:
        """The thread."""
        try:
            self._work()
        except Exception as error:  # the outermost loop of a worker
            _logger.critical("worker=%s crashed error=%r", self.name, error, exc_info=error)
            self._on_crash(error)
