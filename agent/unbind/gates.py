"""The gates: what has to hold before the release, before and after the cancellation. Pure.

Each is a rule over facts. Its docstring is its line in docs/gates.md: what it asks, what passes,
what fails, who has to answer otherwise. A gate passes on evidence alone; what nobody said is never
taken for a yes.
"""

# ruff: noqa: E501 - one gate a line is easier to review

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from agent.unbind import gates_after, gates_card, gates_money, gates_people, gates_release
from agent.unbind.facts import Facts
from agent.unbind.finding import FAIL, NOT_APPLICABLE, PASS, Finding

BEFORE_RELEASE, BEFORE_CANCEL, AFTER_CANCEL = "before_release", "before_cancel", "after_cancel"
READY, BLOCKED, INCOMPLETE = "ready", "blocked", "incomplete"


class Gate(NamedTuple):
    """One of them; `rows` are the requirements and contradictions that it answers."""

    id: str
    phase: str
    rule: Callable[[Facts], Finding]
    rows: tuple[str, ...]


def _rows(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GATES: Final = (
    Gate(
        "identity", BEFORE_RELEASE, gates_card.identity,
        _rows("R-ID-01 R-ID-02 R-ID-03 R-ID-08 R-ID-10 C1"),
    ),
    Gate("device_health", BEFORE_RELEASE, gates_card.device_health, _rows("R-ST-03 R-ST-04 R-ST-07")),
    Gate(
        "card_state", BEFORE_RELEASE, gates_money.card_state,
        _rows("R-ST-01 R-ST-02 R-ST-06 R-ST-09 R-ST-10 R-ST-11 R-ST-13 R-ST-14 R-ST-15 R-ST-17 C6 C13"),
    ),
    Gate(
        "arrears", BEFORE_RELEASE, gates_money.arrears,
        _rows("R-ST-05 R-ST-08 R-AR-01 R-AR-02 R-AR-03 R-AR-05 R-AR-07 C3 C10"),
    ),
    Gate("auto_renew", BEFORE_RELEASE, gates_money.auto_renew, _rows("R-RN-01 R-RN-02 R-RN-03")),
    Gate("own_uplink", BEFORE_RELEASE, gates_card.own_uplink, _rows("R-BD-04 R-BD-07")),
    Gate("dependencies", BEFORE_RELEASE, gates_people.dependencies, _rows("R-BK-04 R-BK-05 R-ID-13")),
    Gate(
        "balance", BEFORE_RELEASE, gates_money.balance,
        _rows("R-AR-04 R-BA-01 R-BA-02 R-BA-03 R-BA-05 C7 C10"),
    ),
    Gate(
        "documents", BEFORE_RELEASE, gates_people.documents,
        _rows("R-ID-05 R-ID-06 R-ID-07 R-ID-08 R-ID-14 R-ID-15 R-CH-01 R-CH-13 C11 C16"),
    ),
    Gate("risk", BEFORE_RELEASE, gates_people.risk, _rows("R-BD-06")),
    Gate(
        "irreversibility", BEFORE_RELEASE, gates_people.irreversibility,
        _rows("R-IR-01 R-IR-02 R-IR-03 R-CE-04 R-PR-04 R-BD-04 C6"),
    ),
    Gate("backup", BEFORE_CANCEL, gates_release.backup, _rows("R-BK-01 R-BK-02 R-BK-03 C12")),
    Gate("personal_data", BEFORE_CANCEL, gates_release.personal_data, _rows("R-PD-01 R-PD-02 R-PD-03 C8")),
    Gate("release_proved", BEFORE_CANCEL, gates_release.release_proved, _rows("R-BD-02 R-BD-04")),
    Gate("binding", BEFORE_CANCEL, gates_release.binding, _rows("R-BD-01 R-BD-02 R-BD-03 R-BD-05 C2")),
    Gate("certificate", AFTER_CANCEL, gates_after.certificate, _rows("R-CE-01 R-CE-02")),
    Gate("verify_after", AFTER_CANCEL, gates_after.verify_after, _rows("R-VF-01 R-VF-02 R-VF-03 R-VF-04 R-PR-04")),
    Gate("asset_unlink", AFTER_CANCEL, gates_after.asset_unlink, _rows("R-VF-05 R-PD-03 R-PD-07")),
)  # fmt: skip
BEFORE: Final = (BEFORE_RELEASE, BEFORE_CANCEL)
_OPEN: Final = frozenset({PASS, NOT_APPLICABLE})


class Judged(NamedTuple):
    """All gates with their findings, in their order."""

    found: tuple[tuple[Gate, Finding], ...]

    @property
    def ready_to_release(self) -> bool:
        """Every gate before the release is open."""
        return self._open((BEFORE_RELEASE,))

    @property
    def ready_to_cancel(self) -> bool:
        """Every gate before the cancellation is open: released here and at the carrier."""
        return self._open((BEFORE_RELEASE, BEFORE_CANCEL))

    @property
    def verdict(self) -> str:
        """`ready` to cancel; `blocked` by a gate that is shut; else `incomplete`."""
        if self.ready_to_cancel:
            return READY
        return BLOCKED if any(each.result == FAIL for _, each in self.found) else INCOMPLETE

    @property
    def ready_to_close(self) -> bool:
        """Every gate after the cancellation is open: nothing is left to be done."""
        return self._open((AFTER_CANCEL,))

    def of(self, gate: str) -> Finding:
        """What one gate found."""
        return next(finding for each, finding in self.found if each.id == gate)

    def _open(self, phases: Iterable[str]) -> bool:
        wanted = frozenset(phases)
        found = [each.result for gate, each in self.found if gate.phase in wanted]
        return bool(found) and all(each in _OPEN for each in found)


def judge(facts: Facts, phases: Iterable[str] = BEFORE) -> Judged:
    """What every gate of these phases says of the facts."""
    wanted = frozenset(phases)
    return Judged(tuple((gate, gate.rule(facts)) for gate in GATES if gate.phase in wanted))
