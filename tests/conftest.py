"""What all tests share: how hard properties try, and a watch over what tests leave behind."""

import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

from agent.i18n import set_language
from tests.effort import LONG

settings.register_profile("quick", deadline=None)
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile("long" if LONG else "quick")
_GRACE_S = 2.0

# A shell starts what runs in the background with SIGINT ignored, and so would all that tests start.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


def children() -> set[int]:
    """Processes that this one started and that live, or were not waited for."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        # A thread may end meanwhile; some kernels have no such file.
        with suppress(OSError):
            found.update(map(int, (task / "children").read_text(encoding="ascii").split()))
    return found


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """A test that leaves a thread or a child process fails."""
    threads_before, children_before = set(threading.enumerate()), children()
    yield
    left = set(threading.enumerate()) - threads_before
    for thread in left:
        thread.join(_GRACE_S)
    alive = sorted(thread.name for thread in left if thread.is_alive())
    assert alive == [], f"threads left running: {alive}"
    processes = children() - children_before
    assert not processes, f"child processes left: {sorted(processes)}"


@pytest.fixture(autouse=True)
def english_is_spoken_again() -> Iterator[None]:
    """The language is the process's: what one test chose is none of the next one's business."""
    yield
    set_language("en")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much of the corpus is claimed; the workers of pytest-xdist cannot print."""
    for report in terminalreporter.getreports("passed"):
        for name, words in report.user_properties:
            if name == "corpus":
                terminalreporter.write_line(f"corpus: {words}")
