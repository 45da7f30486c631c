"""The daemon's part of binding: `simward bind` at the control socket, and data that is held.

A question about binding needs two threads: the modem's, for what stands there, and the store's, for
the record; then the modem's again, where a hold ends.
"""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

from agent.binding.hold import OWN_UPLINK, Done, Holds, hold_data, release_data
from agent.config import Settings
from agent.i18n import mark
from agent.outgoing import Outgoing
from agent.own_uplink import Uplinks, cellular_interface, read_uplinks, rides_on
from agent.recording import Recorder, StoreQuestion
from agent.report import Stamp
from agent.sampling import ModemWorker, Question
from agent.signer import Signer
from agent.workers import Mailbox

Json = dict[str, Any]

STORE_BUSY: Final = mark("the store is busy")
MODEM_BUSY: Final = mark("the modem is busy")

_logger = logging.getLogger(__name__)

Ask = Callable[[Mailbox[Any], Question | StoreQuestion, Json, str], Json]
"""Posts a question to a thread and waits for its answer; the last text is said where none comes."""


class BindingDesk:
    """Composed by the daemon; its methods run in the threads that they name."""

    def __init__(
        self,
        settings: Settings,
        modems: Mapping[int, ModemWorker],
        recorder: Recorder,
        *,
        stamp: Callable[[], Stamp],
        signer: Signer,
    ) -> None:
        self._modems = modems
        self._recorder = recorder
        self._stamp = stamp
        self._signer = signer
        recorder.on_hold = self._hold
        if settings.binding.hold_data_on_pairing_change:
            recorder.hold_data(partial(why_not_held, settings))

    def answer(self, request: Json, modem: ModemWorker, status: Json, ask: Ask) -> Json:
        """The answer to `simward bind`; `status` is what stands at the modem. Control's thread.

        Raises:
            OrderError: order or account facts in the request cannot be used.
        """
        from agent.binding.attestation import bind_signed
        from agent.binding.installation import Shown, Wish

        wish = Wish.from_json(request)
        shown = Shown(status, modem.slot, self._stamp(), self._signer.now())
        question = StoreQuestion(
            lambda store, out: bind_signed(store, shown, wish, out, self._signer),
            answer=Future[Json](),
        )
        bound = ask(self._recorder.mailbox, question, request, STORE_BUSY)
        hold = bound.get("document", {}).get("hold")
        if hold is None or not hold["released"]:
            return bound
        done = Done.from_json(hold)
        release = Question(lambda s: {"refused": release_data(s, done)}, Future[Json]())
        released = ask(modem.mailbox, release, request, MODEM_BUSY)
        if "document" not in released:
            return released
        hold["refused"] = released["document"]["refused"]
        return bound

    def end(self, request: Json, ask: Ask) -> Json:
        """The answer to `agent.binding.ended.request_of`. Control's thread."""
        from agent.binding.ended import end_pairing

        stamp = self._stamp()
        question = StoreQuestion(
            lambda store, _: end_pairing(store, request, stamp), answer=Future[Json]()
        )
        return ask(self._recorder.mailbox, question, request, STORE_BUSY)

    def _hold(self, slot: int) -> None:
        """Have a modem's data taken down, and note what was done. The store's thread."""
        answer: Future[Json] = Future()
        answer.add_done_callback(partial(self._note, slot))
        self._modems[slot].mailbox.put(Question(lambda s: hold_data(s).to_json(), answer))

    def _note(self, slot: int, answer: "Future[Json]") -> None:
        """The modem's thread."""
        error = answer.exception()
        if error is not None:
            _logger.warning("data cannot be held now slot=%d: %s", slot, error)
            return
        done = Done.from_json(answer.result())
        if done.contexts or done.left:
            _logger.warning("data held slot=%d %s", slot, answer.result())
        question = StoreQuestion(partial(_noted, slot=slot, done=done), Future[Json]())
        self._recorder.mailbox.put(question, force=True)


def why_not_held(
    settings: Settings, slot: int, read: Callable[[Mapping[str, str]], Uplinks] = read_uplinks
) -> str | None:
    """Why a slot's data cannot be held: this machine's own way out leads over it."""
    entry = next(each for each in settings.modem if each.slot == slot)
    uplinks = read({})
    interface = cellular_interface(entry.interface, entry.port, (), uplinks)
    own = settings.broker.interface
    if rides_on(interface, uplinks) is not None or (own is not None and own == interface):
        return OWN_UPLINK
    return None


def _noted(connection: sqlite3.Connection, _out: Outgoing, *, slot: int, done: Done) -> Json:
    Holds(connection).note(slot, done)
    return {}
