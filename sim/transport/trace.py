"""A dialogue with a card as text, one line each way: `> 00A40004023F00`, `< 611F`.

A trace holds whatever the card's files hold: treat it like the card. PINs are left out: of a
command that shows one there are the five bytes of its header.
"""

from collections.abc import Callable, Iterable

from sim.errors import ApduProtocolError, ReaderError
from sim.transport.base import ApduTransport

_SHOWS_A_PIN = frozenset({0x20, 0x24, 0x26, 0x28, 0x2C})


class RecordingTransport:
    """Passes everything through, and writes both sides with `write`."""

    def __init__(self, inner: ApduTransport, write: Callable[[str], object]) -> None:
        self.name = inner.name
        self._inner = inner
        self._write = write

    def transmit(self, command: bytes) -> bytes:
        """The inner transport's answer.

        Raises:
            ReaderError, ApduProtocolError: as the inner transport does.
        """
        try:
            answer = self._inner.transmit(command)
        except (ReaderError, ApduProtocolError) as error:
            self._write(
                f"# {_shown(command).hex().upper()}: {str(error) or type(error).__name__}\n"
            )
            raise
        self._write(f"> {_shown(command).hex().upper()}\n")
        self._write(f"< {answer.hex().upper()}\n")
        return answer

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()


class ReplayTransport:
    """Plays a trace back: each command must be the one that was recorded at this point."""

    def __init__(self, lines: Iterable[str], name: str = "trace") -> None:
        self.name = name
        self._pairs = _pairs(lines)
        self._at = 0

    def transmit(self, command: bytes) -> bytes:
        """The recorded answer.

        Raises:
            ApduProtocolError: the trace is over, or has another command here.
        """
        if self._at >= len(self._pairs):
            raise ApduProtocolError("the trace is over")
        expected, answer = self._pairs[self._at]
        if _shown(command) != expected:
            raise ApduProtocolError(f"the trace has another command at number {self._at + 1}")
        self._at += 1
        return answer

    def close(self) -> None:
        """Nothing to give back."""


def _shown(command: bytes) -> bytes:
    return command[:5] if len(command) > 1 and command[1] in _SHOWS_A_PIN else command


def _pairs(lines: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """Commands with their answers; a `#` begins a comment.

    Raises:
        ApduProtocolError: a line that is none of a trace's, with its number.
    """
    pairs: list[tuple[bytes, bytes]] = []
    command: bytes | None = None
    for number, line in enumerate(lines, start=1):
        mark, _, text = line.partition("#")[0].strip().partition(" ")
        if not mark:
            continue
        try:
            content = bytes.fromhex(text)
        except ValueError as error:
            raise ApduProtocolError(f"line {number} of the trace: no hexadecimal") from error
        if mark == ">" and command is None:
            command = content
        elif mark == "<" and command is not None:
            pairs.append((command, content))
            command = None
        else:
            raise ApduProtocolError(f"line {number} of the trace is out of turn")
    return pairs
