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
from modem.interview import UNSUPPORTED, Interview
from modem.snapshot import NOT_ASKED, DomainRegistration, Registration
from sim.reading import Absent, Reading, absent

_WITH_CAUSE = frozenset({3, 5, 6, 7})
_REPORT_CAUSE = 3


def read_registration(ask: Interview, *, full: bool) -> Registration:
    """All domains; 5G only of a family that has it, where `full` is not wanted."""
    return Registration(*(_read_domain(ask, domain, full=full) for domain in PREFIX_OF_DOMAIN))


def registered_domains(facts: Registration) -> frozenset[str]:
    """The domains (`cs ps eps nr5g`) that are registered."""
    domains = facts._asdict().items()
    return frozenset(name for name, d in domains if d.known and d.known.stat in REGISTERED)


def is_registered(facts: Registration) -> bool:
    """Whether any domain is registered."""
    return bool(registered_domains(facts))


def _read_domain(ask: Interview, domain: str, *, full: bool) -> Reading[DomainRegistration]:
    if domain in ask.profile.unsupported:
        return absent(UNSUPPORTED)
    if not full and domain in ask.profile.not_asked_briefly:
        return absent(NOT_ASKED)
    if domain == "nr5g" and not full and not ask.profile.nr5g:
        return absent(NOT_ASKED)
    first = ask.ask(ReadRegistration(domain))
    answer = first.value
    if isinstance(answer, Absent):
        return Reading(answer, first.source, first.taken_at)
    refused = None
    if answer.stat not in REGISTERED and answer.cause is None and answer.n not in _WITH_CAUSE:
        answer, refused = _with_cause(ask, domain, answer)
    facts = to_registration(answer, domain, act_names_of(ask.profile.act_names), refused)
    return Reading(facts, first.source, first.taken_at)


def _with_cause(
    ask: Interview, domain: str, first: RegistrationAnswer
) -> tuple[RegistrationAnswer, Absent | None]:
    """The answer with its cause (n=3), the setting put back whatever happened; or why not."""
    refusal: Absent | None = None
    try:
        taken = ask.put_back(SetRegistrationReports(domain, _REPORT_CAUSE))
        if isinstance(taken.value, Absent) and not taken.value.reason.startswith("timeout"):
            refusal = taken.value
            return first, refusal
        second = ask.ask(ReadRegistration(domain), again=True)
    finally:
        # Also where the user's Ctrl-C came before the modem's answer: it may have taken it.
        if refusal is None:
            ask.restore(SetRegistrationReports(domain, first.n or 0))
    if isinstance(second.value, Absent):
        return first, second.value
    return second.value, None
