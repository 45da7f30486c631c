"""The four things that are called a binding, told apart, each with its source and time. Pure.

Billing side and network side are the carrier's, the asset register is the owner's: a device sees
none of them, so they come from account facts, or are unknown. The device lock is the modem's own,
and the modem is asked for it (+CLCK).
"""

from collections.abc import Mapping
from typing import Any, Final

from agent.i18n import mark
from modem.commands.locks import ReadFacilityLock

Json = dict[str, Any]

BILLING, NETWORK, LOCK, REGISTER = "billing_side", "network_side", "device_lock", "asset_register"
KINDS: Final = (BILLING, NETWORK, LOCK, REGISTER)

NO_ACCOUNT: Final = mark("no account facts of this card")
NOT_IN_ACCOUNT: Final = mark("the account facts do not say")
NOT_ASKED: Final = mark("not asked")

# What ties the modem to a card comes first, then what ties it to networks.
_LOCKS: Final = ("ps", "pf", "pn", "pu", "pp", "pc")


def four_bindings(account: Mapping[str, Any] | None, snapshot: Mapping[str, Any]) -> Json:
    """All four by kind: `bound`, `imei`, `source`, `at`, and `reason` where it is not known.

    `account`: account facts as they are recorded; `snapshot`: the document of `simward status`.
    """
    return {
        BILLING: _of_account(account, BILLING),
        NETWORK: _of_account(account, NETWORK),
        LOCK: _of_modem(snapshot),
        REGISTER: _of_account(account, REGISTER),
    }


def _of_account(account: Mapping[str, Any] | None, kind: str) -> Json:
    if account is None:
        return _unknown(NO_ACCOUNT)
    source = account.get("platform") or "account"
    own = next((each for each in account["bindings"] if each["kind"] == kind), None)
    if own is None or own["bound"] is None:
        return {**_unknown(NOT_IN_ACCOUNT), "source": source, "at": account["as_of"]}
    return {
        "bound": own["bound"],
        "imei": own["imei"],
        "source": source,
        "at": account["as_of"],
        "reason": None,
    }


def _of_modem(snapshot: Mapping[str, Any]) -> Json:
    """Locked if any lock is on; free only where the lock to a card (PS) is known to be off."""
    locks = snapshot.get("locks")
    if locks is None:
        return {**_unknown(NOT_ASKED), "locks": {}}
    on = [name for name in _LOCKS if locks.get(name)]
    shown = on or ["ps"]
    if not on and locks.get("ps") is None:
        found = _unknown(snapshot["absent"].get("locks.ps", NOT_ASKED))
    else:
        found = {"bound": bool(on), "imei": None, "reason": None}
    return {
        **found,
        "source": " ".join(ReadFacilityLock(name.upper()).text for name in shown),
        "at": snapshot["taken_at"],
        "locks": dict(locks),
    }


def _unknown(reason: str) -> Json:
    return {"bound": None, "imei": None, "source": None, "at": None, "reason": reason}
