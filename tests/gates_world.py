"""Facts for the gates: a card that is ready for the carrier, and ways to take something away."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.unbind.facts import FROM_CARD, Answer, Backend, Device, Facts, Operator, Uplink
from agent.unbind.platform_files import all_platforms
from cloud_bridge.orders import read_account, read_order
from sim.reading import Reading, absent

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ICCID, OTHER_ICCID = "89001010000000000018", "89001010000000000026"
IMEI, OTHER_IMEI, IMSI = "356938035643809", "490154203237518", "001010123456789"
COUNTS = {"phonebook": 0, "dialling": 0, "messages": 0, "calls": 0, "forwarding": 0}
ORDER = {
    "schema": "simward/order/1", "order_id": "W-1", "iccid": ICCID, "imei": IMEI, "imsi": IMSI,
    "subject": "enterprise", "platform": "China Mobile OneLink", "channel": "account_manager",
    "issued_at": "2026-11-21T00:00:00Z", "expires_at": "2026-12-21T00:00:00Z",
}  # fmt: skip
ACCOUNT = {
    "schema": "simward/account/1", "iccid": ICCID, "as_of": "2026-11-22T08:00:00Z",
    "platform": "onelink", "raw_code": "2", "raw_text": "已激活", "state": "active",
    "stop_reasons": [], "net_blocked": False, "arrears": "0.00", "balance": "3.20",
    "currency": "CNY", "auto_renew": False,
    "bindings": [
        {"kind": "billing_side", "bound": False}, {"kind": "network_side", "bound": False},
    ],
    "plan": {"quota_bytes": 30_000_000, "expires_at": "2026-12-01T00:00:00Z", "cycle_day": 1},
    "documents": {"card_list": True},
}  # fmt: skip
ANSWERS = {
    "dependencies.services": True,
    "dependencies.codes": True,
    "balance.refund": "apply",
    "documents.business_licence": True,
    "documents.handler_id": True,
    "risk.same_device": True,
    "irreversibility.understood": True,
    "irreversibility.alternative_considered": True,
    "backup.saved": "saved",
    "personal_data.decision": "destroy",
}


def read(value: Any, source: str = "AT") -> Reading[Any]:
    return Reading(value, source, NOW)


DEVICE = Device(
    taken_at=NOW,
    clock_synchronized=True,
    sim_state=read("ready"),
    iccid=read(ICCID, FROM_CARD),
    modem_iccid=read(ICCID, "AT+QCCID"),
    luhn=True,
    imsi=read(IMSI),
    msisdn=absent("not on the card"),
    imei=read(IMEI),
    locks=read(()),
    personal=read({**COUNTS, "messages": 2}),
    uplink=read(Uplink(("eth0",))),
    imei_changes=absent("not asked"),
    release=read(True),
)


def order(**changes):
    return read_order(json.dumps({**ORDER, **changes}).encode())


def account(**changes):
    return read_account(json.dumps({**ACCOUNT, **changes}).encode())


def operator(**changes) -> Operator:
    """`changes` by question, with `__` for the dot; None takes the answer away."""
    told = {**ANSWERS, **{name.replace("__", "."): value for name, value in changes.items()}}
    answers = {name: Answer(value, at=NOW) for name, value in told.items() if value is not None}
    return Operator("Li", answers, ICCID, "W-1")


READY = Facts(DEVICE, operator(), Backend(order(), account()), NOW, all_platforms())


def facts(
    *, device=None, answers=None, account_=None, order_=None, later: timedelta = timedelta(0)
) -> Facts:
    """The ready card with these differences."""
    return READY._replace(
        device=DEVICE._replace(**(device or {})),
        operator=operator(**(answers or {})),
        backend=Backend(order(**(order_ or {})), account(**(account_ or {}))),
        now=NOW + later,
    )
