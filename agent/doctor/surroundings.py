"""What the checks look at: files below a root, programs, the clock. Tests build trees of their own.

Everything here only reads. What cannot be read is `Unreadable`, and says as whom it was tried.
"""

import os
import pwd
import subprocess
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, TypeVar

from agent import clock
from agent.config_files import RUN_DIR, SYSTEM_STATE_DIR
from agent.doctor.finding import Unreadable
from agent.errors import AgentError
from agent.i18n.said import say
from modem.transport.sysfs import SYSTEM, Roots

if TYPE_CHECKING:
    from agent.config import Settings

T = TypeVar("T")

PROGRAM_S: Final = 5.0
_MOST_BYTES: Final = 4 * 1024 * 1024
_PIECE_BYTES: Final = 65_536
"""For a file of /proc/sys the kernel wants that much memory in one piece (4 MiB were refused)."""


class Configured(NamedTuple):
    """The configuration: its file (None: the environment alone, or nothing), and what came of it.

    `given` is whether there is any; without a valid one `settings` is None and `error` says why.
    """

    given: bool
    file: str | None
    settings: "Settings | None"
    error: AgentError | None


class User(NamedTuple):
    """As whom we look."""

    uid: int
    name: str
    groups: frozenset[int]

    @property
    def is_root(self) -> bool:
        """Whether nothing is hidden from us."""
        return self.uid == 0


class Ran(NamedTuple):
    """How a program ended, and what it printed."""

    code: int
    out: str


def this_user() -> User:
    """Whoever runs this process."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return User(uid, name, frozenset({*os.getgroups(), os.getegid()}))


def run_program(*argv: str, patience_s: float = PROGRAM_S) -> Ran | None:
    """Run a program that only tells; None where there is no such program.

    Raises:
        Unreadable: it does not end, or may not be started.
    """
    try:
        done = subprocess.run(  # noqa: S603 - names of our own, without a shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=patience_s,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        return None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreadable(say("{program} does not answer", program=argv[0])) from error
    return Ran(done.returncode, done.stdout.decode("utf-8", errors="replace").strip())


@dataclass(frozen=True)
class Surroundings:
    """One machine, seen by one user.

    Files of the system are given by their usual absolute names and looked up below `root`; files
    that the configuration names (state directory, certificates) are taken as they are named.
    """

    configured: Configured
    root: str = ""
    roots: Roots = SYSTEM
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    user: User = field(default_factory=this_user)
    run: Callable[..., Ran | None] = run_program
    statvfs: Callable[[Path], os.statvfs_result] = os.statvfs
    access: Callable[[Path, int], bool] = os.access
    now: Callable[[], datetime] = clock.now
    up_s: Callable[[], float] = clock.up_s
    synchronized: Callable[[], bool] = clock.clock_synchronized
    _shared: dict[str, Future[Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def settings(self) -> "Settings":
        """The configuration in force.

        Raises:
            Unreadable: it is not valid.
        """
        if self.configured.settings is None:
            raise Unreadable(say("the configuration is not valid"))
        return self.configured.settings

    @property
    def state_dir(self) -> Path:
        """Where the daemon keeps its files."""
        return self.settings.device.state_dir

    @property
    def control_socket(self) -> Path:
        """Where the daemon listens (`agent.config_files.control_path`)."""
        if str(self.state_dir) == SYSTEM_STATE_DIR and self.where(RUN_DIR).is_dir():
            return self.where(f"{RUN_DIR}/control.sock")
        return self.state_dir / "control.sock"

    def where(self, path: str) -> Path:
        """The file of the system that is usually at `path`."""
        return Path(self.root + path)

    def text(self, path: str | Path) -> str | None:
        """The content of a file of the system; None where it does not exist.

        Raises:
            Unreadable: it exists, and this user may not read it, or reading fails.
        """
        place = self.where(path) if isinstance(path, str) else path
        try:
            with place.open("rb") as file:
                return _beginning(file).decode("utf-8", errors="replace").strip("\0\n ")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self.unreadable(place, error) from error

    def names(self, path: str) -> list[str]:
        """What is in a folder of the system, sorted; nothing where there is none.

        Raises:
            Unreadable: it exists, and this user may not look into it.
        """
        try:
            return sorted(os.listdir(self.where(path)))  # noqa: PTH208 - names are wanted
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise self.unreadable(self.where(path), error) from error

    def exists(self, path: str) -> bool:
        """Whether a file of the system is there."""
        return self.where(path).exists()

    def unreadable(self, path: Path, error: OSError) -> Unreadable:
        """The reason for `unknown` where `path` cannot be read."""
        return Unreadable(
            say(
                "{path} cannot be read as {user}: {error}",
                path=str(path),
                user=self.user.name,
                error=error.strerror or str(error),
            )
        )

    def processes(self, name: str) -> list[int]:
        """The ids of the programs called `name` that run."""
        found = []
        for number in self.names("/proc"):
            if number.isdecimal():
                with suppress(Unreadable):  # it ended meanwhile
                    if self.text(f"/proc/{number}/comm") == name:
                        found.append(int(number))
        return found

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives or raises, made by the first check that asks; others wait for it."""
        with self._lock:
            future = self._shared.get(name)
            mine = future is None
            if future is None:
                future = self._shared[name] = Future()
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:  # noqa: BLE001 - raised again for everybody who asks
                future.set_exception(error)
        result: T = future.result()
        return result


def _beginning(file: BinaryIO) -> bytes:
    """At most `_MOST_BYTES`, read in pieces."""
    found = b""
    while len(found) < _MOST_BYTES and (piece := file.read(_PIECE_BYTES)):
        found += piece
    return found
