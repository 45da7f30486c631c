"""The steps of a release by name, and their order where the configuration names none.

Who would dial again goes first (programs, then the modem's own habit), then what is up, then what
defines it. An undo goes the other way round.
"""

import difflib
from typing import Final, NamedTuple

from agent.i18n import mark

MODEM: Final = "modem"
NETWORKMANAGER: Final = "networkmanager"
MODEMMANAGER: Final = "modemmanager"
PPP: Final = "ppp"


class Step(NamedTuple):
    """One step: `where` it acts, what it does, how it is undone, whether it may cut the uplink."""

    id: str
    where: str
    title: str
    undone: str
    cuts_uplink: bool


STEPS: Final[tuple[Step, ...]] = (
    Step(
        "nm_connections",
        NETWORKMANAGER,
        mark("NetworkManager's connections of this card are taken down and removed"),
        undone=mark("as it was, with its UUID and its passwords; up again where it was up"),
        cuts_uplink=True,
    ),
    Step(
        "mm_bearers",
        MODEMMANAGER,
        mark("ModemManager's bearers of this modem are disconnected and deleted"),
        undone=mark("made anew with what they were made of, connected where they were"),
        cuts_uplink=True,
    ),
    Step(
        "ppp",
        PPP,
        mark("files of pppd and wvdial that name this modem are moved aside, the programs ended"),
        undone=mark("files under their names again; a program is named, not started"),
        cuts_uplink=True,
    ),
    Step(
        "auto_connect",
        MODEM,
        mark("the modem connects by itself no more"),
        undone=mark("switched on again where it was on"),
        cuts_uplink=False,
    ),
    Step(
        "contexts_down",
        MODEM,
        mark("the modem's packet contexts are taken down"),
        undone=mark("attached and up again as it was"),
        cuts_uplink=True,
    ),
    Step(
        "apn_credentials",
        MODEM,
        mark("users and passwords of the contexts are removed from the modem"),
        undone=mark("written back where the modem told the password, else not at all"),
        cuts_uplink=True,
    ),
    Step(
        "context_definitions",
        MODEM,
        mark("the contexts' definitions (APNs) are removed from the modem"),
        undone=mark("written back and compared with what was read"),
        cuts_uplink=True,
    ),
    Step(
        "device_locks",
        MODEM,
        mark("device locks are read and reported; none is touched"),
        undone=mark("nothing was done"),
        cuts_uplink=False,
    ),
)

BY_ID: Final = {step.id: step for step in STEPS}


def chosen(names: list[str]) -> tuple[Step, ...]:
    """The steps that a configuration names, in its order; all of them where it names none.

    Raises:
        KeyError: a name that no step has, or has twice; `args` are it and the nearest one.
    """
    for at, name in enumerate(names):
        if name not in BY_ID or name in names[:at]:
            raise KeyError(name, nearest(name))
    return tuple(BY_ID[name] for name in names) if names else STEPS


def nearest(name: str) -> str:
    """The step whose name is most like it."""
    return difflib.get_close_matches(name, list(BY_ID), n=1, cutoff=0.0)[0]
