"""Order, account facts and answers of the demo's card: what people and the platform would give."""

from datetime import datetime, timedelta
from typing import Any, Final

Json = dict[str, Any]

ICCID: Final = "89001010000000000018"
"""Of the simulated card."""
BOUND, UNBOUND, GONE = "bound", "unbound", "gone"

_ANSWERS: Final[Json] = {
    "own_uplink.medium": "file",
    "dependencies.services": True,
    "dependencies.codes": True,
    "balance.refund": "apply",
    "documents.business_licence": True,
    "documents.handler_id": True,
    "risk.same_device": True,
    "irreversibility.understood": True,
    "irreversibility.alternative_considered": True,
    "backup.saved": "not_wanted",
    "personal_data.decision": "destroy",
}
_STATES: Final[dict[str, Json]] = {
    BOUND: {"raw_code": "2", "raw_text": "已激活", "state": "active"},
    UNBOUND: {"raw_code": "2", "raw_text": "已激活", "state": "active"},
    GONE: {"raw_code": "9", "raw_text": "已销户", "state": "cancelled"},
}


def order(now: datetime) -> Json:
    """The work order."""
    return {
        "schema": "simward/order/1",
        "order_id": "W-2026-0017",
        "iccid": ICCID,
        "subject": "enterprise",
        "platform": "onelink",
        "reason": "device_scrapped",
        "channel": "account_manager",
        "issued_at": now.isoformat(),
        "expires_at": (now + timedelta(days=30)).isoformat(),
    }


def account(state: str, now: datetime) -> Json:
    """What the platform says, as of now: `BOUND`, `UNBOUND` or `GONE`."""
    sides = ("billing_side", "network_side")
    return {
        "schema": "simward/account/1",
        "iccid": ICCID,
        "as_of": now.isoformat(),
        "platform": "onelink",
        **_STATES[state],
        "net_blocked": False,
        "arrears": "0.00",
        "balance": "3.20",
        "currency": "CNY",
        "auto_renew": False,
        "bindings": [{"kind": side, "bound": state == BOUND} for side in sides],
        "plan": {"quota_bytes": 30_000_000, "cycle_day": 1},
        "documents": {"card_list": True},
    }


def answers() -> Json:
    """What the operator says."""
    told = {name: {"value": value, "note": None} for name, value in _ANSWERS.items()}
    return {"schema": "simward/answers/1", "technician": "Li", "answers": told}
