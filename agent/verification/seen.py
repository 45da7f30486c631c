"""What a verification knows: of the device, of before, of the platform, of people. Pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final, NamedTuple

from agent.diagnosis.facts import REGISTERED, Facts
from agent.diagnosis.verdict import judge
from agent.verification.baseline import Baseline
from agent.verification.service import NOT_TESTED, SERVICES, WORKS, Service
from sim.reading import Absent

Json = dict[str, Any]

SUBSCRIBER_REFUSED: Final = frozenset({"subscription_unknown", "authentication_refused"})
"""Rows of the diagnosis in which the network speaks of the subscriber."""
HOME_REFUSED: Final = "home_plmn_refused"


class Look(NamedTuple):
    """One look at modem and card.

    `cycled`: the radio was switched off and on before anything was tried, or why not.
    `iccid_after`: what the card said when all was tried. `bound`: data was tried over the modem's
    own interface or address, and over which.
    """

    taken_at: datetime
    synchronized: bool
    facts: Facts = Facts(answers=False)
    services: Mapping[str, Service] = {}
    where: Mapping[str, Any] = {}
    cycled: bool | Absent = Absent("not asked")
    iccid_after: str | Absent = Absent("not asked")
    bound: str | None = None
    port: str | None = None
    absent: Mapping[str, str] = {}

    def now(self, service: str) -> Service:
        """What a service did."""
        return self.services.get(service, Service(NOT_TESTED))


class Answers(NamedTuple):
    """What people say.

    `control`: another card of the same carrier works here, in this modem or in a device beside it;
    `power_cycled`: the device was off and on since the cancellation.
    """

    control: bool | None = None
    power_cycled: bool | None = None


class Platform(NamedTuple):
    """What the platform says of this card.

    `state` is of the contract's list where its facts are fresh, else None; `first_day` of the
    month on which its billing cycles begin, by which `zone`.
    """

    state: str | None = None
    first_day: int | None = None
    zone: tzinfo | None = None


class World(NamedTuple):
    """All of it; `target` is the ICCID of the card that was cancelled."""

    look: Look
    baseline: Baseline | None
    target: str | None
    platform: Platform = Platform()
    answers: Answers = Answers()

    @property
    def rows(self) -> frozenset[str]:
        """The causes that the diagnosis finds in the same facts."""
        return frozenset(finding.rule.cause for finding in judge(self.look.facts).findings)

    @property
    def is_registered(self) -> bool:
        """In any domain, for anything."""
        return any(stat in REGISTERED for stat in self.look.facts.stats().values())

    @property
    def subscriber_refused(self) -> bool:
        """Served nowhere, and the network names the subscriber as the reason."""
        return not self.is_registered and bool(self.rows & SUBSCRIBER_REFUSED)

    @property
    def refused(self) -> bool:
        """Served nowhere: the subscriber is refused, or the home network refuses him its service.

        What may look like it (the device, roaming, an area, a passing trouble) is not there.
        """
        return self.subscriber_refused or (not self.is_registered and HOME_REFUSED in self.rows)

    @property
    def refusals(self) -> tuple[str, ...]:
        """The causes that stand, as evidence."""
        facts = self.look.facts
        return tuple(f"{each.path}={each.number}" for each in facts.refusals)

    def works(self) -> tuple[str, ...]:
        """The services of the card that was cancelled that still work."""
        read = self.look.facts.iccid
        if isinstance(read, Absent) or self.target is None or read != self.target:
            return ()
        return tuple(name for name in SERVICES if self.look.now(name).state == WORKS)
