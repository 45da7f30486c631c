"""The serial ports of this machine, as kernel and udev describe them. Reads files, opens no port.

Sources: sysfs (`/sys/class/tty`, `/sys/class/wwan`, and the USB or PCI device above a port), the
links that udev makes (`/dev/serial/by-id`, `by-path`), udev's database (`/run/udev/data`).
"""

import os
from collections.abc import Iterator
from typing import NamedTuple


class Roots(NamedTuple):
    """Where the kernel's and the system's files are; tests build trees of their own."""

    sys: str = "/sys"
    dev: str = "/dev"
    udev: str = "/run/udev"
    proc: str = "/proc"
    locks: str = "/var/lock"


SYSTEM = Roots()

_MOST_LINKS = 8
# Places for UARTs that are not fitted have the type PORT_UNKNOWN.
_NO_UART = frozenset({None, "0"})


class Device(NamedTuple):
    """What a port is a part of: one USB or PCI device.

    `hardware_id` is `vid:pid` in lower-case hexadecimal; `bus_path` is the place where it is
    plugged in (`1-1.2` for USB, `0000:01:00.0` for PCI); `syspath` begins with `/sys` wherever the
    tree is, as ModemManager names it; `udev`: the properties that udev's rules gave it.
    """

    bus: str
    hardware_id: str
    bus_path: str
    syspath: str
    manufacturer: str | None
    product: str | None
    serial: str | None
    udev: dict[str, str]

    @property
    def name(self) -> str:
        """The device in one word, the same until it is plugged in elsewhere (`usb-1-1.2`)."""
        return f"{self.bus}-{self.bus_path}"


class SerialPort(NamedTuple):
    """One port.

    `interface` is bInterfaceNumber (`02`), `interface_class` is `class/subclass/protocol`
    (`ff/02/12`); both None where it is not USB. `kernel_type` is what the WWAN subsystem says the
    port is for (`AT`). `console`: the kernel writes its messages there. `udev`: the properties
    that udev's rules gave it.
    """

    path: str
    name: str
    by_id: str | None
    by_path: str | None
    driver: str | None
    interface: str | None
    interface_class: str | None
    kernel_type: str | None
    console: bool
    device: Device | None
    udev: dict[str, str]


def serial_ports(roots: Roots = SYSTEM) -> list[SerialPort]:
    """All ports that hardware stands behind, in the order of their names (ttyUSB2 before 10)."""
    by_id = _links(roots, "by-id")
    by_path = _links(roots, "by-path")
    found = []
    for kind in ("tty", "wwan"):
        for name in _listing(f"{roots.sys}/class/{kind}"):
            port = _port(roots, kind, name)
            if port is not None:
                found.append(port._replace(by_id=by_id.get(name), by_path=by_path.get(name)))
    return sorted(found, key=lambda port: natural(port.name))


def port_at(path: str, roots: Roots = SYSTEM) -> SerialPort | None:
    """The port that `path` leads to, whatever link names it; None where hardware has none such."""
    by_name = {port.path: port for port in serial_ports(roots)}
    # Not realpath(): in a tree of a test the device file itself is a link to a pseudo terminal.
    for _ in range(_MOST_LINKS):
        if path in by_name:
            return by_name[path]
        try:
            path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
        except OSError:
            return None
    return None


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key in which numbers count as numbers: `1-1.10` after `1-1.9`."""
    key: list[tuple[int, str]] = []
    for char in name:
        if char.isdecimal() and key and not key[-1][1]:
            key[-1] = (key[-1][0] * 10 + int(char), "")
        else:
            key.append((int(char), "") if char.isdecimal() else (-1, char))
    return tuple(key)


def _port(roots: Roots, kind: str, name: str) -> SerialPort | None:
    link = f"{roots.sys}/class/{kind}/{name}"
    if kind == "tty" and not os.path.exists(f"{link}/device"):
        return None  # a console or a pseudo terminal
    folder = os.path.realpath(link)
    kernel_type = _text(f"{folder}/type")
    if kind == "wwan" and kernel_type is None:
        return None  # the modem as a whole
    above = list(_ancestors(folder, os.path.realpath(roots.sys)))
    interface = next((path for path in above if os.path.exists(f"{path}/bInterfaceNumber")), None)
    device = next((found for path in above if (found := _device(roots, path))), None)
    if kind == "tty" and device is None and kernel_type in _NO_UART:
        return None
    return SerialPort(
        path=f"{roots.dev}/{name}",
        name=name,
        by_id=None,
        by_path=None,
        driver=_driver(interface or f"{folder}/device"),
        interface=_text(f"{interface}/bInterfaceNumber") if interface else None,
        interface_class=_interface_class(interface) if interface else None,
        kernel_type=kernel_type if kind == "wwan" else None,
        console=_text(f"{folder}/console") == "Y",
        device=device,
        udev=_udev_properties(roots, folder),
    )


def _ancestors(folder: str, top: str) -> Iterator[str]:
    """`folder` and what it is in, up to the top of sysfs."""
    while len(folder) > len(top):
        yield folder
        folder = os.path.dirname(folder)


def _device(roots: Roots, folder: str) -> Device | None:
    """The USB or PCI device that `folder` is, or None."""
    if os.path.exists(f"{folder}/idVendor"):
        bus, vendor, product = "usb", "idVendor", "idProduct"
    elif _link_name(f"{folder}/subsystem") == "pci" and _is_wwan_parent(folder):
        bus, vendor, product = "pci", "vendor", "device"
    else:
        return None
    identity = [(_text(f"{folder}/{name}") or "").lower() for name in (vendor, product)]
    return Device(
        bus=bus,
        hardware_id=":".join(number.removeprefix("0x") for number in identity),
        bus_path=os.path.basename(folder),
        syspath="/sys" + folder.removeprefix(os.path.realpath(roots.sys)),
        manufacturer=_text(f"{folder}/manufacturer"),
        product=_text(f"{folder}/product"),
        serial=_text(f"{folder}/serial"),
        udev=_udev_properties(roots, folder),
    )


def _is_wwan_parent(folder: str) -> bool:
    """A PCI device is a modem where it has WWAN ports; else it is a bridge or a serial card."""
    return os.path.isdir(f"{folder}/wwan")


def _driver(folder: str) -> str | None:
    return _link_name(f"{folder}/driver")


def _interface_class(interface: str) -> str:
    names = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
    return "/".join((_text(f"{interface}/{name}") or "").lower() for name in names)


def _udev_properties(roots: Roots, folder: str) -> dict[str, str]:
    """What udev's database holds of the device file (lines `E:KEY=VALUE`)."""
    number = _text(f"{folder}/dev")
    text = _text(f"{roots.udev}/data/c{number}") if number else None
    pairs = [line[2:].partition("=") for line in (text or "").splitlines() if line[:2] == "E:"]
    return {key: value for key, _, value in pairs}


def _links(roots: Roots, kind: str) -> dict[str, str]:
    """Kernel name -> the link to it in `/dev/serial/KIND`; the first one where several are."""
    folder = f"{roots.dev}/serial/{kind}"
    links: dict[str, str] = {}
    for name in _listing(folder):
        target = _link_name(f"{folder}/{name}")
        if target is not None:
            links.setdefault(target, f"{folder}/{name}")
    return links


def _listing(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _link_name(path: str) -> str | None:
    """The last part of what a link points to."""
    try:
        return os.path.basename(os.readlink(path))
    except OSError:
        return None


def _text(path: str) -> str | None:
    """A small file's text without blanks around it; None where it is missing or empty."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip() or None
    except OSError:
        return None
