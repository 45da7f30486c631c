"""Which port to take where nobody names one, and saying so."""

import sys
import time
from typing import NamedTuple

from agent.errors import ModemUnreachable
from agent.i18n import reason_text, t
from modem.errors import PortUnavailable
from modem.transport.coexist import PROGRAM as MODEMMANAGER
from modem.transport.discovery import BY_ROLE, Choice, Modem, Port, choose, modems, ports
from modem.transport.exclusive import TAKEN_BY
from modem.transport.probe import ANSWERS, ask_at
from modem.transport.serial_port import open_stream
from modem.transport.sysfs import SYSTEM, Roots


class Asked(NamedTuple):
    """What came of asking a port: `answer` as of `ask_at`, or why it could not be opened."""

    answer: str | None
    trouble: str | None


def ask(port: Port, baudrate: int) -> Asked:
    """Open the port and ask it; it is closed again."""
    try:
        stream = open_stream(port.path, baudrate=baudrate)
    except PortUnavailable as error:
        return Asked(None, error.reason)
    try:
        return Asked(ask_at(stream, time.monotonic), None)
    finally:
        stream.close()


def discover(baudrate: int, *, inhibits: bool = False, roots: Roots = SYSTEM) -> Choice:
    """The modem to take, with its ports, best first; says which and why where it is not plain.

    `inhibits`: what ModemManager holds can be had.

    Raises:
        ModemUnreachable: there is none; the text names what was looked at.
    """
    found = ports(roots)
    if inhibits:
        found = [_without_modemmanager(port) for port in found]
    groups = modems(found)
    answers: dict[str, Asked] = {}

    def is_at(port: Port) -> bool:
        answers[port.path] = ask(port, baudrate)
        return answers[port.path].answer == ANSWERS

    choice = choose(groups, is_at)
    if choice is None:
        raise _nothing(found, groups, answers)
    if len(groups) > 1 or choice.why != BY_ROLE:
        _say(choice, groups)
    return choice


def _without_modemmanager(port: Port) -> Port:
    others = tuple(holder for holder in port.holders if holder.program != MODEMMANAGER)
    return port._replace(holders=others)


def in_words(modem: Modem) -> str:
    """The modem for people: `usb-1-1.2 (2c7c:0125 Quectel EC25)`."""
    device = modem.device
    if device is None:
        return modem.name
    names = [device.hardware_id, device.manufacturer, device.product]
    return f"{modem.name} ({' '.join(dict.fromkeys(name for name in names if name))})"


def _say(choice: Choice, groups: list[Modem]) -> None:
    """To standard error: output belongs to the command."""
    text = t(
        "taking {port} of modem {modem}: {reason}",
        port=choice.ports[0].path,
        modem=in_words(choice.modem),
        reason=t(choice.why),
    )
    others = [in_words(modem) for modem in groups if modem is not choice.modem]
    if others:
        text += t(
            "; the first in order of place; other modems: {names}", names=t(", ").join(others)
        )
    print(f"simward: {text}", file=sys.stderr)


def _nothing(found: list[Port], groups: list[Modem], answers: dict[str, Asked]) -> ModemUnreachable:
    if groups:
        looked_at = [
            f"{port.path} ({_why_not(port, answers.get(port.path))})"
            for modem in groups
            for port in modem.ports
        ]
        return ModemUnreachable(
            "no port for AT commands at modem {modem}: {looked_at}; --port URL names one",
            modem=t(", ").join(in_words(modem) for modem in groups),
            looked_at=t(", ").join(looked_at),
        )
    if found:
        return ModemUnreachable(
            "no modem found: {looked_at} is no modem's port by USB id, driver or udev;"
            " --port URL names one",
            looked_at=t(", ").join(port.path for port in found),
        )
    return ModemUnreachable(
        "no modem found: this machine has no serial port (looked in /sys/class/tty and"
        " /sys/class/wwan); --port URL names one"
    )


def _why_not(port: Port, asked: Asked | None) -> str:
    """Why a modem's port was not taken."""
    if port.holders:
        return reason_text(TAKEN_BY + ", ".join(each.in_words() for each in port.holders))
    if asked is not None:
        return reason_text(asked.trouble or asked.answer or "")
    return port.role or t("unknown")
