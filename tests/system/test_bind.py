"""`simward bind` from a shell, with the daemon and without."""

import hashlib
import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from modem.simulator.card_slot import load_card
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.system.programs import running, simward_command, wait_until

pytestmark = pytest.mark.system

CARD = "89001010000000000018"
VOLATILE = ("at", "bindings", "history", "entry", "hash", "evidence")


def simward(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = simward_command("--lang", "en", "--config", str(config), *arguments)
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


@pytest.fixture
def config(tmp_path):
    with serve_tcp(SimulatedModem.load("quectel_ec25", "usim_test")) as port:
        path = tmp_path / "simward.toml"
        path.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\n'
            f'[[modem]]\nport = "{port.url}"\nslot = 2\n',
            encoding="utf-8",
        )
        yield path


def test_data_of_a_changed_card_is_held_until_bind_says_that_it_is_meant(tmp_path):
    path, log = tmp_path / "simward.toml", tmp_path / "daemon.err"
    modem = SimulatedModem.load("quectel_ec25", "usim_test")
    with serve_tcp(modem) as port:
        path.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\nreport.interval_s = 1\n'
            f'[binding]\nhold_data_on_pairing_change = true\n[[modem]]\nport = "{port.url}"\n',
            encoding="utf-8",
        )
        with running(tmp_path, "daemon", "--config", str(path), "run") as daemon:
            wait_until(lambda: "sample slot=1" in _text(log), daemon)
            assert modem.state.sessions.session(1) is not None
            modem.insert_card(load_card("usim_isim"))
            wait_until(lambda: "data held slot=1" in _text(log), daemon)
            assert modem.state.sessions.session(1) is None
            shown = json.loads(simward(path, "bind", "--show", "--json").stdout)
            assert (shown["hold"]["released"], shown["hold"]["contexts"]) == (False, [1])
            bound = json.loads(simward(path, "bind", "--json").stdout)
            assert (bound["hold"]["released"], bound["hold"]["refused"]) == (True, [])
            assert modem.state.sessions.session(1) is not None
            assert json.loads(simward(path, "bind", "--show", "--json").stdout)["hold"] is None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def order(folder: Path, iccid: str) -> str:
    path = folder / "order.json"
    whole = {"schema": "simward/order/1", "order_id": "WO-1", "iccid": iccid}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return str(path)


def test_the_record_is_the_same_with_and_without_the_daemon(tmp_path, config):
    options = ["bind", "--order", order(tmp_path, CARD), "--json"]
    first = json.loads(simward(config, *options).stdout)
    alone = json.loads(simward(config, *options).stdout)
    assert first["costs"][0]["code"] == "binding_unknown"
    log = tmp_path / "daemon.err"
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: log.exists() and "sample slot=2" in log.read_text("utf-8"), daemon)
        asked = simward(config, *options)
        shown = simward(config, "bind", "--show")
    document = json.loads(asked.stdout)
    for name in VOLATILE:
        alone.pop(name)
        history = document.pop(name)
    assert document == alone
    assert (document["slot"], document["order_id"], document["recorded"]) == (2, "WO-1", True)
    assert history
    assert shown.returncode == 0
    assert "entries      4" in shown.stdout  # seen once, bound three times


def test_what_is_recorded_is_signed_and_can_be_verified_with_the_key_of_the_bind_record(
    tmp_path, config
):
    file, key = tmp_path / "bind.json", tmp_path / "key"
    document = json.loads(simward(config, "bind", "--evidence", str(file), "--json").stdout)
    evidence = document["evidence"]
    assert (evidence["state"], evidence["seq"]) == ("unreachable", 1)
    assert evidence["reason"]["en"] == "no broker is configured"
    assert Path(evidence["file"]).read_bytes() == file.read_bytes()
    assert hashlib.sha256(file.read_bytes()).hexdigest() == evidence["sha256"]
    key.write_text(document["public_key"])
    verified = simward(config, "certificate", "verify", str(file), "--key", str(key), "--json")
    assert (verified.returncode, json.loads(verified.stdout)["kind"]) == (0, "bind")
    commands = {
        each["body"]["path"]: each["body"]["command"]
        for each in json.loads(file.read_bytes())["entries"]
        if each["body"]["what"] == "read"
    }
    assert (commands["sim.iccid"], commands["modem.imei"]) == ("EF.ICCID", "AT+CGSN")


def test_evidence_that_cannot_be_written_where_it_was_wanted_lies_in_the_state_directory(
    tmp_path, config
):
    refused = simward(config, "bind", "--evidence", str(tmp_path / "none" / "bind.json"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "the pairing is recorded, its evidence is" in refused.stderr
    assert len(list((tmp_path / "state" / "evidence").iterdir())) == 1


def test_looking_makes_no_key_and_no_evidence(tmp_path, config):
    shown = json.loads(simward(config, "bind", "--show", "--json").stdout)
    assert (shown["public_key"], shown["evidence"]) == (None, None)
    assert not (tmp_path / "state" / "device.key").exists()


def test_a_key_that_is_damaged_stops_the_evidence_and_not_the_record(tmp_path, config):
    assert simward(config, "bind").returncode == 0
    (tmp_path / "state" / "device.key").write_text("no key")
    (tmp_path / "state" / "device.pub").unlink()
    document = json.loads(simward(config, "bind", "--json").stdout)
    assert (document["recorded"], document["public_key"], document["evidence"]) == (
        True,
        None,
        None,
    )
    assert "no evidence was signed: the device key" in document["warnings"][-1]["en"]


def test_an_order_for_another_card_is_refused_with_one_line(tmp_path, config):
    refused = simward(config, "bind", "--order", order(tmp_path, "89001010000000000026"))
    assert (refused.returncode, refused.stdout) == (6, "")
    assert "the work order is for card 890010**********0026" in refused.stderr


@pytest.mark.parametrize(
    ("text", "word"), [("{", "not JSON"), ('{"schema": "simward/order/1"}', "order_id: missing")]
)
def test_a_document_that_is_none_is_wrong_usage(tmp_path, config, text, word):
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    refused = simward(config, "bind", "--order", str(path))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert word in refused.stderr


def test_a_broken_history_is_exit_1_and_is_left_as_it_is(tmp_path, config):
    assert simward(config, "bind").returncode == 0
    database = sqlite3.connect(tmp_path / "state" / "simward.db")
    with database:
        database.execute("DROP TRIGGER pairings_are_kept")
        database.execute("DELETE FROM pairings WHERE n = 1")
    database.close()
    for _ in range(2):
        shown = simward(config, "bind", "--show", "--json")
        assert shown.returncode == 1
        assert json.loads(shown.stdout)["history"]["broken"]["entry"] == 1


def test_who_only_looks_writes_nothing(tmp_path, config):
    state = tmp_path / "state"
    first = simward(config, "bind", "--show", "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["history"]["entries"] == 0
    assert not state.exists()
    assert simward(config, "bind").returncode == 0
    before = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    shown = json.loads(simward(config, "bind", "--show", "--json").stdout)
    assert (shown["recorded"], shown["history"]["entries"]) == (False, 2)
    assert {path: path.read_bytes() for path in state.rglob("*") if path.is_file()} == before


def test_a_plan_that_is_recorded_with_a_card_is_the_one_that_usage_goes_by(tmp_path, config):
    facts = {
        "schema": "simward/account/1",
        "iccid": CARD,
        "as_of": "2026-11-01T00:00:00Z",
        "plan": {"quota_bytes": 4321, "cycle_day": 27},
    }
    path = tmp_path / "account.json"
    path.write_text(json.dumps(facts), encoding="utf-8")
    assert simward(config, "bind", "--account", str(path)).returncode == 0
    log = tmp_path / "daemon.err"
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        wait_until(lambda: log.exists() and "sample slot=2" in log.read_text("utf-8"), daemon)
        asked = json.loads(simward(config, "usage", "--json").stdout)
    kept = json.loads(simward(config, "usage", "--json").stdout)
    for document in (asked, kept):
        (card,) = document["cards"]
        assert (card["quota_bytes"], card["plan"]["quota_from"]) == (4321, "account")
        assert card["cycle"]["start"].endswith("-27")
