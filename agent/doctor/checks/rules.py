"""simward's udev rules: installed, and as new as the table of modems they were made from."""

import re

from agent.doctor.finding import Finding, Seen, failure, fine, not_applicable, warning
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import say
from modem.vendors.usb import usb_table

# In the order of udev(7): a file in the first hides one of the same name in the next.
_FOLDERS = ("/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d")
ROLES_FILE = "77-simward-roles.rules"
_FILES = (ROLES_FILE, "78-mm-simward-ignore.rules", "78-mm-simward-second-port.rules")
_PORTS = re.compile(
    r'^ENV\{\.SIMWARD_PORT\}=="([^"]+)", ENV\{\.SIMWARD_ROLE\}="(\w+)"', re.MULTILINE
)


def udev_rules(s: Surroundings) -> Finding:
    """Whether the rules that name modems' ports are there and know what this version knows."""
    installed: dict[str, str] = {}
    for name in _FILES:
        for folder in _FOLDERS:
            if s.exists(f"{folder}/{name}"):
                installed.setdefault(name, f"{folder}/{name}")
    seen = [Seen(path, "there") for path in installed.values()]
    do = say("copy packaging/udev/{file} to /etc/udev/rules.d and reload udev", file=ROLES_FILE)
    if ROLES_FILE not in installed:
        if any(entry.port.startswith("/dev/simward/") for entry in s.settings.modem):
            said = say("a configured port is under /dev/simward, and no rule makes such names")
            return failure(said, do, *seen)
        return not_applicable(say("not installed; nothing configured needs them"), *seen)
    text = s.text(installed[ROLES_FILE]) or ""
    named = {(port, role) for ports, role in _PORTS.findall(text) for port in ports.split("|")}
    table = usb_table().by_interface.items()
    missing = {(f"{usb_id}:{number}", known.role) for (usb_id, number), known in table} - named
    if missing:
        said = say(
            "the rules are older than simward: {count} ports are missing", count=len(missing)
        )
        return warning(said, do, *seen)
    return fine(say("installed, and as new as simward"), *seen)
