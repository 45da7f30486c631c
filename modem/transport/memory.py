"""A modem made of a script, on a virtual clock: for tests."""

from collections.abc import Iterable, Mapping
from typing import cast

from modem.errors import PortLost

Arrivals = list[tuple[float, bytes | None]]
"""When (seconds) and what; None where the other end hangs up."""


class UnexpectedWriteError(AssertionError):
    """Something was written that the script does not expect: `data`."""

    def __init__(self, data: bytes) -> None:
        super().__init__(f"unexpected write {data!r}")
        self.data = data


class ScriptedStream:
    """A `ByteStream` whose other end follows a script.

    `arrivals` come at their times. `replies` maps bytes written to what comes back, seconds after
    the write; a list of such answers is used up one by one, the last one again and again. A write
    that the script does not know fails the test.
    """

    def __init__(
        self,
        replies: Mapping[bytes, Arrivals | list[Arrivals]] | None = None,
        arrivals: Iterable[tuple[float, bytes | None]] = (),
    ) -> None:
        self.now = 0.0
        """The virtual time, in seconds; it passes in `read` alone."""
        self.written: list[bytes] = []
        self.closed = False
        self._replies = {data: _one_by_one(answers) for data, answers in (replies or {}).items()}
        self._coming = sorted(arrivals, key=_when)

    def clock(self) -> float:
        """The virtual time, for whoever wants a clock function."""
        return self.now

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, or what arrives next within `timeout_s`."""
        if self.closed:
            raise PortLost("closed")
        deadline = self.now + timeout_s
        if not self._coming or self._coming[0][0] > deadline:
            self.now = deadline
            return b""
        self.now = max(self.now, self._coming[0][0])
        return self._take_due()

    def write(self, data: bytes) -> None:
        """Note `data` and schedule its reply.

        Raises:
            UnexpectedWriteError: the script does not know `data`.
        """
        if self.closed:
            raise PortLost("closed")
        self.written.append(data)
        if data not in self._replies:
            raise UnexpectedWriteError(data)
        answers = self._replies[data]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self._coming += [(self.now + delay_s, piece) for delay_s, piece in answer]
        self._coming.sort(key=_when)

    def close(self) -> None:
        """Nothing can be read or written any more."""
        self.closed = True

    def _take_due(self) -> bytes:
        taken = b""
        while self._coming and self._coming[0][0] <= self.now:
            piece = self._coming[0][1]
            if piece is None:
                if taken:
                    return taken
                raise PortLost("hung up")
            taken += piece
            self._coming.pop(0)
        return taken


def _one_by_one(answers: Arrivals | list[Arrivals]) -> list[Arrivals]:
    """A list of answers, also where one is meant for every time."""
    if answers and isinstance(answers[0], list):
        return list(answers)
    return [cast("Arrivals", answers)]


def _when(arrival: tuple[float, bytes | None]) -> float:
    return arrival[0]
