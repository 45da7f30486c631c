"""One moment of a gateway: what the modem and its card said, and the document made of it.

The document is the contract's `simward/snapshot/1`: every null has its reason under `absent`, by
dotted path (`packet.contexts.0.apn`). Under `read` is by which command (or card file) and when each
value was read, by the same paths, or for a whole section where one answer gave all of it; what
follows from another value (`sim.mcc` from `sim.imsi`) has no entry of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from agent.clock import iso
from agent.i18n import mark
from modem.snapshot import (
    DomainRegistration,
    FacilityLocks,
    LastError,
    ModemIdentity,
    ModemSnapshot,
    OperatorFacts,
    PacketContext,
    PacketFacts,
    Registration,
    Reject,
    SignalFacts,
    SimFacts,
    UsageCounters,
)
from sim.numbering import carrier_of_iccid, split_imsi
from sim.reading import Absent, Reading

SCHEMA = "simward/snapshot/1"
FROM_CARD = "EF.ICCID"

LETTERS_IN_ICCID = mark("letters in the ICCID")
CARRIER_UNKNOWN = mark("no known carrier has this prefix")
EF_ICCID_NOT_READ = mark("EF.ICCID was not read")
NO_DOUBT = mark("nothing is disputed")

Json = dict[str, Any]
_Read = tuple[str, datetime]


class GatewaySnapshot(NamedTuple):
    """A modem's snapshot with the port it was taken at and the time it was taken."""

    taken_at: datetime
    clock_synchronized: bool
    port: str
    modem: ModemSnapshot


def to_json(snapshot: GatewaySnapshot) -> Json:
    """The document of `simward status --json`; parts that were not asked for are left out."""
    modem = snapshot.modem
    absent: dict[str, str] = {}
    reads: dict[str, _Read] = {}
    document: Json = {
        "schema": SCHEMA,
        "taken_at": iso(snapshot.taken_at),
        "clock_synchronized": snapshot.clock_synchronized,
    }
    parts: tuple[tuple[str, Any, Callable[[Any, _Section], Json | list[Json] | None]], ...] = (
        ("modem", modem.identity, lambda facts, out: _identity(facts, snapshot, out)),
        ("sim", modem.sim, _sim),
        ("registration", modem.registration, _registration),
        ("rejects", modem.rejects, _rejects),
        ("operator", modem.operator, _operator),
        ("signal", modem.signal, _signal),
        ("packet", modem.packet, _packet),
        ("usage", modem.usage, _usage),
        ("locks", modem.locks, _locks),
        ("last_error", modem.last_error, _last_error),
    )
    for name, facts, build in parts:
        if facts is not None:
            document[name] = build(facts, _Section(name, absent, reads))
    document["read"] = _folded(reads)
    document["absent"] = absent
    return document


def _folded(reads: dict[str, _Read]) -> Json:
    """By which command and when each value was read; one entry for a section of one reading."""
    sections: dict[str, set[_Read]] = {}
    for path, read in reads.items():
        sections.setdefault(path.rpartition(".")[0] or path, set()).add(read)
    folded: Json = {}
    for path, (by, at) in reads.items():
        section = path.rpartition(".")[0] or path
        place = path if len(sections[section]) > 1 else section
        folded[place] = {"by": by, "at": iso(at)}
    return folded


class _Section:
    """Collects one section's reasons while its values are laid out."""

    def __init__(self, path: str, absent: dict[str, str], reads: dict[str, _Read]) -> None:
        self.path = path
        self._absent = absent
        self._reads = reads

    def under(self, name: str) -> "_Section":
        return _Section(f"{self.path}.{name}", self._absent, self._reads)

    def note(self, reading: Reading[Any], name: str | None = None) -> None:
        """By which command and when the member `name`, or the section, was read."""
        if reading.taken_at is not None and reading.source and reading.reason is None:
            path = self.path if name is None else f"{self.path}.{name}"
            self._reads[path] = (reading.source, reading.taken_at)

    def missing(self, reason: str, name: str | None = None) -> None:
        """Null, for this reason: the member `name`, or the section as a whole."""
        self._absent[self.path if name is None else f"{self.path}.{name}"] = reason

    def leaf(self, name: str, value: Any) -> Any:
        """The JSON form of a value, a Reading or an Absent; a null leaves its reason here."""
        plain = value
        if isinstance(value, Reading):
            plain = value.value
            self.note(value, name)
        if isinstance(plain, Absent):
            self.missing(plain.reason, name)
            return None
        return plain

    def identifier(self, name: str, reading: Reading[Any]) -> str | None:
        """The whole text of an identifier: the document is made to carry it."""
        value = self.leaf(name, reading)
        return None if value is None else str(value.value)

    def number(self, name: str, reading: Reading[Any]) -> float | None:
        """-101 rather than -101.0; halves stay."""
        value = self.leaf(name, reading)
        return int(value) if isinstance(value, float) and value.is_integer() else value


def _identity(facts: ModemIdentity, snapshot: GatewaySnapshot, out: _Section) -> Json:
    return {
        "manufacturer": out.leaf("manufacturer", facts.manufacturer),
        "model": out.leaf("model", facts.model),
        "revision": out.leaf("revision", facts.revision),
        "imei": out.identifier("imei", facts.imei),
        "port": snapshot.port,
        "profile": snapshot.modem.profile,
        "functionality": out.leaf("functionality", facts.functionality),
    }


def _sim(facts: SimFacts, out: _Section) -> Json:
    iccid = facts.iccid
    return {
        "state": out.leaf("state", facts.state),
        "slot": out.leaf("slot", facts.slot),
        "iccid": out.identifier("iccid", iccid),
        "iccid_source": _iccid_source(facts, out),
        "iccid_modem": out.identifier("iccid_modem", facts.modem_iccid),
        "iccid_checks": _iccid_checks(facts, out.under("iccid_checks")),
        "imsi": out.identifier("imsi", facts.imsi),
        "mcc": _mcc(facts, out),
        "mnc": _mnc(facts, out),
        "msisdn": out.identifier("msisdn", facts.msisdn),
        "eid": out.identifier("eid", facts.eid),
        "spn": out.leaf("spn", facts.spn),
        "carrier": _carrier(facts, out),
        "smsc": out.identifier("smsc", facts.smsc),
        "pin1": {
            "enabled": out.under("pin1").leaf("enabled", facts.pin1.enabled),
            "retries": out.under("pin1").leaf("retries", facts.pin1.retries),
            "puk_retries": out.under("pin1").leaf("puk_retries", facts.pin1.puk_retries),
        },
    }


def _iccid_source(facts: SimFacts, out: _Section) -> str | None:
    if facts.iccid.reason is not None:
        out.missing(facts.iccid.reason, "iccid_source")
        return None
    return "ef_iccid" if facts.iccid.source == FROM_CARD else "modem"


def _iccid_checks(facts: SimFacts, out: _Section) -> Json:
    card, modem = facts.iccid.value, facts.modem_iccid.value
    luhn: bool | None = None
    agrees: bool | None = None
    if isinstance(card, Absent):
        out.missing(card.reason, "luhn")
        out.missing(card.reason, "at_agrees")
    else:
        luhn = card.luhn
        if luhn is None:
            out.missing(LETTERS_IN_ICCID, "luhn")
        if facts.iccid.source != FROM_CARD:
            out.missing(EF_ICCID_NOT_READ, "at_agrees")
        elif isinstance(modem, Absent):
            out.missing(modem.reason, "at_agrees")
        else:
            agrees = card == modem
    return {"luhn": luhn, "at_agrees": agrees}


def _mcc(facts: SimFacts, out: _Section) -> str | None:
    imsi = out.leaf("mcc", facts.imsi.value)
    return None if imsi is None else str(imsi.mcc)


def _mnc(facts: SimFacts, out: _Section) -> str | None:
    imsi = out.leaf("mnc", facts.imsi.value)
    if imsi is None:
        return None
    return split_imsi(imsi.value, facts.mnc_length.known)[1]


def _carrier(facts: SimFacts, out: _Section) -> str | None:
    iccid = out.leaf("carrier", facts.iccid.value)
    if iccid is None:
        return None
    carrier = carrier_of_iccid(iccid.value)
    if carrier is None:
        out.missing(CARRIER_UNKNOWN, "carrier")
        return None
    return carrier.lower()


def _registration(facts: Registration, out: _Section) -> Json:
    return {
        "cs": _domain("cs", "lac", facts.cs, out),
        "ps": _domain("ps", "lac", facts.ps, out),
        "eps": _domain("eps", "tac", facts.eps, out),
        "nr5g": _domain("nr5g", "tac", facts.nr5g, out),
    }


def _domain(
    name: str, area: str, reading: Reading[DomainRegistration], out: _Section
) -> Json | None:
    facts = out.leaf(name, reading)
    if facts is None:
        return None
    inner = out.under(name)
    return {
        "stat": facts.stat,
        "state": facts.state,
        area: inner.leaf(area, facts.area),
        "ci": inner.leaf("ci", facts.ci),
        "act": inner.leaf("act", facts.act),
        "cause_type": inner.leaf("cause_type", facts.cause_type),
        "reject_cause": inner.leaf("reject_cause", facts.reject_cause),
        "reject_name": inner.leaf("reject_name", facts.reject_name),
    }


def _rejects(facts: tuple[Reject, ...], out: _Section) -> list[Json]:
    return [_reject(reject, out.under(str(index))) for index, reject in enumerate(facts)]


def _reject(facts: Reject, out: _Section) -> Json:
    plmn, at = out.leaf("plmn", facts.plmn), out.leaf("at", facts.at)
    return {
        "domain": out.leaf("domain", facts.domain),
        "plmn": None if plmn is None else plmn.text,
        "cause": facts.cause,
        "name": out.leaf("name", facts.name),
        "rat": out.leaf("rat", facts.rat),
        "kind": out.leaf("kind", facts.kind),
        "source": facts.source,
        "at": None if at is None else iso(at),
    }


def _operator(facts: OperatorFacts, out: _Section) -> Json:
    plmn = out.leaf("plmn", facts.plmn)
    return {
        "plmn": None if plmn is None else plmn.text,
        "name": out.leaf("name", facts.name),
        "act": out.leaf("act", facts.act),
    }


def _signal(facts: SignalFacts, out: _Section) -> Json:
    return {
        "rssi_dbm": out.number("rssi_dbm", facts.rssi_dbm),
        "rsrp_dbm": out.number("rsrp_dbm", facts.rsrp_dbm),
        "rsrq_db": out.number("rsrq_db", facts.rsrq_db),
        "sinr_db": out.number("sinr_db", facts.sinr_db),
        "ber": out.leaf("ber", facts.ber),
    }


def _packet(facts: PacketFacts, out: _Section) -> Json:
    contexts = out.leaf("contexts", facts.contexts)
    listed = out.under("contexts")
    return {
        "attached": out.leaf("attached", facts.attached),
        "contexts": None
        if contexts is None
        else [_context(each, listed.under(str(index))) for index, each in enumerate(contexts)],
    }


def _context(context: PacketContext, out: _Section) -> Json:
    addresses = out.leaf("addresses", context.addresses)
    return {
        "cid": context.cid,
        "pdp_type": out.leaf("pdp_type", context.pdp_type),
        "apn": out.leaf("apn", context.apn),
        "active": out.leaf("active", context.active),
        "addresses": None if addresses is None else list(addresses),
    }


def _usage(reading: Reading[UsageCounters], out: _Section) -> Json:
    counters = reading.value
    if isinstance(counters, Absent):
        for name in ("tx_bytes", "rx_bytes", "source", "doubt"):
            out.missing(counters.reason, name)
        return {"tx_bytes": None, "rx_bytes": None, "source": None, "doubt": None}
    out.note(reading)
    if counters.doubt is None:
        out.missing(NO_DOUBT, "doubt")
    return {
        "tx_bytes": counters.tx_bytes,
        "rx_bytes": counters.rx_bytes,
        "source": reading.source,
        "doubt": counters.doubt,
    }


def _locks(facts: FacilityLocks, out: _Section) -> Json:
    return {
        name: out.leaf(name, getattr(facts, name)) for name in ("ps", "pf", "pn", "pu", "pp", "pc")
    }


def _last_error(reading: Reading[LastError], out: _Section) -> Json | None:
    error = reading.value
    if isinstance(error, Absent):
        out.missing(error.reason)
        return None
    out.note(reading)
    return {
        "source": reading.source,
        "text": error.text,
        "domain": out.leaf("domain", error.domain),
        "cause": out.leaf("cause", error.cause),
    }
