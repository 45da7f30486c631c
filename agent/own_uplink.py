"""Whether somebody's way to this machine leads over the cellular interface. Reads, changes nothing.

Who cuts the cellular link may cut himself off: the default route, or the technician's SSH session,
may ride on it. Sources: /proc/net/route and /proc/net/ipv6_route of Linux; sshd's SSH_CONNECTION.
"""

import fcntl
import ipaddress
import os
import re
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from agent.i18n import mark
from modem.transport.sysfs import SYSTEM, Roots, port_at

DEFAULT_ROUTE: Final = mark("the default route of this machine leads over {interface}")
SSH_SESSION: Final = mark("the SSH session from {address} comes over {interface}")

_SIOCGIFADDR: Final = 0x8915
_RTF_UP: Final = 0x1
# What the kernel and ModemManager call interfaces of modems.
_CELLULAR_NAMES: Final = re.compile(r"(wwan|wwp|ppp|rmnet|usb|cdc)\w*")


class Route(NamedTuple):
    """One route: which addresses, over which interface; the lower metric wins."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network
    interface: str
    metric: int


class Uplinks(NamedTuple):
    """The machine's routes, addresses of interfaces, and who is logged in from where."""

    routes: tuple[Route, ...]
    addresses: Mapping[str, frozenset[str]]
    ssh: tuple[str, str] | None = None
    """Of the SSH session: the client's address, and this machine's."""


def cellular_interface(
    configured: str | None, port: str, context_addresses: tuple[str, ...], uplinks: Uplinks
) -> str | None:
    """The modem's network interface: as configured, of the same device, or with its address."""
    if configured is not None:
        return configured
    beside = _beside(port)
    if beside is not None:
        return beside
    for interface, addresses in uplinks.addresses.items():
        if addresses & set(context_addresses):
            return interface
    return None


def rides_on(interface: str | None, uplinks: Uplinks) -> tuple[str, dict[str, str]] | None:
    """Why the interface must not be cut (text, fields); None where nothing rides on it.

    Where nobody knows the modem's interface, every one that is called like a modem's counts.
    """
    for route in _defaults(uplinks.routes):
        if _is_cellular(route.interface, interface):
            return DEFAULT_ROUTE, {"interface": route.interface}
    if uplinks.ssh is None:
        return None
    client, own = uplinks.ssh
    ways = {name for name, addresses in uplinks.addresses.items() if own in addresses}
    back = _best(uplinks.routes, client)
    ways |= {back.interface} if back is not None else set()
    for way in sorted(ways):
        if _is_cellular(way, interface):
            return SSH_SESSION, {"address": client, "interface": way}
    return None


def default_interfaces(uplinks: Uplinks) -> tuple[str, ...]:
    """The interfaces of the default routes, one a family of addresses; () where there is none."""
    return tuple(dict.fromkeys(route.interface for route in _defaults(uplinks.routes)))


def read_uplinks(env: Mapping[str, str], roots: Roots = SYSTEM) -> Uplinks:
    """The machine as it is now."""
    routes = (*_ipv4_routes(f"{roots.proc}/net/route"), *_ipv6_routes(f"{roots.proc}/net"))
    return Uplinks(routes, _addresses(roots), ssh_of(env))


def ssh_of(env: Mapping[str, str]) -> tuple[str, str] | None:
    """Client's and own address of the SSH session that `env` belongs to, if any."""
    words = env.get("SSH_CONNECTION", "").split()
    return (words[0], words[2]) if len(words) == 4 else None


def _is_cellular(name: str, interface: str | None) -> bool:
    return name == interface if interface else _CELLULAR_NAMES.fullmatch(name) is not None


def _defaults(routes: tuple[Route, ...]) -> list[Route]:
    """The default route of each family: the one that wins."""
    found = []
    for version in (4, 6):
        own = [r for r in routes if r.network.version == version and r.network.prefixlen == 0]
        found += sorted(own, key=lambda route: route.metric)[:1]
    return found


def _best(routes: tuple[Route, ...], address: str) -> Route | None:
    """The route to `address`."""
    with suppress(ValueError):
        target = ipaddress.ip_address(address.partition("%")[0])
        fitting = [r for r in routes if r.network.version == target.version and target in r.network]
        return min(fitting, key=lambda r: (-r.network.prefixlen, r.metric), default=None)
    return None


def _ipv4_routes(path: str) -> list[Route]:
    found = []
    for line in _lines(path)[1:]:
        fields = line.split()
        if len(fields) < 8 or not int(fields[3], 16) & _RTF_UP:
            continue
        network, mask = (struct.pack("<I", int(fields[at], 16)) for at in (1, 7))
        prefix = int.from_bytes(mask, "big").bit_count()
        net = ipaddress.IPv4Network((network, prefix), strict=False)
        found.append(Route(net, fields[0], int(fields[6])))
    return found


def _ipv6_routes(folder: str) -> list[Route]:
    found = []
    for line in _lines(f"{folder}/ipv6_route"):
        fields = line.split()
        if len(fields) < 10 or fields[9] == "lo" or not int(fields[8], 16) & _RTF_UP:
            continue
        net = ipaddress.IPv6Network((bytes.fromhex(fields[0]), int(fields[1], 16)), strict=False)
        found.append(Route(net, fields[9], int(fields[5], 16)))
    return found


def _addresses(roots: Roots) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _lines(f"{roots.proc}/net/if_inet6"):
        fields = line.split()
        if len(fields) == 6:
            address = str(ipaddress.IPv6Address(bytes.fromhex(fields[0])))
            found.setdefault(fields[5], set()).add(address)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                request = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(asker.fileno(), _SIOCGIFADDR, request)
                found.setdefault(name, set()).add(socket.inet_ntoa(answer[20:24]))
    return {name: frozenset(each) for name, each in found.items()}


def _beside(port: str) -> str | None:
    """The network interface of the USB or PCI device that the port is a part of."""
    found = port_at(port)
    if found is None or found.device is None:
        return None
    above = found.device.syspath
    for _, name in socket.if_nameindex():
        place = os.path.realpath(f"/sys/class/net/{name}/device")
        if place == above or place.startswith(above + "/"):
            return name
    return None


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - a kernel's file
            return file.read().splitlines()
    except OSError:
        return []
