"""What a card used in a billing cycle, with what may be missing or belong elsewhere. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from agent.usage.cycle import Cycle


class Day(NamedTuple):
    """A day of a card, as the ledger has it (`agent.usage.tables`)."""

    day: str
    tx: int
    rx: int
    early_bytes: int
    early_since: str
    gaps: int
    hidden_bytes: int
    open_gaps: int
    hidden_since: str

    @property
    def total(self) -> int:
        """Both directions."""
        return self.tx + self.rx


class CycleUsage(NamedTuple):
    """A card's bytes in one cycle.

    What really flowed is `total - early_bytes` at least, and at most `total + late_bytes +
    hidden_bytes`: `early_bytes` were read in this cycle and may have flowed before it, `late_bytes`
    were read after it and may have flowed in it, `hidden_bytes` may be missing (None: gaps without
    a bound). Where all three are zero, `total` is exact.
    """

    cycle: Cycle
    tx: int
    rx: int
    gaps: int
    early_bytes: int
    late_bytes: int
    hidden_bytes: int | None
    days: tuple[Day, ...]

    @property
    def total(self) -> int:
        """Both directions."""
        return self.tx + self.rx

    @property
    def exact(self) -> bool:
        """Whether nothing is missing and nothing misplaced."""
        return not (self.early_bytes or self.late_bytes) and self.hidden_bytes == 0


def usage_in(cycle: Cycle, days: Iterable[Day]) -> CycleUsage:
    """What the days of a card make of a cycle."""
    start, next_start = cycle.start.isoformat(), cycle.next_start.isoformat()
    known = tuple(days)
    inside = tuple(day for day in known if start <= day.day < next_start)
    after = [day for day in known if day.day >= next_start]
    # A gap that ends in a later cycle may hide bytes of this one.
    gaps = [day for day in known if day.gaps and day.day >= start and day.hidden_since < next_start]
    unbounded = any(day.open_gaps for day in gaps)
    return CycleUsage(
        cycle=cycle,
        tx=sum(day.tx for day in inside),
        rx=sum(day.rx for day in inside),
        gaps=sum(day.gaps for day in gaps),
        early_bytes=sum(day.early_bytes for day in inside if day.early_since < start),
        late_bytes=sum(day.early_bytes for day in after if day.early_since < next_start),
        hidden_bytes=None if unbounded else sum(day.hidden_bytes for day in gaps),
        days=inside,
    )
