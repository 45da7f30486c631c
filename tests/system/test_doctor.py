"""`simward doctor` as a technician meets it: on this machine, beside a daemon, as anybody."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from agent.cli.table import width
from agent.doctor.finding import FAIL, NOT_APPLICABLE, OK, UNKNOWN, WARN, WORST_FIRST
from agent.doctor.table import CHECKS, GROUPS
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.system.broker import mosquitto
from tests.system.programs import running, simward_command, wait_until

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def doctor(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    command = simward_command("doctor", *arguments)
    options.setdefault("env", {**os.environ, "HOME": "/nonexistent"})
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT, **options
    )


def document(*arguments: str, **options):
    done = doctor("--json", *arguments, **options)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert done.returncode == (1 if found["state"] == FAIL else 0)
    return found


def states(found) -> dict[str, str]:
    return {check["id"]: check["state"] for check in found["checks"]}


def test_on_any_machine_every_check_answers_in_both_languages():
    found = document()
    assert found["schema"] == "simward/doctor/1"
    assert [check["id"] for check in found["checks"]] == [check.id for check in CHECKS]
    assert sum(found["counts"].values()) == len(CHECKS)
    for check in found["checks"]:
        assert check["group"] in GROUPS
        assert check["state"] in WORST_FIRST
        assert "fault of simward" not in check["found"]["en"]
        for text in (check["title"], check["found"], check["do"] or {"zh": "-", "en": "-"}):
            assert set(text) == {"zh", "en"}
            assert all(text.values())
        assert (check["do"] is not None) or check["state"] not in {FAIL, WARN}
        for seen in check["evidence"]:
            assert set(seen) == {"source", "value"}


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "In order ("), ("zh", "正常（")], ids=["en", "zh"]
)
@pytest.mark.parametrize("more", [[], ["--evidence"]], ids=["short", "evidence"])
def test_the_text_fits_80_columns_in_either_language(lang, words, more):
    command = [sys.executable, "-c", "from agent.cli import main; main()", "doctor", *more]
    env = {**os.environ, "HOME": "/nonexistent", "SIMWARD_LANG": lang}
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
    )
    assert done.stderr == ""
    assert words in done.stdout
    wide = [line for line in done.stdout.splitlines() if width(line) > 80]
    # A long name (of a file, of the kernel) is not broken: people copy it.
    assert [line for line in wide if len(line.split()) > 2] == []


def test_a_configuration_that_is_wrong_is_a_finding_and_no_end(tmp_path):
    config = tmp_path / "simward.toml"
    config.write_text("[broker]\nurl = 5\n")
    found = document("--config", str(config))
    assert states(found)["config"] == FAIL
    assert states(found)["broker_tcp"] == UNKNOWN
    assert f"{config}:2" in found["checks"][0]["found"]["en"]


def test_a_configuration_that_does_not_exist_is_wrong_usage(tmp_path):
    done = doctor("--config", str(tmp_path / "missing.toml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


# Python itself may be where nobody can read it: all is imported before root becomes nobody.
AS_NOBODY = f"""
import os, sys
from agent.cli import main
out = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
main(["doctor", *sys.argv[1:]])
main(["doctor", "--json", *sys.argv[1:]])
os.dup2(out, 1)
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
sys.exit(main(["doctor", "--json", *sys.argv[1:]]))
"""


def by_nobody(config: Path):
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, "--config", str(config)],
        env={**os.environ, "HOME": "/nonexistent", "SIMWARD_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.fixture
def open_folder():
    """A folder that everybody may enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_who_may_nothing_is_told_what_could_not_be_read_and_as_whom(open_folder):
    state = open_folder / "state"
    state.mkdir(mode=0o700)
    (state / "simward.db").write_text("not for everybody")
    config = open_folder / "simward.toml"
    config.write_text(f'device.state_dir = "{state}"\n[[modem]]\nport = "/dev/no-such-tty"\n')
    found = by_nobody(config)
    assert [c for c in found["checks"] if "fault of simward" in c["found"]["en"]] == []
    (outbox,) = [c for c in found["checks"] if c["id"] == "outbox"]
    words = f"{state}/simward.db cannot be read as nobody: Permission denied"
    assert (outbox["state"], outbox["found"]["en"]) == (UNKNOWN, words)
    config.chmod(0o600)
    found = by_nobody(config)
    assert states(found)["config"] == FAIL
    assert "Permission denied" in found["checks"][0]["found"]["en"]


def test_a_file_that_never_answers_is_said_and_keeps_nobody(tmp_path):
    never = tmp_path / "gw.pem"
    os.mkfifo(never)  # whoever opens it waits for somebody who writes
    found = document(env={**os.environ, "SIMWARD_BROKER__CERT": str(never)})
    stuck = {c["id"]: c["found"] for c in found["checks"] if "no answer in" in c["found"]["en"]}
    assert set(stuck) == {"certificate", "key_pair"}
    assert stuck["certificate"] == {"en": "no answer in 10 s", "zh": "10 秒内没有结果"}


@pytest.fixture
def full_disk(tmp_path):
    """A file system of 1 MiB with nothing free."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount")
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount")
    (place / "filler").write_bytes(bytes(1 << 20))
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_a_fault_and_memory_no_disk(full_disk):
    found = states(document(env={**os.environ, "SIMWARD_DEVICE__STATE_DIR": str(full_disk)}))
    assert found["disk_space"] == FAIL
    assert found["mount"] == WARN


def logged(folder: Path, words: str) -> bool:
    log = folder / "daemon.err"
    return log.exists() and words in log.read_text(encoding="utf-8")


def test_beside_a_daemon_all_of_it_works_and_nothing_is_disturbed(tmp_path):
    with mosquitto(tmp_path) as broker, serve_tcp(SimulatedModem.load("quectel_ec25")) as port:
        config = tmp_path / "simward.toml"
        config.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\nbroker.url = "{broker.url}"\n'
            f'[[modem]]\nport = "{port.url}"\n'
        )
        with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
            wait_until(lambda: logged(tmp_path, "sample slot=1"), daemon)
            wait_until(lambda: logged(tmp_path, "broker connected"), daemon)
            found = document("--config", str(config))
            assert daemon.poll() is None
        lines = (tmp_path / "daemon.err").read_text(encoding="utf-8").splitlines()
    seen = states(found)
    expected = {
        "config": OK,
        "daemon": OK,
        "last_report": OK,
        "outbox": OK,
        "state_dir": OK,
        "broker_tcp": OK,
        "broker_login": OK,
        "last_ack": WARN,  # nobody acknowledges here
        "modem_port": NOT_APPLICABLE,
    }
    assert {name: seen[name] for name in expected} == expected
    assert len([line for line in lines if "broker connected" in line]) == 1
    troubles = [line for line in lines if "broker reason" in line]
    assert [line for line in troubles if "nobody is subscribed" not in line] == []
