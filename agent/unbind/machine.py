"""The road of a card from order to cancellation: states, and the acts that lead on. Data; pure.

One table: in a state an act may be done, and where it is done it leads to a state. What is not in
it cannot happen: a journal that tells of it is refused. docs/unbind.md shows this table.
"""

from typing import Final, NamedTuple

OPENED: Final = "opened"
GATES_PASSED: Final = "gates_passed"
BASELINE_TAKEN: Final = "baseline_taken"
BACKED_UP: Final = "backed_up"
EVIDENCE_SIGNED: Final = "evidence_signed"
HANDED_OVER: Final = "handed_over"
RELEASING: Final = "releasing"
RELEASED: Final = "released"
RELEASE_PROVED: Final = "release_proved"
CLOSING_SIGNED: Final = "closing_signed"
CLOSING_HANDED: Final = "closing_handed"
WAITING: Final = "waiting_carrier_unbind"
READY: Final = "ready_to_cancel"
CANCELLED: Final = "cancelled"
VERIFIED: Final = "verified"
CLOSED: Final = "closed"
STATEMENT_WRITTEN: Final = "statement_written"
ABORTING: Final = "aborting"
ABORTED: Final = "aborted"
STOPPED: Final = "stopped"

JUDGE: Final = "judge_gates"
BASELINE: Final = "take_baseline"
BACK_UP: Final = "back_up"
USAGE: Final = "report_usage"
SIGN: Final = "sign_evidence"
HAND_OVER: Final = "hand_over_evidence"
BEGIN_RELEASE: Final = "begin_release"
STEP: Final = "release."
"""With the step's id behind it."""
END_RELEASE: Final = "end_release"
RELEASE_AGAIN: Final = "release_again"
PROVE: Final = "prove_release"
PROVE_AGAIN: Final = "prove_again"
"""Days may lie between the release and the carrier's answer: what stands now is read back."""
SIGN_CLOSING: Final = "sign_closing"
HAND_OVER_CLOSING: Final = "hand_over_closing"
CLOSE_PAIRING: Final = "close_pairing"
WAIT: Final = "wait_for_carrier"
BE_READY: Final = "binding_released"
BIND_AGAIN: Final = "binding_not_released"
CANCEL_SEEN: Final = "cancellation_seen"
VERIFY: Final = "verify"
UNLINK: Final = "unlink_asset"
STATEMENT: Final = "write_statement"
ABORT: Final = "abort"
UNDO: Final = "undo."
"""With the step's id behind it."""
END_ABORT: Final = "end_abort"
REOPEN: Final = "reopen"
LOSE: Final = "device_lost"
"""The device is gone in the middle of it: what was done stays written down."""
PAIRING: Final = "pairing"
"""What is undone of a pairing record that was closed, as a step's id."""

HERE, LOST, BOTH = "device", "lost", "both"


class Move(NamedTuple):
    """In `state` an act may be done, and leads `to`; `of` whom: a device at hand, a lost one."""

    state: str
    act: str
    to: str
    of: str = HERE


_BEFORE_CANCEL: Final = (
    OPENED, GATES_PASSED, BASELINE_TAKEN, BACKED_UP, EVIDENCE_SIGNED, HANDED_OVER,
    RELEASING, RELEASED, RELEASE_PROVED, CLOSING_SIGNED, CLOSING_HANDED, WAITING, READY,
)  # fmt: skip
ROAD: Final = (
    Move(OPENED, JUDGE, GATES_PASSED),
    Move(GATES_PASSED, BASELINE, BASELINE_TAKEN),
    Move(BASELINE_TAKEN, BACK_UP, BACKED_UP),
    Move(BACKED_UP, USAGE, BACKED_UP),
    Move(BACKED_UP, SIGN, EVIDENCE_SIGNED),
    Move(EVIDENCE_SIGNED, HAND_OVER, HANDED_OVER),
    Move(HANDED_OVER, BEGIN_RELEASE, RELEASING),
    Move(RELEASING, STEP, RELEASING),
    Move(RELEASING, END_RELEASE, RELEASED),
    Move(RELEASED, PROVE, RELEASE_PROVED),
    Move(RELEASED, RELEASE_AGAIN, RELEASING),
    Move(RELEASE_PROVED, SIGN_CLOSING, CLOSING_SIGNED),
    Move(CLOSING_SIGNED, HAND_OVER_CLOSING, CLOSING_HANDED),
    Move(CLOSING_SIGNED, CLOSE_PAIRING, CLOSING_SIGNED),
    Move(CLOSING_SIGNED, WAIT, WAITING),
    Move(CLOSING_HANDED, CLOSE_PAIRING, CLOSING_HANDED),
    Move(CLOSING_HANDED, WAIT, WAITING),
    Move(WAITING, HAND_OVER_CLOSING, WAITING),
    Move(WAITING, PROVE_AGAIN, WAITING),
    Move(WAITING, BE_READY, READY),
    Move(WAITING, CANCEL_SEEN, CANCELLED, BOTH),
    Move(READY, HAND_OVER_CLOSING, READY),
    Move(READY, PROVE_AGAIN, READY),
    Move(READY, BIND_AGAIN, WAITING),
    Move(READY, CANCEL_SEEN, CANCELLED),
    Move(CANCELLED, HAND_OVER_CLOSING, CANCELLED),
    Move(CANCELLED, VERIFY, VERIFIED),
    Move(CANCELLED, UNLINK, CLOSED, LOST),
    Move(VERIFIED, HAND_OVER_CLOSING, VERIFIED),
    Move(VERIFIED, UNLINK, CLOSED),
    Move(OPENED, STATEMENT, STATEMENT_WRITTEN, LOST),
    Move(STATEMENT_WRITTEN, WAIT, WAITING, LOST),
    *(Move(state, ABORT, ABORTING, BOTH) for state in (*_BEFORE_CANCEL, STATEMENT_WRITTEN)),
    *(Move(state, LOSE, OPENED) for state in (*_BEFORE_CANCEL, ABORTING, ABORTED)),
    Move(ABORTING, UNDO, ABORTING, BOTH),
    Move(ABORTING, END_ABORT, ABORTED, BOTH),
    Move(ABORTED, REOPEN, OPENED, BOTH),
)  # fmt: skip
STATES: Final = tuple(dict.fromkeys([*(m.state for m in ROAD), *(m.to for m in ROAD), STOPPED]))
ENDED: Final = frozenset({CLOSED, ABORTED})
"""Nothing is left to be done in these."""


def after(state: str, act: str, *, lost: bool) -> str | None:
    """The state that an act leads to where it is done in `state`; None where it cannot be done."""
    kind = next((each for each in (STEP, UNDO) if act.startswith(each)), act)
    whom = (LOST if lost else HERE, BOTH)
    return next(
        (move.to for move in ROAD if (move.state, move.act) == (state, kind) and move.of in whom),
        None,
    )
