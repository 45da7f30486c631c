"""How large a list may be: whoever sends a file must not decide how much memory it takes."""

import os
import stat
from pathlib import Path
from typing import Final

from agent.errors import ListError
from agent.i18n import mark

MIB: Final = 1024 * 1024
MOST_FILE_BYTES: Final = 32 * MIB
MOST_UNPACKED_BYTES: Final = 128 * MIB
"""All that is unpacked of one workbook, packed well or badly."""
MOST_PARTS: Final = 5000
MOST_SHEETS: Final = 100
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 256
"""Columns behind these are not looked at."""
MOST_CELLS: Final = 4_000_000
MOST_CELL_CHARACTERS: Final = 32_767
"""As in Excel itself."""
MOST_TOKEN_BYTES: Final = MIB
"""How much XML may pass without an element or a text in it."""

DAMAGED: Final = mark("{file}: {part} is damaged: {reason}")
TOO_MUCH: Final = mark("{file}: more than {most} {what}; split it")


def read_bounded(path: Path) -> bytes:
    """The whole file, where it is one and small enough.

    Raises:
        ListError: no such file, no plain file, or too large.
    """
    try:
        # Not blocking: a pipe that nobody writes to must not hold us.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ListError("{file}: not a file", file=path)
            content = file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        raise ListError("{file}: {reason}", file=path, reason=error.strerror) from error
    if len(content) > MOST_FILE_BYTES:
        raise ListError(TOO_MUCH, file=path, most=MOST_FILE_BYTES // MIB, what="MiB")
    return content
