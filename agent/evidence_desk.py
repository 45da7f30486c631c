"""The daemon's part of handing evidence over: give it a row, and say how far that row is."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from agent.errors import UsageError
from agent.i18n import mark
from agent.outgoing import Outgoing
from agent.recording import Recorder, StoreQuestion
from cloud_bridge.certificate import EvidenceError, read
from cloud_bridge.errors import MessageError
from cloud_bridge.evidence import canonical

Json = dict[str, Any]

PUBLISH, STATE = "publish_evidence", "evidence_state"
NO_EVIDENCE: Final = mark("this is no evidence that can be sent: {reason}")

Ask = Callable[[Recorder, StoreQuestion, Json], Json]
"""Posts a question to the store's thread and waits for its answer."""


class EvidenceDesk:
    """Composed by the daemon; its methods run in the control socket's thread."""

    def __init__(self, recorder: Recorder, ask: Ask) -> None:
        self._recorder = recorder
        self._ask = ask

    def publish(self, request: Json) -> Json:
        """`{"kind", "document"}` → `{"store", "seq", "new"}`; the same document has one row."""
        return self._asked(lambda out: published(out, request), request)

    def state(self, request: Json) -> Json:
        """`{"store", "seq"}` → `{"acked", "refused", "store", "broker", "problem"}`.

        `store` is the one there is now; `problem` is what is in the uplink's way.
        """
        uplink = self._recorder.uplink

        def look(out: Outgoing) -> Json:
            store, seq = request.get("store"), request.get("seq")
            standing = out.standing(str(store), seq if type(seq) is int else 0)
            return {
                **standing._asdict(),
                "store": out.store,
                "broker": uplink is not None,
                "problem": None if uplink is None else uplink.problem,
            }

        return self._asked(look, request)

    def _asked(self, work: Callable[[Outgoing], Json], request: Json) -> Json:
        question = StoreQuestion(lambda _connection, out: work(out), Future[Json]())
        return self._ask(self._recorder, question, request)


def published(out: Outgoing, request: Json) -> Json:
    """The row that the request's document has now.

    Raises:
        UsageError: it is no evidence.
        OutboxError: it cannot be stored.
    """
    try:
        raw = canonical(request.get("document")) + b"\n"
        kind = read(raw).head["kind"]
        if kind != request.get("kind"):
            raise UsageError(NO_EVIDENCE, reason=f"{kind} ≠ {request.get('kind')}")
        return out.evidence(raw).to_json()
    except EvidenceError as error:
        raise UsageError(NO_EVIDENCE, reason=str(error)) from error
    except MessageError as error:
        raise UsageError(NO_EVIDENCE, reason=error.reason) from error
