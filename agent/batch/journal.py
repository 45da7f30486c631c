"""The journal of a collection: one line a card, on the disk before the card is counted.

The first line says what the file is. A last line without its end is of a card that was never
confirmed to anybody: it is cut off, and the card is read again.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent.batch.bounds import read_bounded
from agent.errors import ListError, RefusedError
from agent.i18n import mark

Json = dict[str, Any]

SCHEMA: Final = "simward/collected/1"
_HEAD: Final = json.dumps({"schema": SCHEMA}).encode() + b"\n"
_NOT_OURS: Final = mark("{file}: not a journal of collected cards; nothing was changed")
_WRONG_LINE: Final = mark("{file}: line {line} is damaged; nothing was changed")


class Collected(NamedTuple):
    """A card that was read: `number` counts from 1; `at` is null where the clock was not right."""

    number: int
    iccid: str
    imsi: str | None
    spn: str | None
    atr: str
    reader: str
    at: str | None


class Journal:
    """A journal that this process alone writes, as long as the object is open."""

    def __init__(self, path: Path) -> None:
        """Opens it, or begins one (mode 0600: the numbers are private); `cards` are in it already.

        Raises:
            ListError: it cannot be opened, or is something else, or damaged in the middle.
            RefusedError: another collection writes it.
        """
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ListError("{file}: {reason}", file=path, reason=error.strerror) from error
        try:
            self._lock()
            self.cards = self._begin()
        except BaseException:
            os.close(self._fd)
            raise

    def add(self, card: Collected) -> None:
        """Keep a card; it is on the disk when this returns.

        Raises:
            ListError: it could not be written.
        """
        self._write(json.dumps(card._asdict(), ensure_ascii=False).encode() + b"\n")
        self.cards.append(card)

    def close(self) -> None:
        """Let others have it."""
        os.close(self._fd)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedError("another collection writes {file}", file=self.path) from error

    def _begin(self) -> list[Collected]:
        content = read_bounded(self.path)
        whole = content[: content.rfind(b"\n") + 1]
        cards = cards_in(self.path, whole) if whole else []
        if not whole and not _HEAD.startswith(content):
            raise ListError(_NOT_OURS, file=self.path)
        os.ftruncate(self._fd, len(whole))
        os.lseek(self._fd, 0, os.SEEK_END)
        if not whole:
            self._write(_HEAD)
            self._keep_name()
        return cards

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._fd, line)
            while written < len(line):
                written += os.write(self._fd, line[written:])
            os.fsync(self._fd)
        except OSError as error:
            raise ListError("{file}: {reason}", file=self.path, reason=error.strerror) from error

    def _keep_name(self) -> None:
        """The new file's entry in its directory, on the disk too."""
        directory = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def is_journal(content: bytes) -> bool:
    """Whether a file's content is a journal."""
    return content.startswith(_HEAD)


def cards_in(path: Path, content: bytes) -> list[Collected]:
    """The cards in the whole lines of a journal.

    Raises:
        ListError: it is none, or a line is damaged.
    """
    if not is_journal(content):
        raise ListError(_NOT_OURS, file=path)
    lines = content.split(b"\n")[1:-1]
    return [_card(path, number, line) for number, line in enumerate(lines, 2)]


def _card(path: Path, number: int, line: bytes) -> Collected:
    try:
        fields = json.loads(line)
        return Collected(**{name: fields[name] for name in Collected._fields})
    except (ValueError, KeyError, TypeError) as error:
        raise ListError(_WRONG_LINE, file=path, line=number) from error
