"""Real programs for system tests: started, waited for by what they do, always stopped."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SIMWARD = "import sys; from agent.cli import main; sys.exit(main())"
_LOOKS_S = 0.02


def simward_command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", _SIMWARD, "--lang", "en", *arguments]


class Program(subprocess.Popen[str]):
    """A program that remembers where its complaints go."""

    complaints: Path | None = None

    def last_words(self) -> str:
        said = self.complaints.read_text(errors="replace") if self.complaints else ""
        return "\n".join(said.splitlines()[-20:])


def start(folder: Path, name: str, *arguments: str) -> Program:
    """`simward ARGUMENTS`; its words go to files in `folder`."""
    with (folder / f"{name}.out").open("ab") as out, (folder / f"{name}.err").open("ab") as err:
        process = Program(
            simward_command(*arguments), stdin=subprocess.DEVNULL, stdout=out, stderr=err, text=True
        )
    process.complaints = folder / f"{name}.err"
    return process


@contextmanager
def running(folder: Path, name: str, *arguments: str) -> Iterator[Program]:
    process = start(folder, name, *arguments)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> int:
    """SIGTERM, and SIGKILL where that does not help; the exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            return process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait(60)


def wait_until(
    happened: Callable[[], bool], process: subprocess.Popen[str], timeout_s: float = 60.0
) -> None:
    """Return when `happened`; fail when `process` ends before, or time is over."""
    for _ in range(int(timeout_s / _LOOKS_S)):
        if happened():
            return
        try:
            code = process.wait(_LOOKS_S)
        except subprocess.TimeoutExpired:
            continue
        words = process.last_words() if isinstance(process, Program) else ""
        raise AssertionError(f"{process.args} ended with {code}: {words}")
    raise AssertionError(f"nothing happened within {timeout_s} s")
