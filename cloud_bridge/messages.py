"""The messages between gateway and cloud: one model each, version 1. Pure.

Field names are those of the contract. Unknown fields are ignored, so that an older reader takes a
newer message; types are strict and every value is bounded, so that nothing hostile passes.
"""

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from cloud_bridge.encoding import MAX_BATCH_ROWS, VERSION, decode, unbatch
from cloud_bridge.errors import MessageError
from cloud_bridge.events import CATALOGUE

_MAX_INT = 2**53 - 1  # what JSON numbers carry everywhere

Gw = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
_STORE = r"[0-9A-Fa-f]{8}"
Store = Annotated[str, Field(pattern=f"^{_STORE}$")]
Seq = Annotated[int, Field(ge=1, le=_MAX_INT)]
Count = Annotated[int, Field(ge=0, le=_MAX_INT)]
Seconds = Annotated[float, Field(ge=0, le=1e10)]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")]
Digits = Annotated[str, Field(pattern=r"^[0-9]{1,32}$")]
Hex = Annotated[str, Field(pattern=r"^[0-9A-F]{1,9}$")]
Plmn = Annotated[str, Field(pattern=r"^[0-9]{5,6}$")]
Word = Annotated[str, Field(max_length=128)]
Decibel = Annotated[float, Field(ge=-250, le=100)]
# A mark that is null is a mark that is not set: other writers of these messages say it so.
Mark = Annotated[bool, BeforeValidator(lambda mark: False if mark is None else mark)]
StatAndCause = Annotated[
    list[Annotated[int, Field(ge=0, le=255)] | None], Field(min_length=2, max_length=2)
]

SimState = Literal[
    "ready", "absent", "pin_required", "puk_required", "ph_sim_lock", "network_lock",
    "no_profile", "faulty", "busy", "blocked", "unknown",
]  # fmt: skip

if TYPE_CHECKING:
    EventCode = str
else:
    EventCode = Literal[tuple(CATALOGUE)]


class _Message(BaseModel):
    """What all messages share: the version, and whose it is."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)

    v: Literal[1] = VERSION
    gw: Gw


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


class OwnBudget(_Part):
    """The gateway's own bytes, both directions: in the billing cycle that began on `cycle`.

    `bound_bytes`: what they may be, as configured; `day_bytes`: what a day costs, foretold. As
    known when the connection was made; none before the clock is right.
    """

    cycle: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    used_bytes: Count | None = None
    bound_bytes: Count | None = None
    day_bytes: Count | None = None


class State(_Message):
    """Whether the gateway is there; also its last will (`why` is `lost` then)."""

    on: bool
    boot: Count
    store: Store
    software: Word
    why: Literal["lost", "stopped"] | None = None
    budget: OwnBudget | None = None


class BirthModem(_Part):
    """A modem of the gateway."""

    imei: Digits | None = None
    manufacturer: Word | None = None
    model: Word | None = None
    revision: Word | None = None
    profile: Word | None = None


class BirthCard(_Part):
    """A card of the gateway; `slot` joins it to the reports."""

    iccid: Annotated[str, Field(pattern=r"^[0-9A-F]{18,22}$")] | None = None
    imsi: Digits | None = None
    msisdn: Annotated[str, Field(max_length=41)] | None = None
    eid: Digits | None = None
    slot: Count = 1


class BirthClock(_Part):
    """Wall time `at` when `up_s` seconds of this boot had passed: dates reports without `at`."""

    synchronized: bool
    at: Instant | None = None
    up_s: Seconds | None = None


class Birth(_Message):
    """Identity and facts that rarely change; once a connection.

    `nonce`: 16 hexadecimal characters, new at each start. `public_key`: the device's, which its
    evidence is signed with, 64 hexadecimal digits; none where its key cannot be used.
    """

    boot: Count
    store: Store
    nonce: Word | None = None
    public_key: Word | None = None
    modems: Annotated[list[BirthModem], Field(max_length=16)] = []
    cards: Annotated[list[BirthCard], Field(max_length=32)] = []
    clock: BirthClock | None = None
    schemas: Annotated[list[Word], Field(max_length=32)] = []
    capabilities: Annotated[list[Word], Field(max_length=64)] = []


class _Row(_Message):
    """What every row of an outbox has; `(gw, store, seq)` is unique for ever."""

    store: Store
    boot: Count
    seq: Seq
    up_s: Seconds
    """Seconds since boot."""
    at: Instant | None = None
    """UTC; only if the clock was synchronised in this boot."""


class Registrations(_Part):
    """Registration as `[stat, reject cause]` by domain (3GPP TS 27.007 +CxREG, unread)."""

    cs: StatAndCause | None = None
    ps: StatAndCause | None = None
    eps: StatAndCause | None = None
    nr5g: StatAndCause | None = None


class Report(_Row):
    """One sample of one modem; levels in dBm and dB.

    `tx` and `rx` are the counters that count for this modem (its own, or those of its network
    interface), in bytes, as they are shown: they go up over all cards that were in it, and begin
    anew when they like. `reset`: they began anew before this sample; what was counted between the
    sample before and that moment is lost. `gap`: more may have flowed since the sample before than
    the difference shows, or it cannot be compared (the first one, or another card since).
    """

    slot: Count = 1
    sim_state: SimState = "unknown"
    fun: Annotated[int, Field(ge=0, le=255)] | None = None
    """`<fun>` of +CFUN where it is known not to be 1 (full): 0 minimum, 4 radio off."""
    reg: Registrations | None = None
    plmn: Plmn | None = None
    act: Word | None = None
    tac: Hex | None = None
    ci: Hex | None = None
    rssi: Decibel | None = None
    rsrp: Decibel | None = None
    rsrq: Decibel | None = None
    sinr: Decibel | None = None
    tx: Count | None = None
    rx: Count | None = None
    reset: Mark = False
    gap: Mark = False


class ReportBatch(_Message):
    """Reports of one boot in columns.

    `same` holds fields that are equal in all rows, `columns` one array a field, all of the same
    length, `seq` and `up_s` among them. Together they hold the fields of `Report`.
    """

    store: Store
    boot: Count
    same: dict[str, Any] = {}
    columns: dict[str, Annotated[list[Any], Field(min_length=1, max_length=10 * MAX_BATCH_ROWS)]]


class Event(_Row):
    """Something happened; the catalogue (`cloud_bridge.events`) says what, and what `args` hold.

    `reports_dropped` names in `args.ranges` what will never come.
    """

    code: EventCode
    args: dict[str, Any] = {}


EvidenceKind = Literal["bind", "unbind", "closing", "verification"]


class Evidence(_Row):
    """Signed evidence, one document a message.

    The canonical form (RFC 8785) of `document` and one newline is the file that was signed, byte
    by byte. Whether it holds is not this message's to say: one that does not is kept all the same.
    """

    kind: EvidenceKind
    document: Annotated[
        dict[str, Any],
        Field(
            json_schema_extra={
                "properties": {
                    "schema": {"const": "simward/evidence/1"},
                    "algorithm": {"const": "Ed25519"},
                    "head": {"type": "object"},
                    "entries": {"type": "array", "items": {"type": "object"}},
                    "signature": {"type": "string", "pattern": "^[0-9a-f]{128}$"},
                },
                "required": ["schema", "algorithm", "head", "entries", "signature"],
            }
        ),
    ]


class Ack(_Message):
    """The backend holds every row of `store` up to `seq`.

    `again`: it lacks rows after `seq` that the broker may have taken already; send them again.
    """

    store: Store
    seq: Count
    again: bool = False


MODELS: Final[dict[str, type[_Message]]] = {
    "state": State,
    "birth": Birth,
    "report": Report,
    "report_batch": ReportBatch,
    "event": Event,
    "evidence": Evidence,
    "ack": Ack,
}
"""Published schemas by name (`simward schema`)."""

Message = State | Birth | Report | Event | Evidence | Ack

_BY_TOPIC: Final[dict[str, type[Message]]] = {
    "state": State,
    "birth": Birth,
    "report": Report,
    "event": Event,
    "evidence": Evidence,
    "ack": Ack,
}


def read(kind: str, raw: bytes) -> tuple[Message, ...]:
    """The messages in `raw` from a topic of `kind`: one, or all reports of a batch.

    Raises:
        MessageError: not JSON, too long, or not a message of this kind.
    """
    return tuple(validate(kind, message) for message in split(kind, raw))


def split(kind: str, raw: bytes) -> list[dict[str, Any]]:
    """What `read` reads, not validated yet: one bad row of a batch spoils no other.

    Raises:
        MessageError: not JSON, too long, or a batch without form.
    """
    message = decode(raw)
    return unbatch(message) if kind == "report" and "columns" in message else [message]


def validate(kind: str, message: dict[str, Any]) -> Message:
    """`message` as the model of `kind`.

    Raises:
        MessageError: names the first field that is wrong and how, never its value.
    """
    model = _BY_TOPIC.get(kind)
    if model is None:
        raise MessageError("a kind that this version does not read")
    try:
        return model.model_validate(message)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:80]
        raise MessageError(f"{where}: {first['type']}") from None


def row_of(message: dict[str, Any]) -> tuple[str, int] | None:
    """`store` and `seq` of a message that may be invalid otherwise; None where it has none."""
    store, seq = message.get("store"), message.get("seq")
    if not isinstance(store, str) or not re.fullmatch(_STORE, store):
        return None
    return (store, seq) if type(seq) is int and 1 <= seq <= _MAX_INT else None


def dropped_ranges(event: Event) -> tuple[tuple[int, int], ...]:
    """The ranges of `seq` that `reports_dropped` says will never come; () for other events.

    Raises:
        MessageError: the ranges are no ranges.
    """
    if event.code != "reports_dropped":
        return ()
    ranges = event.args.get("ranges", [])
    if not isinstance(ranges, list) or len(ranges) > 1000:
        raise MessageError("args.ranges: no list of ranges")
    return tuple(_range(pair) for pair in ranges)


def _range(pair: object) -> tuple[int, int]:
    match pair:
        case [int() as first, int() as last] if 1 <= first <= last <= _MAX_INT:
            return first, last
        case _:
            raise MessageError("args.ranges: no range")
