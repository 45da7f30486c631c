"""Bytes to lines, bounded."""

import re
from typing import NamedTuple

MAX_LINE = 8192
"""Longest line kept, in bytes. The longest honest ones, a short APDU in +CSIM (0.5 KiB) and the
network list of AT+COPS=? (2 KiB), stay well below."""

_LINE_END = re.compile(rb"[\r\n]+")
# Noise beside the text: NULs come with a modem's power-up (a UART that was off), and blanks
# stay behind where a prompt `> ` was taken.
_NOISE = b"\0 \t"


class Line(NamedTuple):
    """One line without its end; `text` keeps blanks at its own end (`+CMS ERROR: ` has one)."""

    text: str


class Overlong(NamedTuple):
    """A line longer than the bound was thrown away as a whole; `size` is its length in bytes."""

    size: int


class Framer:
    r"""Collects bytes and gives lines, whatever their end: `\r`, `\n`, `\r\n` or `\r\r\n`.

    Blank lines vanish. Any byte is accepted: UTF-8, else Latin-1. No more than `max_line` bytes
    are kept.
    """

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self._max_line = max_line
        self._partial = bytearray()
        self._overrun = 0  # bytes thrown away of the line under way; 0 while it fits

    def feed(self, data: bytes) -> list[Line | Overlong]:
        """The lines that `data` completes, in order."""
        found: list[Line | Overlong] = []
        start = 0
        for end in _LINE_END.finditer(data):
            self._take(data[start : end.start()])
            found.extend(self._finish())
            start = end.end()
        self._take(data[start:])
        return found

    def take_prompt(self) -> bool:
        """Whether the modem waits behind a `>` without line end; if so it is taken away."""
        if bytes(self._partial).strip(_NOISE) != b">":
            return False
        self._partial.clear()
        return True

    def clear(self) -> None:
        """Forget the line under way: the port was opened anew."""
        self._partial.clear()
        self._overrun = 0

    def _take(self, piece: bytes) -> None:
        if self._overrun or len(self._partial) + len(piece) > self._max_line:
            self._overrun += len(self._partial) + len(piece)
            self._partial.clear()
        else:
            self._partial += piece

    def _finish(self) -> list[Line | Overlong]:
        raw, overrun = bytes(self._partial), self._overrun
        self.clear()
        if overrun:
            return [Overlong(overrun)]
        text = _decode(raw.strip(b"\0").lstrip(_NOISE))
        return [Line(text)] if text.strip() else []


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
