"""The pairing history: whether the chain of its entries holds."""

import sqlite3

from agent.binding.history import Broken, History
from agent.doctor.checks.outbox import StoreDamaged, read_store
from agent.doctor.finding import Finding, Seen, failure, fine, not_applicable, unknown
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import say
from agent.store import NAME


def pairings(s: Surroundings) -> Finding:
    """Whether the history of cards and modems is as it was written; it is never mended."""
    try:
        found = read_store(s, _checked)
    except StoreDamaged as error:
        return unknown(say("the store is damaged: {error}", error=str(error)))
    if found is None or (not found[0] and found[2] is None):
        return not_applicable(say("no pairing is recorded yet"))
    entries, head, broken = found
    seen = Seen(str(s.state_dir / NAME), f"{entries} {head}")
    if broken is not None:
        said = say(
            "the history is broken at entry {number}: {reason}",
            number=broken.number,
            reason=broken.reason,
        )
        do = say(
            "keep the store as it is, and compare it with what the backend has; docs/binding.md"
        )
        return failure(said, do, seen)
    return fine(say("the chain is whole (entries: {n})", n=entries), seen)


def _checked(connection: sqlite3.Connection) -> tuple[int, str, Broken | None]:
    history = History(connection)
    connection.execute("BEGIN")  # what a daemon writes meanwhile is not half of it
    return (*history.head(), history.check())
