"""Under systemd the daemon says when it is ready, and feeds the watchdog while its workers work."""

import os
import socket

import pytest

from agent.systemd import watchdog_period_s
from agent.workers import Mailbox
from tests.system.programs import end, start


def test_the_watchdog_is_fed_at_half_its_patience():
    assert watchdog_period_s({"WATCHDOG_USEC": "60000000"}) == 30.0
    assert (
        watchdog_period_s({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}) == 30.0
    )


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "9", "WATCHDOG_PID": "1"},
    ],
    ids=["none", "zero", "no number", "another process"],
)
def test_without_a_watchdog_of_ours_nothing_is_fed(env):
    assert watchdog_period_s(env) is None


def test_a_thread_is_stuck_by_its_job_not_by_waiting():
    mailbox: Mailbox[str] = Mailbox(limit=1)
    assert not mailbox.stuck(1e12, 300.0)
    mailbox.wait(0.0)
    assert mailbox.stuck(1e12, 300.0)
    assert not mailbox.stuck(0.0, 300.0)
    mailbox.close()


@pytest.mark.system
def test_the_daemon_tells_systemd_that_it_is_ready_and_alive(tmp_path, monkeypatch):
    config = tmp_path / "simward.toml"
    config.write_text(
        f'[device]\nstate_dir = "{tmp_path / "state"}"\n'
        f'[[modem]]\nport = "{tmp_path / "no-modem"}"\n'
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "100000")
        daemon = start(tmp_path, "run", "--config", str(config), "run")
        try:
            said = [systemd.recv(64) for _ in range(3)]
        finally:
            code = end(daemon)
        assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        assert code == 0
