"""How the demo is told: each line with its time, and what arrives in the meantime."""

import time
from collections.abc import Callable

from agent.demo.stage import Program, waited

_PATIENCE_S = 60.0


class Telling:
    """`say` prints one line; `backend` says what arrives, once it runs."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """The time of the story begins now."""
        self._say = say
        self._started = time.monotonic()
        self.backend: Program | None = None
        self.heeds: Callable[[str], bool] = lambda _line: True
        """Which of the lines that arrive are shown."""

    def line(self, line: str) -> None:
        """Print one, with its time."""
        self._say(f"{time.monotonic() - self._started:6.1f} s  {line}")

    def narrate(self, line: str) -> None:
        """What happens on the stage."""
        self.line(f"── {line}")

    def until(self, happened: Callable[[], bool], what: str) -> None:
        """Show what arrives until `happened`.

        Raises:
            DemoError: it did not, for a minute.
        """
        end = time.monotonic() + _PATIENCE_S
        while not happened():
            if time.monotonic() > end:
                raise waited(what, _PATIENCE_S)
            self.show(0.2)
        while self.show(0.0):
            pass

    def show(self, timeout_s: float) -> bool:
        """What arrives, one line; whether there was one."""
        line = None if self.backend is None else self.backend.line(timeout_s)
        if line is not None and self.heeds(line):
            self.line(line)
        return line is not None
