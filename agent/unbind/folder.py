"""Where cases are kept: `<state_dir>/unbind/<case>/`, each with its journal and its documents.

No identifier stands in a file name: a case is called after a hash of card and order.
"""

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

from agent.errors import RefusedError, StoreError
from agent.state_dir import keep_names, own_like
from agent.unbind.case import Case, CaseError, fold
from agent.unbind.journal import DAMAGED, NAME, NOT_ALLOWED, read_journal

ROOM: Final = "unbind"


class Found(NamedTuple):
    """A case that is on the disk, and its folder."""

    folder: Path
    case: Case


def case_name(iccid: str, order_id: str) -> str:
    """What the case of a card and a work order is called: 16 hexadecimal digits."""
    return hashlib.sha256(f"{iccid} {order_id}".encode()).hexdigest()[:16]


def folder_of(state_dir: Path, iccid: str, order_id: str) -> Path:
    """The folder of a case, whether it is there or not."""
    return state_dir / ROOM / case_name(iccid, order_id)


def made(folder: Path) -> Path:
    """The folder, made where it is missing (mode 0700), and on the disk.

    Who made it as root leaves it to the owner of the state directory: the daemon goes on with it.

    Raises:
        RefusedError: this user may not.
        StoreError: it cannot be made.
    """
    try:
        folder.parent.parent.mkdir(mode=0o750, parents=True, exist_ok=True)  # the state directory
        for each in (folder.parent, folder):
            if not each.is_dir():
                each.mkdir(mode=0o700)
                own_like(each, each.parent)
                keep_names(each.parent)
    except PermissionError as error:
        raise RefusedError(NOT_ALLOWED, file=folder) from error
    except OSError as error:
        raise StoreError("{file}: {reason}", file=folder, reason=error.strerror) from error
    return folder


def case_in(folder: Path) -> Case | None:
    """The case in a folder; None where nothing was begun there.

    Raises:
        RefusedError: this user may not read it.
        StoreError: its journal is damaged.
    """
    bodies = [entry.body for entry in read_journal(folder)]
    if not bodies:
        return None
    try:
        return fold(bodies)
    except CaseError as error:
        raise StoreError(
            DAMAGED, file=folder / NAME, number=error.number, reason=error.reason
        ) from error


def cases(state_dir: Path) -> tuple[Found, ...]:
    """All cases of a state directory, by the names of their folders.

    Raises:
        RefusedError: this user may not read them.
        StoreError: a journal is damaged.
    """
    room = state_dir / ROOM
    try:
        folders = sorted(each for each in room.iterdir() if each.is_dir())
    except FileNotFoundError:
        return ()
    except PermissionError as error:
        raise RefusedError(NOT_ALLOWED, file=room) from error
    except OSError as error:
        raise StoreError("{file}: {reason}", file=room, reason=error.strerror) from error
    found = ((folder, case_in(folder)) for folder in folders)
    return tuple(Found(folder, case) for folder, case in found if case is not None)
