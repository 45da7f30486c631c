"""What the executor of an unbinding needs done, by whoever can do it: daemon, modem, disk, broker.

A fake world in the tests has the same hands. Errors of the way to modem, card or disk pass through
(`AgentError`, `ModemError`): the journal says what was begun.
"""

from typing import Any, NamedTuple, Protocol

from agent.release.results import Proof, StepResult
from agent.unbind.case import Case

Json = dict[str, Any]


class Card(NamedTuple):
    """Card and modem as they show now; None: no card, or it does not say."""

    iccid: str | None
    imei: str | None


class Outcome(NamedTuple):
    """What came of an act: it was done, or refused; `facts` go into the journal as they are."""

    done: bool
    facts: Json


def did(facts: Json) -> Outcome:
    """It was done."""
    return Outcome(done=True, facts=facts)


def refused(facts: Json) -> Outcome:
    """It had no effect."""
    return Outcome(done=False, facts=facts)


class Hands(Protocol):
    """Each says what came of it; `again`: it began before, and nobody knows how it ended."""

    def card(self) -> Card:
        """Who is there now."""
        ...

    def judged(self, case: Case) -> Json:
        """The gates as they are judged now, for journal and evidence."""
        ...

    def baseline(self, case: Case, *, again: bool) -> Outcome:
        """Try each service once: what works before the release."""
        ...

    def back_up(self, case: Case, *, again: bool) -> Outcome:
        """Save what is somebody's on the card, or say why not."""
        ...

    def usage(self, case: Case) -> Outcome:
        """What the card used, as far as this device counted."""
        ...

    def sign(self, case: Case, kind: str) -> Outcome:
        """Write and sign a document of the case into its folder."""
        ...

    def hand_over(self, case: Case, kind: str) -> Outcome:
        """Give a signed document to the backend, or to the operator; done only where that holds."""
        ...

    def plan(self, case: Case) -> Json:
        """The steps of the release, in their order, and what each would do: `steps`, `planned`."""
        ...

    def prepare(self, step: str) -> Json:
        """What it takes to undo a step; changes nothing."""
        ...

    def do(self, step: str, prepared: Json) -> StepResult:
        """Release what was prepared; a step that was done before has nothing to do."""
        ...

    def undo(self, step: str, prepared: Json) -> StepResult:
        """Put back what `prepare` found."""
        ...

    def prove(self, step: str) -> Proof:
        """Read back."""
        ...

    def close_pairing(self, case: Case) -> Outcome:
        """Write into the pairing history that the card left this modem; once."""
        ...

    def reopen_pairing(self, case: Case) -> Outcome:
        """Write into it that the card is bound again; once."""
        ...

    def conclude(self, case: Case, *, again: bool) -> Outcome:
        """Sign what ended it: the carrier's paper by its hash, the last answers, the gates."""
        ...

    def take_back(self, case: Case, *, again: bool) -> Outcome:
        """Sign that it was taken back, and how, where evidence of it had been handed over."""
        ...

    def statement(self, case: Case) -> Outcome:
        """Write the template of the statement for a lost device into the case folder."""
        ...

    def cancelled_at(self, case: Case) -> str | None:
        """As of when the platform says that the card is cancelled."""
        ...
