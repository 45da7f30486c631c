"""The state directory: its lock, the boot counter and the gateway's id, each in a file of its own.

Files are replaced as a whole (temporary file, fsync, rename, fsync of the directory): a power cut
leaves the old one or the new one.
"""

import fcntl
import hashlib
import logging
import os
import secrets
from pathlib import Path

from agent.errors import RefusedError, StoreError
from agent.i18n import mark

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UNUSABLE = mark("the state directory {path} (device.state_dir) cannot be used: {reason}")
_logger = logging.getLogger(__name__)


class StateDir:
    """A directory that this process alone uses, as long as the object is open."""

    def __init__(self, path: Path) -> None:
        """Creates and locks it.

        Raises:
            StoreError: it cannot be created or written.
            RefusedError: another daemon uses it.
        """
        self.path = path
        try:
            path.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except FileExistsError as error:
            raise StoreError(_UNUSABLE, path=path, reason="Not a directory") from error
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise RefusedError(
                "another simward daemon uses the state directory {path}", path=path
            ) from error

    def close(self) -> None:
        """Let others have it."""
        os.close(self._lock)

    def boot(self) -> int:
        """The number of this boot of the machine, counted here; a restart of ours changes nothing.

        Raises:
            StoreError: the counter cannot be written.
        """
        boot_id = _BOOT_ID.read_text(encoding="ascii").strip()
        number, known_id = self._last_boot()
        if known_id == boot_id:
            return number
        self._replace("boot", f"{number + 1} {boot_id}\n")
        return number + 1

    def _last_boot(self) -> tuple[int, str]:
        try:
            number, _, boot_id = (self.path / "boot").read_text(encoding="ascii").partition(" ")
            return int(number), boot_id.strip()
        except FileNotFoundError:
            return 0, ""
        except (OSError, ValueError) as error:
            _logger.warning("the boot counter is unreadable, counting from 1: %s", error)
            return 0, ""

    def gateway_id(self) -> str:
        """Ten hexadecimal characters that name this gateway and say nothing about it.

        Raises:
            StoreError: the file behind it cannot be written.
        """
        if not (self.path / "gw").exists():
            self._replace("gw", secrets.token_hex(32) + "\n")
        return known_gateway_id(self.path)

    def _replace(self, name: str, text: str) -> None:
        try:
            replace_file(self.path / name, text)
        except OSError as error:
            raise _unusable(self.path, error) from error


def known_gateway_id(state_dir: Path) -> str:
    """The id that `StateDir.gateway_id` gives, of a directory that somebody else uses.

    Raises:
        OSError: it was not given one yet, or cannot be read.
    """
    return hashlib.sha256((state_dir / "gw").read_bytes().strip()).hexdigest()[:10]


def known_boot(state_dir: Path) -> int:
    """The number of this boot, of a directory that somebody else uses.

    Raises:
        OSError, ValueError: it was not counted yet, or cannot be read.
    """
    return int((state_dir / "boot").read_text(encoding="ascii").partition(" ")[0])


def replace_file(path: Path, text: str, *, secret: bool = False) -> None:
    """Write `path` anew: a power cut leaves the old text or the new one, whole.

    `secret`: nobody but its owner can read it, not even while it is written.

    Raises:
        OSError: it cannot be written; the old text stays.
    """
    temporary = path.with_name(f"{path.name}.new")
    if secret:
        temporary.unlink(missing_ok=True)  # one left by a power cut, with whatever rights
    opener = _open_secret if secret else None
    with open(temporary, "w", encoding="utf-8", opener=opener) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    keep_names(path.parent)


def keep_names(folder: Path) -> None:
    """The names in a directory, on the disk too.

    Raises:
        OSError: it cannot be done.
    """
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def own_like(path: Path, like: Path) -> None:
    """Give `path` the owner of `like`, where root made it: for a daemon that is not root.

    Raises:
        OSError: it cannot be done.
    """
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _open_secret(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL | os.O_NOFOLLOW, 0o600)


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(_UNUSABLE, path=path, reason=error.strerror or error)
