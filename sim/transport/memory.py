"""A way to a card that is a function of this process: a simulated card, a test's table."""

from collections.abc import Callable

from sim.errors import ReaderError
from sim.instructions import check_may_be_sent


class MemoryTransport:
    """Hands every command to `answer` and brings back what it returns."""

    def __init__(self, answer: Callable[[bytes], bytes], name: str = "memory") -> None:
        self.name = name
        self._answer: Callable[[bytes], bytes] | None = answer

    def transmit(self, command: bytes) -> bytes:
        """The function's answer.

        Raises:
            ReaderError: the transport was closed.
            ApduProtocolError: the command does more than read, and nobody ordered it.
        """
        check_may_be_sent(command)
        if self._answer is None:
            raise ReaderError("the transport is closed")
        return self._answer(command)

    def close(self) -> None:
        """Let go of the function."""
        self._answer = None
