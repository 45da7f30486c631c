"""Each cell of the matrix of faults and modems; `python -m tests.fault.matrix` prints it."""

from itertools import product

import pytest

from tests.fault.faults import FAULTS
from tests.fault.matrix import MODEMS, cell

# In each run: one modem that reports much by itself, one of another maker, one with 5G alone.
ALWAYS = ("quectel_ec25", "onemo_ml307", "quectel_rm520n")
CELLS = [
    pytest.param(
        fault, modem, id=f"{fault.name}-{modem}", marks=() if modem in ALWAYS else pytest.mark.long
    )
    for fault, modem in product(FAULTS, MODEMS)
]


@pytest.mark.parametrize(("fault", "modem"), CELLS)
def test_the_daemon_and_a_status_come_through(fault, modem, tmp_path):
    found = cell(fault, modem, tmp_path)
    assert (found.status, found.run) == ((), ())
    assert found.right_after_s is not None


def test_the_modems_of_each_run_are_shipped():
    assert set(ALWAYS) <= set(MODEMS)
