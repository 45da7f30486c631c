"""Small requests over real sockets on loopback, and how answers are read."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from agent.diagnosis import sockets
from agent.diagnosis.facts import HostAnswer
from agent.diagnosis.ip_path import (
    NO_NAME_SERVER,
    Plan,
    Target,
    Way,
    dns_addresses,
    dns_query,
    target_of,
    walk,
)
from sim.reading import Absent

LOOPBACK = Way(None, "127.0.0.1")


@pytest.fixture
def server():
    """A TCP server that answers every request with the same bytes, and then ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    answer = {"bytes": b""}

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            # Who has read enough ends the connection before all was sent.
            with connection, suppress(ConnectionError):
                if answer["bytes"]:
                    connection.recv(4096)
                    connection.sendall(answer["bytes"])

    thread = threading.Thread(target=serve)
    thread.start()

    def answering(data: bytes = b"") -> int:
        answer["bytes"] = data
        return listener.getsockname()[1]

    yield answering
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def plan(*targets: str, way: Way = LOOPBACK, budget: int = 20_000, servers=()) -> Plan:
    return Plan(tuple(map(target_of, targets)), tuple(servers), way, budget)


def walked(*targets: str, **options):
    return walk(plan(*targets, **options), sockets.SystemSockets(), time.monotonic)


def test_a_host_that_accepts_answers(server) -> None:
    port = server()
    outcome = walked(f"127.0.0.1:{port}")
    assert outcome.hosts == (HostAnswer(f"127.0.0.1:{port}", answered=True),)
    assert (outcome.bytes_left, outcome.bytes_came) == (True, True)
    assert outcome.dns_answers == Absent(NO_NAME_SERVER)


def test_a_host_that_refuses_answers_nothing_and_yet_something_came() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    outcome = walked(f"127.0.0.1:{port}")
    assert [each.answered for each in outcome.hosts] == [False]
    assert (outcome.bytes_left, outcome.bytes_came) == (True, True)
    assert outcome.unbound_answers is False


def test_a_way_that_is_not_there_leaves_nothing_and_the_system_finds_its_own(server) -> None:
    port = server()
    for way in (Way("nosuchif0", None), Way(None, "192.0.2.77")):
        outcome = walked(f"127.0.0.1:{port}", way=way)
        assert [each.answered for each in outcome.hosts] == [False]
        assert (outcome.bytes_left, outcome.unbound_answers) == (False, True)
        assert sockets.can_leave_by(way) is False


def test_an_interface_carries_what_is_bound_to_it(server) -> None:
    port = server()
    outcome = walked(f"127.0.0.1:{port}", way=Way("lo", "127.0.0.1"))
    assert [each.answered for each in outcome.hosts] == [True]
    assert sockets.counters_of("lo") is not None
    assert sockets.counters_of("nosuchif0") is None


@pytest.mark.parametrize(
    ("path", "answer", "answered", "foreign"),
    [
        ("/", b"HTTP/1.1 200 OK\r\n\r\nhello", True, ""),
        ("/#hello", b"HTTP/1.1 200 OK\r\n\r\nhello you", True, ""),
        ("/#hello", b"HTTP/1.1 200 OK\r\n\r\nplease pay", False, "page"),
        ("/generate_204", b"HTTP/1.1 204 No Content\r\n\r\n", True, ""),
        ("/generate_204", b"HTTP/1.1 200 OK\r\n\r\nplease pay", False, "page"),
        ("/", b"HTTP/1.1 511 Network Authentication Required\r\n\r\n", False, "page"),
        ("/", b"HTTP/1.0 302 Found\r\nLOCATION: http://pay.example/\r\n\r\n", False, "pay.example"),
        ("/", b"HTTP/1.0 301 Moved\r\nLocation: /other\r\n\r\n", True, ""),
        ("/", b"HTTP/1.1 404 Not Found\r\n\r\n", True, ""),
        ("/", b"\x16\x03\x01 no web server", False, ""),
        ("/", b"HTTP/1.1\r\n\r\n", False, ""),
    ],
)
def test_what_a_web_server_says(server, path, answer, answered, foreign) -> None:
    outcome = walked(f"http://127.0.0.1:{server(answer)}{path}")
    assert [each.answered for each in outcome.hosts] == [answered]
    assert outcome.foreign_answer == foreign


def test_a_long_body_is_cut_at_the_budget(server) -> None:
    # More than a socket's buffers hold: the server is in the middle of it when the budget is spent.
    port = server(b"HTTP/1.1 200 OK\r\n\r\n" + b"." * 8_000_000)
    outcome = walked(f"http://127.0.0.1:{port}/", budget=6_000)
    assert [each.answered for each in outcome.hosts] == [True]
    assert outcome.spent_bytes <= 6_000
    assert isinstance(outcome.rate_bps, int)


def test_a_name_server_is_asked_over_the_same_way(server) -> None:
    port = server()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as names:
        names.bind(("127.0.0.1", 0))

        def serve() -> None:
            query, asker = names.recvfrom(512)
            answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04" + bytes([127, 0, 0, 1])
            head = query[:2] + b"\x81\x80\0\x01\0\x01\0\0\0\0"
            names.sendto(head + query[12:] + answer, asker)

        thread = threading.Thread(target=serve)
        thread.start()
        outcome = walked(f"hub.example:{port}", servers=[names.getsockname()])
        thread.join()
    assert outcome.hosts == (HostAnswer(f"hub.example:{port}", answered=True),)
    assert outcome.dns_answers is True


def test_a_query_is_as_in_the_standard() -> None:
    query = dns_query("hub.example", 1)
    assert query[2:12] == b"\x01\0\0\x01\0\0\0\0\0\0"
    assert query[12:] == b"\x03hub\x07example\0\0\x01\0\x01"


@pytest.mark.parametrize(
    "answer", [b"", b"\0\0\x81\x80\0\x01\0\x01\0\0\0\0", b"\x01\x02\x01\0" + b"\0" * 8]
)
def test_what_is_no_answer_gives_nothing(answer) -> None:
    assert dns_addresses(answer, b"\x01\x02") is None


def test_an_answer_that_is_cut_gives_what_it_has() -> None:
    head = b"\x01\x02\x81\x80\0\0\0\x02\0\0\0\0"
    record = b"\0\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64\x0a"
    assert dns_addresses(head + record + record[:7], b"\x01\x02") == ["198.51.100.10"]


def test_targets_are_read_as_they_are_configured() -> None:
    assert target_of("hub.example") == Target("hub.example", "hub.example", 443)
    assert target_of("hub.example:80") == target_of("http://hub.example:80/")
    assert target_of("[2001:db8::1]:8883") == Target("2001:db8::1:8883", "2001:db8::1", 8883)
    assert target_of("http://w.example/a?b=c#d") == Target(
        "w.example", "w.example", 80, "/a?b=c", "d"
    )


@pytest.mark.parametrize(
    "text", ["", "ftp://x.example", "http://", "http://me@x.example/", "x.example:none"]
)
def test_what_is_no_target_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"\A"):
        target_of(text)
