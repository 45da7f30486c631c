"""simward beside its peers, on one simulated modem: wall time, in-process time, commands.

    .venv/bin/python benchmarks/compare.py [--runs 9] [--latency 0 20 100]

benchmarks/README.md says what is measured, and holds results.
"""

import argparse
import re
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from peers.install import PYTHON as PEERS
from peers.install import install
from rig import HERE, PYTHON, SIMWARD, environment, simulated_modem

PARTS = "modem,sim,registration,signal"
FIRST = re.compile(r"in_process_ms ([0-9.]+)")
AGAIN = re.compile(r"again_ms ([0-9.]+)")


@dataclass
class Result:
    """What the runs of one program gave; `again_ms` is a second read in the same process."""

    wall_ms: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    again_ms: list[float] = field(default_factory=list)
    commands: list[int] = field(default_factory=list)
    failure: str = ""


def programs(port: str, workdir: Path) -> dict[str, list[str]]:
    """Name to command line; a peer that is not installed is left out."""
    gammurc = workdir / "gammurc"
    gammurc.write_text(f"[gammu]\ndevice = {port}\nconnection = at115200\n")
    peer = str(PEERS)
    status = [str(SIMWARD), "--json", "status", "--port", port]
    found = {
        "bare interpreter": [str(PYTHON), "-c", "pass"],
        "simward --version": [str(SIMWARD), "--version"],
        "simward status --only": [*status, "--only", PARTS],
        "simward in process": [str(PYTHON), str(HERE / "in_process.py"), port],
        "atlib 0.6.0": [peer, str(HERE / "peers" / "with_atlib.py"), port],
        "python-gsmmodem-new 0.13": [peer, str(HERE / "peers" / "with_gsmmodem.py"), port],
    }
    if Path("/usr/bin/gammu").exists():
        batch = str(HERE / "peers" / "gammu.batch")
        gammu = ["/usr/bin/gammu", "-c", str(gammurc), "batch", batch]
        found["gammu (no ICCID, no signal)"] = gammu
    found["simward status (all)"] = status
    return found


def measure(command: list[str], log: Path, result: Result) -> None:
    """One run, added to `result`."""
    before = count_commands(log)
    started = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=environment()
    )
    result.wall_ms.append((time.perf_counter() - started) * 1e3)
    reads = 1
    if first := FIRST.search(done.stdout):
        result.first_ms.append(float(first.group(1)))
    if again := AGAIN.search(done.stdout):
        result.again_ms.append(float(again.group(1)))
        reads = 2
    result.commands.append((count_commands(log) - before) // reads)
    if done.returncode != 0:
        result.failure = f"exit {done.returncode}: {done.stderr.strip().splitlines()[-1:]}"


def count_commands(log: Path) -> int:
    """How many commands the simulated modem says it was asked."""
    return len(log.read_text().splitlines()) if log.exists() else 0


def median(values: list[float]) -> str:
    """The median with minimum and maximum, or a dash."""
    if not values:
        return "-"
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def compare(latency_ms: int, runs: int) -> dict[str, Result]:
    """All programs in turn, `runs` times, on one modem with `latency_ms` a command."""
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory() as folder:
        workdir = Path(folder)
        log = workdir / "modem.log"
        with simulated_modem(log, latency_ms=latency_ms) as port:
            # A first round that does not count: byte code is written, files are read into memory.
            for turn in range(runs + 1):
                for name, command in programs(port, workdir).items():
                    into = results.setdefault(name, Result()) if turn else Result()
                    measure(command, log, into)
    return results


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--latency", type=int, nargs="*", default=[0, 20, 100])
    args = parser.parse_args()
    install()
    for latency_ms in args.latency:
        print(f"\n{latency_ms} ms a command, {args.runs} runs: median (min-max)")
        heads = ("wall ms", "in process ms", "again ms")
        print(f"{'program':28} {heads[0]:>22} {heads[1]:>22} {heads[2]:>20} {'commands':>9}")
        for name, result in compare(latency_ms, args.runs).items():
            times = (result.wall_ms, result.first_ms, result.again_ms)
            wall, first, again = (median(values) for values in times)
            commands = statistics.median(result.commands)
            row = f"{name:28} {wall:>22} {first:>22} {again:>20} {commands:9.0f}"
            print(f"{row} {result.failure}")


if __name__ == "__main__":
    main()
