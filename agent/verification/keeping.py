"""A look is kept: signed evidence in the folder of the case, then a line in its journal."""

import hashlib
import logging
from datetime import UTC, datetime
from typing import Any, Final

from agent.state_dir import replace_file
from agent.unbind.case import LOOK, Case
from agent.unbind.facts import After
from agent.unbind.folder import Found
from agent.unbind.journal import Journal, now_when
from agent.unbind.platform_files import all_platforms
from agent.verification.near import account_of, first_day_of
from agent.verification.record import KIND, bodies_of, look_of, taken
from agent.verification.schedule import Dated, due, looks, rules_of
from agent.verification.watch import Gateway
from agent.version import __version__
from cloud_bridge.certificate import Head, sign
from sim.reading import Reading, absent

Json = dict[str, Any]

ASKED: Final = "asked"
"""A look that somebody asked for while none was due."""

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


def keep(found: Found, ids: tuple[str, ...], document: Json, gateway: Gateway) -> bytes:
    """Sign what a look found, write it beside the journal, then into it; the evidence.

    Raises:
        RefusedError: another command works on the case, or this user may not.
        StoreError, OSError: it cannot be written.
    """
    case, when = found.case, now_when()
    head = Head(
        gw=gateway.gw,
        store=gateway.store,
        boot=gateway.boot,
        kind=KIND,
        made_at=document["taken_at"],
        clock_synchronized=document["clock_synchronized"],
        up_s=int(when.up_s),
        software=f"simward {__version__}",
        order_id=case.order_id,
        iccid=case.iccid,
        imei=document["where"].get("imei") or case.imei,
    )
    raw = sign(head, bodies_of(document, ids, when, case.technician), gateway.key())
    with Journal(found.folder) as journal:
        before = sum(entry.body["what"] == LOOK for entry in journal.entries)
        name = f"{KIND}-{before + 1}.json"
        replace_file(found.folder / name, raw.decode(), secret=True)
        kept = {"name": name, "sha256": hashlib.sha256(raw).hexdigest()}
        journal.append(LOOK, look_of(document, ids, kept))
    _logger.warning(
        "look case=%s looks=%s verdict=%s", found.folder.name, ",".join(ids), document["verdict"]
    )
    return raw
