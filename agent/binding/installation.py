"""`simward bind`: the pairing that stands here is recorded as the one that is meant to be.

Runs where the store is: in the daemon's thread `work`, or in the command itself. Everything is one
transaction: the entry in the history, and what goes to the cloud.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from agent.binding.four import four_bindings
from agent.binding.history import BOUND, History, says_of
from agent.binding.hold import Holds
from agent.binding.rebinding import platform_of_card, rules_of
from agent.binding.record import (
    SEPARATION_KNOWN,
    Change,
    Known,
    Pairing,
    change_of,
    costs_of,
    same_device,
)
from agent.binding.watch import new_pairing
from agent.binding.words import COSTS
from agent.errors import CardUnreadable, ModemUnreachable, RefusedError
from agent.i18n import in_both, mark, t
from agent.report import Stamp
from agent.unbind.platform import Platform
from cloud_bridge.orders import (
    FRESH,
    AccountFacts,
    WorkOrder,
    age_of,
    read_account,
    read_order,
)
from sim.identifiers import mask

Json = dict[str, Any]

SCHEMA: Final = "simward/binding/1"
# What is kept of account facts: nothing in it names a person.
_KEPT: Final = (
    "as_of", "platform", "raw_code", "raw_text", "state", "stop_reasons", "net_blocked", "arrears",
    "balance", "currency", "auto_renew", "bindings", "plan",
)  # fmt: skip
_RECORDED: Final = ("modem", "imsi", "eid", "order_id", "technician", "public_key")
_MAX_NAME: Final = 64

OTHER_ORDER: Final = mark("--order: the work order is for card {named}; this one is {card}")
OTHER_ACCOUNT: Final = mark("--account: the account facts are of card {named}; this one is {card}")
OTHER_MODEM: Final = mark("--order: the work order is for modem {named}; this one is {modem}")
HELD: Final = mark(
    "data is held, and the platform binds this card to another IMEI: rebind it there first, or say"
    " --accept-costs"
)
EXPIRED: Final = mark("--order: the work order expired at {at}")
OLD_FACTS: Final = mark("the account facts are {hours} hours old")
AGE_UNKNOWN: Final = mark("how old the account facts are is not known: the clock is not right")
SEPARATED: Final = mark("{kind}: the account facts name another IMEI")
DISAGREE: Final = mark("device lock: the account facts say otherwise than the modem")


class Wish(NamedTuple):
    """What a caller brings along."""

    record: bool = True
    order: WorkOrder | None = None
    account: AccountFacts | None = None
    technician: str | None = None
    accept_costs: bool = False
    """The costs are known: data that is held for them may go on."""

    def to_json(self) -> Json:
        """As a request for the control socket."""
        return {
            "ask": "bind",
            "record": self.record,
            "order": self.order and self.order.model_dump(mode="json", by_alias=True),
            "account": self.account and self.account.model_dump(mode="json", by_alias=True),
            "technician": self.technician,
            "accept_costs": self.accept_costs,
        }

    @classmethod
    def from_json(cls, request: Mapping[str, Any]) -> "Wish":
        """From such a request.

        Raises:
            OrderError: order or account facts cannot be used.
        """
        order, account = request.get("order"), request.get("account")
        technician = request.get("technician")
        return cls(
            record=request.get("record") is True,
            order=None if order is None else read_order(json.dumps(order).encode()),
            account=None if account is None else read_account(json.dumps(account).encode()),
            technician=None if technician is None else str(technician)[:_MAX_NAME],
            accept_costs=request.get("accept_costs") is True,
        )


class Shown(NamedTuple):
    """What stands here: the status document, the slot, and when it was read."""

    snapshot: Json
    slot: int
    stamp: Stamp
    now: datetime

    @property
    def pairing(self) -> Pairing:
        """Card and modem.

        Raises:
            CardUnreadable, ModemUnreachable: one of them does not say who it is.
        """
        from agent.cli.status import why_unusable  # what `simward status` says of such a card

        trouble = why_unusable(self.snapshot)
        if trouble is not None:
            raise trouble
        modem, sim, absent = self.snapshot["modem"], self.snapshot["sim"], self.snapshot["absent"]
        if sim["iccid"] is None:
            why = absent.get("sim.iccid", "unknown")
            raise CardUnreadable("the card shows no identity: {reason}", reason=why)
        if modem["imei"] is None:
            why = absent.get("modem.imei", "unknown")
            raise ModemUnreachable("the modem does not say its IMEI: {reason}", reason=why)
        return Pairing(self.slot, modem["imei"], sim["iccid"])


Emit = Callable[[str, Json], None]


def bind(
    connection: sqlite3.Connection,
    shown: Shown,
    wish: Wish,
    emit: Emit,
    *,
    public_key: str | None = None,
) -> Json:
    """The document of `simward bind`; with `wish.record` the pairing is recorded.

    `public_key` is the device's, which its evidence is signed with; it is recorded, too.

    Raises:
        RefusedError: order or account facts are of another card or modem, or out of date.
        CardUnreadable, ModemUnreachable: card or modem does not say who it is.
    """
    pairing, history = shown.pairing, History(connection)
    check_same(pairing, shown, wish)
    account = kept_account(wish.account) or history.last_account(pairing.iccid)
    known = Known(
        in_slot=history.last_bound(slot=pairing.slot),
        of_card=history.last_bound(iccid=pairing.iccid),
    )
    platform = platform_of_card(pairing.iccid, None if account is None else account.get("platform"))
    document = {
        "schema": SCHEMA,
        "recorded": wish.record,
        "at": shown.stamp.at,
        **pairing.to_json(),
        "modem": {
            name: shown.snapshot["modem"][name] for name in ("manufacturer", "model", "revision")
        },
        "imsi": shown.snapshot["sim"]["imsi"],
        "msisdn": shown.snapshot["sim"]["msisdn"],
        "eid": shown.snapshot["sim"]["eid"],
        "order_id": wish.order and wish.order.order_id,
        "technician": wish.technician,
        "public_key": public_key,
        "evidence": None,
        **_changes(pairing, known, account, platform),
        "bindings": four_bindings(account, shown.snapshot),
    }
    document["warnings"] = _warnings(pairing, shown, wish, document)
    document["hold"] = _hold(connection, pairing.slot, wish, document)
    if wish.record:
        port = shown.snapshot["modem"]["port"]
        for code, args in new_pairing(history, pairing, port, shown.stamp, history.check):
            emit(code, args)
        entry = history.append(BOUND, pairing, _entry(shown, wish, document))
        document["entry"], document["hash"] = entry.n, entry.hash
    broken = history.check()
    document["history"] = {
        "entries": history.head()[0],
        "head": history.head()[1],
        "broken": None if broken is None else broken.to_json(),
    }
    return document


def _hold(connection: sqlite3.Connection, slot: int, wish: Wish, document: Json) -> Json | None:
    """The hold of the slot; recording ends it, and who called puts the modem back.

    Raises:
        RefusedError: the platform binds the card elsewhere, and nobody said that this is known.
    """
    holds = Holds(connection)
    hold = holds.of(slot)
    if hold is None:
        return None
    at_stake = SEPARATION_KNOWN in {each["code"] for each in document["costs"]}
    if wish.record and at_stake and not wish.accept_costs:
        raise RefusedError(HELD)
    if wish.record:
        holds.end(slot)
    return {**hold.to_json(), "released": wish.record}


def check_same(pairing: Pairing, shown: Shown, wish: Wish) -> None:
    """See that order and account facts are of this card and modem, and the order still stands.

    Raises:
        RefusedError: they are not.
    """
    card = _masked(pairing.iccid)
    if wish.order is not None:
        if wish.order.iccid != pairing.iccid:
            raise RefusedError(OTHER_ORDER, named=_masked(wish.order.iccid), card=card)
        if wish.order.imei is not None and not same_device(wish.order.imei, pairing.imei):
            raise RefusedError(
                OTHER_MODEM, named=_masked(wish.order.imei), modem=_masked(pairing.imei)
            )
        expires_at = wish.order.expires_at
        if expires_at is not None and shown.stamp.at is not None and shown.now > expires_at:
            raise RefusedError(EXPIRED, at=expires_at.isoformat())
    if wish.account is not None and wish.account.iccid != pairing.iccid:
        raise RefusedError(OTHER_ACCOUNT, named=_masked(wish.account.iccid), card=card)


def kept_account(account: AccountFacts | None) -> Json | None:
    """What is recorded of account facts: nothing that names a person."""
    if account is None:
        return None
    whole = account.model_dump(mode="json", by_alias=True)
    return {name: whole[name] for name in _KEPT}


def _changes(
    pairing: Pairing, known: Known, account: Json | None, platform: Platform | None
) -> Json:
    """What is different from the pairing that was bound last, and what that may cost."""
    change: Change | None = change_of(pairing, known)
    says = None if account is None else says_of(account)
    costs = costs_of(pairing, known, says, rules_of(platform))
    return {
        "changed": list(() if change is None else change.changed),
        "was": None if change is None else change.was.to_json(),
        "costs": [{"code": code, "text": _both(COSTS[code])} for code in costs],
        "rebinding": None if platform is None else _rebinding(platform),
    }


def _rebinding(platform: Platform) -> Json:
    """How its platform rebinds a card, and where that is from."""
    rules = platform.binding
    return {
        "platform": platform.title._asdict(),
        "way": rules.way._asdict(),
        "limit": None if rules.limit is None else rules.limit._asdict(),
        "source": rules.origin.source,
    }


def _entry(shown: Shown, wish: Wish, document: Json) -> Json:
    """The rest of the body of a `bound` entry."""
    return {
        **shown.stamp.body(),
        "port": shown.snapshot["modem"]["port"],
        **{name: document[name] for name in _RECORDED},
        "account": kept_account(wish.account),
        "bindings": document["bindings"],
    }


def _warnings(pairing: Pairing, shown: Shown, wish: Wish, document: Json) -> list[dict[str, str]]:
    found = []
    if wish.account is not None:
        synchronized = shown.snapshot["clock_synchronized"]
        age = age_of(wish.account.as_of, shown.now, synchronized=synchronized)
        if age.hours is None:
            found.append(_both(AGE_UNKNOWN))
        elif age.word != FRESH:
            found.append(_both(OLD_FACTS, hours=age.hours))
    bindings = document["bindings"]
    for kind in ("billing_side", "network_side", "asset_register"):
        imei = bindings[kind]["imei"]
        if bindings[kind]["bound"] and imei is not None and not same_device(imei, pairing.imei):
            found.append(in_both(lambda kind=kind: t(SEPARATED, kind=t(KIND_NAMES[kind]))))  # type: ignore[misc]
    lock = bindings["device_lock"]["bound"]
    said = wish.account and next(
        (each.bound for each in wish.account.bindings if each.kind == "device_lock"), None
    )
    if None not in (lock, said) and wish.account is not None and lock != said:
        found.append(_both(DISAGREE))
    return found


KIND_NAMES: Final = {
    "billing_side": mark("billing side (carrier)"),
    "network_side": mark("network side (carrier)"),
    "device_lock": mark("device lock (modem)"),
    "asset_register": mark("asset register (owner)"),
}


def _both(text: str, **fields: object) -> dict[str, str]:
    return in_both(lambda: t(text, **fields))


def _masked(identifier: str) -> str:
    return mask(identifier, 6, 4)
