"""The demo's programs: started as any user would start them, and all stopped at the end."""

import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from agent.errors import DemoError
from agent.i18n import t

_SIMWARD = ("-m", "agent.demo.gateway")
_START_DEADLINE_S = 30.0
_COMMAND_DEADLINE_S = 150.0
"""A look after the cancellation waits up to 90 s for the network."""


def waited(what: str, seconds: float) -> DemoError:
    """Something has not happened for so long."""
    return DemoError(
        "still waiting for {what} after {seconds} s", what=what, seconds=f"{seconds:g}"
    )


class Program:
    """One running program; its standard output comes line by line."""

    def __init__(
        self, command: list[str], log: Path, *, env: Mapping[str, str] | None = None
    ) -> None:
        """Start it; what it says on standard error goes to `log`.

        With `env` (variables beside the present ones) it is a command at a terminal: it works in
        the folder of `log`, and what it says on standard error comes with the rest.
        """
        self.log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors if env is None else subprocess.STDOUT,
                text=True,
                cwd=None if env is None else log.parent,
                env=None if env is None else {**os.environ, **env},
            )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        assert self._process.stdout is not None
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def _read(self, stdout: IO[str]) -> None:
        for line in stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def line(self, timeout_s: float) -> str | None:
        """The next line, or None where none came in time.

        Raises:
            DemoError: the program has ended.
        """
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if line is None:
            raise DemoError("a part of the demo ended: {what}", what=self._last_words())
        return line

    def lines(self) -> Iterator[str]:
        """All lines until it ends.

        Raises:
            DemoError: it does not end.
        """
        end = time.monotonic() + _COMMAND_DEADLINE_S
        try:
            while (line := self._lines.get(timeout=max(0.0, end - time.monotonic()))) is not None:
                yield line
        except queue.Empty:
            what = t("the end of {what}", what=self.log.stem)
            raise waited(what, _COMMAND_DEADLINE_S) from None

    def exit_code(self) -> int:
        """Of a program that has said its last line."""
        return self._process.wait(10)

    def hear(self, line: str) -> None:
        """Say a line to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def first_line(self) -> str:
        """The first line, which says that the program is ready.

        Raises:
            DemoError: it ended, or says nothing.
        """
        line = self.line(_START_DEADLINE_S)
        if line is None:
            raise DemoError("a part of the demo does not start: {what}", what=self._last_words())
        return line

    def stop(self) -> None:
        """End it: politely, then for good. Stopping twice is harmless."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        said = self.log.read_text(errors="replace").strip().splitlines()
        return said[-1] if said else self.log.stem


class Stage:
    """Where the demo plays: a folder, and every program that was started."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet; all files go to `folder`."""
        self.folder = folder
        self._programs: list[Program] = []

    def simward(self, name: str, *arguments: str) -> Program:
        """`simward ARGUMENTS`, as a program of its own."""
        return self._start(name, [sys.executable, *_SIMWARD, *arguments])

    def command(self, name: str, env: Mapping[str, str], *arguments: str) -> Program:
        """`simward ARGUMENTS` as typed in the demo's folder, with these variables set."""
        return self._start(name, [sys.executable, *_SIMWARD, *arguments], env)

    def broker(self, port: int) -> Program:
        """The embedded broker, listening on loopback."""
        program = self._start("broker", [sys.executable, "-m", "agent.demo.broker", str(port)])
        program.first_line()
        # The others say goodbye to it, so it goes last.
        self._programs.insert(0, self._programs.pop())
        return program

    def _start(
        self, name: str, command: list[str], env: Mapping[str, str] | None = None
    ) -> Program:
        program = Program(command, self.folder / f"{name}.log", env=env)
        self._programs.append(program)
        return program

    def stop(self) -> None:
        """End all of them, the last started first."""
        for program in reversed(self._programs):
            program.stop()
        self._programs.clear()


def free_port() -> int:
    """A TCP port of loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
