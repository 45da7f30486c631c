"""All reply lines of the corpus that the code claims to understand, compared with what they mean.

`SIMWARD_CORPUS` names the folder (default: `../shared` beside the project); without it all of
this is skipped. A line that is not claimed has its reason in `at_unclaimed.toml`.
"""

import json
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modem.at.command import Command
from modem.at.finals import is_final, refusal
from modem.at.syntax import split_fields, to_int
from modem.causes import cme_code_of_words, cms_code_of_words
from modem.commands import control, identity, packet_domain, sim_access
from modem.commands import registration as reg
from modem.commands import signal as sig
from modem.commands.base import decode_ucs2
from modem.commands.locks import ReadFacilityLock
from modem.commands.phonebook import ReadEntries
from modem.commands.vendor import (
    cinterion,
    fibocom,
    huawei,
    nordic,
    onemo,
    openluat,
    quectel,
    sequans,
    sierra,
    simcom,
    telit,
    ublox,
)
from modem.errors import AtProtocolError, CmeError, CmsError
from modem.parts.card import _iccid_of_content
from modem.urcs import (
    CardMoved,
    PacketEventReported,
    PoweredDown,
    RegistrationChanged,
    RejectReported,
    SignalChanged,
    SimStateChanged,
    parse_urc,
)
from sim.errors import IdentifierError
from sim.identifiers import Iccid, Plmn
from sim.reading import Absent

CORPUS = Path(os.environ.get("SIMWARD_CORPUS", Path(__file__).parents[3] / "shared")) / "at"
HERE = Path(__file__).parent
Vector = dict[str, Any]
Said = dict[str, Any]


def known(value: Any) -> Any:
    return None if isinstance(value, Absent) else value


# The corpus' words for what the contract calls otherwise.
DOMAINS = {"cs": "cs", "ps": "ps", "eps": "eps", "5gs": "nr5g"}
STATS = {
    "not_registered": 0,
    "home": 1,
    "searching": 2,
    "denied": 3,
    "unknown": 4,
    "roaming": 5,
    "home_sms_only": 6,
    "roaming_csfb_not_preferred": 10,
    "attached_rlos": 11,
}
ACTS = {"gsm": 0, "gsm_compact": 1, "umts": 2, "edge": 3, "hsdpa": 4, "lte": 7}
SIM_STATES = {
    "ready": "ready",
    "pin_required": "pin_required",
    "sim_puk": "puk_required",
    "sim_pin2": "ready",
    "ph_sim_pin": "ph_sim_lock",
    "ph_net_pin": "network_lock",
    "ph_netsub_pin": "network_lock",
    "ph_sp_pin": "network_lock",
    "ph_corp_pin": "network_lock",
}


def hexadecimal(text: str | None) -> str | None:
    """The corpus compares locations without leading zeros."""
    number = None if text is None else reg.to_hex(text)
    return None if number is None else f"{number:X}"


def registration(domain: str, answer: reg.RegistrationAnswer) -> Said:
    area = "lac" if domain in {"cs", "ps"} else "tac"
    return {
        "registration": answer.stat,
        area: hexadecimal(answer.area),
        "ci": hexadecimal(answer.ci),
        "act": answer.act and str(reg.to_int(answer.act)),
        "cause_type": answer.cause_type,
        "reject_cause": answer.cause,
        "domain": domain,
    }


def wanted_registration(expect: Said) -> Said:
    wanted = dict(expect)
    wanted["registration"] = STATS[expect["registration"]]
    wanted["domain"] = DOMAINS[expect["domain"]]
    if "act" in expect:
        wanted["act"] = str(ACTS.get(expect["act"], expect["act"]))
    return wanted


def signal(value: sig.Signal) -> Said:
    said = {name: known(each) for name, each in value._asdict().items()}
    return {**said, "snr_db": said["sinr_db"]}


def network(plmn: Any) -> Said:
    return {"mcc": plmn.mcc, "mnc": plmn.mnc}


def usage(value: Any) -> Said:
    return {"tx_bytes": value.tx_bytes, "rx_bytes": value.rx_bytes}


def own(vector: Vector, command: Command[Any]) -> Any:
    """What `command` makes of the vector's lines: echo and final result apart, by shape."""
    lines = [line for line in vector["reply_lines"] if line and line != vector["command"]]
    owned = tuple(line for line in lines if line != "OK" and command.owns(line))
    return command.parse(owned)


def one(name: str, value: Any) -> Said:
    plain = known(value)
    return {name: getattr(plain, "value", plain)}


def contexts(value: Any) -> Said:
    return {
        "contexts": [{"cid": c.cid, "pdp_type": c.pdp_type, "apn": c.apn} for c in value],
    }


def identification(value: identity.Identification) -> Said:
    said = value._asdict()
    return {**said, "imei": said["imei"] and said["imei"].value}


def numbers(vector: Vector) -> Said:
    """Each line on its own: the code takes the first number, the vector lists all."""
    found = []
    for line in vector["reply_lines"]:
        number = known(sim_access.ReadOwnNumbers().parse((line,)))
        found += [number.value] if number else []
    return {"numbers": found}


def operator(value: reg.OperatorAnswer) -> Said:
    act = None if value.act is None else reg.ACT_NAMES[int(value.act)]
    return {"mode": value.mode, "format": value.style, "operator": value.operator, "act": act}


def crsm(value: sim_access.FileAnswer) -> Said:
    iccid = _iccid_of_content(value.data)
    return {
        "sw1": value.sw >> 8,
        "sw2": value.sw & 0xFF,
        "data": value.data.hex().upper(),
        "iccid": None if isinstance(iccid, Absent) else iccid.value,
        "error": "empty_iccid" if isinstance(iccid, Absent) else None,
    }


def csim(value: bytes) -> Said:
    sw = value[-2:].hex().upper()
    return {"sw": sw, "pin_retries": value[-1] & 0xF if sw.startswith("63C") else None}


def broken_csim(vector: Vector) -> Said:
    with pytest.raises(AtProtocolError):
        own(vector, sim_access.TransmitApdu(bytes.fromhex("80F2000000")))
    return {"error": vector["expect"]["error"]}


def ublox_usage(vector: Vector) -> Said:
    """The line of the vector's context: the code adds the contexts up."""
    cid = vector["expect"]["cid"]
    lines = tuple(line for line in vector["reply_lines"] if f": {cid}," in line)
    totals = known(ublox.ReadUsage().parse(lines))
    return {"cid": cid, "total_tx_bytes": totals.tx_bytes, "total_rx_bytes": totals.rx_bytes}


def addresses(value: dict[int, tuple[str, ...]]) -> Said:
    (cid, found), *_ = value.items()
    ipv4 = next((a for a in found if "." in a), None)
    return {"cid": cid, "ipv4": ipv4, "addresses": [{"cid": cid, "ipv4": ipv4}]}


def last_error(value: Any) -> Said:
    if isinstance(value, Absent):
        return {"cause_text": ""}
    return {
        "cause_text": value.text,
        "cc_cause": known(value.cause),
        "cause": known(value.cause) or 0,
    }


Reader = Callable[[Vector], Said]


def by(make: Callable[[], Command[Any]], say: Callable[[Any], Said]) -> Reader:
    return lambda vector: say(own(vector, make()))


def field(make: Callable[[], Command[Any]], name: str) -> Reader:
    return by(make, lambda value: one(name, value))


def registered(domain: str) -> Reader:
    def read(vector: Vector) -> Said:
        command = reg.ReadRegistration(domain)
        own(vector, command)
        line = next(line for line in vector["reply_lines"] if command.owns(line))
        found = reg.read_line(line, solicited=True)
        assert found is not None
        # A sister's line (`+CREG:` to AT+CGREG?) is read by its own layout, for the domain asked.
        said = registration(domain, found[1])
        return {**said, "lac": said.get("lac", said.get("tac"))}

    return read


def active(states: dict[int, bool]) -> Said:
    return {"contexts": [{"cid": cid, "active": state} for cid, state in states.items()]}


def sessions(vector: Vector) -> Said:
    """The corpus names a session that is not listed `unknown`."""
    states = own(vector, cinterion.ReadSessionStates())
    words = {True: "connected", False: "disconnected", None: "unknown"}
    cids = [bearer["cid"] for bearer in vector["expect"]["bearers"]]
    return {"bearers": [{"cid": cid, "state": words[states.get(cid)]} for cid in cids]}


def attach_state(vector: Vector) -> Said:
    """One answer read twice: for the signal, and for what became of registration."""
    state = own(vector, sierra.ReadAttachState())
    text = None if isinstance(state, Absent) else state.text.removeprefix("EMM state: ")
    return {**signal(own(vector, sierra.ReadStatus())), "emm_state": text}


def switched_off(vector: Vector) -> Said:
    """A command that switches the modem off, and the line that says so behind its OK."""
    lines = [line for line in vector["reply_lines"] if line and line != vector["command"]]
    final, last = lines[0], lines[-1]
    return {"final": final, "urc_after": last if parse_urc(last) == PoweredDown() else None}


def card_in_use(vector: Vector) -> Said:
    """AT%XSIM?: read as the line is read that comes by itself."""
    event = parse_urc(vector["reply_lines"][0])
    return {"sim_initialised": event == SimStateChanged("ready")}


def pin_counts(value: sim_access.PinRetries) -> Said:
    return {"pin_attempts": value.pin, "puk_attempts": value.puk, "retries": value.pin}


# Category, command, and how its lines are read. The first that fits is taken.
READERS: tuple[tuple[str, str, Reader], ...] = (
    ("identity", r"AT\+CGMI\??", field(identity.ReadManufacturer, "manufacturer")),
    ("identity", r"AT\+CGMM\??", field(identity.ReadModel, "model")),
    ("identity", r"AT\+C?GMR\??", field(identity.ReadRevision, "revision")),
    ("identity", r"AT\+CGSN(\?|=1)?", field(identity.ReadImei, "imei")),
    ("identity", r"AT\+CIMI\??", field(sim_access.ReadImsi, "imsi")),
    ("identity", "ATI", by(identity.ReadIdentification, identification)),
    (
        "identity",
        r"AT\+SIMCOMATI",
        by(simcom.ReadSimcomIdentification, identification),
    ),
    ("iccid", r"AT\+Q?CCID", field(sim_access.ReadIccid, "iccid")),
    ("iccid", r"AT\+ICCID", field(sim_access.ReadIccidByName, "iccid")),
    ("iccid", r"AT\+MCCID", field(onemo.ReadMccid, "iccid")),
    ("iccid", r"AT\+CICCID", field(simcom.ReadCiccid, "iccid")),
    ("iccid", r"AT\^ICCID\?", field(huawei.ReadIccidOfCard, "iccid")),
    ("iccid", r"AT%XICCID", field(nordic.ReadXiccid, "iccid")),
    ("iccid", r"AT#CCID", field(telit.ReadTelitIccid, "iccid")),
    ("iccid", r"AT!ICCID\?", field(sierra.ReadIccidOfCard, "iccid")),
    ("iccid", r"AT\+SQNCCID", field(sequans.ReadSqnccid, "iccid")),
    ("iccid", r"AT\^SCID", field(cinterion.ReadScid, "iccid")),
    ("identity", r"AT#CIMI", field(telit.ReadTelitImsi, "imsi")),
    ("registration", r"AT\+CREG\?", registered("cs")),
    ("registration", r"AT\+CGREG\?", registered("ps")),
    ("registration", r"AT\+CEREG\?", registered("eps")),
    ("registration", r"AT\+C5GREG\?", registered("nr5g")),
    (
        "(sim_state|framing)",
        r"AT\+CPIN\?",
        by(sim_access.ReadSimState, lambda word: {"sim": sim_access.sim_state_of_word(word)}),
    ),
    ("(cops_read|dialogue)", r"AT\+COPS(\?|=3,.;\+COPS\?)", by(reg.ReadOperator, operator)),
    ("(signal|framing)", r"AT\+CSQ", by(sig.ReadSignalQuality, signal)),
    ("signal", r"AT\+CESQ", by(sig.ReadExtendedSignal, signal)),
    ("signal", r"AT\+XCESQ\?", by(fibocom.ReadSignal, signal)),
    ("signal", r"AT\^HCSQ\?", by(huawei.ReadSignal, signal)),
    ("signal", r"AT\+QCSQ", by(quectel.ReadSignal, signal)),
    ("serving_cell", r"AT\+CPSI\?", by(simcom.ReadSystemInfo, signal)),
    ("serving_cell", r"AT#RFSTS", by(telit.ReadNetworkStatus, signal)),
    ("serving_cell", r"AT#SERVINFO", by(telit.ReadServingCell, signal)),
    ("serving_cell", r"AT\^SMONI", by(cinterion.ReadServingCell, signal)),
    ("serving_cell", r"(?i)AT!GSTATUS\?", attach_state),
    ("serving_cell", r"AT%XMONITOR", by(nordic.ReadMonitor, signal)),
    ("serving_cell", r"AT\+SQNMONI=[79]", by(sequans.ReadServingCell, signal)),
    ("serving_cell", r'AT\+MUESTATS="cell"', by(onemo.ReadServingCell, signal)),
    (
        "serving_cell",
        r"AT\+CCED=0,1",
        by(openluat.ReadServingCell, lambda cell: signal(cell) | network(cell.plmn)),
    ),
    ("serving_cell", r"AT\+XMCI=1", by(fibocom.ReadNetworkOfXmm, network)),
    ("serving_cell", r'AT\+QENG="servingcell"', by(quectel.ReadServingCellInDb, signal)),
    (
        "serving_cell",
        r"AT\+QNWINFO",
        by(quectel.ReadNetworkInfo, lambda plmn: {"operator": plmn.text}),
    ),
    ("data_usage", r"AT\+QGDCNT\?", by(quectel.ReadUsage, usage)),
    (
        "data_usage",
        r"AT\+QGDNRCNT\?",
        by(quectel.ReadUsageOf5g, lambda u: {"nr_bytes_raw": [u.tx_bytes, u.rx_bytes]}),
    ),
    (
        "data_usage",
        r"AT\^DSFLOWQRY",
        by(
            huawei.ReadUsage,
            lambda u: {"total_tx_bytes": u.tx_bytes, "total_rx_bytes": u.rx_bytes},
        ),
    ),
    (
        "data_usage",
        r"AT%XCONNSTAT\?",
        by(
            nordic.ReadUsage,
            lambda u: {"tx_kb": u.tx_bytes // 1000, "rx_kb": u.rx_bytes // 1000},
        ),
    ),
    ("data_usage", r'AT\+MUESTATS="bler"', by(onemo.ReadUsage, usage)),
    ("data_usage", r"AT\+UGCNTRD", ublox_usage),
    ("crsm", r"AT\+CRSM.*", by(lambda: sim_access.AccessFile(176, 0x2FE2, 0, 0, 10), crsm)),
    ("csim", r"AT\+CSIM.*", by(lambda: sim_access.TransmitApdu(bytes.fromhex("80F2000000")), csim)),
    ("cgdcont", r"AT\+CGDCONT\?", by(packet_domain.ReadContexts, contexts)),
    (
        "cgact",
        r"AT\+CGACT\?",
        by(packet_domain.ReadContextStates, active),
    ),
    ("cgact", r"AT!SCACT\?", by(sierra.ReadSessionStates, active)),
    ("cgact", r"AT\^SWWAN\?", sessions),
    ("reboot", r"AT\+QPOWD", switched_off),
    ("sim_state", r"AT%XSIM\?", card_in_use),
    ("cgatt", r"AT\+CGATT\?", by(packet_domain.ReadAttachment, lambda a: {"attached": a})),
    ("ip", r"AT\+CGPADDR=1", by(lambda: packet_domain.ReadAddresses(1), addresses)),
    (
        "ip",
        r"AT\+QIACT\?",
        by(
            quectel.ReadActiveContexts,
            lambda found: next(
                (
                    {"cid": cid, "active": state, "ipv4": at[0]}
                    for cid, (state, at) in found.items()
                ),
                {"contexts": []},
            ),
        ),
    ),
    (
        "cgcontrdp",
        r"AT\+CGCONTRDP",
        by(
            lambda: packet_domain.ReadDynamicContext(1),
            lambda c: {"cid": c.cid, "apn": c.apn, "local_address": next(iter(c.addresses), None)},
        ),
    ),
    ("cnum", r"AT\+CNUM", numbers),
    (
        "csca",
        r"AT\+CSCA\?",
        by(
            sim_access.ReadServiceCentre,
            lambda n: {"smsc": None if isinstance(n, Absent) else n.value.removeprefix("+")},
        ),
    ),
    ("pin_retries", r"AT\+UPINCNT", by(ublox.ReadPinCounts, pin_counts)),
    ("pin_retries", r'AT\+CPINR="SIM PIN"', by(sim_access.ReadPin1Retries, pin_counts)),
    ("cfun", r"AT\+CFUN\?", by(control.ReadFunctionality, lambda fun: {"cfun": fun})),
    ("dialogue", r"AT\+CFUN\?", by(control.ReadFunctionality, lambda _: {"final": "OK"})),
    (
        "dialogue",
        r'AT\+CLCK="..",2',
        by(lambda: ReadFacilityLock("SC"), lambda on: {"facility_enabled": on}),
    ),
    ("dialogue", r"AT\+CGM[IMR]", by(identity.ReadManufacturer, lambda _: {"final": "OK"})),
    ("dialogue", "ATI", by(identity.ReadIdentification, lambda _: {"final": "OK"})),
)
# Keys that the readers do not say: other facts of the same line, and remarks.
NOT_SAID = frozenset(
    {
        "note",
        "meaning",
        "serial",
        "oem_ver",
        "oem_bld",
        "qc_ver",
        "gcap",
        "csg_stat",
        "csginfo",
        "active_time",
        "periodic_rau",
        "allowed_nssai",
        "csq",
        "urcs",
        "raw_values",
        "sinr_raw",
        "rscp_dbm",
        "ecio_db",
        "ecno_db",
        "rxlev",
        "power",
        "type",
        "bearer_id",
        "subnet",
        "gateway_address",
        "dns_primary_address",
        "dns_secondary_address",
        "pin2_attempts",
        "puk2_attempts",
        "pin",
        "ipv6",
        "band",
        "channel",
        "rat",
        "mcc",
        "mnc",
        "tac",
        "cell_id",
        "pci",
        "earfcn",
        "arfcn",
        "duplex",
        "state",
        "rsrq_raw",
        "rsrp_raw",
        "rssi_raw",
        "lac",
        "psc",
        "freq",
        "last_duration_s",
        "last_tx_bytes",
        "last_rx_bytes",
        "total_duration_s",
        "sms_tx",
        "sms_rx",
        "packet_max",
        "packet_avg",
        "session_tx_bytes",
        "session_rx_bytes",
        "final",
        "act",
        "original_cause",
        "service",
        "reason",
        "report",
        "report_enabled",
        "text",
        "original",
    }
)
# A line on the serving cell is read for its levels; the rest comes from other commands.
NOT_SAID_OF_CELLS = frozenset(
    {
        "mode",
        "tech",
        "registration",
        "plmn",
        "ps_attached",
        "rrc",
        "temperature_c",
        "reset_counter",
    }
)
SAID_HERE = {
    "registration": frozenset({"lac", "tac", "act"}),
    "cops_read": frozenset({"act"}),
}


def close(said: Any, wanted: Any) -> bool:
    """Equal; decibels within one, as the sources dispute the edges by that much."""
    if isinstance(wanted, float) and isinstance(said, int | float):
        return abs(said - wanted) <= 1
    if isinstance(wanted, str) and isinstance(said, str):
        return said.strip() == wanted.strip()
    return bool(said == wanted)


def reader_of(vector: Vector) -> Reader | None:
    if vector["category"] == "error" or vector["reply_lines"][-1].startswith(("ERROR", "+CM")):
        return read_error
    if vector["id"] == "generic/csim/013":
        return broken_csim
    if vector["category"] == "cpbr":
        return entry_of_phone_book
    for category, command, reader in READERS:
        if re.fullmatch(category, vector["category"]) and re.fullmatch(
            command, vector["command"] or ""
        ):
            return reader
    return None


def entry_of_phone_book(vector: Vector) -> Said:
    """An entry; the character set was chosen before, so the corpus gives it along."""
    charset = str(vector["expect"].get("charset", ""))
    (entry,) = own(vector, ReadEntries(vector["expect"]["index"], charset=charset.upper()))
    kind = to_int(split_fields(entry.raw)[1])
    names = {"index": entry.record, "number": entry.number or "", "name": entry.name}
    return {**names, "type": kind, "charset": charset}


def read_error(vector: Vector) -> Said:
    """The refusal in the last line; where the corpus gives no number, that there is one."""
    final = [line for line in vector["reply_lines"] if line][-1]
    assert is_final(final)
    error = refusal("", final, cme_code_of_words, cms_code_of_words)
    said: Said = {"error": vector["expect"].get("error")}
    if isinstance(error, CmeError):
        said["cme"] = error.code
    if isinstance(error, CmsError):
        said["cms"] = error.code
    return said


URC_WORDS: dict[type, Callable[[Any], Said]] = {
    SimStateChanged: lambda event: {"sim": event.state},
    CardMoved: lambda event: {
        "event": "sim_status",
        "inserted": event.inserted,
        "sim": "inserted" if event.inserted else "removed",
    },
    SignalChanged: lambda event: signal(event.signal),
    PacketEventReported: PacketEventReported._asdict,
    RejectReported: lambda event: {
        **event._asdict(),
        "plmn": event.plmn and event.plmn.text,
        "reject_cause": event.cause,
        "reject_type": event.kind,
        "tac": event.area,
    },
}


def urc_of(vector: Vector) -> Said | None:
    """What `parse_urc` says of an unsolicited line; None where it has no word for it."""
    line = vector["reply_lines"][0]
    event = parse_urc(line)
    if isinstance(event, RegistrationChanged):
        found = reg.read_line(line, solicited=reg.is_answer(line.split(":")[1]))
        assert found is not None
        return registration(*found)
    say_it = URC_WORDS.get(type(event))
    return say_it(event) if say_it else None


def boot_of(vector: Vector) -> Said:
    """The events of a boot, in their order."""
    lines = [line for line in vector["reply_lines"] if line]
    events = [parse_urc(line) for line in lines]
    names = [
        "sim_ready" if isinstance(event, SimStateChanged) else getattr(event, "step", None)
        for event in events
    ]
    expect = vector["expect"]
    return {"events": names} if "events" in expect else {"event": names[0]}


def value_of(vector: Vector) -> Said | None:
    text = vector["reply_lines"][0]
    if vector["category"] == "iccid":
        try:
            return {"iccid": Iccid.from_modem(text).value}
        except IdentifierError:
            return {"error": "invalid_iccid"}
    if vector["category"] == "operator_id":
        try:
            plmn = Plmn.from_text(text)
        except IdentifierError:
            return {"error": "invalid_plmn"}
        return {"mcc": plmn.mcc, "mnc": plmn.mnc}
    if vector["category"] == "charset":
        return {"operator": decode_ucs2(text)}
    return None


def say(vector: Vector) -> Said | None:
    """What the code says of a vector; None where it does not claim to understand it."""
    if vector["kind"] == "value":
        return value_of(vector)
    if vector["kind"] == "boot":
        return boot_of(vector)
    if vector["category"] == "ceer":
        return last_error(own(vector, control.ReadLastError()))
    if vector["kind"] == "urc" or vector["category"] in {"reject", "sim_hotplug"}:
        return urc_of(vector)
    reader = reader_of(vector)
    return None if reader is None else reader(vector)


def wanted(vector: Vector) -> Said:
    """The corpus' expectation in the code's words, without what the code does not say."""
    expect = dict(vector["expect"])
    if vector["category"] == "registration":
        expect = wanted_registration(expect)
    if vector["category"] in {"sim_state", "framing"} and "sim" in expect:
        expect["sim"] = SIM_STATES.get(expect["sim"], expect["sim"])
    if vector["category"] == "identity":
        expect = {name: value or None for name, value in expect.items()}
    if vector["category"] == "serving_cell":
        others = NOT_SAID_OF_CELLS | ({"operator"} if vector["vendor"] == "Telit" else set())
        expect = {name: value for name, value in expect.items() if name not in others}
    said_here = SAID_HERE.get(vector["category"], frozenset())
    if re.fullmatch(r"AT\+(CCED=0,1|XMCI=1)", vector["command"] or ""):
        said_here = frozenset({"mcc", "mnc"})
    if vector["category"] == "reject":
        said_here = frozenset({"tac", "rac", "ci"})
    return {k: v for k, v in expect.items() if k not in NOT_SAID or k in said_here}


def load() -> list[Vector]:
    path = CORPUS / "vectors.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


VECTORS = load()
UNCLAIMED = tomllib.loads((HERE / "at_unclaimed.toml").read_text(encoding="utf-8"))["unclaimed"]
needs_corpus = pytest.mark.skipif(not VECTORS, reason=f"no corpus at {CORPUS}")


def reason_of(vector: Vector) -> str | None:
    for entry in UNCLAIMED:
        fits = all(
            re.fullmatch(pattern, str(vector.get(key) or ""))
            for key, pattern in entry.items()
            if key != "reason"
        )
        if fits:
            return str(entry["reason"])
    return None


@needs_corpus
@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_a_reply_line_means_what_the_corpus_says_or_has_a_reason(vector: Vector) -> None:
    reason = reason_of(vector)
    if reason is not None:
        return
    said = say(vector)
    assert said is not None, "not claimed, and no reason in at_unclaimed.toml"
    expected = wanted(vector)
    assert all(name in said for name in expected), (said, expected)
    assert {name: said[name] for name in expected if not close(said[name], expected[name])} == {}


@needs_corpus
def test_the_corpus_says_how_much_of_it_is_claimed(
    record_property: Callable[[str, object], None],
) -> None:
    claimed = [vector for vector in VECTORS if reason_of(vector) is None]
    record_property("corpus", f"AT reply lines: {len(claimed)} of {len(VECTORS)} claimed")
    assert len(claimed) >= 390


@needs_corpus
def test_every_reason_for_not_claiming_a_line_is_still_needed() -> None:
    unused = [
        entry
        for entry in UNCLAIMED
        if not any(
            all(
                re.fullmatch(pattern, str(vector.get(key) or ""))
                for key, pattern in entry.items()
                if key != "reason"
            )
            for vector in VECTORS
        )
    ]
    assert unused == []
