"""The simulated card's toolkit: proactive commands that wait for the terminal.

ETSI TS 102 221 clause 11.2 (FETCH, TERMINAL RESPONSE, TERMINAL PROFILE, ENVELOPE, unread).
"""

from collections import deque
from collections.abc import Iterable

TERMINAL_PROFILE, FETCH, TERMINAL_RESPONSE, ENVELOPE = 0x10, 0x12, 0x14, 0xC2
INSTRUCTIONS = (TERMINAL_PROFILE, FETCH, TERMINAL_RESPONSE, ENVELOPE)


class Toolkit:
    """Proactive commands, oldest first; each waits until it was fetched and answered."""

    def __init__(self, commands: Iterable[bytes]) -> None:
        self._waiting = deque(commands)
        self._fetched = False
        self.responses: list[bytes] = []

    def add(self, command: bytes) -> None:
        """One more command, behind those that wait."""
        self._waiting.append(command)

    def reset(self) -> None:
        """A command that was fetched and not answered waits again."""
        self._fetched = False

    @property
    def pending(self) -> int:
        """Bytes of the command that wants to be fetched; 0 where none does."""
        return len(self._waiting[0]) if self._waiting and not self._fetched else 0

    def answer(self, ins: int, data: bytes, le: int) -> tuple[bytes, int]:
        """Data and status word of one of `INSTRUCTIONS`."""
        if ins == FETCH:
            return self._fetch(le)
        if ins == TERMINAL_RESPONSE:
            if not self._fetched:
                return b"", 0x6985
            self._waiting.popleft()
            self._fetched = False
            self.responses.append(data)
        return b"", 0x9000

    def _fetch(self, le: int) -> tuple[bytes, int]:
        if not self.pending:
            return b"", 0x6985
        if le != self.pending:
            return b"", 0x6C00 | self.pending & 0xFF
        self._fetched = True
        return self._waiting[0], 0x9000
