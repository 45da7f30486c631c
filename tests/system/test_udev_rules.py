"""The shipped udev rules, read by the real udev on simulated machines."""

import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

from modem.transport.discovery import ports
from tests.device_trees import EC25, MODEMS, Machine
from tests.system.modem_manager import ENTER, RULES, namespace_refused

HERE = Path(__file__).parents[2] / "packaging/udev"
UDEVADM = shutil.which("udevadm")

pytestmark = pytest.mark.system
needs_udev = pytest.mark.skipif(
    UDEVADM is None or namespace_refused() is not None,
    reason=namespace_refused() or "not installed: udevadm (apt-get install udev)",
)


def test_the_rules_are_those_of_the_table() -> None:
    files = runpy.run_path(str(HERE / "generate.py"))["files"]
    for name, content in files().items():
        assert (HERE / name).read_text() == content, f"run packaging/udev/generate.py ({name})"


class Udev:
    """What udev would make of a machine's devices, with our rules beside its own."""

    def __init__(self, machine: Machine, *rules: Path) -> None:
        self._machine = machine
        folder = machine.folder / "rules"
        shutil.copytree(RULES, folder)
        for rule in rules:
            shutil.copy(rule, folder)

    def properties(self, syspath: str) -> dict[str, str]:
        """Of the device at `syspath`."""
        # udev takes a tree for sysfs only where this says that it may be another file system.
        env = {**os.environ, "STAGE": str(self._machine.folder), "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"}
        result = subprocess.run(
            [
                "unshare",
                "-m",
                "sh",
                "-c",
                ENTER,
                "udev",
                "udevadm",
                "test",
                "--action=add",
                syspath,
            ],
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return dict(re.findall(r"^([.A-Z0-9_]+)=(.*)$", result.stdout, re.MULTILINE))

    def tty(self, name: str) -> dict[str, str]:
        """Of a port."""
        return self.properties(f"/sys/class/tty/{name}")


@needs_udev
@pytest.mark.parametrize("name", MODEMS)
def test_every_port_of_a_modem_gets_a_name_by_its_role(tmp_path, name) -> None:
    machine = Machine(tmp_path / "m")
    machine.plug(MODEMS[name].at_place("1-1.4", 3))
    udev = Udev(machine, HERE / "77-simward-roles.rules")
    told = {port.seen.name: port.role for port in ports(machine.roots)}
    for tty, role in told.items():
        links = udev.tty(tty).get("DEVLINKS", "").split()
        ours = [link for link in links if link.startswith("/dev/simward/")]
        assert ours == ([f"/dev/simward/usb-1-1.4-{role}"] if role else [])


@needs_udev
def test_udev_and_the_table_agree_on_modems_that_both_know(tmp_path) -> None:
    machine = Machine(tmp_path / "m")
    udev = Udev(machine)
    words = {"AT_PRIMARY": "at", "AT_SECONDARY": "at2", "QCDM": "diag", "GPS": "gps"}
    compared = 0
    for modem in MODEMS.values():
        machine.plug(modem)
        for port in ports(machine.roots):
            told = udev.tty(port.seen.name)
            for word, role in words.items():
                if f"ID_MM_PORT_TYPE_{word}" in told:
                    assert port.role == role
                    compared += 1
        machine.unplug(modem)
    assert compared > 10


@needs_udev
def test_the_owners_word_wins_and_a_uart_gets_a_name_too(tmp_path) -> None:
    machine = Machine(tmp_path / "m")
    machine.plug(EC25)
    machine.uart("ttyS1", number="4:65")
    own = tmp_path / "70-site.rules"
    own.write_text(
        'SUBSYSTEM=="tty", KERNEL=="ttyS1", ENV{ID_SIMWARD_ROLE}="at"\n'
        'SUBSYSTEM=="tty", KERNEL=="ttyUSB2", ENV{ID_SIMWARD_ROLE}="other"\n'
    )
    udev = Udev(machine, HERE / "77-simward-roles.rules", own)
    assert udev.tty("ttyS1")["DEVLINKS"] == "/dev/simward/ttyS1-at"
    assert "/dev/simward/usb-1-1-other" in udev.tty("ttyUSB2")["DEVLINKS"].split()


@needs_udev
def test_the_optional_rules_speak_to_modemmanager_about_device_and_port(tmp_path) -> None:
    machine = Machine(tmp_path / "m")
    machine.plug(EC25)
    optional = ("78-mm-simward-ignore.rules", "78-mm-simward-second-port.rules")
    udev = Udev(machine, *(HERE / name for name in optional))
    device = udev.properties("/sys/bus/usb/devices/1-1")
    assert device["ID_MM_DEVICE_IGNORE"] == "1"
    ignored = {n: udev.tty(f"ttyUSB{n}").get("ID_MM_PORT_IGNORE") for n in range(4)}
    assert ignored == {0: None, 1: None, 2: None, 3: "1"}
