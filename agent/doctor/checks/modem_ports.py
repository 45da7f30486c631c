"""Ports of modems: what discovery finds against what is configured, who holds them, who may."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agent.doctor.checks.service import daemon_health
from agent.doctor.finding import (
    Finding,
    Seen,
    Unreadable,
    failure,
    fine,
    not_applicable,
    say,
    unknown,
    warning,
    worst,
)
from agent.doctor.surroundings import Surroundings
from agent.i18n import mark
from modem.errors import CoexistError
from modem.transport.coexist import PROGRAM, Managed, managed_modems
from modem.transport.discovery import Modem, Port, choose, modems, ports
from modem.transport.sysfs import Device, port_at
from modem.vendors.usb import COMMAND_ROLES

_CHANGING_NAME = re.compile(r"/dev/tty(USB|ACM)\d+")
_PATIENCE_S = 3.0
_NO_PORT = mark("no port of a modem on this machine is configured or found")


def found_ports(s: Surroundings) -> list[Port]:
    """What discovery finds; looked up once for all checks."""
    return s.once("ports", lambda: ports(s.roots))


def found_modems(s: Surroundings) -> list[Modem]:
    """The modems among them."""
    return modems(found_ports(s))


def ports_in_use(s: Surroundings) -> list[tuple[str, Port | None]]:
    """The ports that simward uses, each as it is named and as discovery knows it.

    The configured ones on this machine, else the one that would be taken.
    """
    entries = s.settings.modem
    if not entries:
        choice = choose(found_modems(s))
        return [(choice.ports[0].path, choice.ports[0])] if choice else []
    return [(entry.port, _known(s, entry.port)) for entry in entries if "://" not in entry.port]


def _known(s: Surroundings, path: str) -> Port | None:
    seen = port_at(path, s.roots)
    return next((p for p in found_ports(s) if seen and p.path == seen.path), None)


def configured_ports(s: Surroundings) -> Finding:
    """Whether the configured ports are there, and are AT ports of modems."""
    groups = found_modems(s)
    choice = choose(groups)
    suggestion = choice.ports[0].seen if choice else None
    evidence = [
        Seen(p.path, f"{group.name} {p.role or '?'}") for group in groups for p in group.ports
    ]
    if not s.settings.modem:
        if choice is None or suggestion is None:
            do = say("plug the modem in and see simward ports; a modem behind a UART needs --port")
            return warning(say("no modem is found on this machine"), do)
        said = say("{port} would be taken: {reason}", port=suggestion.path, reason=choice.why)
        return fine(said, *evidence)
    in_use = ports_in_use(s)
    if not in_use:
        return not_applicable(say("the configured modem is not on this machine"))
    stable = (suggestion.by_id or suggestion.by_path or suggestion.path) if suggestion else None
    found = worst(_configured(path, port, stable) for path, port in in_use)
    return found._replace(seen=(*found.seen, *evidence))


def _configured(path: str, port: Port | None, suggestion: str | None) -> Finding:
    other = (
        say("configure {port}", port=suggestion)
        if suggestion
        else say("plug the modem in and see simward ports")
    )
    if port is None:
        if not Path(path).exists():
            return failure(say("the configured port {port} is not there", port=path), other)
        return unknown(say("nothing is known of the hardware behind {port}", port=path))
    if port.role is not None and port.role not in COMMAND_ROLES:
        said = say("{port} is not for AT commands ({role})", port=path, role=port.role)
        return failure(said, other, Seen(port.path, str(port.role_source)))
    if _CHANGING_NAME.fullmatch(path):
        name = port.seen.by_id or port.seen.by_path
        if name is not None:
            do = say("configure {port}", port=name)
            return warning(say("the name {port} changes with a replug", port=path), do)
    return fine(say("the configured ports are there"))


def holders(s: Surroundings) -> Finding:
    """Whether somebody else has the port."""
    known = [port for _, port in ports_in_use(s) if port is not None]
    if not known:
        return not_applicable(say(_NO_PORT))
    own = s.processes("simward")
    with suppress(Unreadable):
        own += [int(health["pid"]) for health in (daemon_health(s),) if health is not None]
    return worst(_held(port, own) for port in known)


def _held(port: Port, own: list[int]) -> Finding:
    seen = tuple(Seen(port.path, f"{each.in_words()}: {each.how}") for each in port.holders)
    others = [each for each in port.holders if each.pid not in own]
    if others:
        said = say("{port} is taken by {holder}", holder=others[0].in_words(), port=port.path)
        if others[0].program == PROGRAM:
            do = say("keep ModemManager away from the port: docs/modemmanager.md")
        else:
            do = say("stop {program}, or give it another port", program=others[0].program)
        return failure(said, do, *seen)
    if seen:
        return fine(say("simward itself has the port"), *seen)
    if port.unseen:
        said = say("only root can see other users' programs")
        return unknown(said, do=say("run simward doctor as root"))
    return fine(say("nobody has the port"), Seen(port.path, "no holder in /proc"))


def rights(s: Surroundings) -> Finding:
    """Whether this user may use the port."""
    in_use = [(path, port) for path, port in ports_in_use(s) if Path(path).exists()]
    if not in_use:
        return not_applicable(say(_NO_PORT))
    if s.user.is_root:
        return fine(say("root may use every port"), Seen("uid", "0"))
    return worst(_right(s, path) for path, _ in in_use)


def _right(s: Surroundings, path: str) -> Finding:
    status = Path(path).stat()
    group, members = _group(s, status.st_gid)
    seen = Seen(path, f"group {group}, mode {status.st_mode & 0o777:o}")
    if s.access(Path(path), os.R_OK | os.W_OK):
        return fine(say("{user} may use the port", user=s.user.name), seen)
    said = say("{user} may not use {port}", user=s.user.name, port=path)
    if s.user.name in members and status.st_gid not in s.user.groups:
        do = say("log out and in again: the group {group} counts from the next login", group=group)
    else:
        do = say("run {command}, then log in again", command=f"usermod -aG {group} {s.user.name}")
    return failure(said, do, seen)


def _group(s: Surroundings, number: int) -> tuple[str, list[str]]:
    """The name of a group and its members, from /etc/group (group(5))."""
    for line in (s.text("/etc/group") or "").splitlines():
        fields = line.split(":")
        if len(fields) == 4 and fields[2] == str(number):
            return fields[0], fields[3].split(",")
    return str(number), []


def modemmanager(
    s: Surroundings, ask: Callable[[float], list[Managed] | None] | None = None
) -> Finding:
    """Whether ModemManager is about, and which way keeps it and simward apart."""
    try:
        managed = (ask or managed_modems)(_PATIENCE_S)
    except CoexistError as error:
        return unknown(say("{reason}", reason=error.reason))
    bus = "org.freedesktop.ModemManager1"
    if managed is None:
        return fine(say("ModemManager does not run"), Seen(bus, "no owner"))
    seen = [Seen(bus, f"{each.uid} {' '.join(each.ports)}") for each in managed]
    known = [(path, port) for path, port in ports_in_use(s) if port is not None]
    if not known:
        said = say("ModemManager runs; no port of simward's is known to it")
        return fine(said, *(seen or [Seen(bus, "runs")]))
    ways = {os.path.realpath(entry.port): entry.modemmanager for entry in s.settings.modem}
    found = worst(
        _apart(port, ways.get(os.path.realpath(path), "refuse"), managed) for path, port in known
    )
    return found._replace(seen=(*found.seen, *seen))


def _apart(port: Port, way: str, managed: list[Managed]) -> Finding:
    device: Device | None = port.seen.device
    udev = {**(device.udev if device else {}), **port.seen.udev}
    for key in ("ID_MM_DEVICE_IGNORE", "ID_MM_PORT_IGNORE"):
        if udev.get(key) == "1":
            said = say("a udev rule keeps ModemManager away from {port} (way 3)", port=port.path)
            if key == "ID_MM_PORT_IGNORE":
                said = say("a udev rule leaves {port} to simward (way 2)", port=port.path)
            return fine(said, Seen(f"udev {port.seen.name}", f"{key}=1"))
    if way == "inhibit":
        said = say("simward takes the modem from ModemManager while it works (way 1)")
        return fine(said, Seen("modem.modemmanager", way))
    if not any(port.seen.name in each.ports for each in managed):
        return fine(say("ModemManager runs and does not manage this modem"))
    do = say("choose one of the three ways in docs/modemmanager.md")
    said = say("ModemManager manages the modem and may open {port} at any time", port=port.path)
    if way == "ignore":
        return warning(said, do, Seen("modem.modemmanager", way))
    return failure(said, do, Seen("modem.modemmanager", way))


def usb_power(s: Surroundings) -> Finding:
    """Whether Linux may switch the modem's USB connection off when it is quiet.

    Source: Linux Documentation/driver-api/usb/power-management.rst (`power/control`).
    """
    devices = {
        group.device.bus_path: group.device
        for group in found_modems(s)
        if group.device and group.device.bus == "usb"
    }
    if not devices:
        return not_applicable(say("no USB modem is there"))
    return worst(_usb_power(s, device) for device in devices.values())


def _usb_power(s: Surroundings, device: Device) -> Finding:
    place = f"/sys/bus/usb/devices/{device.bus_path}/power"
    control, delay = s.text(f"{place}/control"), s.text(f"{place}/autosuspend_delay_ms")
    if control is None:
        return unknown(say("{path} does not exist", path=f"{place}/control"))
    seen = [Seen(f"{place}/control", control)]
    if delay is not None:
        seen.append(Seen(f"{place}/autosuspend_delay_ms", delay))
    if control == "auto" and not (delay or "").startswith("-"):
        said = say("Linux may suspend the modem {modem} when it is quiet", modem=device.name)
        do = say("write on to {path}, or switch the tool off that set it", path=seen[0].source)
        return warning(said, do, *seen)
    return fine(say("the modem is never suspended"), *seen)
