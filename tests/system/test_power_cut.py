"""The power fails: what the store holds then, opened again, lacks nothing that anybody was told.

The daemon is stopped (SIGSTOP) at instants that a seed chooses, and what is on disk then is copied:
file by file, which is what a kill leaves; and, where root can mount, as the image of the block
device under it, which is what a power cut leaves: only what was synced is in it for sure.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.stamps import stamp_now
from agent.state_dir import StateDir
from agent.store import Store
from cloud_bridge.outbox import Bounds, Outbox
from tests.system.broker import mosquitto
from tests.system.programs import end, running, start, wait_until
from tests.system.test_road import asked

pytestmark = [pytest.mark.system, pytest.mark.long]

CUTS = 80
IMAGE_BYTES = 32 * 1024 * 1024

Row = tuple[int, int]
"""Counters of a report: sent, received."""


def read(db: Path, statement: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=5)) as connection:
        return list(connection.execute(statement))


@dataclass
class Disk:
    """Where the daemon keeps its state, and how a copy of it at this instant is got to see."""

    state: Path
    copied: Callable[[Path], AbstractContextManager[Path]]


@contextmanager
def copied_by_file(state: Path, target: Path) -> Iterator[Path]:
    shutil.copytree(state, target, ignore=shutil.ignore_patterns("control.sock"))
    yield target


def mount(image: Path, point: Path) -> None:
    point.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, point], check=True, capture_output=True)


def unmount(point: Path) -> None:
    subprocess.run(["umount", point], check=True, capture_output=True)


@contextmanager
def copied_by_block(image: Path, target: Path) -> Iterator[Path]:
    copy = target.with_suffix(".img")
    shutil.copyfile(image, copy)
    mount(copy, target)
    try:
        yield target / "state"
    finally:
        unmount(target)
        copy.unlink()


@contextmanager
def device(folder: Path) -> Iterator[Path]:
    """An ext4 file system of its own, mounted at `folder/disk`; its image is `folder/disk.img`."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4", path="/usr/sbin:/sbin:/usr/bin") is None:
        pytest.skip("a block device of one's own needs root and mkfs.ext4")
    image, point = folder / "disk.img", folder / "disk"
    image.write_bytes(b"")
    os.truncate(image, IMAGE_BYTES)
    path = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True, env=path)
    try:
        mount(image, point)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no loop device can be mounted here: {error.stderr.decode().strip()}")
    try:
        yield point
    finally:
        unmount(point)


@pytest.fixture(params=["files", "block device"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "files":
        state = tmp_path / "state"
        yield Disk(state, lambda target: copied_by_file(state, target))
        return
    with device(tmp_path) as point:
        image = tmp_path / "disk.img"
        yield Disk(point / "state", lambda target: copied_by_block(image, target))


def check_copy(state: Path, committed: Row | None, backend: Path) -> int:
    """What a start after the cut finds; how many rows wait in it."""
    state_dir = StateDir(state)
    boot = state_dir.boot()
    store = Store(state, boot=boot)
    try:
        assert store.moved_to is None
        connection = store.connection
        outbox = Outbox(
            connection, stamp=lambda: stamp_now(boot).body(), bounds=Bounds(min_free_bytes=0)
        )
        known = read(
            backend, "SELECT seq, tx, rx FROM reports UNION ALL SELECT seq, 0, 0 FROM events"
        )
        arrived = {seq for seq, _, _ in known}
        held = {row.seq for row in outbox.unsent(0, 100_000)}
        # No row is missing between the two, and what the backend has was on disk before it went.
        assert max(arrived, default=0) <= outbox.last_seq
        assert arrived | held >= set(range(1, outbox.last_seq + 1))
        # What was committed at the stop is here; the one commit that was under way may be.
        booked = connection.execute("SELECT tx, rx FROM usage_tracks").fetchall()
        if committed is not None:
            assert booked
            assert booked[0] >= committed
        # The ledger is the last reading kept less the first, or says that it may be short.
        first = read(backend, "SELECT tx, rx FROM reports ORDER BY seq LIMIT 1")
        if first and booked:
            used = connection.execute("SELECT tx, rx FROM usage_cards").fetchone()
            shown = (booked[0][0] - first[0][0], booked[0][1] - first[0][1])
            gaps = "SELECT gaps FROM usage_days UNION ALL SELECT gaps FROM usage_undated"
            assert used <= shown
            assert (
                used == shown or connection.execute(f"SELECT sum(gaps) FROM ({gaps})").fetchone()[0]
            )
        # A number is never given again.
        with store.transaction():
            body = {**stamp_now(boot).body(), "code": "modem_lost", "args": {}}
            assert outbox.append("event", body) > max(arrived | held, default=0)
        return len(held)
    finally:
        store.close()
        state_dir.close()


def last_committed_but_one(state: Path, samples: list[Row]) -> Row | None:
    """The sample before the newest one that the stopped daemon's store shows: surely synced."""
    found = read(state / "simward.db", "SELECT tx, rx FROM usage_tracks")
    before = [row for row in samples if found and row < found[0]]
    return before[-1] if before else None


@pytest.mark.timeout(900)
def test_a_power_cut_at_any_instant_loses_nothing_that_was_told(disk: Disk, tmp_path: Path) -> None:
    moment = random.Random(11)
    log, link, backend_db = tmp_path / "modem.log", tmp_path / "modem", tmp_path / "backend.db"
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(tmp_path))
        simulate = ("fixture", "simulate", "--modem", "quectel_ec25", "--pty", "--link", str(link))
        modem = stack.enter_context(running(tmp_path, "modem", *simulate, "--log", str(log)))
        consume = ("backend", "consume", "--broker", broker.url, "--db", str(backend_db))
        backend = stack.enter_context(running(tmp_path, "backend", *consume, "--ack-every", "1"))
        wait_until(lambda: link.exists() and log.exists(), modem)
        wait_until(lambda: "connected" in (tmp_path / "backend.out").read_text(), backend)
        config = tmp_path / "simward.toml"
        config.write_text(
            f"""
            [device]
            id = "gw-power"
            state_dir = "{disk.state}"
            [[modem]]
            port = "{link}"
            [report]
            interval_s = 0.2
            [broker]
            url = "{broker.url}"
            """
        )
        daemon = start(tmp_path, "run", "--config", str(config), "run")
        stack.callback(end, daemon)
        wait_until(lambda: len(asked(log)) >= 2, daemon)
        wait_until(lambda: len(read(backend_db, "SELECT 1 FROM reports")) >= 1, backend)
        waiting = 0
        for cut in range(CUTS):
            goal = log.read_text().count("\n") + moment.randint(1, 40)
            wait_until(lambda goal=goal: log.read_text().count("\n") >= goal, daemon)
            daemon.send_signal(signal.SIGSTOP)
            try:
                committed = last_committed_but_one(disk.state, asked(log))
                with disk.copied(tmp_path / f"cut{cut}") as state:
                    waiting += check_copy(state, committed, backend_db)
            finally:
                daemon.send_signal(signal.SIGCONT)
        # Else every row had been acknowledged at each cut, and nothing was tried.
        assert waiting > 0
