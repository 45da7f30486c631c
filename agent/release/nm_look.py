"""NetworkManager as it is now, for one card: its connections, and what can be done with them.

Source: the D-Bus interfaces `org.freedesktop.NetworkManager` of version 1.42 (reference manual),
tried against Debian's package.
"""

from contextlib import suppress
from typing import Final, NamedTuple, cast

from agent.release.bus import BusRefused, Program
from agent.release.modem_manager import device_id_of
from agent.release.modem_names import names_of_modem
from agent.release.nm_profiles import OURS, UNCLEAR, Owner, Settings, is_cellular, name_of, whose
from agent.release.world import World

NAME: Final = "org.freedesktop.NetworkManager"
DEACTIVATION_S: Final = 30.0
"""A modem is disconnected by ModemManager, which takes as long as the modem."""

_ROOT: Final = "/org/freedesktop/NetworkManager"
_SETTINGS: Final = (f"{_ROOT}/Settings", ".Settings")
_CONNECTION: Final = ".Settings.Connection"
_ACTIVE: Final = ".Connection.Active"
_NO_SECRETS: Final = ("NoSecrets", "SettingNotFound")
"""Errors for secrets that an agent of the user's has, and for a section that is not there."""
_TO_DISK: Final = 0x1


class Profile(NamedTuple):
    """A connection: its path on the bus, its settings, whose it is, and where it is active."""

    path: str
    settings: Settings
    whose: str
    active: tuple[str, ...]

    @property
    def name(self) -> str:
        """What people call it."""
        return name_of(self.settings)


def owner_of(world: World) -> Owner:
    """The card and the modem, as connections may name them."""
    return Owner(
        world.iccid,
        names_of_modem(world.port, world.interface, world.roots),
        device_id_of(world),
        world.profiles,
    )


class Look:
    """NetworkManager as it is now, for one card."""

    def __init__(self, manager: Program, world: World) -> None:
        self._nm = manager
        self._owner = owner_of(world)

    def profiles(self) -> list[Profile]:
        """The connections over modems that are the card's, or may be."""
        active = self._active()
        found = []
        for path in self._nm.call(*_SETTINGS, "ListConnections")[0]:
            try:
                settings = self._nm.call(path, _CONNECTION, "GetSettings")[0]
            except BusRefused:  # removed meanwhile
                continue
            owner = whose(settings, self._owner)
            if is_cellular(settings) and owner in {OURS, UNCLEAR}:
                found.append(Profile(path, settings, owner, tuple(active.get(path, ()))))
        return found

    def ours(self) -> list[Profile]:
        """Those that are the card's."""
        return [each for each in self.profiles() if each.whose == OURS]

    def _active(self) -> dict[str, list[str]]:
        """The active connections of each connection."""
        found: dict[str, list[str]] = {}
        for path in self._nm.read(_ROOT, "", "ActiveConnections"):
            with suppress(BusRefused):  # gone meanwhile
                found.setdefault(self._nm.read(path, _ACTIVE, "Connection"), []).append(path)
        return found

    def is_active(self, path: str) -> bool:
        """Whether a connection is up, or coming up."""
        return path in self._active()

    # What is done

    def deactivate(self, profile: Profile) -> None:
        """Take it down, and wait until it is."""
        for path in profile.active:
            try:
                self._nm.call(_ROOT, "", "DeactivateConnection", "o", path)
            except BusRefused as refused:
                if not refused.refusal.name.endswith("ConnectionNotActive"):
                    raise
        self._nm.wait_until(lambda: not self.is_active(profile.path), DEACTIVATION_S)

    def remove(self, profile: Profile) -> None:
        """Delete it."""
        self._nm.call(profile.path, _CONNECTION, "Delete")

    def write(self, path: str, settings: Settings) -> None:
        """Give a connection these settings, secrets and all."""
        self._nm.call(path, _CONNECTION, "Update2", "a{sa{sv}}ua{sv}", settings, _TO_DISK, {})

    def add(self, settings: Settings) -> str:
        """A connection that was deleted, with the same UUID."""
        path, interface = _SETTINGS
        signature = "a{sa{sv}}ua{sv}"
        call = self._nm.call
        return str(call(path, interface, "AddConnection2", signature, settings, _TO_DISK, {})[0])

    def activate(self, path: str) -> None:
        """Bring it up, on the device that NetworkManager finds for it."""
        self._nm.call(_ROOT, "", "ActivateConnection", "ooo", path, "/", "/")

    def whole(self, profile: Profile) -> Settings:
        """The settings with the secrets that NetworkManager keeps.

        Raises:
            BusRefused: this user is not told.
        """
        settings = {section: dict(keys) for section, keys in profile.settings.items()}
        for name, keys in self._secrets(profile).items():
            settings.setdefault(name, {}).update(keys)
        return settings

    def _secrets(self, profile: Profile) -> Settings:
        try:
            found = self._nm.call(profile.path, _CONNECTION, "GetSecrets", "s", "gsm")[0]
        except BusRefused as refused:
            if refused.refusal.name.endswith(_NO_SECRETS):
                return {}
            raise
        return cast("Settings", found)

    def by_uuid(self, uuid: str) -> Profile | None:
        """The connection of that UUID, if there is one."""
        try:
            path = self._nm.call(*_SETTINGS, "GetConnectionByUuid", "s", uuid)[0]
            settings = self._nm.call(path, _CONNECTION, "GetSettings")[0]
        except BusRefused:
            return None
        return Profile(path, settings, OURS, tuple(self._active().get(path, ())))
