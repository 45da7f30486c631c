import os
import pty
import subprocess
import sys

import pytest

from modem.transport.holders import Holder, holders_of, lock_file_holder, lock_holders
from tests.device_trees import EC25, Machine


@pytest.fixture
def machine(tmp_path) -> Machine:
    machine = Machine(tmp_path)
    machine.plug(EC25)
    return machine


def of(machine: Machine, tty: str) -> list[str]:
    path = f"{machine.roots.dev}/{tty}"
    return [holder.in_words() for holder in holders_of([path], machine.roots).by_port[path]]


def test_who_has_a_port_open_is_named(machine) -> None:
    dev = machine.roots.dev
    machine.process(7, "cat", {"0": "/dev/null"})
    machine.process(812, "ModemManager", {"9": f"{dev}/ttyUSB2", "10": f"{dev}/ttyUSB3"})
    machine.process(900, "minicom", {"3": f"{dev}/ttyUSB2"})
    assert of(machine, "ttyUSB2") == ["ModemManager (pid 812)", "minicom (pid 900)"]
    assert of(machine, "ttyUSB3") == ["ModemManager (pid 812)"]
    assert of(machine, "ttyUSB0") == []


def test_a_port_that_was_unplugged_under_a_program_is_no_longer_this_one(machine) -> None:
    machine.process(812, "pppd", {"9": f"{machine.roots.dev}/ttyUSB2 (deleted)"})
    assert of(machine, "ttyUSB2") == []


def test_it_is_not_ourselves(machine) -> None:
    machine.process(os.getpid(), "simward", {"3": f"{machine.roots.dev}/ttyUSB2"})
    machine.lock("ttyUSB2", f"{os.getpid():10d}\n".encode())
    assert of(machine, "ttyUSB2") == []
    assert lock_file_holder(f"{machine.roots.dev}/ttyUSB2", machine.roots) is None


@pytest.mark.parametrize(
    "content",
    [b"       812\n", b"812\n", b"812 pppd root\n", (812).to_bytes(4, sys.byteorder)],
    ids=repr,
)
def test_a_lock_file_names_its_owner_in_any_of_the_usual_forms(machine, content) -> None:
    machine.process(812, "pppd", {})
    machine.lock("ttyUSB2", content)
    assert of(machine, "ttyUSB2") == ["pppd (pid 812)"]
    holder = lock_file_holder(f"{machine.roots.dev}/ttyUSB2", machine.roots)
    assert holder == Holder("pppd", 812, "lock file")


@pytest.mark.parametrize("content", [b"       812\n", b"", b"pppd\n", b"\xff\xff\xff\xff\xff"])
def test_a_lock_file_that_somebody_left_locks_nothing(machine, content) -> None:
    machine.lock("ttyUSB2", content)
    assert of(machine, "ttyUSB2") == []


def test_a_lock_of_the_kernel_names_its_owner(machine) -> None:
    port = machine.folder / "dev/ttyUSB2"
    status = port.stat()
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    machine.process(812, "simward", {})
    (machine.folder / "proc/locks").write_text(
        f"1: FLOCK  ADVISORY  WRITE 812 {file} 0 EOF\n"
        f"2: POSIX  ADVISORY  WRITE 813 {file} 0 EOF\n"
        f"3: FLOCK  ADVISORY  WRITE {os.getpid()} {file} 0 EOF\n"
        f"4: FLOCK  ADVISORY  WRITE 814 {file}7 0 EOF\n"
        f"1: -> FLOCK  ADVISORY  WRITE 815 {file} 0 EOF\n"
    )
    assert of(machine, "ttyUSB2") == ["simward (pid 812)"]
    assert lock_holders(str(port), machine.roots) == [Holder("simward", 812, "lock")]
    assert lock_holders(f"{port}-none", machine.roots) == []


def test_who_locks_and_opens_is_said_once(machine) -> None:
    machine.process(812, "pppd", {"9": f"{machine.roots.dev}/ttyUSB2"})
    machine.lock("ttyUSB2", b"       812\n")
    assert of(machine, "ttyUSB2") == ["pppd (pid 812)"]


def test_a_process_without_a_name_is_still_a_holder(machine) -> None:
    machine.process(812, "", {"9": f"{machine.roots.dev}/ttyUSB2"})
    assert of(machine, "ttyUSB2") == ["? (pid 812)"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every process")
def test_processes_that_hide_their_files_are_counted(machine) -> None:
    machine.process(812, "secret", {})
    (machine.folder / "proc/812/fd").chmod(0)
    assert holders_of([f"{machine.roots.dev}/ttyUSB2"], machine.roots).unseen == 1


def test_a_machine_without_proc_names_nobody(machine) -> None:
    roots = machine.roots._replace(proc="/nowhere")
    path = f"{roots.dev}/ttyUSB2"
    assert holders_of([path], roots).by_port == {path: []}


def test_of_a_real_terminal_the_client_is_the_holder_and_the_modem_is_not() -> None:
    program = (
        "import sys; port = open(sys.argv[1], 'rb', 0); print('open', flush=True); sys.stdin.read()"
    )
    master, client = pty.openpty()
    path = os.ttyname(client)
    try:
        with subprocess.Popen(
            [sys.executable, "-c", program, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            (holder,) = holders_of([path]).by_port[path]
            process.communicate("")
        assert holder.pid == process.pid
        assert holder.program.startswith("python")
        assert holders_of([path]).by_port[path] == []
    finally:
        os.close(master)
        os.close(client)


# In a container's own devpts: opens terminals until one has the number that was asked for.
CONTAINER = """
import fcntl, os, struct, sys  # TIOCSPTLCK, TIOCGPTN
number = -1
while number != int(sys.argv[1]):
    master = os.open("/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(master, 0x40045431, struct.pack("i", 0))
    number = struct.unpack("I", fcntl.ioctl(master, 0x80045430, bytes(4)))[0]
terminal = os.open(f"/dev/pts/{number}", os.O_RDWR | os.O_NOCTTY)
if os.fork() == 0:  # who has the terminal and not its other end
    os.closerange(terminal + 1, 100)
    os.closerange(3, terminal)
    print(os.readlink(f"/proc/self/fd/{terminal}"), flush=True)
    sys.stdin.read()
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="a container of its own needs root")
def test_a_terminal_of_the_same_name_in_a_container_is_another_one() -> None:
    master, client = pty.openpty()
    path = os.ttyname(client)
    enter = 'mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts && exec "$@"'
    program = [sys.executable, "-c", CONTAINER, path.rpartition("/")[2]]
    try:
        with subprocess.Popen(
            ["unshare", "-m", "sh", "-c", enter, "container", *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"{path}\n"
            assert holders_of([path]).by_port[path] == []
            process.communicate("")
    finally:
        os.close(master)
        os.close(client)
