"""The pytest plugin from outside the project: the examples of the documentation, as they stand."""

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "simulators.md"

pytestmark = pytest.mark.system


def examples() -> str:
    blocks = re.findall(r"^```python\n(.*?)^```", DOCS.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks
    return "\n".join(blocks)


def run_pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *options]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=200
    )


def test_the_examples_of_the_documentation_pass_in_a_project_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "test_examples.py").write_text(examples())
    done = run_pytest(tmp_path, "-p", "modem.simulator.pytest_plugin")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{examples().count('def test_')} passed" in done.stdout


def test_pytest_finds_the_plugin_by_itself_where_simward_is_installed(tmp_path: Path) -> None:
    if not entry_points(group="pytest11", name="modem.simulator.pytest_plugin"):
        pytest.skip("simward is not installed with its entry points here")
    (tmp_path / "test_one.py").write_text(
        "def test_one(simulated_modem):\n    assert simulated_modem('generic_3gpp').url\n"
    )
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_plugin_imports_nothing_that_slows_down_other_projects() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import modem.simulator.pytest_plugin;"
        "print(sorted(m for m in set(sys.modules) - before if not m.startswith('modem')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
