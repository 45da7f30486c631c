"""When the daemon last took a report, heard the broker, and heard the backend; for who asks.

Several threads write, each its own value; a reading is as good as the moment.
"""

import os
import time
from collections.abc import Callable
from typing import Any


class Pulse:
    """Moments of this run of the daemon, on a clock that no one sets."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moments: dict[str, float] = {"running": clock()}

    def beat(self, what: str) -> None:
        """`what` (`report`, `broker` or `ack`) has just happened."""
        self._moments[what] = self._clock()

    def document(self) -> dict[str, Any]:
        """The answer to `{"ask": "health"}`: ages in seconds, null for what did not happen yet."""
        now = self._clock()

        def age_s(what: str) -> float | None:
            moment = self._moments.get(what)
            return None if moment is None else round(now - moment, 1)

        return {
            "schema": "simward/health/1",
            "pid": os.getpid(),
            "running_s": age_s("running"),
            "last_report_s": age_s("report"),
            "last_broker_s": age_s("broker"),
            "last_ack_s": age_s("ack"),
        }
