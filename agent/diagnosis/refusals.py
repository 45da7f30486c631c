"""When a row of registration or bearer holds: from the network's refusals to evidence. Pure.

One function a row. No evidence, no match; a fact that is not known is evidence of nothing.
"""

from typing import Final

from agent.diagnosis.evidence import NOTHING, Evidence, Found, evidence_of, is_registered, strangers
from agent.diagnosis.facts import (
    DATA_DOMAINS,
    FOR_DATA,
    NAS_OF,
    REGISTERED,
    SMS_ONLY,
    Facts,
    refused_at_home,
)
from sim.reading import Absent

_DENIED: Final = 3
_ESM_FAILED: Final = 19
_TRANSIENT: Final = frozenset({17, 22, 42})
_TRANSIENT_SESSION: Final = frozenset({26, 34, 38})
_SEPARATED: Final = "separated"


# L3 registration


def subscription_unknown(facts: Facts) -> Found:
    """Cause 2 or 8 in packet and circuit switched service alike.

    8 of a packet domain says both by itself; 2 is believed where no domain of data is still being
    tried: alone it does not stop EPS.
    """
    if is_registered(facts):
        return NOTHING
    eights = [c for c in facts.refusals if c.number == 8 and c.domain != "mm"]
    twos = [c for c in facts.refusals if c.number == 2]
    if not eights and not _data_is_given_up(facts):
        return NOTHING
    return evidence_of([*eights, *twos])


def authentication_refused(facts: Facts) -> Found:
    """Cause 3."""
    return _mobility(facts, {3})


def device_refused(facts: Facts) -> Found:
    """Cause 6 or 5."""
    return _mobility(facts, {5, 6})


def data_service_stopped(facts: Facts) -> Found:
    """Cause 7, while circuit switched service works or the modem has none."""
    stat = facts.cs
    served = isinstance(stat, Absent) or stat in REGISTERED
    found = _mobility(facts, {7}) if served else NOTHING
    if not found or isinstance(stat, Absent):
        return found
    return (*found, Evidence("registration.cs.stat", stat))


def home_plmn_refused(facts: Facts) -> Found:
    """Cause 11 from the home network."""
    return _refused_by(facts, {11}, home=True)


def roaming_restricted(facts: Facts) -> Found:
    """Cause 11, 13 or 14 from visited networks alone."""
    if _refused_by(facts, {11, 13, 14}, home=True):
        return NOTHING
    return _refused_by(facts, {11, 13, 14}, home=False)


def area_restricted(facts: Facts) -> Found:
    """Cause 12 or 15."""
    return _mobility(facts, {12, 15})


def network_transient(facts: Facts) -> Found:
    """A cause that goes by: 17, 22, 42 (34 of MM); 26, 34, 38 of a packet session."""
    mobility = _mobility(facts, _TRANSIENT)
    if not facts.registered_for_data:
        mobility += evidence_of(c for c in facts.refusals if (c.domain, c.number) == ("mm", 34))
    return (*mobility, *_session(facts, _TRANSIENT_SESSION, anywhere=True))


def sms_only(facts: Facts) -> Found:
    """Registered for short messages and nothing else."""
    if facts.registered_for_data:
        return NOTHING
    return tuple(
        Evidence(f"registration.{domain}.stat", stat)
        for domain, stat in facts.stats().items()
        if stat in SMS_ONLY
    )


# L4 the bearer


def apn_wrong(facts: Facts) -> Found:
    """Session cause 27."""
    return _session(facts, {27})


def service_not_subscribed(facts: Facts) -> Found:
    """Session cause 33."""
    return _session(facts, {33})


def operator_barring(facts: Facts) -> Found:
    """Session cause 8."""
    return _session(facts, {8})


def apn_authentication(facts: Facts) -> Found:
    """Session cause 29."""
    return _session(facts, {29})


def device_card_separated(facts: Facts) -> Found:
    """Session cause 30 or 31, and the platform knows another IMEI, or says that they are apart."""
    found = _session(facts, {30, 31})
    if not found:
        return NOTHING
    said = () if isinstance(facts.stop_reasons, Absent) else facts.stop_reasons
    apart = [Evidence("account.stop_reasons", word) for word in said if word == _SEPARATED]
    others = [Evidence(f"{each.path}.imei", each.imei) for each in strangers(facts)]
    return (*found, *apart, *others) if apart or others else NOTHING


def pdn_type(facts: Facts) -> Found:
    """Session cause 28, 50 or 51."""
    return _session(facts, {28, 50, 51})


# What several rows ask


def _data_is_given_up(facts: Facts) -> bool:
    """In no domain of data is the modem still trying without a refusal."""
    refused = {cause.domain for cause in facts.refusals}
    stats = {domain: facts.stat(domain) for domain in DATA_DOMAINS}
    known = {domain: stat for domain, stat in stats.items() if stat is not None}
    return bool(known) and all(
        stat in {0, _DENIED} or NAS_OF[domain] in refused for domain, stat in known.items()
    )


def _mobility(facts: Facts, numbers: set[int] | frozenset[int]) -> Found:
    """These causes of registration, where no domain carries data."""
    if facts.registered_for_data:
        return NOTHING
    return evidence_of(cause for cause in facts.refusals if cause.number in numbers)


def _refused_by(facts: Facts, numbers: set[int], *, home: bool) -> Found:
    if facts.registered_for_data:
        return NOTHING
    causes = [
        c for c in facts.refusals if c.number in numbers and refused_at_home(facts, c) is home
    ]
    return evidence_of(causes)


def _session(facts: Facts, numbers: set[int] | frozenset[int], *, anywhere: bool = False) -> Found:
    """These causes of packet sessions, where the modem is registered or refused for their sake."""
    if facts.context_active is True:
        return NOTHING
    registered = any(facts.stat(domain) in FOR_DATA for domain in DATA_DOMAINS)
    failed = any(cause.number == _ESM_FAILED for cause in facts.refusals)
    if not (registered or failed or anywhere):
        return NOTHING
    return evidence_of(cause for cause in facts.session_refusals if cause.number in numbers)
