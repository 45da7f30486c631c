"""Writes the udev rules beside this file from the table of USB ids, `modem/vendors/usb_ports.toml`.

.venv/bin/python packaging/udev/generate.py
"""

from collections.abc import Iterator
from pathlib import Path

from modem.vendors.usb import AT_SECOND, usb_table

HERE = Path(__file__).parent

_HEAD = """\
# Written by packaging/udev/generate.py from modem/vendors/usb_ports.toml: do not edit here.
"""

_ROLES = """\
# A name for each port of a modem that says what it is for and stays the same while the modem stays
# in its place, whatever ttyUSB number it gets: /dev/simward/usb-1-1.2-at
#
# A modem behind a UART, or a port that no table knows, is declared by a rule of your own, in a file
# that comes before this one:
#   SUBSYSTEM=="tty", KERNEL=="ttyS1", ENV{ID_SIMWARD_ROLE}="at"

ACTION=="remove", GOTO="simward_roles_end"
SUBSYSTEM!="tty", GOTO="simward_roles_end"
ENV{ID_SIMWARD_ROLE}=="?*", ENV{.SIMWARD_ROLE}="$env{ID_SIMWARD_ROLE}", GOTO="simward_roles_link"
SUBSYSTEMS=="usb", GOTO="simward_roles_usb"
GOTO="simward_roles_end"
LABEL="simward_roles_usb"
# What 60-serial.rules found out.
ENV{.SIMWARD_PORT}="$env{ID_VENDOR_ID}:$env{ID_MODEL_ID}:$env{ID_USB_INTERFACE_NUM}"
"""

_LINKS = """
LABEL="simward_roles_link"
ENV{.SIMWARD_ROLE}=="?*", SUBSYSTEMS=="usb", ATTRS{idVendor}=="?*", \\
  SYMLINK+="simward/usb-$id-$env{.SIMWARD_ROLE}", GOTO="simward_roles_end"
ENV{.SIMWARD_ROLE}=="?*", SYMLINK+="simward/$kernel-$env{.SIMWARD_ROLE}"

LABEL="simward_roles_end"
"""

_IGNORE = """\
# OPTIONAL: ModemManager leaves all modems alone that simward knows by USB id. Copy this file to
# /etc/udev/rules.d, delete the lines of modems that ModemManager shall keep, then
#   udevadm control --reload && udevadm trigger --action=change && systemctl restart ModemManager
# A modem that carries the gateway's own connection through ModemManager must not be in here.

ACTION!="add|change|move|bind", GOTO="simward_ignore_end"
SUBSYSTEMS=="usb", GOTO="simward_ignore_usb"
GOTO="simward_ignore_end"
LABEL="simward_ignore_usb"
"""

_SECOND = """\
# OPTIONAL: ModemManager leaves the second AT port of a modem alone, for simward; it keeps the
# first one and the modem. Copy this file to /etc/udev/rules.d, then
#   udevadm control --reload && udevadm trigger --action=change && systemctl restart ModemManager

ACTION!="add|change|move|bind", GOTO="simward_second_end"
SUBSYSTEMS=="usb", GOTO="simward_second_usb"
GOTO="simward_second_end"
LABEL="simward_second_usb"
SUBSYSTEMS=="usb", ATTRS{bInterfaceNumber}=="?*", ENV{.SIMWARD_IF}="$attr{bInterfaceNumber}"
"""


def files() -> dict[str, str]:
    """File name -> content."""
    return {
        "77-simward-roles.rules": _HEAD + _ROLES + "".join(_roles()) + _LINKS,
        "78-mm-simward-ignore.rules": f"{_HEAD}{_IGNORE}{''.join(_ignored())}\n"
        'LABEL="simward_ignore_end"\n',
        "78-mm-simward-second-port.rules": f"{_HEAD}{_SECOND}{''.join(_second_ports())}\n"
        'LABEL="simward_second_end"\n',
    }


def _roles() -> Iterator[str]:
    table = usb_table()
    ports: dict[tuple[str, str], list[str]] = {}
    for (usb_id, interface), known in sorted(table.by_interface.items()):
        vendor = usb_id.partition(":")[0]
        ports.setdefault((vendor, known.role), []).append(f"{usb_id}:{interface}")
    for (_, role), names in sorted(ports.items()):
        yield f'ENV{{.SIMWARD_PORT}}=="{"|".join(names)}", ENV{{.SIMWARD_ROLE}}="{role}"\n'
    for (vendor, interface_class), known in sorted(table.by_class.items()):
        names = ["bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"]
        pairs = zip(names, interface_class.split("/"), strict=True)
        kind = ", ".join(f'ATTRS{{{name}}}=="{value}"' for name, value in pairs)
        yield f'ENV{{ID_VENDOR_ID}}=="{vendor}", {kind}, ENV{{.SIMWARD_ROLE}}="{known.role}"\n'


def _ignored() -> Iterator[str]:
    for usb_id in sorted(usb_table().modems):
        yield f'{_device(usb_id)}, ENV{{ID_MM_DEVICE_IGNORE}}="1"\n'


def _second_ports() -> Iterator[str]:
    for (usb_id, interface), known in sorted(usb_table().by_interface.items()):
        if known.role == AT_SECOND:
            port = f'ENV{{.SIMWARD_IF}}=="{interface}", SUBSYSTEM=="tty"'
            yield f'{_device(usb_id)}, {port}, ENV{{ID_MM_PORT_IGNORE}}="1"\n'


def _device(usb_id: str) -> str:
    vendor, product = usb_id.split(":")
    return f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}"'


if __name__ == "__main__":
    for name, content in files().items():
        (HERE / name).write_text(content, encoding="utf-8")
