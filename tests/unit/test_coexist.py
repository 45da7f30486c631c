"""What is known of ModemManager without any: names, and the absence of a bus."""

import socket
import threading

import pytest

from modem.errors import CoexistError
from modem.transport.coexist import NO_ANSWER, Inhibition, managed_modems, uid_of
from modem.transport.sysfs import port_at
from tests.device_trees import EC25, HOST, Machine


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    return Machine(tmp_path / "m")


def uid(machine: Machine, tty: str) -> str | None:
    port = port_at(f"{machine.roots.dev}/{tty}", machine.roots)
    assert port is not None
    return uid_of(port)


def test_a_device_is_called_by_its_place_in_sysfs(machine) -> None:
    machine.plug(EC25.at_place("1-1.2", 0))
    assert uid(machine, "ttyUSB2") == f"/sys/{HOST}/1-1/1-1.2"


def test_a_udev_rule_may_name_a_device_or_a_port_otherwise(machine) -> None:
    machine.udev_rules = {"1-1": {"ID_MM_PHYSDEV_UID": "slot-a"}}
    machine.plug(EC25)
    assert uid(machine, "ttyUSB2") == "slot-a"
    machine.unplug(EC25)
    machine.udev_rules["ttyUSB2"] = {"ID_MM_PHYSDEV_UID": "main"}
    machine.plug(EC25)
    assert uid(machine, "ttyUSB2") == "main"


def test_a_port_on_the_board_is_no_part_of_a_device(machine) -> None:
    machine.uart("ttyS1", number="4:65")
    assert uid(machine, "ttyS1") is None


def test_a_modem_that_moved_is_another_device(machine) -> None:
    machine.plug(EC25)
    machine.plug(EC25.at_place("1-2", 4))
    dev = machine.roots.dev
    ours = Inhibition(f"{dev}/ttyUSB2", roots=machine.roots)
    try:
        assert ours.concerns(f"{dev}/ttyUSB3", machine.roots)
        assert not ours.concerns(f"{dev}/ttyUSB6", machine.roots)
        assert ours.concerns("socket://127.0.0.1:1", machine.roots)  # no device to be another one
    finally:
        ours.close()


@pytest.mark.parametrize("welcome", [b"", b"OK 0123456789abcdef0123456789abcdef\r\n"], ids=repr)
def test_a_bus_that_does_not_answer_is_no_reason_to_wait_for_ever(tmp_path, monkeypatch, welcome):
    address = tmp_path / "bus"
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={address}")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()

        def serve() -> None:
            with listener.accept()[0] as peer:
                peer.recv(1000)
                peer.sendall(welcome)
                while peer.recv(1000):
                    pass

        bus = threading.Thread(target=serve)
        bus.start()
        with pytest.raises(CoexistError, match=NO_ANSWER):
            managed_modems(patience_s=0.2)
        bus.join(10)
        assert not bus.is_alive()


def test_without_a_bus_nothing_is_managed_or_taken(machine) -> None:
    machine.plug(EC25)
    assert managed_modems() is None
    ours = Inhibition(f"{machine.roots.dev}/ttyUSB2", roots=machine.roots)
    assert ours.take() is False
    assert ours.taken is False
    ours.close()
    ours.close()
