"""What the benchmarks share: where things are, a clean environment, simulated modems."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
SIMWARD = ROOT / ".venv" / "bin" / "simward"
PYTHON = ROOT / ".venv" / "bin" / "python"

# Set by containers and by developers; without byte code each start compiles everything anew.
_SLOWING = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"})


def environment(**more: str) -> dict[str, str]:
    """The environment of a measured program: none of ours that slows it down or configures it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _SLOWING and not name.startswith("SIMWARD_")
    }
    return {**kept, **more}


@contextmanager
def simulated_modem(log: Path, *, latency_ms: int = 0, card: str = "usim_test") -> Iterator[str]:
    """An EC25 with a card, on a pty: its port. Each command it is asked is a line in `log`."""
    command = [
        str(SIMWARD), "fixture", "simulate", "--modem", "quectel_ec25", "--card", card,
        "--pty", "--latency", str(latency_ms), "--log", str(log),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("port:").strip()
    finally:
        process.terminate()
        process.wait(10)
