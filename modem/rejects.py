"""What the network refused: heard while a session listens, or read for a snapshot.

A refusal stands in the log until it is no longer true: a registration in its domain ends it, a
context that comes up, another card, a modem or a port that begins anew.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from modem.causes import reject_name
from modem.snapshot import DomainRegistration, LastError, Registration, Reject
from sim.reading import Absent, Reading

if TYPE_CHECKING:
    from modem.urcs import Event, RejectReported

NAS_OF_DOMAIN = {"cs": "mm", "ps": "gmm", "eps": "emm", "nr5g": "5gmm"}
VENDOR = "vendor"

_NOT_SAID = Absent("the refusal does not say")
_UNTIMED = Absent("the modem remembers it, but not since when")
_NO_NAME = Absent("a number without a name")
_DOMAIN_OF_NAS = {nas: domain for domain, nas in NAS_OF_DOMAIN.items()}
_DOMAIN_OF_SESSION = {"sm": "ps", "esm": "eps", "5gsm": "nr5g"}
_DOMAIN_OF_RAT = {"gsm": "ps", "utran": "ps", "lte": "eps", "nr": "nr5g"}
_ANY_PACKET_DOMAIN = frozenset(_DOMAIN_OF_RAT.values())
_VENDORS_FROM = 256
_OTHER = "other"
_ANY_CONTEXT = "context"
_AT_MOST = 16
# How lines begin that say no, or tell of a registration; while nothing is refused no other matters.
_HEADS = ("^REJINFO", "+CNEC_", "+CREG", "+CGREG", "+CEREG", "+C5GREG")


class _Entry(NamedTuple):
    """A refusal and what ends it: a domain (`eps`), any context, or a certain one (`context 2`)."""

    reject: Reject
    ends: frozenset[str]


class RejectLog:
    """The refusals that a session heard and that still stand; the oldest go where they are many."""

    def __init__(self) -> None:
        self._entries: dict[tuple[object, ...], _Entry] = {}
        self._registered: frozenset[str] = frozenset()

    def hear(self, line: str, at: datetime) -> None:
        """Take note of an unsolicited line that came at `at`."""
        text = line.strip()
        if not self._entries and not text.upper().startswith(_HEADS):
            return
        from modem.at.syntax import prefix_of
        from modem.urcs import parse_urc

        event = parse_urc(text)
        if event is not None:
            self._take(event, prefix_of(text) or text, at)

    def registered(self, domains: frozenset[str]) -> None:
        """The modem is registered in these domains (`cs ps eps nr5g`), and in no other."""
        self._registered = domains
        self._end(domains)

    def active(self, cids: Iterable[int | None]) -> None:
        """These contexts are up."""
        for cid in cids:
            self._end(frozenset({_ANY_CONTEXT, _context(cid)}))

    def clear(self) -> None:
        """The modem, its card or the port began anew."""
        self._entries = {}
        self._registered = frozenset()

    def current(self) -> tuple[Reject, ...]:
        """What still stands, oldest first."""
        return tuple(entry.reject for entry in self._entries.values())

    def _take(self, event: "Event", source: str, at: datetime) -> None:
        from modem import urcs

        match event:
            case urcs.RejectReported():
                for reject in rejects_of(event, source, at):
                    self._add(reject, _ends_of(event))
            case urcs.NetworkErrorReported(domain, cause, cid):
                reject = _plain(domain, cause, source, at)
                self._add(reject, frozenset({_DOMAIN_OF_NAS.get(domain, _context(cid))}))
            case urcs.RegistrationChanged(domain, facts):
                self._registration(domain, facts, source, at)
            case urcs.PacketEventReported() if event.event in urcs.CONTEXT_IS_UP:
                self.active([event.cid])
            case urcs.BootProgressed(step) if step in urcs.BOOT_BEGINS:
                self.clear()
            case urcs.CardMoved() | urcs.SimStateChanged() | urcs.PoweredDown():
                self.clear()
            case _:
                pass

    def _registration(
        self, domain: str, facts: DomainRegistration, source: str, at: datetime
    ) -> None:
        from modem.commands.registration import REGISTERED

        if facts.stat in REGISTERED:
            self.registered(self._registered | {domain})
        else:
            self._registered -= {domain}
            if (reject := _of_domain(domain, facts, source, at)) is not None:
                self._add(reject, frozenset({domain}))

    def _add(self, reject: Reject, ends: frozenset[str]) -> None:
        """The same refusal again takes the place of the earlier one."""
        domain = _DOMAIN_OF_SESSION.get(reject.domain if isinstance(reject.domain, str) else "")
        if domain is not None and domain not in self._registered:
            ends |= {domain}  # refused with the attempt to attach, and gone when that succeeds
        key = (reject.domain, reject.plmn, reject.cause, reject.source)
        self._entries.pop(key, None)
        self._entries[key] = _Entry(reject, ends)
        if len(self._entries) > _AT_MOST:
            del self._entries[next(iter(self._entries))]

    def _end(self, what: frozenset[str]) -> None:
        self._entries = {key: it for key, it in self._entries.items() if not it.ends & what}


def rejects_of_registration(registration: Registration) -> list[Reject]:
    """The causes that stand in the answers about registration themselves."""
    found = []
    for domain in NAS_OF_DOMAIN:
        reading: Reading[DomainRegistration] = getattr(registration, domain)
        if reading.known is not None and reading.taken_at is not None:
            found.append(_of_domain(domain, reading.known, reading.source, reading.taken_at))
    return [reject for reject in found if reject is not None]


def rejects_of(event: "RejectReported", source: str, at: datetime | None) -> list[Reject]:
    """One refusal, or two: ESM has a cause of its own where EMM only says that ESM failed (#19).

    `at` is None where the modem was asked for the last one: it does not say of when that is.
    """
    first = Reject(
        domain=_layer(event) or _NOT_SAID,
        cause=event.cause,
        name=_name(_layer(event), event.cause),
        plmn=event.plmn or _NOT_SAID,
        rat=_NOT_SAID if event.rat == _OTHER else event.rat,
        kind=_NOT_SAID if event.kind == _OTHER else event.kind,
        source=source,
        at=at or _UNTIMED,
    )
    if not event.esm_cause:
        return [first]
    name = _name("esm", event.esm_cause)
    return [first, first._replace(domain="esm", cause=event.esm_cause, name=name)]


def untimed(error: LastError, source: str) -> Reject:
    """A refusal that the modem remembers as a bare number."""
    cause = 0 if isinstance(error.cause, Absent) else error.cause
    return Reject(
        domain=error.domain,
        cause=cause,
        name=_name(None if isinstance(error.domain, Absent) else error.domain, cause),
        plmn=_NOT_SAID,
        rat=_NOT_SAID,
        kind=_NOT_SAID,
        source=source,
        at=_UNTIMED,
    )


def cause_in(rejects: tuple[Reject, ...], domain: str, *, denied: bool) -> int | None:
    """The latest cause that speaks of `domain` (`cs ps eps nr5g`); None where there is none.

    What the modem merely remembers counts only while the domain is `denied`.
    """
    for reject in reversed(rejects):
        timed = not isinstance(reject.at, Absent)
        if reject.domain == NAS_OF_DOMAIN[domain] and (timed or denied):
            return reject.cause
    return None


def _plain(domain: str, cause: int, source: str, at: datetime) -> Reject:
    """A bare number; the names of `vendor` are Balong's, which alone says them in ^REJINFO."""
    nothing = _NOT_SAID
    name = _NO_NAME if domain == VENDOR else _name(domain, cause)
    return Reject(domain, cause, name, nothing, nothing, nothing, source, at)


def _of_domain(domain: str, facts: DomainRegistration, source: str, at: datetime) -> Reject | None:
    """The cause in an answer or line of +CxREG; a cause type other than 0 is the maker's own."""
    cause = facts.reject_cause
    if isinstance(cause, Absent) or cause is None:
        return None
    own = NAS_OF_DOMAIN[domain] if facts.cause_type == 0 else VENDOR
    return _plain(own, cause, source, at)


def _layer(event: "RejectReported") -> str | None:
    """The protocol whose numbers the cause is of; None where the line leaves it open."""
    if event.cause >= _VENDORS_FROM:
        return VENDOR
    domain = _DOMAIN_OF_RAT.get(event.rat)
    if domain == "ps" and event.domain == "cs":
        domain = "cs"
    return None if domain is None else NAS_OF_DOMAIN[domain]


def _ends_of(event: "RejectReported") -> frozenset[str]:
    if event.domain == "cs":
        return frozenset({"cs"})
    domain = _DOMAIN_OF_RAT.get(event.rat)
    return _ANY_PACKET_DOMAIN if domain is None else frozenset({domain})


def _name(domain: str | None, cause: int) -> str | Absent:
    return (domain and reject_name(domain, cause)) or _NO_NAME


def _context(cid: int | None) -> str:
    return _ANY_CONTEXT if cid is None else f"{_ANY_CONTEXT} {cid}"
