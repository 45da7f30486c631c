"""Text for people on a terminal: aligned columns (Chinese characters are two wide), few colours."""

import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import TextIO

_COLOURS = {"good": "32", "bad": "31", "faint": "2", "strong": "1"}
_ESCAPE = re.compile(r"\x1b\[[0-9]*m")
_NARROWEST = 20
# What stays together: a colour, one Chinese character or a word, each with the signs that begin no
# line behind it, with those that end none before it, and with the blanks that follow.
_CHINESE = "\u3000-\u9fff\uff00-\uffef"
_NO_START = "\u3001\u3002\uff0c\uff1b\uff1a\uff09"
_NO_END = "\uff08"
_PIECE = re.compile(
    rf"\x1b\[[0-9]*m|{_NO_END}*(?:[{_CHINESE}]|[^\s\x1b{_CHINESE}]+)[{_NO_START}]*\s*|\s+"
)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal; a colour takes none."""
    shown = _ESCAPE.sub("", text)
    return len(shown) + sum(unicodedata.east_asian_width(char) in {"W", "F"} for char in shown)


def pad(text: str, columns: int) -> str:
    """`text` filled up with blanks to `columns` columns."""
    return text + " " * (columns - width(text))


def printable(text: str) -> str:
    """`text` without what would move a terminal's cursor: cards and modems may send anything."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def paint(text: str, colour: str, stream: TextIO | None = None) -> str:
    """`text` in a colour, where the stream is a terminal and NO_COLOR is not set."""
    target = stream or sys.stdout
    if not target.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


def columns(
    rows: Sequence[tuple[str, str]], indent: str = "  ", limit: int | None = None
) -> list[str]:
    """Two aligned columns; a text that is wider than `limit` goes on in the next line.

    Without `limit`: the terminal's width, and no limit where the text goes to a file or program.
    """
    left = max((width(label) for label, _ in rows), default=0) + 2
    limit = (limit or _terminal_width()) - len(indent)
    lines = []
    for label, text in rows:
        if left + width(text) > limit and limit - left < _NARROWEST:  # a telephone's screen
            lines.append(indent + label)
            lines += [f"{indent}  {line}" for line in wrapped(text, limit - 2)]
            continue
        first, *more = wrapped(text, limit - left)
        lines.append(f"{indent}{pad(label, left)}{first}".rstrip())
        lines += [f"{indent}{' ' * left}{line}" for line in more]
    return lines


def wrapped(text: str, limit: int) -> list[str]:
    """`text` in lines of at most `limit` columns; a word that is longer than that stays whole."""
    if width(text) <= limit:
        return [text]
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        if width(line) and width(line + piece.rstrip()) > limit:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or sys.maxsize
    except (OSError, ValueError, AttributeError):
        return sys.maxsize
