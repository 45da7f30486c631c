"""Days of one gateway on virtual time, one random fault after the other.

    python -m tests.fault.week [--days N] [--seed N] [--modem NAME]

The cloud takes the rows of the outbox once an hour and is away now and then. What it knows in the
end must account for each sample: every one is a row, every row came once, and where reports are
further apart than they should be an event says why. Meanwhile nothing may grow.
"""

import argparse
import gc
import logging
import random
import sys
import tempfile
import threading
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from agent.jobs import Sample
from agent.recovery import DAY_S, HOUR_S
from cloud_bridge.encoding import decode
from modem.simulator.faults import Latency
from modem.simulator.modem import SimulatedModem
from tests.fault.cards import card
from tests.fault.faults import FAULTS, Fault, Line, right_within_s
from tests.fault.world import Gateway, World

INTERVAL_S = 300.0
LATENCY_S = 0.02
CURES_S = 8 * HOUR_S
"""Faults that only a restart ends are so far apart that the ladder's daily limits allow it."""
AWAY = 0.2
"""The share of hours in which the cloud is not there."""
SLACK_S = 60.0
"""A sample may come so much later than due: the modem was slow, and no trouble yet."""


@dataclass(frozen=True)
class Struck:
    """A fault that happened, and by when all had to be right again."""

    fault: Fault
    at_s: float
    right_by_s: float


@dataclass(frozen=True)
class Held:
    """What the process holds at the end of a day."""

    threads: int
    descriptors: int
    blocks: int
    """Pieces of memory that Python objects take."""

    @classmethod
    def now(cls) -> "Held":
        """As it is, without what is only not yet collected."""
        gc.collect()
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        return cls(threading.active_count(), descriptors, sys.getallocatedblocks())


class Days:
    """One gateway, some days, and what its cloud knows of them."""

    def __init__(self, folder: Path, *, days: int, seed: int, modem: str) -> None:
        self.struck: list[Struck] = []
        # What the cloud keeps, small enough not to hide a leak: times of reports, and events.
        self.reports = array("d")
        self.events: list[tuple[float, str]] = []
        self.held: list[Held] = []  # at the end of each day
        self.samples = 0
        self.wrong: list[str] = []
        self._random = random.Random(seed)
        self._modem = SimulatedModem.load(modem)
        self._modem.state.card = card("A")
        self._line = Line(self._modem)
        self._line.device = Latency(self._modem, LATENCY_S)
        self.world = World(self._line)
        self.gateway = Gateway(
            self.world, folder, interval_s=INTERVAL_S, power=True, reject_backoff=4, seed=seed
        )
        self._ladder = self.gateway.rescuer._ladder
        self.taken = self._ladder.taken
        self._cured_at = 0.0
        self._schedule()
        try:
            self._live(days)
        finally:
            self.gateway.close()

    def _live(self, days: int) -> None:
        for hour in range(1, days * 24 + 1):
            self.gateway.run_until(hour * HOUR_S)
            self.samples += len(self.gateway.samples)
            self.gateway.emitted.clear()
            self._modem.log.clear()
            if self._random.random() > AWAY or hour == days * 24:
                self._take_rows()
            if hour % 24 == 0:
                self.held.append(Held.now())

    def _take_rows(self) -> None:
        """What the cloud does: store, then acknowledge."""
        outbox, store = self.gateway.outbox, self.gateway.store
        while rows := outbox.unsent(0, 1000):
            for row in rows:
                self._store(row.seq, decode(row.body))
            with store.transaction():
                outbox.delivered(tuple(row.seq for row in rows))
                outbox.acknowledge(outbox.store, rows[-1].seq)

    def _store(self, seq: int, row: dict[str, Any]) -> None:
        if seq != len(self.reports) + len(self.events) + 1:
            self.wrong.append(f"row {seq} comes after {len(self.reports) + len(self.events)} rows")
        if "code" in row:
            self.events.append((row["up_s"], row["code"]))
        else:
            self.reports.append(row["up_s"])

    # Faults

    def _schedule(self) -> None:
        """The next fault comes when the one before must be over, and a random while later."""
        over_s = self.struck[-1].right_by_s if self.struck else 0.0
        at_s = over_s + self._random.uniform(60, HOUR_S)
        cures = at_s - self._cured_at > CURES_S
        chosen = self._random.choice([each for each in FAULTS if cures or not _is_heavy(each)])
        if _is_heavy(chosen):
            self._cured_at = at_s
        within_s = right_within_s(chosen, self._ladder, INTERVAL_S, chosen.cure)
        self.world.at(at_s, lambda: chosen.begin(self.world, self._line))
        self.world.at(at_s + within_s, self._look)
        self.struck.append(Struck(chosen, at_s, at_s + within_s))

    def _look(self) -> None:
        """Whether the latest sample is right, once it must be."""
        struck = self.struck[-1]
        latest = self.gateway.samples[-1:]
        if latest and not _is_right(latest[0]):
            self.wrong.append(f"{struck.fault.name} at {struck.at_s:.0f} s: not right again")
        self._schedule()

    # What the cloud can say

    def complaints(self) -> Iterator[str]:
        """What is not accounted for."""
        yield from self.wrong
        if len(self.reports) != self.samples:
            yield f"{self.samples} samples, {len(self.reports)} reports"
        yield from self._gaps()
        yield from self._silent_faults()
        for first, fourth in zip(
            self.world.power_cycles, self.world.power_cycles[3:], strict=False
        ):
            if fourth - first < DAY_S:
                yield f"power cut four times in a day from {first:.0f} s on"

    def _said(self, begin_s: float, end_s: float) -> set[str]:
        """The codes of the events between two times."""
        return {code for at_s, code in self.events if begin_s <= at_s <= end_s}

    def _gaps(self) -> Iterator[str]:
        """Where reports are far apart, the modem was lost or the network refused for good."""
        for before, after in pairwise([*self.reports, self.world.now]):
            gap_s = after - before
            if gap_s <= INTERVAL_S + SLACK_S or "modem_lost" in self._said(before, after):
                continue
            refused = "registration_denied" in self._said(0, before)
            if not refused or gap_s > 4 * INTERVAL_S + SLACK_S:
                yield f"no report from {before:.0f} to {after:.0f} s, and nothing said"

    def _silent_faults(self) -> Iterator[str]:
        for struck in self.struck:
            lasts_s = struck.fault.lasts_s
            unnoticed = lasts_s is not None and lasts_s < INTERVAL_S  # between two samples
            if struck.right_by_s > self.world.now or unnoticed or struck.fault.another_card:
                continue
            missing = set(struck.fault.events) - self._said(struck.at_s, struck.right_by_s)
            if missing:
                yield f"{struck.fault.name} at {struck.at_s:.0f} s: no {sorted(missing)}"

    def growth(self) -> Held:
        """What the last day's end holds more than the first one's."""
        first, last = self.held[0], self.held[-1]
        return Held(
            last.threads - first.threads,
            last.descriptors - first.descriptors,
            last.blocks - first.blocks,
        )


def _is_heavy(fault: Fault) -> bool:
    return fault.free or fault.from_start  # garbage at a port that worked may cost a restart


def _is_right(sample: Sample) -> bool:
    facts = sample.snapshot.modem
    if facts.sim is None or facts.registration is None:
        return False
    eps = facts.registration.eps.known
    return facts.sim.state.known == "ready" and eps is not None and eps.stat == 1


def main() -> int:
    """Live some days; 1 where something is not accounted for."""
    parser = argparse.ArgumentParser(description="days of one gateway with random faults")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--modem", default="quectel_ec25")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        days = Days(Path(folder), days=options.days, seed=options.seed, modem=options.modem)
    complaints = list(days.complaints())
    names = [struck.fault.name for struck in days.struck]
    for name in sorted(set(names)):
        print(f"{names.count(name):>4}  {name}")
    steps = {step.value: count for step, count in days.taken.items()}
    print(f"\n{days.samples} samples, {len(days.reports)} reports, {len(days.events)} events")
    print(f"{len(names)} faults, steps {steps}")
    for number, held in enumerate(days.held, start=1):
        print(f"day {number}: {held}")
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
