"""The daemon when its surroundings fail: it goes on, and nothing that was sampled is lost."""

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.broker import mosquitto
from tests.system.programs import end, running, wait_until

pytestmark = pytest.mark.system

_ASKED = re.compile(r"\tAT\+QGDCNT\?\t\+QGDCNT: ([0-9]+),([0-9]+)\|OK$", re.MULTILINE)


def asked(log: Path) -> list[tuple[int, int]]:
    """What the modem answered when it was asked for its counters: other numbers each time."""
    text = log.read_text() if log.exists() else ""
    return [(int(tx), int(rx)) for tx, rx in _ASKED.findall(text)]


def rows(db: Path, query: str) -> list[tuple[object, ...]]:
    if not db.exists():
        return []
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=5)
    try:
        return list(connection.execute(query))
    except sqlite3.OperationalError:  # not made yet
        return []
    finally:
        connection.close()


def at_backend(folder: Path) -> list[tuple[object, ...]]:
    return rows(folder / "backend.db", "SELECT tx, rx FROM reports ORDER BY seq")


def log_of(folder: Path) -> str:
    log = folder / "run.err"
    return log.read_text(encoding="utf-8") if log.exists() else ""


def write_config(folder: Path, url: str, state: Path, more: str = "") -> Path:
    config = folder / "simward.toml"
    config.write_text(
        f"""
        [device]
        id = "gw-lost"
        state_dir = "{state}"
        [[modem]]
        port = "{folder / "modem"}"
        [report]
        interval_s = 0.5
        [broker]
        url = "{url}"
        {more}
        """
    )
    return config


@contextmanager
def modem_at(folder: Path):
    link = folder / "modem"
    log = str(folder / "modem.log")
    arguments = ["--modem", "quectel_ec25", "--pty", "--link", str(link), "--log", log]
    with running(folder, "simulator", "fixture", "simulate", *arguments) as modem:
        wait_until(link.exists, modem)
        yield


@contextmanager
def backend_at(folder: Path, url: str, *more: str):
    arguments = ["--broker", url, "--db", str(folder / "backend.db"), "--ack-every", "1", *more]
    with running(folder, "backend", "backend", "consume", *arguments) as backend:
        wait_until((folder / "backend.db").exists, backend)
        yield backend


def delivers_all(folder: Path, daemon: subprocess.Popen[str]) -> None:
    """Every sample so far arrives, each once; then the daemon ends well."""
    wanted = set(asked(folder / "modem.log")[:-1])
    wait_until(lambda: wanted <= set(at_backend(folder)), daemon)
    assert end(daemon) == 0
    found = at_backend(folder)
    assert len(found) == len(set(found))


@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="needs mosquitto_passwd")
def test_a_broker_that_refuses_costs_no_report(tmp_path):
    secrets = tmp_path / "secrets"
    for name in ("other", "backend"):
        secrets.touch(0o600)
        command = ["mosquitto_passwd", "-b", str(secrets), name, "sesame"]
        subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "password").write_text("sesame\n")
    more = f'username = "gw"\npassword_file = "{tmp_path / "password"}"'
    extra = f"allow_anonymous false\npassword_file {secrets}"
    with mosquitto(tmp_path, extra=extra) as broker, modem_at(tmp_path):
        login = ["--username", "backend", "--password-file", str(tmp_path / "password")]
        config = write_config(tmp_path, broker.url, tmp_path / "state", more)
        with running(tmp_path, "run", "--config", str(config), "run") as daemon:
            wait_until(
                lambda: (
                    re.search("broker reason=.*(user name|authorise)", log_of(tmp_path)) is not None
                ),
                daemon,
            )
            count = "SELECT count(*) FROM outbox"
            kept = tmp_path / "state" / "simward.db"
            wait_until(lambda: (rows(kept, count) or [(0,)])[0][0] >= 4, daemon)
            broker.stop()
            subprocess.run(
                ["mosquitto_passwd", "-b", str(secrets), "gw", "sesame"],
                check=True,
                capture_output=True,
            )
            broker.start()
            with backend_at(tmp_path, broker.url, *login):
                delivers_all(tmp_path, daemon)
    assert "Traceback" not in log_of(tmp_path)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MiB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only who may mount can make a small file system")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> None:
    with (disk / "ballast").open("ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * 1024)
        except OSError:
            return


def test_a_full_disk_under_the_outbox_costs_no_report(tmp_path, small_disk):
    with mosquitto(tmp_path) as broker, modem_at(tmp_path):
        config = write_config(tmp_path, broker.url, small_disk / "state")
        with running(tmp_path, "run", "--config", str(config), "run") as daemon:
            wait_until(lambda: "sample slot=1" in log_of(tmp_path), daemon)
            fill(small_disk)
            wait_until(lambda: "store refuses" in log_of(tmp_path), daemon)
            goal = len(asked(tmp_path / "modem.log")) + 3
            wait_until(lambda: len(asked(tmp_path / "modem.log")) >= goal, daemon)
            (small_disk / "ballast").unlink()
            with backend_at(tmp_path, broker.url):
                delivers_all(tmp_path, daemon)
    assert "Traceback" not in log_of(tmp_path)


def test_an_unplugged_modem_is_said_once_and_taken_up_again(tmp_path):
    with mosquitto(tmp_path) as broker, backend_at(tmp_path, broker.url):
        config = write_config(tmp_path, broker.url, tmp_path / "state")
        with modem_at(tmp_path):
            daemon_run = running(tmp_path, "run", "--config", str(config), "run")
            daemon = daemon_run.__enter__()
            try:
                wait_until(lambda: "sample slot=1" in log_of(tmp_path), daemon)
            except BaseException:
                daemon_run.__exit__(None, None, None)
                raise
        try:
            wait_until(lambda: "modem lost" in log_of(tmp_path), daemon)
            before = len(asked(tmp_path / "modem.log"))
            with modem_at(tmp_path):
                wait_until(lambda: len(asked(tmp_path / "modem.log")) > before + 1, daemon)
                assert end(daemon) == 0
        finally:
            daemon_run.__exit__(None, None, None)
        codes = "SELECT code FROM events"
        assert rows(tmp_path / "backend.db", codes) == [("modem_lost",)]
    assert "Traceback" not in log_of(tmp_path)
