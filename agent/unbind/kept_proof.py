"""What the journals here know of a card: whether it was released from this device, and saved."""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from agent.binding.history import BOUND, History
from agent.binding.record import same_device
from agent.clock import iso
from agent.errors import RefusedError, StoreError
from agent.i18n import mark
from agent.store import reading_store
from agent.unbind.case import Case
from agent.unbind.folder import cases
from agent.unbind.machine import CLOSE_PAIRING
from agent.unbind.situation import handed_of, release_of, saved_of

Json = dict[str, Any]

_NO_CARD: Final = mark("the card does not say who it is")
_NEVER: Final = mark("no journal tells of a release of this card from this modem")
_BOUND_SINCE: Final = mark("the card was bound again since it was released")


def proof_of(state_dir: Path, iccid: str | None, imei: str | None, now: datetime) -> Json:
    """`release` and `saved` of the newest case of this card in this modem; or why there is none.

    A proof is of one card in one modem: another's proves nothing, and neither does one from before
    the card was bound again.
    """
    if iccid is None or imei is None:
        return {"absent": _NO_CARD}
    try:
        own = [found.case for found in cases(state_dir) if _is_of(found.case, iccid, imei)]
        told = [each for each in own if release_of(each, now).known is not None]
        if not told:
            return {"absent": _NEVER}
        case = max(told, key=lambda each: release_of(each, now).taken_at or now)
        if _bound_since(state_dir, case):
            return {"absent": _BOUND_SINCE}
    except (RefusedError, StoreError) as error:
        return {"absent": str(error)}
    release, saved = release_of(case, now), saved_of(case, now)
    return {
        "iccid": iccid,
        "imei": imei,
        "proved": release.known,
        "taken_at": iso(release.taken_at or now),
        "saved": saved.known,
        "handed": handed_of(case, now).known,
    }


def _is_of(case: Case, iccid: str, imei: str) -> bool:
    return case.iccid == iccid and case.imei is not None and same_device(case.imei, imei)


def _bound_since(state_dir: Path, case: Case) -> bool:
    """Whether the pairing history has the card bound again after this case closed its pairing."""
    closed = case.done.get(CLOSE_PAIRING, {}).get("entry")
    if closed is None:
        return False
    with reading_store(state_dir) as connection:
        return connection is not None and _later(connection, case.iccid, closed)


def _later(connection: sqlite3.Connection, iccid: str, closed: int) -> bool:
    return any(
        entry.n > closed and entry.body.get("what") == BOUND and entry.body.get("iccid") == iccid
        for entry in History(connection).entries()
    )
