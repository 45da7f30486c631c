"""What a simulated modem has still to do, by the clock."""

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[float], None]


class Agenda:
    """Actions with their times; each is told the time at which it was due."""

    def __init__(self) -> None:
        self._queue: list[tuple[float, int, Action]] = []
        self._numbers = count()

    def add(self, at: float, action: Action) -> None:
        """Do `action` at the time `at`; of two at one time, the first one first."""
        heapq.heappush(self._queue, (at, next(self._numbers), action))

    def run_due(self, now: float) -> None:
        """Do all that is due, and what it adds that is due as well."""
        while self._queue and self._queue[0][0] <= now:
            at, _, action = heapq.heappop(self._queue)
            action(at)

    def next_at(self) -> float | None:
        """When the next action is due."""
        return self._queue[0][0] if self._queue else None
