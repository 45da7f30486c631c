import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from agent.usage import reading
from agent.usage.counters import Counters, Traits
from agent.usage.cycle import cycle_of, zone_of
from agent.usage.days import When
from agent.usage.ledger import NO_CARD, Ledger, Metered
from agent.usage.summary import usage_in
from agent.usage.tables import MIGRATIONS

CARD = "89001010000000000018"
OTHER = "89001010000000000026"
MODEM = "356938035643809"
SECOND = "490154203237518"
START = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
RATE = 1000.0


class Book:
    """A ledger, and a clock that is told."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        for script in MIGRATIONS:
            self.connection.executescript(script)
        self.ledger = Ledger(self.connection, zone=zone_of("+08:00"), max_bytes_s=RATE)
        self.at: datetime | None = START
        self.boot, self.up_s = 1, 1000.0

    def wait(self, **time) -> None:
        self.up_s += timedelta(**time).total_seconds()
        if self.at is not None:
            self.at += timedelta(**time)

    def reboot(self, up_s: float = 60.0) -> None:
        self.boot, self.up_s, self.at = self.boot + 1, up_s, None

    def take(self, tx, rx, card=CARD, modem=MODEM, persistence="volatile", **more):
        more = {"slot": 1, "source": "modem", **more}
        when = When(self.boot, self.up_s, self.up_s, self.at)
        traits = Traits(persistence, more.pop("bits", None))
        return self.ledger.book(
            Metered(modem, card=card, counters=Counters(tx, rx), traits=traits, when=when, **more)
        )

    def cycle(self, iccid=CARD, day="2026-11-10"):
        cycle = cycle_of(datetime.fromisoformat(day).date(), 1)
        return usage_in(cycle, reading.days(self.connection, iccid))

    def total(self, iccid=CARD):
        card = reading.card(self.connection, iccid)
        return card.tx, card.rx


@pytest.fixture
def book():
    made = Book()
    yield made
    made.connection.close()


def test_the_first_reading_is_a_base_and_no_usage(book):
    step = book.take(1000, 2000)
    assert (step.total, step.gap) == (0, True)
    assert book.total() == (0, 0)
    assert book.cycle().exact


def test_usage_adds_up_over_a_reset_and_the_gap_is_bounded_by_time_and_rate(book):
    book.take(1000, 2000)
    book.wait(seconds=10)
    book.take(1100, 2500)
    book.wait(seconds=60)
    assert book.take(30, 40, restarted=True).reset
    book.wait(seconds=10)
    book.take(50, 60)
    assert book.total() == (100 + 30 + 20, 500 + 40 + 20)
    usage = book.cycle()
    assert usage.total == 710
    assert usage.gaps == 1
    assert usage.hidden_bytes == 60 * RATE + 1 - 70


def test_a_rollback_books_nothing(book):
    book.take(0, 0)
    book.connection.execute("BEGIN")
    book.take(10, 10)
    book.connection.execute("ROLLBACK")
    book.wait(seconds=1)
    assert book.take(15, 15).total == 30


def test_bytes_over_a_swap_that_nobody_saw_belong_to_either_card_and_are_bounded(book):
    book.take(100, 100, persistence="kept")
    book.wait(minutes=15)
    book.take(200, 200, persistence="kept")
    book.wait(minutes=15)
    step = book.take(900, 900, OTHER, persistence="kept")
    assert (step.total, step.gap, step.hidden_bytes) == (0, True, 1400)
    assert book.total() == (100, 100)
    assert book.total(OTHER) == (0, 0)
    assert book.cycle().hidden_bytes == book.cycle(OTHER).hidden_bytes == 1400


def test_a_swap_over_which_nothing_flowed_leaves_no_mark(book):
    book.take(100, 100, persistence="kept")
    book.wait(minutes=15)
    book.take(100, 100, OTHER, persistence="kept")
    book.wait(minutes=15)
    book.take(150, 150, OTHER, persistence="kept")
    assert book.cycle().exact
    assert book.cycle(OTHER).exact
    assert book.total(OTHER) == (50, 50)


def test_an_empty_slot_that_was_seen_tells_whose_bytes_are_whose(book):
    book.take(0, 0)
    book.wait(minutes=15)
    book.take(10, 10, NO_CARD)
    book.wait(minutes=15)
    book.take(25, 25, OTHER)
    assert book.total() == (10, 10)
    assert book.total(OTHER) == (15, 15)
    assert book.cycle().exact
    assert book.cycle(OTHER).exact


def test_a_card_that_cannot_be_read_for_a_while_loses_nothing(book):
    book.take(0, 0)
    for shown in ((10, 10), (20, 20)):
        book.wait(minutes=15)
        assert book.take(*shown, card=None).gap
    book.wait(minutes=15)
    assert book.take(30, 40).total == 70
    assert book.cycle().exact


def test_a_card_that_moves_to_another_modem_takes_its_total_along(book):
    book.take(0, 0)
    book.wait(minutes=1)
    book.take(10, 10)
    book.take(7, 7, OTHER, SECOND, slot=2)
    book.wait(minutes=1)
    book.take(8, 8, CARD, SECOND, slot=2)
    book.wait(minutes=1)
    book.take(20, 20, CARD, SECOND, slot=2)
    assert book.total() == (22, 22)
    # Nobody saw when it left the first modem, nor whose the 2 bytes in the second one were.
    assert book.cycle().hidden_bytes == 60 * RATE + 1 + 2


def test_a_modem_is_no_base_for_a_card_that_was_elsewhere_since(book):
    book.take(100, 100, persistence="kept")
    book.take(5, 5, CARD, SECOND, slot=2)
    book.wait(minutes=1)
    step = book.take(900, 900, CARD, MODEM, persistence="kept")
    assert (step.total, step.gap) == (0, True)
    assert book.total() == (0, 0)


def test_only_the_source_that_was_decided_on_counts_and_another_one_begins_with_a_gap(book):
    book.take(100, 100)
    assert book.ledger.source_of(MODEM) == "modem"
    book.wait(seconds=10)
    step = book.take(5_000_000, 5_000_000, source="interface")
    assert step.total == 0
    assert book.cycle().hidden_bytes == 10 * RATE + 1
    assert book.ledger.source_of(MODEM) == "interface"


def test_days_are_the_carriers_and_bytes_over_its_midnight_are_marked(book):
    book.at = datetime(2026, 11, 30, 15, 50, tzinfo=UTC)  # 23:50 in China
    book.take(0, 0)
    book.wait(minutes=5)
    book.take(1, 1)
    book.wait(minutes=10)
    book.take(11, 11)
    november, december = book.cycle(day="2026-11-30"), book.cycle(day="2026-12-01")
    assert (november.total, november.late_bytes) == (2, 20)
    assert (december.total, december.early_bytes) == (20, 20)
    # Of two months, and of all days together, each byte is counted once.
    assert november.total + december.total == 22


def test_bytes_without_a_clock_wait_and_are_dated_when_it_comes_right(book):
    book.take(0, 0)
    book.reboot()
    book.take(0, 0, persistence="kept")
    book.wait(hours=2)
    book.take(10, 10, persistence="kept")
    assert book.cycle().total == 0
    assert reading.undated(book.connection, CARD).tx == 10
    book.at = START + timedelta(days=1, hours=3)
    book.wait(minutes=1)
    book.take(11, 11, persistence="kept")
    assert book.cycle().total == 22
    assert reading.undated(book.connection, CARD).tx == 0
    assert [day.day for day in book.cycle().days] == ["2026-11-11"]


def test_bytes_of_a_boot_whose_clock_never_came_right_lie_before_the_next_boot(book):
    book.take(0, 0, persistence="kept")
    book.reboot()
    book.take(0, 0, persistence="kept")
    book.wait(days=1)
    book.take(10, 10, persistence="kept")
    book.reboot()
    book.at = datetime(2026, 12, 2, 0, 0, tzinfo=UTC)
    book.take(10, 10, persistence="kept")
    november, december = book.cycle(day="2026-11-10"), book.cycle(day="2026-12-01")
    assert (november.total, november.late_bytes) == (0, 20)
    assert (december.total, december.early_bytes) == (20, 20)


def test_a_gap_over_a_boot_gets_its_bound_when_the_clock_comes_right(book):
    book.take(100, 100)
    book.reboot()
    book.take(5, 5, restarted=True)
    assert reading.undated(book.connection, CARD).gaps == 1
    book.at = START + timedelta(hours=1)
    book.wait(seconds=1)
    book.take(5, 5)
    usage = book.cycle()
    assert usage.gaps == 1
    assert 3500 * RATE < usage.hidden_bytes <= 3602 * RATE


def test_a_gap_whose_time_nobody_knows_has_no_bound(book):
    book.at = None
    book.take(100, 100)
    book.reboot()
    book.at = START
    book.take(5, 5, restarted=True)
    assert book.cycle().hidden_bytes is None


def test_the_same_device_number_says_that_a_daemon_alone_was_restarted(book):
    book.take(10, 10, epoch="b:1-1:7")
    book.wait(minutes=15)
    assert not book.take(30, 30, epoch="b:1-1:7", fresh=True).gap
    assert book.take(40, 40, epoch="b:1-1:8", fresh=True).gap


def test_a_modem_that_still_keeps_quiet_was_not_restarted_with_the_daemon(book):
    book.take(10, 10, fresh=True, echoes=True)
    book.wait(minutes=15)
    book.take(20, 20)
    book.wait(minutes=15)
    assert not book.take(30, 30, fresh=True).gap
    book.wait(minutes=15)
    assert book.take(40, 40, fresh=True, echoes=True).gap
    book.wait(minutes=15)
    # Nobody listened to its start, but it echoes again.
    book.take(50, 50)
    book.wait(minutes=15)
    assert book.take(60, 60, echoes=True).gap


def test_a_store_of_the_version_before_keeps_totals_and_goes_on():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(MIGRATIONS[0])
    connection.execute("INSERT INTO usage_counters VALUES (?, ?, 100, 200)", (MODEM, CARD))
    connection.execute("INSERT INTO usage_totals VALUES (?, 1000, 2000)", (CARD,))
    connection.executescript(MIGRATIONS[1])
    book = Book()
    book.connection.close()
    book.connection = connection
    book.ledger = Ledger(connection, zone=zone_of("+08:00"), max_bytes_s=RATE)
    assert book.total() == (1000, 2000)
    book.take(110, 220, persistence="kept")
    assert book.total() == (1010, 2020)
    # When the old reading was taken is not known: the new bytes may be of any time before.
    assert book.cycle().early_bytes == book.cycle().total == 30
    connection.close()
