"""Files for people: written whole or not at all, readable by their owner alone."""

import os
from pathlib import Path

from agent.errors import UsageError


def write_whole(name: str, path: Path, content: bytes) -> None:
    """Write a file, in the place of one that was there; `name` is the option that it comes from.

    Raises:
        UsageError: it cannot be written; what was there is untouched.
    """
    beside = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        text = "{name}: cannot write {file}: {reason}"
        raise UsageError(text, name=name, file=path, reason=error.strerror) from error
