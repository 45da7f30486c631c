"""When a row of the table holds: one function a row, from facts to the evidence for it. Pure.

No evidence, no match. A fact that is not known is evidence of nothing.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from agent.diagnosis.facts import (
    DATA_DOMAINS,
    FOR_DATA,
    NAS_OF,
    RADIO_OFF,
    REGISTERED,
    SMS_ONLY,
    UNREGISTERED,
    Binding,
    Cause,
    Facts,
    refused_at_home,
)
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

_DENIED, _SEARCHING = 3, 2
_FAULTS: Final = frozenset({"faulty", "busy"})
_PIN_LOCKS: Final = frozenset({"pin_required", "puk_required", "blocked"})
_DEVICE_LOCKS: Final = frozenset({"ph_sim_lock", "network_lock"})
_ESM_FAILED: Final = 19
_TRANSIENT: Final = frozenset({17, 22, 42})
_TRANSIENT_SESSION: Final = frozenset({26, 34, 38})
_SMS_BARRED: Final = frozenset({8, 10, 50})
_SEPARATED: Final = frozenset({"separated", "device_card_separated", "机卡分离", "机卡分离停机"})
_SERIAL: Final = 14
"""Digits of an IMEI that name the device; the last is a check digit, or a software version."""
_BEST_FIRST: Final = ("emm", "5gmm", "gmm", "mm", "esm", "5gsm", "sm")


def evidence_of(causes: Iterable[Cause]) -> Found:
    """The causes as evidence, the domains of data first."""
    ordered = sorted(causes, key=lambda cause: _BEST_FIRST.index(cause.domain))
    return tuple(Evidence(cause.path, cause.number) for cause in ordered)


# L0 the modem


def modem_unreachable(facts: Facts) -> Found:
    """No AT answer."""
    return (Evidence("modem.answers", False),) if facts.answers is False else NOTHING


def radio_off(facts: Facts) -> Found:
    """+CFUN is 0 or 4."""
    level = facts.functionality
    return (Evidence("modem.functionality", level),) if level in RADIO_OFF else NOTHING


# L1 the card


def card_absent(facts: Facts) -> Found:
    """+CME ERROR: 10; with +CFUN at 0 the card has no power, and the modem cannot know."""
    if facts.sim_state != "absent" or facts.functionality == 0:
        return NOTHING
    return _sim_state(facts)


def card_faulty(facts: Facts) -> Found:
    """+CME ERROR 13, 14 or 15 that lasts, with the radio on and after the start."""
    on = not isinstance(facts.functionality, Absent) and facts.functionality not in RADIO_OFF
    if not on or facts.sim_state not in _FAULTS or facts.sim_state_lasts is not True:
        return NOTHING
    return _sim_state(facts)


def card_locked(facts: Facts) -> Found:
    """The card wants PIN or PUK, or takes neither any more."""
    return _sim_state(facts) if facts.sim_state in _PIN_LOCKS else NOTHING


def device_locked(facts: Facts) -> Found:
    """The modem wants a code of its own: PH-SIM PIN, PH-NET PIN and their kin."""
    return _sim_state(facts) if facts.sim_state in _DEVICE_LOCKS else NOTHING


def wrong_card(facts: Facts) -> Found:
    """The ICCID is not the work order's."""
    read, ordered = facts.iccid, facts.order_iccid
    if isinstance(read, Absent) or isinstance(ordered, Absent) or read == ordered:
        return NOTHING
    return Evidence("sim.iccid", read), Evidence("order.iccid", ordered)


def device_changed(facts: Facts) -> Found:
    """The IMEI is not the one that work order or platform tie the card to."""
    strangers = _strangers(facts)
    if not strangers:
        return NOTHING
    return (
        Evidence("modem.imei", facts.imei),
        *(Evidence(f"{each.path}.imei", each.imei) for each in strangers),
    )


# L2 the radio


def no_coverage(facts: Facts) -> Found:
    """Not registered, nothing refused, no signal, and no network in the air."""
    unseen = isinstance(facts.cells, Absent) or not facts.cells
    if not _lost(facts) or facts.signal_heard is not False or not unseen:
        return NOTHING
    found = (*_stats(facts), Evidence("signal.heard", False))
    return found if isinstance(facts.cells, Absent) else (*found, Evidence("cells", "none"))


def searching(facts: Facts) -> Found:
    """Searching, nothing refused, and the home network is in the air, or at least a signal is."""
    if not _lost(facts) or _SEARCHING not in facts.stats().values() or home_is_forbidden(facts):
        return NOTHING
    if isinstance(facts.cells, Absent):
        heard = facts.signal_heard is True
        return (*_stats(facts), Evidence("signal.heard", True)) if heard else NOTHING
    home = () if isinstance(facts.home_plmns, Absent) else facts.home_plmns
    seen = [cell.plmn for cell in facts.cells if cell.plmn in home and not cell.forbidden]
    return (*_stats(facts), Evidence("cells.home", seen[0])) if seen else NOTHING


def home_plmn_forbidden(facts: Facts) -> Found:
    """The card's list of forbidden networks has its home network, and nothing is refused now."""
    if not facts.usable or _is_registered(facts) or _refused(facts) is not False:
        return NOTHING
    return home_is_forbidden(facts)


# L3 registration


def subscription_unknown(facts: Facts) -> Found:
    """Cause 2 or 8 in packet and circuit switched service alike.

    8 of a packet domain says both by itself; 2 is believed where no domain of data is still being
    tried: alone it does not stop EPS.
    """
    if _is_registered(facts):
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
    apart = [Evidence("account.stop_reasons", word) for word in said if word in _SEPARATED]
    others = [Evidence(f"{each.path}.imei", each.imei) for each in _strangers(facts)]
    return (*found, *apart, *others) if apart or others else NOTHING


def pdn_type(facts: Facts) -> Found:
    """Session cause 28, 50 or 51."""
    return _session(facts, {28, 50, 51})


# L5 the IP path


def whitelist_only(facts: Facts) -> Found:
    """An address, one host that answers, others that do not."""
    if facts.address is not True or isinstance(facts.hosts, Absent):
        return NOTHING
    answers = {each.answered for each in facts.hosts}
    if answers != {True, False}:
        return NOTHING
    return tuple(Evidence(f"probe.hosts.{each.host}", each.answered) for each in facts.hosts)


def data_cut(facts: Facts) -> Found:
    """An address, no host and no name server that answers, bytes that leave and none that come."""
    gone = facts.address is True and facts.dns_answers is False and _no_host_answers(facts)
    if not gone or facts.bytes_left is not True or facts.bytes_came is not False:
        return NOTHING
    return (
        Evidence("probe.hosts", "none"),
        Evidence("probe.dns_answers", False),
        Evidence("probe.bytes_left", True),
        Evidence("probe.bytes_came", False),
    )


def captive_portal(facts: Facts) -> Found:
    """Somebody else answers in the host's place."""
    who = facts.foreign_answer
    if isinstance(who, Absent) or not who:
        return NOTHING
    return (Evidence("probe.foreign_answer", who),)


def throttled(facts: Facts) -> Found:
    """It works, but slower than any full rate, and not for want of signal."""
    rate, expected = facts.rate_bps, facts.expected_bps
    if isinstance(rate, Absent) or isinstance(expected, Absent) or rate >= expected:
        return NOTHING
    if facts.signal_weak is not False or not _a_host_answers(facts):
        return NOTHING
    return Evidence("probe.rate_bps", rate), Evidence("probe.expected_bps", expected)


def wrong_uplink(facts: Facts) -> Found:
    """Answers come only where the operating system chooses the interface."""
    if not _no_host_answers(facts) or facts.unbound_answers is not True:
        return NOTHING
    return Evidence("probe.hosts", "none"), Evidence("probe.unbound_answers", True)


# L6 services


def sms_not_provisioned(facts: Facts) -> Found:
    """Data works, a short message is refused with +CMS 8, 10 or 50."""
    refused = facts.sms_refused
    works = _a_host_answers(facts) or (
        facts.context_active is True and isinstance(facts.hosts, Absent)
    )
    if not works or isinstance(refused, Absent) or refused not in _SMS_BARRED:
        return NOTHING
    return (Evidence("probe.sms.cms", refused),)


def one_way_suspension(facts: Facts) -> Found:
    """No data, and a short message comes in all the same."""
    if facts.sms_came is not True:
        return NOTHING
    came = Evidence("sms.came", True)
    if facts.activation_refused is True:
        return Evidence("probe.activation_refused", True), came
    return (Evidence("probe.hosts", "none"), came) if _no_host_answers(facts) else NOTHING


# What several rows ask


def home_is_forbidden(facts: Facts) -> Found:
    """The home networks that stand in EF.FPLMN."""
    home, forbidden = facts.home_plmns, facts.forbidden_plmns
    if isinstance(home, Absent) or isinstance(forbidden, Absent):
        return NOTHING
    return tuple(Evidence("sim.ef_fplmn", plmn) for plmn in forbidden if plmn in home)


def _sim_state(facts: Facts) -> Found:
    return (Evidence("sim.state", facts.sim_state),)


def _stats(facts: Facts) -> Found:
    return tuple(Evidence(f"registration.{d}.stat", stat) for d, stat in facts.stats().items())


def _strangers(facts: Facts) -> list[Binding]:
    """The records that name another device."""
    if isinstance(facts.imei, Absent) or isinstance(facts.bindings, Absent):
        return []
    own = facts.imei[:_SERIAL]
    return [each for each in facts.bindings if each.imei[:_SERIAL] != own]


def _is_registered(facts: Facts) -> bool:
    return any(stat in REGISTERED for stat in facts.stats().values())


def _refused(facts: Facts) -> bool | None:
    """Whether the network refuses registration at present; None where that is not known."""
    return None if isinstance(facts.causes, Absent) else bool(facts.refusals)


def _lost(facts: Facts) -> bool:
    """Modem and card are fine, the modem is nowhere, and nobody refuses it."""
    stats = set(facts.stats().values())
    nowhere = bool(stats) and stats <= UNREGISTERED
    return facts.usable and nowhere and _refused(facts) is False


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


def _a_host_answers(facts: Facts) -> bool:
    return not isinstance(facts.hosts, Absent) and any(each.answered for each in facts.hosts)


def _no_host_answers(facts: Facts) -> bool:
    hosts = facts.hosts
    return not isinstance(hosts, Absent) and bool(hosts) and not any(h.answered for h in hosts)
