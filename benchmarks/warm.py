"""oFono and ModemManager as daemons that run already: the time to the same facts, and commands.

    .venv/bin/python benchmarks/warm.py [--runs 3] [--latency 0 20 100] [--baud 9600 115200]

The clock starts when the daemon is told of the modem, and stops when identity, ICCID, IMSI,
registration, operator and signal can be read on D-Bus. Each run has a fresh simulated EC25, and a
bus and a daemon of its own. Needs root and Debian's packages; benchmarks/README.md holds results.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peers.install import install
from rig import ROOT

sys.path.insert(0, str(ROOT))

from jeepney import DBusAddress

from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.device_trees import EC25
from tests.system.modem_manager import MM, OBJECTS, Stage
from tests.system.private_bus import DBusRefusedError, PrivateBus, plain

TTY = "ttyUSB2"
PATIENCE_S = 120.0
_REGISTERED = 8
"""MM_MODEM_STATE_REGISTERED."""


def until(happened: Callable[[], bool]) -> None:
    """Look every 5 ms.

    Raises:
        TimeoutError: nothing for two minutes.
    """
    end = time.monotonic() + PATIENCE_S
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.005)


def with_ofono(latency_s: float, baud: int, folder: Path) -> tuple[float, int]:
    """Milliseconds and commands of oFono, from Powered to a registered modem with its facts."""
    modem = SimulatedModem.load("quectel_ec25", "usim_test")
    with serve_tcp(modem, latency_s=latency_s, baud=baud) as port, PrivateBus(folder) as bus:
        config = folder / "phonesim.conf"
        config.write_text(f"[phonesim]\nAddress={port.host}\nPort={port.number}\n")
        script = 'mount -t tmpfs none /var/lib/ofono && exec "$@"'
        alone = ("unshare", "-m", "sh", "-c", script, "alone")
        options = ("ofonod", "-n", "-p", "phonesim,*")
        bus.start("ofonod", *alone, *options, OFONO_PHONESIM_CONFIG=str(config))
        until(lambda: bus.has_owner("org.ofono"))
        manager = DBusAddress("/", "org.ofono", "org.ofono.Manager")
        until(lambda: bus.call(manager, "GetModems")[0] != [])

        def read(interface: str) -> dict[str, Any]:
            where = DBusAddress("/phonesim", "org.ofono", f"org.ofono.{interface}")
            try:
                return plain(bus.call(where, "GetProperties")[0])
            except DBusRefusedError:
                return {}

        def switch(name: str) -> None:
            where = DBusAddress("/phonesim", "org.ofono", "org.ofono.Modem")
            bus.call(where, "SetProperty", "sv", name, ("b", True))

        started, before = time.perf_counter(), len(modem.log)
        switch("Powered")
        until(lambda: bool(read("SimManager").get("SubscriberIdentity")))
        switch("Online")
        until(lambda: {"Strength", "Name"} <= read("NetworkRegistration").keys())
        until(lambda: bool(read("Modem").get("Serial")))
        assert read("SimManager")["CardIdentifier"]
        return (time.perf_counter() - started) * 1e3, len(modem.log) - before


def with_modemmanager(latency_s: float, baud: int, folder: Path) -> tuple[float, int]:
    """Milliseconds and commands of ModemManager, from the port's appearance on."""
    with Stage(folder) as stage:
        stage.plug(EC25, TTY, latency_s=latency_s, baud=baud)
        modem = stage.modems_behind[TTY]
        stage.start_modemmanager()
        bus = stage.bus
        started, before = time.perf_counter(), len(modem.log)
        stage.tell_modemmanager("add", TTY)
        until(lambda: bool(stage.modems()))

        def read(interface: str) -> dict[str, Any]:
            (found,) = bus.call(OBJECTS, "GetManagedObjects")
            return plain(next(iter(found.values())).get(interface, {}))

        (path,) = bus.call(OBJECTS, "GetManagedObjects")[0]
        until(lambda: read(f"{MM}.Modem").get("State", 0) >= 3)
        bus.call(DBusAddress(path, MM, f"{MM}.Modem"), "Enable", "b", True)
        until(lambda: read(f"{MM}.Modem")["State"] >= _REGISTERED)
        until(lambda: bool(read(f"{MM}.Modem.Modem3gpp").get("OperatorName")))
        until(lambda: read(f"{MM}.Modem")["SignalQuality"][0] > 0)
        return (time.perf_counter() - started) * 1e3, len(modem.log) - before


DAEMONS = {"oFono (warm)": with_ofono, "ModemManager (warm)": with_modemmanager}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency", type=int, nargs="*", default=[0, 20, 100])
    parser.add_argument("--baud", type=int, nargs="*", default=[9600, 115200])
    args = parser.parse_args()
    install()
    lines = [(latency_ms, 0) for latency_ms in args.latency] + [(0, baud) for baud in args.baud]
    print(f"{'daemon':22} {'ms a command':>13} {'baud':>7} {'time ms':>28} {'commands':>9}")
    for name, run in DAEMONS.items():
        for latency_ms, baud in lines:
            times, commands = [], []
            for _ in range(args.runs):
                with tempfile.TemporaryDirectory() as folder:
                    time_ms, count = run(latency_ms / 1000, baud, Path(folder))
                times.append(time_ms)
                commands.append(count)
            spread = f"{statistics.median(times):.0f} ({min(times):.0f}-{max(times):.0f})"
            counted = statistics.median(commands)
            print(f"{name:22} {latency_ms:13} {baud or '-':>7} {spread:>28} {counted:9.0f}")


if __name__ == "__main__":
    main()
