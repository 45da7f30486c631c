"""Evidence on the operator's own medium: written, on the disk, read back, and verified."""

import os
from pathlib import Path

from agent.errors import UsageError
from agent.state_dir import keep_names
from cloud_bridge.certificate import EvidenceError, verify


def place_of(named: str, name: str) -> Path:
    """The file for a document: in the folder that was named, else the file itself.

    Of two documents of a run that go to one file, the closing record goes beside it.
    """
    path = Path(named)
    if path.is_dir():
        return path / f"simward-{name}"
    return (
        path if name.startswith("before") else path.with_name(f"{path.stem}-closing{path.suffix}")
    )


def saved(raw: bytes, named: str, name: str, public_key: str) -> Path:
    """Where it lies now; a file that holds the same already is left as it is.

    Raises:
        UsageError: another file is there, it cannot be written, or does not read as written.
    """
    path = place_of(named, name)
    try:
        if not path.exists():
            _write(path, raw)
        found = path.read_bytes()
    except OSError as error:
        raise UsageError("{file}: {reason}", file=path, reason=error.strerror or error) from error
    if found != raw:
        raise UsageError("{file}: {reason}", file=path, reason="is there already")
    try:
        verify(found, public_key=public_key)
    except EvidenceError as error:
        raise UsageError("{file}: {reason}", file=path, reason=str(error)) from error
    return path


def _write(path: Path, raw: bytes) -> None:
    """Whole or not at all; flushed down to the medium."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    keep_names(path.parent)
