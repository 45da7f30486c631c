"""Data held back after a pairing changed, until `simward bind` says that the change is meant.

What a hold is: the modem's packet contexts are deactivated, and where one stays up (in LTE the last
one does) the modem is detached from packet service (AT+CGATT=0). It is looked at with each sample,
not in between: a program that dials again is not fought. What it is not: by the time a change is
seen the network has seen IMEI and card as well, for a modem registers as soon as it starts.

Nothing outside the modem is touched: no interface, no route, no connection of NetworkManager's. A
hold outlives restarts; released, the modem is as it was found.
"""

import json
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from modem.commands.packet_domain import ReadContextStates, SetAttachment, SetContextState
from modem.errors import AtCommandError

if TYPE_CHECKING:
    from agent.modem_session import ModemSession
    from modem.engine import Engine

Json = dict[str, Any]

OWN_UPLINK: Final = "own_uplink"
"""Why nothing is held: this machine's own way out leads over the modem."""

NOTHING_AT_STAKE: Final = "no_cost"
"""Why nothing is held: nothing is known that the change may cost."""

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE data_hold (      -- slots whose data is held back
        slot  INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL,   -- of the pairing history: the change that did it
        since TEXT,
        done  TEXT NOT NULL       -- what was done to the modem, to be undone
    );
    """,
)


class Done(NamedTuple):
    """What was done to the modem: contexts deactivated, whether it was detached; what stays up."""

    contexts: tuple[int, ...] = ()
    detached: bool = False
    left: tuple[int, ...] = ()

    def and_now(self, now: "Done") -> "Done":
        """Both, one after the other."""
        contexts = tuple(sorted({*self.contexts, *now.contexts}))
        return Done(contexts, self.detached or now.detached, now.left)

    def to_json(self) -> Json:
        """For the store, and for documents."""
        return {"contexts": list(self.contexts), "detached": self.detached, "left": list(self.left)}

    @classmethod
    def from_json(cls, facts: Json) -> "Done":
        """Back from the store."""
        return cls(tuple(facts["contexts"]), facts["detached"], tuple(facts["left"]))


class Hold(NamedTuple):
    """A hold that stands."""

    slot: int
    entry: int
    since: str | None
    done: Done

    def to_json(self) -> Json:
        """For documents."""
        return {"entry": self.entry, "since": self.since, **self.done.to_json()}


class Holds:
    """The holds that stand; inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin(self, slot: int, entry: int, since: str | None) -> None:
        """Hold a slot's data from now on; one that is held stays so, with what was done."""
        hold = self.of(slot)
        done = Done() if hold is None else hold.done
        self._put(Hold(slot, entry, since if hold is None else hold.since, done))

    def of(self, slot: int) -> Hold | None:
        """The hold of a slot."""
        row = self._connection.execute(
            "SELECT slot, entry, since, done FROM data_hold WHERE slot = ?", (slot,)
        ).fetchone()
        if row is None:
            return None
        own, entry, since, done = row
        return Hold(own, entry, since, Done.from_json(json.loads(done)))

    def note(self, slot: int, done: Done) -> None:
        """What was just done to the modem; where the hold has ended meanwhile, nothing is noted."""
        hold = self.of(slot)
        if hold is not None:
            self._put(hold._replace(done=hold.done.and_now(done)))

    def end(self, slot: int) -> Hold | None:
        """End the hold of a slot; what it was."""
        hold = self.of(slot)
        self._connection.execute("DELETE FROM data_hold WHERE slot = ?", (slot,))
        return hold

    def _put(self, hold: Hold) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO data_hold VALUES (?, ?, ?, ?)",
            (hold.slot, hold.entry, hold.since, json.dumps(hold.done.to_json())),
        )


def hold_data(session: "ModemSession") -> Done:
    """Take the modem's data down; what was done, and what stays up all the same.

    Raises:
        ModemError: the modem does not answer.
    """
    engine = session.engine
    active = _active(engine)
    if active is not None:
        for cid in active:
            with suppress(AtCommandError):
                engine.run(SetContextState(cid, active=False))
    left = _active(engine) if active else active
    if left is not None and not left:
        return Done(tuple(active or ()))
    detached = False
    with suppress(AtCommandError):
        engine.run(SetAttachment(attached=False))
        detached = True
    return Done(tuple(active or ()), detached, tuple(_active(engine) or ()))


def release_data(session: "ModemSession", done: Done) -> list[str]:
    """Put the modem back as it was found; the commands that it refused.

    Raises:
        ModemError: the modem does not answer.
    """
    commands: list[SetAttachment | SetContextState] = []
    if done.detached:
        commands.append(SetAttachment(attached=True))
    commands += [SetContextState(cid, active=True) for cid in done.contexts]
    refused = []
    for command in commands:
        try:
            session.engine.run(command)
        except AtCommandError as error:
            refused.append(f"{command.text} {error.final}")
    return refused


def _active(engine: "Engine") -> list[int] | None:
    """The contexts that are up; None where the modem does not say."""
    try:
        states = engine.run(ReadContextStates())
    except AtCommandError:
        return None
    return sorted(cid for cid, active in states.items() if active)
