"""The demo as a user starts it: it tells its story, ends by itself, and leaves nothing running."""

import re
import subprocess

import pytest

from tests.system.programs import simward_command

pytestmark = [pytest.mark.system, pytest.mark.long]


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
