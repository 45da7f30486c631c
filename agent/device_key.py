"""The device's Ed25519 key, made here when it is first needed; it never leaves the state directory.

`device.key` (PKCS #8, mode 0600) signs. `device.pub` (PEM) is for everybody: it is what somebody
else keeps to verify evidence with, and the daemon reads it for `birth` without loading
`cryptography` (9 MB of memory). The private file decides: the public one is made from it.

Each function takes the open `StateDir`: whoever holds its lock is alone, so two keys are never
made.
"""

import logging
from pathlib import Path
from typing import Final

from agent.errors import RefusedError, StoreError
from agent.i18n import mark
from agent.state_dir import StateDir, replace_file
from cloud_bridge.errors import MessageError
from cloud_bridge.signing import SigningKey, public_key_in, public_pem

PRIVATE: Final = "device.key"
PUBLIC: Final = "device.pub"

_UNUSABLE = mark("the device key {path} cannot be used: {reason}")
NOT_ALLOWED: Final = mark("{file}: not allowed: run this as root, or as the user of the daemon")
_OTHERS: Final = 0o077
_logger = logging.getLogger(__name__)


def device_key(state_dir: StateDir) -> SigningKey:
    """The key that signs for this device; made where there is none.

    A file that is no key is never replaced: what it signed could not be told from a stranger's.

    Raises:
        StoreError: the key cannot be read or written.
    """
    private, public = state_dir.path / PRIVATE, state_dir.path / PUBLIC
    try:
        key = _read(private)
        if key is None:
            key = SigningKey.new()
            replace_file(private, key.to_pem(), secret=True)
            _logger.info("a new device key was made public_key=%s", key.public)
        if _public_in(public) != key.public:
            replace_file(public, public_pem(key.public))
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(_UNUSABLE, path=private, reason=error.strerror or "I/O") from None
    return key


def kept_device_key(state_dir: Path) -> SigningKey:
    """The key of a state directory that a daemon uses now; none is made.

    Raises:
        RefusedError: this user may not read it.
        StoreError: there is none, or it cannot be used.
    """
    path = state_dir / PRIVATE
    try:
        key = _read(path)
    except PermissionError as error:
        raise RefusedError(NOT_ALLOWED, file=path) from error
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(_UNUSABLE, path=path, reason=error.strerror or "I/O") from None
    if key is None:
        raise StoreError(_UNUSABLE, path=path, reason=mark("there is none"))
    return key


def device_public_key(state_dir: StateDir) -> str:
    """Its public half, 64 hexadecimal digits; from its own file where both files are there.

    Raises:
        StoreError: as for `device_key`.
    """
    return public_key_at(state_dir.path) or device_key(state_dir).public


def public_key_at(path: Path) -> str | None:
    """The public half in a state directory that somebody else may own; None where none is."""
    return _public_in(path / PUBLIC) if (path / PRIVATE).exists() else None


def _read(path: Path) -> SigningKey | None:
    """The private key; None where there is no file."""
    try:
        if path.stat().st_mode & _OTHERS:
            _logger.warning("others could read the device key; its rights are 0600 now")
            path.chmod(0o600)
        return SigningKey.from_pem(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        reason = mark("not a text")
    except MessageError as error:
        reason = error.reason
    raise StoreError(_UNUSABLE, path=path, reason=reason)


def _public_in(path: Path) -> str | None:
    try:
        return public_key_in(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
