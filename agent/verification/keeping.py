"""A look is kept: signed evidence in the folder of the case, then a line in its journal.

Events are remembered in the transaction that stores them: each is said once.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final, NamedTuple

from agent.outgoing import Outgoing
from agent.report import Stamp
from agent.signer import Signer, Subject
from agent.state_dir import replace_file
from agent.unbind.case import LOOK, Case
from agent.unbind.facts import After
from agent.unbind.folder import Found, cases
from agent.unbind.journal import Journal
from agent.unbind.platform_files import all_platforms
from agent.verification.near import account_of, first_day_of
from agent.verification.record import KIND, bodies_of, look_of, taken
from agent.verification.schedule import Dated, due, looks, rules_of
from agent.verification.verdict import CONTRADICTED
from cloud_bridge.evidence_entries import When
from sim.reading import Reading, absent

Json = dict[str, Any]

Work = Callable[[Connection, Outgoing], Json]

ASKED: Final = "asked"
"""A look that somebody asked for while none was due."""

_CONTRADICTED: Final = "verification_contradicted"
JOURNAL: Final = "journal of the unbinding"
NO_CERTIFICATE: Final[Reading[str]] = absent("not given")

_logger = logging.getLogger(__name__)


def planned(case: Case) -> tuple[Dated, ...]:
    """All looks at the card of a case; none before its cancellation, none where it is lost."""
    if case.cancelled_at is None or case.lost:
        return ()
    account = account_of(case)
    named = None if account is None else account.platform
    rules = rules_of(all_platforms(), named, case.platform)
    start = datetime.fromisoformat(case.cancelled_at).astimezone(UTC)
    return looks(start, rules, first_day_of(account))


def due_of(case: Case, now: datetime) -> tuple[Dated, ...]:
    """Those that are due and were not taken; `now` by a clock that is right."""
    return due(planned(case), taken(case), now)


def after_of(case: Case, certificate: Reading[str] = NO_CERTIFICATE) -> After:
    """What the gates after the cancellation want to know of a case."""
    last = case.looks[-1] if case.looks else None
    if last is None or case.cancelled_at is None:
        return After(certificate)
    at = last.get("at") or case.cancelled_at
    taken_at = datetime.fromisoformat(at)
    left = {each.id for each in planned(case)} - taken(case)
    return After(
        certificate,
        Reading(str(last["verdict"]), JOURNAL, taken_at),
        Reading(len(left), JOURNAL, taken_at),
    )


class Keeper(NamedTuple):
    """Keeps looks and says what is to be said; `stored` does work in a transaction of the store."""

    signer: Signer
    store: str
    stamp: Callable[[], Stamp]
    stored: Callable[[Work], None]

    def keep_asked(self, state_dir: Path, document: Json, now: datetime | None) -> bool:
        """Keep a look that somebody asked for, where it is about a case; whether it is.

        `now` by a clock that is right, None without one.

        Raises:
            AgentError, BridgeError, OSError: it could not be kept.
        """
        kept = False
        for found in cases(state_dir):
            if found.case.iccid == document["target"] and planned(found.case):
                open_ = () if now is None else due_of(found.case, now)
                self.keep(found, tuple(each.id for each in open_) or (ASKED,), document)
                kept = True
        return kept

    def keep(
        self, found: Found, ids: tuple[str, ...], document: Json, slot: int | None = None
    ) -> None:
        """The alarm first; then evidence and journal; then the evidence on its way.

        Raises:
            RefusedError: another command works on the case, or this user may not.
            StoreError, BridgeError, OSError: it cannot be written.
        """
        if document["verdict"] == CONTRADICTED:
            case, name = found.case, found.folder.name
            args = {
                "case": name,
                "iccid": case.iccid,
                "order_id": case.order_id,
                "looks": list(ids),
                "services": [n for n, s in document["services"].items() if s["now"] == "works"],
                **({} if slot is None else {"slot": slot}),
            }
            self.say(_CONTRADICTED, args, f"{_CONTRADICTED} {name} {_nth(found, ids)}", 0)
        self.publish(self.written(found, ids, document))

    def written(self, found: Found, ids: tuple[str, ...], document: Json) -> bytes:
        """Sign what a look found, write it beside the journal, then into it; the evidence."""
        case, stamp = found.case, self.stamp()
        subject = Subject(case.order_id, case.iccid, document["where"].get("imei") or case.imei)
        when = When(stamp.up_s, stamp.at)
        bodies = bodies_of(document, ids, when, case.technician)
        raw = self.signer.signed(KIND, self.store, stamp, subject, bodies)
        with Journal(found.folder) as journal:
            before = sum(entry.body["what"] == LOOK for entry in journal.entries)
            name = f"{KIND}-{before + 1}.json"
            replace_file(found.folder / name, raw.decode(), secret=True)
            kept = {"name": name, "sha256": hashlib.sha256(raw).hexdigest()}
            journal.append(LOOK, look_of(document, ids, kept))
        verdict = document["verdict"]
        _logger.info("look case=%s looks=%s verdict=%s", found.folder.name, ",".join(ids), verdict)
        return raw

    def publish(self, raw: bytes) -> None:
        """Give the evidence its row in the outbox; the same evidence has one.

        Raises:
            StoreError, BridgeError: the store did not take it.
        """
        self.stored(lambda _connection, out: out.evidence(raw).to_json())

    def say(self, code: str, args: Json, about: str, threshold: int) -> None:
        """An event, once: not again for the same threshold or an earlier one.

        Raises:
            StoreError, BridgeError: the store did not take it.
        """

        def work(connection: Connection, out: Outgoing) -> Json:
            row = connection.execute(
                "SELECT facts FROM notices WHERE about = ?", (about,)
            ).fetchone()
            if row is not None and json.loads(row[0])["threshold"] <= threshold:
                return {"said": False}
            facts = json.dumps({"threshold": threshold})
            connection.execute("INSERT OR REPLACE INTO notices VALUES (?, ?)", (about, facts))
            out.event(code, args)
            return {"said": True}

        self.stored(work)


def _nth(found: Found, ids: tuple[str, ...]) -> str:
    """What names a look: those that it was due as, else its number in the journal."""
    return " ".join(ids) if ids != (ASKED,) else f"{ASKED} {len(found.case.looks) + 1}"
