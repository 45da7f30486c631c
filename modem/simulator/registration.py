"""Registration: what the modem makes of the network's verdicts, domain by domain.

After 3GPP TS 24.301 clause 5.5.1.2.5 and 24.008 clause 4.4.4.7 (unread): some causes close a domain
until the power is cycled or the card changes, #11 puts the network on the card's list of forbidden
ones. Which causes end in `<stat>` 3, which in 2, is the model's own (Siemens TC35i manual p. 143).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from modem.simulator.card_slot import Card
from modem.simulator.forbidden import allow, forbid, forbidden_on
from modem.simulator.network import CAMPED_STATS, Network, Verdict
from modem.simulator.profile import DomainStart, Style

_NOT_REGISTERED, _SEARCHING, _DENIED = 0, 2, 3
_PLMN_NOT_ALLOWED = 11
# Causes after which the modem takes the card for invalid in this domain.
_CLOSES = {
    "cs": frozenset({2, 3, 6}),
    "ps": frozenset({3, 6, 7, 8}),
    "eps": frozenset({3, 6, 7, 8}),
    "nr5g": frozenset({3, 6, 7}),
}


@dataclass(frozen=True)
class DomainState:
    """Registration in one domain as the modem tells it; `cause` None: it knows none."""

    stat: int
    area: str = ""
    ci: str = ""
    act: int | None = None
    rac: str = ""
    cause_type: int = 0
    cause: int | None = None


@dataclass(frozen=True)
class Refusal:
    """The network said no in `domain`."""

    domain: str
    cause: int
    cause_type: int = 0
    esm: int | None = None


@dataclass(frozen=True)
class Surroundings:
    """What decides about registration: whether the radio is on, the card that works, the network.

    `now` is the time of the simulated modem's clock.
    """

    now: float
    radio: bool
    card: Card | None
    network: Network


class Registrar:
    """Registration in the domains that the modem has; `settle` brings it up to date."""

    def __init__(self, starts: Mapping[str, DomainStart], style: Style) -> None:
        self._style = style
        self._places = {
            domain: DomainState(
                _NOT_REGISTERED,
                start.area,
                start.ci,
                start.act if start.act >= 0 else None,
                start.rac,
            )
            for domain, start in starts.items()
        }
        self._forced: dict[str, DomainState] = {}
        self.power_on()

    def power_on(self) -> None:
        """Begin anew; what the scenario has forced stays."""
        self._told: dict[str, DomainState] = {}  # what came of the last attempt
        self._due: dict[str, float] = {}
        self._closed: set[str] = set()
        self._shunned: set[str] = set()
        self._on = False
        self.attached = True
        self.selection = "automatic"

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that the modem has."""
        return tuple(self._places)

    def place(self, domain: str) -> DomainState:
        """Area, cell and access technology of `domain`, registered or not."""
        return self._places[domain]

    def domain(self, domain: str) -> DomainState:
        """Registration in `domain` as the modem would tell it now."""
        if not self._on:
            return DomainState(_NOT_REGISTERED)
        if domain in self._forced:
            return self._forced[domain]
        if not self._wanted(domain):
            return DomainState(_NOT_REGISTERED)
        return self._told.get(domain, DomainState(_SEARCHING))

    def states(self) -> dict[str, DomainState]:
        """Registration in all domains."""
        return {domain: self.domain(domain) for domain in self._places}

    def next_at(self) -> float | None:
        """When the modem tries again by itself."""
        waiting = [at for domain, at in self._due.items() if self._tries(domain)]
        return min(waiting) if waiting and self._on else None

    def force(self, domain: str, changes: Mapping[str, Any]) -> None:
        """Show what `changes` say, whatever the network would answer, until that changes."""
        where = {key: changes[key] for key in ("area", "ci", "act", "rac") if key in changes}
        self._places[domain] = replace(self._places[domain], **where)
        if "stat" in changes or domain in self._forced:
            stat = changes.get("stat", self.domain(domain).stat)
            cause, kind = changes.get("cause"), changes.get("cause_type", 0)
            self._forced[domain] = replace(
                self._places[domain], stat=stat, cause=cause, cause_type=kind
            )
        elif domain in self._told:
            self._told[domain] = replace(self._told[domain], **where)

    def settle(self, around: Surroundings) -> list[Refusal]:
        """Try where there is something to try; what was refused."""
        if not around.radio or around.card is None:
            # Without radio or card the modem forgets which domains were closed to it.
            self._on = False
            self._told.clear()
            self._closed.clear()
            return []
        if not self._on:
            self._on = True
            self._plan(self._places, around.now + around.network.attach_s)
        due = [
            domain
            for domain in self._places
            if self._tries(domain) and self._due.get(domain, around.now) <= around.now
        ]
        # Asked before, so that domains which are refused together all learn their cause.
        shunned = bool(due) and self._shuns(around)
        return [refusal for domain in due for refusal in self._attempt(domain, around, shunned)]

    def network_changed(self, before: Network, around: Surroundings, *, keeps: bool) -> None:
        """Take a new verdict; with `keeps` a registration that stands is not cut by it."""
        for domain in self._places:
            if before.verdict(domain) == around.network.verdict(domain):
                continue
            self._forced.pop(domain, None)
            registered = self.domain(domain).stat in CAMPED_STATS
            if domain not in self._closed and not (registered and keeps):
                wait_s = 0.0 if registered else around.network.retry_s
                self._plan([domain], around.now + wait_s)

    def network_detach(self, around: Surroundings) -> None:
        """The network throws the modem out; it comes back when it would try again."""
        camped = [name for name in self._places if self.domain(name).stat in CAMPED_STATS]
        self._plan(camped, around.now + around.network.retry_s)

    def attach(self, wanted: bool, now: float) -> None:
        """AT+CGATT: leave the packet domains, or try them again where they are not closed."""
        self.attached = wanted
        packet = [name for name in self._places if name not in {"cs", *self._closed}]
        self._plan(packet, now)

    def select(self, how: str, around: Surroundings) -> None:
        """AT+COPS: `automatic`, `manual` (the network in use) or `off`."""
        self.selection = how
        self._plan([name for name in self._places if name not in self._closed], around.now)

    def forget_card(self) -> None:
        """Another card is another subscriber."""
        self._on = False
        self._told.clear()
        self._closed.clear()

    def _plan(self, domains: Any, at: float) -> None:
        for domain in domains:
            self._told.pop(domain, None)
            self._due[domain] = at

    def _wanted(self, domain: str) -> bool:
        return self.selection != "off" and (self.attached or domain == "cs")

    def _tries(self, domain: str) -> bool:
        idle = domain not in self._told and domain not in self._forced
        return idle and self._wanted(domain)

    def _attempt(self, domain: str, around: Surroundings, shunned: bool) -> list[Refusal]:
        verdict, place = around.network.verdict(domain), self._places[domain]
        if shunned and verdict.answer != "fixed":
            verdict = Verdict("silence")
        stat = {"accept": verdict.stat, "fixed": verdict.stat}.get(verdict.answer, _SEARCHING)
        self._told[domain] = replace(place, stat=stat)
        if verdict.answer == "accept" and self.selection == "manual":
            self._welcome(around)
        if verdict.answer != "reject":
            return []
        denied = verdict.cause in self._style.denied_causes
        self._told[domain] = replace(
            place,
            stat=_DENIED if denied else _SEARCHING,
            cause=verdict.cause,
            cause_type=verdict.cause_type,
        )
        if verdict.cause_type == 0:
            self._learn(domain, verdict.cause, around)
        return [Refusal(domain, verdict.cause, verdict.cause_type, verdict.esm)]

    def _learn(self, domain: str, cause: int, around: Surroundings) -> None:
        if cause in _CLOSES[domain]:
            self._closed.add(domain)
        if cause == _PLMN_NOT_ALLOWED and around.card is not None:
            plmn = around.network.plmn
            if not forbid(around.card, plmn):
                self._shunned.add(plmn)

    def _shuns(self, around: Surroundings) -> bool:
        """Whether the modem passes the network by because it is on a list of forbidden ones."""
        if self.selection == "manual" or around.card is None:
            return False
        plmn = around.network.plmn
        return plmn in self._shunned or plmn in forbidden_on(around.card)

    def _welcome(self, around: Surroundings) -> None:
        self._shunned.discard(around.network.plmn)
        if around.card is not None and around.network.plmn in forbidden_on(around.card):
            allow(around.card, around.network.plmn)
