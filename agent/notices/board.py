"""Looks at clock, certificates and own bytes with each sample; remembers what was said.

Every method works in an open transaction of the caller, in the thread that owns the store: an event
is in the outbox if and only if it is remembered as said.
"""

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from agent import clock as clocks
from agent.config import Settings
from agent.doctor.x509 import validities
from agent.notices import budget, certificates, clock
from agent.notices.clock import Moment
from agent.usage import reading
from agent.usage.air import foretold
from agent.usage.cycle import cycle_of, day_of
from agent.usage.meter import plan_of

Json = dict[str, Any]

FILES_EVERY_S: Final = 3_600.0


def moment_now(boot: int) -> Moment:
    """Both clocks at this moment."""
    return Moment(boot, clocks.up_s(), clocks.now(), clocks.clock_synchronized())


class NoticeBoard:
    """On a connection that is handed in."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        settings: Settings,
        *,
        moment: Callable[[], Moment],
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._plan = plan_of(settings)
        self._moment = moment
        self._files_looked_at = float("-inf")
        self.own: budget.Own | None = None
        """Our own bytes in this cycle at the latest look; None while that is not known."""

    def begin(self) -> None:
        """Where clock and budget stand at this start; what the clock does from now on is seen."""
        now = self._moment()
        facts = self._said(clock.CODE)
        if facts is None or facts["boot"] != now.boot:  # else a jump meanwhile is said at a look
            self._clock(now)
        self.own = self._own(now.wall) if now.synchronized else None

    def look(self) -> list[tuple[str, Json]]:
        """(code, args) of what is to be said now."""
        now = self._moment()
        found = self._clock(now)
        if not now.synchronized:  # days that are left, and cycles, are not known then
            return found
        self.own = self._own(now.wall)
        return [*found, *self._certificates(now), *self._budget(self.own)]

    def _clock(self, now: Moment) -> list[tuple[str, Json]]:
        facts = self._said(clock.CODE)
        args, told = clock.look(None if facts is None else clock.Told.from_json(facts), now)
        self._remember(clock.CODE, told.to_json())
        return [] if args is None else [(clock.CODE, args)]

    def _certificates(self, now: Moment) -> list[tuple[str, Json]]:
        if now.up_s - self._files_looked_at < FILES_EVERY_S:
            return []
        self._files_looked_at = now.up_s
        broker = self._settings.broker
        found = []
        for key, file in (("broker.cert", broker.cert), ("broker.ca", broker.ca)):
            facts = self._said(key)
            before = None if facts is None else certificates.Said.from_json(facts)
            args = certificates.look(key, _ends_in(file), before, now.wall)
            if args is not None:
                self._remember(key, certificates.said(args)._asdict())
                found.append((certificates.CODE, args))
        return found

    def _budget(self, own: budget.Own) -> list[tuple[str, Json]]:
        facts = self._said(budget.CODE)
        before = None if facts is None else budget.Said.from_json(facts)
        args = budget.look(own, before)
        if args is None:
            return []
        self._remember(budget.CODE, budget.said(args)._asdict())
        return [(budget.CODE, args)]

    def _own(self, now: datetime) -> budget.Own:
        cycle = cycle_of(day_of(now, self._plan.zone), self._settings.usage.cycle_day)
        told = foretold(self._connection, self._settings)
        return budget.Own(
            cycle,
            reading.own_bytes(self._connection, cycle.start, cycle.next_start),
            self._settings.broker.budget_bytes,
            None if told is None else told.total,
        )

    def _said(self, about: str) -> Json | None:
        row = self._connection.execute(
            "SELECT facts FROM notices WHERE about = ?", (about,)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def _remember(self, about: str, facts: Json) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO notices VALUES (?, ?)", (about, json.dumps(facts))
        )


def _ends_in(file: Path | None) -> list[datetime]:
    """When each certificate in a file ends; `simward doctor` says what is wrong with a file."""
    if file is None:
        return []
    try:
        return [each.not_after for each in validities(file.read_text("ascii", "replace"))]
    except (OSError, ValueError):
        return []
