"""A case: one card and one work order on their road, as its journal tells. Pure.

Each entry's body says `what` happened, with `at` (UTC, null without a clock) and `up_s`:

| `what` | further members |
|---|---|
| `opened` | `schema iccid imei imsi order_id platform technician lost` and the order |
| `begun` | `act`, `prepared`: what it takes to undo it |
| `done` | `act`, and what came of it |
| `refused` | `act because`: it was tried and had no effect |
| `order`, `account`, `answers` | what was given later: a renewed order, account facts, answers |
| `stopped`, `resumed` | `because`, and what was seen in the slot |
| `torn` | `bytes`: a line cut off at the end, of which nobody was told |
| `certificate` | the carrier's own, by its hash: `sha256 bytes media_type number date` |
| `look` | after the cancellation: what still works (kept as it is) |
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from agent.release.prepared import joined
from agent.unbind import machine
from cloud_bridge.errors import MessageError, reason

Json = dict[str, Any]

SCHEMA: Final = "simward/unbind_journal/1"
OPENED, BEGUN, DONE, REFUSED = "opened", "begun", "done", "refused"
ORDER, ACCOUNT, ANSWERS = "order", "account", "answers"
TORN, LOOK, CERTIFICATE = "torn", "look", "certificate"
STOPPED, RESUMED = "stopped", "resumed"

NOTHING_TO_DO, NOT_AVAILABLE, UNDONE = "nothing_to_do", "not_available", "undone"
ACKED, FILE, QR, HELD = "acked", "file", "qr", "waiting"
"""How evidence was handed over: to the backend, to a medium of the operator's, or not yet."""
BEFORE_RELEASE, CLOSING = "before_release", "closing"
CONCLUSION, TAKEN_BACK = "conclusion", "taken_back"

NOT_OPENED: Final = reason("it does not begin with the opening of a case")
UNKNOWN_ENTRY: Final = reason("an entry of a kind that this version does not know")
NOT_ON_THE_ROAD: Final = reason("an act that cannot be done in this state")
NOT_BEGUN: Final = reason("an act that ends without having begun")


class CaseError(MessageError):
    """A journal that tells of what cannot happen: the entry's `number`, and why."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


class Step(NamedTuple):
    """A step of the release: its last `result` (None: begun, and nobody knows), how to undo it."""

    id: str
    result: str | None
    prepared: Json | None
    because: Any = None
    """Texts in both languages, as the step gave them."""
    commands: tuple[str, ...] = ()
    at: str | None = None
    undo: str | None = None
    """What came of undoing it: `done`, `refused`, ...; None: not tried."""
    acted: bool = False
    """Whether any try of it may have changed something; a later one may have had nothing to do."""


class Kept(NamedTuple):
    """A signed document of the case: its hash, how it was handed over, and to where."""

    sha256: str
    name: str
    """Of its file in the case folder."""
    handed_over: str = HELD
    file: str | None = None
    """On the operator's medium."""
    because: Any = None


class Case(NamedTuple):
    """Where a card stands on its road, and everything that was written down on the way."""

    iccid: str
    order_id: str
    imei: str | None
    imsi: str | None
    platform: str | None
    technician: str | None
    lost: bool
    order: Json
    attempt: int = 1
    road: str = machine.OPENED
    """The state, whether the case is stopped or not."""
    opened_at: str | None = None
    begun: Mapping[str, Json] = {}
    """Acts that began and did not end, with what it takes to undo them."""
    steps: tuple[Step, ...] = ()
    done: Mapping[str, Json] = {}
    """The entry of each act that was done last, by the act."""
    refused: Mapping[str, Json] = {}
    """The entry of each act that was refused last, and not done since."""
    evidence: Mapping[str, Kept] = {}
    account: Json | None = None
    """The entry of the newest account facts that were given."""
    answers: Json | None = None
    """The entry of the operator's newest answers."""
    certificate: Json | None = None
    """The entry of the carrier's certificate of cancellation."""
    stopped: Json | None = None
    looks: tuple[Json, ...] = ()
    entries: int = 0

    @property
    def state(self) -> str:
        """Where it stands: `stopped`, or the state on the road."""
        return machine.STOPPED if self.stopped is not None else self.road

    @property
    def release(self) -> Json | None:
        """The entry that tells that the release was proved, where it still holds."""
        proof = self.done.get(machine.PROVE)
        undone = self.road in {machine.ABORTING, machine.ABORTED} or self.lost
        return None if undone else proof

    @property
    def cancelled_at(self) -> str | None:
        """When the platform says, else when it was seen, that the card is cancelled."""
        seen = self.done.get(machine.CANCEL_SEEN)
        return None if seen is None else seen["cancelled_at"]

    @property
    def baseline(self) -> Json | None:
        """The services document that was taken before the release (`services`), or why not."""
        return self.done.get(machine.BASELINE)

    @property
    def ended(self) -> bool:
        """Whether nothing is left to be done."""
        return self.road in machine.ENDED

    def step(self, name: str) -> Step | None:
        """A step of the release, where it was begun."""
        return next((each for each in self.steps if each.id == name), None)


def fold(bodies: Iterable[Mapping[str, Any]]) -> Case:
    """The case that a journal's bodies tell of.

    Raises:
        CaseError: they tell of what cannot happen; the entry's number.
    """
    case: Case | None = None
    for number, body in enumerate(bodies, start=1):
        case = _opened(number, dict(body)) if case is None else next_case(case, body)
    if case is None:
        raise CaseError(1, NOT_OPENED)
    return case


def next_case(case: Case, entry: Mapping[str, Any]) -> Case:
    """The case after one more entry of its journal.

    Raises:
        CaseError: it cannot happen in this state.
    """
    body, number = dict(entry), case.entries + 1
    grow = _GROWS.get(body.get("what", ""))
    if grow is None:
        raise CaseError(number, UNKNOWN_ENTRY)
    return grow(case._replace(entries=number), body, number)


def _opened(number: int, body: Json) -> Case:
    if body.get("what") != OPENED or body.get("schema") != SCHEMA:
        raise CaseError(number, NOT_OPENED)
    return Case(
        iccid=body["iccid"],
        order_id=body["order_id"],
        imei=body["imei"],
        imsi=body["imsi"],
        platform=body["platform"],
        technician=body["technician"],
        lost=body["lost"],
        order=body["order"],
        opened_at=body["at"],
        entries=1,
    )


def _begin(case: Case, body: Json, number: int) -> Case:
    act = body["act"]
    _to(case, act, number)
    begun = {**case.begun, act: body}
    if act.startswith(machine.STEP):
        name, before = act.removeprefix(machine.STEP), case.step(act.removeprefix(machine.STEP))
        # What undoes a step is how it was before the first try, and what a later one found beside.
        found: Json = body.get("prepared") or {}
        prepared = found if before is None else joined(before.prepared or {}, found)
        acted = before is not None and before.acted
        step = Step(name, None, prepared, at=body["at"], acted=acted)
        return _with(case, step)._replace(begun=begun)
    return case._replace(begun=begun)


def _end(case: Case, body: Json, number: int) -> Case:
    act = body["act"]
    to = _to(case, act, number)
    begun = {name: each for name, each in case.begun.items() if name != act}
    refused = {name: each for name, each in case.refused.items() if name != act}
    done = {**case.done, act: body}
    case = case._replace(road=to, begun=begun, refused=refused, done=done)
    if act.startswith(machine.STEP):
        return _with(case, _result(case, body, number, machine.STEP))
    if act.startswith(machine.UNDO):
        return _undone(case, act, body["result"], number)
    return _after(case, act, body)


def _after(case: Case, act: str, body: Json) -> Case:
    """What some acts change beside the state."""
    change = _CHANGES.get(act)
    return case if change is None else change(case, body)


def _signed(kind: str) -> Callable[[Case, Json], Case]:
    def change(case: Case, body: Json) -> Case:
        if "sha256" not in body:  # nothing had left the gateway that has to be taken back
            return case
        kept = Kept(
            body["sha256"],
            body["name"],
            body.get("handed_over", HELD),
            because=body.get("because"),
        )
        return case._replace(evidence={**case.evidence, kind: kept})

    return change


def _handed(kind: str) -> Callable[[Case, Json], Case]:
    def change(case: Case, body: Json) -> Case:
        kept = case.evidence[kind]._replace(
            handed_over=body["handed_over"], file=body.get("file"), because=body.get("because")
        )
        return case._replace(evidence={**case.evidence, kind: kept})

    return change


def _released_again(case: Case, _: Json) -> Case:
    return case._replace(steps=tuple(each._replace(result=None) for each in case.steps))


def _lost(case: Case, _: Json) -> Case:
    return case._replace(lost=True, begun={}, stopped=None)


def _reopened(case: Case, _: Json) -> Case:
    return case._replace(
        lost=False,
        attempt=case.attempt + 1,
        begun={},
        steps=(),
        done={},
        refused={},
        evidence={},
    )


_CHANGES: Final[Mapping[str, Callable[[Case, Json], Case]]] = {
    machine.SIGN: _signed(BEFORE_RELEASE),
    machine.SIGN_CLOSING: _signed(CLOSING),
    machine.UNLINK: _signed(CONCLUSION),
    machine.END_ABORT: _signed(TAKEN_BACK),
    machine.HAND_OVER: _handed(BEFORE_RELEASE),
    machine.HAND_OVER_CLOSING: _handed(CLOSING),
    machine.RELEASE_AGAIN: _released_again,
    machine.LOSE: _lost,
    machine.REOPEN: _reopened,
}


def _refuse(case: Case, body: Json, number: int) -> Case:
    act = body["act"]
    _to(case, act, number)
    begun = {name: each for name, each in case.begun.items() if name != act}
    case = case._replace(begun=begun, refused={**case.refused, act: body})
    if act.startswith(machine.STEP):
        return _with(case, _result(case, {**body, "result": REFUSED}, number, machine.STEP))
    if act.startswith(machine.UNDO):
        return _undone(case, act, REFUSED, number)
    return case


def _undone(case: Case, act: str, result: str, number: int) -> Case:
    name = act.removeprefix(machine.UNDO)
    if name == machine.PAIRING:
        return case
    return _with(case, _known(case, name, number)._replace(undo=result))


def _result(case: Case, body: Json, number: int, kind: str) -> Step:
    step = _known(case, body["act"].removeprefix(kind), number)
    return step._replace(
        acted=step.acted or body["result"] not in {NOTHING_TO_DO, NOT_AVAILABLE},
        result=body["result"],
        because=body.get("because"),
        commands=tuple(body.get("commands", ())),
        at=body["at"],
    )


def _known(case: Case, name: str, number: int) -> Step:
    """A step that has begun.

    Raises:
        CaseError: it has not.
    """
    step = case.step(name)
    if step is None:
        raise CaseError(number, NOT_BEGUN)
    return step


def _with(case: Case, step: Step) -> Case:
    """The case with one step as it is now, in the place where it stood."""
    if case.step(step.id) is None:
        return case._replace(steps=(*case.steps, step))
    return case._replace(steps=tuple(step if s.id == step.id else s for s in case.steps))


def _to(case: Case, act: str, number: int) -> str:
    to = machine.after(case.road, act, lost=case.lost)
    if to is None:
        raise CaseError(number, NOT_ON_THE_ROAD)
    return to


_GROWS: Final[Mapping[str, Callable[[Case, Json, int], Case]]] = {
    BEGUN: _begin,
    DONE: _end,
    REFUSED: _refuse,
    ORDER: lambda case, body, _: case._replace(order=body["order"]),
    ACCOUNT: lambda case, body, _: case._replace(account=body),
    ANSWERS: lambda case, body, _: case._replace(answers=body),
    STOPPED: lambda case, body, _: case._replace(stopped=body),
    RESUMED: lambda case, *_: case._replace(stopped=None),
    CERTIFICATE: lambda case, body, _: case._replace(certificate=body),
    LOOK: lambda case, body, _: case._replace(looks=(*case.looks, body)),
    TORN: lambda case, *_: case,
}
