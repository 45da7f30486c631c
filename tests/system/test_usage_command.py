"""`simward usage` beside the daemon, after it, and where it never ran."""

import json
import subprocess
from pathlib import Path

import pytest

from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.system.programs import running, simward_command, wait_until

pytestmark = pytest.mark.system


def usage(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = simward_command("--config", str(config), "usage", *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def config(tmp_path):
    with serve_tcp(SimulatedModem.load("quectel_ec25")) as port:
        path = tmp_path / "simward.toml"
        path.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\n[report]\ninterval_s = 1\n'
            f'[[modem]]\nport = "{port.url}"\n[usage]\ncycle_day = 27\nquota_bytes = 1000000\n',
            encoding="utf-8",
        )
        yield path


def cards(config: Path) -> list[dict[str, object]]:
    result = usage(config, "--json")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["schema"] == "simward/usage/1"
    return document["cards"]


def test_usage_is_told_by_the_daemon_and_by_its_store(tmp_path, config):
    assert cards(config) == []
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: len(cards(config)) == 1, daemon)
        (told,) = cards(config)
    (kept,) = cards(config)
    assert (told["iccid"], told["slot"], told["source"]) == (kept["iccid"], 1, "modem")
    assert kept["total"]["tx_bytes"] >= told["total"]["tx_bytes"]
    text = usage(config, "--full").stdout
    assert str(kept["iccid"]) in text
    assert "27 to " in text


def test_a_store_that_another_version_made_is_refused_in_one_line(tmp_path, config):
    import sqlite3

    (tmp_path / "state").mkdir()
    connection = sqlite3.connect(tmp_path / "state/simward.db")
    for version, word in ((99, "newer"), (1, "older")):
        connection.execute(f"PRAGMA user_version = {version}")
        result = usage(config)
        assert result.returncode == 2
        assert word in result.stderr
        assert result.stderr.count("\n") == 1
    connection.close()
