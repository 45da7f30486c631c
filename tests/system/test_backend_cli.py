"""`simward backend consume` as a user starts it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.broker import free_port, mosquitto
from tests.system.uplink_helpers import Gateway, drive

pytestmark = pytest.mark.system


MAIN = "import sys; from agent.cli import main; sys.exit(main())"


def simward(*arguments: str) -> list[str]:
    return [sys.executable, "-c", MAIN, *arguments]


def test_what_arrives_is_shown_masked_stored_and_counted(tmp_path: Path) -> None:
    database = tmp_path / "backend.db"
    with mosquitto(tmp_path) as broker:
        consume = ["--lang", "en", "backend", "consume", "--broker", broker.url]
        process = subprocess.Popen(
            simward(*consume, "--db", str(database), "--ack-every", "0", "--json"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert "connected: MQTT 5" in process.stderr.readline()
        gateway = Gateway(broker.url)
        gateway.uplink.set_birth({"cards": [{"iccid": "89001010000000000018", "slot": 1}]})
        gateway.report(rsrp=-101, reg={"eps": [3, 8]})
        drive(gateway, until=lambda: gateway.outbox.rows == 0)
        store = gateway.outbox.store
        gateway.close()
        process.terminate()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    document = json.loads(out)
    assert out.endswith("}\n")
    assert (document["reports"], document["new"], document["dead_letters"]) == (1, 1, 0)
    assert document["positions"] == [{"gw": "gw00000001", "store": store, "seq": 1}]
    assert "eps denied 8, rsrp -101" in err
    assert "890010" in err
    assert "89001010000000000018" not in err


@pytest.mark.parametrize(("lang", "word"), [("en", "nobody listens"), ("zh", "broker")])
def test_without_a_broker_it_ends_with_5_and_one_line(tmp_path: Path, lang: str, word: str) -> None:
    command = ["--lang", lang, "backend", "consume", "--broker", f"mqtt://127.0.0.1:{free_port()}"]
    done = subprocess.run(
        simward(*command, "--db", str(tmp_path / "x.db"), "--wait", "0.3"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (5, "")
    assert len(done.stderr.splitlines()) == 1
    assert word in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["backend"],
        ["backend", "consume"],
        ["backend", "consume", "--broker", "http://192.0.2.1", "--db", "DB"],
        ["backend", "consume", "--broker", "mqtt://192.0.2.1", "--db", "DB", "--root", "a/#"],
        ["backend", "consume", "--broker", "mqtt://192.0.2.1", "--db", "/nonexistent/x/y.db"],
        ["backend", "consume", "--broker", "mqtt://192.0.2.1", "--db", "DB", "--wait", "-1"],
        ["schema", "unknown"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_one_line(tmp_path: Path, arguments: list[str]) -> None:
    arguments = [str(tmp_path / "x.db") if word == "DB" else word for word in arguments]
    done = subprocess.run(
        simward("--lang", "en", *arguments), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_the_schema_of_a_message_is_printed() -> None:
    done = subprocess.run(
        simward("schema", "report"), capture_output=True, text=True, timeout=60, check=True
    )
    assert "rsrp" in json.loads(done.stdout)["properties"]
