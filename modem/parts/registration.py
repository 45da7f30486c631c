"""Registration in the four domains, with the reject cause where there is one to be had."""

from modem.commands.registration import (
    PREFIX_OF_DOMAIN,
    REGISTERED,
    ReadRegistration,
    RegistrationAnswer,
    SetRegistrationReports,
    act_names_of,
    to_registration,
)
from modem.interview import UNSUPPORTED, Interview, part_of
from modem.snapshot import NOT_ASKED, SERVING_ORDER, DomainRegistration, Registration
from sim.reading import Absent, Reading, absent

_WITH_CAUSE = frozenset({3, 5, 6, 7})
_WITHOUT_PLACE = frozenset({0, 1})
_REPORT_PLACE, _REPORT_CAUSE = 2, 3
_DENIED = 3
_DATA_DOMAINS = ("ps", "eps", "nr5g")


def read_registration(ask: Interview, *, full: bool) -> Registration:
    """All domains; 5G of a family that has it, and in full of one that nobody knows and has no LTE.

    What a family's profile names in `not_asked_briefly` is asked then only if no other domain is
    registered. The cause is asked for where the network refuses, and wherever no domain can carry
    data: beside LTE, "not registered" in the 5G core or in the circuit-switched domain needs no
    explanation.
    """
    last = [] if full else [d for d in ask.profile.not_asked_briefly if d in PREFIX_OF_DOMAIN]
    first: dict[str, Reading[RegistrationAnswer]] = {}
    for domain in PREFIX_OF_DOMAIN:
        if domain not in last:
            on_lte = _stat(first.get("eps")) in REGISTERED
            first[domain] = _ask_domain(ask, domain, asked_5g=full and not on_lte)
    enough = any(_stat(reading) in REGISTERED for reading in first.values())
    for domain in last:
        first[domain] = absent(NOT_ASKED) if enough else _ask_domain(ask, domain, asked_5g=full)
    data = any(_stat(first[domain]) in REGISTERED for domain in _DATA_DOMAINS)
    return Registration(
        *(_explained(ask, domain, first[domain], data=data) for domain in PREFIX_OF_DOMAIN)
    )


def registered_domains(facts: Registration) -> frozenset[str]:
    """The domains (`cs ps eps nr5g`) that are registered."""
    domains = facts._asdict().items()
    return frozenset(name for name, d in domains if d.known and d.known.stat in REGISTERED)


def is_registered(facts: Registration) -> bool:
    """Whether any domain is registered."""
    return bool(registered_domains(facts))


def _ask_domain(ask: Interview, domain: str, *, asked_5g: bool) -> Reading[RegistrationAnswer]:
    """`asked_5g`: also where nobody knows whether the family has 5G."""
    if domain in ask.profile.unsupported:
        return absent(UNSUPPORTED)
    if domain == "nr5g" and not asked_5g and not ask.profile.nr5g:
        return absent(NOT_ASKED)
    return ask.ask(ReadRegistration(domain))


def _stat(reading: Reading[RegistrationAnswer] | None) -> int | None:
    return None if reading is None or reading.known is None else reading.known.stat


def _explained(
    ask: Interview, domain: str, first: Reading[RegistrationAnswer], *, data: bool
) -> Reading[DomainRegistration]:
    reading, refused = first, None
    if first.known is not None and _lacks_cause(first.known, data=data):
        reading, refused = _reporting(ask, domain, _REPORT_CAUSE, first)
    names = act_names_of(ask.profile.act_names)
    return part_of(reading, lambda it: to_registration(it, domain, names, refused))


def _lacks_cause(answer: RegistrationAnswer, *, data: bool) -> bool:
    """Whether there may be a reject cause that the form in force does not tell."""
    open_question = answer.stat == _DENIED or (not data and answer.stat not in REGISTERED)
    return open_question and answer.cause is None and answer.n not in _WITH_CAUSE


def with_place(ask: Interview, facts: Registration) -> Registration:
    """`facts` with area and cell of the domain that serves, if the modem says them when told to."""
    served = registered_domains(facts)
    domain = next((each for each in SERVING_ORDER if each in served), None)
    if domain is None:
        return facts
    first = ask.ask(ReadRegistration(domain))
    if first.known is None or first.known.n not in _WITHOUT_PLACE:
        return facts
    second, _ = _reporting(ask, domain, _REPORT_PLACE, first)
    if _stat(second) not in REGISTERED:
        return facts  # lost in this moment: the next sample asks why
    names = act_names_of(ask.profile.act_names)
    placed = part_of(second, lambda it: to_registration(it, domain, names))
    return facts._replace(**{domain: placed})


def _reporting(
    ask: Interview, domain: str, n: int, first: Reading[RegistrationAnswer]
) -> tuple[Reading[RegistrationAnswer], Absent | None]:
    """The answer with what `n` adds, the setting put back whatever happened; or why not."""
    refusal: Absent | None = None
    try:
        taken = ask.put_back(SetRegistrationReports(domain, n))
        if isinstance(taken.value, Absent) and not taken.value.reason.startswith("timeout"):
            refusal = taken.value
            return first, refusal
        second = ask.ask(ReadRegistration(domain), again=True)
    finally:
        # Also where the user's Ctrl-C came before the modem's answer: it may have taken it.
        if refusal is None:
            before = None if first.known is None else first.known.n
            ask.restore(SetRegistrationReports(domain, before or 0))
    if isinstance(second.value, Absent):
        return first, second.value
    return second, None
