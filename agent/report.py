"""From snapshots to messages: the report of one, the events between two. Pure.

Bodies lack what names a row (`v gw store seq`); facts that are unknown are left out. Identity is
not in a report: it is in the birth, joined by `slot`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from agent.usage.counters import Booked, Counters
from cloud_bridge.events import CATALOGUE
from modem.rejects import cause_in
from modem.snapshot import (
    SERVING_ORDER,
    DomainRegistration,
    ModemSnapshot,
    Registration,
    SimFacts,
)
from sim.reading import Absent, Reading

Json = dict[str, Any]

REGISTERED: Final = frozenset({1, 5, 6, 7, 9, 10})
DENIED: Final = 3
PERMANENT: Final = frozenset({2, 3, 6, 8})
"""Reject causes after which a device stops trying until it is restarted or the card is changed
(3GPP TS 24.008, 24.301, unread). The same numbers in MM, GMM and EMM; 5 is for emergency calls."""
_MAX_TEXT: Final = 128
_MAX_COUNT: Final = 2**53 - 1
"""What JSON carries everywhere, and a database: 9 petabytes."""
_MAX_CODE: Final = 255
_FULL: Final = 1


@dataclass(frozen=True)
class Stamp:
    """When: boot number, seconds since that boot, and UTC as text where the clock is right."""

    boot: int
    up_s: float
    at: str | None

    def body(self) -> Json:
        """The fields of a message."""
        return _known({"boot": self.boot, "up_s": round(self.up_s, 3), "at": self.at})


def report_body(snapshot: ModemSnapshot, slot: int, stamp: Stamp, booked: Booked | None) -> Json:
    """The report of one sample; `booked` is what its usage counter showed and did."""
    registration = snapshot.registration
    operator, signal = snapshot.operator, snapshot.signal
    serving = _serving(registration)
    body = {
        "slot": slot,
        "sim_state": (snapshot.sim.state.known if snapshot.sim else None) or "unknown",
        "fun": _restricted(snapshot),
        "reg": _registrations(snapshot),
        "plmn": _plmn(snapshot),
        "act": (operator.act.known if operator else None) or _plain(serving and serving.act),
        "tac": _plain(serving and serving.area),
        "ci": _plain(serving and serving.ci),
        "rssi": _level(signal.rssi_dbm) if signal else None,
        "rsrp": _level(signal.rsrp_dbm) if signal else None,
        "rsrq": _level(signal.rsrq_db) if signal else None,
        "sinr": _level(signal.sinr_db) if signal else None,
        "tx": booked.counters.tx_bytes if booked else None,
        "rx": booked.counters.rx_bytes if booked else None,
        "reset": True if booked and booked.step.reset else None,
        "gap": True if booked and booked.step.gap else None,
    }
    return stamp.body() | _known(body)


def functionality_of(snapshot: ModemSnapshot) -> int | None:
    """`<fun>` of +CFUN, where it was asked."""
    if snapshot.identity is not None and snapshot.identity.functionality.known is not None:
        return snapshot.identity.functionality.known
    return None if snapshot.functionality is None else snapshot.functionality.known


def counters_of(snapshot: ModemSnapshot) -> Counters | None:
    """The modem's byte counters; None where it has none, or shows what no counter can be."""
    usage = snapshot.usage.known if snapshot.usage is not None else None
    if usage is None or max(usage.tx_bytes, usage.rx_bytes) > _MAX_COUNT:
        return None
    return Counters(usage.tx_bytes, usage.rx_bytes)


def event_body(code: str, args: Mapping[str, Any], stamp: Stamp) -> Json:
    """The body of an event; its code stands in the catalogue."""
    assert code in CATALOGUE, code
    return {**stamp.body(), "code": code, "args": dict(args)}


def birth_body(snapshots: Mapping[int, ModemSnapshot], clock: Mapping[str, Any]) -> Json:
    """Who the modems and cards are, by slot."""
    modems, cards = [], []
    for slot, snapshot in sorted(snapshots.items()):
        identity, card = snapshot.identity, snapshot.sim
        if identity is not None:
            modems.append(
                _known(
                    {
                        "imei": _identifier(identity.imei),
                        "manufacturer": _text(identity.manufacturer),
                        "model": _text(identity.model),
                        "revision": _text(identity.revision),
                        "profile": snapshot.profile,
                    }
                )
            )
        if card is not None:
            cards.append(
                _known(
                    {
                        "iccid": _identifier(card.iccid),
                        "imsi": _identifier(card.imsi),
                        "msisdn": _identifier(card.msisdn),
                        "eid": _identifier(card.eid),
                        "slot": slot,
                    }
                )
            )
    return {
        "modems": modems,
        "cards": cards,
        "clock": _known(clock),
        "schemas": ["report/1", "event/1", "evidence/1"],
        "capabilities": ["json", "batch", "evidence"],
    }


# Events


@dataclass(frozen=True)
class Seen:
    """What the last sample showed of a modem, as far as events need it; kept over restarts.

    None is "not known": what could not be read now keeps its last value, so that a bad reading is
    no event. `eid` is the eUICC's in which `iccid` is, or was, enabled; `empty`: no profile is
    now. `denied` is the reject cause (or None) by domain.
    """

    imei: str | None = None
    iccid: str | None = None
    eid: str | None = None
    empty: bool = False
    present: bool | None = None
    registered: bool | None = None
    denied: Mapping[str, int | None] | None = None

    def to_json(self) -> Json:
        """For the store."""
        return asdict(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "Seen":
        """Back from the store; members of other versions are left out."""
        return cls(**{name: facts[name] for name in cls.__dataclass_fields__ if name in facts})


def seen(snapshot: ModemSnapshot, before: Seen) -> Seen:
    """The state after `snapshot`; what it does not tell stays as it was `before`."""
    now = before
    if snapshot.identity is not None and snapshot.identity.imei.known is not None:
        now = replace(now, imei=snapshot.identity.imei.known.value)
    if snapshot.sim is not None:
        now = _card_seen(snapshot.sim, now)
    domains = _domains(snapshot.registration)
    if domains and not _is_half_read(snapshot.registration):
        known_causes = before.denied or {}
        denied = {
            name: _cause(snapshot, name, facts) or known_causes.get(name)
            for name, facts in domains.items()
            if facts.stat == DENIED
        }
        registered = any(facts.stat in REGISTERED for facts in domains.values())
        now = replace(now, registered=registered, denied=denied)
    return now


def _card_seen(card: SimFacts, before: Seen) -> Seen:
    """The card after a reading: a number that is new takes no eUICC over from the one before."""
    now, state = before, card.state.known
    iccid, eid = _identifier(card.iccid), _identifier(card.eid)
    if state not in {None, "unknown", "busy"}:
        now = replace(now, present=state != "absent")
    elif iccid is not None:  # a modem that does not say the state
        now = replace(now, present=True)
    if state == "no_profile":
        same = eid in {None, now.eid}
        return replace(now, empty=True) if same else replace(now, empty=True, eid=eid, iccid=None)
    if iccid is not None:
        now = replace(now, iccid=iccid, empty=False)
    if eid is not None or now.iccid != before.iccid:
        now = replace(now, eid=eid)
    return now


def _is_half_read(registration: Registration | None) -> bool:
    """Whether a domain was silent or garbled this time: what the others say is not all of it."""
    reasons = (getattr(registration, name).reason or "" for name in SERVING_ORDER)
    return any(reason.startswith(("timeout", "unreadable")) for reason in reasons)


def events(slot: int, before: Seen | None, now: Seen) -> list[tuple[str, Json]]:
    """(code, args) of what changed; of the very first sample of a modem only a denial."""
    if before is None:
        before = replace(now, registered=None, denied=None)
    changes = [
        *_modem_events(before, now),
        *_card_events(before, now),
        *_registration_events(before, now),
    ]
    return [(code, {"slot": slot, **args}) for code, args in changes]


def _modem_events(before: Seen, now: Seen) -> list[tuple[str, Json]]:
    if before.imei is not None and now.imei != before.imei:
        return [("modem_changed", {"imei": now.imei, "was": before.imei})]
    return []


def _card_events(before: Seen, now: Seen) -> list[tuple[str, Json]]:
    if before.present is not False and now.present is False:
        return [("card_removed", _known({"iccid": before.iccid}))]
    changes: list[tuple[str, Json]] = []
    if before.present is False and now.present:
        changes.append(("card_inserted", _known({"iccid": now.iccid})))
    was = None if before.empty else before.iccid
    shown = None if now.empty else now.iccid
    if now.eid is not None and now.eid == before.eid and shown != was:
        args = {"eid": now.eid, "iccid": shown, "was": was}
        changes.append(("profile_switched", args))
    elif before.iccid is not None and now.iccid != before.iccid:
        changes.append(("card_changed", {"iccid": now.iccid, "was": before.iccid}))
    return changes


def _registration_events(before: Seen, now: Seen) -> list[tuple[str, Json]]:
    """A denial that is new, or has a new cause; a registration after it was gone.

    `stop_retrying`: nothing but the carrier, another card or a restart changes it.
    """
    if now.denied and now.denied != (before.denied or {}):
        args: Json = {"denied": dict(now.denied)}
        causes = {cause for domain, cause in now.denied.items() if domain != "nr5g"}
        if not now.registered and causes & PERMANENT:
            args["stop_retrying"] = True
        return [("registration_denied", args)]
    if now.registered and before.registered is False:
        return [("registration_restored", _known({"was_denied": before.denied or None}))]
    return []


# Values


def _domains(registration: Registration | None) -> dict[str, DomainRegistration]:
    if registration is None:
        return {}
    found = {name: getattr(registration, name).known for name in SERVING_ORDER}
    return {name: facts for name, facts in found.items() if facts is not None}


def _registrations(snapshot: ModemSnapshot) -> Json | None:
    domains = _domains(snapshot.registration)
    return {
        name: [_code(facts.stat), _code(_cause(snapshot, name, facts))]
        for name, facts in domains.items()
    } or None


def _cause(snapshot: ModemSnapshot, name: str, facts: DomainRegistration) -> int | None:
    """The reject cause of a domain: in its own answer, else what was heard or is remembered."""
    own: int | None = _plain(facts.reject_cause)
    if own is not None or facts.stat in REGISTERED:
        return own
    return cause_in(snapshot.rejects or (), name, denied=facts.stat == DENIED)


def _serving(registration: Registration | None) -> DomainRegistration | None:
    """The domain that says where the device camps: a registered one, packet domains first."""
    domains = _domains(registration)
    return next((facts for facts in domains.values() if facts.stat in REGISTERED), None)


def _restricted(snapshot: ModemSnapshot) -> int | None:
    """The modem's functionality, where it is not the full one."""
    level = functionality_of(snapshot)
    return None if level == _FULL else _code(level)


def _plmn(snapshot: ModemSnapshot) -> str | None:
    plmn = snapshot.operator.plmn.known if snapshot.operator else None
    return plmn.text if plmn else None


def _level(reading: Reading[Any]) -> float | None:
    value = reading.known
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _code(value: int | None) -> int | None:
    """A number that a message can carry: a modem may answer any."""
    return value if value is not None and 0 <= value <= _MAX_CODE else None


def _plain(value: Any) -> Any:
    return None if isinstance(value, Absent) else value


def _identifier(reading: Reading[Any]) -> str | None:
    return None if reading.known is None else str(reading.known.value)


def _text(reading: Reading[str]) -> str | None:
    return None if reading.known is None else reading.known[:_MAX_TEXT]


def _known(body: Mapping[str, Any]) -> Json:
    return {name: value for name, value in body.items() if value is not None}
