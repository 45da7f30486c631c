import contextlib
import fcntl
import os
import pty
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from modem.errors import PortLost, PortTaken, PortUnavailable
from modem.transport.exclusive import enter
from modem.transport.serial_port import DescriptorStream, PolledStream, open_stream


@pytest.fixture
def terminal():
    """A pty: (master descriptor, path of the other side)."""
    master, slave = pty.openpty()
    path = os.ttyname(slave)
    os.close(slave)
    yield master, path
    with contextlib.suppress(OSError):
        os.close(master)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def url_of(server):
    return f"socket://127.0.0.1:{server.getsockname()[1]}"


def test_a_tty_carries_bytes_both_ways(terminal):
    master, path = terminal
    stream = open_stream(path)
    try:
        stream.write(b"AT\r")
        assert os.read(master, 100) == b"AT\r"
        os.write(master, b"\r\nOK\r\n")
        assert stream.read(5) == b"\r\nOK\r\n"
        assert stream.read(0) == b""
    finally:
        stream.close()


def test_a_tty_that_hangs_up_is_lost(terminal):
    master, path = terminal
    stream = open_stream(path)
    os.close(master)
    with pytest.raises(PortLost):
        stream.read(1)
    stream.close()


def test_a_tty_is_locked_and_free_after_close(terminal):
    _, path = terminal
    stream = open_stream(path)
    with pytest.raises(PortUnavailable) as caught:
        open_stream(path)
    assert (caught.value.url, caught.value.reason) == (path, "taken by another program")
    stream.close()
    stream.close()
    open_stream(path).close()


def test_a_lock_that_another_program_holds_is_respected(terminal):
    _, path = terminal
    holder = os.open(path, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        with pytest.raises(PortUnavailable, match="taken by another program"):
            open_stream(path)
    finally:
        os.close(holder)


HOLDER = """
import fcntl, os, sys, termios
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
if sys.argv[2] == "flock":
    fcntl.flock(port, fcntl.LOCK_EX)
else:
    fcntl.ioctl(port, termios.TIOCEXCL)
print("has it", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def another_program(path, how):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "has it\n"
        yield process
        process.communicate("")


@pytest.mark.parametrize("how", ["flock", "TIOCEXCL"])
def test_who_has_the_port_is_named(terminal, how):
    _, path = terminal
    with another_program(path, how) as process:
        with pytest.raises(PortTaken) as caught:
            open_stream(path)
        assert f"(pid {process.pid})" in caught.value.reason
        assert len(caught.value.programs) == 1


def test_a_lock_file_of_a_living_program_is_respected(terminal, tmp_path):
    _, path = terminal
    lock = tmp_path / f"LCK..{Path(path).name}"
    lock.write_text(f"{os.getppid():10d}\n")
    with pytest.raises(PortTaken, match=rf"taken by .+ \(pid {os.getppid()}\)"):
        enter(path, locks=str(tmp_path))
    lock.write_text(f"{os.getpid():10d}\n")
    os.close(enter(path, locks=str(tmp_path)))


@pytest.mark.skipif(os.geteuid() != 0, reason="the kernel itself refuses it to others")
def test_a_claim_on_a_terminal_whose_program_was_killed_holds_nobody_up(terminal):
    _, path = terminal
    with another_program(path, "TIOCEXCL") as process:
        process.kill()
        process.wait(10)
        open_stream(path).close()


def test_a_socket_carries_bytes_both_ways_and_is_closed_without_pyserial(listener):
    stream = open_stream(url_of(listener))
    peer, _ = listener.accept()
    with peer:
        stream.write(b"AT\r")
        assert peer.recv(100) == b"AT\r"
        peer.sendall(b"\r\nOK\r\n")
        assert stream.read(5) == b"\r\nOK\r\n"
        assert isinstance(stream, DescriptorStream)  # pyserial's own sleeps 0.3 s when it closes
        stream.close()
        assert peer.recv(100) == b""
    with pytest.raises(PortLost):
        stream.read(0)
    with pytest.raises(PortLost):
        stream.write(b"AT\r")


def test_a_socket_whose_other_end_closes_is_lost(listener):
    stream = open_stream(url_of(listener))
    listener.accept()[0].close()
    with pytest.raises(PortLost):
        stream.read(5)
    stream.close()


def test_a_write_larger_than_the_buffers_is_written_whole():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    stream = DescriptorStream(ours.fileno(), ours.close)
    received = bytearray()

    def drain():
        while piece := theirs.recv(65536):
            received.extend(piece)

    reader = threading.Thread(target=drain)
    reader.start()
    stream.write(b"x" * 3_000_000)
    stream.close()
    reader.join(10)
    theirs.close()
    assert len(received) == 3_000_000


def test_a_port_that_takes_nothing_is_lost(terminal):
    _, path = terminal
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    stream = DescriptorStream(port, lambda: os.close(port), write_s=0.05)
    with pytest.raises(PortLost, match="takes no bytes"):
        stream.write(b"x" * 3_000_000)
    stream.close()


def test_a_port_without_descriptor_works_through_pyserial():
    stream = open_stream("loop://")
    assert isinstance(stream, PolledStream)
    assert stream.read(0) == b""
    stream.write(b"AT\r")
    assert stream.read(5) == b"AT\r"
    assert stream.read(0.01) == b""
    stream.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return url_of(server)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("/dev/simward-no-such-port", "no such port", id="missing"),
        pytest.param("/dev/null", "not a serial port", id="device_without_termios"),
        pytest.param("/", "not a serial port", id="directory"),
        pytest.param("socket://127.0.0.1", "bad URL", id="no_port_number"),
        pytest.param("socket://127.0.0.1:x", "bad URL", id="port_is_no_number"),
        pytest.param("socket://127.0.0.1:70000", "bad URL", id="port_too_large"),
        pytest.param("socket://:7000", "bad URL", id="no_host"),
        pytest.param("socket://no-such-host.invalid:7000", "host unreachable", id="no_such_host"),
        pytest.param("bogus://x", "bad URL", id="unknown_scheme"),
        pytest.param("", "no such port", id="empty"),
    ],
)
def test_what_cannot_be_opened_says_why(url, reason):
    with pytest.raises(PortUnavailable) as caught:
        open_stream(url)
    assert caught.value.reason == reason


def test_a_refused_connection_says_so():
    url = closed_port()
    with pytest.raises(PortUnavailable, match="connection refused"):
        open_stream(url)
    with pytest.raises(PortUnavailable, match="connection refused"):
        open_stream(url.replace("socket:", "rfc2217:"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_forbidden_port_says_so(tmp_path):
    port = tmp_path / "port"
    port.touch(mode=0o000)
    with pytest.raises(PortUnavailable, match="no permission"):
        open_stream(str(port))
