"""The network that a simulated modem meets, as data: what it would answer, not what is shown.

Values are replaced whole, so that a change is seen at once or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

CAMPED_STATS = frozenset({1, 5, 6, 7, 8, 9, 10})
DATA_STATS = frozenset({1, 5, 9, 10})


@dataclass(frozen=True)
class Verdict:
    """What the network says to a modem that registers in one domain.

    `accept` registers it with `stat`; `reject` names a `cause` (`esm` is the second one that comes
    with EMM 19); `silence` is no cell, or no answer; `fixed` shows `stat` whatever happens.
    """

    answer: Literal["accept", "reject", "silence", "fixed"] = "accept"
    stat: int = 1
    cause: int = 0
    cause_type: int = 0
    esm: int | None = None


@dataclass(frozen=True)
class SessionRule:
    """What the network does with a packet session that fits `apn`, `cid` and `pdp_type`.

    `cause` refuses it; `only` (`IP` or `IPV6`) gives another type than wanted, and refuses the one
    that does not contain it. A None in the first three fits all.
    """

    apn: str | None = None
    cid: int | None = None
    pdp_type: str | None = None
    cause: int | None = None
    only: str | None = None

    def fits(self, apn: str, cid: int, pdp_type: str) -> bool:
        """Whether the rule is about this session."""
        wanted = ((self.apn, apn.lower()), (self.pdp_type, pdp_type.upper()))
        named = all(rule is None or rule.lower() == value.lower() for rule, value in wanted)
        return named and self.cid in {None, cid}


@dataclass(frozen=True)
class MessageService:
    """What becomes of a short message sent: accepted, or refused with a CMS number."""

    cms: int | None = None


@dataclass(frozen=True)
class CallService:
    """What becomes of a call: `no_carrier`, `busy`, `no_answer` or `connect`, after `after_s`."""

    answer: str = "no_carrier"
    cause: int = 21
    after_s: float = 0.0


@dataclass(frozen=True)
class Cell:
    """A network that a search finds; `stat` 0 unknown, 1 available, 2 current, 3 forbidden."""

    plmn: str
    name: str = ""
    short_name: str = ""
    stat: int = 1
    act: int = 7


@dataclass(frozen=True)
class Network:
    """All of it. `cells` None: a search finds the network in use alone.

    `attach_s` passes before a modem that registers gets its verdict, `retry_s` before one that was
    refused comes back to a network that has changed its mind.
    """

    plmn: str = "00101"
    name: str = "Test Network"
    coverage: bool = True
    domains: Mapping[str, Verdict] = field(default_factory=dict)
    sessions: tuple[SessionRule, ...] = ()
    messages: MessageService = MessageService()
    calls: CallService = CallService()
    cells: tuple[Cell, ...] | None = None
    attach_s: float = 0.0
    retry_s: float = 0.0

    def verdict(self, domain: str) -> Verdict:
        """What it says in `domain`; nothing where there is no coverage."""
        if not self.coverage:
            return Verdict("silence")
        return self.domains.get(domain, Verdict("fixed", stat=0))

    def session_rule(self, apn: str, cid: int, pdp_type: str) -> SessionRule:
        """The first rule that fits; one that allows all where none does."""
        rules = (rule for rule in self.sessions if rule.fits(apn, cid, pdp_type))
        return next(rules, SessionRule())

    def found(self) -> tuple[Cell, ...]:
        """What a search finds."""
        if not self.coverage:
            return ()
        if self.cells is None:
            return (Cell(self.plmn, self.name, self.name, 2),)
        return self.cells
