"""Ports of modems: what discovery finds against what is configured, who holds them, who may."""

import re
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
    unknown,
    warning,
    worst,
)
from agent.doctor.surroundings import Surroundings
from agent.i18n import mark
from agent.i18n.said import say
from modem.transport.coexist import PROGRAM
from modem.transport.discovery import Modem, Port, choose, modems, ports
from modem.transport.sysfs import port_at
from modem.vendors.usb import COMMAND_ROLES

_CHANGING_NAME = re.compile(r"/dev/tty(USB|ACM)\d+")
NO_PORT = mark("no port of a modem on this machine is configured or found")


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
        return not_applicable(say(NO_PORT))
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
