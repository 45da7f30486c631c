"""Evidence for a row of the table, and what several rows ask of the facts. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from agent.diagnosis.facts import REGISTERED, Binding, Cause, Facts
from sim.reading import Absent


class Evidence(NamedTuple):
    """A fact that speaks for a row, by its path: `registration.eps.reject_cause=8`."""

    path: str
    value: object

    def __str__(self) -> str:
        shown = str(self.value).lower() if isinstance(self.value, bool) else self.value
        return f"{self.path}={shown}"


Found = tuple[Evidence, ...]
NOTHING: Final[Found] = ()

_SERIAL: Final = 14
"""Digits of an IMEI that name the device; the last is a check digit, or a software version."""
_BEST_FIRST: Final = ("emm", "5gmm", "gmm", "mm", "esm", "5gsm", "sm")


def evidence_of(causes: Iterable[Cause]) -> Found:
    """The causes as evidence, the domains of data first."""
    ordered = sorted(causes, key=lambda cause: _BEST_FIRST.index(cause.domain))
    return tuple(Evidence(cause.path, cause.number) for cause in ordered)


def stats_of(facts: Facts) -> Found:
    """`<stat>` of every domain in which it is known."""
    return tuple(Evidence(f"registration.{d}.stat", stat) for d, stat in facts.stats().items())


def strangers(facts: Facts) -> list[Binding]:
    """The records that name another device."""
    if isinstance(facts.imei, Absent) or isinstance(facts.bindings, Absent):
        return []
    own = facts.imei[:_SERIAL]
    return [each for each in facts.bindings if each.imei[:_SERIAL] != own]


def is_registered(facts: Facts) -> bool:
    """Registered in any domain, for whatever service."""
    return any(stat in REGISTERED for stat in facts.stats().values())
