"""The document of `simward diagnose`: the verdict, and what stands around it."""

from datetime import datetime
from typing import Any

from agent.clock import clock_synchronized, iso
from agent.diagnosis.facts import Facts
from agent.diagnosis.verdict import judge
from agent.diagnosis.wish import Wish
from agent.snapshot import GatewaySnapshot
from cloud_bridge.orders import age_of
from sim.reading import Absent

Json = dict[str, Any]


def document_of(
    facts: Facts,
    snapshot: GatewaySnapshot,
    wish: Wish,
    *,
    reattach: Json,
    probe: Json | None,
    absent: dict[str, str],
) -> Json:
    """Of a modem that answered; `absent` says why things were not looked at."""
    return {
        **judge(facts).to_json(),
        "taken_at": iso(snapshot.taken_at),
        "clock_synchronized": snapshot.clock_synchronized,
        "port": snapshot.port,
        "iccid": _plain(facts.iccid),
        "imei": _plain(facts.imei),
        **_documents(wish, facts, snapshot.taken_at, synchronized=snapshot.clock_synchronized),
        "reattach": reattach,
        "probe": probe,
        "absent": absent,
    }


def unreachable(reason: str, port: str | None, wish: Wish, moment: datetime) -> Json:
    """Where no modem answers."""
    synchronized = clock_synchronized()
    facts = Facts(answers=False)
    return {
        **judge(facts).to_json(),
        "taken_at": iso(moment),
        "clock_synchronized": synchronized,
        "port": port,
        "iccid": None,
        "imei": None,
        **_documents(wish.understood(), facts, moment, synchronized=synchronized),
        "reattach": {"done": False, "reason": reason if wish.reattach else None},
        "probe": None,
        "absent": {"modem": reason},
    }


def _documents(wish: Wish, facts: Facts, moment: datetime, *, synchronized: bool) -> Json:
    """Order and account as far as they bear on the verdict; facts that are old are called so."""
    order, account = wish.order, wish.account
    told: Json = {"order": None, "account": None}
    if order is not None:
        told["order"] = {"order_id": order.order_id, "iccid": order.iccid}
    if account is not None:
        age = age_of(account.as_of, moment, synchronized=synchronized)
        iccid = _plain(facts.iccid)
        told["account"] = {
            "as_of": iso(account.as_of),
            "platform": account.platform,
            "state": account.state,
            "age": age.word,
            "age_h": age.hours,
            "of_this_card": None if iccid is None else account.iccid == iccid,
        }
    return told


def _plain(value: Any) -> Any:
    return None if isinstance(value, Absent) else value
