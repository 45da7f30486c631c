"""What a step of a release at the modem is made of, and its talk with the modem."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from agent.diagnosis.attempts import NO_ANSWER, reason_of
from agent.i18n.said import Said, say
from agent.modem_session import ModemSession
from agent.release.results import Planned, Proof, StepResult, settled
from modem.at.command import Command

Json = dict[str, Any]
T = TypeVar("T")


class ModemStep(NamedTuple):
    """What one step does with a session."""

    plan: Callable[["Dialogue"], Planned]
    prepare: Callable[["Dialogue"], Json]
    do: Callable[["Dialogue"], StepResult]
    undo: Callable[["Dialogue", Json], StepResult]
    prove: Callable[["Dialogue"], Proof]


class Dialogue:
    """A session with its answers: None where the modem refuses, is silent or speaks nonsense."""

    def __init__(self, session: ModemSession) -> None:
        self.session = session
        self.commands: list[str] = []
        self.because: list[Said] = []

    def ask(self, command: Command[T]) -> T | None:
        """A question; no answer is None."""
        try:
            return self.session.engine.run(command)
        except NO_ANSWER:
            return None

    def tell(self, command: Command[None]) -> str | None:
        """Something is set; why it was not, or None."""
        self.commands.append(command.shown)
        try:
            self.session.engine.run(command)
        except NO_ANSWER as error:
            return reason_of(error)
        return None

    def insist(self, command: Command[None]) -> None:
        """As `tell`; a refusal is the step's."""
        reason = self.tell(command)
        if reason is not None:
            self.because.append(say("{command}: {reason}", command=command.shown, reason=reason))

    def result(self) -> StepResult:
        """What came of all that was told."""
        return settled(self.commands, self.because, acted=bool(self.commands))


def listed(cids: Iterable[int]) -> str:
    """Numbers of contexts, for a text."""
    return ", ".join(str(cid) for cid in cids)
