"""The catalogue of events: what each code means, when it is raised, what its args hold. Pure.

One place for backends, for people and for tests. An event is edge-triggered: it tells of a change,
not of a state, and no more often than its bound says. Args may grow; none is renamed or dropped.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from cloud_bridge.errors import reason

Json = dict[str, Any]

_SLOT: Final = {"type": "integer", "minimum": 0}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}
_ICCID: Final = {"type": "string", "pattern": "^[0-9A-F]{18,22}$"}
_IMEI: Final = {"type": "string", "pattern": "^[0-9]{14,16}$"}
_EID: Final = {"type": "string", "pattern": "^[0-9]{32}$"}
_INSTANT: Final = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$"}
_DAY: Final = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
_TRUE: Final = {"const": True}
_OR_NULL: Final = {"type": "null"}
_RANGES: Final = {
    "type": "array",
    "items": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
}
_CAUSES: Final = {
    "type": "object",
    "additionalProperties": {"anyOf": [{"type": "integer"}, _OR_NULL]},
}
_PAIRING: Final = {
    "type": "object",
    "properties": {"slot": _SLOT, "imei": _IMEI, "iccid": _ICCID},
    "required": ["slot", "imei", "iccid"],
}

PAIRING_CHANGED: Final = "pairing_changed"

COST_CODES: Final = (
    "separation", "separation_known", "soldered_card", "rebind_limit", "binding_unknown",
    "rebind_limit_unknown",
)  # fmt: skip


class Arg(NamedTuple):
    """One member of `args`: its JSON Schema, what it is, and whether it is always there."""

    schema: Json
    text: str
    required: bool = False


class EventSpec(NamedTuple):
    """One code. `name`, `when` and `bound` are texts that people get to see."""

    name: str
    when: str
    bound: str
    args: Mapping[str, Arg]


_TWELVE: Final = reason("twelve an hour and modem; a state that lasts is said when there is room")
_SIX_LASTING: Final = reason("six an hour and modem; a state that lasts is said when there is room")
_SIX: Final = reason("six an hour and modem; what is left out is counted in the next one")
_ONCE_A_CYCLE: Final = reason("once a card and billing cycle, also over restarts")
_ONCE: Final = reason("once")
_BY_READER: Final = reason("of a modem twelve an hour; of a reader each time that a card moves")
_HOURLY: Final = reason("hourly at most")

_LEFT_OUT: Final = {"left_out": Arg(_NUMBER, "how many changes were not said since the last one")}
_IN_SLOT: Final = {
    "slot": Arg(_SLOT, "slot of the modem in the configuration", required=True),
    **_LEFT_OUT,
}
_RECOVERY: Final = {
    "reason": Arg(_TEXT, "why, as the system or the modem has it"),
    "trouble": Arg(_TEXT, "what is wrong, as a word"),
    "step": Arg(_TEXT, "the step of recovery that was taken"),
    "lost_s": Arg(_NUMBER, "how long the modem had been lost then"),
    "count": Arg(_NUMBER, "how many such steps in the last 24 h"),
    "command": Arg(_TEXT, "the AT command that restarted it"),
    "exit": Arg({"anyOf": [{"type": "integer"}, _OR_NULL]}, "of the power hook"),
    "output": Arg(_TEXT, "of the power hook"),
    "problem": Arg(_TEXT, "why the power hook failed"),
}
_CYCLE: Final = {
    "slot": Arg(_SLOT, "slot of the modem that the card is in"),
    "iccid": Arg(_ICCID, "the card"),
    "cycle": Arg(_DAY, "first day of the billing cycle"),
}
_CASE: Final = {
    "case": Arg(_TEXT, "name of the case: of its folder on the gateway", required=True),
    "iccid": Arg(_ICCID, "the card", required=True),
    "order_id": Arg(_TEXT, "the work order", required=True),
}

CATALOGUE: Final[Mapping[str, EventSpec]] = {
    "card_changed": EventSpec(
        reason("another card"),
        reason("a modem shows another ICCID than the last one it showed"),
        _TWELVE,
        {
            **_IN_SLOT,
            "iccid": Arg(_ICCID, "the card that is in now", required=True),
            "was": Arg(_ICCID, "the one before", required=True),
        },
    ),
    "card_removed": EventSpec(
        reason("card removed"),
        reason("a modem says that no card is in, or a card leaves the configured reader"),
        _BY_READER,
        {
            **_LEFT_OUT,
            "slot": Arg(_SLOT, "of a modem"),
            "iccid": Arg(_ICCID, "the card that was in, where it was known"),
            "reader": Arg(_TEXT, "of a card reader, its name"),
            "atr": Arg(_TEXT, "answer to reset, hexadecimal"),
        },
    ),
    "card_inserted": EventSpec(
        reason("card inserted"),
        reason("a card is in a modem that had none, or comes into the configured reader"),
        _BY_READER,
        {
            **_LEFT_OUT,
            "slot": Arg(_SLOT, "of a modem"),
            "iccid": Arg(_ICCID, "the card, where it was read"),
            "reader": Arg(_TEXT, "of a card reader, its name"),
            "atr": Arg(_TEXT, "answer to reset, hexadecimal"),
        },
    ),
    PAIRING_CHANGED: EventSpec(
        reason("card and device no longer match"),
        reason("IMEI, card or slot are others than in the pairing history of this device"),
        _TWELVE,
        {
            **_IN_SLOT,
            "imei": Arg(_IMEI, "the modem now", required=True),
            "iccid": Arg(_ICCID, "the card now", required=True),
            "changed": Arg(
                {"type": "array", "items": {"enum": ["imei", "card", "slot"]}},
                "what is different; empty where only the history is broken",
                required=True,
            ),
            "was": Arg(_PAIRING, "what it is different from"),
            "costs": Arg(
                {"type": "array", "items": {"enum": list(COST_CODES)}},
                "what the change may cost, or that it is not known",
                required=True,
            ),
            "entry": Arg(_NUMBER, "number of the history's entry", required=True),
            "hash": Arg({"type": "string", "pattern": "^[0-9a-f]{64}$"}, "its hash", required=True),
            "stood_before": Arg(_TRUE, "the very same pairing stood here before"),
            "held": Arg({"type": "boolean"}, "whether data is held, where that is configured"),
            "not_held": Arg({"enum": ["own_uplink", "no_cost"]}, "why it is not held all the same"),
            "history_broken_at": Arg(_NUMBER, "first entry of the history that is wrong"),
        },
    ),
    "registration_denied": EventSpec(
        reason("registration denied"),
        reason("a domain is denied that was not, or with another cause"),
        _SIX_LASTING,
        {
            **_IN_SLOT,
            "denied": Arg(_CAUSES, "reject cause by domain, null without one", required=True),
            "stop_retrying": Arg(_TRUE, "nothing but carrier, card or restart changes it"),
        },
    ),
    "registration_restored": EventSpec(
        reason("registered again"),
        reason("a domain is registered after none was"),
        _SIX_LASTING,
        {**_IN_SLOT, "was_denied": Arg(_CAUSES, "reject cause by domain, before")},
    ),
    "usage_threshold": EventSpec(
        reason("data used up to a threshold"),
        reason("a share of the quota is used, or it will be used up before the cycle ends"),
        _ONCE_A_CYCLE,
        {
            **_CYCLE,
            "percent": Arg(_NUMBER, "the threshold; missing where only the projection is new"),
            "used_bytes": Arg(_NUMBER, "used in this cycle"),
            "hidden_bytes": Arg(_NUMBER, "that gaps may hide at most"),
            "quota_bytes": Arg(_NUMBER, "of the plan"),
            "quota_from": Arg(
                {"enum": ["account", "modem", "usage"]},
                "who says so: account facts, `[[modem]]` or `usage` of the configuration",
            ),
            "quota_as_of": Arg(_INSTANT, "of the account facts"),
            "projected_at": Arg(_INSTANT, "when the quota will be used up"),
        },
    ),
    "usage_jump": EventSpec(
        reason("much more data than usual"),
        reason("a day's usage is many times the usual one"),
        _ONCE_A_CYCLE,
        {
            **_CYCLE,
            "day": Arg(_DAY, "the day"),
            "day_bytes": Arg(_NUMBER, "used on it"),
            "usual_bytes": Arg(_NUMBER, "the median of the days before"),
        },
    ),
    "idle_card": EventSpec(
        reason("card used nothing for long"),
        reason("an active card has used nothing for the configured days"),
        _ONCE_A_CYCLE,
        {
            **_CYCLE,
            "days": Arg(_NUMBER, "without any data"),
            "since": Arg(_INSTANT, "since when"),
        },
    ),
    "modem_restarted": EventSpec(
        reason("modem restarted"),
        reason("a modem's boot lines, or a step of recovery that restarts it"),
        _SIX,
        {**_IN_SLOT, **_RECOVERY},
    ),
    "modem_lost": EventSpec(
        reason("modem lost"),
        reason("a port that worked is gone, its modem is silent, or cutting its power failed"),
        _SIX,
        {**_IN_SLOT, **_RECOVERY},
    ),
    "modem_changed": EventSpec(
        reason("another modem"),
        reason("a port's modem shows another IMEI than the last one"),
        _TWELVE,
        {
            **_IN_SLOT,
            "imei": Arg(_IMEI, "the modem now", required=True),
            "was": Arg(_IMEI, "the one before", required=True),
        },
    ),
    "profile_switched": EventSpec(
        reason("another eUICC profile"),
        reason("the same eUICC shows another profile, or none"),
        _TWELVE,
        {
            **_IN_SLOT,
            "eid": Arg(_EID, "the eUICC", required=True),
            "iccid": Arg({"anyOf": [_ICCID, _OR_NULL]}, "enabled now", required=True),
            "was": Arg({"anyOf": [_ICCID, _OR_NULL]}, "enabled before", required=True),
        },
    ),
    "clock_stepped": EventSpec(
        reason("clock stepped"),
        reason("the wall clock jumped against the time since boot by 10 s or more"),
        reason("hourly, and four a day of one boot; a jump that lasts is said when there is room"),
        {
            "by_s": Arg({"type": "number", "minimum": 0}, "by how many seconds", required=True),
            "direction": Arg({"enum": ["forward", "back"]}, "which way", required=True),
            "synchronized": Arg(
                {"type": "boolean"}, "whether something keeps the clock right now", required=True
            ),
            "first_sync": Arg(_TRUE, "it was set right, and was not right before in this boot"),
            **_LEFT_OUT,
        },
    ),
    "reports_dropped": EventSpec(
        reason("rows that will never come"),
        reason(
            "the outbox had no room, a backend asks for rows that are gone, or the broker takes no"
            " evidence"
        ),
        reason("one for all that is dropped until it is sent"),
        {
            "count": Arg(_NUMBER, "how many rows", required=True),
            "ranges": Arg(_RANGES, "first and last `seq` of each range", required=True),
            "why": Arg({"enum": ["bound", "gone", "not stored", "refused"]}, "why", required=True),
        },
    ),
    "outbox_reset": EventSpec(
        reason("store begun anew"),
        reason("the database was damaged and moved aside; a new store takes its place"),
        _ONCE,
        {"moved_to": Arg(_TEXT, "name of the file that it is in now", required=True)},
    ),
    "budget_near": EventSpec(
        reason("own data budget nearly used"),
        reason("simward's own bytes reach 80 or 100 % of broker.budget_bytes"),
        reason("once a billing cycle and percentage, also over restarts"),
        {
            "cycle": Arg(_DAY, "first day of the billing cycle", required=True),
            "percent": Arg({"enum": [80, 100]}, "the highest that was reached", required=True),
            "used_bytes": Arg(_NUMBER, "own bytes in this cycle, both directions", required=True),
            "bound_bytes": Arg(_NUMBER, "the bound", required=True),
        },
    ),
    "certificate_expires": EventSpec(
        reason("certificate expires soon"),
        reason("a certificate of the uplink has 30, 14, 7 or 1 days left, or none"),
        reason("once a certificate and threshold, also over restarts"),
        {
            "key": Arg({"enum": ["broker.cert", "broker.ca"]}, "the file", required=True),
            "not_after": Arg(_INSTANT, "when it ends; of several the next one", required=True),
            "days": Arg(_NUMBER, "whole days that are left", required=True),
            "threshold": Arg(
                {"enum": [30, 14, 7, 1, 0]}, "the nearest that was reached", required=True
            ),
            "expired": Arg(_TRUE, "it has ended"),
        },
    ),
    "deadline_near": EventSpec(
        reason("deadline near"),
        reason("a deadline of a card that is being given up is 7, 3 or 1 days away, or has come"),
        reason("once a deadline and threshold, also over restarts"),
        {
            **_CASE,
            "deadline": Arg(_TEXT, "which one: `refund`, `auto_cancel`, ...", required=True),
            "due_at": Arg(_INSTANT, "when it is due", required=True),
            "days": Arg(_NUMBER, "whole days that are left", required=True),
            "threshold": Arg({"enum": [7, 3, 1, 0]}, "the nearest that was reached", required=True),
            "overdue": Arg(_TRUE, "it has come"),
        },
    ),
    "verification_contradicted": EventSpec(
        reason("service still works"),
        reason("a look after the cancellation finds a service of the card that still works"),
        reason("once a look, also over restarts"),
        {
            **_CASE,
            "slot": Arg(_SLOT, "slot of the modem that the card is in"),
            "looks": Arg(
                {"type": "array", "items": _TEXT},
                "which looks it was: `verify_24h`, ...",
                required=True,
            ),
            "services": Arg(
                {"type": "array", "items": {"enum": ["data", "sms", "voice"]}},
                "what still works",
                required=True,
            ),
        },
    ),
    "command_refused": EventSpec(
        reason("command refused"),
        reason("a command from the cloud is refused"),
        _HOURLY,
        {},
    ),
}
"""Every code of the contract, in its order."""

CODES: Final = tuple(CATALOGUE)

RESERVED: Final = frozenset(
    {
        "command_refused",
    }
)  # fmt: skip
"""Codes that nothing in this version raises; what their args hold is not fixed yet."""


def args_schema(code: str) -> Json:
    """JSON Schema of the args of `code`; more members may come.

    Raises:
        KeyError: no such event.
    """
    args = CATALOGUE[code].args
    return {
        "type": "object",
        "properties": {name: {**arg.schema, "description": arg.text} for name, arg in args.items()},
        "required": [name for name, arg in args.items() if arg.required],
    }
