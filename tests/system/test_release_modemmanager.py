"""NetworkManager over ModemManager over a simulated EC25: what is up is taken down and put back.

A call of data comes about as far as `CONNECT`; nobody speaks PPP behind it (`/dev/ppp` is not to be
had everywhere either). So ModemManager's bearer is really connected, and NetworkManager's
connection is on its way up.
"""

import pytest

from agent.release.steps import World, do, plan, prepare, prove, undo
from agent.release.table import BY_ID
from tests.device_trees import EC25
from tests.system.modem_manager import Stage, needs_modemmanager
from tests.system.network_manager import NetworkManager, needs_networkmanager
from tests.system.programs import wait_until
from tests.system.test_modemmanager_brings_up import DISABLED, REGISTERED, TTY, Managed, managed

pytestmark = [pytest.mark.system, needs_modemmanager, needs_networkmanager]

ICCID = "89001010000000000018"
UUID = "10000000-0000-4000-8000-000000000001"
BEARERS, CONNECTIONS = BY_ID["mm_bearers"], BY_ID["nm_connections"]


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as stage:
        stage.plug(EC25, TTY)
        yield stage


@pytest.fixture
def world(stage) -> World:
    roots = stage.machine.roots
    port = f"{roots.dev}/{TTY}"
    root = str(stage.folder / "none")
    return World(lambda _: {}, ICCID, port=port, bus=stage.bus.address, root=root, roots=roots)


@pytest.fixture
def connected(stage) -> Managed:
    """ModemManager with a connected bearer."""
    found = managed(stage, DISABLED)
    found.modem.do(answer={"command": "ATD*99*", "final": "CONNECT 150000000"})
    found.call("Modem", "Enable", "b", True)
    found.wait_for("Modem", "State", REGISTERED)
    login = {"apn": ("s", "iot.example"), "user": ("s", "gateway"), "password": ("s", "hunter2")}
    found.call("Modem.Simple", "Connect", "a{sv}", login)
    return found


def test_a_connected_bearer_is_deleted_and_made_anew(connected, world) -> None:
    (before,) = connected.read()["Bearers"]
    (planned,) = plan(world, (BEARERS,))
    assert planned.cuts_uplink
    assert [each.fields for each in planned.what] == [{"apn": "iot.example"}]
    kept = prepare(BEARERS, world)
    done = do(BEARERS, world, kept)
    assert (done.result, done.because) == ("done", ())
    assert connected.read()["Bearers"] == []
    assert prove(BEARERS, world) == (True, {"bearers": 0, "connected": 0}, True)
    assert do(BEARERS, world, kept).result == "nothing_to_do"
    back = undo(BEARERS, kept, world)
    assert (back.result, back.because) == ("done", ())
    (after,) = connected.read()["Bearers"]
    assert after != before
    assert prove(BEARERS, world) == (False, {"bearers": 1, "connected": 1}, True)
    assert undo(BEARERS, kept, world).result == "nothing_to_do"
    assert "hunter2" not in str([planned.document(), done.document(), back.document()])


def test_a_modem_that_is_not_managed_has_no_bearers(stage, world) -> None:
    assert plan(world, (BEARERS,))[0].result == "not_available"
    stage.start_modemmanager()
    assert plan(world, (BEARERS,))[0].result == "not_available"
    assert prepare(BEARERS, world) == {"bearers": []}
    assert not prove(BEARERS, world).available


def test_a_connection_on_its_way_up_is_taken_down_removed_and_put_up_again(
    stage, world, tmp_path
) -> None:
    manager = NetworkManager(stage.bus, tmp_path / "nm")
    by_device = {"gsm_username": "gateway", "gsm_password": "hunter2"}
    manager.profile("card", UUID, connection_autoconnect="false", gsm_sim_id=ICCID, **by_device)
    # In this order: NetworkManager, once there, has each modem enabled that it sees.
    modem = managed(stage, DISABLED)
    modem.modem.do(answer={"command": "ATD*99*", "late_s": 3.0, "final": "NO CARRIER"})
    manager.start()
    wait_until(lambda: TTY in manager.nmcli("-f", "DEVICE", "device").split(), modem.process, 120)
    manager.nmcli("--wait", "0", "connection", "up", "card")

    def dials() -> bool:
        return any(command.startswith("ATD*99") for _, command in modem.modem.log)

    wait_until(dials, modem.process, 120)
    state = ("-f", "DEVICE,STATE,CONNECTION", "device")
    assert f"{TTY}:connecting" in manager.nmcli(*state)
    kept = prepare(CONNECTIONS, world)
    assert kept["profiles"][0]["active"] is True
    assert prove(CONNECTIONS, world).evidence["active"] == [UUID]
    done = do(CONNECTIONS, world, kept)
    assert done.commands == ("DeactivateConnection card", "Delete card")
    assert f"{TTY}:disconnected:" in manager.nmcli(*state)
    assert "card" not in manager.names()
    assert prove(CONNECTIONS, world).released is True
    back = undo(CONNECTIONS, kept, world)
    assert (back.result, back.because) == ("done", ())
    assert back.commands == ("AddConnection2 card", "ActivateConnection card")
    assert f"{TTY}:connecting" in manager.nmcli(*state)
    assert manager.setting("card", "gsm.password") == "hunter2"


def test_a_connection_for_the_modem_itself_is_known_by_modemmanagers_name_for_it(
    stage, world, tmp_path
) -> None:
    modem = managed(stage, DISABLED)
    own = modem.read()["DeviceIdentifier"]
    manager = NetworkManager(stage.bus, tmp_path / "nm")
    manager.profile("card", UUID, connection_autoconnect="false", gsm_device_id=own)
    manager.profile("other", UUID.replace("1", "2"), gsm_device_id="0" * 40)
    manager.start()
    (planned,) = plan(world, (CONNECTIONS,))
    assert [each.fields["name"] for each in planned.what] == ["card"]
    assert planned.why == ()
