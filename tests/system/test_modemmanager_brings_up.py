"""ModemManager from Debian's package brings up a simulated EC25 as it would a real one."""

from typing import Any

import pytest
from jeepney import DBusAddress

from tests.device_trees import EC25
from tests.system.modem_manager import MM, OBJECTS, Stage, needs_modemmanager
from tests.system.private_bus import DBusRefusedError, plain
from tests.system.programs import wait_until

pytestmark = [pytest.mark.system, needs_modemmanager]

TTY = "ttyUSB2"
LOCKED, DISABLED, REGISTERED = 2, 3, 8  # MM_MODEM_STATE_*
DENIED, ROAMING = 3, 5  # MM_MODEM_3GPP_REGISTRATION_STATE_*


class Managed:
    """ModemManager with one modem, and what it shows of it."""

    def __init__(self, stage: Stage, process) -> None:
        self.stage = stage
        self.process = process
        self.modem = stage.modems_behind[TTY]

    def path(self) -> str:
        (objects,) = self.stage.bus.call(OBJECTS, "GetManagedObjects")
        return next(iter(objects))

    def read(self, interface: str = "Modem") -> dict[str, Any]:
        (objects,) = self.stage.bus.call(OBJECTS, "GetManagedObjects")
        return plain(next(iter(objects.values())).get(f"{MM}.{interface}", {}))

    def read_sim(self) -> dict[str, Any]:
        where = DBusAddress(self.read()["Sim"], MM, "org.freedesktop.DBus.Properties")
        return plain(self.stage.bus.call(where, "GetAll", "s", f"{MM}.Sim")[0])

    def call(self, interface: str, member: str, *arguments: Any, path: str | None = None) -> Any:
        where = DBusAddress(path or self.path(), MM, f"{MM}.{interface}")
        return self.stage.bus.call(where, member, *arguments)

    def wait_for(self, interface: str, key: str, value: object) -> None:
        wait_until(lambda: self.read(interface).get(key) == value, self.process, 120)


def managed(stage: Stage, state: int) -> Managed:
    process = stage.start_modemmanager(TTY)
    wait_until(lambda: bool(stage.modems()), process, 120)
    found = Managed(stage, process)
    found.wait_for("Modem", "State", state)
    return found


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as stage:
        yield stage


@pytest.fixture
def registered(stage) -> Managed:
    stage.plug(EC25, TTY)
    found = managed(stage, DISABLED)
    found.call("Modem", "Enable", "b", True)
    found.wait_for("Modem", "State", REGISTERED)
    return found


def test_modem_card_and_network_are_those_of_the_simulation(registered) -> None:
    modem, network = registered.read(), registered.read("Modem.Modem3gpp")
    card = registered.read_sim()
    assert (modem["Manufacturer"], modem["Model"]) == ("Quectel", "EC25")
    assert modem["Plugin"] == "quectel"
    assert modem["EquipmentIdentifier"] == network["Imei"] == "356938035643809"
    assert modem["OwnNumbers"] == ["+99900000001"]
    assert modem["UnlockRetries"] == {2: 3, 3: 3, 4: 10, 5: 10}
    assert card["SimIdentifier"] == "89001010000000000018"
    assert card["Imsi"] == "001010123456789"
    assert (network["OperatorCode"], network["OperatorName"]) == ("00101", "Test Network")
    registered.wait_for("Modem", "SignalQuality", (64, True))
    registered.wait_for("Modem", "AccessTechnologies", 1 << 14)  # LTE


@pytest.mark.long
def test_a_refusal_and_another_network_are_seen(registered) -> None:
    refusal = {"cs": {"reject": 3}, "ps": {"reject": 3}, "eps": {"reject": 3}}
    registered.modem.do(network=refusal)
    registered.wait_for("Modem.Modem3gpp", "RegistrationState", DENIED)
    registered.modem.do(set={domain: {"stat": 5} for domain in refusal})
    registered.wait_for("Modem.Modem3gpp", "RegistrationState", ROAMING)


@pytest.mark.long
def test_a_message_comes_in_and_another_goes_out(registered) -> None:
    registered.modem.do(message={"from": "+99900000009", "text": "Hello [there] €"})
    wait_until(lambda: bool(registered.read("Modem.Messaging")["Messages"]), registered.process)
    (path,) = registered.read("Modem.Messaging")["Messages"]
    where = DBusAddress(path, MM, "org.freedesktop.DBus.Properties")
    message = plain(registered.stage.bus.call(where, "GetAll", "s", f"{MM}.Sms")[0])
    assert (message["Number"], message["Text"]) == ("+99900000009", "Hello [there] €")
    wanted = {"number": ("s", "10010"), "text": ("s", "CXLL")}
    (path,) = registered.call("Modem.Messaging", "Create", "a{sv}", wanted)
    registered.call("Sms", "Send", path=path)
    assert registered.modem.sent_messages == [("10010", "CXLL")]


@pytest.mark.long
def test_no_connection_comes_about_since_nobody_speaks_ppp(registered) -> None:
    with pytest.raises(DBusRefusedError, match="No cause information"):
        registered.call("Modem.Simple", "Connect", "a{sv}", {"apn": ("s", "iot.example")})
    assert any(command.startswith("ATD*99") for _, command in registered.modem.log)


@pytest.mark.long
def test_a_locked_card_opens_with_its_pin(stage) -> None:
    stage.plug(EC25, TTY, card="pin_locked")
    found = managed(stage, LOCKED)
    assert found.read_sim()["SimIdentifier"] == "89001010000000000026"
    with pytest.raises(DBusRefusedError):
        found.call("Sim", "SendPin", "s", "0000", path=found.read()["Sim"])
    found.call("Sim", "SendPin", "s", "1234", path=found.read()["Sim"])

    def opened() -> bool:
        return [each["State"] for each in stage.modems()] == [DISABLED]

    wait_until(opened, found.process, 120)
