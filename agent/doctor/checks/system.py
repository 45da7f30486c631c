"""The machine: versions, memory, load."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from agent.doctor.finding import Finding, Seen, fine, unknown, warning
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import say
from agent.version import __version__

_PACKAGES = ("paho-mqtt", "pyserial", "pydantic", "pyscard", "jeepney")
_LOW_KB: Final = 32 * 1024
_LOW: Final = 0.05
_BUSY: Final = 2.0


def versions(s: Surroundings) -> Finding:
    """What runs here, for who is asked for help."""
    release = dict(
        line.partition("=")[::2] for line in (s.text("/etc/os-release") or "").splitlines()
    )
    seen = [
        Seen("simward", __version__),
        Seen("Python", platform.python_version()),
        *(Seen(name, _version(name)) for name in _PACKAGES),
        Seen("kernel", f"{platform.release()} {platform.machine()}"),
        Seen("/etc/os-release", release.get("PRETTY_NAME", "?").strip('"')),
    ]
    said = say(
        "simward {simward}, Python {python}, kernel {kernel}",
        simward=__version__,
        python=platform.python_version(),
        kernel=platform.release(),
    )
    return fine(said, *seen)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def memory(s: Surroundings) -> Finding:
    """Whether programs still get memory. Source: proc(5), `/proc/meminfo`."""
    path = "/proc/meminfo"
    values = {
        line.partition(":")[0]: int(line.split()[1])
        for line in (s.text(path) or "").splitlines()
        if len(line.split()) > 1 and line.split()[1].isdecimal()
    }
    free, total = values.get("MemAvailable"), values.get("MemTotal")
    if free is None or total is None:
        return unknown(say("the kernel does not tell how much memory is free"))
    seen = Seen(path, f"MemAvailable {free} kB of {total} kB")
    if free < _LOW_KB or free < _LOW * total:
        said = say("only {size} MB of memory are free", size=free // 1024)
        return warning(said, say("see which program takes it: ps aux --sort=-rss | head"), seen)
    return fine(say("{size} MB free", size=free // 1024), seen)


def load(s: Surroundings) -> Finding:
    """Whether the processors keep up. Source: proc(5), `/proc/loadavg`."""
    path = "/proc/loadavg"
    words = (s.text(path) or "").split()
    if len(words) < 3:
        return unknown(say("the kernel does not tell the load"))
    cores = os.cpu_count() or 1
    seen = Seen(path, f"{' '.join(words[:3])}, {cores} processors")
    if float(words[2]) > _BUSY * cores:
        said = say(
            "the machine has been too busy for a quarter of an hour (load {load})", load=words[2]
        )
        return warning(said, say("see which program it is: top"), seen)
    return fine(say("load {load}", load=words[2]), seen)
