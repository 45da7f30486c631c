"""Which ports of this machine are modems' ports, and which of them to take.

What a port is for is told by the first of: the machine's owner (the udev property
`ID_SIMWARD_ROLE`), the kernel (a WWAN port has a type), the table of USB ids, udev's rules of
ModemManager. A port of a modem for which nobody says it may be asked (`modem.transport.probe`).
Nothing here writes to a port.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from modem.transport.holders import CONSOLE, Holder, holders_of
from modem.transport.sysfs import SYSTEM, Device, Roots, SerialPort, natural, port_at, serial_ports
from modem.vendors.select import select_profile
from modem.vendors.usb import AT, COMMAND_ROLES, ROLES, is_modem, port_role

# Kernel drivers that bind to modems alone (ModemManager 9a2d5863, src/mm-filter.c).
MODEM_DRIVERS = frozenset({"option", "option1", "qcserial", "qcaux", "nozomi", "sierra"})
_WWAN_ROLES = {"AT": AT, "QCDM": "diag"}
_MM_ROLES = (
    ("ID_MM_PORT_TYPE_AT_PRIMARY", AT),
    ("ID_MM_PORT_TYPE_AT_SECONDARY", "at2"),
    ("ID_MM_PORT_TYPE_AT_PPP", "ppp"),
    ("ID_MM_PORT_TYPE_QCDM", "diag"),
    ("ID_MM_PORT_TYPE_GPS", "gps"),
    ("ID_MM_PORT_TYPE_AUDIO", "audio"),
)
# Serial numbers that makers put into every device: kernel logs show the first with SIMCom SIM7600,
# Telit LN940 and Huawei, the second with Marvell and ASR chips (SIMCom A76xx, Telit LE910).
_EVERYBODYS_SERIAL = re.compile(r"0*|0123456789ABCDEF|200806006809080000", re.IGNORECASE)

BY_OWNER = "ID_SIMWARD_ROLE"
BY_KERNEL = "WWAN port type"
ASKED = "asked"


class Port(NamedTuple):
    """A port and what is known of it.

    `role` is one of `modem.vendors.usb.ROLES`, or None, and `role_source` says who told it;
    `of_modem`: its device is known to be a modem, by id or driver; `profile` is a first guess by
    USB id; `holders` have it, and where `unseen` is not 0 that many processes could not be looked
    into.
    """

    seen: SerialPort
    role: str | None
    role_source: str | None
    of_modem: bool
    profile: str | None
    holders: tuple[Holder, ...]
    unseen: int

    @property
    def path(self) -> str:
        """The device file."""
        return self.seen.path


class Modem(NamedTuple):
    """The ports of one modem, in the order of their interfaces.

    `name` is its place (`usb-1-1.2`), or the port's name where its owner says that a modem is
    behind a UART: then there is no `device`.
    """

    name: str
    device: Device | None
    profile: str | None
    ports: tuple[Port, ...]


class Choice(NamedTuple):
    """The port to take and those to take in its stead, best first; `why` the first one.

    `passed_over` are modems that come earlier and have no port for commands.
    """

    modem: Modem
    ports: tuple[Port, ...]
    why: str
    passed_over: tuple[Modem, ...]


BY_ROLE = "the modem's AT port by USB id and interface"
BY_ANSWER = "the port answers AT"
FIRST_IS_HELD = "the modem's first AT port is held by another program"


def ports(roots: Roots = SYSTEM) -> list[Port]:
    """Every serial port that a modem could be behind."""
    seen = serial_ports(roots)
    roles = {port.path: _role(port) for port in seen}
    known = {
        port.device.syspath
        for port in seen
        if port.device and (roles[port.path][0] or _is_modem(port, port.device))
    }
    holders = holders_of(roles, roots)
    found = []
    for port in seen:
        role, source = roles[port.path]
        device = port.device if port.device and port.device.syspath in known else None
        console = (Holder("kernel", None, CONSOLE),) if port.console else ()
        found.append(
            Port(
                port,
                role,
                source,
                of_modem=device is not None or role is not None,
                profile=_profile(device) if device else None,
                holders=(*console, *holders.by_port[port.path]),
                unseen=holders.unseen,
            )
        )
    return found


def modems(found: Iterable[Port]) -> list[Modem]:
    """The modems among `found`, in the order of where they are plugged in."""
    groups: dict[str, list[Port]] = {}
    for port in found:
        if port.of_modem:
            device = port.seen.device
            groups.setdefault(device.name if device else port.seen.name, []).append(port)
    return [_modem(name, groups[name]) for name in sorted(groups, key=natural)]


def choose(
    candidates: Iterable[Modem], answers: Callable[[Port], bool] | None = None
) -> Choice | None:
    """The first modem that has a port for commands, and that port; None where none has one.

    Always the same for the same hardware: the modem with the lowest place on the bus. Who holds a
    port decides between the ports of that modem, never between modems: another one's card would
    be reported. `answers` asks a port of which nobody knows what it is for; without it none is
    asked.
    """
    passed_over: list[Modem] = []
    for modem in candidates:
        for_commands = [port for port in modem.ports if port.role in COMMAND_ROLES]
        if not for_commands and answers is not None:
            unknown = [port for port in modem.ports if port.role is None and not port.holders]
            for_commands = [answered(port) for port in unknown if answers(port)]
        if for_commands:
            first = min(for_commands, key=_rank)
            for_commands.sort(key=lambda port: (bool(port.holders), *_rank(port)))
            why = BY_ROLE if for_commands[0] is first else FIRST_IS_HELD
            if for_commands[0].role_source == ASKED:
                why = BY_ANSWER
            return Choice(modem, tuple(for_commands), why, tuple(passed_over))
        passed_over.append(modem)
    return None


def answered(port: Port) -> Port:
    """The port, for AT commands: it was asked, and answered."""
    return port._replace(role=AT, role_source=ASKED)


class Identity(NamedTuple):
    """By what a port is known again after its device was away: see `find_again`."""

    path: str
    name: str
    device: Device | None
    interface: str | None


class Again(NamedTuple):
    """Where a port is now, or None and why not."""

    path: str | None
    reason: str


BY_SERIAL = "the device with the same serial number"
BY_PLACE = "the device in the same place"
SAME_FILE = "a port of this machine's own"
NOT_THERE = "not there"
ANOTHER_MODEM = "another modem is in its place"
SEVERAL = "several modems have its serial number"
ELSEWHERE = "one like it is in another place, but its serial number does not tell them apart"


def identity_of(path: str, roots: Roots = SYSTEM) -> Identity | None:
    """By what to find the port at `path` again; None where no hardware is behind it (a socket)."""
    port = port_at(path, roots)
    if port is None:
        return None
    return Identity(port.path, port.name, port.device, port.interface)


def find_again(wanted: Identity, roots: Roots = SYSTEM) -> Again:
    """Where the port `wanted` is now: its device may have been away and got another name.

    Always the same kind of device (USB id) and the same interface. A serial number of its own
    tells the device; where several have it, the one in the same place is it. A device without
    one, or with one that its maker puts into all, is known by its place alone. When in doubt it
    is not found: another modem's card would be reported as this one's.
    """
    now = serial_ports(roots)
    if wanted.device is None:
        found = any(port.path == wanted.path for port in now)
        return Again(wanted.path, SAME_FILE) if found else Again(None, NOT_THERE)
    alike = [port for port in now if port.device and _is_like(port, port.device, wanted)]
    here = [port for port in alike if _place(port) == wanted.device.name]
    serial = _own_serial(wanted.device)
    if serial is None:
        if here:
            same = here[0].device is not None and _own_serial(here[0].device) is None
            return Again(here[0].path, BY_PLACE) if same else Again(None, ANOTHER_MODEM)
        return Again(None, ELSEWHERE if alike else NOT_THERE)
    named = [port for port in alike if port.device and _own_serial(port.device) == serial]
    if len(named) > 1:
        named = [port for port in named if port in here]
        if not named:
            return Again(None, SEVERAL)
    if named:
        return Again(named[0].path, BY_SERIAL)
    return Again(None, ANOTHER_MODEM if here else NOT_THERE)


def _is_like(port: SerialPort, device: Device, wanted: Identity) -> bool:
    """The same port of the same kind of device."""
    return (
        wanted.device is not None
        and (device.bus, device.hardware_id) == (wanted.device.bus, wanted.device.hardware_id)
        and port.interface == wanted.interface
        # A WWAN port has no interface: what its name says behind the modem's number.
        and (wanted.interface is not None or _tail(port.name) == _tail(wanted.name))
    )


def _place(port: SerialPort) -> str | None:
    return port.device.name if port.device else None


def _tail(name: str) -> str:
    return re.sub(r"^wwan\d+", "", name)


def _own_serial(device: Device) -> str | None:
    serial = device.serial
    return None if serial is None or _EVERYBODYS_SERIAL.fullmatch(serial) else serial


def _role(port: SerialPort) -> tuple[str | None, str | None]:
    """What the port is for, and who says so."""
    if port.udev.get(BY_OWNER) in ROLES:
        return port.udev[BY_OWNER], BY_OWNER
    if port.kernel_type is not None:
        return _WWAN_ROLES.get(port.kernel_type, "other"), BY_KERNEL
    if port.device and port.interface and port.interface_class:
        known = port_role(port.device.hardware_id, port.interface, port.interface_class)
        if known is not None:
            return known.role, known.source
    for key, role in _MM_ROLES:
        if port.udev.get(key) == "1":
            return role, key
    return None, None


def _is_modem(port: SerialPort, device: Device) -> bool:
    return port.driver in MODEM_DRIVERS or (device.bus == "usb" and is_modem(device.hardware_id))


def _profile(device: Device) -> str:
    usb_id = device.hardware_id if device.bus == "usb" else None
    return select_profile(None, None, usb_id).name


def _modem(name: str, group: list[Port]) -> Modem:
    in_order = sorted(group, key=lambda port: (port.seen.interface or "", natural(port.seen.name)))
    return Modem(name, group[0].seen.device, group[0].profile, tuple(in_order))


def _rank(port: Port) -> tuple[int, str]:
    return COMMAND_ROLES.index(port.role or AT), port.seen.interface or ""
