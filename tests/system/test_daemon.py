"""The daemon as an operator meets it: one owner, many askers, clean ends."""

import json
import subprocess
from pathlib import Path

import pytest

from agent.control import DaemonError, ask
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.system.programs import end, running, simward_command, start, wait_until
from tests.unit.card_data_helpers import ICCID, full_card

pytestmark = pytest.mark.system

# What differs between any two moments of the simulated modem.
MOVING = ("taken_at", "usage", "read", "recovery")


def simward(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = simward_command("--config", str(config), *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def document(config: Path, *arguments: str) -> dict[str, object]:
    result = simward(config, *arguments, "--json")
    assert result.returncode == 0, result.stderr
    whole = json.loads(result.stdout)
    return {name: value for name, value in whole.items() if name not in MOVING}


@pytest.fixture
def modem():
    return SimulatedModem.load("quectel_ec25")


@pytest.fixture
def port(modem):
    with serve_tcp(modem) as port:
        yield port


@pytest.fixture
def config(tmp_path, port):
    path = tmp_path / "simward.toml"
    path.write_text(
        f'device.state_dir = "{tmp_path / "state"}"\n[[modem]]\nport = "{port.url}"\n',
        encoding="utf-8",
    )
    return path


def sampled(folder: Path) -> bool:
    log = folder / "daemon.err"
    return log.exists() and "sample slot=1" in log.read_text(encoding="utf-8")


def test_status_gives_the_same_answer_with_and_without_the_daemon(tmp_path, config):
    questions = (["status"], ["sim", "read"], ["sim", "read", "--all"])
    alone = [document(config, *question) for question in questions]
    text = simward(config, "status", "--only", "modem,registration").stdout
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        # The simulated modem takes one client at a time: these come through the daemon.
        asked = [document(config, *question) for question in questions]
        assert simward(config, "status", "--only", "modem,registration").stdout == text
    assert asked == alone


def test_a_diagnosis_goes_through_the_daemon(tmp_path, config):
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        found = document(config, "diagnose", "--probe")
        assert (found["cause"], found["absent"]) == (
            "healthy",
            {"probe.hosts": "no probe.hosts are configured"},
        )
        order = tmp_path / "order.json"
        iccid = "89001010000000000026"
        order.write_text(
            json.dumps({"schema": "simward/order/1", "order_id": "W-1", "iccid": iccid})
        )
        other = simward(config, "diagnose", "--order", str(order), "--json")
        assert (other.returncode, json.loads(other.stdout)["row"]) == (1, "L1-5")


def test_a_trace_is_refused_while_the_daemon_owns_the_port(tmp_path, config):
    trace = tmp_path / "card.trace"
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        refused = simward(config, "sim", "read", "--trace", str(trace))
    assert (refused.returncode, refused.stdout) == (6, "")
    assert "the daemon owns the port" in refused.stderr
    assert simward(config, "sim", "read", "--trace", str(trace)).returncode == 0
    replayed = simward(config, "sim", "read", "--replay", str(trace)).stdout.splitlines()
    # The first line names the way.
    assert replayed[1:] == simward(config, "sim", "read").stdout.splitlines()[1:]


def test_a_device_key_that_cannot_be_used_stops_no_report(tmp_path, config):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "device.key").write_text("no key")
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        assert end(daemon) == 0
    assert "device.key cannot be used" in (tmp_path / "daemon.err").read_text(encoding="utf-8")
    assert (tmp_path / "state" / "device.key").read_text() == "no key"


def test_a_second_daemon_is_refused_and_the_first_goes_on(tmp_path, config):
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        second = simward(config, "run")
        assert second.returncode == 6
        assert "another simward daemon" in second.stderr
        assert simward(config, "status", "--only", "modem").returncode == 0
        assert end(daemon) == 0
    assert "Traceback" not in (tmp_path / "daemon.err").read_text(encoding="utf-8")


def test_a_killed_daemon_stands_in_nobodys_way(tmp_path, config):
    daemon = start(tmp_path, "daemon", "--config", str(config), "run")
    try:
        wait_until(lambda: sampled(tmp_path), daemon)
    finally:
        daemon.kill()
        daemon.wait(60)
    assert (tmp_path / "state" / "control.sock").exists()
    assert simward(config, "status", "--only", "modem").returncode == 0
    (tmp_path / "daemon.err").unlink()
    with running(tmp_path, "daemon", "--config", str(config), "run") as again:
        wait_until(lambda: sampled(tmp_path), again)
        assert end(again) == 0
    assert not (tmp_path / "state" / "control.sock").exists()


def test_a_question_while_the_modem_is_away_is_exit_3_and_one_line(tmp_path, config, port):
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        port.close()
        result = simward(config, "status", "--json")
        assert result.returncode == 3
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "request_line",
    [{"v": 1}, {"ask": "status", "parts": ["sim", "radio"]}, {"ask": "status", "parts": [{}]}],
    ids=["no question", "no such part", "no part at all"],
)
def test_a_question_that_makes_no_sense_harms_nobody(tmp_path, config, request_line):
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        with pytest.raises(DaemonError, match="does not know this question"):
            ask(str(tmp_path / "state" / "control.sock"), request_line)
        assert simward(config, "status", "--only", "modem").returncode == 0


def test_a_pin_goes_to_the_card_through_the_daemon(tmp_path, config):
    file = tmp_path / "pin"
    file.write_text("1234\n", encoding="utf-8")
    file.chmod(0o600)
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        told = [
            simward(config, "sim", "pin", action, "--pin-file", str(file))
            for action in ("verify", "enable", "disable")
        ]
    assert [each.returncode for each in told] == [6, 0, 0]
    assert "asks for no PIN" in told[0].stderr
    assert "1234" not in (tmp_path / "daemon.err").read_text(encoding="utf-8")


def test_a_card_is_saved_cleared_and_filled_again_through_the_daemon(tmp_path, config, modem):
    pyrage = pytest.importorskip("pyrage")
    owner = pyrage.x25519.Identity.generate()
    identity, backup = tmp_path / "identity", tmp_path / "card.age"
    identity.write_text(f"{owner}\n", encoding="utf-8")
    identity.chmod(0o600)
    modem.insert_card(full_card())
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: sampled(tmp_path), daemon)
        first = document(config, "sim", "residue")["counts"]
        key = ["--identity-file", str(identity)]
        close = ["--recipient", str(owner.to_public())]
        assert simward(config, "sim", "backup", str(backup), *close).returncode == 0
        order = ["sim", "wipe", "--backup", str(backup), *key, "--yes-wipe", ICCID]
        assert simward(config, *order).returncode == 1  # what asks for PIN2 is left
        cleared = document(config, "sim", "residue")["counts"]
        order = ["sim", "restore", str(backup), *key, "--yes-restore", ICCID]
        assert simward(config, *order).returncode == 1
        assert document(config, "sim", "residue")["counts"] == first
        messages = document(config, "sim", "sms")["messages"]
    assert {kind for kind, count in cleared.items() if count} == {"dialling"}
    assert len(messages) == 5
    said = (tmp_path / "daemon.err").read_text(encoding="utf-8")
    assert "Anna" not in said
    assert "99900000" not in said
