"""What a release may reach, handed in: the modem, the bus, files, the card that it is about."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from modem.transport.sysfs import SYSTEM, Roots

if TYPE_CHECKING:
    from agent.config import Modem, Release

Json = dict[str, Any]


class World(NamedTuple):
    """One modem with one card, and the machine around it.

    `ask` sends a request to whoever owns the modem's port and gives the document back. `port` is
    the modem's AT port, `interface` its network interface where that is configured. `bus` is a
    D-Bus address, None for the machine's system bus. `root` is where the machine's files begin.
    `profiles` are connections of NetworkManager's (UUID or name) that the operator says are this
    card's; `removes_profiles`: they are removed, not only kept from connecting.
    """

    ask: Callable[[Json], Json]
    iccid: str
    port: str = ""
    interface: str | None = None
    bus: str | None = None
    root: str = "/"
    roots: Roots = SYSTEM
    profiles: tuple[str, ...] = ()
    removes_profiles: bool = True


def world_of(release: "Release", entry: "Modem", ask: Callable[[Json], Json], iccid: str) -> World:
    """This machine, as it is configured for one modem."""
    return World(
        ask,
        iccid,
        port=entry.port,
        interface=entry.interface,
        profiles=tuple(release.profiles),
        removes_profiles=release.networkmanager == "remove",
    )
