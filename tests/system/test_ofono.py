"""oFono from Debian's package brings up a simulated EC25, over TCP, on a bus of its own.

Its driver for simulators (phonesim) is the plain one of 27.007; that for Quectel wants a USB bus.
"""

import os
import shutil

import pytest
from jeepney import DBusAddress

from tests.system.private_bus import DBusRefusedError, PrivateBus, plain
from tests.system.programs import wait_until

PATHS = "/usr/sbin:/usr/bin"
MISSING = [
    name for name in ("dbus-daemon", "ofonod", "unshare") if shutil.which(name, path=PATHS) is None
]
# What oFono keeps between its runs (contexts, messages not sent yet) is another test's.
ALONE = 'mount -t tmpfs none /var/lib/ofono && exec "$@"'

pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING} (apt-get install ofono)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a mount namespace needs root"),
]

NAME = "org.ofono"
PATH = "/phonesim"


def interface(name: str, path: str = PATH) -> DBusAddress:
    return DBusAddress(path, NAME, f"{NAME}.{name}")


class Ofono:
    """oFono with one modem, which it has been told to switch on."""

    def __init__(self, bus: PrivateBus, process, modem) -> None:
        self.bus = bus
        self.process = process
        self.modem = modem

    def read(self, name: str) -> dict:
        """The properties of an interface of the modem; none while there is no such interface."""
        try:
            return plain(self.bus.call(interface(name), "GetProperties")[0])
        except DBusRefusedError:
            return {}

    def set(self, name: str, key: str, kind: str, value: object) -> None:
        self.bus.call(interface(name), "SetProperty", "sv", key, (kind, value))

    def wait_for(self, name: str, key: str, value: object) -> None:
        wait_until(lambda: self.read(name).get(key) == value, self.process)


@pytest.fixture
def ofono(tmp_path, simulated_modem):
    modem = simulated_modem("quectel_ec25", over="tcp")
    host, _, number = modem.url.removeprefix("socket://").rpartition(":")
    config = tmp_path / "phonesim.conf"
    config.write_text(f"[phonesim]\nAddress={host}\nPort={number}\n")
    with PrivateBus(tmp_path) as bus:
        process = bus.start(
            "ofonod",
            *("unshare", "-m", "sh", "-c", ALONE, "alone"),
            *("ofonod", "-n", "-d", "-p", "phonesim,*"),
            OFONO_PHONESIM_CONFIG=str(config),
            OFONO_AT_DEBUG="1",
        )
        wait_until(lambda: bus.has_owner(NAME), process)
        wait_until(lambda: bus.call(interface("Manager", "/"), "GetModems")[0] != [], process)
        ofono = Ofono(bus, process, modem)
        ofono.set("Modem", "Powered", "b", True)
        wait_until(lambda: ofono.read("SimManager").get("SubscriberIdentity"), process)
        ofono.set("Modem", "Online", "b", True)
        ofono.wait_for("NetworkRegistration", "Status", "registered")
        yield ofono


def test_modem_card_and_network_are_those_of_the_simulation(ofono) -> None:
    ofono.wait_for("Modem", "Serial", "356938035643809")
    modem, card = ofono.read("Modem"), ofono.read("SimManager")
    assert (modem["Manufacturer"], modem["Model"]) == ("Quectel", "EC25")
    assert card["CardIdentifier"] == "89001010000000000018"
    assert card["SubscriberIdentity"] == "001010123456789"
    assert card["SubscriberNumbers"] == ["+99900000001"]
    assert card["PinRequired"] == "none"
    ofono.wait_for("NetworkRegistration", "Technology", "lte")
    network = ofono.read("NetworkRegistration")
    assert (network["LocationAreaCode"], network["CellId"]) == (0xA1, 0x01A2B301)
    ofono.wait_for("ConnectionManager", "Attached", value=True)


def test_a_refusal_and_the_way_back_are_seen(ofono) -> None:
    ofono.modem.do(network={"cs": {"reject": 3}})
    ofono.wait_for("NetworkRegistration", "Status", "denied")
    ofono.modem.do(set={"cs": {"stat": 5}})
    ofono.wait_for("NetworkRegistration", "Status", "roaming")


def test_a_message_goes_out(ofono) -> None:
    ofono.wait_for("MessageManager", "ServiceCenterAddress", "+10015550100")
    ofono.bus.call(interface("MessageManager"), "SendMessage", "ss", "10010", "CXLL")
    wait_until(lambda: ofono.modem.sent_messages == [("10010", "CXLL")], ofono.process)


def test_a_context_comes_up_and_a_barred_one_does_not(ofono) -> None:
    ofono.wait_for("ConnectionManager", "Attached", value=True)
    (path,) = ofono.bus.call(interface("ConnectionManager"), "AddContext", "s", "internet")
    context = interface("ConnectionContext", path)
    ofono.bus.call(context, "SetProperty", "sv", "AccessPointName", ("s", "private.example"))
    barred = {"sessions": [{"apn": "private.example", "cause": 8}]}
    ofono.modem.do(network=barred, drop_context=1)
    with pytest.raises(DBusRefusedError):
        ofono.bus.call(context, "SetProperty", "sv", "Active", ("b", True))
    ofono.modem.do(network={"sessions": []})
    ofono.bus.call(context, "SetProperty", "sv", "Active", ("b", True))
    assert 'AT+CGDCONT=1,"IP","private.example"' in ofono.modem.commands
    assert ofono.modem.commands.count("AT+CGACT=1,1") == 2
