"""simward's own bytes on the air: foretold from the configuration, and as they were measured."""

import sqlite3
from typing import Any, Final

from agent.config import Settings
from agent.usage import own, reading
from cloud_bridge.link import parse_url

Json = dict[str, Any]

_DAYS: Final = 31
_HEAD_BYTES: Final = 60
"""What names a row (`v gw store seq`); the outbox keeps bodies without it."""


def air_of(connection: sqlite3.Connection | None, settings: Settings) -> Json:
    """The section `air` of `simward usage --air`."""
    days = [] if connection is None else reading.own_days(connection, _DAYS)
    told = foretold(connection, settings)
    return {
        "predicted": None
        if told is None
        else {
            "day_bytes": told.total,
            "reports_bytes": told.reports,
            "acks_bytes": told.acks,
            "pings_bytes": told.pings,
            "connections_bytes": told.connections,
            "report_bytes": report_bytes(connection),
        },
        "measured": [
            {"day": day, "tx_bytes": sent, "rx_bytes": received, "connects": connects}
            for day, sent, received, connects in days
        ],
    }


def foretold(connection: sqlite3.Connection | None, settings: Settings) -> own.Foretold | None:
    """A day's bytes; None where no broker is configured."""
    broker = settings.broker
    if broker.url is None:
        return None
    cost = own.PLAIN
    if parse_url(broker.url).tls:
        cost = own.TLS_MUTUAL if broker.cert is not None else own.TLS
    interval_s = settings.report.interval_s
    return own.foretell(
        cost,
        interval_s=interval_s,
        keepalive_s=broker.keepalive_s or max(30, min(interval_s, 65535)),
        report_bytes=report_bytes(connection),
    )


def report_bytes(connection: sqlite3.Connection | None) -> int:
    """The usual size of a report's message: of the latest in the outbox, else a typical one."""
    stored = None if connection is None else reading.report_bytes(connection)
    return own.TYPICAL_REPORT_BYTES if stored is None else stored + _HEAD_BYTES
