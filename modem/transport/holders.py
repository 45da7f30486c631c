"""Who holds a port: open descriptors, locks, lock files of serial programs, the kernel's console.

Sources: proc(5) `/proc/locks`, `/proc/PID/fd`, `/proc/PID/fdinfo` (`tty-index` of the master of a
pseudo terminal), `/proc/PID/comm`; lock files `LCK..NAME` with a process id, in ASCII (FHS 3.0
clause 5.9) or as a binary integer.
"""

import os
import sys
from collections.abc import Iterable
from typing import NamedTuple

from modem.transport.sysfs import SYSTEM, Roots

OPEN = "open"
LOCK = "lock"
LOCK_FILE = "lock file"
CONSOLE = "console"

PTY_MAJORS = range(136, 144)  # Documentation/admin-guide/devices.txt of the kernel


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
        # A program that locks a port also has it open: said once.
        by_pid = {holder.pid: holder for holder in opened.get(target, ())}
        by_pid.update({holder.pid: holder for holder in lock_holders(path, roots)})
        by_pid.pop(os.getpid(), None)
        found[path] = [by_pid[pid] for pid in sorted(by_pid, key=lambda pid: pid or 0)]
    return Holders(found, unseen)


def lock_holders(path: str, roots: Roots = SYSTEM) -> list[Holder]:
    """Who locked the port at `path`, by flock(2) or by a file; living ones, and not this one."""
    by_file = [_lock_file_holder(roots, name) for name in sorted(_names(path))]
    found = [holder for holder in by_file if holder is not None]
    found += [Holder(_program(roots, pid), pid, LOCK) for pid in _flocks(roots, path)]
    return [holder for holder in found if holder.pid != os.getpid()]


def lock_file_holder(path: str, roots: Roots = SYSTEM) -> Holder | None:
    """Who locked the port at `path` by a file, as long as that process lives; not this one."""
    holder = _lock_file_holder(roots, os.path.basename(path))
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
            same = any(_is_same(f"{folder}/{n}", target) for n in links if links[n] == target)
            if same and not _serves(roots, pid, links, target):
                found.setdefault(target, []).append(Holder(_program(roots, pid), pid, OPEN))
    return found, unseen


def _is_same(descriptor: str, target: str) -> bool:
    """Whether it is the same device: in a container a name may stand for another one."""
    try:
        one, other = os.stat(descriptor), os.stat(target)
    except OSError:
        return False
    # Each container counts its pseudo terminals anew: there the numbers alone tell nothing.
    if one.st_rdev and os.major(one.st_rdev) not in PTY_MAJORS:
        return one.st_rdev == other.st_rdev
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def _serves(roots: Roots, pid: int, links: dict[str, str], target: str) -> bool:
    """Whether the process is the other end of the pseudo terminal `target`: it plays the modem."""
    folder, _, number = target.rpartition("/")
    if not folder.endswith("/pts"):
        return False
    masters = [fd for fd, link in links.items() if link.endswith("/ptmx")]
    infos = (_read(f"{roots.proc}/{pid}/fdinfo/{fd}") for fd in masters)
    return any(f"tty-index:\t{number}\n" in f"{info.decode('latin-1')}\n" for info in infos)


def _names(path: str) -> set[str]:
    return {os.path.basename(path), os.path.basename(os.path.realpath(path))}


def _flocks(roots: Roots, path: str) -> list[int]:
    """The processes that hold a lock on the file at `path`; others than ours have no number."""
    try:
        status = os.stat(path)
    except OSError:
        return []
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    rows = [line.split() for line in _read(f"{roots.proc}/locks", 1 << 20).decode().splitlines()]
    return [
        int(row[4])
        for row in rows
        if len(row) > 5 and row[1] == "FLOCK" and row[5] == file and row[4].isdecimal()
    ]


def _lock_file_holder(roots: Roots, name: str) -> Holder | None:
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


def _read(path: str, most: int = 4096) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError:
        return b""
