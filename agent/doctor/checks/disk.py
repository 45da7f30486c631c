"""The disk under the state directory: room, rights, durability, wear.

Sources: proc(5) `mountinfo`; Linux Documentation/driver-api/mmc/mmc-dev-attrs.rst and JEDEC
JESD84-B51 (unread) for `life_time` and `pre_eol_info`.
"""

import os
import re
import stat
from pathlib import Path
from typing import Final, NamedTuple

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
from agent.i18n.said import say

_LOW: Final = 0.05
_FULL_BYTES: Final = 4 * 1024 * 1024
_VOLATILE = frozenset({"tmpfs", "ramfs", "overlay", "squashfs"})


def _place(s: Surroundings) -> Path:
    """The state directory, or the nearest folder above that exists."""
    place = s.state_dir.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return place


def state_dir(s: Surroundings) -> Finding:
    """Whether the state directory is there, is the daemon's alone, and can be written."""
    path = s.state_dir
    try:
        status = path.stat()
    except FileNotFoundError:
        if not s.configured.given:
            return not_applicable(say("no daemon has run here: there is no state directory"))
        return warning(
            say("{path} does not exist yet", path=str(path)),
            say("simward run makes it at its first start, if it may"),
        )
    except OSError as error:
        raise s.unreadable(path, error) from error
    return _judged(s, path, status)


def _judged(s: Surroundings, path: Path, status: os.stat_result) -> Finding:
    seen = Seen(str(path), f"{stat.filemode(status.st_mode)} uid {status.st_uid}")
    if not stat.S_ISDIR(status.st_mode):
        return failure(say("{path} is not a directory", path=str(path)), say("move it away"), seen)
    do = say("run {command}; in a unit: StateDirectoryMode=0750", command=f"chmod o= {path}")
    if status.st_mode & stat.S_IWOTH:
        words = say("everybody on this machine can change {file}", file=str(path))
        return failure(words, do, seen)
    if status.st_mode & stat.S_IRWXO:
        said = say("everybody on this machine may look into {path}", path=str(path))
        return warning(said, do, seen)
    if s.user.uid not in {0, status.st_uid} and not s.access(path, os.W_OK):
        return unknown(say("only its owner or root can see whether it can be written"), seen)
    return fine(say("there, and closed to others"), seen)


def _statvfs(s: Surroundings, place: Path) -> os.statvfs_result:
    try:
        return s.statvfs(place)
    except OSError as error:
        raise s.unreadable(place, error) from error


def space(s: Surroundings) -> Finding:
    """Whether there is room for reports."""
    place = _place(s)
    room = _statvfs(s, place)
    free, total = room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize
    seen = Seen(str(place), f"{free} of {total} bytes free")
    do = say("make room: journalctl --vacuum-size=50M, apt-get clean")
    said = say("{size} free", size=_size(free))
    if free < _FULL_BYTES:
        return failure(say("the disk is full: {size} free", size=_size(free)), do, seen)
    floor = s.settings.outbox.min_free_bytes
    if free < floor:
        low = say(
            "{size} free, less than outbox.min_free_bytes: old reports are dropped",
            size=_size(free),
        )
        return failure(low, do, seen)
    if free < 2 * floor or free < _LOW * total:
        return warning(say("only {size} free", size=_size(free)), do, seen)
    return fine(said, seen)


def inodes(s: Surroundings) -> Finding:
    """Whether files can still be made; some file systems count none."""
    place = _place(s)
    room = _statvfs(s, place)
    if room.f_files == 0:
        return not_applicable(say("this file system counts no inodes"))
    seen = Seen(str(place), f"{room.f_favail} of {room.f_files} inodes free")
    share = room.f_favail / room.f_files
    do = say("find the folder with too many small files: du --inodes -x / | sort -n | tail")
    if room.f_favail < 64:
        return failure(say("no inodes are free: no file can be made"), do, seen)
    if share < _LOW:
        return warning(
            say("only {share} % of the inodes are free", share=int(share * 100)), do, seen
        )
    return fine(say("{share} % free", share=int(share * 100)), seen)


class Mount(NamedTuple):
    """A line of /proc/self/mountinfo."""

    point: str
    kind: str
    device: str
    number: str
    options: frozenset[str]


def mount_of(s: Surroundings, place: Path) -> Mount:
    """The file system that `place` is on.

    Raises:
        Unreadable: the kernel does not tell.
    """
    target = os.path.realpath(place)
    found: Mount | None = None
    for line in (s.text("/proc/self/mountinfo") or "").splitlines():
        left, _, right = line.partition(" - ")
        fields, kinds = left.split(), right.split()
        if len(fields) < 6 or len(kinds) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
        # Of several mounts on one place the last is the one that is seen.
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and (found is None or len(point) >= len(found.point)):
            options = frozenset(fields[5].split(",")) | frozenset(kinds[2].split(","))
            found = Mount(point, kinds[0], kinds[1], fields[2], options)
    if found is None:
        raise Unreadable(
            say("the kernel does not tell which file system {path} is on", path=target)
        )
    return found


def mount(s: Surroundings) -> Finding:
    """Whether what is written there stays there."""
    found = mount_of(s, _place(s))
    listed = ",".join(sorted(found.options & {"ro", "rw", "sync", "errors=remount-ro"}))
    seen = Seen("/proc/self/mountinfo", f"{found.point} {found.kind} {listed}")
    if "ro" in found.options:
        said = say("{path} is mounted read-only: nothing can be stored", path=found.point)
        do = say("look at journalctl -k for disk errors: the card is worn, or power was cut")
        return failure(said, do, seen)
    if found.kind in _VOLATILE:
        said = say(
            "{path} is {kind}: reports do not survive a power cut",
            path=found.point,
            kind=found.kind,
        )
        do = say("put device.state_dir on a disk that is written through")
        return warning(said, do, seen)
    if "sync" in found.options:
        said = say("{path} is mounted with sync: each small write wears the card", path=found.point)
        do = say("take sync out of /etc/fstab; simward itself writes through where it must")
        return warning(said, do, seen)
    return fine(say("{kind}, writable", kind=found.kind), seen)


def wear(s: Surroundings) -> Finding:
    """How worn the disk is, where it tells."""
    found = mount_of(s, _place(s))
    disk = _disk(s, found)
    if disk is None:
        return not_applicable(say("no disk of its own: {kind}", kind=found.kind))
    finding = _wear_of(s, disk)
    return finding._replace(seen=(*finding.seen, *_written(s, disk)))


def _written(s: Surroundings, disk: str) -> list[Seen]:
    """What was written since boot. Source: Linux Documentation/block/stat.rst (field 7)."""
    fields = (s.text(f"/sys/block/{disk}/stat") or "").split()
    if len(fields) < 7 or not fields[6].isdecimal():
        return []
    written = int(fields[6]) * 512
    a_day = written * 86_400 / max(s.up_s(), 1.0)
    words = f"{_size(written)} written since boot, {_size(int(a_day))} a day"
    return [Seen(f"/sys/block/{disk}/stat", words)]


def _wear_of(s: Surroundings, disk: str) -> Finding:
    if not disk.startswith("mmcblk"):
        return not_applicable(say("{disk} tells nothing of its wear here", disk=disk))
    base = f"/sys/block/{disk}/device"
    life, spare = s.text(f"{base}/life_time"), s.text(f"{base}/pre_eol_info")
    if life is None and spare is None:
        kind = s.text(f"{base}/type") or "?"
        return unknown(say("an SD card does not tell its wear"), Seen(f"{base}/type", kind))
    seen = (Seen(f"{base}/life_time", life or "?"), Seen(f"{base}/pre_eol_info", spare or "?"))
    used = max((_number(word) for word in (life or "").split()), default=0)
    return _worn(used, _number(spare or ""))._replace(seen=seen)


_WARNING = 2  # pre_eol_info; 1 is normal, 3 urgent, 0 not defined
_NINTH_TENTH, _TENTH = 0x09, 0x0A  # life_time: tenths of the life that are used; 0x0B: beyond it


def _worn(used: int, spare: int) -> Finding:
    do = say("plan to replace the gateway or its storage; save what it holds")
    if used > _TENTH or spare > _WARNING:
        return failure(say("the storage is worn out"), do)
    if used >= _NINTH_TENTH or spare == _WARNING:
        return warning(say("the storage is nearly worn out"), do)
    if used == 0:
        return unknown(say("the storage does not tell its wear"))
    return fine(say("{low} to {high} % of its life used", low=(used - 1) * 10, high=used * 10))


def _disk(s: Surroundings, found: Mount) -> str | None:
    """`mmcblk0` of a file system on `mmcblk0p2`."""
    link = s.where(f"/sys/dev/block/{found.number}")
    if not link.exists():
        return None
    folder = link.resolve()
    return folder.parent.name if (folder / "partition").exists() else folder.name


def _number(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return 0


def _size(size: int) -> str:
    for unit, count in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= count:
            return f"{size / count:.1f} {unit}"
    return f"{size} B"
