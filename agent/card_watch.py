"""The thread `card-io`: cards that come into PC/SC readers and go, as events.

It never talks to a card, so that any program (and `simward sim read --reader`) may: it only waits
for pcscd to say that something moved. Where there is no pcscd it looks again now and then.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from agent.jobs import Happened
from agent.report import Stamp
from sim.errors import ReaderError
from sim.transport.pcsc import CardMoved, ReaderWatch

WAIT_S: Final = 8.0
"""How long one wait for a change lasts. `stop` ends it, but for one that begins at that very
moment: then this is less than what the daemon waits for its threads."""
RETRY_S: Final = 30.0
STUCK_S: Final = 300.0

_logger = logging.getLogger(__name__)


class CardWatch:
    """Runs in its own thread; `emit` takes what happened, `stop` ends it from any other."""

    def __init__(
        self, reader: str, *, stamp: Callable[[], Stamp], emit: Callable[[Happened], None]
    ) -> None:
        """`reader` is the configured name, or a part of it; other readers are not told of."""
        self._reader = reader.casefold()
        self._stamp = stamp
        self._emit = emit
        self._stopped = threading.Event()
        self._watch: ReaderWatch | None = None
        self._inside: dict[str, CardMoved] | None = None
        self._trouble: str | None = None
        self._beat = time.monotonic()

    def run(self) -> None:
        """The thread's work, until `stop`."""
        while not self._stopped.is_set():
            self._beat = time.monotonic()
            try:
                self._follow()
            except ReaderError as error:
                self._complain(str(error))
                self._stopped.wait(RETRY_S)

    def stop(self) -> None:
        """End the thread's work."""
        self._stopped.set()
        watch = self._watch
        if watch is not None:
            watch.stop()

    def check(self, now: float) -> None:
        """Say it where pcscd does not come back: the rest of the daemon goes on without it."""
        if now - self._beat > STUCK_S:
            self._complain("the PC/SC service does not answer")

    def _follow(self) -> None:
        """Tell of changes until `stop`.

        Raises:
            ReaderError: pcscd is not there, or went away.
        """
        self._watch = watch = ReaderWatch()
        try:
            self._begin(watch.changes(0))
            while not self._stopped.is_set():
                for moved in watch.changes(WAIT_S):
                    self._tell(moved)
                self._beat = time.monotonic()
        finally:
            self._watch = None
            watch.close()

    def _begin(self, found: list[CardMoved]) -> None:
        """What is in at the first look is no event; after a loss of pcscd what differs is one."""
        self._trouble = None
        inside = {moved.reader: moved for moved in found}
        before = inside if self._inside is None else dict(self._inside)
        self._inside = dict(before)
        for reader in before.keys() - inside.keys():
            self._tell(CardMoved(reader, inserted=False, atr=None))
        for reader in inside.keys() - before.keys():
            self._tell(inside[reader])

    def _tell(self, moved: CardMoved) -> None:
        assert self._inside is not None
        if moved.inserted:
            self._inside[moved.reader] = moved
        else:
            self._inside.pop(moved.reader, None)
        if self._reader not in moved.reader.casefold():
            return
        code = "card_inserted" if moved.inserted else "card_removed"
        args = {"reader": moved.reader}
        if moved.atr:
            args["atr"] = moved.atr.hex().upper()
        self._emit(Happened(code, args, self._stamp()))

    def _complain(self, reason: str) -> None:
        """Once for each trouble: the next look is half a minute away."""
        if reason != self._trouble:
            self._trouble = reason
            _logger.warning("card readers cannot be watched reason=%r", reason)
