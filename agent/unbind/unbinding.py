"""What comes next for a card: decided by its case and by what is seen now. Pure.

`next_step` is the whole of it. The executor (`agent.unbind.executor`) asks it again after each act,
so what a kill left behind is decided like everything else.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from agent.exits import CARD, CLOUD, NO, OK, REFUSED
from agent.unbind import case as words
from agent.unbind import machine
from agent.unbind.case import Case
from agent.unbind.finding import FAIL, NEEDS_HUMAN, NOT_APPLICABLE, PASS
from agent.unbind.gates import BEFORE, BEFORE_RELEASE, Judged

OTHER_CARD: Final = "other_card"
OTHER_MODEM: Final = "other_modem"
NO_CARD: Final = "no_card"
SHUT: Final = "gate_shut"
ASKS: Final = "answer_missing"
INCOMPLETE: Final = "gate_open"
BACKUP_ASKS: Final = "backup_not_settled"
NOT_HANDED_OVER: Final = "evidence_not_handed_over"
NOT_RELEASED: Final = "step_refused"
NOT_PROVED: Final = "release_not_proved"
SET_UP_AGAIN: Final = "set_up_again"
WAITS: Final = "waits_for_carrier"
READY: Final = "ready"
VERIFY: Final = "verify_next"
CONTRADICTED: Final = "contradicted"
UNLINK_ASKS: Final = "unlink_next"
ENDED: Final = "ended"
NOT_UNDONE: Final = "not_undone"
TOO_LATE: Final = "too_late_to_abort"

_OPEN: Final = frozenset({PASS, NOT_APPLICABLE})
_SETTLED_STEPS: Final = frozenset({"done", words.NOTHING_TO_DO, words.NOT_AVAILABLE})
WITHOUT_CARD: Final = frozenset({machine.CANCELLED, machine.VERIFIED, machine.CLOSED})
"""States in which the card itself is not needed any more."""

STOP: Final = "stop"
RESUME: Final = "resume"


class Seen(NamedTuple):
    """What is seen now: the gates judged over it, card and modem, and what people said."""

    judged: Judged
    iccid: str | None = None
    imei: str | None = None
    state: str = "unknown"
    """The card's state by fresh account facts; `unknown` where there are none."""
    backup: str | None = None
    """`nothing` on the card, `saved` or `not_wanted` as the operator says; None: open."""
    after: Judged = Judged(())
    """The gates after the cancellation."""


class Wish(NamedTuple):
    """What the operator wants."""

    abort: bool = False
    back_up: bool = False
    """A backup file was named."""
    reopen: bool = False
    """Begin anew what was aborted."""
    lost: bool = False
    """The device is gone."""
    tried: frozenset[str] = frozenset()
    """Acts that had no effect in this run already."""
    made: frozenset[str] = frozenset()
    """Acts that were done in this run."""


class Do(NamedTuple):
    """The act to be done next."""

    act: str


class Halt(NamedTuple):
    """Nothing can be done now: why, and the exit code of that."""

    why: str
    exit_code: int


Next = Do | Halt


def next_step(case: Case, seen: Seen, wish: Wish) -> Next:
    """The next act, or why there is none now."""
    if wish.lost and not case.lost:
        possible = machine.after(case.road, machine.LOSE, lost=False) is not None
        return Do(machine.LOSE) if possible else Halt(TOO_LATE, REFUSED)
    ended = case.road == machine.CLOSED or (case.road == machine.ABORTED and not wish.reopen)
    strange = None if case.lost or ended else _card(case, seen)
    if strange is not None:
        return strange
    if case.stopped is not None:
        return Do(RESUME)
    if ended:
        return Halt(ENDED, OK)
    if wish.abort or case.road == machine.ABORTING:
        return _abort(case, wish)
    return _NEXT[case.road](case, seen, wish)


def _card(case: Case, seen: Seen) -> Next | None:
    """Another card, or the card in another modem: nothing is touched."""
    if seen.iccid is not None and seen.iccid != case.iccid:
        return Halt(OTHER_CARD, REFUSED) if case.stopped is not None else Do(STOP)
    if seen.imei is not None and case.imei is not None and seen.imei[:14] != case.imei[:14]:
        return Halt(OTHER_MODEM, REFUSED) if case.stopped is not None else Do(STOP)
    if seen.iccid is None and case.road not in WITHOUT_CARD:
        return Halt(NO_CARD, CARD)
    return None


def _abort(case: Case, wish: Wish) -> Next:
    """What can be undone, the last first."""
    if case.road != machine.ABORTING:
        possible = machine.after(case.road, machine.ABORT, lost=case.lost) is not None
        return Do(machine.ABORT) if possible else Halt(TOO_LATE, REFUSED)
    todo = () if case.lost else undo_of(case)
    act = next((each for each in todo if each not in wish.tried), None)
    if act is not None:
        return Do(act)
    return Halt(NOT_UNDONE, NO) if todo else Do(machine.END_ABORT)


def undo_of(case: Case) -> tuple[str, ...]:
    """The acts that are still to be undone, the last one first."""
    pairing = machine.UNDO + machine.PAIRING
    closed = machine.CLOSE_PAIRING in case.done or machine.CLOSE_PAIRING in case.begun
    found = [pairing] if closed and pairing not in case.done else []
    touched = (
        step
        for step in reversed(case.steps)
        if (step.acted or step.result not in {words.NOTHING_TO_DO, words.NOT_AVAILABLE})
        and step.undo in {None, words.REFUSED}
    )
    return (*found, *(machine.UNDO + step.id for step in touched))


def gates_halt(
    judged: Judged,
    *,
    but: frozenset[str] = frozenset(),
    phases: tuple[str, ...] = (BEFORE_RELEASE,),
) -> Halt | None:
    """Why the gates of some phases let nobody through; None where all are open."""
    results = {
        finding.result
        for gate, finding in judged.found
        if gate.phase in phases and gate.id not in but and finding.result not in _OPEN
    }
    if not results:
        return None
    if FAIL in results:
        return Halt(SHUT, NO)
    return Halt(ASKS, REFUSED) if NEEDS_HUMAN in results else Halt(INCOMPLETE, NO)


def _opened(case: Case, seen: Seen, _: Wish) -> Next:
    if case.lost:
        return Do(machine.STATEMENT)
    return gates_halt(seen.judged) or Do(machine.JUDGE)


def _back_up(_: Case, seen: Seen, wish: Wish) -> Next:
    if seen.backup is None and not wish.back_up:
        return Halt(BACKUP_ASKS, REFUSED)
    return Halt(BACKUP_ASKS, REFUSED) if machine.BACK_UP in wish.tried else Do(machine.BACK_UP)


def _sign(case: Case, _: Seen, __: Wish) -> Next:
    return Do(machine.SIGN if machine.USAGE in case.done else machine.USAGE)


def _hand_over(_: Case, __: Seen, wish: Wish) -> Next:
    if machine.HAND_OVER in wish.tried:
        return Halt(NOT_HANDED_OVER, CLOUD)
    return Do(machine.HAND_OVER)


def _begin_release(_: Case, seen: Seen, __: Wish) -> Next:
    """The gates once more: facts may have grown old since the evidence was signed."""
    return gates_halt(seen.judged) or Do(machine.BEGIN_RELEASE)


# What the release itself takes away: its own uplink. The evidence is safe by now.
_SAFE_BY_NOW: Final = frozenset({"own_uplink"})
_READ_ANEW: Final = frozenset({"release_proved"})


def _release(case: Case, seen: Seen, wish: Wish) -> Next:
    begun = case.done[machine.BEGIN_RELEASE]["steps"]
    open_ = [name for name in begun if (s := case.step(name)) is None or not settled(s.result)]
    if not open_:
        return Do(machine.END_RELEASE)
    shut = gates_halt(seen.judged, but=_SAFE_BY_NOW)
    if shut is not None:
        return shut
    act = machine.STEP + open_[0]
    return Halt(NOT_RELEASED, NO) if act in wish.tried else Do(act)


def settled(result: str | None) -> bool:
    """Whether a step of the release ended, and not by a refusal."""
    return result in _SETTLED_STEPS


def _prove(case: Case, _: Seen, wish: Wish) -> Next:
    if machine.PROVE not in wish.tried:
        return Do(machine.PROVE)
    seen_standing = case.refused.get(machine.PROVE, {}).get("released") is False
    again = seen_standing and machine.RELEASE_AGAIN not in wish.tried
    return Do(machine.RELEASE_AGAIN) if again else Halt(NOT_PROVED, NO)


def _closing(case: Case, _: Seen, wish: Wish) -> Next:
    return _late_hand_over(case, wish) or _pairing(case)


def _pairing(case: Case, *_: object) -> Next:
    return Do(machine.WAIT if machine.CLOSE_PAIRING in case.done else machine.CLOSE_PAIRING)


def _late_hand_over(case: Case, wish: Wish) -> Do | None:
    """The closing record may wait; each run tries once."""
    closing = case.evidence.get(words.CLOSING)
    waits = closing is not None and closing.handed_over == words.HELD and not case.lost
    act = machine.HAND_OVER_CLOSING
    return Do(act) if waits and act not in wish.tried else None


def _wait(case: Case, seen: Seen, wish: Wish) -> Next:
    soon = _soon(case, seen, wish)
    if soon is not None:
        return soon
    unbound = seen.judged.of("binding").result in _OPEN
    if case.lost or case.release is None or not unbound:
        return Halt(WAITS, NO)
    shut = gates_halt(seen.judged, but=_READ_ANEW, phases=BEFORE)
    return shut or _proved_now(wish) or Do(machine.BE_READY)


def _ready(case: Case, seen: Seen, wish: Wish) -> Next:
    soon = _soon(case, seen, wish)
    if soon is not None:
        return soon
    if seen.judged.of("binding").result == FAIL:
        return Do(machine.BIND_AGAIN)
    proof = _proved_now(wish)
    if proof is not None:
        return proof if isinstance(proof, Do) else Do(machine.BIND_AGAIN)
    return gates_halt(seen.judged, phases=BEFORE) or Halt(READY, OK)


def _soon(case: Case, seen: Seen, wish: Wish) -> Do | None:
    """What goes before everything else while the carrier is waited for."""
    if seen.state == "cancelled":
        return Do(machine.CANCEL_SEEN)
    return _late_hand_over(case, wish)


def _proved_now(wish: Wish) -> Next | None:
    """What stands is read back in each run; None where it was, and all is released."""
    if machine.PROVE_AGAIN in wish.tried:
        return Halt(SET_UP_AGAIN, NO)
    return None if machine.PROVE_AGAIN in wish.made else Do(machine.PROVE_AGAIN)


def _cancelled(case: Case, seen: Seen, wish: Wish) -> Next:
    if case.lost:
        return _unlink(seen, frozenset({"verify_after"}))
    late = _late_hand_over(case, wish)
    if late is not None:
        return late
    gone = seen.after.of("verify_after").result
    if gone == FAIL:
        return Halt(CONTRADICTED, NO)
    return Do(machine.VERIFY) if gone in _OPEN else Halt(VERIFY, OK)


def _verified(case: Case, seen: Seen, wish: Wish) -> Next:
    return _late_hand_over(case, wish) or _unlink(seen)


def _unlink(seen: Seen, but: frozenset[str] = frozenset()) -> Next:
    """The end of it: the carrier's paper, and the card out of register and device."""
    open_ = all(f.result in _OPEN for gate, f in seen.after.found if gate.id not in but)
    return Do(machine.UNLINK) if open_ else Halt(UNLINK_ASKS, OK)


def _always(act: str) -> Callable[[Case, Seen, Wish], Next]:
    return lambda *_: Do(act)


_NEXT: Final[Mapping[str, Callable[[Case, Seen, Wish], Next]]] = {
    machine.OPENED: _opened,
    machine.GATES_PASSED: _always(machine.BASELINE),
    machine.BASELINE_TAKEN: _back_up,
    machine.BACKED_UP: _sign,
    machine.EVIDENCE_SIGNED: _hand_over,
    machine.HANDED_OVER: _begin_release,
    machine.RELEASING: _release,
    machine.RELEASED: _prove,
    machine.RELEASE_PROVED: _always(machine.SIGN_CLOSING),
    machine.CLOSING_SIGNED: _closing,
    machine.CLOSING_HANDED: _pairing,
    machine.WAITING: _wait,
    machine.READY: _ready,
    machine.CANCELLED: _cancelled,
    machine.VERIFIED: _verified,
    machine.STATEMENT_WRITTEN: _always(machine.WAIT),
    machine.ABORTED: _always(machine.REOPEN),
}
