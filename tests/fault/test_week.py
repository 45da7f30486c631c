"""Days of one gateway with one random fault after the other; `python -m tests.fault.week`."""

import logging

import pytest

from tests.effort import LONG
from tests.fault.week import Days

DAYS = 7 if LONG else 2


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_every_sample_of_some_days_is_accounted_for_and_nothing_grows(seed, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL, logger="agent")  # what pytest keeps of the log grows, too
    days = Days(tmp_path, days=DAYS, seed=seed, modem="quectel_ec25")
    assert list(days.complaints()) == []
    assert len(days.struck) > 5 * DAYS
    grown = days.growth()
    assert grown.threads == 0
    assert grown.descriptors <= 1  # the port may be open at one day's end and closed at another's
    kept = 3 * len(days.events) + 6 * len(days.struck)  # by the test itself
    used_first = 1000  # what a day used that no day before did: caches, modules
    assert grown.blocks < kept + used_first + days.samples / 4  # one object a sample is too many
