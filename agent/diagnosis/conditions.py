"""When a row of modem, card, radio, IP path or services holds: from facts to evidence. Pure.

One function a row. No evidence, no match; a fact that is not known is evidence of nothing.
"""

from typing import Final

from agent.diagnosis.evidence import (
    NOTHING,
    Evidence,
    Found,
    evidence_of,
    is_registered,
    stats_of,
    strangers,
)
from agent.diagnosis.facts import RADIO_OFF, UNREGISTERED, Facts
from sim.reading import Absent

_SEARCHING: Final = 2
_FAULTS: Final = frozenset({"faulty", "busy"})
_PIN_LOCKS: Final = frozenset({"pin_required", "puk_required", "blocked"})
_DEVICE_LOCKS: Final = frozenset({"ph_sim_lock", "network_lock"})
_SMS_BARRED: Final = frozenset({8, 10, 50})


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
    others = strangers(facts)
    if not others:
        return NOTHING
    return (
        Evidence("modem.imei", facts.imei),
        *(Evidence(f"{each.path}.imei", each.imei) for each in others),
    )


# L2 the radio


def no_coverage(facts: Facts) -> Found:
    """Not registered, nothing refused, no signal, and no network in the air."""
    unseen = isinstance(facts.cells, Absent) or not facts.cells
    if not _lost(facts) or facts.signal_heard is not False or not unseen:
        return NOTHING
    found = (*stats_of(facts), Evidence("signal.heard", False))
    return found if isinstance(facts.cells, Absent) else (*found, Evidence("cells", "none"))


def searching(facts: Facts) -> Found:
    """Searching, nothing refused, and the home network is in the air, or at least a signal is."""
    if not _lost(facts) or _SEARCHING not in facts.stats().values() or home_is_forbidden(facts):
        return NOTHING
    if isinstance(facts.cells, Absent):
        heard = facts.signal_heard is True
        return (*stats_of(facts), Evidence("signal.heard", True)) if heard else NOTHING
    home = () if isinstance(facts.home_plmns, Absent) else facts.home_plmns
    seen = [cell.plmn for cell in facts.cells if cell.plmn in home and not cell.forbidden]
    return (*stats_of(facts), Evidence("cells.home", seen[0])) if seen else NOTHING


def home_plmn_forbidden(facts: Facts) -> Found:
    """The card's list of forbidden networks has its home network, and nothing is refused now."""
    if not facts.usable or is_registered(facts) or _refused(facts) is not False:
        return NOTHING
    return home_is_forbidden(facts)


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
    gone = facts.address is True and facts.dns_answers is not True and _no_host_answers(facts)
    if not gone or facts.bytes_left is not True or facts.bytes_came is not False:
        return NOTHING
    asked = not isinstance(facts.dns_answers, Absent)
    return (
        Evidence("probe.hosts", "none"),
        *((Evidence("probe.dns_answers", False),) if asked else ()),
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
    if facts.context_active is False and facts.registered_for_data and facts.session_refusals:
        return (*evidence_of(facts.session_refusals), came)
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


def _refused(facts: Facts) -> bool | None:
    """Whether the network refuses registration at present; None where that is not known."""
    if isinstance(facts.causes, Absent):
        return None
    return bool(facts.refusals or facts.unnamed_refusals)


def _lost(facts: Facts) -> bool:
    """Modem and card are fine, the modem is nowhere, and nobody refuses it."""
    stats = set(facts.stats().values())
    nowhere = bool(stats) and stats <= UNREGISTERED
    return facts.usable and nowhere and _refused(facts) is False


def _a_host_answers(facts: Facts) -> bool:
    return not isinstance(facts.hosts, Absent) and any(each.answered for each in facts.hosts)


def _no_host_answers(facts: Facts) -> bool:
    hosts = facts.hosts
    return not isinstance(hosts, Absent) and bool(hosts) and not any(h.answered for h in hosts)
