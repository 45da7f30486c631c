import socket

import pytest

from agent.usage.own import PLAIN, TLS_MUTUAL, foretell
from cloud_bridge.air import Air, on_air


def test_a_day_is_what_reports_acks_pings_and_connections_cost():
    day = foretell(TLS_MUTUAL, interval_s=900, keepalive_s=900, report_bytes=415)
    assert day.reports == 96 * (236 + 415)
    assert day.acks == 96 * (236 + 60)
    assert day.pings == 0
    assert day.connections == 4 * (2921 + 2 * 236 + 1000)
    assert day.total == 62_496 + 28_416 + 17_572


@pytest.mark.parametrize(
    ("keepalive_s", "pings"), [(900, 0), (899, 1), (450, 1), (300, 2), (60, 14)]
)
def test_a_short_keepalive_costs_pings_between_reports(keepalive_s, pings):
    day = foretell(TLS_MUTUAL, interval_s=900, keepalive_s=keepalive_s, report_bytes=415)
    assert day.pings == 96 * pings * 204


def test_without_tls_it_is_cheaper():
    facts = {"interval_s": 900, "keepalive_s": 60, "report_bytes": 415}
    assert foretell(PLAIN, **facts).total < foretell(TLS_MUTUAL, **facts).total


def test_the_kernel_tells_what_a_connection_cost():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as one,
    ):
        other, _ = listener.accept()
        with other:
            before = on_air(one)
            one.sendall(b"x" * 5000)
            assert len(other.recv(5000, socket.MSG_WAITALL)) == 5000
            other.sendall(b"y" * 300)
            assert len(one.recv(300, socket.MSG_WAITALL)) == 300
            after = on_air(one)
    assert before is not None
    assert after is not None
    # Headers of 52 bytes for each segment come on top; the kernel chooses how many there are.
    spent = after.minus(before)
    assert 5000 + 52 <= spent.sent <= 5000 + 20 * 52
    assert 300 + 52 <= spent.received <= 300 + 20 * 52
    assert spent.connects == 0


def test_what_is_closed_or_no_connection_tells_nothing():
    closed = socket.socket()
    closed.close()
    assert on_air(closed) is None
    assert on_air(None) is None
    with socket.socket(socket.AF_UNIX) as local:
        assert on_air(local) is None


def test_connections_add_up():
    assert Air(1, 2, 3).plus(Air(10, 20, 1)) == Air(11, 22, 4)
