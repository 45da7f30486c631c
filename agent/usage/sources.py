"""What counts beside the modem itself, and which of the counters is believed.

These are the kernel's counters of its network interface, and ModemManager's of its bearers. One
counts, the others do not: their bytes are the same bytes. It is decided with the first reading
of a modem and stays (`Ledger.source_of`), unless the configuration names another.

Sources: Linux kernel documentation, "Interface statistics" (`/sys/class/net/*/statistics`), and
`ifindex`, which names an interface as long as it exists and is not given again in a boot;
ModemManager 1.20 reference manual, `org.freedesktop.ModemManager1.Bearer`, property `Stats`.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from agent.usage.counters import Counters, Traits
from modem.errors import CoexistError
from modem.transport.coexist import bearer_statistics
from modem.transport.sysfs import SYSTEM, Roots, natural, port_at

AUTO: Final = "auto"
MODEM: Final = "modem"
INTERFACE: Final = "interface"
MODEMMANAGER: Final = "modemmanager"
ORDER: Final = (MODEM, INTERFACE, MODEMMANAGER)
"""Which one counts, where the configuration leaves it open: the first that there is."""

_ASKS_MODEMMANAGER = frozenset({AUTO, MODEMMANAGER})
_WIDE = ("64", "s390x", "alpha", "sparc64")
_KERNEL = Traits("volatile", steady=True)


class Offer(NamedTuple):
    """A counter that could count: what it shows, how it behaves, and the name of its life."""

    counters: Counters
    traits: Traits
    epoch: str | None


class Outside(NamedTuple):
    """What can be seen without asking the modem.

    `epoch`: as long as it is the same, the modem was not plugged in again; None where nothing tells
    (a port that is no USB device's).
    """

    epoch: str | None = None
    offers: Mapping[str, Offer] = {}


NOTHING_OUTSIDE: Final = Outside()


def choose(decided: str | None, wanted: str, offers: Mapping[str, Offer]) -> str | None:
    """Which source counts: as configured, else as decided before, else the first that there is.

    None where it shows nothing now: no other one takes its place for a while.
    """
    source = decided if wanted == AUTO else wanted
    if source is None:
        source = next((each for each in ORDER if each in offers), None)
    return source if source in offers else None


def bearers_of(port: str, roots: Roots = SYSTEM) -> Offer | None:
    """ModemManager's count for the modem of a port, where it has one.

    A bearer that comes or goes takes its count along: what a new set shows may be old bytes.
    """
    try:
        found = bearer_statistics(port, roots)
    except CoexistError:
        return None
    if found is None:
        return None
    return Offer(Counters(found.tx_bytes, found.rx_bytes), Traits("unknown"), found.life)


class Surroundings:
    """The surroundings of one modem's port, read anew at each sample by the thread that samples."""

    def __init__(
        self,
        port: str,
        *,
        interface: str | None = None,
        kernel: bool = True,
        bearers: Callable[[], Offer | None] | None = None,
        roots: Roots = SYSTEM,
        machine: str = os.uname().machine,
    ) -> None:
        """`interface` is the configured one; without it the one that is part of the same device.

        `bearers` asks ModemManager, where no interface counts; `kernel`: whether one may.
        """
        self._port = port
        self._interface = interface
        self._kernel_counts = kernel
        self._bearers = bearers
        self._roots = roots
        self._bits = None if any(word in machine for word in _WIDE) else 32
        self._last_index: str | None = None

    def look(self) -> Outside:
        """What there is now; what cannot be read is not there."""
        port = port_at(self._port, self._roots)
        device = None if port is None else port.device
        syspath = None if device is None else device.syspath
        offers = {}
        folder = self._folder(syspath) if self._kernel_counts else None
        kernel = None if folder is None else self._kernel(folder)
        if kernel is not None:
            offers[INTERFACE] = kernel
        bearers = None if self._bearers is None or kernel is not None else self._bearers()
        if bearers is not None:
            offers[MODEMMANAGER] = bearers
        return Outside(self._epoch(syspath), offers)

    def _epoch(self, syspath: str | None) -> str | None:
        number = None if syspath is None else _text(self._sys(syspath) / "devnum")
        return None if number is None else f"{self._boot()}:{syspath}:{number}"

    def _folder(self, syspath: str | None) -> Path | None:
        """The interface's folder: the configured one, under its present name; else the device's."""
        folders = self._interfaces()
        if self._interface is not None:
            named = Path(self._roots.sys, "class/net", self._interface)
            if named in folders:
                return named
            renamed = (each for each in folders if _text(each / "ifindex") == self._last_index)
            return next(renamed, None) if self._last_index is not None else None
        if syspath is None:
            return None
        top = f"{os.path.realpath(self._sys(syspath))}/"
        own = [each for each in folders if f"{os.path.realpath(each)}/".startswith(top)]
        # Of several (one a data channel) none is the modem's own, and nobody said which to take.
        return own[0] if len(own) == 1 else None

    def _interfaces(self) -> list[Path]:
        try:
            found = list(Path(self._roots.sys, "class/net").iterdir())
        except OSError:
            return []
        return sorted(found, key=lambda path: natural(path.name))

    def _kernel(self, folder: Path) -> Offer | None:
        index = _text(folder / "ifindex")
        sent = _number(folder / "statistics/tx_bytes")
        received = _number(folder / "statistics/rx_bytes")
        if index is None or sent is None or received is None:
            return None
        self._last_index = index
        traits = _KERNEL._replace(bits=self._bits)
        return Offer(Counters(sent, received), traits, f"{self._boot()}:{index}")

    def _boot(self) -> str:
        return _text(Path(self._roots.proc, "sys/kernel/random/boot_id")) or "?"

    def _sys(self, syspath: str) -> Path:
        return Path(self._roots.sys + syspath.removeprefix("/sys"))


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text is not None and text.isdecimal() else None


def surroundings_of(port: str, interface: str | None, wanted: str) -> Surroundings:
    """Of a modem as it is configured; `wanted` is `usage.source`."""
    return Surroundings(
        port,
        interface=interface,
        kernel=wanted != MODEMMANAGER,
        bearers=partial(bearers_of, port) if wanted in _ASKS_MODEMMANAGER else None,
    )
