"""Beside a real ModemManager: who has the modem, taking it, and giving it back, also by a crash."""

import json
import pwd
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from modem.errors import CoexistError
from modem.transport.coexist import (
    NOT_ALLOWED,
    TAKEN_BY_OTHER,
    Inhibition,
    managed_modems,
)
from modem.transport.holders import holders_of
from tests.device_trees import EC25, HOST
from tests.system.modem_manager import Stage, needs_modemmanager
from tests.system.programs import end, simward_command, wait_until

pytestmark = [pytest.mark.system, needs_modemmanager]

UID = f"/sys/{HOST}/1-1"
PORT = "/dev/ttyUSB2"
UDEV = Path(__file__).parents[2] / "packaging/udev"
AT_PORT = 3  # MM_MODEM_PORT_TYPE_AT


@pytest.fixture
def stage(tmp_path, monkeypatch):
    with Stage(tmp_path) as stage:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", stage.env["DBUS_SYSTEM_BUS_ADDRESS"])
        stage.plug(EC25, "ttyUSB2", "ttyUSB3")
        yield stage


@pytest.fixture
def manager(stage):
    """ModemManager, with the simulated EC25 in its hands."""
    process = stage.start_modemmanager("ttyUSB2", "ttyUSB3")
    wait_until(lambda: has_modem(stage), process)
    return process


def has_modem(stage: Stage) -> bool:
    return [modem["Device"] for modem in stage.modems()] == [UID]


def has_port(stage: Stage, manager) -> bool:
    """Whether ModemManager has the port open."""
    line = stage.lines["ttyUSB2"].path
    return [holder.pid for holder in holders_of([line]).by_port[line]] == [manager.pid]


def inhibition(stage: Stage) -> Inhibition:
    roots = stage.machine.roots
    return Inhibition(f"{roots.dev}/ttyUSB2", roots=roots)


def test_modemmanager_takes_the_simulated_modem_and_simward_sees_it(stage, manager):
    (modem,) = stage.modems()
    assert modem["Plugin"] == "quectel"
    assert modem["PrimaryPort"] == "ttyUSB2"
    wait_until(lambda: has_port(stage, manager), manager)
    (managed,) = managed_modems() or ()
    assert managed.uid == UID
    assert set(managed.ports) == {"ttyUSB2", "ttyUSB3"}


def test_the_list_of_ports_names_modemmanager(stage, manager):
    wait_until(lambda: has_port(stage, manager), manager)
    result = stage.simward("ports", "--json")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    (modem,) = document["modems"]
    assert modem["modemmanager"] is True
    by_name = {port["port"]: port for port in document["ports"]}
    held = {"program": "ModemManager", "pid": manager.pid, "how": "open"}
    assert by_name[PORT]["held_by"] == [held]
    assert by_name[PORT]["openable"] is False
    assert document["chosen"]["port"] == "/dev/ttyUSB3"


def test_a_held_port_is_refused_with_three_ways_out(stage, manager):
    wait_until(lambda: has_port(stage, manager), manager)
    result = stage.simward("status", "--port", PORT)
    assert (result.returncode, result.stdout) == (3, "")
    (line,) = result.stderr.splitlines()
    assert f"{PORT}: taken by ModemManager (pid {manager.pid})" in line
    for way in ("--modemmanager inhibit", "second AT port", "udev rule"):
        assert way in line
    assert has_modem(stage)


def test_the_second_port_is_taken_where_modemmanager_has_the_first(stage, manager):
    wait_until(lambda: has_port(stage, manager), manager)
    result = stage.simward("status", "--json")
    document = json.loads(result.stdout)
    assert document["modem"]["port"] == "/dev/ttyUSB3"
    assert document["sim"]["iccid"]
    assert "taking /dev/ttyUSB3" in result.stderr
    assert has_modem(stage)


def test_a_status_may_take_the_modem_and_gives_it_back(stage, manager):
    wait_until(lambda: has_port(stage, manager), manager)
    result = stage.simward("status", "--port", PORT, "--modemmanager", "inhibit", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["sim"]["state"] == "ready"
    wait_until(lambda: has_modem(stage) and has_port(stage, manager), manager)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])
def test_the_daemon_takes_the_modem_and_gives_it_back_however_it_ends(stage, manager, how):
    config = stage.folder / "simward.toml"
    config.write_text(
        f'[device]\nstate_dir = "{stage.folder}/state"\n'
        f'[[modem]]\nport = "{PORT}"\nmodemmanager = "inhibit"\n'
    )
    daemon = stage.start("daemon", *stage.inside(*simward_command("--config", str(config), "run")))
    wait_until(lambda: stage.modems() == [], daemon)
    line = stage.lines["ttyUSB2"].path

    def ours() -> bool:
        return [holder.pid for holder in holders_of([line]).by_port[line]] == [daemon.pid]

    wait_until(ours, daemon)
    daemon.send_signal(how)
    daemon.wait(30)
    wait_until(lambda: has_modem(stage) and has_port(stage, manager), manager)


def test_the_daemon_follows_the_modem_to_another_name_and_keeps_modemmanager_away(stage, manager):
    config = stage.folder / "simward.toml"
    config.write_text(
        f'[device]\nstate_dir = "{stage.folder}/state"\n[report]\ninterval_s = 1\n'
        f'[[modem]]\nport = "{PORT}"\nmodemmanager = "inhibit"\n'
    )
    daemon = stage.start("daemon", *stage.inside(*simward_command("--config", str(config), "run")))
    log = stage.folder / "daemon.log"
    wait_until(lambda: "sample slot=1" in log.read_text(), daemon)
    stage.unplug(EC25)
    stage.tell_modemmanager("remove", "ttyUSB2", "ttyUSB3")
    wait_until(lambda: "modem lost" in log.read_text(), daemon)
    stage.plug(EC25.at_place("1-1", 5), "ttyUSB7", "ttyUSB8")
    stage.tell_modemmanager("add", "ttyUSB7", "ttyUSB8")

    def sampled_again() -> bool:
        _, found, rest = log.read_text().partition("is now /dev/ttyUSB7")
        return bool(found) and "sample slot=1" in rest

    wait_until(sampled_again, daemon)
    assert stage.modems() == []
    assert end(daemon) == 0
    wait_until(lambda: has_modem(stage), manager)
    (modem,) = stage.modems()
    assert modem["PrimaryPort"] == "ttyUSB7"


@pytest.mark.usefixtures("manager")
def test_the_daemon_warns_of_a_modemmanager_that_it_was_not_told_about(stage):
    config = stage.folder / "simward.toml"
    config.write_text(
        f'[device]\nstate_dir = "{stage.folder}/state"\n[[modem]]\nport = "/dev/ttyUSB3"\n'
    )
    daemon = stage.start("daemon", *stage.inside(*simward_command("--config", str(config), "run")))
    log = stage.folder / "daemon.log"
    wait_until(lambda: "modem port opened" in log.read_text(), daemon)
    assert "ModemManager manages this modem" in log.read_text()
    assert end(daemon) == 0


def test_an_inhibition_outlives_modemmanager(stage, manager):
    ours = inhibition(stage)
    assert ours.take()
    watch = threading.Thread(target=ours.keep)
    watch.start()
    try:
        wait_until(lambda: stage.modems() == [], manager)
        end(manager)
        again = stage.start_modemmanager("ttyUSB2", "ttyUSB3")
        # The new one takes the modem, and is told to let go of it.
        log = stage.folder / "mm.log"
        told = f"device inhibition setup for uid '{UID}'"
        wait_until(lambda: log.read_text().count(told) == 2, again)
        wait_until(lambda: stage.modems() == [], again)
    finally:
        ours.release()
        watch.join(10)
    wait_until(lambda: has_modem(stage), again)


def test_a_modem_that_is_still_being_looked_at_is_waited_for(stage):
    process = stage.start_modemmanager("ttyUSB2", "ttyUSB3")
    ours = inhibition(stage)
    try:
        assert ours.take()
        assert stage.modems() == []
    finally:
        ours.close()
    wait_until(lambda: has_modem(stage), process)


# All is imported and looked up while it is still root, then it is somebody else.
ASKING = """
import os, sys
import jeepney.io.blocking
from modem.errors import CoexistError
from modem.transport.coexist import Inhibition
from modem.transport.sysfs import Roots
ours = Inhibition(sys.argv[3] + "/ttyUSB2", roots=Roots(sys=sys.argv[2], dev=sys.argv[3]))
os.setgroups([])
os.setuid(int(sys.argv[1]))
try:
    print("taken", ours.take())
except CoexistError as error:
    print(error.reason)
ours.close()
"""


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize(("user", "answer"), [("nobody", "taken True"), ("daemon", NOT_ALLOWED)])
def test_the_polkit_rule_lets_the_group_take_modems_and_nobody_else(stage, user, answer):
    uid = pwd.getpwnam(user).pw_uid
    roots = stage.machine.roots
    result = subprocess.run(
        [sys.executable, "-c", ASKING, str(uid), roots.sys, roots.dev],
        env=stage.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert result.stdout.strip() == answer


def test_the_rule_for_the_second_port_leaves_it_to_us(stage):
    stage.add_rules(UDEV / "78-mm-simward-second-port.rules")
    process = stage.start_modemmanager("ttyUSB2", "ttyUSB3")
    wait_until(lambda: has_modem(stage), process)
    (modem,) = stage.modems()
    assert [name for name, kind in modem["Ports"] if kind == AT_PORT] == ["ttyUSB2"]
    document = json.loads(stage.simward("status", "--json").stdout)
    assert document["modem"]["port"] == "/dev/ttyUSB3"


def test_the_rule_to_ignore_leaves_the_modem_to_us(stage):
    stage.add_rules(UDEV / "78-mm-simward-ignore.rules")
    process = stage.start_modemmanager("ttyUSB2", "ttyUSB3")
    log = stage.folder / "mm.log"
    wait_until(lambda: log.read_text().count("device is blocklisted") == 2, process)
    assert stage.modems() == []
    document = json.loads(stage.simward("status", "--json").stdout)
    assert document["modem"]["port"] == PORT


@pytest.mark.usefixtures("manager")
def test_what_another_program_took_is_not_ours(stage):
    first, second = inhibition(stage), inhibition(stage)
    try:
        assert first.take()
        with pytest.raises(CoexistError, match=TAKEN_BY_OTHER):
            second.take()
    finally:
        second.close()
        first.close()


def test_a_modem_that_modemmanager_does_not_know_needs_no_taking(stage):
    stage.start_modemmanager()
    ours = inhibition(stage)
    assert not ours.take()
    ours.close()
    ours.close()


def test_without_modemmanager_there_is_nothing_to_take(stage):
    assert managed_modems() is None
    ours = inhibition(stage)
    assert not ours.take()
    ours.close()


def test_without_a_bus_there_is_no_modemmanager(tmp_path, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    assert managed_modems() is None
    ours = Inhibition("/dev/ttyUSB2")
    assert not ours.take()
    watch = threading.Thread(target=ours.keep)
    watch.start()
    ours.release()
    watch.join(10)
    assert not watch.is_alive()
