"""A simulated year against the ledger: what it says is true, or marked and bounded.

The cheap form runs a few months in which much goes wrong; SIMWARD_LONG=1 runs whole years, and
processes that are killed for good.
"""

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest

from agent.store import Store
from agent.usage.counters import Counters, Traits
from agent.usage.cycle import Cycle, cycle_of, day_of, zone_of
from agent.usage.days import When
from agent.usage.ledger import Ledger, Metered
from agent.usage.summary import Day, usage_in
from cloud_bridge.outbox import Bounds, Outbox
from tests.usage_world import CARDS, Kind, Shown, World

MAX_BYTES_S = 25_000_000.0
KINDS = (
    Kind("volatile", bits=32, busy=200_000_000),
    Kind("saved"),
    Kind("kept", bits=32, has_epoch=False, busy=100_000_000),
    Kind("volatile", has_epoch=False),
    Kind("unknown", has_epoch=False),
    Kind("volatile", bits=32, steady=True, busy=300_000_000),
    Kind("volatile", steady=True),
)


class Killed(BaseException):
    """The end of the process, in the middle of a statement."""


class Mortal:
    """A connection on which a process may be killed at its n-th statement."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.left: int | None = None

    def execute(self, *statement: Any) -> Any:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed
        return self._connection.execute(*statement)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class Gateway:
    """Store and ledger of one daemon after the other."""

    def __init__(self, folder, zone) -> None:
        self._folder = folder
        self._zone = zone
        self.kills = 0
        self._start()

    def _start(self) -> None:
        self.store = Store(self._folder, boot=1)
        # The process is killed, not the machine: what SQLite handed to the kernel stays.
        self.store.connection.execute("PRAGMA synchronous = OFF")
        self.mortal = Mortal(self.store.connection)
        self.store.connection = self.mortal
        self.ledger = Ledger(self.mortal, zone=self._zone, max_bytes_s=MAX_BYTES_S)
        bounds = Bounds(max_rows=10**9, max_bytes=10**12, min_free_bytes=0)
        self.outbox = Outbox(self.mortal, stamp=lambda: {"boot": 1, "up_s": 1.0}, bounds=bounds)

    def take(self, reading: Metered, kill_at: int | None) -> bool:
        """Store a sample; whether the daemon survived it."""
        self.mortal.left = kill_at
        try:
            with self.store.transaction():
                self.ledger.book(reading)
                self.outbox.append("report", {"boot": reading.when.boot, "up_s": 1.0})
        except Killed:
            self.kills += 1
            self.mortal.left = None
            self.store.close()
            self._start()
            return False
        self.mortal.left = None
        return True

    def days(self, iccid: str) -> list[Day]:
        rows = self.mortal.execute(
            "SELECT day, tx, rx, early_bytes, early_since, gaps, hidden_bytes, open_gaps,"
            " hidden_since FROM usage_days WHERE iccid = ? ORDER BY day",
            (iccid,),
        )
        return [Day(*row) for row in rows]

    def rows(self) -> int:
        return self.mortal.execute("SELECT coalesce(max(seq), 0) FROM outbox").fetchone()[0]


def metered(shown: Shown, kinds: dict[str, Kind]) -> Metered:
    kind = kinds[shown.modem]
    return Metered(
        modem=shown.modem,
        slot=shown.slot,
        card=shown.card,
        source="modem",
        counters=Counters(shown.tx, shown.rx),
        traits=Traits(kind.persistence, kind.bits, kind.steady),
        when=When(shown.boot, shown.up_s, shown.up_s, shown.at),
        epoch=shown.epoch,
        fresh=shown.fresh,
        restarted=shown.restarted,
        echoes=shown.echoes,
    )


class Truth:
    """What flowed, by card and carrier's day; flows are folded in as time goes on."""

    def __init__(self, world: World, zone) -> None:
        self._world = world
        self._zone = zone
        self._midnights: list[tuple[float, str]] = []
        self.by_day: dict[str, dict[str, int]] = {card: {} for card in CARDS}

    def take(self) -> None:
        for flow in self._world.flows:
            day = day_of(datetime.fromtimestamp(flow.at_s, UTC), self._zone).isoformat()
            days = self.by_day[flow.card]
            days[day] = days.get(day, 0) + flow.size
        self._world.flows.clear()

    def between(self, card: str, start: str, end: str) -> int:
        return sum(size for day, size in self.by_day[card].items() if start <= day < end)


def single_day(day):
    return Cycle(day, day + timedelta(days=1))


def compare(gateway: Gateway, truth: Truth, first, last, cycle_at) -> tuple[int, int]:
    """Every cycle of every card; how many there were, and how many are exact."""
    cycles = exact = 0
    for card in CARDS:
        days = gateway.days(card)
        assert sum(day.total for day in days) <= sum(truth.by_day[card].values())
        day = first
        while day <= last:
            cycle = cycle_at(day)
            usage = usage_in(cycle, days)
            start, end = cycle.start.isoformat(), cycle.next_start.isoformat()
            real = truth.between(card, start, end)
            case = (card, start, real, usage)
            assert real >= usage.total - usage.early_bytes, case
            if usage.hidden_bytes is not None:
                assert real <= usage.total + usage.late_bytes + usage.hidden_bytes, case
            if usage.exact:
                assert real == usage.total, case
            cycles += 1
            exact += usage.exact
            day = cycle.next_start
    return cycles, exact


class Told(NamedTuple):
    """Days and cycles that were compared, how many of them were exact, and how often it died."""

    periods: int
    exact: int
    kills: int


def live(folder, seed: int, *, days: int, trouble: float, zone_name: str) -> Told:
    dice = random.Random(seed)
    zone = zone_of(zone_name)
    kinds = tuple(dice.sample(KINDS, k=4))
    start = datetime(2026, dice.choice((1, 3, 9)), 20, 5, 0, tzinfo=UTC)
    world = World(seed, kinds, start, trouble=trouble)
    gateway = Gateway(folder, zone)
    truth = Truth(world, zone)
    known: dict[str, Kind] = {}
    end_s = (start + timedelta(days=days)).timestamp()
    stored = 0
    while True:
        over = world.now_s >= end_s
        if over:
            world.clock_comes_right()
        known |= {device.name: device.kind for device in world.devices}
        for shown in world.looks(clearly=over or not truth.by_day[CARDS[0]]):
            reading = metered(shown, known)
            dies = stored > 1 and not over and dice.random() < 0.002 * trouble
            kill_at = dice.randrange(20) if dies else None
            survived = gateway.take(reading, kill_at)
            stored += survived
            world.fresh = world.fresh or not survived
        truth.take()
        assert gateway.rows() == stored
        if over:
            break
        world.pass_time()
    first, last = day_of(start, zone), day_of(datetime.fromtimestamp(world.now_s, UTC), zone)
    ways = (single_day, *(partial(cycle_of, first_day=each) for each in (1, 27, 31)))
    results = [compare(gateway, truth, first, last, way) for way in ways]
    gateway.store.close()
    return Told(sum(r[0] for r in results), sum(r[1] for r in results), gateway.kills)


ZONES = ("+08:00", "America/New_York", "Australia/Lord_Howe")


@pytest.mark.parametrize("seed", range(3))
def test_a_season_in_which_much_goes_wrong(tmp_path, seed):
    told = live(tmp_path, seed, days=40, trouble=8.0, zone_name=ZONES[seed])
    assert told.exact
    assert told.kills


def test_a_quiet_month_is_exact_but_for_what_its_few_troubles_hide(tmp_path):
    told = live(tmp_path, 3, days=31, trouble=0.2, zone_name="America/New_York")
    # A day is exact where nothing was read at its midnights, a cycle likewise.
    assert told.exact > told.periods // 4


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1012))
def test_a_year(tmp_path, seed):
    told = live(tmp_path, seed, days=366, trouble=1.0, zone_name=ZONES[seed % 3])
    assert told.exact
    assert told.kills


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2000, 2060))
def test_many_seasons_in_which_much_goes_wrong(tmp_path, seed):
    assert live(tmp_path, seed, days=60, trouble=8.0, zone_name=ZONES[seed % 3]).exact
