"""What this machine knew last of a card: for the statement on a device that is gone."""

from pathlib import Path
from typing import Any, Final

from agent.binding.history import History
from agent.errors import RefusedError, StoreError
from agent.i18n import in_both, mark, t
from agent.store import reading_store
from agent.usage import reading

Json = dict[str, Any]

SEEN_LAST: Final = mark("{when}, in modem {imei}, slot {slot}; {bytes} bytes counted in all")
_UNDATED: Final = mark("without a date")


def last_known(state_dir: Path, iccid: str) -> Json | None:
    """The last entry of the pairing history and the ledger's total, with a text; None: nothing."""
    try:
        with reading_store(state_dir) as connection:
            if connection is None:
                return None
            seen = [e.body for e in History(connection).entries() if e.body.get("iccid") == iccid]
            used = [each for each in reading.cards(connection) if each.iccid == iccid]
    except (StoreError, RefusedError):
        return None
    if not seen:
        return None
    last, total = seen[-1], sum(each.tx + each.rx for each in used)

    def text() -> str:
        when = last.get("at") or t(_UNDATED)
        return t(SEEN_LAST, when=when, imei=last["imei"], slot=last["slot"], bytes=total)

    facts = {name: last.get(name) for name in ("at", "imei", "slot")}
    return {**facts, "total_bytes": total, "text": in_both(text)}
