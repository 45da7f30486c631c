"""A gateway's year as it really was, beside what the ledger gets to see of it.

Knows nothing of the ledger's rules: modems count and lose their counters, cards are swapped, the
gateway reboots and its clock is wrong for a while. What flowed is written down by card and second.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

CARDS = ("89001010000000000018", "89001010000000000026", "89001010000000000034")
INTERVAL_S = 900.0
_DAY_S = 86400.0


class Shown(NamedTuple):
    """What one look at a modem shows; `card` is None where it cannot be read, "" without one."""

    modem: str
    slot: int
    card: str | None
    tx: int
    rx: int
    epoch: str | None
    fresh: bool
    restarted: bool
    echoes: bool
    boot: int
    up_s: float
    at: datetime | None


class Flow(NamedTuple):
    """Bytes that a card used at a moment."""

    card: str
    at_s: float
    size: int


@dataclass
class Kind:
    """What a modem's counter does; `has_epoch`: it is on USB, or a network interface."""

    persistence: str
    bits: int | None = None
    steady: bool = False
    has_epoch: bool = True
    busy: int = 200_000
    """How much it sends between two looks, about."""


@dataclass
class Device:
    """A modem with its counter, and the card in it."""

    name: str
    slot: int
    kind: Kind
    card: str
    tx: int = 0
    rx: int = 0
    saved: tuple[int, int] = (0, 0)
    life: int = 0
    restarted: bool = False
    blurred: bool = False
    is_new: bool = True
    echoes: bool = True
    shown: tuple[int, int] = (0, 0)

    def count(self, tx: int, rx: int) -> None:
        size = 1 << (self.kind.bits or 64)
        self.tx, self.rx = (self.tx + tx) % size, (self.rx + rx) % size

    def restart(self) -> None:
        if self.kind.persistence == "volatile":
            self.tx = self.rx = 0
        elif self.kind.persistence in {"saved", "unknown"}:
            self.tx, self.rx = self.saved
        self.life += 1
        self.restarted = self.echoes = True


@dataclass
class World:
    """Time, the gateway, its modems; `looks` is what a daemon gets to see in one interval."""

    seed: int
    kinds: tuple[Kind, ...]
    start: datetime
    flows: list[Flow] = field(default_factory=list)
    trouble: float = 1.0
    """How often things go wrong, against a bad year of a real gateway."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.now_s = self.start.timestamp()
        self.boot, self.booted_s = 1, self.now_s - 100.0
        self.right_from_s = self.now_s  # when the clock of this boot is right
        self.names = count(1)
        self.fresh = True
        self.drawer = [CARDS[-1]]
        self.devices = [
            self._device(slot, kind, CARDS[slot - 1])
            for slot, kind in enumerate(self.kinds[:2], start=1)
        ]

    def _device(self, slot: int, kind: Kind, card: str) -> Device:
        start = self.random.randrange(1 << (kind.bits or 33))
        held = (start, start // 2)
        device = Device(f"35693803564{next(self.names):04d}", slot, kind, card, *held, saved=held)
        device.shown = held
        return device

    def happens(self, a_year: float, passed_s: float = INTERVAL_S) -> bool:
        """Whether something that comes so many times a year comes in this interval."""
        return self.random.random() < self.trouble * a_year * passed_s / (365 * _DAY_S)

    # An interval

    def pass_time(self) -> None:
        """Up to the next look: traffic, and everything that goes wrong."""
        passed_s = INTERVAL_S
        host_off = daemon_off = False
        if self.happens(60):
            daemon_off = True
            passed_s *= self.random.choice((1, 2, 10, 200))
        if self.happens(40):
            host_off = True
            passed_s *= self.random.choice((1, 3, 100, 500))
        steps = sorted(self.random.random() for _ in range(self.random.randrange(4)))
        for device in self.devices:
            self._live(device, passed_s, steps, listened_to=not (host_off or daemon_off))
        self.now_s += passed_s
        if host_off:
            self._reboot(passed_s)
        if host_off or daemon_off:
            self.fresh = True
        self._swap_between_modems()

    def _live(
        self, device: Device, passed_s: float, steps: list[float], *, listened_to: bool
    ) -> None:
        chunks = [self._chunk(device) for _ in steps]
        happenings = {self.random.randrange(len(steps) + 1): each for each in self._ills(device)}
        for place in range(len(steps) + 1):
            happening = happenings.get(place)
            if happening is not None:
                left = sum(tx + rx for tx, rx in chunks[place:])
                happening(device, left)
            if place < len(steps) and device.card:
                tx, rx = chunks[place]
                device.count(tx, rx)
                moment = self.now_s + steps[place] * passed_s
                self.flows.append(Flow(device.card, moment, tx + rx))
        if not listened_to:
            device.restarted = False  # nobody heard it
        if self.happens(200):
            device.saved = (device.tx, device.rx)

    def _chunk(self, device: Device) -> tuple[int, int]:
        if self.random.random() < 0.3:
            return 0, 0
        return self.random.randrange(device.kind.busy // 4), self.random.randrange(device.kind.busy)

    def _ills(self, device: Device) -> list:
        ills = []
        if self.happens(100):
            ills.append(lambda device, _left: device.restart())
        if self.happens(20) and not device.kind.steady and not device.blurred:
            ills.append(self._zero_by_hand)
        if self.happens(30) and not device.blurred:
            ills.append(self._swap)
        if self.happens(3) and not device.blurred:
            ills.append(self._replace)
        return ills

    def _zero_by_hand(self, device: Device, left: int) -> None:
        # Where more flows before the next look than the counter showed, nothing could tell.
        if min(device.shown) > left:
            device.tx = device.rx = 0

    def _swap(self, device: Device, _left: int) -> None:
        """The card goes into the drawer, another comes out of it, or none."""
        if device.card:
            self.drawer.append(device.card)
            device.card = ""
        if self.random.random() < 0.7 and len(self.drawer) > 1:
            device.card = self.drawer.pop(0)
        elif not device.card and self.random.random() < 0.3:
            device.card = self.drawer.pop()
        if self.random.random() < 0.5:
            device.restart()  # many modems do, when their card moves

    def _replace(self, device: Device, _left: int) -> None:
        """Another modem, the same card."""
        fresh = self._device(device.slot, self.random.choice(self.kinds), device.card)
        device.__dict__.update(fresh.__dict__)
        device.restarted = True

    def _swap_between_modems(self) -> None:
        """The cards of the two modems change places, right before a look."""
        if self.happens(6) and not any(device.blurred for device in self.devices):
            first, second = self.devices
            first.card, second.card = second.card, first.card

    def _reboot(self, off_s: float) -> None:
        self.boot += 1
        self.booted_s = self.now_s - min(off_s / 2, self.random.choice((60.0, 120.0)))
        late_s = self.random.choice((0.0, 0.0, 600.0, 7200.0, 3 * _DAY_S, 40 * _DAY_S))
        self.right_from_s = self.booted_s + late_s
        for device in self.devices:
            if device.kind.steady or self.random.random() < 0.5:
                device.restart()
                device.restarted = False

    # A look

    def looks(self, *, clearly: bool = False) -> list[Shown]:
        """What every modem shows now; `clearly`: every card can be read."""
        shown = [self._look(device, clearly=clearly) for device in self.devices]
        self.fresh = False
        return shown

    def _look(self, device: Device, *, clearly: bool) -> Shown:
        at = datetime.fromtimestamp(self.now_s, UTC) if self.now_s >= self.right_from_s else None
        unreadable = not clearly and self.random.random() < 0.01
        counters = (device.tx, device.rx)
        # Once in a while a modem shows nonsense. One whose counter is never loaded from anywhere
        # does not in its first answer: nothing could tell.
        loads = device.kind.persistence in {"saved", "unknown"}
        if self.happens(20) and not device.kind.steady and (loads or not device.is_new):
            counters = self.random.choice(((0, 0), (counters[0] + (1 << 60), counters[1])))
        seen = Shown(
            device.name,
            device.slot,
            None if unreadable else device.card,
            *counters,
            f"{self.boot}:{device.life}" if device.kind.has_epoch else None,
            self.fresh,
            device.restarted,
            device.echoes,
            self.boot,
            self.now_s - self.booted_s,
            at,
        )
        # Having looked, the daemon tells it not to echo.
        device.restarted = device.is_new = device.echoes = False
        device.blurred = unreadable
        device.shown = counters
        return seen

    def clock_comes_right(self) -> None:
        """Somebody sets the clock."""
        self.right_from_s = min(self.right_from_s, self.now_s)
