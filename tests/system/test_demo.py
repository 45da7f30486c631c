"""The demo as a user starts it: it tells its story, ends by itself, and leaves nothing running."""

import os
import re
import signal
import subprocess

import pytest

from tests.system.programs import simward_command

pytestmark = pytest.mark.system


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.long),
        pytest.param(signal.SIGHUP, marks=pytest.mark.long),
    ],
)
def test_a_demo_that_is_ended_early_leaves_nothing_running(number) -> None:
    pytest.importorskip("amqtt", reason="the embedded broker is not installed")
    with subprocess.Popen(
        simward_command("demo", "--stay"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as demo:
        assert demo.stdout is not None
        next(line for line in demo.stdout if "gw-r4: modem" in line)
        demo.send_signal(number)
        out, err = demo.communicate(timeout=120)
    assert (demo.returncode, err) == (0, "")
    assert "all stopped; nothing is left running" in out
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


@pytest.mark.long
def test_the_demo_tells_its_story_to_the_end() -> None:
    pytest.importorskip("amqtt", reason="the embedded broker is not installed")
    done = subprocess.run(
        simward_command("demo"), capture_output=True, text=True, timeout=150, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "all stopped; nothing is left running" in lines
    counts = re.findall(
        r"sampled (\d+) times, (\d+) reports stored, none twice, 0 missing", done.stdout
    )
    assert len(counts) == 2
    refusals = [line for line in lines if "registration_denied" in line]
    assert "eps 8 EPS services and non-EPS services not allowed" in refusals[0]
