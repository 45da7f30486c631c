"""A diagnosis of a simulated modem in a simulated network, on virtual time, from one TOML file.

The file has the keys of a simulator's scenario (docs/simulators.md): `modem`, `card`, `start`,
`step`. Beside them: `options` of the command, `after_s` (when the command is given), `before`
(AT commands that somebody gave earlier), `apn`, `hosts` (`probe.hosts`), `budget_bytes`, `order`
and `account` (the documents, but for their schema), and `air`: the network behind the modem.
"""

import json
import struct
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.complaints import describe
from agent.diagnosis.collect import diagnose
from agent.diagnosis.document import unreachable
from agent.diagnosis.ip_path import CONNECT_S, RECEIVE_S, PathError, Way, target_of
from agent.diagnosis.machine import Machine
from agent.diagnosis.wish import Setup, Wish, checked_number
from agent.errors import ModemUnreachable
from agent.exits import UNREACHABLE
from agent.modem_session import ModemSession
from agent.own_uplink import Uplinks
from cloud_bridge.orders import read_account, read_order
from modem.errors import ModemError
from modem.simulator.modem import SimulatedModem
from modem.simulator.scenario import read_scenario
from tests.fault.world import PORT, World

FOLDER = Path(__file__).parent / "diagnosis"
INTERFACE, OWN_ADDRESS = "wwan0", "10.64.0.25"
_OURS = frozenset(
    {"options", "after_s", "before", "apn", "hosts", "budget_bytes", "order", "account", "air",
     "about", "interface"}
)  # fmt: skip


@dataclass(frozen=True)
class Host:
    """A host of the network: `does` accept, page, redirect, refuse or silent."""

    address: str
    does: str = "accept"
    to: str = ""
    body: str = "hello"
    body_bytes: int = 0
    bytes_per_s: float = 1e6
    other_uplink: str = ""
    """What it does when it is asked by another way than the modem's; as `does` where empty."""


class Air:
    """The network behind the modem, and the one behind the machine's other uplink."""

    def __init__(self, table: Mapping[str, Any], world: World) -> None:
        self.names = table.get("names", "answer")
        self.leaves = table.get("leaves", True)
        self.hosts = {name: Host(**facts) for name, facts in table.get("host", {}).items()}
        self.sent = self.received = 0
        self.by_others = 0
        self._world = world

    def connect(self, address: str, port: int, way: Way) -> "Line":
        del port
        host = next((each for each in self.hosts.values() if each.address == address), None)
        cellular = way != Way()
        self._may_leave(cellular)
        does = "silent" if host is None else host.does
        if host is not None and not cellular and host.other_uplink:
            does = host.other_uplink
        self.count(60, 0, cellular=cellular)
        if host is None or does == "silent":
            self._world.pass_to(self._world.now + CONNECT_S)
            raise PathError(left=True)
        self.count(0, 60, cellular=cellular)
        if does == "refuse":
            raise PathError(left=True, came=True)
        return Line(self, host, does, self._world, cellular=cellular)

    def ask(self, address: str, port: int, data: bytes, way: Way) -> bytes:
        del address, port
        cellular = way != Way()
        self._may_leave(cellular)
        self.count(len(data), 0, cellular=cellular)
        if self.names == "silent" and cellular:
            self._world.pass_to(self._world.now + RECEIVE_S)
            raise PathError(left=True)
        answer = self._resolved(data)
        self.count(0, len(answer), cellular=cellular)
        return answer

    def count(self, sent: int, received: int, *, cellular: bool) -> None:
        if cellular:
            self.sent += sent
            self.received += received
        else:
            self.by_others += sent + received

    def counters(self, interface: str) -> tuple[int, int] | None:
        return (self.sent, self.received) if interface == INTERFACE else None

    def _may_leave(self, cellular: bool) -> None:
        if cellular and not self.leaves:
            raise PathError(left=False)

    def _resolved(self, query: bytes) -> bytes:
        labels, at = [], 12
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode())
            at += length + 1
        host = self.hosts.get(".".join(labels))
        question = query[12 : at + 5]
        answers = b""
        if host is not None and question[-4:-2] == b"\0\1":
            address = bytes(int(part) for part in host.address.split("."))
            answers = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + address
        header = query[:2] + struct.pack(">5H", 0x8180, 1, 1 if answers else 0, 0, 0)
        return header + question + answers


class Line:
    """A connection to one host."""

    def __init__(self, air: Air, host: Host, does: str, world: World, *, cellular: bool) -> None:
        self._air, self._host, self._does, self._world = air, host, does, world
        self._cellular = cellular
        self._unread = b""

    def send(self, data: bytes) -> None:
        self._air.count(len(data), 0, cellular=self._cellular)
        assert data.startswith(b"GET ")
        body = self._host.body.encode().ljust(self._host.body_bytes, b".")
        if self._does == "redirect":
            head = f"HTTP/1.1 302 Found\r\nLocation: {self._host.to}"
            self._unread = head.encode() + b"\r\n\r\n"
        elif self._does == "page":
            self._unread = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body

    def receive(self, limit: int, timeout_s: float) -> bytes:
        part = self._unread[:limit]
        takes_s = len(part) / self._host.bytes_per_s
        if takes_s > timeout_s:
            part = part[: int(timeout_s * self._host.bytes_per_s)]
            takes_s = timeout_s
        self._unread = self._unread[len(part) :]
        self._world.pass_to(self._world.now + takes_s)
        self._air.count(0, len(part), cellular=self._cellular)
        return part

    def close(self) -> None:
        self._unread = b""


class Bench:
    """One scenario, played: `document` is what `simward diagnose --json` says in it."""

    def __init__(self, tables: Mapping[str, Any], name: str = "test") -> None:
        own = {key: value for key, value in tables.items() if key not in _OURS}
        scenario = read_scenario(name, own) if {"start", "step"} & own.keys() else None
        self.modem = SimulatedModem.load(
            tables.get("modem", "quectel_ec25"), tables.get("card"), scenario=scenario
        )
        self.world = World(self.modem)
        self.air = Air(tables.get("air", {}), self.world)
        self.uplinks = Uplinks((), {INTERFACE: frozenset({OWN_ADDRESS})})
        self.progress: list[str] = []
        self._tables = tables

    def document(self) -> dict[str, Any]:
        wish = self.wish()
        try:
            return diagnose(
                self.session(),
                wish,
                self.setup(),
                machine=self.machine(),
                progress=self.progress.append,
            )
        except (ModemUnreachable, ModemError) as error:
            if describe(error).exit_code != UNREACHABLE:
                raise
            return unreachable(str(error), PORT, wish, self.world.moment())

    def session(self) -> ModemSession:
        """The modem as it is when the command is given."""
        self.modem.poll(0.0)  # its clock begins
        for command in self._tables.get("before", []):
            self.modem.receive(command.encode() + b"\r", self.world.now)
        self.world.pass_to(float(self._tables.get("after_s", 0.0)))
        return ModemSession(self.world.open, PORT, clock=self.world.clock, now=self.world.moment)

    def wish(self) -> Wish:
        options = list(self._tables.get("options", []))
        number = next((o.split("=", 1)[1] for o in options if o.startswith("--probe-sms=")), None)
        return Wish(
            probe="--probe" in options,
            reattach="--reattach" in options,
            sms_to=None if number is None else checked_number(number),
            order=_document(self._tables, "order", read_order),
            account=_document(self._tables, "account", read_account),
        )

    def setup(self) -> Setup:
        tables = self._tables
        return Setup(
            apn=tables.get("apn"),
            interface=tables.get("interface", INTERFACE) or None,
            targets=tuple(map(target_of, tables.get("hosts", []))),
            budget_bytes=tables.get("budget_bytes", 20_000),
        )

    def machine(self) -> Machine:
        return Machine(
            sockets=self.air,
            clock=self.world.clock,
            uplinks=lambda _env: self.uplinks,
            name_servers=lambda: (("198.51.100.53", 53),),
            has_way=lambda way: way.source == OWN_ADDRESS,
            counters=self.air.counters,
        )


def _document(tables: Mapping[str, Any], name: str, read: Callable[[bytes], Any]) -> Any:
    if name not in tables:
        return None
    return read(json.dumps({"schema": f"simward/{name}/1", **tables[name]}).encode())


def played(name: str) -> dict[str, Any]:
    """The document of a scenario of `tests/diagnosis`."""
    return Bench(tomllib.loads((FOLDER / f"{name}.toml").read_text()), name).document()
