"""PINs and passphrases: from a file, from standard input, or asked at a terminal.

Never a word of the command line: every process of the machine can read that.
"""

import os
import sys

from agent.errors import RefusedError, UsageError
from agent.i18n import t

STANDARD_INPUT = "-"


def secret_of(source: str | None, *, option: str, prompt: str) -> str:
    """One line of the file `source` (`-`: of standard input); without one a person is asked.

    Raises:
        UsageError: the file cannot be read, or is empty.
        RefusedError: there is no file, and no terminal to ask at.
    """
    if source is None:
        return _asked(option, prompt)
    text = whole_file(source) if source != STANDARD_INPUT else sys.stdin.readline()
    line = text.partition("\n")[0].rstrip("\r")
    if not line:
        raise UsageError("{file}: {reason}", file=source, reason="empty")
    return line


def whole_file(path: str) -> str:
    """The text of a file; a warning where others can read it.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs 8 ms at start
            mode = os.fstat(file.fileno()).st_mode
            if mode & 0o077 and os.path.isfile(path):  # noqa: PTH113 - as above
                warning = t("{file} can be read by others than its owner", file=path)
                print(f"simward: {warning}", file=sys.stderr)
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise UsageError("{file}: {reason}", file=path, reason=reason) from None


def _asked(option: str, prompt: str) -> str:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise RefusedError("an answer is missing: {name}", name=option)
    import getpass

    return getpass.getpass(f"{prompt}: ", stream=sys.stderr)
