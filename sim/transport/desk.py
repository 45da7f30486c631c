"""The thread `card-io`: makes calls that may never return, for others, who wait with a deadline."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from sim.errors import ReaderStuck

T = TypeVar("T")


class Desk:
    """One call after the other, in the order in which they are wanted."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._stuck = False
        # A daemon: a driver that never returns must not keep the process alive.
        self._thread = threading.Thread(target=self._work, name="card-io", daemon=True)
        self._thread.start()

    def run(self, call: Callable[[], T], deadline_s: float) -> T:
        """What the call returns, or raises.

        Raises:
            ReaderStuck: it did not come back in time, or an earlier one did not.
        """
        future: Future[T] = Future()
        if not self._stuck:
            self._jobs.put((call, future))
            done, _ = wait([future], deadline_s)
            if done:
                return future.result()
        self._stuck = True
        raise ReaderStuck(f"the reader did not answer within {deadline_s:g} s")

    def close(self, last: Callable[[], object] = lambda: None) -> None:
        """End the thread after a `last` call, whose errors change nothing any more.

        One that is stuck does so when its call comes back; it is not waited for.
        """
        self._jobs.put((last, Future()))
        self._jobs.put(None)
        if not self._stuck:
            self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            call, future = job
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                future.set_exception(error)
