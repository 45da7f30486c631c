"""What this machine remembers of a card: whether data of it was ever counted here. Reads only."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from agent.i18n import mark
from agent.store import NAME
from agent.usage.reading import card
from sim.reading import Absent

NO_STORE: Final = mark("no records on this machine")
NEVER_COUNTED: Final = mark("no data of this card was counted on this machine")


def used_before(state_dir: Path | None, iccid: str | Absent) -> bool | Absent:
    """True where the ledger has data of the card; else why nothing is known.

    The store may be the running daemon's: a reader of its own harms nobody (SQLite, "Write-Ahead
    Logging").
    """
    if isinstance(iccid, Absent):
        return iccid
    if state_dir is None:
        return Absent(NO_STORE)
    try:
        uri = (state_dir / NAME).absolute().as_uri() + "?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=1.0)) as connection:
            known = card(connection, iccid)
    except sqlite3.Error:
        return Absent(NO_STORE)
    return True if known is not None and known.tx + known.rx > 0 else Absent(NEVER_COUNTED)
