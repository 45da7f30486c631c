"""A card's identity and all of its files: commands and time, in a reader and through a modem.

    .venv/bin/python benchmarks/card.py [--runs 5] [--latency 20] [--card FILE] [--pysim FOLDER]

One simulated card behind a pcscd of our own, and in a simulated EC25 on a pty. pySim-read reads the
same card in the same run where FOLDER is a checkout of pySim (it is not on PyPI). Needs pyscard,
and Debian's pcscd and vsmartcard-vpcd; README.md says what is measured, and holds results.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from peers.install import PYTHON as PEERS
from peers.install import install_for_pysim
from rig import HERE, ROOT, SIMWARD, environment, simulated_modem

sys.path.insert(0, str(ROOT))

from modem.card_access import CsimTransport
from modem.engine import Engine
from modem.transport.serial_port import open_stream
from sim.identity import read_identity
from sim.transport.pcsc import PcscTransport
from tests.system.pcscd import Pcscd

TIMEOUT_S = 300.0


class Row(NamedTuple):
    """A program, or a call of ours: what a run does, and what it took each time."""

    name: str
    run: Callable[[], str]
    ms: list[float]
    cpu_ms: list[float]
    commands: list[int]
    failures: list[str]


def program(*command: object, folder: Path = ROOT) -> Callable[[], str]:
    """Runs it; why it failed, or nothing."""

    def run() -> str:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder, env=environment(), capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        lines = (done.stderr or done.stdout).strip().splitlines()
        return "" if done.returncode == 0 else f"exit {done.returncode}: {lines[-1:]}"

    return run


def identity_in_reader(reader: str) -> str:
    """ICCID, IMSI, AD, SPN and PIN state, as `simward status --reader` begins."""
    with closing(PcscTransport(reader)) as transport:
        who = read_identity(transport)
    return "" if who.imsi.known else "no IMSI"


def identity_in_modem(port: str) -> str:
    """The same by AT+CSIM."""
    engine = Engine(open_stream(port))
    try:
        who = read_identity(CsimTransport(engine))
    finally:
        engine.close()
    return "" if who.imsi.known else "no IMSI"


@contextmanager
def card_in_reader(pcscd: Pcscd, card: str, log: Path) -> Iterator[str]:
    """The card in the first reader: the reader's name. Each command it is asked is a line."""
    place = f"127.0.0.1:{pcscd.ports[0]}"
    command = [SIMWARD, "fixture", "simulate", "--card", card, "--vpcd", place, "--log", log]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        assert process.stdout is not None
        process.stdout.readline()
        pcscd.wait_for("present")
        yield pcscd.name(0)
    finally:
        process.terminate()
        process.wait(10)


def rows(
    where: list[str], identity: Callable[[], str], pysim: Path | None, *more: str
) -> list[Row]:
    """What is measured at one place; `where` names it to simward, `more` to pySim-read."""
    runs = {
        "simward: identity, in process": identity,
        "simward status (in a modem: --only sim)": program(
            SIMWARD, "status", "--json", *where, *_only(where)
        ),
        "simward sim read": program(SIMWARD, "sim", "read", "--json", *where),
        "simward sim read --all": program(SIMWARD, "sim", "read", "--all", "--json", *where),
    }
    if pysim is not None:
        runs["pySim-read"] = program(PEERS, "pySim-read.py", *more, folder=pysim)
    return [Row(name, run, [], [], [], []) for name, run in runs.items()]


def _only(where: list[str]) -> list[str]:
    return ["--only", "sim"] if where[0] == "--port" else []


def measure(found: list[Row], log: Path, runs: int) -> None:
    """All in turn, `runs` times; a first round does not count."""
    for turn in range(runs + 1):
        for row in found:
            before = _lines(log)
            started, cpu = time.perf_counter(), _cpu_s()
            failure = row.run()
            elapsed, cpu = time.perf_counter() - started, _cpu_s() - cpu
            if turn:
                row.ms.append(elapsed * 1e3)
                row.cpu_ms.append(cpu * 1e3)
                row.commands.append(_lines(log) - before)
                if failure:
                    row.failures.append(failure)


def _cpu_s() -> float:
    """Of this process, and of the programs that it has waited for: of the cards, not yet."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _lines(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


def _range(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f}-{max(values):.0f})"


def show(title: str, found: list[Row]) -> None:
    """A table in Markdown."""
    print(f"\n| {title} | commands | ms | CPU ms |\n|---|---|---|---|")
    for row in found:
        ms, cpu = _range(row.ms), _range(row.cpu_ms)
        said = f" {row.failures[0]}" if row.failures else ""
        print(
            f"| {row.name} | {statistics.median(row.commands):.0f} | {ms} | {cpu} |{said}",
            flush=True,
        )


def main() -> None:
    """Print the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--latency", type=int, default=20)
    parser.add_argument("--card", default=str(HERE / "card.toml"))
    parser.add_argument("--pysim", type=Path, help="a checkout of pySim")
    args = parser.parse_args()
    if args.pysim is not None:
        install_for_pysim()
    with tempfile.TemporaryDirectory() as folder:
        pcscd = Pcscd(Path(folder))
        os.environ["PCSCLITE_CSOCK_NAME"] = str(pcscd.socket)
        pcscd.start()
        log = Path(folder) / "card.log"
        try:
            with card_in_reader(pcscd, args.card, log) as reader:
                where = ["--reader", reader]
                found = rows(where, lambda: identity_in_reader(reader), args.pysim, "-p", "0")
                measure(found, log, args.runs)
        finally:
            pcscd.stop()
        show("in a reader (pcscd)", found)
        log = Path(folder) / "modem.log"
        with simulated_modem(log, latency_ms=args.latency, card=args.card) as port:
            where, device = ["--port", port], ("--modem-device", port)
            found = rows(where, lambda: identity_in_modem(port), args.pysim, *device)
            measure(found, log, args.runs)
        show(f"in a modem, {args.latency} ms a command", found)


if __name__ == "__main__":
    main()
