"""Work orders and account facts: what the cloud side knows of a card, checked. Pure.

Two documents of the contract, `simward/order/1` and `simward/account/1`. A platform's own code is
kept as it came (`raw_code`); `state` is a word of the common list, and a word that is not on it is
`unknown`, never `active`.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from cloud_bridge.errors import MessageError, reason
from sim.errors import IdentifierError
from sim.identifiers import Iccid

OLD_AFTER: Final = timedelta(hours=24)
"""Account facts that are older pass no gate."""
_CLOCKS_DIFFER: Final = timedelta(minutes=5)

NOT_JSON: Final = reason("not JSON")
MISSING: Final = reason("missing")
WRONG_SCHEMA: Final = reason("another document, or another version of it")
WRONG_TYPE: Final = reason("a value of the wrong type")
NO_TIME: Final = reason("no time with its zone, like 2026-11-22T01:02:03Z")
NO_IMEI: Final = reason("not 14 to 16 digits")
NOT_ICCID: Final = reason("not an ICCID (18 to 22 characters)")
IS_IMEI: Final = reason("15 digits: that is an IMEI, which names a device; an ICCID names a card")
NO_AMOUNT: Final = reason("no amount of money")

CardState = Literal[
    "inventory", "test_ready", "ready", "active", "suspended", "pre_cancelled", "cancelled",
    "transferred", "unknown",
]  # fmt: skip
STATES: Final[tuple[str, ...]] = get_args(CardState)
BindingKind = Literal["billing_side", "network_side", "device_lock", "asset_register"]

FRESH, OLD, UNKNOWN = "fresh", "old", "unknown"


class OrderError(MessageError):
    """A document that cannot be used: `key` says where, `reason` why."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


class Age(NamedTuple):
    """How old account facts are: `fresh`, `old`, or `unknown` without a clock to tell."""

    word: str
    hours: float | None


def age_of(as_of: datetime, now: datetime, *, synchronized: bool) -> Age:
    """The age of facts that were true at `as_of`; what comes from the future has none."""
    if not synchronized or as_of - now > _CLOCKS_DIFFER:
        return Age(UNKNOWN, None)
    age = max(now - as_of, timedelta(0))
    return Age(OLD if age > OLD_AFTER else FRESH, round(age / timedelta(hours=1), 1))


def _iccid(value: object) -> object:
    """An ICCID as it is compared: upper case, without blanks and filler."""
    if not isinstance(value, str):
        raise PydanticCustomError("iccid", "not an ICCID", {"why": WRONG_TYPE})
    text = "".join(value.split()).upper().rstrip("F")
    if len(text) == 15 and text.isdecimal():
        raise PydanticCustomError("iccid", "an IMEI", {"why": IS_IMEI})
    try:
        return Iccid(text).value
    except IdentifierError as error:
        raise PydanticCustomError("iccid", "not an ICCID", {"why": NOT_ICCID}) from error


def _amount(value: object) -> object:
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite():
        raise PydanticCustomError("amount", "no amount", {"why": NO_AMOUNT})
    return str(value)


def _state(value: object) -> object:
    return value if value in STATES else UNKNOWN


def _code(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _none_is(empty: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: empty if value is None else value)


IccidText = Annotated[str, BeforeValidator(_iccid)]
Imei = Annotated[str, Field(pattern=r"^[0-9]{14,16}$")]
Amount = Annotated[str | None, BeforeValidator(_amount)]
Text = Annotated[str, Field(max_length=1024)]


class _Document(BaseModel):
    """Unknown members are passed over, so that an older reader takes a newer document."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class WorkOrder(_Document):
    """A work order: which card, on whose behalf, on which platform, until when."""

    schema_: Literal["simward/order/1"] = Field(alias="schema")
    order_id: Text
    iccid: IccidText
    imei: Imei | None = None
    imsi: Text | None = None
    msisdn: Text | None = None
    subject: Literal["individual", "enterprise"] | None = None
    platform: Text | None = None
    reason: Text | None = None
    channel: Text | None = None
    issued_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None


class BoundTo(_Document):
    """One of the four bindings, as the platform or register has it."""

    kind: BindingKind
    bound: bool | None = None
    imei: Imei | None = None


class Plan(_Document):
    """The plan; bytes a cycle, and the day of the month on which a cycle begins.

    `used_bytes`: the platform's own figure for the cycle that runs, as of the facts' `as_of`.
    """

    quota_bytes: Annotated[int, Field(ge=0)] | None = None
    expires_at: AwareDatetime | None = None
    cycle_day: Annotated[int, Field(ge=1, le=31)] | None = None
    used_bytes: Annotated[int, Field(ge=0)] | None = None


class AccountFacts(_Document):
    """What a platform said of a card, and as of when."""

    schema_: Literal["simward/account/1"] = Field(alias="schema")
    iccid: IccidText
    as_of: AwareDatetime
    platform: Text | None = None
    raw_code: Annotated[Text | None, BeforeValidator(_code)] = None
    raw_text: Text | None = None
    state: Annotated[CardState, BeforeValidator(_state)] = "unknown"
    stop_reasons: Annotated[tuple[Text, ...], _none_is(())] = ()
    net_blocked: bool | None = None
    arrears: Amount = None
    balance: Amount = None
    currency: Text | None = None
    auto_renew: bool | None = None
    real_name: Any = None
    bindings: Annotated[tuple[BoundTo, ...], _none_is(())] = ()
    plan: Plan | None = None
    documents: Annotated[dict[str, Any], _none_is({})] = Field(default_factory=dict)


D = TypeVar("D", WorkOrder, AccountFacts)


def read_order(data: bytes) -> WorkOrder:
    """The work order in a JSON document.

    Raises:
        OrderError: it is none, with the first member that is wrong.
    """
    return _read(data, WorkOrder)


def read_account(data: bytes) -> AccountFacts:
    """The account facts in a JSON document; times in UTC.

    Raises:
        OrderError: it is none, with the first member that is wrong.
    """
    facts = _read(data, AccountFacts)
    return facts.model_copy(update={"as_of": facts.as_of.astimezone(UTC)})


def _read(data: bytes, model: type[D]) -> D:
    try:
        return model.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        raise _complaint(error) from None


def _complaint(error: ValidationError) -> OrderError:
    first = error.errors(include_url=False)[0]
    kind, key = first["type"], ".".join(str(part) for part in first["loc"])
    if kind == "json_invalid":
        return OrderError("", NOT_JSON)
    own = first.get("ctx", {}).get("why")
    if own is not None:
        return OrderError(key, own)
    if key == "schema":
        return OrderError(key, WRONG_SCHEMA)
    if kind == "missing":
        return OrderError(key, MISSING)
    if "datetime" in kind or "timezone" in kind:
        return OrderError(key, NO_TIME)
    return OrderError(key, NO_IMEI if key.endswith("imei") else WRONG_TYPE)
