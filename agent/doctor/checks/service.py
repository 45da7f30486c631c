"""The daemon, its systemd unit, and the watchdogs over it.

Sources: systemctl(1), systemd.service(5), systemd-system.conf(5).
"""

from typing import Any

from agent.control import DaemonError, ask
from agent.doctor.finding import (
    Finding,
    Seen,
    Unreadable,
    failure,
    fine,
    not_applicable,
    unknown,
    warning,
)
from agent.doctor.surroundings import Surroundings
from agent.errors import RefusedError
from agent.i18n.said import say

UNIT = "simward.service"
_PROPERTIES = (
    "LoadState",
    "ActiveState",
    "UnitFileState",
    "Type",
    "WatchdogUSec",
    "Restart",
    "User",
    "NRestarts",
)


def daemon_health(s: Surroundings) -> dict[str, Any] | None:
    """What the daemon says of itself; None where none listens. Its modem is not asked.

    Raises:
        Unreadable: it may not be asked, or does not answer.
    """

    def asked() -> dict[str, Any] | None:
        try:
            return ask(str(s.control_socket), {"ask": "health"})
        except RefusedError as error:
            said = say("{user} may not talk to the daemon", user=s.user.name)
            raise Unreadable(said) from error
        except DaemonError as error:
            raise Unreadable(say(error.text, **error.fields)) from error

    return s.once("daemon", asked)


def daemon(s: Surroundings) -> Finding:
    """Whether `simward run` runs and answers."""
    path = str(s.control_socket)
    health = daemon_health(s)
    if health is not None:
        return fine(say("running"), Seen(path, f"pid {health['pid']}"))
    seen = Seen(path, "nobody listens")
    if not s.configured.given or not s.settings.modem:
        return not_applicable(say("no daemon is configured here"), seen)
    do = say("start it: systemctl start simward, or simward run")
    return failure(say("the daemon does not run: nothing is reported"), do, seen)


def unit_properties(s: Surroundings) -> dict[str, str] | None:
    """The unit's properties; None where systemd does not manage this machine."""
    if not s.exists("/run/systemd/system"):
        return None

    def asked() -> dict[str, str] | None:
        ran = s.run("systemctl", "show", UNIT, f"--property={','.join(_PROPERTIES)}")
        if ran is None or ran.code != 0:
            raise Unreadable(say("{program} does not answer", program="systemctl"))
        return dict(line.partition("=")[::2] for line in ran.out.splitlines())

    return s.once("unit", asked)


def unit(s: Surroundings) -> Finding:
    """Whether systemd starts the daemon at boot, and after a crash."""
    values = unit_properties(s)
    if values is None:
        return not_applicable(say("systemd does not manage this machine"))
    seen = tuple(Seen(f"{UNIT} {name}", value) for name, value in values.items())
    if values.get("LoadState") == "loaded":
        return _loaded(values, seen)
    if not s.configured.given:
        return not_applicable(say("no daemon is configured here"), *seen)
    do = say("write a unit for simward run with Type=notify, Restart=always, WatchdogSec=60")
    return warning(say("there is no unit: the daemon does not start at boot"), do, *seen)


def _loaded(values: dict[str, str], seen: tuple[Seen, ...]) -> Finding:
    if values.get("ActiveState") == "failed":
        do = say("see why: journalctl -u simward -n 50")
        return failure(say("the unit has failed"), do, *seen)
    if values.get("UnitFileState") not in {"enabled", "static", "enabled-runtime"}:
        do = say("run {command}", command="systemctl enable simward")
        return warning(say("the unit is not enabled: the daemon does not start at boot"), do, *seen)
    if values.get("Restart") == "no":
        do = say("set Restart=always in the unit")
        return warning(say("systemd does not restart the daemon after a crash"), do, *seen)
    return fine(say("enabled; restarts so far: {count}", count=values.get("NRestarts", "?")), *seen)


def watchdog(s: Surroundings) -> Finding:
    """Whether a daemon that hangs is restarted."""
    values = unit_properties(s)
    if values is None:
        return not_applicable(say("systemd does not manage this machine"))
    if values.get("LoadState") != "loaded":
        return not_applicable(say("there is no unit for simward"))
    ran = s.run("systemctl", "show", "--property=RuntimeWatchdogUSec")
    hardware = ran.out.partition("=")[2] if ran is not None and ran.code == 0 else "?"
    device = "there" if s.exists("/dev/watchdog") else "not there"
    seen = (
        Seen(f"{UNIT} WatchdogUSec", values.get("WatchdogUSec", "?")),
        Seen("systemd RuntimeWatchdogUSec", hardware),
        Seen("/dev/watchdog", device),
    )
    if values.get("WatchdogUSec", "0") in {"0", "infinity"} or values.get("Type") != "notify":
        do = say("set Type=notify and WatchdogSec=60 in the unit")
        return warning(say("nobody restarts a daemon that hangs"), do, *seen)
    if hardware in {"0", "infinity"} and device == "there":
        do = say("set RuntimeWatchdogSec=15 in /etc/systemd/system.conf")
        return warning(
            say("the hardware watchdog is off: a machine that hangs stays so"), do, *seen
        )
    if hardware == "?":
        return unknown(say("{program} does not answer", program="systemctl"), *seen)
    return fine(say("a daemon that hangs is restarted"), *seen)
