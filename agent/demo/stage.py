"""The demo's programs: started as any user would start them, and all stopped at the end."""

import queue
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from agent.errors import DemoError

_SIMWARD = "import sys; from agent.cli import main; sys.exit(main())"
_START_DEADLINE_S = 30.0


class Program:
    """One running program; its standard output comes line by line."""

    def __init__(self, command: list[str], log: Path) -> None:
        """Start it; what it says on standard error goes to `log`."""
        self.log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True
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
        return self._start(name, [sys.executable, "-c", _SIMWARD, *arguments])

    def broker(self, port: int) -> Program:
        """The embedded broker, listening on loopback."""
        program = self._start("broker", [sys.executable, "-m", "agent.demo.broker", str(port)])
        program.first_line()
        # The others say goodbye to it, so it goes last.
        self._programs.insert(0, self._programs.pop())
        return program

    def _start(self, name: str, command: list[str]) -> Program:
        program = Program(command, self.folder / f"{name}.log")
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
