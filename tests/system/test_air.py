"""Bytes on the air: what is foretold, what the kernel counts, and what a capture counts.

The margins (docs/usage.md states them): the kernel's count is within 3 % of the packets, what is
foretold within 15 %; how many acknowledgements of TCP ride on data is the machine's affair.
"""

import shutil
import socket
from pathlib import Path

import pytest

from agent.usage.own import DAY_S, PLAIN, RECONNECTS, TLS_MUTUAL, foretell
from cloud_bridge.encoding import envelope
from tests.system.broker import mosquitto
from tests.system.capture import Capture
from tests.system.test_uplink_tls import certificate
from tests.system.uplink_helpers import GW, Backend, Gateway, drive

pytestmark = pytest.mark.system

REPORTS = 48
COUNTED, FORETOLD = 0.03, 0.15
FIELDS = {
    "slot": 1,
    "sim_state": "ready",
    "reg": {"cs": [1, None], "eps": [1, None]},
    "plmn": "00101",
    "act": "lte",
    "tac": "00A1",
    "ci": "01A2B3C4",
    "rssi": -73,
    "rsrp": -101,
    "rsrq": -10.5,
    "sinr": 7.5,
    "tx": 123_456_789,
    "rx": 987_654_321,
}


@pytest.fixture(params=["plain", "TLS with a certificate of its own"])
def way(request, tmp_path: Path):
    """A broker, settings to reach it, and what a message should cost there."""
    if request.param == "plain":
        with mosquitto(tmp_path) as broker:
            yield broker, broker.url, {}, PLAIN
        return
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    (cert, key), (own, own_key) = certificate(tmp_path, "broker"), certificate(tmp_path, "gw")
    tls = f"certfile {cert}\nkeyfile {key}\ncafile {own}\nrequire_certificate true"
    with mosquitto(tmp_path, extra=tls) as broker:
        files = {"ca": str(cert), "cert": str(own), "key": str(own_key)}
        yield broker, f"mqtts://127.0.0.1:{broker.port}", files, TLS_MUTUAL


def client_port(gateway: Gateway) -> int:
    link = gateway.uplink._link
    assert link is not None
    return link._client.socket().getsockname()[1]


def reported(gateway: Gateway, backend: Backend) -> int:
    """One report, until the backend's ack has taken it out of the outbox; bytes of its message."""
    gateway.report(**FIELDS)
    (row,) = gateway.outbox.unsent(0, 1)
    drive(backend, gateway, until=lambda: gateway.outbox.rows == 0)
    return len(envelope(GW, gateway.outbox.store, row))


def test_a_day_is_foretold_and_counted_as_a_capture_sees_it(way) -> None:
    broker, url, files, cost = way
    backend, gateway = Backend(url, **files), Gateway(url, **files)
    drive(backend, until=lambda: backend.consumer.online)
    gateway.uplink.set_birth({"modems": [{"imei": "356938035643809"}], "cards": [{"slot": 1}]})
    reported(gateway, backend)
    first, before = client_port(gateway), gateway.uplink.air
    with Capture(broker.port) as capture:
        # Of a day's connections all but the first are such ones: ended by others, made again.
        gateway.uplink._link._client.socket().shutdown(socket.SHUT_RDWR)
        sizes = [reported(gateway, backend) for _ in range(REPORTS)]
        counted = gateway.uplink.air.minus(before)
        packets = capture.total(client_port(gateway))
    assert client_port(gateway) != first
    gateway.close()
    backend.close()
    day = foretell(
        cost,
        interval_s=DAY_S / REPORTS,
        keepalive_s=DAY_S,
        report_bytes=sum(sizes) // REPORTS,
    )
    one_connection = day.reports + day.acks + day.connections // RECONNECTS
    assert packets == pytest.approx(one_connection, rel=FORETOLD)
    assert counted.sent + counted.received == pytest.approx(packets, rel=COUNTED)
    assert counted.connects == 1
