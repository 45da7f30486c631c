"""`simward ports`: every port that a modem could be behind, and the card readers."""

import argparse
import os
from collections.abc import Callable
from typing import Any

from agent.cli.documents import print_document
from agent.cli.numbers import baud
from agent.cli.port_choice import Asked, ask
from agent.exits import OK
from agent.i18n import t
from modem.errors import CoexistError
from modem.transport.coexist import Managed, managed_modems
from modem.transport.discovery import Choice, Modem, Port, answered, choose, modems, ports
from modem.transport.exclusive import TAKEN_BY
from modem.transport.probe import ANSWERS
from modem.transport.sysfs import SYSTEM, Roots
from modem.vendors.usb import COMMAND_ROLES, usb_table
from sim.errors import ReaderError
from sim.transport.pcsc import ReaderState, list_readers

Json = dict[str, Any]
ReaderList = Callable[[], tuple[ReaderState, ...]]

SCHEMA = "simward/ports/1"
BAUDRATE = 115200

NOT_ASKED = "not asked"
NOT_USB = "not a USB device"
NO_LINK = "udev made no such link"
NOT_TOLD = "the device does not tell"
NO_MODEM = "no known modem"
NO_CARD = "no card"
NOT_DOCUMENTED = "no source says; --probe asks the port"
NO_COMMAND_PORT = "no port for AT commands is known"
NOT_KNOWN = "not known"
NOT_SEEN = "only root can see other users' programs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward ports`."""
    parser.add_argument(
        "--probe",
        action="store_true",
        help=t("send AT to each port that is free and not known to be for something else"),
    )
    parser.add_argument(
        "--baudrate", type=baud, default=BAUDRATE, metavar="BD", help=t("speed of a serial port")
    )


def run(args: argparse.Namespace) -> int:
    """Print what is there."""
    document = survey(SYSTEM, baudrate=args.baudrate if args.probe else None)
    if args.json:
        print_document(document)
    else:
        from agent.cli.ports_text import render

        print(render(document), flush=True)
    return OK


def survey(
    roots: Roots, *, baudrate: int | None = None, readers: ReaderList = list_readers
) -> Json:
    """The document. With a `baudrate` ports are asked; without one nothing is opened."""
    found = ports(roots)
    asked = {port.path: ask(port, baudrate) for port in found if baudrate and may_be_asked(port)}
    return describe(found, asked, readers)


def describe(found: list[Port], asked: dict[str, Asked], readers: ReaderList) -> Json:
    """The document about the ports `found`, of which some were `asked`."""
    found = [
        answered(port) if port.role is None and _answers(asked.get(port.path)) else port
        for port in found
    ]
    groups = modems(found)
    choice = choose(groups)
    absent: dict[str, str] = {}
    manager = _Manager(absent)
    document: Json = {
        "schema": SCHEMA,
        "modems": [
            _modem_entry(f"modems.{at}", modem, manager, absent) for at, modem in enumerate(groups)
        ],
        "ports": [
            _port_entry(f"ports.{at}", port, asked.get(port.path), groups, absent)
            for at, port in enumerate(found)
        ],
        "chosen": _chosen(choice, absent),
        "modemmanager": {"running": manager.running},
        "readers": _readers(readers, absent),
    }
    return {**document, "absent": absent}


def _answers(asked: Asked | None) -> bool:
    return asked is not None and asked.answer == ANSWERS


def may_be_asked(port: Port) -> bool:
    """Whether `--probe` may write to it: never into somebody's session or another protocol."""
    return not port.holders and (port.role is None or port.role in COMMAND_ROLES)


class _Manager:
    """What ModemManager says of itself."""

    def __init__(self, absent: dict[str, str]) -> None:
        self.running: bool | None = None
        self._managed: list[Managed] | None = None
        self.reason = ""
        try:
            self._managed = managed_modems()
        except CoexistError as error:
            self.reason = absent["modemmanager.running"] = error.reason
        else:
            self.running = self._managed is not None

    def manages(self, modem: Modem) -> bool | None:
        """Whether it manages the modem; None where it does not say."""
        if self.running is None:
            return None
        names = {port.seen.name for port in modem.ports}
        return any(names.intersection(each.ports) for each in self._managed or ())


def _modem_entry(path: str, modem: Modem, manager: _Manager, absent: dict[str, str]) -> Json:
    device = modem.device
    usb = device if device and device.bus == "usb" else None
    choice = choose([modem])
    first = choice.ports[0] if choice else None
    entry: Json = {
        "modem": modem.name,
        "usb_id": usb.hardware_id if usb else None,
        "manufacturer": device.manufacturer if device else None,
        "product": device.product if device else None,
        "serial": device.serial if device else None,
        "profile": modem.profile,
        "port": first.path if first else None,
        "role": first.role if first else None,
        "held_by": _holders(first) if first else None,
        "ready_s": usb_table().ready_s.get(usb.hardware_id) if usb else None,
        "modemmanager": manager.manages(modem),
        "ports": [port.path for port in modem.ports],
    }
    reasons = {"usb_id": NOT_USB, "profile": NOT_USB, "ready_s": NOT_KNOWN}
    reasons |= dict.fromkeys(("manufacturer", "product", "serial"), NOT_TOLD)
    reasons |= dict.fromkeys(("port", "role"), NO_COMMAND_PORT)
    reasons["held_by"] = NOT_SEEN if first else NO_COMMAND_PORT
    reasons["modemmanager"] = manager.reason
    _explain(path, entry, reasons, absent)
    return entry


def _port_entry(
    path: str, port: Port, asked: Asked | None, groups: list[Modem], absent: dict[str, str]
) -> Json:
    seen = port.seen
    usb = seen.device if seen.device and seen.device.bus == "usb" else None
    trouble = asked.trouble if asked else _trouble(port)
    entry: Json = {
        "port": port.path,
        "by_id": seen.by_id,
        "by_path": seen.by_path,
        "modem": next((group.name for group in groups if port in group.ports), None),
        "usb_id": usb.hardware_id if usb else None,
        "interface": seen.interface,
        "driver": seen.driver,
        "role": port.role,
        "role_source": port.role_source,
        "profile": port.profile,
        "held_by": _holders(port),
        "openable": trouble is None,
        "answer": asked.answer if asked else None,
    }
    reasons = {"modem": NO_MODEM, "profile": NO_MODEM, "usb_id": NOT_USB, "interface": NOT_USB}
    reasons |= {"by_id": NO_LINK, "by_path": NO_LINK, "driver": NOT_KNOWN}
    reasons |= dict.fromkeys(("role", "role_source"), NOT_DOCUMENTED)
    reasons |= {"answer": trouble or NOT_ASKED, "held_by": NOT_SEEN}
    _explain(path, entry, reasons, absent)
    if trouble is not None:
        absent[f"{path}.openable"] = trouble
    return entry


def _explain(path: str, entry: Json, reasons: dict[str, str], absent: dict[str, str]) -> None:
    """A reason for each null."""
    for key, value in entry.items():
        if value is None:
            absent[f"{path}.{key}"] = reasons[key]


def _trouble(port: Port) -> str | None:
    """Why the port cannot be had, as far as that shows without opening it."""
    if port.holders:
        return TAKEN_BY + ", ".join(holder.in_words() for holder in port.holders)
    if not os.path.exists(port.path):  # noqa: PTH110 - costs 8 ms at start
        return "no such port"
    return None if os.access(port.path, os.R_OK | os.W_OK) else "no permission"


def _holders(port: Port) -> list[Json] | None:
    """Who has the port; None where nobody does whom this user may see."""
    if port.unseen and not port.holders:
        return None
    return [holder._asdict() for holder in port.holders]


def _chosen(choice: Choice | None, absent: dict[str, str]) -> Json | None:
    if choice is None:
        absent["chosen"] = NO_COMMAND_PORT
        return None
    return {"port": choice.ports[0].path, "modem": choice.modem.name, "why": choice.why}


def _readers(list_them: ReaderList, absent: dict[str, str]) -> list[Json]:
    try:
        readers = list_them()
    except ReaderError as error:
        absent["readers"] = str(error)
        return []
    for at, reader in enumerate(readers):
        if reader.atr is None:
            absent[f"readers.{at}.atr"] = NO_CARD if reader.card == "absent" else NOT_TOLD
    return [
        {"name": each.name, "card": each.card, "atr": each.atr.hex().upper() if each.atr else None}
        for each in readers
    ]
