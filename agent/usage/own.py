"""simward's own bytes on the air in a day, foretold. Pure.

The figures were measured over a loopback with a capture (mosquitto 2.0.11, TLS 1.3 with an EC P-256
certificate of its own for each side, IPv4, both directions, headers included): a publish of QoS 1
costs 236 bytes and its payload (192 without TLS), a ping 204 (160), a connection with subscription
2,921 with a resumed session (647 without TLS), 2,089 where only the broker has a certificate.
"""

from typing import Final, NamedTuple

DAY_S: Final = 86400
RECONNECTS: Final = 4
"""A day: what radio and carriers end now and then."""
TYPICAL_REPORT_BYTES: Final = 415
_ACK_BYTES: Final = 60
_HELLO_BYTES: Final = 1000
"""Birth and state, said once a connection."""


class Cost(NamedTuple):
    """IP bytes, both directions."""

    publish: int
    ping: int
    connect: int


TLS_MUTUAL: Final = Cost(236, 204, 2921)
TLS: Final = Cost(236, 204, 2089)
PLAIN: Final = Cost(192, 160, 647)


class Foretold(NamedTuple):
    """Bytes a day, by what they are for."""

    reports: int
    acks: int
    pings: int
    connections: int

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self)


def foretell(cost: Cost, *, interval_s: float, keepalive_s: float, report_bytes: int) -> Foretold:
    """A day of reports every `interval_s`, each acknowledged, on a connection that is kept.

    A ping goes out where nothing else did for `keepalive_s`.
    """
    reports = DAY_S / interval_s
    pings_between = max(0, -(-interval_s // keepalive_s) - 1)
    hello = cost.connect + 2 * cost.publish + _HELLO_BYTES
    return Foretold(
        reports=round(reports * (cost.publish + report_bytes)),
        acks=round(reports * (cost.publish + _ACK_BYTES)),
        pings=round(reports * pings_between * cost.ping),
        connections=RECONNECTS * hello,
    )
