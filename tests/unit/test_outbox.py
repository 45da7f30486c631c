import json
from typing import Any

import pytest

from cloud_bridge.certificate import MAX_EVIDENCE_BYTES
from cloud_bridge.encoding import MAX_MESSAGE_BYTES, envelope
from cloud_bridge.errors import MessageError, OutboxError
from cloud_bridge.outbox import MAX_EVIDENCE_BODY_BYTES, Bounds
from tests.unit.outbox_helpers import Box, database


@pytest.fixture
def box() -> Any:
    connection = database()
    yield Box(connection)
    connection.close()


def bounded(**bounds: int) -> Box:
    return Box(database(), Bounds(**{"min_free_bytes": 0, **bounds}))


def dropped(box: Box) -> list[dict[str, Any]]:
    bodies = [json.loads(row.body) for row in box.outbox.unsent(0, 1000) if row.kind == "event"]
    return [body["args"] for body in bodies if body["code"] == "reports_dropped"]


def test_rows_come_out_in_the_order_in_which_they_went_in(box: Box) -> None:
    assert [box.report(up_s=n) for n in range(5)] == [1, 2, 3, 4, 5]
    rows = box.outbox.unsent(2, 2)
    assert [(row.seq, json.loads(row.body)["up_s"]) for row in rows] == [(3, 2), (4, 3)]


def test_a_store_has_an_id_of_8_hexadecimal_characters_of_its_own(box: Box) -> None:
    other = Box(database())
    assert len(box.outbox.store) == 8
    assert int(box.outbox.store, 16) >= 0
    assert box.outbox.store != other.outbox.store
    other.connection.close()


def test_a_row_is_part_of_the_callers_transaction(box: Box) -> None:
    box.connection.execute("BEGIN IMMEDIATE")
    box.outbox.append("report", {"boot": 7})
    box.connection.execute("ROLLBACK")
    assert (box.unsent(), box.outbox.rows, box.outbox.size_bytes) == ([], 0, 0)


def test_without_a_transaction_nothing_is_written(box: Box) -> None:
    with pytest.raises(RuntimeError):
        box.outbox.append("report", {"boot": 7})


def test_a_number_is_not_given_again_after_everything_left(box: Box) -> None:
    box.report()
    box.ack(1)
    assert box.report() == 2


def test_an_ack_takes_out_all_rows_up_to_it_and_no_other(box: Box) -> None:
    for _ in range(4):
        box.report()
    assert box.ack(3).deleted == 3
    assert box.unsent() == [4]
    assert box.outbox.acked == 3


@pytest.mark.parametrize(
    ("store", "seq", "reason"),
    [
        pytest.param("00000000", 1, "ack of another store", id="another store"),
        pytest.param(None, 3, "ack beyond what was sent", id="beyond the last row"),
        pytest.param(None, -1, "ack beyond what was sent", id="negative"),
    ],
)
def test_a_wrong_ack_deletes_nothing_and_says_why(
    box: Box, store: str | None, seq: int, reason: str
) -> None:
    box.report()
    box.report()
    assert box.ack(seq, store=store).refused == reason
    assert box.unsent() == [1, 2]


def test_without_any_ack_a_row_that_the_broker_took_is_not_sent_again(box: Box) -> None:
    for _ in range(3):
        box.report()
    box.delivered(1, 2)
    assert box.unsent() == [3]
    assert box.outbox.rows == 3


def test_the_first_ack_ever_sends_again_what_only_the_broker_had(box: Box) -> None:
    for _ in range(3):
        box.report()
    box.delivered(1, 2, 3)
    box.ack(1)
    assert box.unsent() == [2, 3]


def test_once_the_backend_acknowledges_a_broker_taking_rows_changes_nothing(box: Box) -> None:
    box.report()
    box.ack(1)
    box.report()
    box.delivered(2)
    assert box.unsent() == [2]


def test_delivered_copies_are_bounded() -> None:
    box = bounded(kept_rows=3)
    for _ in range(10):
        box.delivered(box.report())
    assert box.outbox.rows == 3
    box.connection.close()


def test_over_the_bound_the_oldest_reports_leave_and_one_event_names_them() -> None:
    box = bounded(max_rows=5)
    event = box.event()
    for _ in range(20):
        box.report()
    assert box.outbox.rows == 5
    named = dropped(box)
    assert len(named) == 1
    gone = {n for first, last in named[0]["ranges"] for n in range(first, last + 1)}
    assert gone | set(box.unsent()) == set(range(1, box.outbox.last_seq + 1))
    assert not gone & set(box.unsent())
    assert named[0] == {"count": len(gone), "ranges": named[0]["ranges"], "why": "bound"}
    assert event in box.unsent()
    box.connection.close()


def test_an_event_about_drops_that_was_handed_out_is_never_changed() -> None:
    box = bounded(max_rows=4)
    for _ in range(5):
        box.report()
    before = {row.seq: row.body for row in box.outbox.unsent(0, 100) if row.kind == "event"}
    box.report()
    after = {row.seq: row.body for row in box.outbox.unsent(0, 100) if row.kind == "event"}
    assert before.items() < after.items()
    box.connection.close()


def test_the_bound_in_bytes_holds() -> None:
    box = bounded(max_bytes=4000)
    for _ in range(40):
        box.report(text="x" * 200)
        assert box.outbox.size_bytes <= 4000 + 400
    assert dropped(box)
    box.connection.close()


def test_delivered_copies_leave_before_anything_that_was_not_delivered() -> None:
    box = bounded(max_rows=4)
    for _ in range(4):
        box.report()
    box.delivered(1, 2)
    box.report()
    box.report()
    assert box.unsent() == [3, 4, 5, 6]
    assert dropped(box) == []
    box.connection.close()


def test_events_are_never_dropped_and_a_flood_of_them_is_refused() -> None:
    box = bounded(max_rows=10)
    for _ in range(20):
        box.event()
    with pytest.raises(OutboxError, match="full of events"):
        box.event()
    assert box.outbox.rows == 20
    with pytest.raises(OutboxError, match="full of events"):
        box.report()
    box.connection.close()


def test_low_on_disk_a_new_row_takes_the_place_of_an_old_one() -> None:
    free = [10_000]
    bounds = Bounds(min_free_bytes=1000, own_bytes=0)
    box = Box(database(), bounds, free_bytes=lambda: free[0])
    for _ in range(10):
        box.report()
    free[0] = 999
    for _ in range(5):
        box.report()
    assert box.outbox.rows <= 11
    assert dropped(box)[0]["why"] == "bound"
    box.connection.close()


def test_on_a_small_disk_the_outbox_keeps_what_is_its_own() -> None:
    box = Box(database(), Bounds(min_free_bytes=1000, own_bytes=4000), free_bytes=lambda: 999)
    while box.outbox.size_bytes < 3500:
        box.report()
    assert dropped(box) == []
    for _ in range(50):
        box.report()
    assert dropped(box)[0]["why"] == "bound"
    assert box.outbox.size_bytes < 5000
    box.connection.close()


def test_a_backend_that_asks_for_rows_that_left_is_told_once_that_they_are_gone(box: Box) -> None:
    for _ in range(5):
        box.report()
    box.ack(4)
    assert box.ack(2).gone == (3, 4)
    assert box.ack(2).gone is None
    assert dropped(box) == [{"count": 2, "ranges": [[3, 4]], "why": "gone"}]


def test_a_backend_that_lost_its_store_is_told_what_is_gone(box: Box) -> None:
    for _ in range(3):
        box.report()
    box.ack(3)
    assert box.ack(0).gone == (1, 3)


def test_an_old_ack_that_the_broker_had_kept_says_nothing(box: Box) -> None:
    for _ in range(5):
        box.report()
    box.ack(4)
    assert box.ack(2, replayed=True).gone is None
    assert dropped(box) == []


@pytest.mark.parametrize("value", [float("nan"), b"bytes", "\ud800"], ids=["nan", "bytes", "half"])
def test_a_message_that_json_cannot_carry_is_refused(box: Box, value: object) -> None:
    with pytest.raises(MessageError):
        box.report(value=value)
    assert box.unsent() == []


def test_a_message_that_is_too_long_is_refused(box: Box) -> None:
    with pytest.raises(OutboxError, match="too long"):
        box.report(text="x" * 20_000)
    assert box.unsent() == []


# Evidence


def test_evidence_may_be_longer_than_any_report_and_no_longer_than_a_message(box: Box) -> None:
    box.evidence(MAX_EVIDENCE_BYTES - len('{"signature":""}'))
    with pytest.raises(OutboxError, match="too long"):
        box.evidence(MAX_EVIDENCE_BODY_BYTES)
    (row,) = box.outbox.unsent(0, 10)
    widest = row._replace(seq=2**53 - 1)
    assert len(envelope("g" * 40, box.outbox.store, widest)) <= MAX_MESSAGE_BYTES


def test_the_bound_drops_reports_for_evidence_and_never_evidence() -> None:
    box = bounded(max_rows=4)
    for _ in range(3):
        box.report()
    for _ in range(4):
        box.evidence(100)
    kinds = [row.kind for row in box.outbox.unsent(0, 100)]
    assert kinds.count("evidence") == 4
    assert "report" not in kinds
    assert dropped(box) == [{"count": 3, "ranges": [[1, 3]], "why": "bound"}]


def test_the_bound_of_bytes_lets_evidence_in_up_to_twice() -> None:
    box = bounded(max_bytes=100_000)
    for _ in range(4):
        box.evidence(45_000)
    with pytest.raises(OutboxError, match="full"):
        box.evidence(45_000)
    assert len(box.unsent()) == 4


def test_evidence_outlives_the_puback_of_a_backend_that_never_acks() -> None:
    box = bounded(kept_rows=2, max_rows=6)
    seq = box.evidence(100)
    for _ in range(8):
        box.delivered(seq, box.report())
    assert box.unsent() == []
    box.ack(0)
    assert seq in box.unsent()


def test_what_left_around_evidence_is_named_to_the_first_backend_that_asks() -> None:
    box = bounded(kept_rows=1)
    box.delivered(*(box.report() for _ in range(3)))
    seq = box.evidence(100)
    box.delivered(seq, *(box.report() for _ in range(3)))
    result = box.ack(0)
    assert dropped(box) == [{"count": 5, "ranges": [[1, 3], [5, 6]], "why": "gone"}]
    assert result.gone == (1, 6)
    assert box.unsent()[:2] == [4, 7]


def test_refused_evidence_is_out_of_the_way_and_its_number_said_never_to_come(box: Box) -> None:
    seq = box.evidence(100)
    behind = box.report()
    assert box.set_aside(seq)
    assert not box.set_aside(seq)
    assert not box.set_aside(behind)
    assert dropped(box) == [{"count": 1, "ranges": [[seq, seq]], "why": "refused"}]
    assert box.unsent()[0] == behind
