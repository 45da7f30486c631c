import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from agent.usage.counters import Counters
from agent.usage.ledger import MIGRATIONS, Ledger

STEP = st.integers(min_value=0, max_value=2**40)
# What happens to a modem between two readings: traffic, or a restart and then traffic.
STORY = st.lists(st.tuples(st.booleans(), STEP, STEP), max_size=40)


def ledger() -> Ledger:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for script in MIGRATIONS:
        connection.executescript(script)
    return Ledger(connection)


@given(STORY)
def test_usage_is_never_negative_and_adds_up_over_resets(story):
    book = ledger()
    book.advance("modem", "89001010000000000018", Counters(0, 0))
    counter, truth = Counters(0, 0), Counters(0, 0)
    for restarts, tx, rx in story:
        base = Counters(0, 0) if restarts else counter
        hidden = restarts and (tx >= counter.tx_bytes and rx >= counter.rx_bytes)
        counter = Counters(base.tx_bytes + tx, base.rx_bytes + rx)
        before = book.total("89001010000000000018")
        step = book.advance("modem", "89001010000000000018", counter)
        after = book.total("89001010000000000018")
        assert step.tx_bytes >= 0
        assert step.rx_bytes >= 0
        assert after == Counters(before.tx_bytes + step.tx_bytes, before.rx_bytes + step.rx_bytes)
        if hidden:
            # More than before was sent since the restart: nothing shows it, the step is short.
            assert step.tx_bytes <= tx
            assert step.rx_bytes <= rx
        else:
            assert (step.tx_bytes, step.rx_bytes) == (tx, rx)
        truth = Counters(truth.tx_bytes + tx, truth.rx_bytes + rx)
    total = book.total("89001010000000000018")
    assert total.tx_bytes <= truth.tx_bytes
    assert total.rx_bytes <= truth.rx_bytes
