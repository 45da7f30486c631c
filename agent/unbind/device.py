"""The gates' facts of the device, from the document of `agent.unbind.readings`. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from agent.unbind.facts import FROM_CARD, NOT_ASKED, Device, Uplink
from sim.reading import Reading, absent

Json = dict[str, Any]

_ROUTES: Final = "/proc/net/route"
_CARD_FILES: Final = "card files"
_JOURNAL: Final = "journal of the unbinding"


def device_of(document: Json) -> Device:
    """The facts; what is not in the document is absent."""
    snapshot: Json = document["snapshot"]
    checks = (snapshot.get("sim") or {}).get("iccid_checks") or {}
    return Device(
        taken_at=datetime.fromisoformat(snapshot["taken_at"]),
        clock_synchronized=snapshot["clock_synchronized"] is True,
        sim_state=_reading(snapshot, "sim.state"),
        iccid=_iccid(snapshot),
        modem_iccid=_reading(snapshot, "sim.iccid_modem"),
        luhn=checks.get("luhn"),
        imsi=_reading(snapshot, "sim.imsi"),
        msisdn=_reading(snapshot, "sim.msisdn"),
        imei=_reading(snapshot, "modem.imei"),
        locks=_locks(snapshot),
        personal=_personal(document),
        uplink=_uplink(document.get("uplink")),
        imei_changes=_changes(document.get("history") or {}),
        release=_kept(document, "proved"),
        handed=_kept(document, "handed"),
        saved=_kept(document, "saved"),
    )


def _reading(
    snapshot: Json, path: str, make: Callable[[Any], Any] = lambda value: value
) -> Reading[Any]:
    section, _, name = path.rpartition(".")
    value = (snapshot.get(section) or {}).get(name)
    if value is None:
        reasons: Mapping[str, str] = snapshot.get("absent", {})
        return absent(reasons.get(path) or reasons.get(section) or NOT_ASKED)
    reads = snapshot.get("read", {})
    read = reads.get(path) or reads.get(section) or {}
    at = read.get("at") or snapshot["taken_at"]
    return Reading(make(value), read.get("by", ""), datetime.fromisoformat(at))


def _iccid(snapshot: Json) -> Reading[str]:
    """With `EF.ICCID` as its source where the card's own file was read."""
    reading = _reading(snapshot, "sim.iccid")
    from_card = (snapshot.get("sim") or {}).get("iccid_source") == "ef_iccid"
    return reading._replace(source=FROM_CARD) if from_card else reading


def _locks(snapshot: Json) -> Reading[tuple[str, ...]]:
    locks = snapshot.get("locks") or {}
    told = {name: value for name, value in locks.items() if value is not None}
    if not told:
        return absent(snapshot.get("absent", {}).get("locks.ps", NOT_ASKED))
    locked = tuple(name for name, value in told.items() if value)
    return Reading(locked, "AT+CLCK", datetime.fromisoformat(snapshot["taken_at"]))


def _personal(document: Json) -> Reading[Any]:
    personal = document.get("personal") or {}
    if "counts" not in personal:
        return absent(personal.get("absent", NOT_ASKED))
    read_of = (document["snapshot"].get("sim") or {}).get("iccid")
    if personal["iccid"] != read_of:
        return absent("the card was moved meanwhile")
    return Reading(personal["counts"], _CARD_FILES, datetime.fromisoformat(personal["taken_at"]))


def _uplink(told: Json | None) -> Reading[Uplink]:
    if not told:
        return absent(NOT_ASKED)
    uplink = Uplink(tuple(told["defaults"]), told["carries"], told["interface"], told["address"])
    return Reading(uplink, _ROUTES, datetime.fromisoformat(told["taken_at"]))


def _changes(told: Json) -> Reading[int]:
    if "imei_changes" not in told:
        return absent(told.get("absent", NOT_ASKED))
    at = datetime.fromisoformat(told["taken_at"])
    return Reading(told["imei_changes"], "pairing history", at)


def _kept(document: Json, name: str) -> Reading[Any]:
    """What an unbinding's journal tells, where it is of the card and modem that were read."""
    told, snapshot = document.get("unbinding") or {}, document["snapshot"]
    if told.get(name) is None:
        return absent(told.get("absent", NOT_ASKED))
    read_of = (snapshot.get("sim") or {}).get("iccid"), (snapshot.get("modem") or {}).get("imei")
    if (told["iccid"], told["imei"]) != read_of:
        return absent("the card was moved meanwhile")
    return Reading(told[name], _JOURNAL, datetime.fromisoformat(told["taken_at"]))
