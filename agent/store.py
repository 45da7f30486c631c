"""The one SQLite database: opened, checked, migrated; transactions.

WAL with synchronous FULL: a commit that returned survives a power cut (figures and tests of that
in docs). A damaged database is moved aside and a new one, with a new store id, takes its place:
a gateway that reports again is worth more than one that refuses to start.

Source: SQLite documentation, "Pragma statements", "Write-Ahead Logging".
"""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from agent import outgoing
from agent.binding import history, hold, unsaid
from agent.errors import StoreError
from agent.i18n import mark
from agent.notices import tables as notices
from agent.usage import tables
from cloud_bridge import outbox
from cloud_bridge.errors import OutboxError

NAME: Final = "simward.db"
_RIGHTS: Final = 0o640
DAMAGED: Final = "the store is damaged"
"""The reason of an `OutboxError` that only a new database helps against."""

_NEWER = mark("{path} was made by a newer version of simward")

_logger = logging.getLogger(__name__)

_SEEN = """
    CREATE TABLE seen (   -- what each modem showed last: events are the difference to it
        slot  INTEGER PRIMARY KEY,
        facts TEXT NOT NULL
    );
"""
# In the order in which they came into the world; a new one goes to the end.
_STEPS: Final = (
    outbox.MIGRATIONS[0],
    tables.MIGRATIONS[0],
    _SEEN,
    history.MIGRATIONS[0],
    tables.MIGRATIONS[1],
    hold.MIGRATIONS[0],
    unsaid.MIGRATIONS[0],
    notices.MIGRATIONS[0],
    outgoing.MIGRATIONS[0],
)


class Store:
    """The database of one state directory; one thread at a time uses it."""

    def __init__(self, state_dir: Path, *, boot: int) -> None:
        """Opens it; what is damaged is moved aside as `simward.db.bad-<boot>`.

        Raises:
            StoreError: it cannot be opened or written (rights, a full disk, a newer version's).
        """
        self.path = state_dir / NAME
        self.moved_to: Path | None = None
        """Where a damaged database was moved at this start."""
        try:
            self.connection = _opened(self.path)
        except OutboxError as error:
            if error.reason != DAMAGED:
                raise _unusable(self.path, error) from error
            self.moved_to = _move_aside(self.path, boot)
            _logger.warning("the store was damaged and is now %s", self.moved_to)
            self.connection = _opened_anew(self.path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing.

        Raises:
            OutboxError: the database could not do it; nothing was changed.
        """
        try:
            with outbox.sqlite_errors():
                self.connection.execute("BEGIN IMMEDIATE")
                yield
                self.connection.execute("COMMIT")
        except BaseException:
            # After a full disk SQLite may have rolled back by itself, or be unable to now.
            with suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            raise

    def free_bytes(self) -> int:
        """Room that is left on the file system."""
        room = os.statvfs(self.path.parent)
        return room.f_bavail * room.f_frsize

    def close(self) -> None:
        """Close it; the write-ahead log is folded in."""
        self.connection.close()


@contextmanager
def reading_store(state_dir: Path) -> Iterator[sqlite3.Connection | None]:
    """The database of a state directory for reading alone, whoever owns it; None where is none.

    Raises:
        StoreError: it cannot be read, or another version of simward made it.
    """
    path = state_dir / NAME
    if not path.exists():
        yield None
        return
    # A database at rest is read without its log: that would have to be made, and we may not write.
    mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
    try:
        with outbox.sqlite_errors():
            connection = sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, timeout=5.0)
            try:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version > len(_STEPS):
                    raise StoreError(_NEWER, path=path)
                if version < len(_STEPS):
                    raise StoreError(
                        "{path} was made by an older version of simward; simward run takes it over",
                        path=path,
                    )
                yield connection
            finally:
                connection.close()
    except OutboxError as error:
        raise _unusable(path, error) from error


def blank_store() -> sqlite3.Connection:
    """An empty database in memory: for who only looks, where there is none yet."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _migrate(connection, Path(NAME))
    return connection


def _opened(path: Path) -> sqlite3.Connection:
    """The database, migrated.

    Raises:
        OutboxError: damaged, or not writable.
        StoreError: made by a newer version.
    """
    _keep_from_others(path)
    # A clean end deletes the log: one that is there tells of a kill or a power cut.
    unclean = path.with_name(path.name + "-wal").exists()
    with outbox.sqlite_errors():
        # Opened by the main thread, then owned by the thread `work`: never two at a time.
        connection = sqlite3.connect(
            path, timeout=5.0, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            if unclean:
                _check(connection)
            _migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _keep_from_others(path: Path) -> None:
    """Make the file, or see to it, that owner and group alone may read it.

    It holds the numbers of cards and modems. The group of the state directory reads it
    (`reading_store`); SQLite gives its log the same rights.
    """
    with suppress(OSError):  # what is in the way is said when it is opened
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _RIGHTS)
        try:
            rights = os.fstat(descriptor).st_mode & 0o777
            if rights & ~_RIGHTS:
                os.fchmod(descriptor, rights & _RIGHTS)
        finally:
            os.close(descriptor)


def _opened_anew(path: Path) -> sqlite3.Connection:
    try:
        return _opened(path)
    except OutboxError as error:
        raise _unusable(path, error) from error


def _check(connection: sqlite3.Connection) -> None:
    """Look for damage.

    Raises:
        sqlite3.DatabaseError: found some.
    """
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        error = sqlite3.DatabaseError(str(verdict))
        error.sqlite_errorname = "SQLITE_CORRUPT"
        raise error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_STEPS):
        raise StoreError(_NEWER, path=path)
    for number, script in enumerate(_STEPS[version:], start=version + 1):
        # One transaction a step: killed in the middle, it is done again as a whole.
        connection.executescript(f"BEGIN IMMEDIATE;{script};PRAGMA user_version = {number};COMMIT;")


def _move_aside(path: Path, boot: int) -> Path:
    target = path.with_name(f"{path.name}.bad-{boot}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(target.with_name(target.name + suffix))
    return target


def _unusable(path: Path, error: OutboxError) -> StoreError:
    return StoreError(
        "the store {path} (device.state_dir) cannot be used: {reason}",
        path=path,
        reason=error.reason,
    )
