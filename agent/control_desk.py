"""What the daemon answers at its control socket: each request by its name.

Runs in the control socket's thread. What a modem or the store has to say is asked of its own
thread, as a job, and waited for.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import Any, Final

from agent.binding.desk import MODEM_BUSY, STORE_BUSY, BindingDesk
from agent.complaints import describe
from agent.config import Settings
from agent.control import error_answer, patience_s
from agent.errors import AgentError, StoreError
from agent.evidence_desk import PUBLISH, STATE, EvidenceDesk
from agent.exits import FAULT, UNREACHABLE
from agent.i18n import mark
from agent.modem_session import ModemSession
from agent.pulse import Pulse
from agent.recording import Recorder, StoreQuestion
from agent.requests import work_of
from agent.sampling import ModemWorker, Question
from agent.usage.answer import answer_to
from agent.verification.watch import VerificationWatch
from agent.workers import Mailbox
from cloud_bridge.orders import OrderError

Json = dict[str, Any]
Work = Callable[[ModemSession], Json]

ON_THE_WAY_S: Final = 10.0  # of an asker's patience is left for the answer


class ControlDesk:
    """Composed by the daemon; `answer` never raises for what is wrong with a request."""

    def __init__(
        self,
        settings: Settings,
        modems: Mapping[int, ModemWorker],
        recorder: Recorder,
        binding: BindingDesk,
        pulse: Pulse,
        *,
        looks: VerificationWatch,
    ) -> None:
        self._settings = settings
        self._modems = modems
        self._binding = binding
        self._pulse = pulse
        evidence = EvidenceDesk(
            recorder, lambda of, question, asked: answered(of.mailbox, question, asked, STORE_BUSY)
        )
        self._looks = looks
        self._desks: dict[str, Callable[[Json], Json]] = {
            "health": self._health,
            "usage": self._usage,
            "bind": self._bind,
            PUBLISH: evidence.publish,
            STATE: evidence.state,
            "verify": self._verify,
            "pairing_ended": self._pairing_ended,
        }
        """What is more than one job for one modem."""

    def answer(self, request: Json) -> Json:
        """The answer, as a line of the socket's protocol."""
        desk = self._desks.get(str(request.get("ask")), self._asked_of_modem)
        return desk(request)

    def _health(self, _request: Json) -> Json:
        return {"v": 1, "document": self._pulse.document()}

    def _usage(self, request: Json) -> Json:
        """Read beside the store's owner, who is not kept from its work."""
        try:
            return {"v": 1, "document": answer_to(request, self._settings)}
        except (StoreError, OrderError) as error:
            return _complained(error)

    def _bind(self, request: Json) -> Json:
        """What stands at the modem, then the record in the store."""
        modem = self._modem_at(request.get("port"))
        answer = self._asked_of_modem({"ask": "status", "parts": None, "port": request.get("port")})
        if modem is None or "document" not in answer or "error" in answer:
            return answer
        try:
            return self._binding.answer(request, modem, answer["document"], answered)
        except OrderError as error:
            return _complained(error)

    def _verify(self, request: Json) -> Json:
        """A look that somebody asks for is kept like one that was due."""
        answer = self._asked_of_modem(request)
        if "document" in answer and "error" not in answer:
            self._looks.keep(answer["document"])
        return answer

    def _pairing_ended(self, request: Json) -> Json:
        return self._binding.end(request, answered)

    def _asked_of_modem(self, request: Json) -> Json:
        configured = CONFIGURED_WORK.get(str(request.get("ask")))
        work = work_of(request) if configured is None else configured(self._settings, request)
        if work is None:
            return error_answer(mark("the daemon does not know this question"), FAULT)
        modem = self._modem_at(request.get("port"))
        if modem is None:
            return {"v": 1, "not_mine": True}
        question = Question(work, Future[Json](), with_recovery=_tells_recovery(request))
        return answered(modem.mailbox, question, request, MODEM_BUSY)

    def _modem_at(self, port: Any) -> ModemWorker | None:
        """The modem of a port, whatever link names it; the first one where no port is named."""
        modems = list(self._modems.values())
        if port is None:
            return modems[0]
        wanted = os.path.realpath(str(port))
        return next(
            (m for m in modems if port == m.port or wanted == os.path.realpath(m.port)), None
        )


def answered(
    mailbox: Mailbox[Any], question: Question | StoreQuestion, request: Json, busy: str
) -> Json:
    """The answer of the thread that `mailbox` belongs to; `busy` is said where none comes."""
    if not mailbox.put(question):
        return error_answer(mark("the daemon is too busy"), FAULT)
    done, _ = wait([question.answer], patience_s(request) - ON_THE_WAY_S)
    if not done:
        return error_answer(busy, UNREACHABLE)
    error = question.answer.exception()
    if error is not None:
        return _complained(error)
    return {"v": 1, "document": question.answer.result()}


def _diagnosis(settings: Settings, request: Json) -> Work:
    """What is wrong with the request shows when it is done."""
    from agent.diagnosis.collect import diagnose
    from agent.diagnosis.wish import Wish, setup_of

    def work(session: ModemSession) -> Json:
        wish, setup = Wish.from_json(request), setup_of(settings, session.port)
        return diagnose(session, wish, setup)

    return work


def _device_facts(settings: Settings, request: Json) -> Work:
    """The gates' readings."""
    from agent.unbind.readings import read_device, ssh_in

    def work(session: ModemSession) -> Json:
        entry = next(each for each in settings.modem if each.port == session.port)
        return read_device(session, entry.interface, ssh_in(request), settings.device.state_dir)

    return work


def _services(settings: Settings, request: Json) -> Work:
    """Which of data, messages and voice work now."""
    from agent.diagnosis.wish import setup_of
    from agent.verification.services import look_at_services
    from agent.verification.trial import Wish

    def work(session: ModemSession) -> Json:
        setup = setup_of(settings, session.port)
        return look_at_services(session, setup, Wish.from_json(request))

    return work


def _verification(settings: Settings, request: Json) -> Work:
    """Whether a card that was cancelled is really gone."""
    from agent.diagnosis.wish import setup_of
    from agent.verification.verify import Request, verify

    def work(session: ModemSession) -> Json:
        setup = setup_of(settings, session.port)
        return verify(session, Request.from_json(request), setup)

    return work


CONFIGURED_WORK: Final[Mapping[str, Callable[[Settings, Json], Work]]] = {
    "diagnose": _diagnosis,
    "device_facts": _device_facts,
    "services": _services,
    "verify": _verification,
}
"""Work at a modem that needs the daemon's configuration; all other is in `agent.requests`."""


def _complained(error: BaseException) -> Json:
    """An answer that says what went wrong, with what could be read all the same."""
    complaint = describe(error)
    answer = error_answer(complaint.text, complaint.exit_code, **complaint.fields)
    document = error.document if isinstance(error, AgentError) else None
    return answer if document is None else {**answer, "document": document}


def _tells_recovery(request: Json) -> bool:
    """Whether the whole status is asked for."""
    return request.get("ask") == "status" and request.get("parts") is None
