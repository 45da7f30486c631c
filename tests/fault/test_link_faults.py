"""Brokers that are none, or that break off at the worst moment."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from cloud_bridge.link import MQTT_5, MQTT_311, Closed, Event, Link, Target


@contextmanager
def impostor(*answers: bytes) -> Iterator[int]:
    """Takes one connection, reads its CONNECT, sends `answers`, hangs up; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    for answer in answers:
                        connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.close()
            thread.join(timeout=60)


def events_of(link: Link) -> list[Event]:
    """Everything up to the end of the connection."""
    events: list[Event] = []
    deadline = time.monotonic() + 60
    while not any(isinstance(event, Closed) for event in events):
        assert time.monotonic() < deadline
        events += link.step(0.2)
    return events


CONNACK_5 = b"\x20\x03\x00\x00\x00"


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param((), id="hangs up"),
        pytest.param((b"HTTP/1.1 400 Bad Request\r\n\r\n",), id="a web server"),
        pytest.param((b"\xff" * 64,), id="a length that never ends"),
        pytest.param((b"\x20\x02\x00\x00",), id="a CONNACK without properties"),
        pytest.param((b"\x20\x03\x00\x00\xff",), id="properties cut off"),
        pytest.param((b"\x20\x03\x00\x77\x00",), id="an unknown reason code"),
        pytest.param((b"\x20\x00",), id="an empty CONNACK"),
        pytest.param((CONNACK_5, b"\x40\x01\x00"), id="a PUBACK cut off"),
        pytest.param((CONNACK_5, b"\x90\x02\x00\x01"), id="a SUBACK without codes"),
        pytest.param((CONNACK_5, b"\x30\x05\x00\xff\x00\x00\x00"), id="a topic beyond the packet"),
        pytest.param((CONNACK_5, b"\xf0\x00"), id="an AUTH nobody asked for"),
        pytest.param((CONNACK_5, b"\x00\x00"), id="a packet of no type"),
    ],
)
@pytest.mark.parametrize("protocol", [MQTT_5, MQTT_311], ids=["5", "3.1.1"])
def test_a_broker_that_is_none_ends_the_connection_and_nothing_else(
    answers: tuple[bytes, ...], protocol: object
) -> None:
    with impostor(*answers) as port:
        link = Link(
            Target("127.0.0.1", port, "gw1"),
            protocol,  # type: ignore[arg-type]
            clock=time.monotonic,
            connack_timeout_s=5.0,
        )
        link.open()
        events = events_of(link)
        link.close()
    assert [type(event) for event in events].count(Closed) == 1
    assert isinstance(events[-1], Closed)


def test_a_broker_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        now = [100.0]
        link = Link(
            Target("127.0.0.1", server.getsockname()[1], "gw1"),
            MQTT_5,
            clock=lambda: now[0],
            connack_timeout_s=3.0,
        )
        link.open()
        assert link.step(0.0) == []
        now[0] += 3.0
        assert link.step(0.0) == [Closed("the broker does not answer", "", before_connack=True)]
        link.close()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"\x84", "the broker does not speak this version of MQTT"),
        (b"\x01", "the broker does not speak this version of MQTT"),
        (b"\x86", "the broker refuses the user name or password"),
        (b"\x87", "the broker does not authorise this client"),
        (b"\x88", "the broker is unavailable"),
        (b"\x95", "the broker refuses the connection"),
    ],
    ids=lambda value: value.hex() if isinstance(value, bytes) else "",
)
def test_a_refusal_is_said_in_words(code: bytes, reason: str) -> None:
    with impostor(b"\x20\x03\x00" + code + b"\x00") as port:
        link = Link(Target("127.0.0.1", port, "gw1"), MQTT_5, clock=time.monotonic)
        link.open()
        (closed,) = events_of(link)
        link.close()
    assert isinstance(closed, Closed)
    assert (closed.reason, closed.before_connack) == (reason, False)
