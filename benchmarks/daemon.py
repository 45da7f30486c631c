"""What the daemon costs: memory after many samples, CPU share when idle. Takes about 75 seconds.

    .venv/bin/python benchmarks/daemon.py [--samples 200] [--idle 60]

Two daemons, each with a simulated modem, share a mosquitto and a backend that acknowledges (without
mosquitto they only record). One samples every 0.2 s, for the memory; the other reports once a
minute, and its CPU time is taken over whole minutes after its start.
"""

import argparse
import getpass
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rig import SIMWARD, environment, simulated_modem

BUSY_INTERVAL_S = 0.2
IDLE_INTERVAL_S = 60
SETTLED_S = 8.0
"""How long a daemon is left alone after its start before its idle time counts."""


@contextmanager
def running(command: list[str], errors: Path, **settings: str) -> Iterator[int]:
    """A program with its complaints in a file, ended with SIGTERM: its process id."""
    with errors.open("wb") as file:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=file, env=environment(**settings)
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def broker(stack: ExitStack, folder: Path) -> str | None:
    """A mosquitto and a backend behind it: the broker's URL; None where there is no mosquitto."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    conf = folder / "mosquitto.conf"
    lines = (
        f"user {getpass.getuser()}",  # as root it would become one who cannot read the folder
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "log_type none",
    )
    conf.write_text("\n".join(lines) + "\n")
    stack.enter_context(running([program, "-c", str(conf)], folder / "mosquitto.err"))
    url = f"mqtt://127.0.0.1:{port}"
    backend = [str(SIMWARD), "backend", "consume", "--broker", url, "--db", str(folder / "db")]
    stack.enter_context(running(backend, folder / "backend.err"))
    time.sleep(2)
    return url


def daemon(stack: ExitStack, folder: Path, interval_s: float, url: str | None) -> tuple[int, Path]:
    """A daemon with a modem of its own: its process id and its log."""
    folder.mkdir()
    port = stack.enter_context(simulated_modem(folder / "modem.log"))
    settings = {
        "HOME": str(folder),
        "SIMWARD_DEVICE__STATE_DIR": str(folder / "state"),
        "SIMWARD_MODEM__PORT": port,
        "SIMWARD_REPORT__INTERVAL_S": str(interval_s),
    }
    if url is not None:
        settings["SIMWARD_BROKER__URL"] = url
    log = folder / "daemon.err"
    command = [str(SIMWARD), "--log-level", "info", "run"]
    return stack.enter_context(running(command, log, **settings)), log


def samples(log: Path) -> int:
    """How many samples the daemon says it stored."""
    return sum("sample slot=" in line for line in log.read_text(errors="replace").splitlines())


def memory_mib(pid: int, field: str = "VmRSS") -> float:
    """`VmRSS` (now) or `VmHWM` (its peak) of a process, MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def cpu_s(pid: int) -> float:
    """CPU time of all its living threads, seconds (schedstat counts nanoseconds)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def memory_after(pid: int, log: Path, count: int) -> float:
    """RSS once the daemon has stored `count` samples; it has five times as long as it needs."""
    deadline = time.monotonic() + 5 * count * BUSY_INTERVAL_S
    while samples(log) < count:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {samples(log)} samples:\n{log.read_text()[-2000:]}")
        time.sleep(0.2)
    return memory_mib(pid)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--idle", type=int, default=IDLE_INTERVAL_S, help="seconds")
    args = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = broker(stack, folder)
        print("broker: mosquitto, with a backend" if url else "broker: none, the daemon records")
        idle, idle_log = daemon(stack, folder / "idle", IDLE_INTERVAL_S, url)
        time.sleep(SETTLED_S)
        before_s, before, began = cpu_s(idle), samples(idle_log), time.monotonic()
        with ExitStack() as shorter:
            busy, log = daemon(shorter, folder / "busy", BUSY_INTERVAL_S, url)
            early = args.samples // 4
            first, last = (memory_after(busy, log, count) for count in (early, args.samples))
            peak = memory_mib(busy, "VmHWM")
        print(f"memory: {first:.1f} MiB after {early} samples, {last:.1f} MiB after {args.samples}")
        print(f"        at most {peak:.1f} MiB")
        time.sleep(max(0.0, args.idle - (time.monotonic() - began)))
        used_s, elapsed_s = cpu_s(idle) - before_s, time.monotonic() - began
        print(f"idle:   {100 * used_s / elapsed_s:.3f} % of a core, {used_s * 1e3:.0f} ms of CPU")
        print(f"        in {elapsed_s:.0f} s with {samples(idle_log) - before} report(s) in them,")
        print(f"        {memory_mib(idle):.1f} MiB")


if __name__ == "__main__":
    main()
