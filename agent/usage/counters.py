"""Byte counters as steps forward. Pure.

A step is never more than what certainly flowed, so that nothing is counted twice; where more may
have flowed unseen, the step is marked as a gap and says how much at most. That most is `room`: the
fastest that the link can go, times the time since the reading before. It holds whatever the counter
did meanwhile, because it does not use the counter.

What cannot be seen: a counter that somebody sets to zero by hand and that, before the next reading,
counts more than it showed, in both directions, or in one where its width is known (it then looks as
if the other one had run over). Nothing but its value could tell. A counter that falls without a
restart that is known of may have been set back, or may show nonsense for a while: what it shows
then is not counted before it rises from there.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Counters(NamedTuple):
    """What a counter shows, bytes sent and received."""

    tx_bytes: int
    rx_bytes: int

    @property
    def total(self) -> int:
        """Both directions."""
        return self.tx_bytes + self.rx_bytes

    def at_least(self, other: "Counters") -> bool:
        """Whether neither direction shows less than in `other`."""
        return self.tx_bytes >= other.tx_bytes and self.rx_bytes >= other.rx_bytes

    def plus(self, other: "Counters") -> "Counters":
        """The sum, by direction."""
        return Counters(self.tx_bytes + other.tx_bytes, self.rx_bytes + other.rx_bytes)

    def minus(self, other: "Counters") -> "Counters":
        """The difference, by direction; of a reading that is `at_least` the other."""
        return Counters(self.tx_bytes - other.tx_bytes, self.rx_bytes - other.rx_bytes)


NOTHING = Counters(0, 0)
_NEVER = 1 << 50
"""A petabyte: more than any modem carries, where nothing says how long it had."""


class Traits(NamedTuple):
    """How a counter behaves.

    `persistence` is what a restart does to it: `volatile` begins at zero, `saved` goes back to what
    was saved last, `kept` goes on, `unknown` is not stated. `bits` is its width where it is known.
    `steady`: it begins with its epoch, and nothing sets it back in between (the kernel's counters;
    a modem's can be set to zero by command).
    """

    persistence: str = "unknown"
    bits: int | None = None
    steady: bool = False


_SAVED = frozenset({"saved", "unknown"})
"""Counters that may begin anywhere after a restart."""


class Continuity(Enum):
    """Whether the counter was restarted since the reading before."""

    SURE = "sure"
    """Nothing speaks for a restart."""
    UNSURE = "unsure"
    """Nobody listened for a while."""
    BROKEN = "broken"
    """It was."""

    def and_then(self, later: "Continuity") -> "Continuity":
        """The worse of two."""
        order = (Continuity.SURE, Continuity.UNSURE, Continuity.BROKEN)
        return max(self, later, key=order.index)


@dataclass(frozen=True)
class Delta:
    """Bytes since the reading before; never negative, never more than what flowed.

    `reset`: the counter began again in between. `gap`: more may have flowed, `hidden_bytes` at most
    (None: nothing is known that would bound it). `jump`: the counter shows more than the link can
    carry, and none of it is counted.
    """

    tx_bytes: int
    rx_bytes: int
    reset: bool = False
    gap: bool = False
    hidden_bytes: int | None = 0
    jump: bool = False

    @property
    def counted(self) -> Counters:
        """The step itself."""
        return Counters(self.tx_bytes, self.rx_bytes)

    @property
    def total(self) -> int:
        """Both directions."""
        return self.tx_bytes + self.rx_bytes


class Booked(NamedTuple):
    """A reading of the counter that counts, and the step that it made."""

    counters: Counters
    step: Delta


class Base(NamedTuple):
    """What the next reading is compared with.

    After a reading that did not follow from the one before, without a restart that is known of,
    `other` is what should have been there: a counter that shows zero once and then goes on has not
    begun again. `peak` is the most that a counter which goes back to a saved value can go back to:
    it was set to zero by hand, perhaps, and what was saved was more (None: not known, before the
    first restart that is seen).
    """

    reading: Counters
    other: Counters | None = None
    peak: Counters | None = None

    @property
    def regular(self) -> bool:
        """Whether the reading followed from the one before."""
        return self.other is None


def first_base(current: Counters, traits: Traits) -> Base:
    """A first reading. Zero may be all that a modem shows before it has loaded what was saved."""
    doubtful = traits.persistence in _SAVED and current == NOTHING
    return Base(current, current if doubtful else None)


def advance(
    base: Base, current: Counters, traits: Traits, continuity: Continuity, room: int | None
) -> tuple[Base, Delta]:
    """The step from `base` to `current`, and what the next reading is compared with.

    `room` is the most that can have flowed since the last regular reading, both ways together.
    """
    restarted = continuity is Continuity.BROKEN and traits.persistence == "volatile"
    if base.other is None or restarted:
        step = _step(base, current, traits, continuity, room)
        doubtful = step.jump or (
            step.reset and not restarted and not current.at_least(base.reading)
        )
        other = (base.other or base.reading).plus(step.counted) if doubtful else None
    else:
        step, other = _after_doubt(base, base.other, current, traits, room)
    return Base(current, other, _next_peak(base, current, continuity, step)), step


def _next_peak(
    base: Base, current: Counters, continuity: Continuity, step: Delta
) -> Counters | None:
    if continuity is Continuity.BROKEN and current.at_least(base.reading):
        return current  # it began from what was saved, and shows that at least
    return base.peak if base.peak is None or step.jump else _higher(base.peak, current)


def _after_doubt(
    base: Base, other: Counters, current: Counters, traits: Traits, room: int | None
) -> tuple[Delta, Counters | None]:
    """The step after a reading that may have been nonsense, and what may still be right beside it.

    It counts where the reading before that is continued; what else it shows may have been there.
    """
    if current == base.reading:
        return Delta(0, 0), other
    forward = current.at_least(base.reading)
    # Not by running over: a counter that was set back looks the same.
    continues = current.at_least(other) and _fits(current.minus(other), room)
    if traits.persistence in _SAVED and (forward or continues):
        return _marked(_above(current, base), room), None
    if continues:
        steps = [current.minus(other), *([current.minus(base.reading)] if forward else [])]
        return _marked(min(steps, key=lambda each: each.total), room), None
    if forward and _fits(current.minus(base.reading), room):
        return _marked(NOTHING, room), None
    return _marked(NOTHING, room, reset=not forward), other


def _step(
    base: Base,
    current: Counters,
    traits: Traits,
    continuity: Continuity,
    room: int | None,
) -> Delta:
    previous = base.reading
    goes_on = continuity is Continuity.SURE or traits.persistence == "kept"
    if not current.at_least(previous):
        distance = _distance(previous, current, traits)
        if goes_on and distance is not None and _fits(distance, room):
            both = current.tx_bytes < previous.tx_bytes and current.rx_bytes < previous.rx_bytes
            # Both directions at once are taken for a reset, unless nothing can reset the counter.
            if traits.steady or not both:
                return Delta(*distance)
        begun = NOTHING if goes_on or traits.persistence in _SAVED else current
        return _less(_marked(begun, room, reset=True), distance, room)
    if traits.persistence in _SAVED and not goes_on:
        return _marked(_above(current, base), room)  # gone back to what was saved, perhaps
    if not goes_on:
        return _perhaps_from_zero(previous, current, continuity, room)
    difference = current.minus(previous)
    if not _fits(difference, room):
        return Delta(0, 0, gap=True, hidden_bytes=room, jump=True)
    return Delta(*difference)


def _perhaps_from_zero(
    previous: Counters, current: Counters, continuity: Continuity, room: int | None
) -> Delta:
    """The step of a counter that rose, over a restart at zero that was or may have been."""
    if continuity is Continuity.BROKEN:
        return _marked(current, room, reset=True)
    difference = current.minus(previous)
    if not _fits(current, room) and _fits(difference, room):
        return Delta(*difference)  # so much cannot have flowed since a restart: there was none
    return _marked(difference, room)


def _above(current: Counters, base: Base) -> Counters:
    """What certainly flowed, where the counter may have gone back to a saved value."""
    if base.peak is None:
        return NOTHING
    least = _higher(base.reading, base.peak)
    return Counters(
        max(0, current.tx_bytes - least.tx_bytes), max(0, current.rx_bytes - least.rx_bytes)
    )


def _higher(one: Counters, other: Counters) -> Counters:
    return Counters(max(one.tx_bytes, other.tx_bytes), max(one.rx_bytes, other.rx_bytes))


def _distance(previous: Counters, current: Counters, traits: Traits) -> Counters | None:
    """How far the counter went if nothing set it back; None where it cannot have gone on.

    One of known width may have run over.
    """
    if current.at_least(previous):
        return current.minus(previous)
    if traits.bits is None or max(*previous, *current) >= 1 << traits.bits:
        return None
    modulus = 1 << traits.bits
    return Counters(
        (current.tx_bytes - previous.tx_bytes) % modulus,
        (current.rx_bytes - previous.rx_bytes) % modulus,
    )


def _less(step: Delta, other: Counters | None, room: int | None) -> Delta:
    """The smaller of two explanations, where the other one is possible at all."""
    if other is None or not _fits(other, room) or other.total >= step.total:
        return step
    return _marked(other, room, reset=step.reset)


def _marked(counted: Counters, room: int | None, *, reset: bool = False) -> Delta:
    """A step that may be short."""
    if not _fits(counted, room):
        return Delta(0, 0, reset=reset, gap=True, hidden_bytes=room, jump=True)
    hidden = None if room is None else room - counted.total
    return Delta(*counted, reset=reset, gap=True, hidden_bytes=hidden)


def _fits(counted: Counters, room: int | None) -> bool:
    return counted.total <= (_NEVER if room is None else room)
