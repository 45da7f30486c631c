"""What the kernel calls the parts of one modem: ttys, network interfaces, control ports."""

import os
from contextlib import suppress

from modem.transport.sysfs import Roots, port_at

_CLASSES = ("tty", "net", "usbmisc", "wwan")


def names_of_modem(port: str, interface: str | None, roots: Roots) -> frozenset[str]:
    """The port's name, the configured interface, and all that is of the same device."""
    seen = port_at(port, roots) if port else None
    names = {interface} if interface else set()
    if seen is None:
        return frozenset(names)
    names.add(seen.name)
    if seen.device is not None:
        top = os.path.realpath(roots.sys)
        names |= _of_device(top + seen.device.syspath.removeprefix("/sys"), roots)
    return frozenset(names)


def _of_device(device: str, roots: Roots) -> set[str]:
    found = set()
    for kind in _CLASSES:
        folder = f"{roots.sys}/class/{kind}"
        with suppress(OSError):
            for name in os.listdir(folder):  # noqa: PTH208 - names alone
                if os.path.realpath(f"{folder}/{name}").startswith(f"{device}/"):
                    found.add(name)
    return found
