from pathlib import Path

import pytest

from modem.errors import PortUnavailable
from modem.transport.memory import ScriptedStream
from modem.transport.serial_port import NO_SUCH_PORT
from modem.transport.steady import SteadyPort
from tests.device_trees import EC25, EM7455, SIM7600, Machine


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


class Opener:
    """Notes what is opened."""

    def __init__(self, machine: Machine, name: str) -> None:
        self.opened: list[str] = []
        self.port = SteadyPort(f"{machine.roots.dev}/{name}", self._open, machine.roots)

    def _open(self, path: str) -> ScriptedStream:
        self.opened.append(Path(path).name)
        return ScriptedStream()


def test_a_modem_that_comes_back_under_another_name_is_opened_there(machine):
    machine.plug(EC25)
    opener = Opener(machine, "ttyUSB2")
    opener.port.open()
    machine.unplug(EC25)
    machine.plug(EC25.at_place("1-1", 5))
    opener.port.open()
    machine.unplug(EC25.at_place("1-1", 5))
    machine.plug(EC25)
    opener.port.open()
    assert opener.opened == ["ttyUSB2", "ttyUSB7", "ttyUSB2"]


def test_while_it_is_away_no_port_is_opened(machine):
    machine.plug(EC25)
    opener = Opener(machine, "ttyUSB2")
    opener.port.open()
    machine.unplug(EC25)
    with pytest.raises(PortUnavailable) as caught:
        opener.port.open()
    assert caught.value.reason == NO_SUCH_PORT
    assert opener.opened == ["ttyUSB2"]


def test_another_modem_that_got_its_name_is_left_alone(machine):
    machine.plug(EM7455)
    opener = Opener(machine, "ttyUSB2")
    opener.port.open()
    machine.unplug(EM7455)
    machine.plug(SIM7600.at_place("1-1.4", 0))
    with pytest.raises(PortUnavailable):
        opener.port.open()
    assert opener.opened == ["ttyUSB2"]


def test_a_spare_part_in_its_place_is_taken(machine):
    machine.plug(EC25)
    opener = Opener(machine, "ttyUSB2")
    opener.port.open()
    machine.unplug(EC25)
    machine.plug(SIM7600.at_place("1-1", 0))
    opener.port.open()
    assert opener.opened == ["ttyUSB2", "ttyUSB2"]


@pytest.mark.parametrize("url", ["socket://127.0.0.1:4000", "/dev/pts/7", "rfc2217://gw:1"])
def test_what_no_hardware_is_behind_is_opened_by_its_name(machine, url):
    opened = []

    def open_stream(path: str) -> ScriptedStream:
        opened.append(path)
        return ScriptedStream()

    port = SteadyPort(url, open_stream, machine.roots)
    port.open()
    port.open()
    assert opened == [url, url]


def test_a_name_that_stays_is_kept(machine):
    machine.plug(EM7455)
    by_id = next(Path(machine.roots.dev, "serial/by-id").iterdir())
    opened = []
    port = SteadyPort(str(by_id), lambda path: opened.append(path) or ScriptedStream(),
                      machine.roots)  # fmt: skip
    port.open()
    machine.unplug(EM7455)
    machine.plug(EM7455.at_place("1-1", 6))
    port.open()
    assert opened == [str(by_id), str(by_id)]
