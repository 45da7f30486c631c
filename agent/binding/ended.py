"""The end of a pairing in the history: the card was released from this modem by an unbinding.

One entry a case, however often it is asked for: who was killed behind it asks again. The work runs
where the store is: in the daemon's thread `work`, or in the command itself.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from agent.binding.history import BOUND, SEEN, UNBOUND, History
from agent.binding.record import Pairing
from agent.report import Stamp
from cloud_bridge.evidence import Entry

Json = dict[str, Any]

CLOSE, REOPEN = "close", "reopen"
_FIRST_SLOT: Final = 1


def request_of(action: str, case: str, iccid: str, imei: str | None, facts: Json) -> Json:
    """As a request for the control socket; `case` is the name of the unbinding's folder."""
    return {
        "ask": "pairing_ended",
        "action": action,
        "case": case,
        "iccid": iccid,
        "imei": imei,
        "facts": facts,
    }


def end_pairing(connection: sqlite3.Connection, request: Mapping[str, Any], stamp: Stamp) -> Json:
    """`entry`, `hash` and `new` of the entry that closes (or reopens) the pairing; `{}` for none.

    In the caller's transaction. There is none where the history does not know card and modem.
    """
    history, action = History(connection), str(request["action"])
    iccid, imei, case = request["iccid"], request["imei"], request["case"]
    own = [each for each in history.entries() if each.body.get("iccid") == iccid]
    last = own[-1] if own else None
    what = UNBOUND if action == CLOSE else _before(own)
    if last is not None and last.body.get("case") == case and last.body["what"] == what:
        return {"entry": last.n, "hash": last.hash, "new": False}
    if imei is None:
        return {}
    slot = _FIRST_SLOT if last is None else last.body["slot"]
    facts = {**stamp.body(), "case": case, **dict(request["facts"])}
    if action == REOPEN and (last is None or last.body["what"] != UNBOUND):
        return {}
    entry = history.append(what, Pairing(slot, imei, iccid), facts)
    return {"entry": entry.n, "hash": entry.hash, "new": True}


def _before(own: list[Entry]) -> str:
    """What the card was to this device before its pairing was closed: bound, or merely seen."""
    told = [each.body["what"] for each in own if each.body["what"] != UNBOUND]
    return BOUND if told and told[-1] == BOUND else SEEN
