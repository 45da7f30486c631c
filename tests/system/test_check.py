"""`simward check` as a technician meets it: at a terminal or not, alone or by the daemon."""

import json
import os
import pty
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.cli.table import width
from agent.unbind.gates import AFTER_CANCEL, GATES
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.gates_world import ACCOUNT, ANSWERS, ICCID, OTHER_ICCID
from tests.system.programs import running, simward_command, wait_until

pytestmark = pytest.mark.system

MOVING = ("taken_at", "gates", "deadlines")
ORDER = {
    "schema": "simward/order/1", "order_id": "W-1", "iccid": ICCID, "subject": "enterprise",
    "platform": "onelink", "channel": "account_manager",
}  # fmt: skip


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


@pytest.fixture
def papers(tmp_path) -> list[str]:
    fresh = {**ACCOUNT, "as_of": datetime.now(UTC).isoformat()}
    return [
        *paper(tmp_path, "order", ORDER),
        *paper(tmp_path, "account", fresh),
    ]


def paper(folder: Path, name: str, document: object) -> list[str]:
    file = folder / f"{name}.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return [f"--{name}", str(file)]


def answers(**changes: object) -> dict[str, object]:
    told = {**ANSWERS, **{name.replace("__", "."): value for name, value in changes.items()}}
    return {
        "schema": "simward/answers/1",
        "technician": "Li",
        "answers": {name: {"value": value, "note": None} for name, value in told.items()},
    }


def check(config: Path, *arguments: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = simward_command("--config", str(config), "--lang", lang, "check", *arguments)
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


def document(config: Path, *arguments: str) -> dict:
    done = check(config, "--json", *arguments)
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)


def results(found: dict) -> dict[str, str]:
    return {each["id"]: each["result"] for each in found["gates"]}


def test_the_document_of_the_contract(config, papers, tmp_path) -> None:
    found = document(config, *papers, *paper(tmp_path, "answers", answers()))
    assert (found["schema"], found["iccid"], found["order_id"]) == (
        "simward/check/1", ICCID, "W-1",
    )  # fmt: skip
    assert [each["id"] for each in found["gates"]] == [
        g.id for g in GATES if g.phase != AFTER_CANCEL
    ]
    for each in found["gates"]:
        assert set(each) >= {
            "id", "phase", "result", "source", "reason", "evidence", "taken_at", "advice",
        }  # fmt: skip
        assert set(each["advice"]) == {"zh", "en"}
        assert each["result"] != "pass" or each["evidence"]
    told = results(found)
    assert told["release_proved"] == "needs_human"
    assert (found["verdict"], found["ready_to_cancel"]) == ("incomplete", False)
    # By the clock of the machine that the test runs on.
    by_platform = "pass" if found["clock_synchronized"] else "unknown"
    for gate in ("card_state", "arrears", "auto_renew", "balance", "binding", "device_health"):
        assert told[gate] == by_platform, gate
    for gate in ("identity", "dependencies", "documents", "risk", "irreversibility", "backup"):
        assert told[gate] == "pass", gate


def test_without_a_terminal_and_without_papers_it_says_who_has_to_answer(config) -> None:
    told = results(document(config))
    assert told["identity"] == told["card_state"] == told["binding"] == "needs_backend"
    assert told["auto_renew"] == told["dependencies"] == told["risk"] == "needs_human"


def test_another_card_than_the_orders_is_shut(config, tmp_path) -> None:
    found = document(config, *paper(tmp_path, "order", {**ORDER, "iccid": OTHER_ICCID}))
    assert (results(found)["identity"], found["verdict"]) == ("fail", "blocked")


def test_an_imei_in_the_place_of_an_iccid_is_refused_with_these_words(config, tmp_path) -> None:
    order = paper(tmp_path, "order", {**ORDER, "iccid": "356938035643809"})
    done = check(config, *order)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "iccid: 15 digits: that is an IMEI" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("answers", "{", "not JSON"),
        ("answers", answers(backup__saved=True), "answers.backup.saved.value: none of the choices"),
        ("account", {**ACCOUNT, "as_of": "now"}, "as_of: no time with its zone"),
    ],
)
def test_a_file_that_cannot_be_used_is_exit_2_and_named(
    config, tmp_path, name, content, words
) -> None:
    done = check(config, *paper(tmp_path, name, content))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert words in done.stderr
    assert f"{name}.json" in done.stderr


def test_answers_that_are_not_there_are_exit_2_without_a_terminal(config, tmp_path) -> None:
    done = check(config, "--answers", str(tmp_path / "none.json"))
    assert (done.returncode, done.stdout) == (2, "")


def test_a_modem_that_is_away_is_exit_3_and_a_missing_card_exit_4(config, modem, papers) -> None:
    assert check(config, "--port", "/dev/nonexistent").returncode == 3
    modem.do(card="remove")
    done = check(config, "--json", *papers)
    assert done.returncode == 4
    told = results(json.loads(done.stdout))
    assert (told["identity"], told["device_health"]) == ("unknown", "fail")
    assert "pass" not in {told[gate] for gate in ("card_state", "backup", "binding")}


def test_questions_are_listed_and_their_answers_leave_none(config, papers, tmp_path) -> None:
    done = check(config, "--questions", "--json", *papers)
    listed = json.loads(done.stdout)["questions"]
    assert done.returncode == 0
    assert {each["id"] for each in listed} <= set(ANSWERS)
    again = check(config, "--questions", "--json", *papers, *paper(tmp_path, "answers", answers()))
    assert json.loads(again.stdout)["questions"] == []
    assert "dependencies.services" in check(config, "--questions", *papers).stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_text_fits_80_columns_and_hides_the_card(config, papers, lang) -> None:
    for arguments in ([*papers], [*papers, "--questions"]):
        lines = check(config, *arguments, lang=lang).stdout.splitlines()
        assert max(map(width, lines)) <= 80
        assert not any(ICCID in line for line in lines)
    assert ICCID in check(config, *papers, "--full", lang=lang).stdout


def test_a_calendar_file_is_written_without_the_cards_number(config, papers, tmp_path) -> None:
    file = tmp_path / "due.ics"
    check(config, *papers, "--ics", str(file))
    text = file.read_text("utf-8")
    assert text.startswith("BEGIN:VCALENDAR\n")
    assert "plan_expires" in text
    assert ICCID not in text
    assert check(config, *papers, "--ics", str(tmp_path)).returncode == 2


def test_the_daemon_gives_the_same_answer(config, papers, tmp_path) -> None:
    def told(found: dict) -> tuple[object, ...]:
        gates = [{**each, "taken_at": None} for each in found["gates"]]
        return gates, {name: found[name] for name in found if name not in MOVING}

    alone = told(document(config, *papers))
    with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
        log = tmp_path / "daemon.err"
        wait_until(lambda: log.exists() and "sample slot=1" in log.read_text("utf-8"), daemon)
        assert told(document(config, *papers)) == alone


class Terminal:
    """`simward check` at a terminal: its questions come on it, its text goes to a file."""

    def __init__(self, folder: Path, config: Path, *arguments: str) -> None:
        self._own, theirs = pty.openpty()
        self.out = folder / "check.out"
        command = simward_command("--config", str(config), "check", *arguments)
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(command, stdin=theirs, stdout=out, stderr=theirs)
        os.close(theirs)
        self.shown = ""

    def until(self, words: str) -> None:
        """Read until it says this; what was read before is gone."""
        while words not in self.shown:
            self.shown += os.read(self._own, 4096).decode(errors="replace")
        self.shown = self.shown.partition(words)[2]

    def type(self, line: str) -> None:
        os.write(self._own, f"{line}\n".encode())

    def end(self) -> int:
        code = self.process.wait(60)
        os.close(self._own)
        return code


def test_at_a_terminal_each_question_is_asked_and_kept_as_it_is_answered(
    config, papers, tmp_path
) -> None:
    file = tmp_path / "answers.json"
    terminal = Terminal(tmp_path, config, *papers, "--answers", str(file))
    terminal.until("Your name: ")
    terminal.type("Li")
    terminal.until("needed no more?")
    terminal.until("Why: ")
    terminal.until("(y/n): ")
    terminal.type("perhaps")
    terminal.until("(y/n): ")
    terminal.type("")
    terminal.until("(y/n): ")
    terminal.type("?")
    terminal.until("Not sure: ")
    terminal.until("(y/n): ")
    terminal.type("y")
    terminal.until("(y/n): ")
    kept = json.loads(file.read_text("utf-8"))
    assert (kept["technician"], kept["iccid"], kept["order_id"]) == ("Li", ICCID, "W-1")
    assert kept["answers"]["dependencies.services"]["value"] is True
    terminal.process.kill()
    terminal.end()
    # Another day: it goes on where it stood.
    terminal = Terminal(tmp_path, config, *papers, "--answers", str(file))
    terminal.until("this card's number go elsewhere")
    terminal.until("(y/n): ")
    terminal.type("b")  # nothing was asked before in this session: it is asked again
    terminal.until("(y/n): ")
    terminal.type("n")
    terminal.until("(y/n): ")
    terminal.type("b")
    terminal.until("this card's number go elsewhere")
    terminal.until("(y/n): ")
    terminal.type("y")
    terminal.until("(y/n): ")
    terminal.type("s")
    terminal.until("(y/n): ")
    terminal.type("q")
    assert terminal.end() == 1
    told = json.loads(file.read_text("utf-8"))["answers"]
    assert {name: each["value"] for name, each in told.items()} == {
        "dependencies.services": True,
        "dependencies.codes": True,
    }
    assert "Before the release" in terminal.out.read_text("utf-8")


def test_answers_of_another_card_are_not_touched_at_a_terminal(config, papers, tmp_path) -> None:
    other = paper(tmp_path, "answers", {**answers(), "iccid": OTHER_ICCID})
    before = (tmp_path / "answers.json").read_text("utf-8")
    terminal = Terminal(tmp_path, config, *papers, *other)
    terminal.until("of another card or order")
    assert terminal.end() == 1
    assert (tmp_path / "answers.json").read_text("utf-8") == before
