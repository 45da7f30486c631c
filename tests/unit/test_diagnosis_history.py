"""What this machine remembers of a card."""

from datetime import UTC

from agent.diagnosis.history import NEVER_COUNTED, NO_STORE, used_before
from agent.store import Store
from agent.usage.counters import Counters, Traits
from agent.usage.days import When
from agent.usage.ledger import Ledger, Metered
from sim.reading import Absent

ICCID, OTHER = "89001010000000000018", "89001010000000000026"


def test_a_card_whose_data_was_counted_was_used_here(tmp_path) -> None:
    store = Store(tmp_path, boot=1)
    with store.transaction():
        ledger = Ledger(store.connection, zone=UTC, max_bytes_s=1000.0)
        for at, tx, rx in ((1.0, 1, 1), (2.0, 11, 21)):
            when = When(1, at, at, None)
            shown = Counters(tx, rx)
            ledger.book(Metered("modem", 1, ICCID, "modem", shown, Traits("kept"), when))
    # While the daemon has it open, and after.
    assert used_before(tmp_path, ICCID) is True
    store.close()
    assert used_before(tmp_path, ICCID) is True
    assert used_before(tmp_path, OTHER) == Absent(NEVER_COUNTED)


def test_no_records_are_no_answer_and_none_are_made(tmp_path) -> None:
    assert used_before(tmp_path, ICCID) == Absent(NO_STORE)
    assert used_before(None, ICCID) == Absent(NO_STORE)
    assert used_before(tmp_path, Absent("no card")) == Absent("no card")
    (tmp_path / "simward.db").write_bytes(b"no database")
    assert used_before(tmp_path, ICCID) == Absent(NO_STORE)
    assert [path.name for path in tmp_path.iterdir()] == ["simward.db"]
