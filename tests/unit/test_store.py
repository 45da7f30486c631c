import os
import sqlite3
import stat
from pathlib import Path

import pytest

from agent.errors import RefusedError, StoreError
from agent.state_dir import StateDir
from agent.store import NAME, Store
from cloud_bridge.errors import OutboxError
from cloud_bridge.outbox import Outbox


def outbox(store: Store) -> Outbox:
    return Outbox(store.connection, stamp=lambda: {"boot": 1, "up_s": 1.0})


def append(store: Store, n: int = 1) -> None:
    with store.transaction():
        for _ in range(n):
            outbox(store).append("report", {"boot": 1, "up_s": 1.0})


def test_the_store_is_made_to_survive_a_power_cut(tmp_path):
    store = Store(tmp_path, boot=1)
    assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    store.close()


@pytest.fixture
def open_to_all():
    before = os.umask(0)
    yield
    os.umask(before)


def rights(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob(f"{NAME}*")}


@pytest.mark.usefixtures("open_to_all")
def test_owner_and_group_alone_may_read_the_store_and_its_log(tmp_path):
    store = Store(tmp_path, boot=1)
    append(store)
    assert rights(tmp_path) == {NAME: 0o640, f"{NAME}-wal": 0o640, f"{NAME}-shm": 0o640}
    store.close()
    (tmp_path / NAME).chmod(0o644)  # as earlier versions made it
    Store(tmp_path, boot=1).close()
    assert rights(tmp_path) == {NAME: 0o640}
    (tmp_path / NAME).chmod(0o600)
    Store(tmp_path, boot=1).close()
    assert rights(tmp_path) == {NAME: 0o600}


def test_a_second_opening_keeps_rows_and_store_id(tmp_path):
    store = Store(tmp_path, boot=1)
    append(store, 3)
    name = outbox(store).store
    store.close()
    again = Store(tmp_path, boot=1)
    assert outbox(again).store == name
    assert [row.seq for row in outbox(again).unsent(0, 10)] == [1, 2, 3]
    again.close()


def test_a_failed_transaction_changes_nothing(tmp_path):
    store = Store(tmp_path, boot=1)

    def append_and_fail() -> None:
        with store.transaction():
            outbox(store).append("report", {"boot": 1, "up_s": 1.0})
            store.connection.execute("INSERT INTO no_such_table VALUES (1)")

    with pytest.raises(OutboxError):
        append_and_fail()
    assert outbox(store).unsent(0, 10) == ()
    append(store)
    assert len(outbox(store).unsent(0, 10)) == 1
    store.close()


def damage_header(path: Path) -> None:
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])


def damage_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xa5" * 4096
    path.write_bytes(content)
    # As after a power cut: the log was not folded in.
    path.with_name(NAME + "-wal").write_bytes(b"")


@pytest.mark.parametrize("damage", [damage_header, damage_page], ids=["header", "page"])
def test_a_damaged_store_is_moved_aside_and_a_new_one_has_a_new_id(tmp_path, damage):
    store = Store(tmp_path, boot=4)
    append(store, 2)
    name = outbox(store).store
    store.close()
    damage(tmp_path / NAME)
    again = Store(tmp_path, boot=5)
    assert again.moved_to == tmp_path / f"{NAME}.bad-5"
    assert (tmp_path / f"{NAME}.bad-5").exists()
    assert outbox(again).store != name
    append(again)
    again.close()


def test_a_store_of_a_newer_version_is_left_alone(tmp_path):
    Store(tmp_path, boot=1).close()
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (tmp_path / NAME).read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        Store(tmp_path, boot=1)
    assert (tmp_path / NAME).read_bytes() == before


def test_a_store_that_cannot_be_opened_is_an_error_and_not_moved(tmp_path):
    (tmp_path / NAME).mkdir()
    with pytest.raises(StoreError, match=r"device\.state_dir"):
        Store(tmp_path, boot=1)
    assert (tmp_path / NAME).is_dir()


def test_a_state_directory_has_one_owner(tmp_path):
    first = StateDir(tmp_path / "state")
    with pytest.raises(RefusedError, match="another simward daemon") as caught:
        StateDir(tmp_path / "state")
    assert caught.value.exit_code == 6
    first.close()
    StateDir(tmp_path / "state").close()


def test_a_state_directory_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(StoreError, match=r"device\.state_dir.* cannot be used") as caught:
        StateDir(tmp_path / "file" / "state")
    assert caught.value.exit_code == 2


def test_the_boot_counter_counts_boots_and_not_restarts(tmp_path):
    state = StateDir(tmp_path)
    assert [state.boot(), state.boot()] == [1, 1]
    # As the last boot of the machine left it.
    (tmp_path / "boot").write_text("6 00000000-0000-0000-0000-000000000000\n", encoding="ascii")
    assert [state.boot(), state.boot()] == [7, 7]
    state.close()


def test_the_gateways_id_is_short_stable_and_its_own(tmp_path):
    one, other = StateDir(tmp_path / "a"), StateDir(tmp_path / "b")
    assert len(one.gateway_id()) == 10
    assert one.gateway_id() == one.gateway_id()
    assert one.gateway_id() != other.gateway_id()
    one.close()
    other.close()
