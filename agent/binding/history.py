"""The pairing history of this device: append-only, chained by hashes, in the store.

Works on a connection that is handed in, inside the caller's transaction: a pairing is in the
history if and only if the report of the sample that saw it is in the outbox. A broken chain is
said, where and how, and never mended: entries go on behind it, and it stays broken.

What the chain cannot show by itself: entries cut off its end together with the head that is kept
beside. Each `pairing_changed` event carries number and hash of its entry, so a backend can tell.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from agent.binding.record import Known, Pairing, PlatformSays
from cloud_bridge.evidence import (
    CUT_OFF,
    ChainBrokenError,
    Entry,
    canonical,
    check_chain,
    next_entry,
    start_of,
)

Json = dict[str, Any]

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE pairings (       -- which card was in which modem; entries of a hash chain
        n     INTEGER PRIMARY KEY,
        prev  TEXT NOT NULL,
        body  TEXT NOT NULL,      -- canonical JSON
        hash  TEXT NOT NULL,
        slot  INTEGER NOT NULL,
        imei  TEXT NOT NULL,
        iccid TEXT NOT NULL
    );
    CREATE INDEX pairings_of_card ON pairings (iccid, n);
    CREATE INDEX pairings_of_slot ON pairings (slot, n);
    CREATE TABLE pairings_head (  -- the last entry there ever was
        n    INTEGER NOT NULL,
        hash TEXT NOT NULL
    );
    CREATE TRIGGER pairings_stay BEFORE UPDATE ON pairings BEGIN
        SELECT RAISE(ABORT, 'the pairing history is append-only');
    END;
    CREATE TRIGGER pairings_are_kept BEFORE DELETE ON pairings BEGIN
        SELECT RAISE(ABORT, 'the pairing history is append-only');
    END;
    """,
)

SEEN, BOUND, UNBOUND = "seen", "bound", "unbound"
CHAIN: Final = "simward/pairings/1"


class Broken(NamedTuple):
    """Where the chain does not hold: the first entry that is wrong, and how."""

    number: int
    reason: str

    def to_json(self) -> Json:
        """For documents."""
        return {"entry": self.number, "reason": self.reason}


class History:
    """The entries; one thread owns it with its connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def known(self, now: Pairing) -> Known:
        """What `now` is compared with."""
        return Known(
            in_slot=self._last("slot = ?", now.slot),
            of_card=self._last("iccid = ?", now.iccid),
            stood_before=self._last("slot = ? AND imei = ? AND iccid = ?", *now) is not None,
        )

    def append(self, what: str, pairing: Pairing, facts: Mapping[str, Any]) -> Entry:
        """Add an entry behind the last one; `facts` are the rest of its body.

        Raises:
            MessageError: a fact that has no canonical form.
        """
        number, head = self._head()
        entry = next_entry(head, number + 1, {"what": what, **pairing.to_json(), **facts})
        self._connection.execute(
            "INSERT INTO pairings VALUES (?, ?, ?, ?, ?, ?, ?)",
            (entry.n, entry.prev, canonical(entry.body).decode(), entry.hash, *pairing),
        )
        self._connection.execute("DELETE FROM pairings_head")
        self._connection.execute("INSERT INTO pairings_head VALUES (?, ?)", (entry.n, entry.hash))
        return entry

    def entries(self) -> list[Entry]:
        """All of them, oldest first; a row that disagrees with itself has an empty body."""
        rows = self._connection.execute(
            "SELECT n, prev, body, hash, slot, imei, iccid FROM pairings ORDER BY n"
        )
        return [
            Entry(n, prev, _body(body, Pairing(*own)), digest)
            for n, prev, body, digest, *own in rows
        ]

    def last_bound(self, *, slot: int | None = None, iccid: str | None = None) -> Pairing | None:
        """What `simward bind` recorded last for a slot, or for a card.

        None where an unbinding ended that since.
        """
        for entry in reversed(self.entries()):
            body = entry.body
            if body.get("what") in {BOUND, UNBOUND} and (
                body["iccid"] == iccid if slot is None else body["slot"] == slot
            ):
                return Pairing.from_json(body) if body["what"] == BOUND else None
        return None

    def last_account(self, iccid: str) -> Json | None:
        """The newest account facts that were recorded with a card."""
        rows = self._connection.execute(
            "SELECT body, slot, imei, iccid FROM pairings WHERE iccid = ? ORDER BY n DESC", (iccid,)
        )
        for body, *own in rows:
            account = _body(body, Pairing(*own)).get("account")
            if isinstance(account, dict):
                return account
        return None

    def check(self) -> Broken | None:
        """Where the chain is broken; None where it holds."""
        number, head = self._head()
        try:
            check_chain(self._start(), self.entries(), head if number else None)
        except ChainBrokenError as error:
            return Broken(error.number, error.reason)
        return None

    def check_end(self) -> Broken | None:
        """Whether the newest entry is the last one that there ever was; cheap, and no more."""
        number, head = self._head()
        row = self._connection.execute(
            "SELECT n, hash FROM pairings ORDER BY n DESC LIMIT 1"
        ).fetchone()
        last = (0, self._start()) if row is None else (row[0], row[1])
        return None if last == (number, head) else Broken(last[0] + 1, CUT_OFF)

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest entry; 0 where there is none."""
        return self._head()

    def _head(self) -> tuple[int, str]:
        row = self._connection.execute("SELECT n, hash FROM pairings_head").fetchone()
        return (0, self._start()) if row is None else (row[0], row[1])

    def _start(self) -> str:
        store = self._connection.execute("SELECT store FROM outbox_meta").fetchone()[0]
        return start_of({"chain": CHAIN, "store": store})

    def _last(self, where: str, *values: object) -> Pairing | None:
        row = self._connection.execute(
            f"SELECT slot, imei, iccid FROM pairings WHERE {where} ORDER BY n DESC LIMIT 1",  # noqa: S608 - own text
            values,
        ).fetchone()
        return None if row is None else Pairing(*row)


def says_of(account: Mapping[str, Any]) -> PlatformSays:
    """What recorded account facts say of the carrier's two bindings."""
    bound = {
        each["kind"]: each.get("imei")
        for each in account.get("bindings", ())
        if each.get("kind") in {"billing_side", "network_side"} and each.get("bound") is True
    }
    return PlatformSays(account.get("platform"), bound)


def _body(text: str, own: Pairing) -> Json:
    """A row's body, where it is in its canonical form and of the pairing that the row names."""
    try:
        body = json.loads(text)
        whole = canonical(body).decode() == text and Pairing.from_json(body) == own
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return body if whole else {}
