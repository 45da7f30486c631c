"""Evidence out of files that a person brings: each file is read once, whatever is in it.

A file holds documents, one a line (a single file of evidence is one line). What else a file may
hold is told by its readers: each looks at a whole file and takes it, or leaves it to the next.
"""

import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from agent.errors import UsageError
from agent.i18n import mark
from cloud_bridge.certificate import looks_like_evidence

_DATABASE: Final = b"SQLite format 3\0"  # ours hold evidence, and are none
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
STANDARD_INPUT: Final = "-"
_CANNOT_READ: Final = mark("{file}: cannot be read: {reason}")
NOT_A_FILE: Final = mark("not a file")
TOO_LARGE: Final = mark("larger than 16 MiB")
NOTHING_IN_IT: Final = mark("no evidence of simward is in it")
NO_SUCH: Final = mark("there is no file or folder of this name")


class Found(NamedTuple):
    """One document as it lay there: `file` is where, `place` which one in it, from 1."""

    file: str
    place: int
    raw: bytes
    way: str = "file"


class Left(NamedTuple):
    """A file that holds nothing of the kind, or not all of it; `named`: a person named it."""

    file: str
    reason: str
    named: bool


class Reader(Protocol):
    """Takes files of one kind; some documents are put together from several files."""

    def takes(self, file: str, raw: bytes) -> bool:
        """Whether this file is of its kind; what is in it is kept."""

    def documents(self) -> Iterable[Found]:
        """All that could be put together, after the last file."""

    def missing(self) -> Iterable[Left]:
        """What could not, and why."""


class Lines:
    """Files of evidence: one document a line."""

    def __init__(self) -> None:
        self._found: list[Found] = []
        self._missing: list[Left] = []

    def takes(self, file: str, raw: bytes) -> bool:
        """Whether one of its lines may be evidence."""
        if raw.startswith(_DATABASE):
            return False
        # What has no newline at its end was cut off: it stays so, and is judged so.
        lines = [line for line in raw.splitlines(keepends=True) if line.strip()]
        found = [n for n, line in enumerate(lines) if looks_like_evidence(line)]
        if not found:
            return False
        for n, line in enumerate(lines):
            if n in found:
                self._found.append(Found(file, n + 1, line))
            else:
                self._missing.append(Left(f"{file}:{n + 1}", NOTHING_IN_IT, named=True))
        return True

    def documents(self) -> Iterable[Found]:
        """Every line that may be evidence."""
        return self._found

    def missing(self) -> Iterable[Left]:
        """Every other line of such a file."""
        return self._missing


class Brought(NamedTuple):
    """All that was brought: documents, and files with nothing in them."""

    documents: tuple[Found, ...]
    left: tuple[Left, ...]


def brought_in(names: Iterable[str], readers: Sequence[Reader]) -> Brought:
    """What the files and folders hold; the files of a folder are all looked at, its folders too.

    `-` is standard input.

    Raises:
        UsageError: a file or folder that was named cannot be read.
    """
    left = []
    for file, named in _files(names):
        raw = _content(file)
        if raw is None:
            left.append(Left(file, TOO_LARGE, named))
        elif not any(reader.takes(file, raw) for reader in readers):
            left.append(Left(file, NOTHING_IN_IT, named))
    documents = tuple(found for reader in readers for found in reader.documents())
    return Brought(documents, (*left, *(each for reader in readers for each in reader.missing())))


def _files(names: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for name in names:
        if name == STANDARD_INPUT:
            yield name, True
            continue
        path = Path(name)
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                inside = sorted(each for each in path.rglob("*") if each.is_file())
                yield from ((str(each), False) for each in inside)
                continue
        except (OSError, ValueError) as error:
            raise UsageError(_CANNOT_READ, file=name, reason=_words(error)) from error
        if not stat.S_ISREG(mode):
            raise UsageError(_CANNOT_READ, file=name, reason=NOT_A_FILE)
        yield name, True


def _content(file: str) -> bytes | None:
    """The whole file; None where it is too large."""
    try:
        if file == STANDARD_INPUT:
            raw = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                raw = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(_CANNOT_READ, file=file, reason=_words(error)) from error
    return None if len(raw) > MAX_FILE_BYTES else raw


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or NO_SUCH
