"""A real pcscd of a test's own, with virtual readers; the system's own one is not touched.

pcscd has its socket at a fixed place. Ours runs in a mount namespace in which a folder of the test
lies at that place; libpcsclite finds the socket in the folder by PCSCLITE_CSOCK_NAME.
"""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.simulator.vpcd import VirtualSlot
from sim.transport.pcsc import ReaderState, list_readers
from tests.system.programs import end, wait_until

_PROGRAM = shutil.which("pcscd", path="/usr/sbin:/sbin:/usr/bin:/usr/local/sbin")
_DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_INSIDE = """
mount -t tmpfs none /run && mkdir /run/pcscd && mount --bind "$1" /run/pcscd && exec "$2" -f -c "$3"
"""
_MOST_POLLS_S = 30.0


class Pcscd:
    """The daemon and its two readers, `name(0)` and `name(1)`, each with a slot for a card."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("smartcard", reason="pyscard is not installed")
        if _PROGRAM is None or not _DRIVER.exists():
            pytest.skip("pcscd or vsmartcard-vpcd is not installed")
        self._run, self._config = folder / "run", folder / "conf"
        self._run.mkdir()
        self._config.mkdir()
        self.socket = self._run / "pcscd.comm"
        self.ports = _free_pair()
        # One entry makes two readers: the port, and the next one.
        (self._config / "vpcd").write_text(
            f'FRIENDLYNAME "Simward Test"\nDEVICENAME /dev/null:{self.ports[0]}\n'
            f"LIBPATH {_DRIVER}\nCHANNELID {self.ports[0]}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def name(number: int) -> str:
        return f"Simward Test 00 {number:02d}"

    def start(self) -> None:
        unshare = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "-r", "--mount"]
        inside = ["sh", "-c", _INSIDE, "sh", str(self._run), str(_PROGRAM), str(self._config)]
        with (self._run.parent / "pcscd.log").open("wb") as log:
            self._process = subprocess.Popen([*unshare, *inside], stdout=log, stderr=log)
        try:
            wait_until(self.socket.exists, self._process)
        except AssertionError:
            words = (self._run.parent / "pcscd.log").read_text(errors="replace")
            self.stop()
            pytest.skip(f"no pcscd of our own: {words.strip()[-200:]}")

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It takes no step: whatever it is asked hangs until the end."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def slot(self, number: int = 0) -> VirtualSlot:
        return VirtualSlot("127.0.0.1", self.ports[number])

    def state(self, number: int = 0) -> ReaderState:
        return next(r for r in list_readers() if r.name == self.name(number))

    def wait_for(self, card: str, number: int = 0) -> ReaderState:
        """Until the reader says so of its card; pcscd looks at it 2.5 times a second."""
        assert self._process is not None
        seen: list[ReaderState] = []

        def says_so() -> bool:
            seen.append(self.state(number))
            return seen[-1].card == card

        happened: Callable[[], bool] = says_so
        wait_until(happened, self._process, _MOST_POLLS_S)
        return seen[-1]

    def wait_for_all(self, wanted: tuple[ReaderState, ...]) -> tuple[ReaderState, ...]:
        """Until all readers are listed so: pcscd adds them, and looks at them, one by one."""
        assert self._process is not None
        seen: list[tuple[ReaderState, ...]] = []

        def says_so() -> bool:
            seen.append(list_readers())
            return seen[-1] == wanted

        happened: Callable[[], bool] = says_so
        wait_until(happened, self._process, _MOST_POLLS_S)
        return seen[-1]


def _free_pair() -> tuple[int, int]:
    """Two ports in a row that nobody listens on at this moment."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("0.0.0.0", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("0.0.0.0", port + 1))
            except OSError:
                continue
            return port, port + 1
    raise RuntimeError("no two free ports in a row")
