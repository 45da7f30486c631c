"""The outbox when the ground under it gives way."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any, NoReturn

import pytest

from cloud_bridge.errors import OutboxError
from tests.unit.outbox_helpers import Box, database


class Killed(BaseException):
    """The process is gone."""


class Dying(sqlite3.Connection):
    """A connection that dies at its n-th statement."""

    left = 10**9

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed

    def execute(self, *args: Any) -> sqlite3.Cursor:
        self._count()
        return super().execute(*args)

    def executemany(self, *args: Any) -> sqlite3.Cursor:
        self._count()
        return super().executemany(*args)


def story(box: Box, told: list[tuple[str, int]]) -> None:
    """What is promised after each step goes into `told`."""
    told.append(("stored", box.report()))
    told.append(("stored", box.report()))
    box.delivered(1, 2)
    told.append(("stored", box.event()))
    told.append(("acking", 1))
    box.ack(1)
    told.append(("stored", box.report()))
    told.append(("acking", 3))
    box.ack(3)


def fill(box: Box, stored: list[int]) -> NoReturn:
    """Rows until the store refuses."""
    while True:
        stored.append(box.report(text="x" * 3000))


def after_a_power_cut(source: Path, target: Path) -> Box:
    for suffix in ("", "-wal"):
        if Path(f"{source}{suffix}").exists():
            shutil.copy(f"{source}{suffix}", f"{target}{suffix}")
    return Box(database(target))


def test_killed_at_any_statement_no_stored_row_is_lost_and_no_number_is_given_twice(
    tmp_path: Path,
) -> None:
    survived = 0
    for statement in range(10_000):
        path = tmp_path / f"{statement}.db"
        connection = database(path, Dying)
        box = Box(connection)
        told: list[tuple[str, int]] = []
        connection.left = statement
        try:
            story(box, told)
        except Killed:
            pass
        else:
            survived = statement
        connection.left = 10**9
        again = after_a_power_cut(path, tmp_path / f"{statement}-after.db")
        stored = {seq for what, seq in told if what == "stored"}
        acked = max((seq for what, seq in told if what == "acking"), default=0)
        held = {seq for (seq,) in again.connection.execute("SELECT seq FROM outbox ORDER BY seq")}
        assert {seq for seq in stored if seq > acked} <= held, statement
        assert again.report() > max(stored | held, default=0), statement
        assert again.outbox.rows == len(held) + 1
        again.connection.close()
        connection.close()
        if survived:
            break
    assert survived > 20


def test_a_full_disk_is_said_and_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    box = Box(database(tmp_path / "outbox.db"))
    pages = box.connection.execute("PRAGMA page_count").fetchone()[0]
    box.connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    stored: list[int] = []
    with pytest.raises(OutboxError) as raised:
        fill(box, stored)
    assert raised.value.reason == "the disk is full"
    assert stored
    assert box.unsent() == stored
    box.connection.execute(f"PRAGMA max_page_count = {pages + 100}")
    assert box.report() == stored[-1] + 1
    box.connection.close()


def test_on_a_full_disk_acknowledged_rows_still_make_room(tmp_path: Path) -> None:
    box = Box(database(tmp_path / "outbox.db"))
    pages = box.connection.execute("PRAGMA page_count").fetchone()[0]
    box.connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(OutboxError):
        fill(box, [])
    box.ack(box.outbox.last_seq)
    assert box.report(text="x" * 3000) == box.outbox.last_seq
    box.connection.close()


def test_a_store_that_became_read_only_is_said_in_words(tmp_path: Path) -> None:
    box = Box(database(tmp_path / "outbox.db"))
    box.report()
    box.connection.execute("PRAGMA query_only = ON")
    box.connection.execute("BEGIN")
    with pytest.raises(OutboxError, match="cannot be written"):
        box.outbox.append("report", {"boot": 1})
    box.connection.execute("ROLLBACK")
    assert box.unsent() == [1]
    box.connection.close()


def test_a_damaged_store_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    box = Box(database(path))
    for _ in range(200):
        box.report(text="x" * 500)
    box.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    box.connection.close()
    damaged = bytearray(path.read_bytes())
    damaged[8192:] = b"\xa5" * (len(damaged) - 8192)
    path.write_bytes(damaged)
    connection = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(OutboxError, match="damaged"):
        Box(connection).unsent()
    connection.close()
