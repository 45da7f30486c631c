"""The thread `looks`: after a cancellation the daemon looks at the card, when a look is due.

Every minute it reads the cases of this machine. Without a synchronised clock nothing is due: it
waits. A look that was missed (the machine was off) is taken when it can be; one look serves all
that are due. Where there is no case, nothing of it is loaded.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent import clock
from agent.config import Settings
from agent.errors import AgentError
from agent.recording import Recorder
from agent.report import Stamp
from agent.sampling import ModemWorker
from agent.signer import Signer
from agent.unbind.folder import ROOM, Found, cases
from cloud_bridge.errors import BridgeError
from modem.errors import ModemError

if TYPE_CHECKING:
    from agent.verification.duty import Duty

Json = dict[str, Any]

TICK_S: Final = 60.0

_logger = logging.getLogger(__name__)


class Gateway(NamedTuple):
    """Who signs evidence, the store that it goes to, and when it is."""

    signer: Signer
    store: str
    stamp: Callable[[], Stamp]


class Clock(NamedTuple):
    """What time it is, and whether that can be believed."""

    now: Callable[[], datetime] = clock.now
    synchronized: Callable[[], bool] = clock.clock_synchronized


class VerificationWatch:
    """Composed by the daemon; `run` ends with `stop`."""

    def __init__(
        self,
        settings: Settings,
        modems: Mapping[int, ModemWorker],
        recorder: Recorder,
        gateway: Gateway,
        time: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        self._state_dir = settings.device.state_dir
        self._time = time
        self._ended = threading.Event()
        self._complaints: set[str] = set()
        self._made: Duty | None = None

        def make() -> "Duty":
            from agent.verification.duty import Duty

            return Duty(settings, modems, recorder, gateway, ended=self._ended.is_set)

        self._make = make

    def run(self) -> None:
        """Look every minute, until `stop`."""
        while not self._ended.wait(TICK_S):
            self.tick()

    def stop(self) -> None:
        """End the thread; a look under way is left alone."""
        self._ended.set()

    def tick(self) -> None:
        """What is due now, of all cases."""
        if not (self._state_dir / ROOM).is_dir() or not self._time.synchronized():
            return
        try:
            for each in cases(self._state_dir):
                self._do(each)
        except AgentError as error:
            self._complain(str(error))

    def keep(self, document: Json) -> None:
        """Keep a look that somebody asked for, where it is about a case of this machine."""
        if not (self._state_dir / ROOM).is_dir():
            return
        now = self._time.now() if self._time.synchronized() else None
        try:
            self._make().keeper.keep_asked(self._state_dir, document, now)
        except (AgentError, BridgeError, OSError) as error:
            self._complain(str(error))

    def _do(self, found: Found) -> None:
        self._made = self._made or self._make()
        try:
            self._made.do(found, self._time.now())
        except (AgentError, ModemError, BridgeError, OSError) as error:
            self._complain(f"case={found.folder.name} {error}")

    def _complain(self, text: str) -> None:
        """Once each: a tick comes every minute."""
        if text not in self._complaints:
            self._complaints.add(text)
            _logger.error("verification: %s", text)
