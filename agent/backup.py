"""Backups of personal data: one encrypted file each, in the format of age (age-encryption.org/v1).

The file opens with its passphrase, or with the private key to a public key that it was made for, by
this program or by any other that knows the format. Nothing of it is readable without.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

from agent.errors import RefusedError, UsageError
from sim.personal import PersonalFile

Json = dict[str, Any]

SCHEMA = "simward/backup/1"
_MODE = 0o600
_TEXT, _NUMBER = (str, NoneType), (int, NoneType)
_MESSAGE = {"number": (int,), "status": (int,), "pdu": (str,)}
_BOOK = {
    "name": (str,),
    "kind": (str,),
    "used": _NUMBER,
    "size": _NUMBER,
    "entries": (list, NoneType),
    "absent": _TEXT,
}
_ENTRY = {"record": (int,), "number": _TEXT, "name": _TEXT, "raw": (str,)}


class Lock(NamedTuple):
    """What closes a backup: a passphrase, else public keys (`age1...`, `ssh-ed25519 ...`)."""

    passphrase: str | None = None
    recipients: tuple[str, ...] = ()


class Key(NamedTuple):
    """What opens a backup: a passphrase, else the text of a file with private keys."""

    passphrase: str | None = None
    identities: str = ""


class Backup(NamedTuple):
    """What a backup has: of which card, when, its files, the modem's own messages and stores."""

    iccid: str
    taken_at: str
    files: tuple[PersonalFile, ...]
    messages: tuple[Json, ...]
    books: tuple[Json, ...] = ()

    def file(self, path: str) -> PersonalFile | None:
        """The file at `path` as it is saved."""
        return next((each for each in self.files if each.path == path), None)


def _check(part: Any, shape: Mapping[str, tuple[type, ...]]) -> None:
    """Nothing, where `part` has what is read of it: whoever has the public key can write anything.

    Raises:
        KeyError, TypeError: it has not.
    """
    for name, kinds in shape.items():
        if not isinstance(part[name], kinds):
            raise TypeError(name)


def _checked_messages(modem: Json) -> tuple[Json, ...]:
    messages = tuple(modem.get("messages") or ())
    for each in messages:
        _check(each, _MESSAGE)
        bytes.fromhex(each["pdu"])
    return messages


def _checked_books(modem: Json) -> tuple[Json, ...]:
    books = books_of(modem)
    for book in books:
        _check(book, _BOOK)
        for entry in book["entries"] or ():
            _check(entry, _ENTRY)
    return books


def books_of(modem: Json | None) -> tuple[Json, ...]:
    """The modem's own phone books and call lists; backups of earlier versions have none.

    Raises:
        KeyError, TypeError, AttributeError: it is no such document.
    """
    books = (modem or {}).get("books")
    return tuple(books["stores"]) if books else ()


def backup_of(document: Json) -> Backup:
    """The backup that a document makes.

    Raises:
        UsageError: it makes none.
    """
    try:
        modem = document["modem"] or {}
        return Backup(
            str(document["iccid"]),
            str(document["taken_at"]),
            tuple(PersonalFile.from_json(each) for each in document["files"]),
            _checked_messages(modem),
            _checked_books(modem),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UsageError("no backup of a card") from error


def write_backup(path: Path, document: Json, lock: Lock) -> Backup:
    """Close `document` and write it; what stands in the file then is read again before it counts.

    Raises:
        UsageError: the file is there already or cannot be written, or a key is none.
    """
    plain = json.dumps({**document, "schema": SCHEMA}, ensure_ascii=False).encode()
    sealed = _sealed(plain, lock)
    _write_new(path, sealed)
    if path.read_bytes() != sealed or _cannot_be_opened(sealed, plain, lock):
        raise UsageError("{file}: {reason}", file=path, reason="does not read as it was written")
    return backup_of(document)


def read_backup(path: Path, key: Key) -> tuple[Backup, Json]:
    """The backup in a file, and its document.

    Raises:
        UsageError: no such file, or no backup.
        RefusedError: it does not open with this passphrase or key.
    """
    try:
        sealed = path.read_bytes()
    except OSError as error:
        raise UsageError("{file}: {reason}", file=path, reason=error.strerror or error) from error
    if not sealed.startswith(b"age-encryption.org/"):
        raise UsageError("{file}: {reason}", file=path, reason="no backup of a card")
    plain = _opened(sealed, key, str(path))
    try:
        document = json.loads(plain)
    except ValueError as error:
        raise UsageError("{file}: {reason}", file=path, reason="no backup of a card") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError("{file}: {reason}", file=path, reason="no backup of a card")
    return backup_of(document), document


def _pyrage() -> Any:
    try:
        import pyrage
    except ImportError as error:
        text = "{name} is not installed (pip install 'simward[backup]')"
        raise UsageError(text, name="pyrage") from error
    return pyrage


def _sealed(plain: bytes, lock: Lock) -> bytes:
    pyrage = _pyrage()
    if lock.passphrase is not None:
        return bytes(pyrage.passphrase.encrypt(plain, lock.passphrase))
    return bytes(pyrage.encrypt(plain, [_recipient(pyrage, each) for each in lock.recipients]))


def _recipient(pyrage: Any, text: str) -> Any:
    kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise UsageError(
            "{name}: {what} is no valid value", name="--recipient", what=text
        ) from error


def _opened(sealed: bytes, key: Key, file: str) -> bytes:
    pyrage = _pyrage()
    try:
        if key.passphrase is not None:
            return bytes(pyrage.passphrase.decrypt(sealed, key.passphrase))
        return bytes(pyrage.decrypt(sealed, _identities(pyrage, key.identities)))
    except pyrage.DecryptError as error:
        raise RefusedError(
            "{file}: does not open with this passphrase or key", file=file
        ) from error


def _identities(pyrage: Any, text: str) -> list[Any]:
    try:
        if "-----BEGIN" in text:
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        lines = [line.strip() for line in text.splitlines()]
        return [
            pyrage.x25519.Identity.from_str(line)
            for line in lines
            if line and not line.startswith("#")
        ]
    except pyrage.IdentityError:
        raise UsageError("{name}: no private key", name="--identity-file") from None


def _cannot_be_opened(sealed: bytes, plain: bytes, lock: Lock) -> bool:
    """Whether our own passphrase fails to open it; a private key is not ours to try."""
    if lock.passphrase is None:
        return False
    return _opened(sealed, Key(lock.passphrase), "") != plain


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that was not there: whole and on the disk, or not at all."""
    if path.exists():
        raise UsageError("{file}: {reason}", file=path, reason="is there already")
    temporary = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise UsageError("{file}: {reason}", file=path, reason=error.strerror or error) from error
