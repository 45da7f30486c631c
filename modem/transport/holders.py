"""Who holds a port: open descriptors, lock files of serial programs, the kernel's console.

Sources: proc(5) `/proc/PID/fd`, `/proc/PID/fdinfo` (`tty-index` of the master of a pseudo
terminal), `/proc/PID/comm`; lock files `LCK..NAME` with a process id, in ASCII (FHS 3.0 clause
5.9) or as a binary integer.
"""

import os
import sys
from collections.abc import Iterable
from typing import NamedTuple

from modem.transport.sysfs import SYSTEM, Roots

OPEN = "open"
LOCK_FILE = "lock file"
CONSOLE = "console"


class Holder(NamedTuple):
    """A program that has a port: its name, its process id (None: the kernel), and `how`."""

    program: str
    pid: int | None
    how: str

    def in_words(self) -> str:
        """`pppd (pid 812)`."""
        return self.program if self.pid is None else f"{self.program} (pid {self.pid})"


class Holders(NamedTuple):
    """The holders of several ports, by path, without this process.

    `unseen` counts processes that this user may not look into: a holder may be among them.
    """

    by_port: dict[str, list[Holder]]
    unseen: int


def holders_of(paths: Iterable[str], roots: Roots = SYSTEM) -> Holders:
    """Who has the ports at `paths` open or locked."""
    # A descriptor shows the device file itself; what leads there by links is one with it.
    targets = {path: os.path.realpath(path) for path in paths}
    found: dict[str, list[Holder]] = {path: [] for path in targets}
    opened, unseen = _open_files(roots, set(targets.values()))
    for path, target in targets.items():
        names = {os.path.basename(path), os.path.basename(target)}
        locks = (_lock_holder(roots, name) for name in sorted(names))
        # A program that locks a port also has it open: said once.
        by_pid = {holder.pid: holder for holder in (*locks, *opened.get(target, ())) if holder}
        by_pid.pop(os.getpid(), None)
        found[path] = [by_pid[pid] for pid in sorted(by_pid, key=lambda pid: pid or 0)]
    return Holders(found, unseen)


def lock_file_holder(path: str, roots: Roots = SYSTEM) -> Holder | None:
    """Who locked the port at `path` by a file, as long as that process lives; not this one."""
    holder = _lock_holder(roots, os.path.basename(os.path.realpath(path)))
    return None if holder is None or holder.pid == os.getpid() else holder


def _open_files(roots: Roots, targets: set[str]) -> tuple[dict[str, list[Holder]], int]:
    """Who has device files open (target -> holders), and how many processes hide theirs."""
    found: dict[str, list[Holder]] = {}
    unseen = 0
    for pid in _numbers(roots.proc):
        folder = f"{roots.proc}/{pid}/fd"
        try:
            descriptors = os.listdir(folder)
        except PermissionError:
            unseen += 1
            continue
        except OSError:  # it ended meanwhile
            continue
        links = {number: _link(f"{folder}/{number}") for number in descriptors}
        for target in targets.intersection(links.values()):
            if not _serves(roots, pid, links, target):
                found.setdefault(target, []).append(Holder(_program(roots, pid), pid, OPEN))
    return found, unseen


def _serves(roots: Roots, pid: int, links: dict[str, str], target: str) -> bool:
    """Whether the process is the other end of the pseudo terminal `target`: it plays the modem."""
    folder, _, number = target.rpartition("/")
    if not folder.endswith("/pts"):
        return False
    masters = [fd for fd, link in links.items() if link.endswith("/ptmx")]
    infos = (_read(f"{roots.proc}/{pid}/fdinfo/{fd}") for fd in masters)
    return any(f"tty-index:\t{number}\n" in f"{info.decode('latin-1')}\n" for info in infos)


def _lock_holder(roots: Roots, name: str) -> Holder | None:
    content = _read(f"{roots.locks}/LCK..{name}")
    words = content.split()
    if words and words[0].isdigit():
        pid = int(words[0])
    elif len(content) == 4:
        pid = int.from_bytes(content, sys.byteorder)
    else:
        return None
    alive = os.path.exists(f"{roots.proc}/{pid}")
    return Holder(_program(roots, pid), pid, LOCK_FILE) if alive else None


def _program(roots: Roots, pid: int) -> str:
    name = _read(f"{roots.proc}/{pid}/comm").decode("utf-8", errors="replace").strip()
    return name or "?"


def _numbers(proc: str) -> list[int]:
    try:
        return sorted(int(name) for name in os.listdir(proc) if name.isdecimal())
    except OSError:
        return []


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(4096)
    except OSError:
        return b""
