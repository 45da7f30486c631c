"""A stream that keeps what passes, command by command, byte by byte."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from modem.transport.base import ByteStream


@dataclass
class Captured:
    """What was written at `written_at`, and what came until the next thing was written."""

    command: str
    written_at: float
    pieces: list[tuple[float, bytes]] = field(default_factory=list)

    @property
    def data(self) -> bytes:
        """All that came, the echo included."""
        return b"".join(piece for _, piece in self.pieces)

    def waited_s(self, skipped: int) -> float:
        """How long the first byte took that stands behind `skipped` ones (the echo)."""
        seen = 0
        for at, piece in self.pieces:
            seen += len(piece)
            if seen > skipped:
                return at - self.written_at
        return 0.0


class CaptureStream:
    """Passes everything on; `captured` holds it, `before` what came before the first command."""

    def __init__(self, stream: ByteStream, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self.before = bytearray()
        self.captured: list[Captured] = []

    def read(self, timeout_s: float) -> bytes:
        """What the stream gives."""
        data = self._stream.read(timeout_s)
        if data and self.captured:
            self.captured[-1].pieces.append((self._clock(), data))
        elif data:
            self.before += data
        return data

    def write(self, data: bytes) -> None:
        """Write `data` to the stream; an escape before a command is none of it."""
        text = data.removeprefix(b"\x1b").decode("latin-1").removesuffix("\r")
        begun = self._take_begun_line()
        self.captured.append(Captured(text, self._clock(), begun))
        self._stream.write(data)

    def _take_begun_line(self) -> list[tuple[float, bytes]]:
        """The line that has not ended yet: it belongs to what comes, whole.

        Cut in two, no half of a number would be known for what it is.
        """
        if not self.captured:
            return []
        last = self.captured[-1]
        data = last.data
        ended = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        begun = data[ended:]
        if begun:
            last.pieces[:] = list(_first(last.pieces, ended))
        return [(self._clock(), begun)] if begun else []

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


def _first(pieces: list[tuple[float, bytes]], count: int) -> Iterator[tuple[float, bytes]]:
    """The pieces as far as the first `count` bytes."""
    for at, piece in pieces:
        if count > 0:
            yield at, piece[:count]
        count -= len(piece)
