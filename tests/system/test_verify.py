"""`simward verify` as a technician meets it: alone or by the daemon, with evidence from a file."""

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.verification.baseline import baseline_bodies
from agent.verification.services import look_at_services
from cloud_bridge.certificate import Head, sign
from cloud_bridge.evidence_entries import When
from cloud_bridge.signing import SigningKey
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from modem.simulator.scenario import read_scenario
from tests.diagnosis_world import Bench
from tests.system.programs import running, simward_command, wait_until
from tests.verification_world import GONE, HOSTS, ICCID

pytestmark = pytest.mark.system

MADE = "2026-11-20T08:00:00.000Z"


@contextmanager
def gateway(folder: Path, start: dict):
    """A configuration whose modem is in such a network."""
    scenario = read_scenario("test", {"start": start}) if start else None
    with serve_tcp(SimulatedModem.load("quectel_ec25", scenario=scenario)) as port:
        path = folder / "simward.toml"
        path.write_text(
            f'device.state_dir = "{folder / "state"}"\n[[modem]]\nport = "{port.url}"\n', "utf-8"
        )
        yield path


@pytest.fixture
def evidence(tmp_path) -> Path:
    bench = Bench(HOSTS)
    services = look_at_services(bench.session(), bench.setup(), machine=bench.machine())
    head = Head(
        gw="gw1", store="0A0B0C0D", boot=1, kind="unbind", made_at=MADE, clock_synchronized=True,
        up_s=5, software="simward", order_id="W-1", iccid=ICCID, imei="356938035643809",
    )  # fmt: skip
    file = tmp_path / "before_release.json"
    file.write_bytes(sign(head, baseline_bodies(services, When(5.0, MADE)), SigningKey.new()))
    return file


def verify(*arguments: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = simward_command(*arguments[:2], "verify", *arguments[2:])
    command[command.index("--lang") + 1] = lang
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.long
def test_a_card_that_is_gone_and_the_same_by_the_daemon(tmp_path, evidence) -> None:
    options = ("--evidence", str(evidence), "--json")
    with gateway(tmp_path, GONE) as config:
        alone = verify("--config", str(config), *options)
        assert alone.returncode == 0, alone.stderr
        document = json.loads(alone.stdout)
        assert (document["schema"], document["verdict"]) == (
            "simward/verification/1",
            "consistent",
        )
        assert document["services"]["data"] | {"because": []} == {
            "baseline": "works", "now": "fails", "how": None, "because": [],
        }  # fmt: skip
        with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
            log = tmp_path / "daemon.err"
            wait_until(lambda: log.exists() and "sample slot=1" in log.read_text("utf-8"), daemon)
            by_daemon = verify("--config", str(config), *options)
    assert by_daemon.returncode == 0, by_daemon.stderr
    told = json.loads(by_daemon.stdout)
    assert set(told) == set(document)
    for name in ("verdict", "services", "iccid", "target", "order_id", "because"):
        assert told[name] == document[name]


def test_a_card_that_is_alive_is_an_alarm_in_both_languages(tmp_path, evidence) -> None:
    with gateway(tmp_path, {}) as config:
        shown = verify("--config", str(config), "--evidence", str(evidence), lang="zh")
    assert shown.returncode == 1
    assert shown.stdout.startswith("不符：仍有业务可用")
    assert ICCID not in shown.stdout


def test_where_no_modem_answers_nothing_can_be_told(tmp_path, evidence) -> None:
    config = tmp_path / "simward.toml"
    config.write_text(f'device.state_dir = "{tmp_path / "state"}"\n', "utf-8")
    options = ("--port", "socket://127.0.0.1:9", "--evidence", str(evidence), "--json")
    shown = verify("--config", str(config), *options)
    assert shown.returncode == 3
    assert json.loads(shown.stdout)["verdict"] == "not_testable"


def test_evidence_that_was_changed_is_no_baseline(tmp_path, evidence) -> None:
    evidence.write_bytes(evidence.read_bytes().replace(b"W-1", b"W-2"))
    config = tmp_path / "simward.toml"
    config.write_text("", "utf-8")
    shown = verify("--config", str(config), "--evidence", str(evidence), "--json")
    assert shown.returncode == 1
    document = json.loads(shown.stdout)
    assert document["verdict"] == "not_testable"
    assert document["because"][0].startswith("evidence: ")


@pytest.mark.parametrize(
    ("options", "code", "complaint"),
    [
        (["--probe-voice", "110"], 6, "--probe-voice: 110 is an emergency number"),
        (["--probe-sms", "*100#"], 2, "--probe-sms: *100# is no telephone number"),
        (["--evidence", "nowhere.json"], 2, "nowhere.json"),
        (["--control", "maybe"], 2, "--control"),
    ],
)
def test_what_cannot_or_must_not_be_done_is_said_before_a_modem_is_asked(
    tmp_path, options, code, complaint
) -> None:
    config = tmp_path / "simward.toml"
    config.write_text("", "utf-8")
    shown = verify("--config", str(config), *options)
    assert (shown.returncode, shown.stdout) == (code, "")
    assert complaint in shown.stderr
