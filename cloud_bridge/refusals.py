"""Which evidence a broker will never take, told from a bad line. Pure.

Evidence is forty times as long as any other message, and has a topic of its own: a broker may take
all the rest and not this. What waits behind it must not wait for ever.

Source: OASIS MQTT 5.0 sections 3.2.2.3.6 (maximum packet size) and 3.4.2.1 (PUBACK reason codes),
unread.
"""

from collections.abc import Sequence
from typing import Final

from cloud_bridge.encoding import Row
from cloud_bridge.errors import reason
from cloud_bridge.outbox import EVIDENCE

TOO_LONG: Final = reason("the broker takes no message as long as this evidence")
NOT_ALLOWED: Final = reason("the broker does not let us publish evidence")
CLOSES: Final = reason("the broker closes the connection whenever this evidence is sent")
NEVER_ARRIVES: Final = reason("the broker takes this evidence, and it never arrives")

TRIES: Final = 5
"""So many connections in a row that ended over one piece of evidence are no bad luck any more, nor
so many times that the broker took it and the backend lacks it (mosquitto, MQTT 3.1.1: a message
over `message_size_limit` gets its PUBACK and is thrown away)."""
_FOR_GOOD: Final = {
    0x87: NOT_ALLOWED,  # not authorized
    0x90: NOT_ALLOWED,  # topic name invalid
    0x95: TOO_LONG,  # packet too large
    0x99: NOT_ALLOWED,  # payload format invalid
}


def for_good(code: int) -> str | None:
    """Why a PUBACK with this reason code means never; None where it may only mean not now."""
    return _FOR_GOOD.get(code)


class Tries:
    """Counts what came of sending the same evidence again and again."""

    def __init__(self) -> None:
        self._seq = 0
        self._times = 0
        self._taken: set[int] = set()
        self._in_vain: tuple[int, int] = (0, 0)  # of which seq, and how often

    def taken(self, rows: Sequence[Row]) -> None:
        """The broker took these: this line and this broker work."""
        self._times = 0
        self._taken.update(row.seq for row in rows if row.kind == EVIDENCE)

    def lacking(self, acked: int) -> int | None:
        """The backend is there and lacks what comes after `acked`.

        The `seq` that it lacked often enough, each time after the broker had taken it once more.
        """
        seq = acked + 1
        self._taken = {each for each in self._taken if each >= seq}
        if seq not in self._taken:
            return None
        self._taken.remove(seq)
        before, times = self._in_vain
        self._in_vain = (seq, times + 1 if seq == before else 1)
        return seq if self._in_vain[1] >= TRIES else None

    def closed(self, unanswered: Sequence[Row]) -> int | None:
        """The connection ended. The `seq` that has ended too many of them, if any."""
        if not unanswered or unanswered[0].kind != EVIDENCE:
            self._times = 0
            return None
        seq = unanswered[0].seq
        self._times = self._times + 1 if seq == self._seq else 1
        self._seq = seq
        return seq if self._times >= TRIES else None
