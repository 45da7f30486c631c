"""A real ModemManager on a bus of its own, in front of simulated modems on a simulated USB bus.

ModemManager reads `/sys/class/tty` and opens `/dev/ttyUSB2`; in a mount namespace of its own these
are the trees that the test built, and the device file leads to a pseudo terminal. Whether a caller
may do something is asked of a real polkit on the same bus. Needs root and Debian's packages.
"""

import os
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import pytest
from jeepney import DBusAddress

from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import PtyPort, serve_pty
from tests.device_trees import Machine, UsbModem
from tests.system.private_bus import PrivateBus, plain
from tests.system.programs import simward_command, wait_until

PROGRAMS = ("dbus-daemon", "ModemManager")
POLKIT = Path("/usr/lib/polkit-1/polkitd")
RULES = "/usr/lib/udev/rules.d"
POLKIT_RULES = Path(__file__).parents[2] / "packaging/polkit"

# Binds what the test built over what the machine has, for this process and its children alone.
ENTER = """set -e
for name in null zero random urandom tty; do
  : > "$STAGE/dev/$name"; mount --bind "/dev/$name" "$STAGE/dev/$name"
done
mkdir -p "$STAGE/dev/pts"
mount --rbind /dev/pts "$STAGE/dev/pts"
mount --rbind "$STAGE/dev" /dev
mount --bind "$STAGE/sys" /sys
if [ -d "$STAGE/rules" ]; then mount --bind "$STAGE/rules" /usr/lib/udev/rules.d; fi
exec "$@"
"""


@cache
def namespace_refused() -> str | None:
    """Why there can be no mount namespace here, or None."""
    if os.geteuid() != 0:
        return "a mount namespace needs root"
    if shutil.which("unshare") is None:
        return "not installed: unshare"
    tried = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "this root may not make a mount namespace"


@cache
def why_not() -> str | None:
    """Why the stage cannot be set here, or None."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    missing = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    missing += [] if POLKIT.exists() else ["polkitd"]
    if missing:
        return f"not installed: {' '.join(missing)} (apt-get install modemmanager dbus polkitd)"
    return namespace_refused()


def _with_our_group(folder: Path) -> list[str]:
    """A command before another: our polkit rule is installed there, `nobody` is of our group."""
    group = folder / "group"
    group.write_text(f"{Path('/etc/group').read_text()}simward:x:64999:nobody\n")
    rules = "/etc/polkit-1/rules.d"
    script = f'mount --bind {group} /etc/group && mount --bind {POLKIT_RULES} {rules} && exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, "polkit"]


needs_modemmanager = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


MM = "org.freedesktop.ModemManager1"
MANAGER = DBusAddress("/org/freedesktop/ModemManager1", MM, MM)
OBJECTS = DBusAddress("/org/freedesktop/ModemManager1", MM, "org.freedesktop.DBus.ObjectManager")


@dataclass
class Stage:
    """Bus, polkit, trees and programs in `folder`."""

    folder: Path
    machine: Machine = field(init=False)
    lines: dict[str, PtyPort] = field(default_factory=dict)
    modems_behind: dict[str, SimulatedModem] = field(default_factory=dict)
    _closing: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.machine = Machine(self.folder / "m")
        # polkit gives up being root before it connects, and a test's folder is root's alone.
        public = Path(self._closing.enter_context(TemporaryDirectory(prefix="simward-bus-")))
        public.chmod(0o755)
        self.bus = self._closing.enter_context(PrivateBus(public, logs=self.folder))
        self.env = self.bus.env
        self.env["STAGE"] = str(self.machine.folder)
        try:
            polkit = self.start("polkit", *_with_our_group(self.folder), str(POLKIT), "--no-debug")
            wait_until(lambda: self.bus.has_owner("org.freedesktop.PolicyKit1"), polkit)
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def plug(
        self,
        modem: UsbModem,
        *ttys: str,
        model: str = "quectel_ec25",
        card: str = "usim_test",
        latency_s: float = 0.0,
        baud: int = 0,
    ) -> None:
        """Put `modem` in, with a simulated modem behind each of `ttys`."""
        for tty in ttys:
            device = self.modems_behind[tty] = SimulatedModem.load(model, card)
            line = serve_pty(device, latency_s=latency_s, baud=baud)
            self.lines[tty] = self._closing.enter_context(line)
        self.machine.plug(modem, {tty: self.lines[tty].path for tty in ttys})
        for each in modem.interfaces:
            if each.tty and each.tty not in ttys:
                (self.machine.folder / "dev" / each.tty).unlink()  # nobody answers there

    def unplug(self, modem: UsbModem) -> None:
        """Pull `modem` out: its lines drop."""
        names = [each.tty for each in modem.interfaces if each.tty]
        self.machine.unplug(modem)
        for tty in names:
            if tty in self.lines:
                self.lines.pop(tty).close()

    def add_rules(self, *files: Path) -> None:
        """Debian's udev rules and these are the rules of the stage."""
        folder = self.machine.folder / "rules"
        shutil.copytree(RULES, folder)
        for file in files:
            shutil.copy(file, folder)

    def start(self, name: str, *command: str) -> subprocess.Popen[str]:
        """A program beside the stage; ended with it."""
        return self.bus.start(name, *command)

    def inside(self, *command: str) -> list[str]:
        """`command`, to be run where the trees are the machine's own."""
        return ["unshare", "-m", "sh", "-c", ENTER, "inside", *command]

    def simward(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`simward` on the stage, to its end."""
        return subprocess.run(
            self.inside(*simward_command(*arguments)),
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start_modemmanager(self, *ttys: str) -> subprocess.Popen[str]:
        """ModemManager, told of these ports as udev would."""
        options = ("--no-auto-scan", "--test-no-udev", "--test-no-qrtr", "--test-no-suspend-resume")
        process = self.start("mm", *self.inside("ModemManager", "--debug", *options))
        wait_until(lambda: self.bus.has_owner(MM), process)
        self.tell_modemmanager("add", *ttys)
        return process

    def tell_modemmanager(self, action: str, *ttys: str) -> None:
        """That these ports came (`add`) or went (`remove`), as udev would."""
        for tty in ttys:
            event = {"action": ("s", action), "subsystem": ("s", "tty"), "name": ("s", tty)}
            self.bus.call(MANAGER, "ReportKernelEvent", "a{sv}", event)

    def modems(self) -> list[dict[str, Any]]:
        """What ModemManager shows: the properties of each modem."""
        if not self.bus.has_owner(MM):
            return []
        (objects,) = self.bus.call(OBJECTS, "GetManagedObjects")
        return [plain(interfaces[f"{MM}.Modem"]) for interfaces in objects.values()]
