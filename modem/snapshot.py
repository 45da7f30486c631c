"""What a modem said of itself and of its card at one moment.

A leaf is a value or `Absent(reason)`; a `Reading` adds by which command and when. Units are in the
names. Numbers and identifiers are already normalised to the forms of the contract (section 3).
"""

from datetime import datetime
from typing import Any, NamedTuple

from sim.identifiers import Eid, Iccid, Imei, Imsi, Msisdn, Plmn
from sim.reading import Absent, Reading

NOT_ASKED = "not asked"
ASKED_ALONE = "asked where the card alone is wanted (--only sim)"


class ModemIdentity(NamedTuple):
    """Who the modem is; `functionality` is `<fun>` of +CFUN (3GPP TS 27.007 clause 8.2)."""

    manufacturer: Reading[str]
    model: Reading[str]
    revision: Reading[str]
    imei: Reading[Imei]
    functionality: Reading[int]


class PinState(NamedTuple):
    """PIN1 as the card counts it; `retries` and `puk_retries` are tries left."""

    enabled: Reading[bool]
    retries: Reading[int]
    puk_retries: Reading[int]


class SimFacts(NamedTuple):
    """The card, as far as the modem tells; `state` is a word of the contract's `sim.state`."""

    state: Reading[str]
    slot: Reading[int]
    iccid: Reading[Iccid]
    """From EF.ICCID where it can be read (then source is `EF.ICCID`), else the modem's own."""
    modem_iccid: Reading[Iccid]
    """What the modem's own ICCID command said, for comparison."""
    imsi: Reading[Imsi]
    mnc_length: Reading[int]
    """From EF.AD; Absent where the card does not say."""
    msisdn: Reading[Msisdn]
    eid: Reading[Eid]
    spn: Reading[str]
    smsc: Reading[Msisdn]
    pin1: PinState


class DomainRegistration(NamedTuple):
    """Registration in one domain (3GPP TS 27.007 clauses 7.2, 10.1.20, 10.1.22, 10.1.47).

    `stat` is the modem's number. `area` is LAC or TAC (upper-case hexadecimal, at least 4 digits),
    `ci` the cell id (8 digits; 9 in `nr5g`), `act` the `<AcT>` word of the contract.
    """

    stat: int
    state: str
    area: str | Absent
    ci: str | Absent
    act: str | Absent
    cause_type: int | Absent
    reject_cause: int | Absent
    reject_name: str | Absent


class Registration(NamedTuple):
    """Registration in all four domains."""

    cs: Reading[DomainRegistration]
    ps: Reading[DomainRegistration]
    eps: Reading[DomainRegistration]
    nr5g: Reading[DomainRegistration]


SERVING_ORDER = ("eps", "nr5g", "ps", "cs")
"""The first of these that is registered says where the device camps."""


class OperatorFacts(NamedTuple):
    """The serving operator; `act` is an `<AcT>` word."""

    plmn: Reading[Plmn]
    name: Reading[str]
    act: Reading[str]


class SignalFacts(NamedTuple):
    """Signal; `ber` is the RXQUAL class 0-7 of +CSQ (3GPP TS 45.008 clause 8.2.4)."""

    rssi_dbm: Reading[int]
    rsrp_dbm: Reading[float]
    rsrq_db: Reading[float]
    sinr_db: Reading[float]
    ber: Reading[int]


class PacketContext(NamedTuple):
    """One PDP context as defined and as active; `addresses` are textual IP addresses."""

    cid: int
    pdp_type: str | Absent
    apn: str | Absent
    active: bool | Absent
    addresses: tuple[str, ...] | Absent


class PacketFacts(NamedTuple):
    """Packet service: attached, and the contexts by rising `cid`."""

    attached: Reading[bool]
    contexts: Reading[tuple[PacketContext, ...]]


class UsageCounters(NamedTuple):
    """Cumulative bytes as the modem counts them; `doubt` says what sources dispute, else None."""

    tx_bytes: int
    rx_bytes: int
    doubt: str | None = None


class FacilityLocks(NamedTuple):
    """Device locks, read only (3GPP TS 27.007 clause 7.4)."""

    ps: Reading[bool]
    pf: Reading[bool]
    pn: Reading[bool]
    pu: Reading[bool]
    pp: Reading[bool]
    pc: Reading[bool]


class LastError(NamedTuple):
    """The last extended error; `domain` is `emm`, `esm`, `mm`, `sm` or `cc` where it is said."""

    text: str
    domain: str | Absent
    cause: int | Absent


class Reject(NamedTuple):
    """A refusal of the network that still stands.

    `domain` names whose number `cause` is: `mm gmm emm 5gmm`, `sm esm 5gsm`, or `vendor` for the
    modem's own. `rat` is an `<AcT>` word, `kind` what was refused (`attach`, `tau`). `source` is
    the unsolicited line's name (`^REJINFO`) or the command that asked (`AT+CEREG?`), `at` when.
    """

    domain: str | Absent
    cause: int
    name: str | Absent
    plmn: Plmn | Absent
    rat: str | Absent
    kind: str | Absent
    source: str
    at: datetime | Absent


class ModemSnapshot(NamedTuple):
    """All of it; a part that was not asked for is None."""

    profile: str
    identity: ModemIdentity | None = None
    sim: SimFacts | None = None
    registration: Registration | None = None
    rejects: tuple[Reject, ...] | None = None
    """What the network refused and still stands, oldest first; with `registration`."""
    operator: OperatorFacts | None = None
    signal: SignalFacts | None = None
    packet: PacketFacts | None = None
    usage: Reading[UsageCounters] | None = None
    locks: FacilityLocks | None = None
    last_error: Reading[LastError] | None = None
    functionality: Reading[int] | None = None
    """Of +CFUN, where it was asked although the identity was not."""
    commands_sent: int = 0
    warnings: tuple[str, ...] = ()
    lost: str | None = None
    """Why the modem was gone before all was asked; what it said until then stands."""


def without_doubtful(snapshot: ModemSnapshot, reason: str) -> ModemSnapshot:
    """`snapshot` with all absent, for `reason`, that a restart or another card may change.

    Who the modem is stays, and the card's state is one of the words of its own.
    """
    identity, card = snapshot.identity, snapshot.sim
    changed = {
        name: _voided(getattr(snapshot, name), reason)
        for name in ("registration", "operator", "signal", "packet", "usage", "locks",
                     "last_error", "functionality")
    }  # fmt: skip
    if identity is not None:
        changed["identity"] = identity._replace(
            functionality=_voided(identity.functionality, reason)
        )
    if card is not None:
        changed["sim"] = _voided(card, reason)._replace(
            state=card.state._replace(value="unknown"), slot=card.slot
        )
    return snapshot._replace(rejects=None, **changed)


def _voided(facts: Any, reason: str) -> Any:
    if isinstance(facts, Reading):
        return facts._replace(value=Absent(reason))
    return None if facts is None else type(facts)(*(_voided(each, reason) for each in facts))
