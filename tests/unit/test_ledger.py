import sqlite3

import pytest

from agent.usage.counters import Counters, Delta
from agent.usage.ledger import MIGRATIONS, Ledger

CARD = "89001010000000000018"
OTHER = "89001010000000000026"
MODEM = "356938035643809"


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for script in MIGRATIONS:
        connection.executescript(script)
    yield connection
    connection.close()


def test_the_first_reading_is_a_base_and_no_usage(connection):
    ledger = Ledger(connection)
    assert ledger.advance(MODEM, CARD, Counters(1000, 2000)) == Delta(0, 0, gap=True)
    assert ledger.total(CARD) == Counters(0, 0)


def test_usage_adds_up_over_a_reset_of_the_modem(connection):
    ledger = Ledger(connection)
    for reading in [(1000, 2000), (1100, 2500), (30, 40), (50, 60)]:
        ledger.advance(MODEM, CARD, Counters(*reading))
    assert ledger.total(CARD) == Counters(100 + 30 + 20, 500 + 40 + 20)


def test_a_card_is_not_charged_for_what_another_one_used_in_the_same_modem(connection):
    ledger = Ledger(connection)
    ledger.advance(MODEM, CARD, Counters(100, 100))
    ledger.advance(MODEM, OTHER, Counters(900, 900))
    ledger.advance(MODEM, OTHER, Counters(950, 950))
    assert ledger.advance(MODEM, CARD, Counters(1000, 1000)) == Delta(0, 0, gap=True)
    assert ledger.total(CARD) == Counters(0, 0)
    assert ledger.total(OTHER) == Counters(50, 50)


def test_a_reading_that_is_rolled_back_is_not_booked(connection):
    ledger = Ledger(connection)
    ledger.advance(MODEM, CARD, Counters(0, 0))
    connection.execute("BEGIN")
    ledger.advance(MODEM, CARD, Counters(10, 10))
    connection.execute("ROLLBACK")
    assert ledger.advance(MODEM, CARD, Counters(15, 15)) == Delta(15, 15)


def test_a_modem_is_no_base_for_a_card_that_was_elsewhere_since(connection):
    ledger = Ledger(connection)
    ledger.advance(MODEM, CARD, Counters(100, 100))
    ledger.advance("490154203237518", CARD, Counters(5, 5))
    assert ledger.advance(MODEM, CARD, Counters(900, 900)) == Delta(0, 0, gap=True)
    assert ledger.total(CARD) == Counters(0, 0)
