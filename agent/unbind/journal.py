"""The journal of a case: one entry a line, chained by hashes, on the disk before anything goes on.

A last line without its end is one that a kill or a power cut tore: nobody was told of it, and
nothing was done after it. It is cut off, and the next entry says so. Anything else that does not
fit is damage, and is refused with the number of the entry.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from agent import clock
from agent.errors import RefusedError, StoreError
from agent.i18n import mark
from agent.state_dir import keep_names, own_like
from agent.unbind.case import TORN
from cloud_bridge.errors import MessageError
from cloud_bridge.evidence import (
    ChainBrokenError,
    Entry,
    canonical,
    check_chain,
    next_entry,
    start_of,
)
from cloud_bridge.evidence_entries import When

Json = dict[str, Any]

NAME: Final = "journal"
CHAIN: Final = "simward/unbind_journal/1"
NOT_ALLOWED: Final = mark("{file}: not allowed: run this as root, or as the user of the daemon")
DAMAGED: Final = mark("{file}: entry {number} does not hold: {reason}; nothing was changed")
_NO_ENTRY: Final = mark("no entry of a journal")


def now_when() -> When:
    """This moment; UTC only where the clock is known to be right."""
    at = clock.iso(clock.now()) if clock.clock_synchronized() else None
    return When(clock.up_s(), at)


class Journal:
    """The journal in a case folder; this process alone writes it as long as the object is open."""

    def __init__(self, folder: Path, *, when: Callable[[], When] = now_when) -> None:
        """Opens it, or begins one (mode 0600: the numbers are private).

        Raises:
            RefusedError: another command works on this case, or this user may not.
            StoreError: it cannot be read or written, or is damaged.
        """
        self.path = folder / NAME
        self.torn = 0
        """Bytes of a torn last line that were cut off."""
        self._when = when
        with _errors(self.path):
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._lock()
            self.entries = self._begin(folder)
            if self.torn and self.entries:
                self.append(TORN, {"bytes": self.torn})
        except BaseException:
            os.close(self._fd)
            raise

    def append(self, what: str, facts: Mapping[str, Any]) -> Entry:
        """Add an entry; it is on the disk when this returns.

        Raises:
            StoreError: it could not be written.
            MessageError: a fact that has no canonical form.
        """
        when = self._when()
        body = {"what": what, "at": when.at, "up_s": round(when.up_s, 3), **facts}
        last = self.entries[-1].hash if self.entries else _start(self.path)
        entry = next_entry(last, len(self.entries) + 1, body)
        line = canonical(entry._asdict()) + b"\n"
        with _errors(self.path):
            self._write(line)
        self.entries.append(entry)
        return entry

    def _write(self, line: bytes) -> None:
        """The line and its sync; of one that could not be written whole nothing stays."""
        end = os.lseek(self._fd, 0, os.SEEK_CUR)
        try:
            written = os.write(self._fd, line)
            while written < len(line):
                written += os.write(self._fd, line[written:])
            os.fsync(self._fd)
        except OSError:
            with suppress(OSError):  # the next start cuts off what this could not
                os.ftruncate(self._fd, end)
                os.lseek(self._fd, end, os.SEEK_SET)
            raise

    def fileno(self) -> int:
        """The open file, as `select` and friends ask for it."""
        return self._fd

    def close(self) -> None:
        """Let others have it."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedError("another command works on {file}", file=self.path) from error

    def _begin(self, folder: Path) -> list[Entry]:
        with _errors(self.path):
            content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        entries = _entries(self.path, whole)
        with _errors(self.path):
            if not content:
                own_like(self.path, folder)
                keep_names(folder)
            os.ftruncate(self._fd, len(whole))
            os.lseek(self._fd, 0, os.SEEK_END)
        self.torn = len(content) - len(whole)
        return entries


def read_journal(folder: Path) -> list[Entry]:
    """The whole entries of a journal, whoever writes it now; [] where there is none.

    Raises:
        RefusedError: this user may not read it.
        StoreError: it cannot be read, or is damaged.
    """
    path = folder / NAME
    try:
        with _errors(path):
            content = path.read_bytes()
    except FileNotFoundError:
        return []
    return _entries(path, content[: content.rfind(b"\n") + 1])


def _entries(path: Path, content: bytes) -> list[Entry]:
    entries: list[Entry] = []
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            entries.append(_entry(line))
        except (ValueError, KeyError, TypeError, RecursionError, MessageError) as error:
            raise StoreError(DAMAGED, file=path, number=number, reason=_NO_ENTRY) from error
    try:
        check_chain(_start(path), entries)
    except ChainBrokenError as error:
        raise StoreError(DAMAGED, file=path, number=error.number, reason=error.reason) from error
    return entries


def _entry(line: bytes) -> Entry:
    found = json.loads(line)
    if canonical(found) != line or not isinstance(found["body"], dict):
        raise ValueError(line)
    return Entry(found["n"], found["prev"], found["body"], found["hash"])


def _start(path: Path) -> str:
    """The folder's name is part of the chain: one case's journal is no other's."""
    return start_of({"chain": CHAIN, "case": path.parent.name})


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise RefusedError(NOT_ALLOWED, file=path) from error
    except OSError as error:
        raise StoreError("{file}: {reason}", file=path, reason=error.strerror) from error
