"""The demo as a user starts it: it tells its story, ends by itself, and leaves nothing running."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.system.programs import simward_command

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]


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


def told(lang: str) -> str:
    """What the demo prints from its beginning to its end."""
    pytest.importorskip("amqtt", reason="the embedded broker is not installed")
    done = subprocess.run(
        simward_command("--lang", lang, "demo"),
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def bare(line: str) -> str:
    """A line without its time, and with every number the same: they differ from run to run."""
    return re.sub(r"[0-9]+", "0", re.sub(r"^ *[0-9.]+ s  (\$ )?", "", line))


def shown(page: str) -> list[str]:
    """The lines of the demo on a page: the demo itself, and the commands of its last act."""
    blocks = re.findall(r"(?s)```console\n\$ (?:\./demo[^\n]*\n|(?=simward check ))(.*?)```", page)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.strip() != "..."]


@pytest.mark.parametrize(
    ("lang", "page"),
    [("en", "README.md"), pytest.param("zh", "README.zh.md", marks=pytest.mark.long)],
)
def test_the_demo_tells_its_story_as_the_readme_shows_it(lang, page) -> None:
    text = told(lang)
    lines = [bare(line) for line in text.splitlines()]
    in_readme = shown((ROOT / page).read_text("utf-8"))
    assert len(in_readme) > 20
    for each in in_readme:
        pattern = ".*".join(map(re.escape, bare(each).split("...")))
        assert any(re.fullmatch(pattern, line) for line in lines), each
    if lang == "en":
        the_story_is_whole(text)


def the_story_is_whole(text: str) -> None:
    assert text.splitlines()[-1] == "all stopped; nothing is left running"
    counts = re.findall(r"sampled (\d+) times, \1 reports stored, none twice, 0 missing", text)
    assert len(counts) == 2
    assert "registration_denied  eps 8 EPS services and non-EPS services not allowed" in text
    order = [
        "$ simward check", "Ready to release  yes", "Dry run", "--yes-unbind 89001010000000000018",
        "evidence {n}  before release", "taken down", "evidence {n}  closing record",
        "waits for the carrier", "ready for the carrier's work order", "registration_denied",
        "ended, says the platform", "Confirmed: the platform says so", "data            works ->",
        "Verified: unchanged since it was signed",
    ]  # fmt: skip
    shape = ".*".join(re.escape(each).replace(r"\{n\}", r"\d+") for each in order)
    assert re.search(f"(?s){shape}", text)
    # The command's own word names the card; nothing else does.
    assert len(re.findall("89001010000000000018", text)) == 1
