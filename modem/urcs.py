"""Unsolicited lines as typed events.

3GPP TS 27.007 clauses 7.2, 10.1.19 (+CGEV), 10.1.20, 10.1.22, 10.1.47, 9.1B (+CNEC); all unread.
Vendors' own from recordings and their drivers' tests: Quectel (+QIND, +QUSIM, +QSIMSTAT, BC95's
boot), Huawei (^RSSI, ^REJINFO, ^DSFLOWRPT), Nordic (%CESQ, %XSIM), SIMCom (*ATREADY), Telit (#QSS),
Cinterion (^SYSSTART, ^SCKS), Sequans (+SYSSTART), Sierra HL (+KSUP), u-blox (+UUSIMSTAT), Neoway,
Fibocom (+SIM). ^SIMST, ^SIMSQ, ^REJINFO: Huawei's Balong AT command table, published with the
sources of ELS-AN00. +ESIMS: MediaTek's radio interface layer. +MATREADY: China Mobile's manuals.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from modem.at.syntax import is_prefixed, split_fields, strip_prefix, to_hex, to_int
from modem.causes import NAS_DOMAINS
from modem.commands.registration import (
    ACT_NAMES,
    DOMAIN_OF_PREFIX,
    is_answer,
    plmn_of,
    read_line,
    to_registration,
)
from modem.commands.signal import Signal, scaled, whole
from modem.commands.sim_access import sim_state_of_word, word_of_cpin
from modem.snapshot import DomainRegistration
from sim.identifiers import Plmn


class RegistrationChanged(NamedTuple):
    """A domain's registration is now `facts`."""

    domain: str
    facts: DomainRegistration


class SimStateChanged(NamedTuple):
    """The card is now in `state`, a word of the contract's `sim.state`."""

    state: str


class CardMoved(NamedTuple):
    """A card was put in, or (False) taken out."""

    inserted: bool


class BootProgressed(NamedTuple):
    """The modem started, or came a step further.

    `step` is `boot`, `ready`, `at_ready`, `cfun_full`, `usim`, `sms_ready`, `phonebook_ready` or
    `call_ready`. In mid-run it means that the modem restarted: volatile counters begin anew.
    """

    step: str


class PoweredDown(NamedTuple):
    """The modem switched itself off."""


class SignalChanged(NamedTuple):
    """A new level or quality."""

    signal: Signal


class PacketEventReported(NamedTuple):
    """+CGEV: what happened to attachment or a context; `reason` is the modem's number."""

    event: str
    cid: int | None = None
    parent_cid: int | None = None
    event_type: int | None = None
    reason: int | None = None
    pdp_type: str | None = None
    address: str | None = None


class RejectReported(NamedTuple):
    """^REJINFO: the network's refusal, as Balong modems report it.

    `domain` is `cs`, `ps` or `cs+ps`; `rat` is an `<AcT>` word or `other`; `kind` is what was
    refused; `cause` above 255 is the modem's own; `esm_cause` comes with cause 19 alone.
    """

    plmn: Plmn | None
    domain: str
    cause: int
    rat: str
    kind: str
    original_cause: int | None
    area: str | None
    rac: str | None
    ci: str | None
    esm_cause: int | None


class NetworkErrorReported(NamedTuple):
    """+CNEC_EMM, +CNEC_ESM and their kin: a cause in its domain; `cid` where it is a context's."""

    domain: str
    cause: int
    cid: int | None = None


class UsageReported(NamedTuple):
    """^DSFLOWRPT: seconds and bytes of the running connection, rates in bytes a second."""

    duration_s: int
    tx_rate: int
    rx_rate: int
    tx_bytes: int
    rx_bytes: int


Event = (
    RegistrationChanged
    | SimStateChanged
    | CardMoved
    | BootProgressed
    | PoweredDown
    | SignalChanged
    | PacketEventReported
    | RejectReported
    | NetworkErrorReported
    | UsageReported
)

BOOT_BEGINS = frozenset({"boot", "ready", "at_ready"})
"""The steps with which a start begins; the others come also without one."""

_BARE = {
    "RDY": "ready",
    "APP RDY": "ready",
    "MODEM:STARTUP": "boot",
    "SMS DONE": "sms_ready",
    "SMS READY": "sms_ready",
    "PB DONE": "phonebook_ready",
    "+PBREADY": "phonebook_ready",
    "CALL READY": "call_ready",
    "+CFUN: 1": "cfun_full",
    "*ATREADY: 1": "at_ready",
    "+MATREADY": "at_ready",
    "+QUSIM: 1": "usim",
    "+QIND: SMS DONE": "sms_ready",
    "+QIND: PB DONE": "phonebook_ready",
    "^SYSSTART": "boot",
    "+SYSSTART": "boot",
    "+KSUP: 0": "boot",
    "REBOOTING": "boot",
}
_REBOOTED = "REBOOT_CAUSE_"  # BC95 names the cause: `REBOOT_CAUSE_APPLICATION_AT`
_POWER_DOWN = frozenset({"POWERED DOWN", "NORMAL POWER DOWN", "SHUTDOWN", "^SHUTDOWN", "POWER OFF"})
_STATE_OF_XSIM = {1: "pin_required", 3: "puk_required", 5: "blocked", 9: "faulty"}
_STATE_OF_UUSIMSTAT = {
    0: "absent",
    1: "pin_required",
    2: "puk_required",  # `PIN blocked`
    3: "blocked",
    5: "ready",  # restricted to fixed dialling
    6: "ready",
}
_CARD = {
    "+SIM: INSERTED": True,
    "+SIM READY": True,
    "+SIM: REMOVED": False,
    "+SIM DROP": False,
}
_REJECT_DOMAIN = {0: "cs", 1: "ps", 2: "cs+ps"}
_REJECT_RAT = {0: "gsm", 1: "utran", 2: "lte", 5: "nr"}
_REJECT_KIND = {
    0: "lau",
    1: "authentication",
    2: "service request",
    3: "network detach",
    4: "attach",
    5: "rau",
    6: "tau",
}
_CGEV_WORDS = (
    ("NW DETACH", "nw_detach"),
    ("ME DETACH", "me_detach"),
    ("NW CLASS", "nw_class"),
    ("ME CLASS", "me_class"),
    ("NW REACT", "nw_react"),
    ("NW PDN ACT", "nw_act_primary"),
    ("ME PDN ACT", "me_act_primary"),
    ("NW PDN DEACT", "nw_deact_primary"),
    ("ME PDN DEACT", "me_deact_primary"),
    ("NW DEACT", "nw_deact"),
    ("ME DEACT", "me_deact"),
    ("NW ACT", "nw_act"),
    ("ME ACT", "me_act"),
    ("NW MODIFY", "nw_modify"),
    ("ME MODIFY", "me_modify"),
    ("ME OVERHEATED", "me_overheated"),
    ("ME BATTERY LOW", "me_battery_low"),
)
CONTEXT_IS_UP = frozenset(
    {"nw_act_primary", "me_act_primary", "nw_act_secondary", "me_act_secondary"}
    | {"nw_act_pdp", "me_act_pdp", "nw_react"}
)
"""The events of +CGEV after which a context carries data."""
_ADDRESSED = re.compile(r"[A-Z0-9]+ *,", re.IGNORECASE)


def begins_boot(event: Event | None) -> bool:
    """Whether `event` is the first that a starting modem says, rather than a later step."""
    return isinstance(event, BootProgressed) and event.step in BOOT_BEGINS


def moves_card(event: Event | None) -> bool:
    """Whether another card may be in the modem than before `event`."""
    return isinstance(event, CardMoved | SimStateChanged)


def parse_urc(line: str) -> Event | None:
    """The event that an unsolicited line reports; None for a line of no known meaning."""
    text = line.strip()
    if (event := _of_words(text.upper())) is not None:
        return event
    if not is_prefixed(text):
        return None
    if (read := read_line(text, solicited=_is_answer(text))) is not None:
        domain, answer = read
        return RegistrationChanged(domain, to_registration(answer, domain, ACT_NAMES))
    for prefix, parse in _PARSERS.items():
        body = strip_prefix(text, prefix)
        if body is not None:
            return parse(body)
    return None


def _of_words(text: str) -> Event | None:
    """Lines that stand for one event as a whole."""
    word = re.sub(r"\s*:\s*", ": ", text).replace("MODEM: ", "MODEM:")
    if word in _POWER_DOWN:
        return PoweredDown()
    if word in _CARD:
        return CardMoved(_CARD[word])
    step = "boot" if word.startswith(_REBOOTED) else _BARE.get(word)
    return None if step is None else BootProgressed(step)


def _is_answer(line: str) -> bool:
    """Some modems (MD400, Wave S8500) repeat <n> in unsolicited lines too."""
    return any(
        is_answer(body)
        for prefix in DOMAIN_OF_PREFIX
        if (body := strip_prefix(line, prefix)) is not None
    )


def _cpin(body: str) -> Event | None:
    return SimStateChanged(sim_state_of_word(word_of_cpin(body)))


def _qsimstat(body: str) -> Event | None:
    fields = split_fields(body)
    state = to_int(fields[1]) if len(fields) > 1 else None
    return CardMoved(state == 1) if state in {0, 1} else None


def _qss(body: str) -> Event | None:
    """Status alone, or (as the read command answers) the setting, the status and a slot."""
    fields = [to_int(field) for field in split_fields(body)]
    state = fields[1] if len(fields) > 1 else next(iter(fields), None)
    if state == 3:
        return SimStateChanged("ready")
    return CardMoved(state > 0) if state in {0, 1, 2} else None


def _scks(body: str) -> Event | None:
    """Status, 2 where the modem has switched the card off; behind the setting when read."""
    state = to_int(body.rsplit(",", maxsplit=1)[-1])
    return CardMoved(state == 1) if state in {0, 1} else None


def _xsim(body: str) -> Event | None:
    """1 for a card in use; 0 with the cause for one that is not."""
    state, cause = (to_int(field) for field in [*split_fields(body), None, None][:2])
    if state == 1:
        return SimStateChanged("ready")
    word = _STATE_OF_XSIM.get(cause or 0)
    return SimStateChanged(word) if state == 0 and word else None


def _uusimstat(body: str) -> Event | None:
    word = _STATE_OF_UUSIMSTAT.get(-1 if (state := to_int(body)) is None else state)
    return SimStateChanged(word) if word else None


def _state_of(known: dict[int, bool], place: int) -> Callable[[str], Event | None]:
    """Reads a card's state in the field at `place`; states that are not `known` are no news."""

    def parse(body: str) -> Event | None:
        fields = [to_int(field) for field in split_fields(body)]
        state = fields[place] if place < len(fields) else None
        return CardMoved(known[state]) if state in known else None

    return parse


def _esims(body: str) -> Event | None:
    """`<inserted>,<cause>`; an answer to AT+ESIMS? has one number, and so has the test form."""
    fields = [to_int(field) for field in split_fields(body)]
    return CardMoved(fields[0] == 1) if len(fields) == 2 and fields[0] in {0, 1} else None


def _rssi(body: str) -> Event | None:
    return SignalChanged(
        Signal(rssi_dbm=whole(scaled(to_int(body.split(",", maxsplit=1)[0]), 31, -113, 2)))
    )


def _nordic_cesq(body: str) -> Event | None:
    fields = [to_int(field) for field in split_fields(body)]
    if len(fields) < 3:
        return None
    rsrp, rsrq = scaled(fields[0], 97, -140), scaled(fields[2], 34, -19.5, 0.5)
    return SignalChanged(Signal(rsrp_dbm=rsrp, rsrq_db=rsrq))


def _dsflowrpt(body: str) -> Event | None:
    fields = [to_hex(field) for field in split_fields(body)][:5]
    if len(fields) < 5 or None in fields:
        return None
    return UsageReported(*(field or 0 for field in fields))


def reject_of(body: str) -> RejectReported | None:
    """What follows `^REJINFO:`, unsolicited or as an answer; None for what has no cause."""
    fields = [*split_fields(body), *[None] * 10]
    domain, cause, rat, kind = (to_int(field) for field in fields[1:5])
    if cause is None:
        return None
    return RejectReported(
        plmn=plmn_of(fields[0]),
        domain=_REJECT_DOMAIN.get(domain or 0, "other"),
        cause=cause,
        rat=_REJECT_RAT.get(-1 if rat is None else rat, "other"),
        kind=_REJECT_KIND.get(-1 if kind is None else kind, "other"),
        original_cause=to_int(fields[5]),
        area=fields[6],
        rac=fields[7],
        ci=fields[8],
        esm_cause=to_int(fields[9]),
    )


def _cnec(domain: str) -> Callable[[str], Event | None]:
    def parse(body: str) -> Event | None:
        cause, cid = (to_int(field) for field in [*split_fields(body), None, None][:2])
        return None if cause is None else NetworkErrorReported(domain, cause, cid)

    return parse


def _cgev(body: str) -> Event | None:
    for words, event in _CGEV_WORDS:
        if body.upper().startswith(words):
            return _packet_event(event, body[len(words) :].strip())
    return None


def _packet_event(event: str, rest: str) -> PacketEventReported:
    """Three layouts: with type and address (before Release 8), primary, and secondary contexts."""
    fields = [field.strip() for field in rest.split(",")] if rest else []
    numbers = [to_int(field) for field in fields] + [None] * 3
    if event.endswith(("_class", "_detach", "_overheated", "_low")):
        return PacketEventReported(event)
    if _ADDRESSED.match(rest) and numbers[0] is None:
        name = event if event == "nw_react" else f"{event}_pdp"
        address = fields[1] if len(fields) > 1 else None
        cid = numbers[2] if len(fields) > 2 else None
        return PacketEventReported(name, cid=cid, pdp_type=fields[0], address=address)
    if event.endswith("_primary"):
        return PacketEventReported(event, cid=numbers[0], reason=numbers[1])
    if event.endswith(("_act", "_deact")):
        return PacketEventReported(
            f"{event}_secondary", cid=numbers[1], parent_cid=numbers[0], event_type=numbers[2]
        )
    return PacketEventReported(event, cid=numbers[0], reason=numbers[1], event_type=numbers[2])


_PARSERS: dict[str, Callable[[str], Event | None]] = {
    "+CPIN": _cpin,
    "+QSIMSTAT": _qsimstat,
    "#QSS": _qss,
    "^SCKS": _scks,
    "%XSIM": _xsim,
    "+UUSIMSTAT": _uusimstat,
    "+CSQ": _rssi,
    "^RSSI": _rssi,
    "%CESQ": _nordic_cesq,
    "+CGEV": _cgev,
    "^REJINFO": reject_of,
    "^DSFLOWRPT": _dsflowrpt,
    # 1 valid, 0 and 2-4 invalid to the network, 255 no card.
    "^SIMST": _state_of({1: True, 255: False}, 0),
    # 0 taken out, 1 put in, 2 locked, 11 and 12 read, 98 faulty, 99 none.
    "^SIMSQ": _state_of({0: False, 1: True, 99: False}, 1),
    "+ESIMS": _esims,
    **{f"+CNEC_{domain.upper()}": _cnec(domain) for domain in NAS_DOMAINS},
}
