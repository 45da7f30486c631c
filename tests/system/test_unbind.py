"""`simward unbind` as a technician runs it: dry, for real, killed, resumed, taken back.

The gates ask for a clock that is kept right; the machine of these tests may have none. So each
command runs in a mount namespace of its own where systemd-timesyncd's mark stands.
"""

import json
import os
import pty
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.cli.table import width
from modem.simulator.card_slot import load_card
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.gates_world import ACCOUNT, ANSWERS, ICCID, OTHER_ICCID
from tests.system.broker import Mosquitto
from tests.system.programs import end, running, simward_command, wait_until
from tests.unbind_world import BOUND

pytestmark = pytest.mark.system

ORDER = {
    "schema": "simward/order/1", "order_id": "W-1", "iccid": ICCID, "subject": "enterprise",
    "platform": "onelink", "channel": "account_manager", "reason": "device_scrapped",
}  # fmt: skip
IN_TIME = (
    "mount -t tmpfs tmpfs /run/systemd && mkdir /run/systemd/timesync"
    ' && touch /run/systemd/timesync/synchronized && exec "$@"'
)
UNSHARE = ["unshare", "--mount", "--", "sh", "-c", f"mkdir -p /run/systemd; {IN_TIME}", "sh"]


def can_unshare() -> bool:
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


needs_clock = pytest.mark.skipif(not can_unshare(), reason="needs root and mount namespaces")


@pytest.fixture
def modem():
    return SimulatedModem.load("quectel_ec25")


@pytest.fixture
def config(tmp_path, modem):
    with serve_tcp(modem) as port:
        path = tmp_path / "simward.toml"
        path.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\n[[modem]]\nport = "{port.url}"\n',
            encoding="utf-8",
        )
        yield path


def paper(folder: Path, name: str, document: object) -> list[str]:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(document), "utf-8")
    return [f"--{name}", str(file)]


def account(folder: Path, **changes: object) -> list[str]:
    fresh = {**ACCOUNT, "as_of": datetime.now(UTC).isoformat(), **changes}
    return paper(folder, "account", fresh)


@pytest.fixture
def papers(tmp_path):
    (tmp_path / "stick").mkdir()
    told = {name: {"value": value, "note": None} for name, value in ANSWERS.items()}
    told["own_uplink.medium"] = {"value": "file", "note": None}
    answers = {"schema": "simward/answers/1", "technician": "Li", "answers": told}
    return [
        *paper(tmp_path, "order", ORDER),
        *paper(tmp_path, "answers", answers),
        *account(tmp_path, bindings=BOUND),
    ]


def command(config: Path, *arguments: str, lang: str = "en") -> list[str]:
    own = simward_command("--config", str(config), "--lang", lang, "unbind", *arguments)
    return [*UNSHARE, *own]


def unbind(config: Path, *arguments: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(config, *arguments, lang=lang),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def document(config: Path, *arguments: str, exit_code: int) -> dict:
    done = unbind(config, "--json", *arguments)
    assert done.returncode == exit_code, done.stderr
    found: dict = json.loads(done.stdout)
    return found


def yes(folder: Path) -> list[str]:
    (folder / "stick").mkdir(parents=True, exist_ok=True)
    return ["--yes-unbind", ICCID, "--save-evidence", str(folder / "stick")]


def results(found: dict) -> dict[str, str]:
    return {each["id"]: each["result"] for each in found["steps"]}


@needs_clock
def test_a_dry_run_says_everything_and_writes_nothing(config, papers, tmp_path):
    found = document(config, *papers, exit_code=0)
    assert (found["schema"], found["state"], found["dry_run"]) == (
        "simward/unbind/1", "not_begun", True,
    )  # fmt: skip
    told = results(found)
    assert (told["hand_over_evidence"], told["release.contexts_down"]) == ("would", "would_do")
    assert all(set(each["what"]) == {"zh", "en"} for each in found["steps"])
    assert not (tmp_path / "state").exists()


@needs_clock
def test_the_whole_road_on_a_simulated_gateway(config, papers, tmp_path):
    found = document(config, *papers, *yes(tmp_path), exit_code=1)
    assert (found["state"], found["stopped_by"]) == ("waiting_carrier_unbind", "waits_for_carrier")
    assert {each["handed_over"] for each in found["evidence"].values()} == {"file"}
    for name, kind in (("before_release", "unbind"), ("closing", "closing")):
        verified = subprocess.run(
            simward_command(
                "certificate", "verify", str(tmp_path / "stick" / f"simward-{name}.json"), "--json",
                "--key", str(tmp_path / "state/device.pub"),
            ),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert verified.returncode == 0, verified.stderr
        assert (
            json.loads((tmp_path / "stick" / f"simward-{name}.json").read_text())["head"]["kind"]
            == kind
        )
    found = document(config, "--resume", *account(tmp_path), exit_code=0)
    assert (found["state"], found["ready_to_cancel"]) == ("ready_to_cancel", True)
    assert "4001100868" in found["next"]["zh"]
    gone = account(tmp_path, raw_code="9", raw_text="已销户", state="cancelled")
    assert document(config, "--resume", *gone, exit_code=0)["state"] == "cancelled"


@needs_clock
def test_check_passes_the_release_on_the_journals_proof_of_this_card(config, papers, tmp_path):
    def gate() -> str:
        words = simward_command("--config", str(config), "check", "--json", *papers)
        done = subprocess.run([*UNSHARE, *words], capture_output=True, text=True, check=False)
        gates = {each["id"]: each["result"] for each in json.loads(done.stdout)["gates"]}
        return gates["release_proved"]

    assert gate() == "needs_human"
    document(config, *papers, *yes(tmp_path), exit_code=1)
    assert gate() == "pass"
    assert unbind(config, "--abort").returncode == 0
    assert gate() == "needs_human"


@needs_clock
def test_another_iccid_than_the_cards_is_refused(config, papers, tmp_path):
    done = unbind(config, *papers, "--yes-unbind", OTHER_ICCID)
    assert (done.returncode, "nothing was done" in done.stderr) == (6, True)
    done = unbind(config, *papers, "--yes-unbind", "356938035643809")
    assert (done.returncode, "IMEI" in done.stderr) == (2, True)
    assert not (tmp_path / "state").exists()


@needs_clock
def test_a_missing_answer_is_refused_without_a_terminal(config, papers, tmp_path):
    nothing = {"schema": "simward/answers/1", "technician": "Li", "answers": {}}
    found = document(
        config, *papers, *paper(tmp_path, "answers", nothing), "--yes-unbind", ICCID, exit_code=6
    )
    assert (found["state"], found["stopped_by"]) == ("not_begun", "answer_missing")
    assert not (tmp_path / "state/unbind").exists()


@needs_clock
def test_without_a_broker_and_without_a_medium_nothing_is_cut(config, papers):
    found = document(config, *papers, "--yes-unbind", ICCID, exit_code=5)
    assert (found["state"], found["stopped_by"]) == ("evidence_signed", "evidence_not_handed_over")
    assert not any(name.startswith("release.") and result == "done"
                   for name, result in results(found).items())  # fmt: skip


@needs_clock
def test_killed_at_every_act_it_goes_on_and_does_nothing_twice(config, papers, tmp_path):
    """SIGKILL at the second word of progress of each run, until a run has only one left."""
    arguments, runs = [*papers, *yes(tmp_path)], 0
    while True:
        runs += 1
        with subprocess.Popen(
            command(config, *arguments), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            lines = [line for line, _ in zip(process.stderr, range(2), strict=False)]
            process.kill()
        if len(lines) < 2:
            break
        assert runs < 40
    found = document(config, "--resume", exit_code=1)
    assert (found["state"], found["stopped_by"]) == ("waiting_carrier_unbind", "waits_for_carrier")
    assert runs > 8
    journal = next((tmp_path / "state/unbind").glob("*/journal")).read_text("utf-8")
    bodies = [json.loads(line)["body"] for line in journal.splitlines()]
    done = [each["act"] for each in bodies if each["what"] == "done"]
    assert len(done) == len(set(done)), "an act is done once"


@needs_clock
def test_another_card_in_the_slot_stops_everything(config, papers, tmp_path, modem):
    document(config, *papers, "--yes-unbind", ICCID, exit_code=5)
    own = modem.state.card
    modem.insert_card(load_card("usim_isim"))
    found = document(config, "--resume", "--save-evidence", str(tmp_path / "stick"), exit_code=6)
    assert (found["state"], found["stopped_by"]) == ("stopped", "other_card")
    assert list((tmp_path / "stick").iterdir()) == []
    modem.insert_card(own)
    found = document(config, "--resume", "--save-evidence", str(tmp_path / "stick"), exit_code=1)
    assert found["state"] == "waiting_carrier_unbind"


@needs_clock
def test_at_a_terminal_what_is_open_is_asked_and_kept(config, papers, tmp_path):
    few = {"schema": "simward/answers/1", "technician": "Li", "answers": {
        name: {"value": value, "note": None} for name, value in ANSWERS.items()
        if name not in {"backup.saved", "risk.same_device"}
    }}  # fmt: skip
    few["answers"]["own_uplink.medium"] = {"value": "file", "note": None}
    given = paper(tmp_path, "answers", few)
    main, side = pty.openpty()
    with subprocess.Popen(
        command(config, *papers, *given, *yes(tmp_path)), stdin=side, stdout=subprocess.PIPE,
        stderr=side, text=True,
    ) as process:  # fmt: skip
        os.close(side)
        os.write(main, b"y\n1\n")  # in this device alone; saved
        said = process.communicate(timeout=120)[0]
    os.close(main)
    assert (process.returncode, "waits for the carrier" in said) == (1, True)
    kept = json.loads((tmp_path / "answers.json").read_text("utf-8"))["answers"]
    assert (kept["risk.same_device"]["value"], kept["backup.saved"]["value"]) == (True, "saved")


@needs_clock
def test_a_lost_device_gets_a_statement_and_is_never_called_ready(config, papers, tmp_path):
    found = document(config, *papers, "--device-lost", "--yes-unbind", ICCID, exit_code=1)
    assert (found["state"], found["lost"], found["ready_to_cancel"]) == (
        "waiting_carrier_unbind", True, False,
    )  # fmt: skip
    statement = next((tmp_path / "state/unbind").glob("*/statement.txt")).read_text("utf-8")
    assert ICCID in statement
    assert "公章" in statement
    assert "company's seal" in statement
    found = document(config, "--resume", *account(tmp_path), exit_code=1)
    assert (found["state"], found["verdict"]) == ("waiting_carrier_unbind", "incomplete")
    gone = account(tmp_path, raw_code="9", raw_text="已销户", state="cancelled")
    assert document(config, "--resume", *gone, exit_code=0)["state"] == "cancelled"


@needs_clock
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_text_fits_80_columns_and_hides_the_card(config, papers, tmp_path, lang):
    done = [
        unbind(config, *papers, lang=lang),
        unbind(config, *papers, *yes(tmp_path), lang=lang),
        unbind(config, "--resume", *account(tmp_path), lang=lang),
        unbind(config, "--abort", lang=lang),
        unbind(config, *papers, *yes(tmp_path / "again"), lang=lang),
        unbind(config, "--resume", *account(tmp_path, raw_code="9", state="cancelled"), lang=lang),
    ]
    assert [each.returncode for each in done] == [0, 1, 0, 0, 0, 0]
    for text in (each.stdout for each in done):
        assert ICCID not in text
        shown = [line for line in text.splitlines() if str(tmp_path) not in line]
        assert [line for line in shown if width(line) > 80] == []


@needs_clock
def test_the_daemon_owns_modem_and_store_and_the_road_is_the_same(config, papers, tmp_path):
    state = tmp_path / "state"
    words = [*UNSHARE, *simward_command("--config", str(config), "run")]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
        try:
            wait_until((state / "control.sock").exists, daemon)
            found = document(config, *papers, *yes(tmp_path), exit_code=1)
            assert found["state"] == "waiting_carrier_unbind"
            assert daemon.poll() is None
        finally:
            end(daemon)


@needs_clock
def test_nothing_to_resume_is_refused(config):
    for option in ("--resume", "--abort"):
        assert unbind(config, option).returncode == 6


@needs_clock
def test_evidence_goes_to_the_backend_before_anything_is_cut(config, papers, tmp_path):
    """Over a real broker; without a backend that acknowledges, nothing goes on."""
    broker = Mosquitto(tmp_path)
    broker.start()
    try:
        with config.open("a", encoding="utf-8") as file:
            file.write(f'[broker]\nurl = "{broker.url}"\n')
        consumer = (
            "backend", "consume", "--broker", broker.url, "--db", str(tmp_path / "backend.db"),
        )  # fmt: skip
        with running(tmp_path, "backend", *consumer) as backend:
            wait_until((tmp_path / "backend.db").exists, backend)
            found = document(config, *papers, "--yes-unbind", ICCID, exit_code=1)
            assert found["state"] == "waiting_carrier_unbind"
            how = {name: each["handed_over"] for name, each in found["evidence"].items()}
            assert how == {"before_release": "acked", "closing": "acked"}
    finally:
        broker.stop()


@needs_clock
def test_personal_data_is_saved_on_the_way_and_opens_again(config, papers, tmp_path):
    (tmp_path / "secret").write_text("correct horse\n")
    (tmp_path / "secret").chmod(0o600)
    lock = ["--passphrase-file", str(tmp_path / "secret")]
    backup = ["--backup", str(tmp_path / "card.age"), *lock]
    found = document(config, *papers, *yes(tmp_path), *backup, exit_code=1)
    assert (found["state"], results(found)["back_up"]) == ("waiting_carrier_unbind", "done")
    words = simward_command("sim", "backup", str(tmp_path / "card.age"), "--open", *lock, "--json")
    opened = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(opened.stdout)["iccid"] == ICCID
    assert not (tmp_path / "card.age.part").exists()
