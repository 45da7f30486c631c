"""NetworkManager from Debian's package releases a card's connections, and gets them back."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from agent.errors import RefusedError
from agent.release.results import all_released
from agent.release.steps import World, do, plan, prepare, prove, undo
from agent.release.table import BY_ID
from tests.device_trees import EC25, Machine
from tests.system.network_manager import NetworkManager, needs_networkmanager
from tests.system.private_bus import PrivateBus

pytestmark = [pytest.mark.system, needs_networkmanager]

STEP = BY_ID["nm_connections"]
ICCID = "89001010000000000018"
OURS, BY_PORT, OTHERS, OTHER_PORT, ANY = (
    f"{n}{'0' * 7}-0000-4000-8000-000000000001" for n in "12345"
)
NOBODY = 65534
PASSWORD = "hunter2"


@pytest.fixture
def manager(tmp_path):
    with (
        TemporaryDirectory(prefix="simward-nm-") as folder,
        PrivateBus(Path(folder), logs=tmp_path) as bus,
    ):
        Path(folder).chmod(0o755)
        yield NetworkManager(bus, tmp_path / "nm")


@pytest.fixture
def world(manager, tmp_path) -> World:
    machine = Machine(tmp_path / "machine")
    machine.plug(EC25)
    return World(
        lambda _: {},
        ICCID,
        port=f"{machine.roots.dev}/ttyUSB2",
        bus=manager.bus.address,
        root=str(tmp_path / "none"),
        roots=machine.roots,
    )


@pytest.fixture
def five(manager) -> NetworkManager:
    """Connections of this card, of this modem's port, of others, and of whom nobody can tell."""
    login = {"gsm_username": "gateway", "gsm_password": PASSWORD}
    manager.profile("card", OURS, gsm_sim_id=ICCID, **login)
    manager.profile("port", BY_PORT, connection_interface_name="ttyUSB2")
    manager.profile("other-card", OTHERS, gsm_sim_id="89001010000000000026")
    manager.profile("other-port", OTHER_PORT, connection_interface_name="cdc-wdm7")
    manager.profile("any", ANY)
    manager.start()
    return manager


ALL = {"card", "port", "other-card", "other-port", "any", "lo"}


def test_the_cards_connections_are_removed_and_no_others(five, world) -> None:
    kept = prepare(STEP, world)
    done = do(STEP, world, kept)
    assert (done.result, done.because) == ("done", ())
    assert five.names() | {"lo"} == {"other-card", "other-port", "any", "lo"}
    assert {file.stem for file in five.files.iterdir()} == {"other-card", "other-port", "any"}
    assert do(STEP, world, kept).result == "nothing_to_do"


def test_a_connection_that_any_modem_may_take_is_named_and_waits_for_a_human(five, world) -> None:
    (planned,) = plan(world, (STEP,))
    assert [each.fields["name"] for each in planned.what] == ["card", "port"]
    assert [each.fields["name"] for each in planned.why] == ["any"]
    do(STEP, world)
    proof = prove(STEP, world)
    assert proof.released is None
    assert proof.evidence["unclear"] == [ANY]
    told = world._replace(profiles=("any",))
    do(STEP, told)
    assert all_released([prove(STEP, told)]) is True
    assert five.names() | {"lo"} == {"other-card", "other-port", "lo"}


def test_what_was_removed_comes_back_with_its_password(five, world) -> None:
    kept = json.loads(json.dumps(prepare(STEP, world)))  # as it comes out of a journal
    do(STEP, world, kept)
    assert prove(STEP, world).evidence["connections"] == []
    back = undo(STEP, kept, world)
    assert (back.result, back.because) == ("done", ())
    assert five.names() | {"lo"} == ALL
    assert five.setting("card", "connection.uuid") == OURS
    assert five.setting("card", "gsm.password") == PASSWORD
    assert five.setting("card", "gsm.apn") == "iot.example"
    assert five.setting("card", "connection.autoconnect") == "yes"
    assert undo(STEP, kept, world).result == "nothing_to_do"
    assert prove(STEP, world).released is False


@pytest.mark.usefixtures("five")
def test_no_password_is_in_what_is_shown(world) -> None:
    kept = prepare(STEP, world)
    assert PASSWORD in json.dumps(kept)
    (planned,) = plan(world, (STEP,))
    shown = [planned.document(), do(STEP, world, kept).document(), prove(STEP, world).to_json()]
    shown.append(undo(STEP, kept, world).document())
    assert PASSWORD not in json.dumps(shown)


def test_connections_may_be_kept_and_not_connect_by_themselves(five, world) -> None:
    keeping = world._replace(removes_profiles=False, profiles=("any",))
    kept = prepare(STEP, keeping)
    assert do(STEP, keeping, kept).result == "done"
    assert five.names() | {"lo"} == ALL
    assert five.setting("card", "connection.autoconnect") == "no"
    assert five.setting("card", "gsm.password") == PASSWORD
    assert five.setting("other-card", "connection.autoconnect") == "yes"
    assert prove(STEP, keeping).released is True
    assert undo(STEP, kept, keeping).result == "done"
    assert five.setting("card", "connection.autoconnect") == "yes"
    assert five.setting("card", "gsm.password") == PASSWORD


def test_a_connection_that_came_after_the_preparation_is_not_lost(five, world) -> None:
    kept = prepare(STEP, world)
    new = ("con-name", "new", "ifname", "*", "apn", "x", "gsm.sim-id", ICCID)
    five.nmcli("connection", "add", "type", "gsm", *new)
    done = do(STEP, world, kept)
    assert (done.result, [each.fields for each in done.because]) == ("refused", [{"name": "new"}])
    assert "new" in five.names()


def test_an_undo_before_anything_was_done_changes_nothing(five, world) -> None:
    before = {file.name: file.read_text() for file in five.files.iterdir()}
    assert undo(STEP, prepare(STEP, world), world).result == "nothing_to_do"
    assert {file.name: file.read_text() for file in five.files.iterdir()} == before


def test_a_user_who_may_not_is_told_so_and_nothing_is_lost(world, five) -> None:
    kept = prepare(STEP, world)
    os.seteuid(NOBODY)
    try:
        with pytest.raises(RefusedError, match="NetworkManager does not let this user change it"):
            prepare(STEP, world)
        done = do(STEP, world, kept)
    finally:
        os.seteuid(0)
    assert done.result == "refused"
    assert "card" in five.names()


def test_connections_of_a_networkmanager_that_does_not_run_wait_for_a_human(
    manager, world, tmp_path
) -> None:
    manager.profile("card", OURS, gsm_sim_id=ICCID)
    manager.profile("other", OTHERS, gsm_sim_id="89001010000000000026")
    folder = tmp_path / "root/etc/NetworkManager"
    folder.mkdir(parents=True)
    (folder / "system-connections").symlink_to(manager.files)
    stopped = world._replace(root=str(tmp_path / "root"))
    file = "/etc/NetworkManager/system-connections/card.nmconnection"
    (planned,) = plan(stopped, (STEP,))
    assert (planned.result, planned.why[1].fields) == ("needs_human", {"file": file})
    assert do(STEP, stopped).result == "refused"
    assert prove(STEP, stopped) == (None, {"networkmanager": "not running", "files": [file]}, True)


def test_no_networkmanager_is_said(world) -> None:
    (planned,) = plan(world, (STEP,))
    assert planned.result == "not_available"
    assert prepare(STEP, world) == {"profiles": []}
    assert do(STEP, world).result == "not_available"
    assert not prove(STEP, world).available


def test_a_release_killed_between_two_connections_goes_on_and_is_undone(five, world) -> None:
    kept = prepare(STEP, world)
    five.nmcli("connection", "delete", "card")  # as far as it came
    assert do(STEP, world, kept).commands == ("Delete port",)
    assert prove(STEP, world).evidence["connections"] == []
    five.nmcli("connection", "add", "save", "yes", "type", "gsm", "con-name", "x", "ifname", "y")
    assert undo(STEP, kept, world).result == "done"
    assert five.names() | {"lo"} == {*ALL, "x"}
    assert five.setting("card", "gsm.password") == PASSWORD


def test_a_password_that_somebody_else_keeps_is_said(manager, world) -> None:
    manager.profile("card", OURS, gsm_sim_id=ICCID, gsm_username="u", gsm_password_flags="1")
    manager.start()
    (planned,) = plan(world, (STEP,))
    assert planned.undo == "part"
    assert "is not kept by NetworkManager" in planned.document()["why"][0]["en"]
    kept = prepare(STEP, world)
    assert do(STEP, world, kept).result == "done"
    assert undo(STEP, kept, world).result == "done"
    assert manager.setting("card", "gsm.password-flags") == "1"
