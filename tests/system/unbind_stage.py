"""What a scenario of an unbinding stands on: modem, gateway, broker, backend, NetworkManager.

Everything is real but modem, card and network: `simward` processes, mosquitto, the backend with
its SQLite, NetworkManager on a bus of its own. Commands see a clock that is kept right (or none
that is) and the default route that the scenario says, in a mount namespace of their own.
"""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from modem.simulator.card_slot import load_card
from modem.simulator.device import same_command
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import TcpPort, serve_tcp
from modem.simulator.profile import ModemProfile
from tests.system.broker import Mosquitto
from tests.system.network_manager import NetworkManager
from tests.system.private_bus import PrivateBus
from tests.system.programs import Program, end, simward_command, wait_until
from tests.unbind_scenario import PAPERS, Gateway, Json, Scenario, changed, dated, paper

# The kernel's own view of routes lies below /proc/PID/net, PID being the command's.
_ENTER: Final = """set -e
mkdir -p /run/systemd
mount -t tmpfs tmpfs /run/systemd
if [ "$1" = kept ]; then mkdir /run/systemd/timesync; : > /run/systemd/timesync/synchronized; fi
mount --bind "$2" /proc/$$/net
shift 2
exec "$@"
"""
_ROUTE: Final = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
_WAYS: Final = {"cable": "cable0", "card": "wwan0"}
_ALL: Final = "topic readwrite #\n"
_NO_ACKS: Final = "".join(
    f"topic readwrite sw/1/+/{kind}\n" for kind in ("state", "birth", "report", "event", "evidence")
) + "topic write sw/1/+/ack\n"  # fmt: skip


@cache
def can_enter() -> bool:
    """Whether this user may make a mount namespace."""
    try:
        tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


@cache
def is_kept_by_the_kernel() -> bool:
    """Whether this machine's clock is kept right, whatever systemd-timesyncd says."""
    ask = "from agent.clock import clock_synchronized; print(clock_synchronized())"
    hide = 'mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd && exec "$@"'
    enter = ["unshare", "--mount", "--", "sh", "-c", hide, "sh", sys.executable, "-c", ask]
    return subprocess.run(enter, capture_output=True, check=True, text=True).stdout == "True\n"


class Watched:
    """A modem on a line that holds one command back, or its answer, until it is let go."""

    def __init__(self, modem: SimulatedModem) -> None:
        self.modem = modem
        self.came = threading.Event()
        self._before = self._after = ""
        self._held = b""
        self._now = 0.0
        self._mute = False
        self._lock = threading.Lock()
        self._wake: Callable[[], None] = lambda: None

    def hold(self, *, before: str = "", after: str = "") -> None:
        """The next time that this command comes: before it is taken, or after."""
        with self._lock:
            self._before, self._after = same_command(before), same_command(after)
            self.came.clear()

    def let_go(self, *, forget: bool) -> None:
        """Go on; a command that was held back is forgotten where nobody waits for it any more."""
        with self._lock:
            held, self._held, self._mute = self._held, b"", False
            self._before = self._after = ""
            if held and not forget:
                self.modem.receive(held, self._now)
        self._wake()

    def receive(self, data: bytes, now: float) -> None:
        """See `Device`."""
        with self._lock:
            self._now = now
            told = same_command(data.decode("latin-1"))
            if self._before and told.startswith(self._before):
                self._held, self._before = data, ""
                self.came.set()
                return
            self.modem.receive(data, now)
            if self._after and told.startswith(self._after):
                self._mute, self._after = True, ""
                self.came.set()

    def poll(self, now: float) -> bytes:
        """See `Device`."""
        with self._lock:
            return b"" if self._mute else self.modem.poll(now)

    def next_event_at(self) -> float | None:
        """See `Device`."""
        with self._lock:
            return None if self._mute else self.modem.next_event_at()

    def take_hang_up(self) -> bool:
        """See `Device`."""
        return self.modem.take_hang_up()

    def reboot(self, now: float) -> None:
        """See `Device`."""
        self.modem.reboot(now)

    def attach(self, wake: Callable[[], None]) -> None:
        """See `Device`."""
        self._wake = wake
        self.modem.attach(wake)


class Stage:
    """One gateway and everybody around it; a context manager."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.folder, self.scenario = folder, scenario
        self.state = folder / "state"
        self.db = folder / "backend.db"
        self.config = folder / "simward.toml"
        self.papers = {name: changed(paper(name), getattr(scenario, name)) for name in PAPERS}
        # A search for networks and a start of the modem take no time here.
        shipped = ModemProfile.load(self._setup.modem)
        profile = replace(shipped, delays={}, style=replace(shipped.style, boot_s=0.0))
        card = load_card(self._setup.card) if self._setup.card else None
        self.modem = Watched(SimulatedModem(profile, card))
        self.broker: Mosquitto | None = None
        self.manager: NetworkManager | None = None
        self.programs: dict[str, Program] = {}
        """Those that run beside the commands."""
        self._closing = ExitStack()
        self._bus = f"unix:path={folder}/no-bus"

    @property
    def _setup(self) -> Gateway:
        return self.scenario.gateway

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def _build(self) -> None:
        (self.folder / "stick").mkdir()
        net = self.folder / "net"
        net.mkdir()
        (net / "route").write_text(f"{_ROUTE}{_WAYS[self._setup.uplink]} 0 0 1 0 0 0 0 0 0 0\n")
        port = serve_tcp(self.modem)
        self._closing.callback(self.unplug)
        self._number = port.number
        self._port: TcpPort | None = port
        if self._setup.connections:
            self._manage()
        if self._setup.broker:
            self.broker = Mosquitto(self.folder, _ALL)
            self._closing.callback(self.broker.stop)
            self.broker.start()
        self._configure(port.url)
        for name in PAPERS:
            self.hand_in(name, {})
        if self._setup.broker:
            self.start_backend()
        if self._setup.daemon:
            self.start_daemon()

    def _manage(self) -> None:
        short = TemporaryDirectory(prefix="simward-bus-")
        self._closing.callback(short.cleanup)
        bus = self._closing.enter_context(PrivateBus(Path(short.name), logs=self.folder))
        self.manager = NetworkManager(bus, self.folder / "nm")
        for number, (name, iccid) in enumerate(self._setup.connections.items(), start=1):
            uuid = f"{number}0000000-0000-4000-8000-000000000001"
            self.manager.profile(name, uuid, gsm_sim_id=iccid, gsm_password="hunter2")
        self.manager.start()
        self._bus = bus.address

    def _configure(self, port: str) -> None:
        lines = [
            f'device.state_dir = "{self.state}"',
            'device.id = "gw1"',
            "report.interval_s = 900",
            *([f'broker.url = "{self.broker.url}"'] if self.broker else []),
            f'[[modem]]\nport = "{port}"\ninterface = "wwan0"',
        ]
        self.config.write_text("\n".join(lines) + "\n", "utf-8")

    # What people do

    def hand_in(self, name: str, changes: Json) -> None:
        """A paper, with these differences from the one before."""
        self.papers[name] = changed(self.papers[name], changes)
        document = dated(self.papers[name], datetime.now(UTC))
        self._file(f"{name}.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")

    def _file(self, name: str) -> Path:
        return self.folder / name

    def command(self, *words: str) -> list[str]:
        """A command in the scenario's clock and routes."""
        kept = "kept" if self._setup.clock else "free"
        enter = ["unshare", "--mount", "--", "sh", "-c", _ENTER, "sh", kept]
        return [*enter, str(self.folder / "net"), *words]

    def begin(self, name: str, *words: str) -> Program:
        """Start `simward` with these words; its own words go to files."""
        own = simward_command("--config", str(self.config), *words)
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self._bus}
        with self._file(f"{name}.out").open("wb") as out, self._file(f"{name}.err").open("ab") as e:
            process = Program(
                self.command(*own),
                stdin=subprocess.DEVNULL, stdout=out, stderr=e, text=True,
                cwd=self.folder, env=environment,
            )  # fmt: skip
        process.complaints = self._file(f"{name}.err")
        return process

    def said(self, name: str) -> str:
        """What a program wrote on both streams."""
        files = (self._file(f"{name}{each}") for each in (".out", ".err"))
        return "".join(each.read_text("utf-8", "replace") for each in files if each.exists())

    def start_daemon(self) -> None:
        """Start it, and wait until it took its first sample and (where it may) is connected."""
        before = self.said("daemon").count("sample slot=1")
        daemon = self.begin("daemon", "run")
        self._keep("daemon", daemon)
        wait_until(lambda: self.said("daemon").count("sample slot=1") > before, daemon)

    def start_backend(self) -> None:
        """Start it, and wait until it hears."""
        assert self.broker is not None
        where = ("--broker", self.broker.url, "--db", str(self.db))
        backend = self.begin("backend", "backend", "consume", *where, "--wait", "60")
        self._keep("backend", backend)
        wait_until(lambda: "connected" in self.said("backend"), backend)

    def _keep(self, name: str, program: Program) -> None:
        self.programs[name] = program
        self._closing.callback(end, program)

    def stop(self, name: str, *, kill: bool = False) -> None:
        """End a program, or kill it; without a word where it does not run."""
        program = self.programs.pop(name, None)
        if program is not None and kill:
            program.kill()
        if program is not None:
            end(program)

    # What the world does

    def happen(self, what: str) -> None:
        """One of `unbind_scenario.Happens`, `killed` and `power_cut` as far as they are ours."""
        broker = self.broker
        if what in {"daemon_killed", "power_cut"}:
            self.stop("daemon", kill=True)
        elif what == "daemon_started":
            self.start_daemon()
        elif what == "unplugged":
            self.unplug()
        elif what == "plugged":
            self.modem.modem.do(reboot=True)
            self._port = serve_tcp(self.modem, port=self._number)
        elif what == "backend_away":
            self.stop("backend")
        elif what == "backend_back":
            self.start_backend()
        elif broker is not None and what in {"acks_withheld", "acks_pass"}:
            broker.allow(_ALL if what == "acks_pass" else _NO_ACKS)
        elif broker is not None and what == "broker_away":
            broker.stop()
        elif broker is not None and what == "broker_back":
            broker.start()

    def unplug(self) -> None:
        """The modem's port is gone."""
        if self._port is not None:
            self._port.close()
            self._port = None

    # What stands there

    def journal(self) -> list[Json]:
        """Bodies of the entries of the one case; [] where none was begun."""
        found: list[Json] = []
        for file in self.state.glob("unbind/*/journal"):
            whole = file.read_bytes().split(b"\n")[:-1]
            found += [json.loads(line)["body"] for line in whole]
        return found

    def at_backend(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the backend's database."""
        with closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def evidence(self) -> list[str]:
        """Kind and verdict of each document, in the order in which they came."""
        if not self.db.exists():
            return []
        rows = self.at_backend("SELECT kind, verdict FROM evidence ORDER BY received_at, made_at")
        return [f"{kind} {verdict}" for kind, verdict in rows]

    def doubled(self) -> list[str]:
        """Documents that came with more than one row of the gateway's."""
        query = "SELECT sha256 FROM evidence_rows GROUP BY sha256 HAVING count(*) > 1"
        return [sha for (sha,) in self.at_backend(query)] if self.db.exists() else []

    def events(self) -> list[str]:
        """Codes, in the order of the gateway."""
        if not self.db.exists():
            return []
        return [code for (code,) in self.at_backend("SELECT code FROM events ORDER BY store, seq")]

    def key_of_birth(self) -> str | None:
        """The device's public key as the backend knows it from `birth`."""
        rows = self.at_backend("SELECT body FROM births") if self.db.exists() else []
        return json.loads(rows[0][0])["public_key"] if rows else None

    def contexts(self) -> list[str]:
        """APNs that the modem holds, as it says itself."""
        held = self.modem.modem.state.sessions.contexts
        return [each.apn for each in held.values() if each.apn]

    @property
    def has_daemon(self) -> bool:
        """Whether the daemon runs."""
        return "daemon" in self.programs
