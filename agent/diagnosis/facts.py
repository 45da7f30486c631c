"""What a diagnosis knows: a value for each thing that was looked at, or why there is none. Pure.

The rules (`agent.diagnosis.rules`) see nothing else. A fact that is `Absent` fires no rule.
"""

from typing import Final, NamedTuple

from sim.reading import Absent

MOBILITY: Final = frozenset({"mm", "gmm", "emm", "5gmm"})
"""The domains in which registration is refused (3GPP TS 24.008, 24.301, 24.501)."""
SESSION: Final = frozenset({"sm", "esm", "5gsm"})
"""The domains in which a packet session is refused."""
UNNAMED: Final = "unknown"
"""The domain of a refusal whose number the modem does not explain, or that is the modem's own."""
DATA_DOMAINS: Final = ("eps", "nr5g", "ps")
NAS_OF: Final = {"cs": "mm", "ps": "gmm", "eps": "emm", "nr5g": "5gmm"}

REGISTERED: Final = frozenset({1, 5, 6, 7, 9, 10})
FOR_DATA: Final = frozenset({1, 5, 9, 10})
SMS_ONLY: Final = frozenset({6, 7})
UNREGISTERED: Final = frozenset({0, 2, 4})
RADIO_OFF: Final = frozenset({0, 4})
_IDLE, _UNKNOWN = 0, 4

_NOT_LOOKED_AT: Final = Absent("not asked")


class Cause(NamedTuple):
    """A number with which the network said no, and still means it.

    `domain` is of `MOBILITY` or `SESSION`, or `UNNAMED`; `path` says where it was read
    (`registration.eps.reject_cause`); `plmn` is the network's, where the modem says it.
    """

    domain: str
    number: int
    path: str
    plmn: str | Absent = Absent("the refusal does not say")


class Binding(NamedTuple):
    """An IMEI that somebody's records tie the card to; `path` names the record."""

    path: str
    imei: str


class Cell(NamedTuple):
    """A network that a search found; `forbidden` as the modem marks it."""

    plmn: str
    forbidden: bool


class HostAnswer(NamedTuple):
    """Whether a host answered over the cellular interface."""

    host: str
    answered: bool


class Facts(NamedTuple):
    """All that was looked at; units are in the names, `stat` is of 3GPP TS 27.007."""

    answers: bool | Absent = _NOT_LOOKED_AT
    """The modem answers commands."""
    functionality: int | Absent = _NOT_LOOKED_AT

    sim_state: str | Absent = _NOT_LOOKED_AT
    """A word of the contract's `sim.state`."""
    sim_state_lasts: bool | Absent = _NOT_LOOKED_AT
    """It was the same for as long as a modem may need to start."""
    iccid: str | Absent = _NOT_LOOKED_AT
    order_iccid: str | Absent = _NOT_LOOKED_AT
    imei: str | Absent = _NOT_LOOKED_AT
    bindings: tuple[Binding, ...] | Absent = _NOT_LOOKED_AT
    """What work order and platform say which device the card belongs to."""
    stop_reasons: tuple[str, ...] | Absent = _NOT_LOOKED_AT
    """Of the platform, for this card."""

    cs: int | Absent = _NOT_LOOKED_AT
    ps: int | Absent = _NOT_LOOKED_AT
    eps: int | Absent = _NOT_LOOKED_AT
    nr5g: int | Absent = _NOT_LOOKED_AT
    causes: tuple[Cause, ...] | Absent = _NOT_LOOKED_AT
    """What the network refuses at present, the latest last; () where it refuses nothing."""
    signal_heard: bool | Absent = _NOT_LOOKED_AT
    signal_weak: bool | Absent = _NOT_LOOKED_AT
    here_plmn: str | Absent = _NOT_LOOKED_AT
    """The network that the modem has selected, registered or not."""
    cells: tuple[Cell, ...] | Absent = _NOT_LOOKED_AT
    home_plmns: tuple[str, ...] | Absent = _NOT_LOOKED_AT
    """The network of the IMSI, and those that the card calls equivalent."""
    forbidden_plmns: tuple[str, ...] | Absent = _NOT_LOOKED_AT
    """EF.FPLMN."""
    last_plmn: str | Absent = _NOT_LOOKED_AT
    """Where the card was registered last, by EF.EPSLOCI and its kin."""

    context_active: bool | Absent = _NOT_LOOKED_AT
    activation_refused: bool | Absent = _NOT_LOOKED_AT
    """A context was wanted by this diagnosis, and the modem or the network said no."""
    activation_silent: bool | Absent = _NOT_LOOKED_AT
    """A context was wanted by this diagnosis, and nobody said yes or no."""
    address: bool | Absent = _NOT_LOOKED_AT
    """The context has an IP address."""

    hosts: tuple[HostAnswer, ...] | Absent = _NOT_LOOKED_AT
    dns_answers: bool | Absent = _NOT_LOOKED_AT
    bytes_left: bool | Absent = _NOT_LOOKED_AT
    """Something of ours went out over the cellular interface."""
    bytes_came: bool | Absent = _NOT_LOOKED_AT
    foreign_answer: str | Absent = _NOT_LOOKED_AT
    """Who answered in a host's place (the address of a redirect, a page); "" where nobody did."""
    rate_bps: int | Absent = _NOT_LOOKED_AT
    expected_bps: int | Absent = _NOT_LOOKED_AT
    """Less than this is no plan's full rate over such an access technology."""
    unbound_answers: bool | Absent = _NOT_LOOKED_AT
    """Hosts answer when the operating system chooses the interface."""

    sms_refused: int | Absent = _NOT_LOOKED_AT
    """The +CMS number with which a message was refused; 0: it was taken."""
    sms_came: bool | Absent = _NOT_LOOKED_AT
    """A short message came in while the diagnosis ran."""
    used_before: bool | Absent = _NOT_LOOKED_AT
    """Data of this card was counted on this machine before."""
    reattached: bool | Absent = _NOT_LOOKED_AT
    """The radio was switched off and on again, and what is known is from after it."""

    def stat(self, domain: str) -> int | None:
        """`<stat>` of a domain, None where it is not known."""
        stat: int | Absent = getattr(self, domain)
        return None if isinstance(stat, Absent) else stat

    def stats(self) -> dict[str, int]:
        """`<stat>` of all domains in which it is known."""
        found = {domain: self.stat(domain) for domain in NAS_OF}
        return {domain: stat for domain, stat in found.items() if stat is not None}

    @property
    def registered_for_data(self) -> bool:
        """Any domain that carries data is registered for it."""
        return any(self.stat(domain) in FOR_DATA for domain in DATA_DOMAINS)

    @property
    def refusals(self) -> tuple[Cause, ...]:
        """The causes of registration; of a domain that is registered there is none."""
        known = () if isinstance(self.causes, Absent) else self.causes
        served = {NAS_OF[d] for d, stat in self.stats().items() if stat in REGISTERED}
        return tuple(c for c in known if c.domain in MOBILITY and c.domain not in served)

    @property
    def session_refusals(self) -> tuple[Cause, ...]:
        """The causes of packet sessions."""
        known = () if isinstance(self.causes, Absent) else self.causes
        return tuple(cause for cause in known if cause.domain in SESSION)

    @property
    def unnamed_refusals(self) -> tuple[Cause, ...]:
        """Refusals that say nothing but that there is one; none where data is registered."""
        known = () if isinstance(self.causes, Absent) or self.registered_for_data else self.causes
        return tuple(cause for cause in known if cause.domain == UNNAMED)

    @property
    def radio_on(self) -> bool:
        """The modem says so; or it is registered, refused, searching, or hears something."""
        if not isinstance(self.functionality, Absent):
            return self.functionality not in RADIO_OFF
        at_work = set(self.stats().values()) - {_IDLE, _UNKNOWN}
        return bool(at_work or self.refusals) or self.signal_heard is True

    @property
    def usable(self) -> bool:
        """The modem answers, its radio is on, the card is ready: the network can be looked at."""
        return self.answers is True and self.radio_on and self.sim_state == "ready"


def refused_at_home(facts: Facts, cause: Cause) -> bool | None:
    """Whether it was the home network that refused; None where that is not known.

    By what the modem says, of the cause or of the network it is at; else by EF.FPLMN, to which
    cause 11 is written (3GPP TS 24.301 clause 5.5.1.2.5, unread); else by the networks in the air;
    else abroad, where the card was there last.
    """
    home = facts.home_plmns
    if isinstance(home, Absent):
        return None
    if not isinstance(cause.plmn, Absent):
        return cause.plmn in home
    if not isinstance(facts.here_plmn, Absent):
        return facts.here_plmn in home
    if cause.number == 11 and not isinstance(facts.forbidden_plmns, Absent):
        return any(plmn in home for plmn in facts.forbidden_plmns)
    if not isinstance(facts.cells, Absent) and facts.cells:
        return any(cell.plmn in home for cell in facts.cells)
    abroad = not isinstance(facts.last_plmn, Absent) and facts.last_plmn not in home
    return False if abroad else None
