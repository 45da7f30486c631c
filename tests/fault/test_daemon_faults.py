import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config import Settings
from agent.errors import StoreError
from agent.jobs import Happened, Sample, Stop
from agent.recording import PENDING_LIMIT, Acked, Recorder, WantsRows
from agent.report import Stamp
from agent.store import Store
from agent.usage.meter import plan_of
from agent.workers import Mailbox, Worker
from cloud_bridge.encoding import decode
from cloud_bridge.outbox import Outbox
from modem.snapshot import ModemSnapshot, UsageCounters
from tests.unit.snapshot_helpers import (
    DENIED,
    HOME,
    MODEM,
    gateway,
    read,
    registered,
)


class Bench:
    """A recorder on a real database, worked by hand: no thread, no clock."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path, boot=1)
        self.outbox = Outbox(self.store.connection, stamp=lambda: {"boot": 1, "up_s": 0.0})
        self.recorder = Recorder(self.store, self.outbox, boot=1, plan=plan_of(Settings()))
        self._up_s = 0.0

    def sample(self, modem: ModemSnapshot = MODEM, *, full: bool = False) -> None:
        self._up_s += 1
        sample = Sample(1, gateway(modem), Stamp(1, self._up_s, None), full)
        self.do(sample)

    def do(self, job: object) -> None:
        self.recorder.mailbox.put(job)  # type: ignore[arg-type]
        self.recorder._do(self.recorder.mailbox.take())

    def retry(self) -> None:
        """What the timer does."""
        self.recorder._do(None)

    def fill_disk(self) -> None:
        pages = self.store.connection.execute("PRAGMA page_count").fetchone()[0]
        self.store.connection.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        self.store.connection.execute("PRAGMA max_page_count = 100000")

    @property
    def bodies(self) -> list[dict[str, object]]:
        return [decode(row.body) for row in self.outbox.unsent(0, 10_000)]

    @property
    def moments(self) -> list[object]:
        return [body["up_s"] for body in self.bodies if "code" not in body]

    @property
    def codes(self) -> list[object]:
        return [body["code"] for body in self.bodies if "code" in body]


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


def fill_up(bench: Bench) -> int:
    """Samples until the disk takes no more; how many are stored."""
    bench.fill_disk()
    for _ in range(200):
        bench.sample()
        if bench.recorder._pending:
            return len(bench.moments)
    raise AssertionError("the disk never got full")


def test_a_sample_its_usage_and_its_events_are_one_step(bench):
    bench.sample(registered(eps=HOME))
    bench.store.connection.execute("DROP TABLE seen")
    bench.sample(registered(eps=DENIED))
    assert bench.moments == [1.0]
    assert bench.codes == []
    total = bench.store.connection.execute("SELECT tx FROM usage_cards").fetchone()
    assert total == (0,)


def test_a_full_disk_loses_nothing_and_order_is_kept(bench):
    stored = fill_up(bench)
    for _ in range(5):
        bench.sample()
    assert len(bench.moments) == stored
    bench.make_room()
    bench.retry()
    assert bench.moments == [float(n) for n in range(1, stored + 7)]
    assert "reports_dropped" not in bench.codes


def test_what_memory_cannot_hold_while_the_disk_is_full_is_counted_and_said(bench):
    stored = fill_up(bench)
    for _ in range(PENDING_LIMIT + 10):
        bench.sample()
    bench.make_room()
    bench.retry()
    assert len(bench.moments) == stored + PENDING_LIMIT
    said = [body for body in bench.bodies if body.get("code") == "reports_dropped"]
    assert [body["args"]["count"] for body in said] == [11]


def test_a_full_disk_leaves_what_was_stored_to_the_uplink(bench):
    stored = fill_up(bench)
    assert len(bench.outbox.unsent(0, 1000)) >= stored


def test_events_come_once_also_over_a_restart(tmp_path):
    bench = Bench(tmp_path)
    bench.sample(registered(eps=HOME))
    bench.sample(registered(eps=DENIED))
    bench.store.close()
    again = Bench(tmp_path)
    again.sample(registered(eps=DENIED))
    again.sample(registered(eps=HOME))
    assert again.codes == ["registration_denied", "registration_restored"]
    again.store.close()


def test_usage_goes_on_over_a_restart(tmp_path):
    bench = Bench(tmp_path)
    bench.sample(MODEM._replace(usage=read(UsageCounters(100, 200))))
    bench.store.close()
    again = Bench(tmp_path)
    again._up_s = 100.0
    again.sample(MODEM._replace(usage=read(UsageCounters(150, 300))))
    again.sample(MODEM._replace(usage=read(UsageCounters(10, 20))))
    marks = [(body["tx"], body.get("reset"), body.get("gap")) for body in again.bodies]
    assert marks == [(100, None, True), (150, None, None), (10, True, True)]
    # The modem may have gone back to what it saved: of the last reading nothing is certain.
    totals = again.store.connection.execute("SELECT tx, rx FROM usage_cards")
    assert totals.fetchall() == [(50, 100)]
    again.store.close()


def test_an_ack_of_another_store_deletes_nothing(bench):
    bench.sample()
    bench.do(Acked("00000000", 1, replayed=False))
    assert bench.moments == [1.0]
    bench.do(Acked(bench.outbox.store, 1, replayed=False))
    assert bench.moments == []


def test_damage_at_run_time_ends_the_process_so_that_the_next_start_moves_it_aside(bench):
    bench.sample()

    def damaged() -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        error.sqlite_errorname = "SQLITE_CORRUPT"
        raise error

    with pytest.raises(StoreError):
        bench.recorder._change(damaged)


def test_a_question_for_rows_without_an_uplink_is_harmless(bench):
    bench.do(WantsRows(0, 10))
    bench.do(Happened("modem_lost", {"slot": 1}, Stamp(1, 5.0, None)))
    assert bench.codes == ["modem_lost"]


def run_worker(work: Callable[[], None]) -> list[BaseException]:
    crashes: list[BaseException] = []
    worker = Worker("test", work, crashes.append)
    worker.start()
    worker.join(5)
    assert not worker.is_alive()
    return crashes


def test_a_workers_crash_reaches_the_supervisor(caplog):
    def fail() -> None:
        raise ValueError("boom")

    assert [str(crash) for crash in run_worker(fail)] == ["boom"]
    assert "worker=test crashed" in caplog.text
    assert run_worker(lambda: None) == []


def test_a_full_mailbox_refuses_but_takes_what_must_not_get_lost():
    mailbox: Mailbox[int] = Mailbox(limit=2)
    assert [mailbox.put(n) for n in range(3)] == [True, True, False]
    assert mailbox.put(9, force=True)
    assert [mailbox.take() for _ in range(4)] == [0, 1, 9, None]
    mailbox.close()


def test_a_job_wakes_the_thread_that_waits_for_it():
    mailbox: Mailbox[str] = Mailbox(limit=2)
    got: list[str | None] = []

    def work() -> None:
        mailbox.wait(None)
        got.append(mailbox.take())

    thread = threading.Thread(target=work)
    thread.start()
    mailbox.put("job")
    thread.join(5)
    assert got == ["job"]
    mailbox.close()


def test_the_recorder_finishes_what_is_waiting_before_it_stops(bench):
    for n in range(3):
        bench.recorder.mailbox.put(Sample(1, gateway(), Stamp(1, float(n), None), full=False))
    bench.recorder.mailbox.put(Stop(), force=True)
    assert run_worker(bench.recorder.run) == []
    assert bench.moments == [0.0, 1.0, 2.0]
