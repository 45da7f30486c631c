import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_pty, serve_tcp

ROOT = Path(__file__).parents[2]
WITHOUT_SITE = [sysconfig.get_path("purelib"), str(ROOT)]

# What the first second of a technician's life does not need. Each costs 20 to 300 ms to import.
HEAVY = (
    "pydantic",
    "rich",
    "cryptography",
    "openpyxl",
    "paho",
    "sqlite3",
    "asyncio",
    "typer",
    "click",
    "amqtt",
    "psycopg",
)
# What the shortest ways do not even need of the standard library: 2 to 12 ms each. `ctypes` is not
# among them for `status`: without systemd-timesyncd the kernel alone knows whether the clock is
# right, and Python has no other way to ask it.
SLOW = (
    "dataclasses",
    "inspect",
    "pathlib",
    "urllib",
    "ipaddress",
    "stringprep",  # the IDNA codec
    "logging",
    "subprocess",
    "threading",
    "shutil",
    "importlib.resources",
)
# For `--version` they would be most of the time.
VERSION = (*SLOW, "ctypes", "argparse", "json", "datetime", "typing", "re", "socket")
PROGRAM = """
import sys
sys.path += {path!r}
from agent.cli import main
code = main(sys.argv[1:])
heavy = set({heavy!r}) & set(sys.modules)
print("exit", code, "heavy", *sorted(heavy), file=sys.stderr)
"""


def imported_by(*argv: str, avoided: tuple[str, ...] = HEAVY) -> str:
    result = subprocess.run(
        # -S: what `site` imports (an installer's .pth files) is no choice of ours.
        [sys.executable, "-S", "-c", PROGRAM.format(heavy=avoided, path=WITHOUT_SITE), *argv],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        pytest.param(["--version"], 0, id="--version"),
        pytest.param(["--help"], 0, id="--help"),
        pytest.param(["doctor", "--help"], 0, id="doctor --help"),
        pytest.param(["sim", "decode", "EF.PL", "FFFF"], 0, id="sim decode"),
        pytest.param(["status", "--port", "/dev/no-such-tty"], 3, id="status, no such port"),
    ],
)
def test_quick_commands_import_nothing_heavy(argv, code):
    assert imported_by(*argv) == f"exit {code} heavy"


def test_the_version_is_told_by_next_to_nothing():
    assert imported_by("--version", avoided=(*HEAVY, *VERSION)) == "exit 0 heavy"


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize(
    "parts", [[], ["--only", "modem,sim,registration,signal"]], ids=["all", "four"]
)
@pytest.mark.parametrize("serve", [serve_tcp, serve_pty], ids=["tcp", "pty"])
def test_status_of_a_modem_without_a_configuration_imports_nothing_heavy(serve, parts, form):
    with serve(SimulatedModem.load("quectel_ec25", "usim_test")) as port:
        found = imported_by("status", "--port", port.url, *parts, *form, avoided=(*HEAVY, *SLOW))
        assert found == "exit 0 heavy"
