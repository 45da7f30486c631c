"""Files of pppd and wvdial moved aside and back, programs ended: in a tree, with real processes."""

import json
import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.release.ppp_files import (
    calls_in,
    devices_dialled_in,
    modems_of,
    names_in_secrets,
    peer_of,
)
from agent.release.steps import World, do, plan, prepare, prove, undo
from agent.release.table import BY_ID
from tests.device_trees import EC25, Machine

STEP = BY_ID["ppp"]
PEER = """# a mobile network
connect "/usr/sbin/chat -v -f /etc/chatscripts/card"
/dev/serial/modem   # the AT port
115200
user gateway
persist
"""


@pytest.fixture
def tree(tmp_path) -> Path:
    """Files of this modem, of another one, and of nobody in particular."""
    etc = tmp_path / "root/etc"
    files = {
        "ppp/peers/card": PEER,
        "ppp/peers/port": "ttyUSB3\n115200\nconnect 'chat -f /etc/chatscripts/shared'\n",
        "ppp/peers/other": "/dev/ttyS9\nconnect 'chat -f /etc/chatscripts/shared'\n",
        "ppp/peers/home": 'plugin rp-pppoe.so\neth0\nuser "me"\n',
        "ppp/peers/unclear": "connect 'chat -f /etc/chatscripts/other'\n115200\n",
        "ppp/options.ttyUSB2": "crtscts\n",
        "ppp/options.ttyS9": "crtscts\n",
        "ppp/pap-secrets": '# names\n"gateway" * "hunter2"\n',
        "ppp/chap-secrets": '"me" * "other"\n',
        "chatscripts/card": "OK AT+CGDCONT=1,IP,iot.example\n",
        "chatscripts/shared": "OK ATD*99#\n",
        "systemd/system/dial.service": "[Service]\nExecStart=/usr/sbin/pppd call card nodetach\n",
        "systemd/system/other.service": "[Service]\nExecStart=/usr/sbin/pppd call other\n",
        "network/interfaces": "auto ppp0\niface ppp0 inet ppp\n    provider port\n",
        "rc.local": "# pppd /dev/ttyUSB2\nexit 0\n",
        "wvdial.conf": "[Dialer Defaults]\nModem = /dev/ttyUSB2\nStupid Mode = 1\n",
    }
    for name, text in files.items():
        (etc / name).parent.mkdir(parents=True, exist_ok=True)
        (etc / name).write_text(text)
    return tmp_path / "root"


OURS = {
    "/etc/ppp/peers/card",
    "/etc/ppp/peers/port",
    "/etc/ppp/options.ttyUSB2",
    "/etc/chatscripts/card",
    "/etc/wvdial.conf",
}


@pytest.fixture
def world(tmp_path, tree) -> World:
    machine = Machine(tmp_path / "machine")
    machine.plug(EC25)
    dev = Path(machine.roots.dev)
    (dev / "serial").mkdir(exist_ok=True)
    (dev / "serial/modem").symlink_to("../ttyUSB2")
    proc = tmp_path / "proc"
    proc.mkdir()
    roots = machine.roots._replace(proc=str(proc))
    return World(lambda _: {}, "", port=f"{dev}/ttyUSB2", root=str(tree), roots=roots)


def content(tree: Path) -> dict[str, str]:
    return {str(file): file.read_text() for file in tree.rglob("*") if file.is_file()}


def test_what_names_the_modems_port_is_moved_aside_and_nothing_else(world, tree) -> None:
    kept = prepare(STEP, world)
    assert {each["from"] for each in kept["files"]} == OURS
    before = content(tree)
    assert do(STEP, world, kept).result == "done"
    after = content(tree)
    gone = {name.removeprefix(str(tree)) for name in before.keys() - after.keys()}
    assert gone == OURS
    assert sorted(after.values()) == sorted(before.values())
    assert all(name.endswith(".simward-released") for name in after.keys() - before.keys())
    proof = prove(STEP, world)
    assert (proof.released, proof.evidence["files"]) == (True, [])


def test_all_comes_back_as_it_was(world, tree) -> None:
    before = content(tree)
    kept = json.loads(json.dumps(prepare(STEP, world)))
    do(STEP, world, kept)
    assert undo(STEP, kept, world).result == "done"
    assert content(tree) == before
    assert undo(STEP, kept, world).result == "nothing_to_do"
    assert prove(STEP, world).released is False


def test_the_plan_names_what_waits_for_a_human(world) -> None:
    (planned,) = plan(world, (STEP,))
    assert {each.fields["file"] for each in planned.what} == OURS
    assert [each.fields["file"] for each in planned.why] == [
        "/etc/ppp/peers/unclear",
        "/etc/network/interfaces",
        "/etc/systemd/system/dial.service",
        "/etc/ppp/pap-secrets",
    ]
    assert "hunter2" not in json.dumps(planned.document())


@pytest.mark.parametrize("done", range(len(OURS)))
def test_a_release_killed_between_two_files_goes_on_and_is_undone(world, tree, done) -> None:
    before = content(tree)
    kept = prepare(STEP, world)
    for each in kept["files"][:done]:
        (tree / each["from"].lstrip("/")).rename(tree / each["to"].lstrip("/"))
    assert do(STEP, world, kept).result == "done"
    assert prove(STEP, world).released is True
    for each in kept["files"][:done]:
        (tree / each["to"].lstrip("/")).rename(tree / each["from"].lstrip("/"))
    assert undo(STEP, kept, world).result == "done"
    assert content(tree) == before


def test_an_earlier_copy_is_not_written_over(world, tree) -> None:
    first = prepare(STEP, world)
    do(STEP, world, first)
    (tree / "etc/ppp/peers/card").write_text(PEER + "debug\n")
    second = prepare(STEP, world)
    do(STEP, world, second)
    names = sorted(file.name for file in (tree / "etc/ppp/peers").glob("card*"))
    assert names == ["card.simward-released", "card.simward-released-2"]
    (tree / "etc/ppp/peers/card").write_text("new\n")
    refusal = undo(STEP, first, world)
    assert refusal.result == "refused"
    assert [each.fields for each in refusal.because] == [{"file": "/etc/ppp/peers/card"}]
    assert (tree / "etc/ppp/peers/card").read_text() == "new\n"


def test_a_wvdial_for_several_modems_waits_for_a_human(world, tree) -> None:
    file = tree / "etc/wvdial.conf"
    file.write_text(file.read_text() + "[Dialer other]\nModem = /dev/ttyS9\n")
    (planned,) = plan(world, (STEP,))
    assert "/etc/wvdial.conf" in {each.fields["file"] for each in planned.why}
    do(STEP, world)
    assert file.exists()


def test_a_unit_that_dials_by_itself_leaves_it_open_whether_the_card_is_released(
    world, tree
) -> None:
    unit = tree / "etc/systemd/system/own.service"
    unit.write_text("[Service]\nExecStart=-/usr/sbin/pppd /dev/serial/modem 115200 persist\n")
    do(STEP, world)
    proof = prove(STEP, world)
    assert (proof.released, proof.evidence["starters"]) == (
        None,
        ["/etc/systemd/system/own.service"],
    )
    assert plan(world, (STEP,))[0].result == "needs_human"
    unit.unlink()
    assert prove(STEP, world).released is True


def test_a_machine_without_ppp_has_nothing_to_do(world, tmp_path) -> None:
    bare = world._replace(root=str(tmp_path / "bare"))
    assert plan(bare, (STEP,))[0].result == "nothing_to_do"
    assert do(STEP, bare).result == "nothing_to_do"
    assert prove(STEP, bare).released is True


# Programs


@pytest.fixture
def dialling(tmp_path):
    """A program that the kernel calls pppd, with a terminal open, and the world around it."""
    program = tmp_path / "pppd"
    shutil.copy("/bin/sleep", program)
    ours, theirs = pty.openpty()
    process = subprocess.Popen([program, "600"], stdin=theirs)
    name = os.ttyname(theirs)
    yield process, World(lambda _: {}, "", port=name, root=str(tmp_path / "none"))
    process.kill()
    process.wait()
    os.close(ours)
    os.close(theirs)


def test_a_program_that_dials_over_the_port_is_ended_and_read_back(dialling) -> None:
    process, world = dialling
    (planned,) = plan(world, (STEP,))
    assert (planned.undo, planned.cuts_uplink) == ("part", True)
    nothing = {"files": [], "unclear": [], "starters": []}
    assert prove(STEP, world) == (False, {**nothing, "running": ["pppd"]}, True)
    kept = prepare(STEP, world)
    done = do(STEP, world, kept)
    assert (done.result, done.commands) == ("done", (f"SIGTERM pppd {process.pid}",))
    assert process.wait(10) == -15
    assert prove(STEP, world).released is True
    back = undo(STEP, kept, world)
    assert back.result == "nothing_to_do"
    assert [each.fields for each in back.because] == [{"program": "pppd"}]


def test_a_program_at_another_port_goes_on(dialling) -> None:
    process, world = dialling
    ours, theirs = pty.openpty()
    try:
        other = world._replace(port=os.ttyname(theirs))
        assert do(STEP, other).result == "nothing_to_do"
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.poll() is None


# What files say


@pytest.mark.parametrize(
    ("text", "device", "scripts", "names"),
    [
        (PEER, "/dev/serial/modem", ("/etc/chatscripts/card",), ("gateway",)),
        ("#/dev/ttyUSB2\nttyACM0 9600\n", "ttyACM0", (), ()),
        ("name \"a b\"\nconnect 'chat -s -f /x'\n/dev/y", "/dev/y", ("/x",), ("a b",)),
        ("nodetach\n", None, (), ()),
        ("", None, (), ()),
    ],
)
def test_an_options_file_is_read(text, device, scripts, names) -> None:
    peer = peer_of(text)
    assert (peer.device, peer.scripts, peer.names) == (device, scripts, names)


@pytest.mark.parametrize("line", ["plugin rp-pppoe.so", "pty 'pptp x'", "plugin /x/pptp.so"])
def test_what_dials_over_no_terminal_is_told_apart(line) -> None:
    assert peer_of(line).without_tty


def test_devices_of_a_wvdial_file_and_names_of_a_secrets_file() -> None:
    assert modems_of("[x]\nModem = /dev/a\n modem=/dev/b\nModem Type = c\n") == ("/dev/a", "/dev/b")
    assert names_in_secrets("# a b\nc * d\n'e f' * g\n") == {"c", "e f"}


@pytest.mark.parametrize(
    ("text", "calls", "devices"),
    [
        ("ExecStart=/usr/sbin/pppd call card updetach\n", {"card"}, ()),
        ("ExecStart=/usr/bin/pon card\n", {"card"}, ()),
        ("/usr/bin/pon card\n", {"card"}, ()),
        ("iface ppp0 inet ppp\n  provider card\n", {"card"}, ()),
        ("@reboot root pppd ttyUSB2 115200\n", set(), ("ttyUSB2",)),
        ("# pppd call card /dev/ttyUSB2\nminicom /dev/ttyUSB2\ncall card\n", set(), ()),
    ],
)
def test_what_starts_a_dialler_is_read(text, calls, devices) -> None:
    assert calls_in(text) == calls
    assert devices_dialled_in(text) == devices
