"""What pppd and wvdial have for one modem: files that name its port, programs that run on it."""

import os
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from agent.release.modem_names import names_of_modem
from agent.release.ppp_files import (
    Peer,
    calls_in,
    device_in,
    devices_dialled_in,
    modems_of,
    names_in_secrets,
    peer_of,
)
from agent.release.world import World
from modem.transport.sysfs import port_at

PROGRAMS: Final = ("wvdial", "pppd")
"""In the order in which they are ended: wvdial would start its pppd again."""

_FOLDERS_OF_SCRIPTS: Final = (
    "/etc/systemd/system", "/etc/network/interfaces.d", "/etc/cron.d", "/etc/init.d",
)  # fmt: skip

ASIDE: Final = ".simward-released"


class Dialler(NamedTuple):
    """A running program: who it is, and its command line."""

    program: str
    pid: int
    words: tuple[str, ...]


class Found(NamedTuple):
    """All of it; paths are below `World.root`.

    `ours` are files that name this modem's port; `unclear` are those of which nobody can tell;
    `secrets` are files with a login of one of ours, shared with others. `callers` are units and
    scripts that call a peer of ours, which then fails; `starters` dial over our port by themselves.
    """

    ours: tuple[str, ...]
    unclear: tuple[str, ...]
    secrets: tuple[str, ...]
    callers: tuple[str, ...]
    starters: tuple[str, ...]
    running: tuple[Dialler, ...]


def look(world: World) -> Found:
    """Read everything.

    Raises:
        OSError: a file or folder may not be read.
    """
    machine = _Machine(world)
    peers = {path: peer_of(machine.read(path)) for path in machine.peers()}
    mine = {path: peer for path, peer in peers.items() if machine.is_ours(peer.device)}
    unclear = [path for path, peer in peers.items() if peer.device is None and not peer.without_tty]
    ours = [*mine, *_scripts_alone(mine, peers, machine), *machine.options_of_ports()]
    for path in machine.existing("/etc/wvdial.conf"):
        told = [machine.is_ours(device) for device in modems_of(machine.read(path))]
        if told and all(told):
            ours.append(path)
        elif any(told):
            unclear.append(path)
    names = {name for peer in mine.values() for name in peer.names}
    secrets = [
        path
        for path in machine.existing("/etc/ppp/pap-secrets", "/etc/ppp/chap-secrets")
        if names & names_in_secrets(machine.read(path))
    ]
    called = {name_of(path) for path in (*mine, *machine.moved_peers())}
    scripts = {path: machine.read(path) for path in machine.scripts()}
    return Found(
        tuple(ours),
        tuple(unclear),
        tuple(secrets),
        callers=tuple(path for path, text in scripts.items() if calls_in(text) & called),
        starters=tuple(
            path
            for path, text in scripts.items()
            if any(machine.is_ours(device) for device in devices_dialled_in(text))
        ),
        running=machine.running(called),
    )


def name_of(path: str) -> str:
    """What `pppd call` calls a peer's file, moved aside or not."""
    return path.rpartition("/")[2].partition(ASIDE)[0]


def _scripts_alone(mine: dict[str, Peer], peers: dict[str, Peer], machine: "_Machine") -> list[str]:
    """Chat scripts that no other peer uses: they hold the APN."""
    others = {s for path, peer in peers.items() if path not in mine for s in peer.scripts}
    own = dict.fromkeys(script for peer in mine.values() for script in peer.scripts)
    return machine.existing(*(script for script in own if script not in others))


class _Machine:
    """Files below the root, and the modem's own names for its ports."""

    def __init__(self, world: World) -> None:
        self._root = world.root.rstrip("/")
        self._roots = world.roots
        self._names = names_of_modem(world.port, None, world.roots)
        self._port = os.path.realpath(world.port) if world.port else None

    def existing(self, *paths: str) -> list[str]:
        """Those that are files."""
        return [path for path in paths if os.path.isfile(self._root + path)]  # noqa: PTH113

    def read(self, path: str) -> str:
        """A file's text."""
        return Path(self._root + path).read_text("utf-8", errors="replace")

    def peers(self) -> list[str]:
        """The files of /etc/ppp/peers that pppd may call."""
        return [path for path in self._in_peers() if ASIDE not in path]

    def moved_peers(self) -> list[str]:
        """Those of ours that were moved aside."""
        moved = [path for path in self._in_peers() if ASIDE in path]
        return [path for path in moved if self.is_ours(peer_of(self.read(path)).device)]

    def _in_peers(self) -> list[str]:
        return self._in("/etc/ppp/peers")

    def _in(self, folder: str) -> list[str]:
        try:
            names = sorted(os.listdir(self._root + folder))  # noqa: PTH208 - names alone
        except (FileNotFoundError, NotADirectoryError):
            return []
        return self.existing(*(f"{folder}/{name}" for name in names))

    def scripts(self) -> list[str]:
        """What may start a dialler: units, interfaces, tables of times, rc.local."""
        found = self.existing("/etc/network/interfaces", "/etc/rc.local", "/etc/crontab")
        for folder in _FOLDERS_OF_SCRIPTS:
            found += self._in(folder)
        return found

    def options_of_ports(self) -> list[str]:
        """/etc/ppp/options.TTY of the modem's ports."""
        return self.existing(*(f"/etc/ppp/options.{name}" for name in sorted(self._names)))

    def is_ours(self, device: str | None) -> bool:
        """Whether a device's name, with or without `/dev/`, leads to one of the modem's ports."""
        if device is None:
            return False
        name = device.removeprefix("/dev/")
        if name in self._names or self._port in {f"/dev/{name}", os.path.realpath(f"/dev/{name}")}:
            return True
        seen = port_at(f"{self._roots.dev}/{name}", self._roots)
        return seen is not None and seen.name in self._names

    def running(self, called: set[str]) -> tuple[Dialler, ...]:
        """The diallers that have a port of ours open, name one, or call a peer of ours."""
        found = []
        numbers = os.listdir(self._roots.proc)  # noqa: PTH208 - names alone
        for pid in sorted(int(each) for each in numbers if each.isdecimal()):
            program = self._text(f"{pid}/comm").strip()
            if program in PROGRAMS:
                words = tuple(self._text(f"{pid}/cmdline").split("\0")[:-1])
                if self._has_port(pid) or self._names_ours(words, called):
                    found.append(Dialler(program, pid, words))
        return tuple(sorted(found, key=lambda each: PROGRAMS.index(each.program)))

    def _names_ours(self, words: tuple[str, ...], called: set[str]) -> bool:
        calls = any(one == "call" and two in called for one, two in pairwise(words))
        return calls or self.is_ours(device_in(words[1:]))

    def _has_port(self, pid: int) -> bool:
        folder = f"{self._roots.proc}/{pid}/fd"
        with suppress(OSError):
            for number in os.listdir(folder):  # noqa: PTH208 - names alone
                target = os.readlink(f"{folder}/{number}")  # noqa: PTH115
                if target == self._port or target.removeprefix("/dev/") in self._names:
                    return True
        return False

    def _text(self, path: str) -> str:
        try:
            return Path(f"{self._roots.proc}/{path}").read_bytes().decode(errors="replace")
        except OSError:  # it ended meanwhile
            return ""
