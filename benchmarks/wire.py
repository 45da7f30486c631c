"""How near the wire's own limit programs come, on a pseudo terminal paced like a serial line.

    .venv/bin/python benchmarks/wire.py [--runs 5] [--baud 9600 115200] [--latency 0]

The limit: all bytes of both directions at ten bits each, echoes left out (they come while the
command is still being typed), and the modem's own latency for each command. The time is taken at
the simulated modem, from the first byte that comes in to the last that leaves: what a program does
before and after is not in it. The share is limit by time. A bare loop that asks what
`simward status` asks, and reads nothing out of it, shows what this machine gives at that moment.
benchmarks/README.md holds results.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from compare import programs
from peers.install import install
from rig import HERE, PYTHON, ROOT, environment

sys.path.insert(0, str(ROOT))

from modem.simulator.device import Device
from modem.simulator.faults import Latency, Wrapper
from modem.simulator.modem import SimulatedModem
from modem.simulator.pacing import BITS_PER_BYTE, Paced
from modem.simulator.ports import serve_pty


class Meter(Wrapper):
    """Counts what passes between a port and a device, and when."""

    def __init__(self, device: Device, modem: SimulatedModem) -> None:
        super().__init__(device)
        self._modem = modem
        self.sent = self.received = self.echoed = 0
        self.first_at: float | None = None
        self.last_at = 0.0

    def receive(self, data: bytes, now: float) -> None:
        """What the program wrote."""
        self.first_at = now if self.first_at is None else self.first_at
        self.received += len(data)
        if self._modem.state.settings.echo:
            self.echoed += len(data.replace(b"\n", b""))
        self.device.receive(data, now)

    def poll(self, now: float) -> bytes:
        """What the modem says."""
        data = self.device.poll(now)
        if data:
            self.sent += len(data)
            self.last_at = now
        return data


@dataclass
class Result:
    """What the runs of one program gave."""

    times_s: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    commands: list[int] = field(default_factory=list)
    bytes_: list[int] = field(default_factory=list)
    failure: str = ""


BARE = "bare loop, commands of (all)"
ALL = "simward status (all)"


def command_line(name: str, port: str, workdir: Path) -> list[str]:
    """How the program is started."""
    if name == BARE:
        return [str(PYTHON), str(HERE / "peers" / "bare.py"), port, str(workdir / "commands")]
    return programs(port, workdir)[name]


def ask_for_commands(workdir: Path) -> None:
    """Let `simward status` ask once without any pacing; what it asked is for the bare loop."""
    modem = SimulatedModem.load("quectel_ec25", "usim_test")
    with serve_pty(modem) as port:
        command = programs(port.path, workdir)[ALL]
        subprocess.run(command, capture_output=True, timeout=60, check=True, env=environment())
    asked = [command for _, command in modem.log]
    (workdir / "commands").write_text("".join(f"{command}\n" for command in asked))


def measure(name: str, workdir: Path, baud: int, latency_s: float, into: Result) -> None:
    """One run of one program on a fresh modem."""
    modem = SimulatedModem.load("quectel_ec25", "usim_test")
    line: Device = Latency(modem, latency_s) if latency_s else modem
    meter = Meter(Paced(line, baud), modem)
    with serve_pty(meter) as port:
        command = command_line(name, port.path, workdir)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=300, check=False, env=environment()
        )
    if done.returncode != 0:
        into.failure = f"exit {done.returncode}"
    if meter.first_at is None:
        return
    passed = meter.received + meter.sent - meter.echoed
    limit_s = passed * BITS_PER_BYTE / baud + len(modem.log) * latency_s
    time_s = meter.last_at - meter.first_at
    into.times_s.append(time_s)
    into.shares.append(100 * limit_s / time_s)
    into.commands.append(len(modem.log))
    into.bytes_.append(passed)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--baud", type=int, nargs="*", default=[9600, 115200])
    parser.add_argument("--latency", type=int, default=0, help="ms a command")
    parser.add_argument("--only", default="", help="programs whose name has this in it")
    args = parser.parse_args()
    install()
    with tempfile.TemporaryDirectory() as folder:
        workdir = Path(folder)
        names = [
            name
            for name in [*programs("", workdir), BARE]
            if name not in {"bare interpreter", "simward --version"} and args.only in name
        ]
        ask_for_commands(workdir)
        for baud in args.baud:
            print(f"\n{baud} baud, {args.latency} ms a command, {args.runs} runs: median (min-max)")
            print(f"{'program':32} {'share %':>22} {'time ms':>28} {'bytes':>7} {'commands':>9}")
            results = {name: Result() for name in names}
            for _ in range(args.runs):
                for name in names:
                    measure(name, workdir, baud, args.latency / 1000, results[name])
            for name, result in results.items():
                print(row(name, result))


def row(name: str, result: Result) -> str:
    """A line of the table."""
    if not result.times_s:
        return f"{name:32} {result.failure}"
    times = [1000 * time_s for time_s in result.times_s]
    share, time_ms = spread(result.shares), spread(times)
    size, commands = statistics.median(result.bytes_), statistics.median(result.commands)
    return f"{name:32} {share:>22} {time_ms:>28} {size:7.0f} {commands:9.0f} {result.failure}"


def spread(values: list[float]) -> str:
    """The median with minimum and maximum."""
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"\n{time.monotonic() - started:.0f} s")
