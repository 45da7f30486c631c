"""The answer to `simward usage`, from the store of a state directory; whoever owns that."""

import json
import sqlite3
from typing import Any, Final

from agent.clock import clock_synchronized, now
from agent.config import Settings
from agent.store import reading_store
from agent.usage import own, reading
from agent.usage.document import document
from agent.usage.meter import plan_of
from cloud_bridge.link import parse_url
from cloud_bridge.orders import AccountFacts, read_account

Json = dict[str, Any]

NO_BROKER: Final = "no broker is configured"
_DAYS: Final = 31
_HEAD_BYTES: Final = 60
"""What names a row (`v gw store seq`); the outbox keeps bodies without it."""


def usage_of(settings: Settings, *, air: bool = False, account: AccountFacts | None = None) -> Json:
    """The document `simward/usage/1`.

    `air`: with simward's own bytes; `account`: what the platform says of a card.

    Raises:
        StoreError: the store cannot be read, or is another version's.
    """
    with reading_store(settings.device.state_dir) as connection:
        usage = document(
            connection,
            plan_of(settings),
            now=now(),
            synchronized=clock_synchronized(),
            account=account,
        )
        if air:
            usage["air"] = _air(connection, settings)
            if usage["air"]["predicted"] is None:
                usage["absent"]["air.predicted"] = NO_BROKER
            usage["absent"] = usage.pop("absent")  # stays the last
    return usage


def answer_to(request: Json, settings: Settings) -> Json:
    """The document for a request of the control socket.

    Raises:
        StoreError: the store cannot be read.
        OrderError: the account facts in the request cannot be used.
    """
    facts = request.get("account")
    account = None if facts is None else read_account(json.dumps(facts).encode())
    return usage_of(settings, air=request.get("air") is True, account=account)


def _air(connection: sqlite3.Connection | None, settings: Settings) -> Json:
    days = [] if connection is None else reading.own_days(connection, _DAYS)
    return {
        "predicted": _foretold(connection, settings),
        "measured": [
            {"day": day, "tx_bytes": sent, "rx_bytes": received, "connects": connects}
            for day, sent, received, connects in days
        ],
    }


def _foretold(connection: sqlite3.Connection | None, settings: Settings) -> Json | None:
    broker = settings.broker
    if broker.url is None:
        return None
    cost = own.PLAIN
    if parse_url(broker.url).tls:
        cost = own.TLS_MUTUAL if broker.cert is not None else own.TLS
    stored = None if connection is None else reading.report_bytes(connection)
    size = own.TYPICAL_REPORT_BYTES if stored is None else stored + _HEAD_BYTES
    interval_s = settings.report.interval_s
    keepalive_s = broker.keepalive_s or max(30, min(interval_s, 65535))
    foretold = own.foretell(cost, interval_s=interval_s, keepalive_s=keepalive_s, report_bytes=size)
    return {
        "day_bytes": foretold.total,
        "reports_bytes": foretold.reports,
        "acks_bytes": foretold.acks,
        "pings_bytes": foretold.pings,
        "connections_bytes": foretold.connections,
        "report_bytes": size,
    }
