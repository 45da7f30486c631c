"""`--port rfc2217://HOST:PORT`: a serial server on loopback, made of pyserial's port manager."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import serial
import serial.rfc2217

from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_pty
from tests.system.programs import simward_command

pytestmark = pytest.mark.system


class _Client:
    """What the port manager writes its answers to."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def write(self, data: bytes) -> None:
        self._sock.sendall(data)


class _Terminal(serial.Serial):
    """A pseudo terminal has no modem lines."""

    dtr = rts = cts = dsr = ri = cd = break_condition = False


@contextmanager
def serial_server(path: str) -> Iterator[int]:
    """Serve the terminal at `path` to one client after the other; gives the TCP port."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            with suppress(OSError):
                client, _ = listener.accept()
                with client, _Terminal(path, timeout=0.05) as line:
                    talk(client, line)

    def talk(client: socket.socket, line: serial.Serial) -> None:
        manager = serial.rfc2217.PortManager(line, _Client(client))
        client.settimeout(0.05)
        while not stopping.is_set():
            with suppress(TimeoutError):
                data = client.recv(1024)
                if not data:
                    return
                line.write(b"".join(manager.filter(data)))
            answer = line.read(line.in_waiting or 1)
            if answer:
                client.sendall(b"".join(manager.escape(answer)))

    thread = threading.Thread(target=serve, name="serial-server")
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopping.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_status_through_a_serial_server_is_the_same_as_at_the_terminal():
    with serve_pty(SimulatedModem.load("quectel_ec25")) as modem:
        direct = status(modem.path)
        with serial_server(modem.path) as number:
            through = status(f"rfc2217://127.0.0.1:{number}")
    for document in (direct, through):
        for volatile in ("taken_at", "usage", "read"):
            del document[volatile]
        del document["modem"]["port"]
    assert through == direct


def status(port: str) -> dict:
    done = subprocess.run(
        simward_command("--json", "status", "--port", port),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)
