"""ModemManager beside simward: which of the three ways of docs/modemmanager.md is in force."""

import os
from collections.abc import Callable
from typing import Final

from agent.doctor.checks.modem_ports import ports_in_use
from agent.doctor.finding import Finding, Seen, failure, fine, unknown, warning, worst
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import say
from modem.errors import CoexistError
from modem.transport.coexist import Managed, managed_modems
from modem.transport.discovery import Port
from modem.transport.sysfs import Device

_PATIENCE_S: Final = 3.0


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
