"""Which rows go out next: the window of the uplink. Pure: no socket, no clock, no thread.

Rows are asked for in order and sent oldest first, at most `size` publishes unanswered. After a
reconnect everything that no `ack` covers is asked for again. A backlog goes out in batches.
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from cloud_bridge.encoding import MAX_BATCH_ROWS, Row

BACKLOG_ROWS: Final = 4
"""More reports than this waiting are a backlog (figures: a batch of 4 costs 358 B, one 310 B)."""
RESEND_AFTER_S: Final = 60.0
"""A row that the broker took this long ago and that an `ack` still leaves out was lost."""
_AGAIN_PAUSE_S: Final = 10.0
_AGAIN_MAX_PAUSE_S: Final = 3600.0
"""Rows after the same `ack` go again this seldom: what never gets there must not eat the plan."""


class Ask(NamedTuple):
    """A question to the outbox's owner: at most `limit` rows after `after_seq`."""

    after_seq: int
    limit: int


class _Again(NamedTuple):
    """After which `seq` rows went again last, and from when they may once more."""

    seq: int
    not_before: float
    pause_s: float


class Window:
    """The state of one connection's sending; `restart` begins another."""

    def __init__(self, size: int = 10) -> None:
        self._size = size
        self.restart(size)

    def restart(self, size: int) -> None:
        """Forget everything: a new connection, or a new broker limit of `size` publishes."""
        self._size = max(1, size)
        self._cursor = 0
        self._first = 0
        self._asked: Ask | None = None
        self._more = True
        self._poked = False
        self._waiting: deque[Row] = deque()
        self._flying: dict[int, tuple[Row, ...]] = {}
        self._taken: deque[tuple[int, float]] = deque(maxlen=512)
        self._again = _Again(-1, 0.0, 0.0)

    @property
    def idle(self) -> bool:
        """Nothing waits, flies or is being asked for."""
        return not (self._waiting or self._flying or self._asked or self._more)

    def poke(self) -> None:
        """There may be new rows."""
        self._poked = True
        self._more = True

    def ask(self) -> Ask | None:
        """What to ask for now, if anything."""
        if self._asked or not self._more or len(self._waiting) > BACKLOG_ROWS:
            return None
        self._asked = Ask(self._cursor, MAX_BATCH_ROWS)
        self._poked = False
        return self._asked

    def offered(self, after_seq: int, rows: Sequence[Row]) -> None:
        """The answer to `ask`; one to an older question is dropped."""
        if self._asked is None or after_seq != self._asked.after_seq:
            return
        full = len(rows) >= self._asked.limit
        self._asked = None
        if after_seq != self._cursor:
            return
        self._more = full or self._poked
        self._waiting.extend(rows)
        if rows:
            self._cursor = rows[-1].seq

    def take(self, max_rows: int = MAX_BATCH_ROWS) -> tuple[Row, ...]:
        """The next publish: one row, or several reports for a batch; () if none may go now."""
        if not self._waiting or len(self._flying) >= self._size:
            return ()
        run = self._run_of_reports(max_rows)
        count = run if run > BACKLOG_ROWS else 1
        return tuple(self._waiting.popleft() for _ in range(count))

    def put_back(self, rows: Sequence[Row]) -> None:
        """`rows` of the last `take` could not be sent after all."""
        self._waiting.extendleft(reversed(rows))

    def sent(self, mid: int, rows: tuple[Row, ...]) -> None:
        """`rows` went out as packet `mid`."""
        self._flying[mid] = rows
        self._first = self._first or rows[0].seq

    def taken(self, mid: int, now: float, *, unheard: bool = False) -> tuple[int, ...]:
        """The broker took packet `mid`, though nobody may have heard it: its rows' numbers."""
        rows = self._flying.pop(mid, ())
        if rows:
            self._taken.append((rows[-1].seq, -math.inf if unheard else now))
        return tuple(row.seq for row in rows)

    def flying(self, mid: int) -> tuple[Row, ...]:
        """The rows of packet `mid`, which has no answer yet."""
        return self._flying.get(mid, ())

    @property
    def unanswered(self) -> tuple[Row, ...]:
        """All rows that went out and have no answer yet, in the order in which they went."""
        return tuple(row for rows in self._flying.values() for row in rows)

    def give_up(self, mid: int) -> None:
        """The broker will never take packet `mid`: its rows do not go again."""
        self._flying.pop(mid, None)

    def refused(self, mid: int) -> bool:
        """The broker did not take packet `mid`: its rows, and all after them, go again."""
        rows = self._flying.pop(mid, ())
        if rows and rows[0].seq <= self._cursor:
            self._rewind(rows[0].seq - 1)
        return bool(rows)

    def acked(self, seq: int, now: float, *, again: bool = False) -> None:
        """The backend has all up to `seq`. What it should have by now and has not goes again.

        `again`: the backend asks for what the broker took and this does not cover, however short
        ago. Without it only age tells a lost row from one that is on its way.
        One beyond what was asked for changes nothing here: right or forged, the outbox decides,
        and answers the next question without the rows that left.
        """
        if seq > self._cursor:
            return
        while self._waiting and self._waiting[0].seq <= seq:
            self._waiting.popleft()
        while self._taken and self._taken[0][0] <= seq:
            self._taken.popleft()
        lost = bool(self._taken) and (again or now - self._taken[0][1] > RESEND_AFTER_S)
        # Rows between `seq` and the first that this connection sent were delivered before, in
        # the outbox's eyes; this backend has not got them.
        skipped = self._first > seq + 1
        if (lost and self._may_go_again(seq, now)) or skipped:
            self._rewind(seq)
            self._first = seq + 1
            self._taken.clear()

    def _may_go_again(self, seq: int, now: float) -> bool:
        """Whether it is time: each turn for the same `seq` waits twice as long as the last."""
        last = self._again
        same = seq == last.seq
        if same and now < last.not_before:
            return False
        pause_s = min(2 * last.pause_s, _AGAIN_MAX_PAUSE_S) if same else _AGAIN_PAUSE_S
        self._again = _Again(seq, now + pause_s, pause_s)
        return True

    def _rewind(self, seq: int) -> None:
        self._cursor = seq
        self._waiting.clear()
        self._more = True
        self._asked = None

    def _run_of_reports(self, max_rows: int) -> int:
        boot = self._waiting[0].boot
        count = 0
        for row in self._waiting:
            if row.kind != "report" or row.boot != boot or count >= max_rows:
                break
            count += 1
        return count
