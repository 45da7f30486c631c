"""A real mosquitto on a free loopback port, for one test."""

import getpass
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
_START_TRIES = 500


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when somebody accepts on `port`; fail if `process` ended instead."""
    for _ in range(_START_TRIES):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            try:
                code = process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"the broker ended with {code}") from None
        else:
            return
    raise RuntimeError("the broker does not listen")


class Mosquitto:
    """A broker that a test may stop and start; without `persistence` it forgets everything."""

    def __init__(self, folder: Path, acl: str | None = None, extra: str = "") -> None:
        if _PROGRAM is None:
            pytest.skip("mosquitto is not installed")
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._config = folder / "mosquitto.conf"
        # As root it would become the user `mosquitto`, who cannot read a test's folder.
        lines = [
            f"user {getpass.getuser()}",
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "log_type none",
            extra,
        ]
        self._acl = folder / "acl"
        if acl is not None:
            self._acl.write_text(acl)
            lines.append(f"acl_file {self._acl}")
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def _command(self) -> list[str]:
        return [str(_PROGRAM), "-c", str(self._config)]

    def start(self) -> None:
        command = self._command()
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_until_listening(self.port, self._process)
        except BaseException:
            self.stop()
            raise

    def allow(self, acl: str) -> None:
        """Other rights from now on, for a broker that was made with some; it need not run."""
        self._acl.write_text(acl)
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it; stopping twice is harmless."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=60)
            self._process = None


class Embedded(Mosquitto):
    """The demo's broker: MQTT 3.1.1 only, and no word about messages that nobody hears."""

    def __init__(self, folder: Path) -> None:
        del folder
        pytest.importorskip("amqtt", reason="the embedded broker is not installed")
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._process = None

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "agent.demo.broker", str(self.port)]


@contextmanager
def mosquitto(folder: Path, acl: str | None = None, extra: str = "") -> Iterator[Mosquitto]:
    broker = Mosquitto(folder, acl, extra)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
