from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud_bridge.backend.ack_policy import AckPolicy, Owed
from cloud_bridge.backend.store import BackendStore
from cloud_bridge.errors import BackendStoreError, MessageError
from cloud_bridge.messages import Birth, Event, Report, State

GW, STORE = "gw1", "0f3c9a11"
NOW = "2026-11-22T01:02:04Z"
KEY = (GW, STORE)


@pytest.fixture
def store() -> Iterator[BackendStore]:
    opened = BackendStore(":memory:")
    yield opened
    opened.close()


def report(seq: int, **fields: Any) -> Report:
    return Report(**{"gw": GW, "store": STORE, "boot": 7, "seq": seq, "up_s": 1.0, **fields})


def dropped(seq: int, *ranges: list[int]) -> Event:
    return Event(
        gw=GW,
        store=STORE,
        boot=7,
        seq=seq,
        up_s=1.0,
        code="reports_dropped",
        args={"ranges": list(ranges)},
    )


def put(store: BackendStore, *messages: Report | Event) -> list[bool]:
    with store.transaction():
        return [
            store.add_report(m, NOW) if isinstance(m, Report) else store.add_event(m, NOW)
            for m in messages
        ]


def test_a_report_that_comes_again_is_stored_once(store: BackendStore) -> None:
    assert put(store, report(1), report(1), report(2)) == [True, False, True]
    assert store.report_seqs(*KEY) == (1, 2)


def test_the_same_number_of_another_gateway_or_store_is_another_row(store: BackendStore) -> None:
    assert put(store, report(1), report(1, gw="gw2"), report(1, store="00000000")) == [True] * 3
    assert store.counts().gateways == 2


@pytest.mark.parametrize(
    ("seqs", "position"),
    [
        ([], 0),
        ([1], 1),
        ([2], 0),
        ([1, 2, 4], 2),
        ([4, 2, 1], 2),
        ([4, 3, 2, 1], 4),
        ([1, 3, 5, 7, 2, 4, 6], 7),
        ([2, 3, 4, 9, 1], 4),
    ],
    ids=str,
)
def test_the_ack_position_never_passes_a_missing_row(
    store: BackendStore, seqs: list[int], position: int
) -> None:
    put(store, *(report(seq) for seq in seqs))
    assert store.ack_position(*KEY) == position
    assert store.has_gap(*KEY) == (max(seqs, default=0) > position)


def test_ranges_that_will_never_come_count_as_filled(store: BackendStore) -> None:
    put(store, report(1), report(9))
    assert store.ack_position(*KEY) == 1
    put(store, dropped(10, [2, 5], [7, 8]))
    assert store.ack_position(*KEY) == 5
    put(store, report(6))
    assert store.ack_position(*KEY) == 10


def test_ranges_that_are_none_store_nothing(store: BackendStore) -> None:
    with pytest.raises(MessageError):
        put(store, dropped(1, [5, 2]))
    assert store.ack_position(*KEY) == 0
    assert store.counts().events == 0


def test_a_range_that_overlaps_what_is_here_changes_nothing_of_it(store: BackendStore) -> None:
    put(store, report(1), report(2), report(5), dropped(6, [1, 4]))
    assert store.ack_position(*KEY) == 6
    assert store.report_seqs(*KEY) == (1, 2, 5)


def test_a_dead_letter_uses_up_its_number(store: BackendStore) -> None:
    put(store, report(1), report(3))
    with store.transaction():
        store.add_dead_letter("sw/1/gw1/report", b"{", "not JSON", NOW, (GW, STORE, 2))
    assert store.ack_position(*KEY) == 3


def test_a_transaction_that_failed_stored_nothing(store: BackendStore) -> None:
    class BrokenError(Exception):
        pass

    def half() -> None:
        with store.transaction():
            store.add_report(report(1), NOW)
            raise BrokenError

    with pytest.raises(BrokenError):
        half()
    assert store.report_seqs(*KEY) == ()
    assert store.ack_position(*KEY) == 0
    put(store, report(1))
    assert store.ack_position(*KEY) == 1


def test_positions_and_gaps_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "backend.db"
    first = BackendStore(path)
    put(first, report(1), report(4), report(5))
    first.close()
    second = BackendStore(path)
    assert (second.ack_position(*KEY), second.has_gap(*KEY)) == (1, True)
    put(second, report(2), report(3))
    assert second.ack_position(*KEY) == 5
    second.close()


def test_a_late_will_of_an_earlier_boot_does_not_turn_a_gateway_off(store: BackendStore) -> None:
    def state(boot: int, *, on: bool) -> State:
        return State(gw=GW, store=STORE, boot=boot, on=on, software="simward 0.1")

    with store.transaction():
        assert store.set_state(state(8, on=True), NOW)
        assert not store.set_state(state(7, on=False), NOW)
        assert store.set_state(state(8, on=False), NOW)


def test_the_newest_birth_counts(store: BackendStore) -> None:
    with store.transaction():
        store.set_birth(Birth(gw=GW, store=STORE, boot=7), NOW)
        store.set_birth(Birth(gw=GW, store=STORE, boot=8), NOW)
    assert store._connection.execute("SELECT gw, boot FROM births").fetchall() == [(GW, 8)]


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "backend.db"
    newer = BackendStore(path)
    newer._connection.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(BackendStoreError, match="newer"):
        BackendStore(path)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "backend.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(BackendStoreError):
        BackendStore(path)


def test_the_first_contact_is_acknowledged_at_once_then_every_so_often() -> None:
    policy = AckPolicy(every_s=3600, eager_s=30)
    assert policy.due(KEY, Owed(1, eager=False), 0.0)
    policy.said(KEY, 1, 0.0)
    assert not policy.due(KEY, Owed(2, eager=False), 3599.0)
    assert policy.due(KEY, Owed(2, eager=False), 3600.0)


def test_nothing_new_is_not_acknowledged_again() -> None:
    policy = AckPolicy(every_s=3600, eager_s=30)
    policy.said(KEY, 5, 0.0)
    assert not policy.due(KEY, Owed(5, eager=False), 1e6)


def test_a_gateway_that_sends_again_or_left_a_gap_hears_soon_but_not_each_time() -> None:
    policy = AckPolicy(every_s=3600, eager_s=30)
    policy.said(KEY, 5, 0.0)
    assert not policy.due(KEY, Owed(5, eager=True), 29.0)
    assert policy.due(KEY, Owed(5, eager=True), 30.0)


def test_an_ack_that_did_not_get_out_is_said_again() -> None:
    policy = AckPolicy(every_s=3600, eager_s=30)
    policy.said(KEY, 5, 0.0)
    policy.unsaid(KEY)
    assert policy.due(KEY, Owed(5, eager=False), 1.0)


def test_a_gap_that_stays_is_said_ever_more_seldom_until_the_count_goes_on() -> None:
    policy = AckPolicy(every_s=3600, eager_s=5)
    said = []
    for now in range(100):
        if policy.due(KEY, Owed(5, eager=True), float(now)):
            policy.said(KEY, 5, float(now), again=True)
            said.append(now)
    assert said == [0, 5, 15, 35, 75]
    assert policy.due(KEY, Owed(6, eager=True), 80.0)


def test_a_gap_that_was_closed_is_said_soon() -> None:
    policy = AckPolicy(every_s=3600, eager_s=5)
    policy.said(KEY, 5, 0.0, again=True)
    assert not policy.due(KEY, Owed(5, eager=False), 100.0)
    assert policy.due(KEY, Owed(9, eager=False), 5.0)
    policy.said(KEY, 9, 5.0)
    assert not policy.due(KEY, Owed(10, eager=False), 100.0)


def test_evidence_is_acknowledged_at_once_but_nothing_is_said_twice() -> None:
    policy = AckPolicy(every_s=3600, eager_s=5)
    policy.said(KEY, 5, 0.0)
    assert policy.due(KEY, Owed(6, urgent=True), 0.0)
    policy.said(KEY, 6, 0.0)
    assert not policy.due(KEY, Owed(6, urgent=True), 100.0)
    assert not policy.due(KEY, Owed(7), 100.0)


def test_after_a_broker_that_forgot_the_first_contact_is_new() -> None:
    policy = AckPolicy(every_s=3600, eager_s=5)
    policy.said(KEY, 5, 0.0)
    policy.forget()
    assert policy.is_new(KEY)
    assert policy.due(KEY, Owed(5, eager=False), 0.5)
