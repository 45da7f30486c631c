"""ModemManager's bearer statistics, from a stand-in on a real bus.

A real ModemManager connects no bearer of a simulated modem: that takes PPP or a network driver.
"""

import threading
from typing import Any

import pytest
from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from agent.usage.counters import Counters, Traits
from agent.usage.sources import Surroundings, bearers_of, surroundings_of
from modem.transport.coexist import bearer_statistics
from tests.device_trees import EC25, Machine
from tests.system.private_bus import PrivateBus

pytestmark = pytest.mark.system

NAME = "org.freedesktop.ModemManager1"
BEARER = "/org/freedesktop/ModemManager1/Bearer/"


class StandIn:
    """Answers what simward asks, as the reference manual says; `bearers` is number -> (tx, rx)."""

    def __init__(self, address: str, bearers: dict[int, tuple[int, int] | None]) -> None:
        self.bearers = bearers
        self._connection = open_dbus_connection(address)
        self._connection.send_and_get_reply(message_bus.RequestName(NAME))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            message = self._connection.receive()
            fields = message.header.fields
            if message.header.message_type is not MessageType.method_call:
                continue
            if fields[HeaderFields.member] == "Leave":
                self._connection.send(new_method_return(message))
                return
            self._connection.send(self._answer(message, fields))

    def _answer(self, message: Any, fields: Any) -> Any:
        if fields[HeaderFields.member] == "GetManagedObjects":
            modem = {
                "Device": ("s", "/sys/devices/x"),
                "Ports": ("a(su)", [("ttyUSB2", 1), ("wwan0", 2)]),
                "Bearers": ("ao", [f"{BEARER}{number}" for number in self.bearers]),
            }
            objects = {f"/{NAME.replace('.', '/')}/Modem/0": {f"{NAME}.Modem": modem}}
            return new_method_return(message, "a{oa{sa{sv}}}", (objects,))
        number = int(fields[HeaderFields.path].removeprefix(BEARER))
        if message.body != (f"{NAME}.Bearer", "Stats"):
            return new_error(message, "org.freedesktop.DBus.Error.UnknownProperty")
        counted = self.bearers[number]
        stats: dict[str, tuple[str, int]] = {"duration": ("u", 60)}
        if counted is not None:
            stats |= {"tx-bytes": ("t", 1), "rx-bytes": ("t", 1)}
            stats |= {"total-tx-bytes": ("t", counted[0]), "total-rx-bytes": ("t", counted[1])}
        return new_method_return(message, "v", (("a{sv}", stats),))

    def end(self, bus: PrivateBus) -> None:
        from jeepney import DBusAddress

        bus.call(DBusAddress("/", bus_name=NAME, interface="x.y"), "Leave")
        self._thread.join(10)
        self._connection.close()


@pytest.fixture
def machine(tmp_path):
    made = Machine(tmp_path / "tree")
    made.plug(EC25)
    return made


@pytest.fixture
def bus(tmp_path, monkeypatch):
    with PrivateBus(tmp_path) as running:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", running.address)
        yield running


@pytest.fixture
def stand_in(bus):
    made = StandIn(bus.address, {0: (10, 20), 3: (1, 2)})
    yield made
    made.end(bus)


def test_what_all_bearers_carried_is_one_count(machine, stand_in):
    port = f"{machine.roots.dev}/ttyUSB2"
    counted = bearer_statistics(port, machine.roots)
    assert counted is not None
    assert counted[:2] == (11, 22)
    offer = bearers_of(port, machine.roots)
    assert offer is not None
    assert (offer.counters, offer.traits) == (Counters(11, 22), Traits("unknown"))
    stand_in.bearers[4] = (0, 0)
    again = bearer_statistics(port, machine.roots)
    assert again is not None
    assert again.life != counted.life


def test_bearers_that_were_never_connected_count_nothing(machine, stand_in):
    stand_in.bearers.clear()
    stand_in.bearers[0] = None
    assert bearer_statistics(f"{machine.roots.dev}/ttyUSB2", machine.roots) is None


def test_a_modem_that_modemmanager_does_not_manage_is_not_counted_by_it(machine, stand_in):
    del stand_in
    assert bearer_statistics(f"{machine.roots.dev}/ttyUSB1", machine.roots) is None


def test_without_modemmanager_there_is_no_count(machine, bus):
    del bus
    assert bearers_of(f"{machine.roots.dev}/ttyUSB2", machine.roots) is None


def test_it_is_asked_where_no_interface_counts_unless_it_is_wanted(machine):
    asked = []
    machine.network(EC25, "wwan0", index=7)
    port = f"{machine.roots.dev}/ttyUSB2"

    def bearers():
        asked.append(port)

    Surroundings(port, roots=machine.roots, bearers=bearers).look()
    assert asked == []
    Surroundings(port, roots=machine.roots, bearers=bearers, kernel=False).look()
    assert asked == [port]
    assert surroundings_of("/dev/null", None, "modem").look().offers == {}
