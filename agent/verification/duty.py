"""What is done for a case after its cancellation: a look where one is due, and deadlines said.

A kill between a look and its line in the journal takes the look again: it reads and tries, and
changes nothing that lasts.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from agent.config import Settings
from agent.diagnosis.machine import THIS_MACHINE, Machine
from agent.diagnosis.wish import setup_of
from agent.errors import AgentError, StoreError
from agent.modem_session import ModemSession
from agent.recording import Recorder, StoreQuestion
from agent.requests import work_of
from agent.sampling import ModemWorker, Question
from agent.unbind.folder import Found
from agent.unbind.platform_files import all_platforms
from agent.verification.keeping import Keeper, Work, due_of
from agent.verification.near import CODE, account_of, near
from agent.verification.record import before_of_case
from agent.verification.verify import Request, unreachable, verify
from agent.verification.watch import Gateway
from modem.errors import ModemError

Json = dict[str, Any]

LOST_FOR: Final = timedelta(hours=1)
"""So long a modem that does not answer is asked again; then the look says that nothing answers."""
_PATIENCE_S: Final = 290.0
_WAIT_S: Final = 1.0


class Duty:
    """Runs in the thread `looks`; `ended` says that the daemon ends."""

    def __init__(
        self,
        settings: Settings,
        modems: Mapping[int, ModemWorker],
        recorder: Recorder,
        gateway: Gateway,
        *,
        ended: Callable[[], bool] = lambda: False,
        machine: Machine = THIS_MACHINE,
    ) -> None:
        self._settings = settings
        self._modems = modems
        self._recorder = recorder
        self.keeper = Keeper(gateway.signer, gateway.store, gateway.stamp, self._stored)
        self._ended = ended
        self._machine = machine
        self._published: set[Path] = set()

    def do(self, found: Found, now: datetime) -> None:
        """What is due for one case; `now` by a clock that is right.

        Raises:
            AgentError, ModemError, BridgeError, OSError: it could not be done, or not be kept.
        """
        for each in near(found.folder.name, found.case, all_platforms(), now):
            self.keeper.say(CODE, each.args, each.about, each.threshold)
        open_ = due_of(found.case, now)
        if open_:
            document, slot = self._look(found, now)
            lost = slot is None and now - open_[-1].due_at < LOST_FOR
            if document is not None and not lost:
                self.keeper.keep(found, tuple(each.id for each in open_), document, slot)
        self._publish_kept(found)

    # The look

    def _look(self, found: Found, now: datetime) -> tuple[Json | None, int | None]:
        """The document, and the slot of the modem that answered; no document: not now."""
        request = Request(before_of_case(found.case), account_of(found.case))
        modem = self._modem_with(found.case.iccid)

        def work(session: ModemSession) -> Json:
            setup = setup_of(self._settings, session.port)
            return verify(session, request, setup, machine=self._machine)

        try:
            document = self._asked(modem, work)
        except (AgentError, ModemError) as error:
            setup = setup_of(self._settings, modem.port)
            told = unreachable(request, setup, str(error), modem.port, now)
            return told, None
        return document, None if document is None else modem.slot

    def _modem_with(self, iccid: str) -> ModemWorker:
        """The modem that has the card; the first one where none shows it."""
        modems = list(self._modems.values())
        if len(modems) == 1:
            return modems[0]
        work = work_of({"ask": "status", "parts": ["sim"]})
        assert work is not None
        for each in modems:
            try:
                told = self._asked(each, work)
            except (AgentError, ModemError):
                continue
            if told is not None and told["sim"]["iccid"] == iccid:
                return each
        return modems[0]

    def _asked(self, modem: ModemWorker, work: Callable[[ModemSession], Json]) -> Json | None:
        """The modem's answer; None where it is too busy, or the daemon ends.

        Raises:
            AgentError, ModemError: it does not answer.
        """
        answer: Future[Json] = Future()
        if not modem.mailbox.put(Question(work, answer)):
            return None
        return self._waited(answer)

    def _waited(self, answer: "Future[Json]") -> Json | None:
        for _ in range(int(_PATIENCE_S / _WAIT_S)):
            done, _ = wait([answer], _WAIT_S)
            if done:
                return answer.result()
            if self._ended():
                return None
        return None

    # The store

    def _publish_kept(self, found: Found) -> None:
        """Evidence of this case that a kill kept from its way; once a start."""
        if found.folder in self._published:
            return
        for look in found.case.looks:
            name = look.get("evidence", {}).get("name")
            if name is not None:
                self.keeper.publish((found.folder / name).read_bytes())
        self._published.add(found.folder)

    def _stored(self, work: Work) -> None:
        answer: Future[Json] = Future()
        self._recorder.mailbox.put(StoreQuestion(work, answer), force=True)
        if self._waited(answer) is None:
            raise StoreError("the store is too busy: the look is not on its way yet")
