import sys

import pytest

from agent.errors import ConfigError
from agent.power_hook import (
    FAILED,
    KEPT_OUTPUT,
    NOT_STARTED,
    TOO_LONG,
    check_program,
    run_power_hook,
)

LONG_S = 60.0


def python(program: str) -> str:
    assert "'" not in program
    return f"{sys.executable} -c '{program}'"


def test_a_hook_that_works_says_what_it_said():
    result = run_power_hook(python('print("off"); print("on")'), LONG_S, {})
    assert result == (0, "off on", None)


def test_a_hook_that_fails_says_with_what():
    result = run_power_hook(python('import sys; sys.exit("no relay")'), LONG_S, {})
    assert result == (1, "no relay", FAILED)


def test_a_hook_that_is_no_program_is_said():
    result = run_power_hook("/nonexistent/relay off", LONG_S, {})
    assert (result.exit_code, result.reason) == (None, NOT_STARTED)


def test_no_shell_reads_the_command(tmp_path):
    result = run_power_hook(f"echo $HOME;touch {tmp_path}/x > {tmp_path}/y", LONG_S, {})
    assert result.output == f"$HOME;touch {tmp_path}/x > {tmp_path}/y"
    assert list(tmp_path.iterdir()) == []


def test_a_hook_knows_what_is_documented_and_nothing_else(monkeypatch):
    monkeypatch.setenv("SIMWARD_BROKER__USERNAME", "secret")
    told = {"SIMWARD_PORT": "/dev/ttyUSB2", "SIMWARD_SLOT": "1", "SIMWARD_REASON": "silent"}
    program = 'import os; print(*sorted(set(os.environ) - {"LC_CTYPE"}))'
    result = run_power_hook(python(program), LONG_S, told)
    assert result.output == "LANG PATH SIMWARD_PORT SIMWARD_REASON SIMWARD_SLOT"


def test_a_hook_that_hangs_is_ended_with_all_that_it_started():
    result = run_power_hook("sh -c 'echo started; sleep 300 & sleep 300'", 1.0, {})
    assert result == (None, "started", TOO_LONG)


def test_a_hook_that_will_not_end_is_killed():
    result = run_power_hook("sh -c 'trap \"\" TERM; echo deaf; sleep 300'", 1.0, {})
    assert result == (None, "deaf", TOO_LONG)


def test_what_a_hook_leaves_behind_is_not_waited_for():
    program = (
        'import subprocess, sys; print("done", flush=True); '
        'subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"],'
        " stdin=subprocess.PIPE)"
    )
    assert run_power_hook(python(program), LONG_S, {}) == (0, "done", None)


def test_a_hook_that_never_stops_talking_is_bounded():
    result = run_power_hook("yes relay", 0.5, {})
    assert result.reason == TOO_LONG
    assert 0 < len(result.output) <= KEPT_OUTPUT


def test_a_program_that_is_not_there_is_said_at_the_start():
    check_program("recovery.power_hook", None)
    check_program("recovery.power_hook", "sh -c true")
    with pytest.raises(ConfigError, match=r"recovery\.power_hook.*no-such-relay"):
        check_program("recovery.power_hook", "no-such-relay --off")
