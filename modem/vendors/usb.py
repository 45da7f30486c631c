"""From a USB id and an interface to what that port of a modem is for (`usb_ports.toml`)."""

import os
import tomllib
from functools import cache
from typing import NamedTuple

from modem.vendors.profile import ProfileError

AT = "at"
AT_SECOND = "at2"
AT_DIAL_UP = "ppp"
ROLES = (AT, AT_SECOND, AT_DIAL_UP, "diag", "gps", "audio", "other")
COMMAND_ROLES = (AT, AT_SECOND, AT_DIAL_UP)
"""The roles that take AT commands, best first."""

# As in `select`: neither importlib.resources nor pathlib, for the sake of the start.
_FILE = os.path.join(os.path.dirname(__file__), "usb_ports.toml")  # noqa: PTH118, PTH120


class Known(NamedTuple):
    """What a source says of a port: its `role`."""

    role: str
    source: str


class UsbTable(NamedTuple):
    """The whole table.

    `by_interface` is keyed by (`vid:pid`, interface), `by_class` by (`vid`, `class/sub/protocol`),
    all of it lower-case hexadecimal; `ready_s` is how long a device needs after plugging in.
    """

    modems: frozenset[str]
    by_interface: dict[tuple[str, str], Known]
    by_class: dict[tuple[str, str], Known]
    ready_s: dict[str, float]


def is_modem(usb_id: str) -> bool:
    """Whether a source names the device `usb_id` as a modem."""
    return usb_id in usb_table().modems


def port_role(usb_id: str, interface: str, interface_class: str) -> Known | None:
    """What the port at `interface` (`02`) of `usb_id` (`2c7c:0125`) is for; None: not documented.

    `interface_class` is the interface's `class/subclass/protocol` (`ff/02/12`).
    """
    table = usb_table()
    vendor = usb_id.partition(":")[0]
    return table.by_interface.get((usb_id, interface)) or table.by_class.get(
        (vendor, interface_class)
    )


@cache
def usb_table() -> UsbTable:
    """The table, read once.

    Raises:
        ProfileError: the file is not what it should be.
    """
    with open(_FILE, "rb") as file:  # noqa: PTH123
        content = tomllib.load(file)
    by_interface: dict[tuple[str, str], Known] = {}
    by_class: dict[tuple[str, str], Known] = {}
    modems: set[str] = set()
    for table in content["table"]:
        source = table["source"]
        for usb_id, ports in table.get("usb", {}).items():
            modems.add(usb_id)
            for port in ports.split(", ") if ports else ():
                interface, _, role = port.partition(" ")
                _put(by_interface, (usb_id, interface), role, source)
        for name, role in table.get("classes", {}).items():
            vendor, _, interface_class = name.partition(":")
            _put(by_class, (vendor, interface_class), role, source)
    return UsbTable(frozenset(modems), by_interface, by_class, content["ready_s"])


def _put(known: dict[tuple[str, str], Known], key: tuple[str, str], role: str, source: str) -> None:
    if role not in ROLES or key in known:
        raise ProfileError("usb_ports", " ".join(key), f"bad or second role {role!r}")
    known[key] = Known(role, source)
