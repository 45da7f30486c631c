"""The clock: right, since when, kept over a power cut, and in which time zone."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import agent.version
from agent.clock import iso
from agent.doctor.finding import Finding, Seen, Unreadable, failure, fine, unknown, warning
from agent.doctor.surroundings import Surroundings
from agent.i18n import mark
from agent.i18n.said import Said, say
from agent.store import NAME

# systemd-timesyncd(8): both are touched at each synchronisation (the second also now and then).
_SYNCHRONIZED = "/run/systemd/timesync/synchronized"
_SAVED = "/var/lib/systemd/timesync/clock"
_LATE_S: Final = 86_400
_LAST_YEAR: Final = 2100
_RTC_OFF_S: Final = 120


def clock(s: Surroundings) -> Finding:
    """Whether the wall clock can be believed."""
    now = s.now()
    floor, source = _floor(s)
    seen: tuple[Seen, ...] = (Seen("clock", iso(now)), Seen(source, iso(floor)))
    do = say(
        "turn time synchronisation on: timedatectl set-ntp true; see that UDP port 123 is open"
    )
    if now < floor or now.year >= _LAST_YEAR:
        return failure(say("the clock is wrong: it shows {time}", time=iso(now)), do, *seen)
    synchronized = s.synchronized()
    source = _SYNCHRONIZED if s.exists(_SYNCHRONIZED) else "adjtimex"
    seen = (*seen, Seen(source, "synchronised" if synchronized else "not synchronised"))
    if not synchronized:
        said = say("nothing keeps the clock right: reports carry no time, account facts no age")
        return warning(said, do, *seen)
    return fine(say("synchronised"), *seen)


def _floor(s: Surroundings) -> tuple[datetime, str]:
    """A moment that has certainly passed: simward was installed, the store was written."""
    files = [Path(agent.version.__file__)]
    with suppress(Unreadable):
        files.append(s.state_dir / NAME)
    times = []
    for file in files:
        with suppress(OSError):
            times.append((file.stat().st_mtime, str(file)))
    moment, name = max(times, default=(0.0, "1970"))
    return datetime.fromtimestamp(moment, UTC), name


def clock_age(s: Surroundings) -> Finding:
    """How long ago the clock was last set right; the kernel's mark stays for ever once set."""
    if not s.synchronized():
        return unknown(say("the clock is not synchronised"))
    told = _of_timesyncd(s) or _of_chrony(s)
    if told is None:
        return unknown(say("neither systemd-timesyncd nor chrony tells when the clock was set"))
    moment, source = told
    age_s = s.now().timestamp() - moment
    seen = Seen(source, iso(datetime.fromtimestamp(moment, UTC)))
    if age_s > _LATE_S:
        said = say("the clock was last set right {age} ago", age=duration(age_s))
        return warning(
            said, say("see that the time server can be reached: timedatectl timesync-status"), seen
        )
    return fine(say("set right {age} ago", age=duration(max(age_s, 0.0))), seen)


def _of_timesyncd(s: Surroundings) -> tuple[float, str] | None:
    moments = [(_mtime(s, path), path) for path in (_SYNCHRONIZED, _SAVED)]
    return next(((moment, path) for moment, path in moments if moment is not None), None)


def _of_chrony(s: Surroundings) -> tuple[float, str] | None:
    """The field "Ref time" of chronyc(1) `tracking`, seconds since 1970; 0 where there is none."""
    if not s.processes("chronyd"):
        return None
    ran = s.run("chronyc", "-c", "tracking")
    fields = [] if ran is None or ran.code != 0 else ran.out.split(",")
    try:
        moment = float(fields[3])
    except (IndexError, ValueError):
        return None
    return (moment, "chronyc tracking") if moment > 0 else None


def _mtime(s: Surroundings, path: str) -> float | None:
    try:
        return s.where(path).stat().st_mtime
    except OSError:
        return None


def rtc(s: Surroundings) -> Finding:
    """Whether a clock runs while the power is off; whether its battery is good nobody tells."""
    places = s.names("/sys/class/rtc")
    if not places:
        said = say("no real-time clock: after a power cut the time is that of the last shutdown")
        do = say("fit an RTC with a battery, or see that time comes over the network soon")
        return warning(said, do, Seen("/sys/class/rtc", "empty"))
    place = f"/sys/class/rtc/{places[0]}"
    text = s.text(f"{place}/since_epoch")
    if text is None or not text.isdecimal():
        return unknown(say("the real-time clock does not tell its time"), Seen(place, "there"))
    seen = Seen(f"{place}/since_epoch", iso(datetime.fromtimestamp(int(text), UTC)))
    off_s = abs(s.now().timestamp() - int(text))
    if off_s > _RTC_OFF_S and s.synchronized():
        said = say("the real-time clock is {age} off", age=duration(off_s))
        do = say("run hwclock --systohc --utc; off again after a power cut: its battery is empty")
        return warning(said, do, seen)
    return fine(say("there, and right"), seen)


def time_zone(s: Surroundings) -> Finding:
    """Which time zone people read in; billing cycles need it right."""
    path = s.where("/etc/localtime")
    if not os.path.lexists(path):
        return fine(say("UTC"), Seen("/etc/localtime", "not there"))
    target = os.path.realpath(path)
    if not Path(target).exists():
        said = say(
            "the time zone file {path} does not exist: the machine counts in UTC", path=target
        )
        return warning(said, say("run {command}", command="timedatectl set-timezone Asia/Shanghai"))
    zone = target.partition("zoneinfo/")[2] or (s.text("/etc/timezone") or "")
    if not zone:
        return unknown(say("the time zone has no name"), Seen("/etc/localtime", target))
    return fine(say("{name}", name=zone), Seen("/etc/localtime", zone))


def duration(seconds: float) -> Said:
    """`3 h`, in the language spoken."""
    for size, text in ((86_400, mark("{n} d")), (3600, mark("{n} h")), (60, mark("{n} min"))):
        if seconds >= 2 * size:
            return Said(text, {"n": int(seconds // size)})
    return say("{n} s", n=int(seconds))
