"""Debian's NetworkManager on a bus of a test's own, in a network of its own: nothing but `lo`.

Its configuration, connections, state and `/run` are a test's folder; it lets root alone change
things. nmcli, from the same package, is the second witness of what is there.
"""

import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from tests.system.modem_manager import namespace_refused
from tests.system.private_bus import PrivateBus
from tests.system.programs import wait_until

NM = "org.freedesktop.NetworkManager"

_CONFIG = """[main]
plugins=keyfile
dns=none
rc-manager=unmanaged
auth-polkit=root-only
no-auto-default=*
"""
_ENTER = """set -e
mount --bind "$NM_STAGE/etc" /etc/NetworkManager
mount --bind "$NM_STAGE/state" /var/lib/NetworkManager
mount --bind "$NM_STAGE/run" /run
exec "$@"
"""


@cache
def why_not() -> str | None:
    """Why NetworkManager cannot be started here, or None."""
    path = "/usr/sbin:/usr/bin"
    if any(shutil.which(name, path=path) is None for name in ("NetworkManager", "nmcli")):
        return "not installed: NetworkManager (apt-get install network-manager)"
    if shutil.which("dbus-daemon") is None:
        return "not installed: dbus-daemon (apt-get install dbus)"
    return namespace_refused() or _network_refused()


def _network_refused() -> str | None:
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "this root may not make a network namespace"


needs_networkmanager = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@dataclass
class NetworkManager:
    """NetworkManager on `bus`; what it has stands in `folder`."""

    bus: PrivateBus
    folder: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("etc/system-connections", "etc/conf.d", "state", "run"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "etc/NetworkManager.conf").write_text(_CONFIG)

    @property
    def files(self) -> Path:
        """Where it keeps connections."""
        return self.folder / "etc/system-connections"

    def profile(self, name: str, uuid: str, **settings: str) -> None:
        """A connection over a modem, as a file; `gsm_x` and `connection_x` are its settings."""
        sections: dict[str, list[str]] = {
            "connection": [f"id={name}", f"uuid={uuid}", "type=gsm"],
            "gsm": ["apn=iot.example"],
        }
        for key, value in settings.items():
            section, _, setting = key.partition("_")
            sections[section].append(f"{setting.replace('_', '-')}={value}")
        text = "".join(f"[{each}]\n" + "\n".join(lines) + "\n" for each, lines in sections.items())
        file = self.files / f"{name}.nmconnection"
        file.write_text(text)
        file.chmod(0o600)

    def start(self) -> None:
        """Start it, and wait until it is there."""
        command = ("unshare", "-n", "-m", "sh", "-c", _ENTER, "enter")
        program = ("NetworkManager", "--no-daemon", "--log-level=INFO")
        self.process = self.bus.start("nm", *command, *program, NM_STAGE=str(self.folder))
        wait_until(lambda: self.bus.has_owner(NM), self.process)
        wait_until(
            lambda: self.nmcli("-f", "RUNNING", "general").strip() == "running", self.process
        )

    def nmcli(self, *arguments: str) -> str:
        """What nmcli says, in its terse form."""
        said = subprocess.run(
            ["nmcli", "-t", *arguments],
            env=self.bus.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return said.stdout

    def names(self) -> set[str]:
        """The connections that nmcli shows."""
        return set(self.nmcli("-f", "NAME", "connection", "show").split())

    def setting(self, name: str, key: str) -> str:
        """One setting of a connection, secrets too."""
        return self.nmcli("-s", "-g", key, "connection", "show", name).strip()
