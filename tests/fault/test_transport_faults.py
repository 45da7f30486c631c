"""The disturbances themselves, and the ports at which disturbed modems are served."""

import contextlib
import os
import socket
import termios
from pathlib import Path

import pytest

from modem.simulator.dialogue import DialoguePlayer
from modem.simulator.faults import (
    FAULT_FORMS,
    Drop,
    EchoOn,
    HangUpMidLine,
    LateAnswer,
    Latency,
    OneByteAtATime,
    Reboot,
    SeededCuts,
    UrcAtEveryBoundary,
    with_fault,
)
from modem.simulator.fixture import FixtureError
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_pty, serve_tcp

SIGNAL = b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
MAKER = b"\r\nQuectel\r\n\r\nOK\r\n"


def player(*, echo: bool = False, boot_urcs: tuple[str, ...] = ()) -> DialoguePlayer:
    exchanges = {"AT+CSQ": ["+CSQ: 20,99", "", "OK"], "AT+CGMI": ["Quectel", "", "OK"]}
    return DialoguePlayer.from_exchanges(exchanges, echo=echo, boot_urcs=boot_urcs)


def parts(device, now: float = 0.0) -> list[bytes]:
    """What the device sends at `now`, poll by poll."""
    sent = []
    while data := device.poll(now):
        sent.append(data)
    return sent


def test_one_byte_at_a_time_cuts_everything() -> None:
    device = OneByteAtATime(player())
    device.receive(b"AT+CSQ\r", 0.0)
    sent = parts(device)
    assert b"".join(sent) == SIGNAL
    assert {len(part) for part in sent} == {1}


def test_bytes_may_come_with_a_gap() -> None:
    device = OneByteAtATime(player(), gap_s=0.5)
    device.receive(b"AT+CSQ\r", 0.0)
    assert parts(device, 0.0) == [b"\r"]
    assert device.next_event_at() == 0.5
    assert parts(device, 0.5) == [b"\n"]


def test_seeded_cuts_are_the_same_for_the_same_seed() -> None:
    runs = []
    for seed in (1, 1, 2):
        device = SeededCuts(player(), seed=seed)
        device.receive(b"AT+CSQ\rAT+CGMI\r", 0.0)
        runs.append(parts(device))
    assert b"".join(runs[0]) == SIGNAL + MAKER
    assert runs[0] == runs[1] != runs[2]


def test_echo_on_echoes_each_command_before_its_answer() -> None:
    device = EchoOn(player())
    device.receive(b"AT+CSQ\rAT+CGMI\r", 0.0)
    assert b"".join(parts(device)) == b"AT+CSQ\r" + SIGNAL + b"AT+CGMI\r" + MAKER


def test_an_unsolicited_line_stands_at_every_boundary() -> None:
    device = UrcAtEveryBoundary(player(), "^RSSI:14")
    device.receive(b"AT+CSQ\r", 0.0)
    said = b"".join(parts(device)).decode().split()
    assert said == ["^RSSI:14", "+CSQ:", "20,99", "^RSSI:14", "OK", "^RSSI:14"]


def test_latency_delays_each_answer_by_the_same_time() -> None:
    device = Latency(player(), 0.02)
    device.receive(b"AT+CSQ\r", 1.0)
    assert parts(device, 1.019) == []
    assert device.next_event_at() == 1.02
    assert parts(device, 1.02) == [SIGNAL]


def test_a_late_answer_holds_up_what_is_asked_meanwhile() -> None:
    device = LateAnswer(player(), "AT+CSQ", 5.0)
    device.receive(b"AT+CSQ\r", 0.0)
    device.receive(b"AT+CGMI\r", 1.0)
    assert parts(device, 4.9) == []
    assert b"".join(parts(device, 5.0)) == SIGNAL + MAKER


def test_a_dropped_command_is_never_answered() -> None:
    device = Drop(player(), "AT+CSQ")
    device.receive(b"AT+CSQ\rAT+CGMI\r", 0.0)
    assert b"".join(parts(device)) == MAKER


def test_the_line_drops_once_in_the_middle_of_an_answer() -> None:
    device = HangUpMidLine(player(), "AT+CSQ")
    device.receive(b"AT+CGMI\rAT+CSQ\r", 0.0)
    assert b"".join(parts(device)) == MAKER + SIGNAL[: len(SIGNAL) // 2]
    assert device.take_hang_up()
    assert not device.take_hang_up()
    device.receive(b"AT+CSQ\r", 0.0)
    assert b"".join(parts(device)) == SIGNAL


def test_a_reboot_takes_the_place_of_an_answer() -> None:
    device = Reboot(player(boot_urcs=("RDY",)), count=2)
    parts(device)
    device.receive(b"AT+CGMI\r", 0.0)
    assert b"".join(parts(device)) == MAKER
    device.receive(b"AT+CSQ\r", 0.0)
    assert b"".join(parts(device)) == b"\r\nRDY\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "one-byte",
        "cuts=7",
        "echo",
        "urc=+X: 1",
        "late=AT+CSQ:2",
        "drop=AT+CSQ",
        "hang-up",
        "reboot=3",
    ],
)
def test_every_fault_can_be_named(text) -> None:
    device = with_fault(player(), text)
    device.receive(b"AT+CGMI\r", 0.0)
    assert parts(device)
    assert any(form.startswith(text.partition("=")[0]) for form in FAULT_FORMS)


@pytest.mark.parametrize("text", ["x", "cuts", "cuts=a", "late=AT", "drop=", "urc", "reboot=no"])
def test_a_fault_that_is_none_is_refused(text) -> None:
    with pytest.raises(FixtureError):
        with_fault(player(), text)


# Ports: real sockets and terminals, the system's clock


def read_until(read, end: bytes) -> bytes:
    got = b""
    while not got.endswith(end):
        data = read()
        if not data:
            break
        got += data
    return got


def connect(port) -> socket.socket:
    return socket.create_connection((port.host, port.number), timeout=10)


def talk(client: socket.socket, command: bytes) -> bytes:
    client.sendall(command)
    return read_until(lambda: client.recv(4096), b"OK\r\n")


def test_tcp_serves_one_client_after_the_other() -> None:
    with serve_tcp(player(boot_urcs=("RDY",))) as port:
        with connect(port) as client:
            assert talk(client, b"AT+CSQ\r") == b"\r\nRDY\r\n" + SIGNAL
        with connect(port) as client:
            assert talk(client, b"AT+CGMI\r") == MAKER
    with pytest.raises(ConnectionRefusedError):
        connect(port)


def test_tcp_hangs_up_in_the_middle_of_a_line_and_takes_the_client_back() -> None:
    with serve_tcp(HangUpMidLine(player())) as port:
        with connect(port) as client:
            assert talk(client, b"AT+CSQ\r") == SIGNAL[: len(SIGNAL) // 2]
        with connect(port) as client:
            assert talk(client, b"AT+CSQ\r") == SIGNAL


def test_a_change_from_another_thread_reaches_the_client_at_once() -> None:
    modem = SimulatedModem.load("quectel_ec25")
    with serve_tcp(modem) as port, connect(port) as client:
        talk(client, b"ATE0\r")
        talk(client, b"AT+CEREG=3\r")
        modem.set_registration("eps", stat=3, cause=8)
        got = read_until(lambda: client.recv(4096), b",8\r\n")
        assert got == b"\r\n+CEREG: 3,,,,0,8\r\n"


def open_terminal(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_NOCTTY)


def talk_terminal(terminal: int, command: bytes, end: bytes = b"OK\r\n") -> bytes:
    os.write(terminal, command)
    return read_until(lambda: os.read(terminal, 4096), end)


def read_to_hang_up(terminal: int) -> bytes:
    """What comes until the line drops: Linux shows that as EIO or as an end of file.

    Bytes that were under way may be lost with the line, as they are with a modem unplugged.
    """
    got = b""
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 4096):
            got += data
    return got


def test_a_terminal_is_raw_and_survives_its_clients() -> None:
    with serve_pty(player()) as port:
        for _ in range(2):
            terminal = open_terminal(port.path)
            local_modes = termios.tcgetattr(terminal)[3]
            assert not local_modes & (termios.ECHO | termios.ICANON)
            assert talk_terminal(terminal, b"AT+CSQ\r") == SIGNAL
            os.close(terminal)


def test_a_link_follows_the_terminal_through_a_drop(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    with serve_pty(HangUpMidLine(player(), "AT+CGMI"), link=link) as port:
        first = port.path
        assert str(link.readlink()) == first
        terminal = open_terminal(str(link))
        os.write(terminal, b"AT+CGMI\r")
        assert MAKER[: len(MAKER) // 2].startswith(read_to_hang_up(terminal))
        os.close(terminal)
        terminal = open_terminal(str(link))
        assert talk_terminal(terminal, b"AT+CSQ\r") == SIGNAL
        os.close(terminal)
    assert not link.is_symlink()


def test_a_client_that_does_not_read_loses_bytes_but_does_not_stop_the_modem() -> None:
    modem = SimulatedModem.load("quectel_ec25")
    with serve_pty(modem) as port:
        for _ in range(3000):
            modem.urc("+FILL: " + "x" * 200)
        terminal = open_terminal(port.path)
        termios.tcflush(terminal, termios.TCIFLUSH)
        assert talk_terminal(terminal, b"AT+CGMI\r").endswith(MAKER)
        os.close(terminal)
