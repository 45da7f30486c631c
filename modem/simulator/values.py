"""The values that the templates of a profile may name."""

from collections.abc import Mapping, Sequence
from typing import Any

from modem.simulator import causes
from modem.simulator.fixture import FixtureError
from modem.simulator.profile import Signal
from modem.simulator.registration import DomainState, Refusal
from modem.simulator.state import ModemState

_RATS = {"cs": 0, "ps": 1, "eps": 2, "nr5g": 5}


def template_values(state: ModemState) -> dict[str, object]:
    """All of them; a card that is not there leaves its values empty."""
    identity, signal, network = state.profile.identity, state.signal, state.network
    usage = state.usage
    eps = _best_place(state)
    return {
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "revision": identity.revision,
        "imei": identity.imei,
        "serial": identity.serial,
        **_card_values(state),
        "plmn": network.plmn,
        "mcc": network.plmn[:3],
        "mnc": network.plmn[3:],
        "operator": network.name,
        "functionality": state.functionality,
        "tac": eps.area,
        "ci": eps.ci,
        "tac_nr5g": _place_values(state, "nr5g")["area"],
        "ci_nr5g": _place_values(state, "nr5g")["cell"],
        "ci_dec": int(eps.ci or "0", 16),
        "tac_dec": int(eps.area or "0", 16),
        "stat_cs": _stat(state, "cs"),
        "stat_ps": _stat(state, "ps"),
        "stat_eps": _stat(state, "eps"),
        "address": _first_address(state),
        "tx": int(usage.tx),
        "rx": int(usage.rx),
        "tx_kb": int(usage.tx) // 1024,
        "rx_kb": int(usage.rx) // 1024,
        "session_tx": int(usage.session_tx),
        "session_rx": int(usage.session_rx),
        "session_s": int(usage.session_s),
        "time": state.clock.text(state.now),
        **refusal_values(state, state.last_refusal or Refusal("eps", 0)),
        **signal_values(signal),
    }


def check_templates(file: str, state: ModemState) -> None:
    """See that every template of the profile can be filled; `file` names it in errors.

    Raises:
        FixtureError: one names a value that there is not; `place` is its command.
    """
    values = template_values(state)
    for command, answer in state.profile.answers.items():
        _check(file, command, [*answer.lines, *answer.otherwise], values)
    urcs, style = state.profile.urcs, state.profile.style
    lines = [*urcs.boot, *urcs.card_removed, *urcs.card_inserted, *urcs.card_unlocked]
    lines += urcs.profile_switched
    lines += [*urcs.reject, *urcs.power_down, *urcs.network_time]
    lines += [urc.line for urc in urcs.periodic]
    _check(file, "urcs", lines, values)
    _check(file, "style.error_text", [style.error_text], values)
    session = {**values, **session_values(state, 1, 0)}
    _check(file, "urcs.session_reject", urcs.session_reject, session)
    _check(file, "style.session_error_text", [style.session_error_text], session)
    call = {"cause": 0, "cause_words": "", "cause_constant": ""}
    _check(file, "style.call_error_text", [style.call_error_text], call)


def _check(file: str, place: str, lines: Sequence[str], values: Mapping[str, object]) -> None:
    try:
        for line in lines:
            line.format_map(values)
    except (KeyError, ValueError, IndexError) as exc:
        raise FixtureError(file, place, "unknown name in a template") from exc


def _card_values(state: ModemState) -> dict[str, object]:
    card = state.card
    retries = card.retries() if card is not None else {}
    iccid = (card.iccid or "") if card is not None else ""
    return {
        "iccid": iccid,
        "eid": (card.eid or "") if card is not None else "",
        "iccid_filled": iccid.ljust(20, "F"),
        "imsi": (card.imsi or "") if card is not None else "",
        "pin1": retries.get("pin1", 0),
        "puk1": retries.get("puk1", 0),
        "pin2": retries.get("pin2", 0),
        "puk2": retries.get("puk2", 0),
        "inserted": int(card is not None),
    }


def refusal_values(state: ModemState, refusal: Refusal) -> dict[str, Any]:
    """What a refused registration can be told with.

    `esm_tail` is empty, or the ESM cause with a comma before it; `rat`, `reject_domain` and
    `reject_type` are those of ^REJINFO (Balong).
    """
    words = causes.mobility_words(refusal.domain, refusal.cause)
    return {
        **_place_values(state, refusal.domain),
        "plmn": state.network.plmn,
        "domain": refusal.domain,
        "layer": causes.LAYER_OF_DOMAIN[refusal.domain],
        "cause": refusal.cause,
        "cause_type": refusal.cause_type,
        "cause_words": words,
        "cause_constant": causes.as_constant(words),
        "cme": causes.cme_of_mobility(refusal.cause),
        "esm": "" if refusal.esm is None else refusal.esm,
        "esm_tail": "" if refusal.esm is None else f",{refusal.esm}",
        "esm_words": "" if refusal.esm is None else causes.session_words(refusal.esm),
        "rat": _RATS[refusal.domain],
        "reject_domain": 0 if refusal.domain == "cs" else 1,
        "reject_type": 0 if refusal.domain == "cs" else 4,
    }


def session_values(state: ModemState, cid: int, cause: int) -> dict[str, Any]:
    """What a refused packet session can be told with."""
    domain = next((name for name in ("nr5g", "eps", "ps") if state.is_camped(name)), "eps")
    words = causes.session_words(cause)
    return {
        "plmn": state.network.plmn,
        "domain": domain,
        "layer": "SM" if domain == "ps" else "ESM",
        "cid": cid,
        "cause": cause,
        "cause_words": words,
        "cause_constant": causes.as_constant(words),
        "cme": causes.cme_of_session(cause),
        "rat": _RATS[domain],
    }


def _place_values(state: ModemState, domain: str) -> dict[str, object]:
    if domain not in state.registrar.domains:
        return {"area": "", "cell": "", "rac": ""}
    place = state.registrar.place(domain)
    return {"area": place.area, "cell": place.ci, "rac": place.rac or "FF"}


def _best_place(state: ModemState) -> DomainState:
    """Where the modem stands, in the 4G domain where it has one."""
    for domain in ("eps", "nr5g", "ps", "cs"):
        if domain in state.registrar.domains:
            return state.registrar.place(domain)
    return DomainState(stat=0)


def _stat(state: ModemState, domain: str) -> int:
    return state.domain(domain).stat if domain in state.registrar.domains else 0


def _first_address(state: ModemState) -> str:
    for cid in state.sessions.contexts:
        session = state.sessions.session(cid)
        if session and session.addresses:
            return session.addresses[0]
    return "0.0.0.0"  # noqa: S104 - what a modem prints for no address


def signal_values(signal: Signal) -> dict[str, object]:
    """Signal in the scales that modems use (27.007 clauses 8.5, 8.69, unread; vendors' forms)."""
    return {
        "rssi_dbm": signal.rssi_dbm,
        "rsrp_dbm": signal.rsrp_dbm,
        "rsrq_db": int(signal.rsrq_db),
        "sinr_db": int(signal.sinr_db),
        "csq": max(0, min(31, (signal.rssi_dbm + 113) // 2)),
        "ber": signal.ber,
        "rsrp_n": signal.rsrp_dbm + 141,
        "rsrq_n": int((signal.rsrq_db + 20) * 2),
        "rssi_n121": signal.rssi_dbm + 121,
        "sinr_n5": int((signal.sinr_db + 20) * 5),
        "sinr_x2": int(signal.sinr_db * 2),
        "rsrp_tenths": signal.rsrp_dbm * 10,
        "rsrq_tenths": int(signal.rsrq_db * 10),
        "rssi_tenths": signal.rssi_dbm * 10,
        "sinr_tenths": int(signal.sinr_db * 10),
    }
