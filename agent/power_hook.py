"""The owner's command that takes a modem's power away and gives it back.

Run without a shell, in a session of its own, with an environment that holds nothing but what is
documented (docs/recovery.md), bounded in time and in what is kept of its output.
"""

import os
import select
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from agent.errors import ConfigError
from agent.i18n import mark

KEPT_OUTPUT: Final = 400
"""Characters of the output that are reported: the last ones."""
_GRACE_S: Final = 2.0
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

FAILED: Final = mark("the power hook failed")
TOO_LONG: Final = mark("the power hook took too long")
NOT_STARTED: Final = mark("the power hook cannot be started")


def check_program(name: str, command: str | None) -> None:
    """See that the command which the configuration's key `name` gives can be started.

    Raises:
        ConfigError: there is no such program.
    """
    if command is None:
        return
    program = shlex.split(command)[0]
    if shutil.which(program, path=os.environ.get("PATH", _PATH)) is None:
        raise ConfigError("{name}: there is no program {program}", name=name, program=program)


class HookResult(NamedTuple):
    """How the command ended: exit code (None: it was killed, or never ran), and its last words."""

    exit_code: int | None
    output: str
    reason: str | None
    """What went wrong, in words; None where nothing did."""


def run_power_hook(command: str, timeout_s: float, told: Mapping[str, str]) -> HookResult:
    """Run `command` (words as a POSIX shell splits them; no shell) and wait for its end.

    `told` is added to the environment, which is otherwise PATH and LANG alone.
    """
    env = {"PATH": os.environ.get("PATH", _PATH), "LANG": "C.UTF-8", **told}
    try:
        process = subprocess.Popen(  # noqa: S603 - the owner's own command, from the configuration
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        return HookResult(None, str(error.strerror or error), NOT_STARTED)
    output = _Output(process)
    ended = output.collect(time.monotonic() + timeout_s)
    if not ended:
        _end(process)
    output.collect(time.monotonic())
    output.close()
    if not ended:
        return HookResult(None, output.text(), TOO_LONG)
    code = process.returncode
    return HookResult(code, output.text(), FAILED if code else None)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The command and what it started: asked first, then made to."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
            return


class _Output:
    """The last words of a process, and its end: waited for together, so that neither blocks."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        self._process = process
        self._file = process.stdout
        self._pipe = self._file.fileno()
        os.set_blocking(self._pipe, False)
        self._kept = b""

    def collect(self, deadline: float) -> bool:
        """Read until the process ended (True) or `deadline` passed."""
        end = os.pidfd_open(self._process.pid) if self._process.poll() is None else None
        try:
            return self._collect(end, deadline)
        finally:
            if end is not None:
                os.close(end)

    def _collect(self, end: int | None, deadline: float) -> bool:
        waited_for = select.poll()
        waited_for.register(self._pipe, select.POLLIN)
        if end is not None:
            waited_for.register(end, select.POLLIN)
        while True:
            left_s = 0.0 if end is None else max(0.0, deadline - time.monotonic())
            ready = [number for number, _ in waited_for.poll(left_s * 1000)]
            if self._pipe in ready and not self._take():
                waited_for.unregister(self._pipe)
            if end in ready:
                self._process.wait()
                return True
            if not ready or time.monotonic() >= deadline:
                return self._process.poll() is not None

    def _take(self) -> bool:
        """Read what is there; False at its end."""
        try:
            piece = os.read(self._pipe, 65536)
        except BlockingIOError:
            return True
        self._kept = (self._kept + piece)[-4 * KEPT_OUTPUT :]
        return bool(piece)

    def close(self) -> None:
        """Wait no longer: a child of the command may hold the pipe open for ever."""
        self._file.close()

    def text(self) -> str:
        """What was kept, as one line."""
        words = " ".join(self._kept.decode(errors="replace").split())
        return words[-KEPT_OUTPUT:]
