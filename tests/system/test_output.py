"""Where standard output or error cannot be written, or is closed: one clear line, no traceback."""

import subprocess

import pytest

from tests.system.programs import simward_command

pytestmark = pytest.mark.system

DECODE = ("sim", "decode", "EF.SPN", "00804E2D56FDFFFF")


def through_shell(redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = f'"$@" {redirection}'
    command = ["sh", "-c", script, "sh", *simward_command(*arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "arguments",
    [DECODE, (*DECODE, "--json"), ("--version",), ("schema", "report")],
    ids=["text", "json", "version", "schema"],
)
def test_a_full_disk_behind_standard_output_is_said_in_one_line(arguments):
    done = through_shell(">/dev/full", *arguments)
    words = "simward: standard output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, words)


@pytest.mark.parametrize("arguments", [DECODE, (*DECODE, "--json")], ids=["text", "json"])
def test_without_a_standard_output_the_exit_code_is_all(arguments):
    done = through_shell(">&-", *arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_standard_error_a_complaint_does_not_fall_into_the_output():
    done = through_shell("2>&-", "status", "--port", "/nonexistent", "--json")
    assert (done.returncode, done.stdout) == (3, "")


def test_a_reader_that_goes_away_is_no_error():
    command = simward_command("schema", "report")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.close()
        assert program.stderr is not None
        assert program.stderr.read() == b""
        assert program.wait(60) == 0
