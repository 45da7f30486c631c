"""ModemManager's bearers of a modem: disconnected and deleted.

Source: the D-Bus interfaces `org.freedesktop.ModemManager1` of version 1.20 (reference manual),
tried against Debian's package. Where simward keeps ModemManager away from the modem
(`modemmanager = "inhibit"`) it has no bearers of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from agent.errors import RefusedError
from agent.i18n.said import Said, say
from agent.release.bus import BusRefused, Program, Silent, running
from agent.release.modem_names import names_of_modem
from agent.release.results import (
    NOT_AVAILABLE,
    NOTHING_TO_DO,
    REFUSED,
    WOULD_DO,
    Planned,
    Proof,
    StepResult,
    settled,
)
from agent.release.table import Step
from agent.release.variants import from_json, to_json
from agent.release.world import World

Json = dict[str, Any]

NAME: Final = "org.freedesktop.ModemManager1"
_ROOT: Final = "/org/freedesktop/ModemManager1"
_OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"

NOT_MANAGED: Final = say("ModemManager does not manage this modem")
SILENT: Final = say("ModemManager does not answer")


class Bearer(NamedTuple):
    """A bearer: its path, what it was made with, and whether it is connected."""

    path: str
    properties: dict[str, tuple[str, Any]]
    connected: bool

    @property
    def apn(self) -> str:
        """Empty where there is none."""
        return str(self.properties.get("apn", ("s", ""))[1])


class ManagedModem:
    """A modem as ModemManager has it."""

    def __init__(self, manager: Program, path: str, device_id: str) -> None:
        self._mm = manager
        self._path = path
        self.device_id = device_id

    def bearers(self) -> list[Bearer]:
        """The bearers now; the one of the attachment in LTE is the modem's own, and not here."""
        return [
            Bearer(
                path,
                self._mm.read(path, ".Bearer", "Properties"),
                bool(self._mm.read(path, ".Bearer", "Connected")),
            )
            for path in self._mm.read(self._path, ".Modem", "Bearers")
        ]

    def remove(self, bearer: Bearer) -> list[str]:
        """Disconnect and delete it; what was called."""
        called = []
        if bearer.connected:
            self._mm.call(bearer.path, ".Bearer", "Disconnect")
            called.append(f"Disconnect {bearer.path}")
        self._mm.call(self._path, ".Modem", "DeleteBearer", "o", bearer.path)
        return [*called, f"DeleteBearer {bearer.path}"]

    def create(self, properties: dict[str, tuple[str, Any]], *, connect: bool) -> list[str]:
        """A bearer like one that was deleted; what was called."""
        path = self._mm.call(self._path, ".Modem", "CreateBearer", "a{sv}", properties)[0]
        if not connect:
            return [f"CreateBearer {path}"]
        self._mm.call(path, ".Bearer", "Connect")
        return [f"CreateBearer {path}", f"Connect {path}"]


@contextmanager
def _looking(world: World) -> Iterator[ManagedModem | None]:
    """The modem of our port, if ModemManager runs and manages it."""
    names = names_of_modem(world.port, None, world.roots)
    with running(NAME, "ModemManager", world.bus) as manager:
        yield None if manager is None else _modem_of(manager, names)


def _modem_of(manager: Program, names: frozenset[str]) -> ManagedModem | None:
    (objects,) = manager.call(_ROOT, _OBJECTS, "GetManagedObjects")
    for path, interfaces in objects.items():
        modem = interfaces.get(f"{NAME}.Modem", {})
        if names & {name for name, _kind in modem.get("Ports", ("", ()))[1]}:
            return ManagedModem(manager, path, str(modem["DeviceIdentifier"][1]))
    return None


def device_id_of(world: World) -> str | None:
    """How ModemManager tells this modem from any other; None where it does not manage it."""
    try:
        with _looking(world) as modem:
            return None if modem is None else modem.device_id
    except (Silent, BusRefused):
        return None


class ModemManagerSide:
    """See `agent.release.steps`."""

    def plan(self, step: Step, world: World) -> Planned:
        """Which bearers there are."""
        try:
            with _looking(world) as modem:
                if modem is None:
                    return Planned(step.id, NOT_AVAILABLE, why=(NOT_MANAGED,))
                bearers = modem.bearers()
        except (Silent, BusRefused) as trouble:
            return Planned(step.id, NOT_AVAILABLE, why=(_said(trouble),))
        if not bearers:
            return Planned(step.id, NOTHING_TO_DO)
        what = tuple(say("the bearer with APN {apn} is deleted", apn=each.apn) for each in bearers)
        up = any(each.connected for each in bearers)
        return Planned(step.id, WOULD_DO, what, cuts_uplink=up)

    def prepare(self, step: Step, world: World) -> Json:
        """What the bearers were made with, passwords as well, and which are connected.

        Raises:
            RefusedError: ModemManager manages the modem and does not say.
        """
        del step
        try:
            with _looking(world) as modem:
                bearers = [] if modem is None else modem.bearers()
        except (Silent, BusRefused) as trouble:
            raise RefusedError(SILENT.text) from trouble
        return {
            "bearers": [
                {
                    "path": each.path,
                    "properties": to_json(each.properties),
                    "connected": each.connected,
                }
                for each in bearers
            ]
        }

    def do(self, step: Step, world: World, prepared: Json) -> StepResult:
        """Disconnect and delete them."""
        del step
        kept = {each["path"] for each in prepared["bearers"]}
        commands: list[str] = []
        because: list[Said] = []
        try:
            with _looking(world) as modem:
                if modem is None:
                    return StepResult(NOT_AVAILABLE, (NOT_MANAGED,))
                for bearer in modem.bearers():
                    if bearer.path not in kept:
                        because.append(
                            say("a bearer with APN {apn} came in the meantime", apn=bearer.apn)
                        )
                    else:
                        commands += modem.remove(bearer)
        except (Silent, BusRefused) as trouble:
            because.append(_said(trouble))
        return settled(commands, because, acted=bool(commands))

    def undo(self, step: Step, prepared: Json, world: World) -> StepResult:
        """Make them anew, and connect those that were connected."""
        del step
        commands: list[str] = []
        because: list[Said] = []
        try:
            with _looking(world) as modem:
                if modem is None:
                    gone = bool(prepared["bearers"])
                    return (
                        StepResult(REFUSED, (NOT_MANAGED,)) if gone else StepResult(NOTHING_TO_DO)
                    )
                there = [to_json(each.properties) for each in modem.bearers()]
                for kept in prepared["bearers"]:
                    if kept["properties"] in there:
                        continue
                    made = modem.create(from_json(kept["properties"]), connect=kept["connected"])
                    commands += made
        except (Silent, BusRefused) as trouble:
            because.append(_said(trouble))
        return settled(commands, because, acted=bool(commands))

    def prove(self, step: Step, world: World) -> Proof:
        """Whether any bearer is left."""
        del step
        try:
            with _looking(world) as modem:
                if modem is None:
                    return Proof(None, {"modemmanager": "does not manage it"}, available=False)
                bearers = modem.bearers()
        except (Silent, BusRefused):
            return Proof(None, {"modemmanager": "no answer"})
        connected = sum(each.connected for each in bearers)
        return Proof(not bearers, {"bearers": len(bearers), "connected": connected})


def _said(trouble: Silent | BusRefused) -> Said:
    return trouble.said() if isinstance(trouble, BusRefused) else SILENT
