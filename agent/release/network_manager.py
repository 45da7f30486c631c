"""NetworkManager's connections of a card: deactivated, and removed or kept from connecting.

A connection whose settings do not tell whose it is (any modem may
take it) is named and left alone, unless the operator names it in `release.profiles`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from agent.errors import RefusedError
from agent.i18n import mark
from agent.i18n.said import Said, say
from agent.release.bus import BusRefused, Silent, running
from agent.release.nm_files import files_of
from agent.release.nm_look import NAME, Look, Profile, owner_of
from agent.release.nm_profiles import (
    OURS,
    UNCLEAR,
    Settings,
    connects_by_itself,
    name_of,
    uuid_of,
    value_of,
)
from agent.release.results import (
    NEEDS_HUMAN,
    NOT_AVAILABLE,
    NOTHING_TO_DO,
    REFUSED,
    UNDO_PART,
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

_NOT_OURS_TO_KEEP: Final = 0x1 | 0x2
"""Flags of a secret: kept by an agent of the user's, or asked for each time."""

_REMOVED: Final = mark("connection {name} is taken down and removed; a copy is kept")
_KEPT_DOWN: Final = mark("connection {name} is taken down and connects by itself no more")
_CAME_MEANWHILE: Final = mark("connection {name} came in the meantime: release again")
NOT_RUNNING: Final = say("NetworkManager does not run")
SILENT: Final = say("NetworkManager does not answer")


@contextmanager
def _looking(world: World) -> Iterator[Look | None]:
    with running(NAME, "NetworkManager", world.bus) as manager:
        yield None if manager is None else Look(manager, world)


class NetworkManagerSide:
    """See `agent.release.steps`."""

    def plan(self, step: Step, world: World) -> Planned:
        """What would become of which connection."""
        try:
            with _looking(world) as look:
                if look is None:
                    left = _on_disk(world)
                    word = NEEDS_HUMAN if left else NOT_AVAILABLE
                    return Planned(step.id, word, why=(NOT_RUNNING, *left))
                return _plan(step, look.profiles(), world)
        except (Silent, BusRefused) as trouble:
            return Planned(step.id, NOT_AVAILABLE, why=(_said(trouble),))

    def prepare(self, step: Step, world: World) -> Json:
        """The connections whole, with their passwords, and which of them are up.

        Raises:
            RefusedError: NetworkManager does not answer, or does not tell this user the passwords.
        """
        del step
        try:
            with _looking(world) as look:
                return {"profiles": [] if look is None else [_kept(look, p) for p in look.ours()]}
        except (Silent, BusRefused) as trouble:
            said = _said(trouble)
            raise RefusedError(said.text, **said.fields) from trouble

    def do(self, step: Step, world: World, prepared: Json) -> StepResult:
        """Take them down, and remove them or keep them from connecting."""
        del step
        kept = {each["uuid"] for each in prepared["profiles"]}
        commands: list[str] = []
        because: list[Said] = []
        try:
            with _looking(world) as look:
                if look is None:
                    left = _on_disk(world)
                    return StepResult(REFUSED if left else NOT_AVAILABLE, (NOT_RUNNING, *left))
                for profile in look.ours():
                    if uuid_of(profile.settings) not in kept:
                        because.append(say(_CAME_MEANWHILE, name=profile.name))
                        continue
                    try:
                        _release(look, profile, commands, remove=world.removes_profiles)
                    except BusRefused as refused:
                        because.append(_about(profile.name, refused))
        except (Silent, BusRefused) as trouble:
            because.append(_said(trouble))
        return settled(commands, because, acted=bool(commands))

    def undo(self, step: Step, prepared: Json, world: World) -> StepResult:
        """Each as it was, with its UUID and its secrets; up again where it was up."""
        del step
        commands: list[str] = []
        because: list[Said] = []
        notes: list[Said] = []
        try:
            with _looking(world) as look:
                if look is None:
                    return _nobody_to_undo(prepared)
                for kept in prepared["profiles"]:
                    settings = from_json(kept["settings"])
                    try:
                        path, done = _put_back(look, kept["uuid"], settings)
                    except BusRefused as refused:
                        because.append(_about(name_of(settings), refused))
                        continue
                    commands += done
                    if kept["active"]:
                        notes += _up_again(look, path, name_of(settings), commands)
        except (Silent, BusRefused) as trouble:
            because.append(_said(trouble))
        result = settled(commands, because, acted=bool(commands))
        return result._replace(because=result.because + tuple(notes))

    def prove(self, step: Step, world: World) -> Proof:
        """Whether any of them is left, up, or may come up by itself."""
        del step
        try:
            with _looking(world) as look:
                if look is None:
                    left = files_of(world.root, owner_of(world))
                    evidence = {"networkmanager": "not running", "files": left}
                    return Proof(None, evidence, available=bool(left))
                return _prove(look.profiles(), world)
        except (Silent, BusRefused):
            return Proof(None, {"networkmanager": "no answer"})


def _on_disk(world: World) -> list[Said]:
    return [
        say("{file} may be this card's: start NetworkManager, or see to it", file=file)
        for file in files_of(world.root, owner_of(world))
    ]


def _kept(look: Look, profile: Profile) -> Json:
    return {
        "uuid": uuid_of(profile.settings),
        "settings": to_json(look.whole(profile)),
        "active": bool(profile.active),
    }


def _plan(step: Step, profiles: list[Profile], world: World) -> Planned:
    ours = [each for each in profiles if each.whose == OURS]
    unclear = [each for each in profiles if each.whose == UNCLEAR]
    text = _REMOVED if world.removes_profiles else _KEPT_DOWN
    what = tuple(say(text, name=each.name) for each in ours)
    why = [
        say(
            "connection {name} may be this card's or not (it names neither card nor modem): name it"
            " in release.profiles if it is",
            name=each.name,
        )
        for each in unclear
    ]
    asked = [each for each in ours if _secret_elsewhere(each.settings)]
    why += [
        say("the password of connection {name} is not kept by NetworkManager", name=each.name)
        for each in asked
    ]
    undo = UNDO_PART if asked and world.removes_profiles else "all"
    if ours:
        up = any(each.active for each in ours)
        return Planned(step.id, WOULD_DO, what, tuple(why), cuts_uplink=up, undo=undo)
    return Planned(step.id, NEEDS_HUMAN if unclear else NOTHING_TO_DO, (), tuple(why))


def _secret_elsewhere(settings: Settings) -> bool:
    flags = [value_of(settings, "gsm", f"{name}-flags") or 0 for name in ("password", "pin")]
    return any(each & _NOT_OURS_TO_KEEP for each in flags)


def _release(look: Look, profile: Profile, commands: list[str], *, remove: bool) -> None:
    if not remove and connects_by_itself(profile.settings):
        settings = look.whole(profile)
        settings["connection"]["autoconnect"] = ("b", False)
        look.write(profile.path, settings)
        commands.append(f"Update2 {profile.name} autoconnect=false")
    if profile.active:
        look.deactivate(profile)
        commands.append(f"DeactivateConnection {profile.name}")
    if remove:
        look.remove(profile)
        commands.append(f"Delete {profile.name}")


def _put_back(look: Look, uuid: str, settings: Settings) -> tuple[str, list[str]]:
    """Its path, and what was done for it."""
    now, name = look.by_uuid(uuid), name_of(settings)
    if now is None:
        return look.add(settings), [f"AddConnection2 {name}"]
    if connects_by_itself(now.settings) == connects_by_itself(settings):
        return now.path, []
    look.write(now.path, settings)
    return now.path, [f"Update2 {name}"]


def _up_again(look: Look, path: str, name: str, commands: list[str]) -> list[Said]:
    """Bring it up where it was; that there is no modem for it now is said, and no failure."""
    if look.is_active(path):
        return []
    commands.append(f"ActivateConnection {name}")
    try:
        look.activate(path)
    except BusRefused as refused:
        return [_about(name, refused)]
    return []


def _prove(profiles: list[Profile], world: World) -> Proof:
    ours = [each for each in profiles if each.whose == OURS]
    unclear = [each for each in profiles if each.whose == UNCLEAR]
    left = [
        each
        for each in ours
        if world.removes_profiles or each.active or connects_by_itself(each.settings)
    ]
    doubtful = [each for each in unclear if each.active or connects_by_itself(each.settings)]
    evidence = {
        "networkmanager": "running",
        "connections": [uuid_of(each.settings) for each in ours],
        "active": [uuid_of(each.settings) for each in ours if each.active],
        "unclear": [uuid_of(each.settings) for each in doubtful],
    }
    return Proof(False if left else None if doubtful else True, evidence)


def _said(trouble: Silent | BusRefused) -> Said:
    return trouble.said() if isinstance(trouble, BusRefused) else SILENT


def _about(name: str, refused: BusRefused) -> Said:
    return say("connection {name}: {what}", name=name, what=refused.said())


def _nobody_to_undo(prepared: Json) -> StepResult:
    if not prepared["profiles"]:
        return StepResult(NOTHING_TO_DO)
    return StepResult(REFUSED, (NOT_RUNNING,))
