"""A D-Bus of a test's own, and calls on it."""

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests.system.programs import end, wait_until

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
"""
_DBUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


class DBusRefusedError(Exception):
    """A call was answered with an error: its name."""


def call(connection: DBusConnection, where: DBusAddress, member: str, *arguments: Any) -> Any:
    """The answer's body; `arguments` are the signature and what it is of.

    Raises:
        DBusRefusedError: the other side said no.
    """
    signature, *body = arguments or (None,)
    message = new_method_call(where, member, signature, tuple(body))
    answer = connection.send_and_get_reply(message, timeout=60)
    if answer.header.message_type is not MessageType.method_return:
        raise DBusRefusedError(*answer.body)
    return answer.body


def plain(properties: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    """Properties without their signatures."""
    return {name: value for name, (_, value) in properties.items()}


class PrivateBus:
    """A bus in `folder` and the programs on it, all ended with it; their words go to `logs`."""

    def __init__(self, folder: Path, logs: Path | None = None) -> None:
        self.folder = folder
        self.logs = logs or folder
        self._closing = ExitStack()
        self.address = f"unix:path={folder}/bus"
        self.env = {
            **os.environ,
            "DBUS_SYSTEM_BUS_ADDRESS": self.address,
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
        }

    def __enter__(self) -> Self:
        config = self.folder / "bus.conf"
        config.write_text(_CONFIG.format(socket=self.folder / "bus"))
        try:
            bus = self.start("bus", "dbus-daemon", f"--config-file={config}", "--nofork")
            wait_until(self._is_connected, bus)
            self._closing.callback(self.connection.close)
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def _is_connected(self) -> bool:
        """Whether the bus takes us: its socket is there before it listens."""
        try:
            self.connection = open_dbus_connection(self.address)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def start(self, name: str, *command: str, **env: str) -> subprocess.Popen[str]:
        """A program on the bus; its words go to `name`.log."""
        with (self.logs / f"{name}.log").open("a") as log:
            process = subprocess.Popen(
                command,
                env={**self.env, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self._closing.callback(end, process)
        return process

    def call(self, where: DBusAddress, member: str, *arguments: Any) -> Any:
        """See the function `call`."""
        return call(self.connection, where, member, *arguments)

    def has_owner(self, name: str) -> bool:
        """Whether a program has taken the name."""
        return bool(self.call(_DBUS, "NameHasOwner", "s", name)[0])
