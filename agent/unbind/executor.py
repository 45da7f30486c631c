"""Carries out what is decided, one act after the other; the journal says so before and after.

A costly act, and one that cannot be taken back, is `begun` in the journal before it is done. Where
a kill left it without an end, what stands there is read back first.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from agent.i18n import mark
from agent.release.results import REFUSED, StepResult, all_released
from agent.unbind import case as words
from agent.unbind import machine
from agent.unbind.case import Case, fold, next_case
from agent.unbind.hands import Hands, Outcome, did
from agent.unbind.journal import Journal
from agent.unbind.unbinding import RESUME, STOP, Halt, Seen, Wish, next_step

Json = dict[str, Any]

_BACK: Final = mark("read back after an interruption")
# Begun in the journal: costs something, or cannot be taken back.
_COSTLY: Final = frozenset(
    {
        machine.BASELINE, machine.BACK_UP, machine.HAND_OVER, machine.HAND_OVER_CLOSING,
        machine.CLOSE_PAIRING, machine.UNDO + machine.PAIRING, machine.UNLINK, machine.END_ABORT,
    }
)  # fmt: skip


class Executor:
    """One case on its road; `see` looks at the world for the decision."""

    def __init__(
        self,
        journal: Journal,
        hands: Hands,
        see: Callable[[Case], Seen],
        *,
        tell: Callable[[str], None] = lambda _act: None,
        begins: Mapping[str, Json] = MappingProxyType({}),
    ) -> None:
        """`begins`: by act, what its first entry says more."""
        self._journal = journal
        self._hands = hands
        self._see = see
        self._tell = tell
        self._begins = begins
        self.case = fold(entry.body for entry in journal.entries)

    def run(self, wish: Wish) -> Halt:
        """Go on until nothing more can be done now.

        Raises:
            AgentError, ModemError: an act could not be carried out; the journal says which began.
        """
        while True:
            step = next_step(self.case, self._see(self.case), wish)
            if isinstance(step, Halt):
                return step
            self._tell(step.act)
            if not self._carry_out(step.act):
                wish = wish._replace(tried=wish.tried | {step.act})
                continue
            wish = wish._replace(made=wish.made | {step.act})
            if step.act == machine.RELEASE_AGAIN:
                wish = wish._replace(tried=(wish.tried | {step.act}) - {machine.PROVE})

    def note(self, what: str, facts: Json) -> None:
        """An entry that is no act: papers that were given."""
        self._write(what, facts)

    def _carry_out(self, act: str) -> bool:
        """Whether it was done; a refusal is in the journal too."""
        if act == STOP:
            self._write(words.STOPPED, {"seen": self._hands.card()._asdict()})
            return True
        if act == RESUME:
            self._write(words.RESUMED, {})
            return True
        for kind, work in ((machine.STEP, self._release), (machine.UNDO, self._undo)):
            if act.startswith(kind) and act != machine.UNDO + machine.PAIRING:
                return work(act, act.removeprefix(kind))
        again = act in self.case.begun
        if act in _COSTLY and not again:
            self._write(words.BEGUN, {"act": act, **self._begins.get(act, {})})
        return self._end(act, self._outcome(act, again=again))

    def _outcome(self, act: str, *, again: bool) -> Outcome:
        """The act itself; what only the journal knows needs no hand."""
        hands, case = self._hands, self.case
        work: dict[str, Callable[[], Outcome]] = {
            machine.JUDGE: lambda: did(hands.judged(case)),
            machine.BASELINE: lambda: hands.baseline(case, again=again),
            machine.BACK_UP: lambda: hands.back_up(case, again=again),
            machine.USAGE: lambda: hands.usage(case),
            machine.SIGN: lambda: hands.sign(case, words.BEFORE_RELEASE),
            machine.HAND_OVER: lambda: hands.hand_over(case, words.BEFORE_RELEASE),
            machine.BEGIN_RELEASE: lambda: did({**hands.judged(case), **hands.plan(case)}),
            machine.PROVE: self._proof,
            machine.PROVE_AGAIN: self._proof,
            machine.SIGN_CLOSING: lambda: hands.sign(case, words.CLOSING),
            machine.HAND_OVER_CLOSING: lambda: hands.hand_over(case, words.CLOSING),
            machine.CLOSE_PAIRING: lambda: hands.close_pairing(case),
            machine.UNDO + machine.PAIRING: lambda: hands.reopen_pairing(case),
            machine.UNLINK: lambda: hands.conclude(case, again=again),
            machine.END_ABORT: lambda: hands.take_back(case, again=again),
            machine.STATEMENT: lambda: hands.statement(case),
            machine.CANCEL_SEEN: lambda: did({"cancelled_at": hands.cancelled_at(case)}),
        }
        return work[act]() if act in work else did({})

    def _release(self, act: str, name: str) -> bool:
        """One step: begun with what undoes it, then done; read back first where nobody knows."""
        if act in self.case.begun and self._hands.prove(name).released is True:
            return self._end(act, did({"result": "done", "because": _BACK}))
        if act not in self.case.begun:
            self._write(words.BEGUN, {"act": act, "prepared": self._hands.prepare(name)})
        step = self.case.step(name)
        assert step is not None, name
        return self._end(act, _outcome_of(self._hands.do(name, step.prepared or {})))

    def _undo(self, act: str, name: str) -> bool:
        step = self.case.step(name)
        assert step is not None, name
        if act not in self.case.begun:
            self._write(words.BEGUN, {"act": act})
        return self._end(act, _outcome_of(self._hands.undo(name, step.prepared or {})))

    def _proof(self) -> Outcome:
        """Read back every step of the release."""
        names = self.case.done[machine.BEGIN_RELEASE]["steps"]
        proofs = {name: self._hands.prove(name) for name in names}
        released = all_released(proofs.values())
        told = {name: each.to_json() for name, each in proofs.items()}
        return Outcome(released is True, {"released": released, "proofs": told})

    def _end(self, act: str, outcome: Outcome) -> bool:
        what = words.DONE if outcome.done else words.REFUSED
        self._write(what, {"act": act, **outcome.facts})
        return outcome.done

    def _write(self, what: str, facts: Json) -> None:
        entry = self._journal.append(what, facts)
        self.case = next_case(self.case, entry.body)


def _outcome_of(result: StepResult) -> Outcome:
    facts = result.document()
    return Outcome(result.result != REFUSED, facts)
