"""A stream that tells what passes, with everything hidden that could name a subscriber."""

import re
from collections.abc import Callable

from modem.transport.base import ByteStream
from sim.identifiers import mask

_LINE = re.compile(rb"[^\r\n]+")
# An ICCID, IMSI, IMEI, number or EID, also with swapped nibbles or as part of an APDU or a PDU.
_NUMBER = re.compile(r"[0-9A-Fa-f]{10,}")
# Commands whose arguments are PINs and passwords; the answers of the last two have them too.
_SECRET = re.compile(
    r"(\+(?:(?:CPIN|CPWD|CLCK|CPIN2)=|(?:QICSGP|CGAUTH) *[=:](?!\?))).*", re.IGNORECASE
)

# Entries of a phone book: names and short numbers look like nothing in particular.
_ENTRY = re.compile(r"(\+CPBR: *[0-9]+ *,).*", re.IGNORECASE)


def masked(text: str) -> str:
    """`text` as a log may show it."""
    hidden = _ENTRY.sub(r"\1***", _SECRET.sub(r"\1***", text))
    return _NUMBER.sub(lambda run: mask(run.group(), 4, 2), hidden)


class TraceStream:
    """Passes everything on and gives each whole line to `log`, `>` before what was written.

    Lines, since a number that comes in two pieces could not be seen to be one. What has no line
    end yet (a prompt) is told with the next line or at the end.
    """

    def __init__(self, stream: ByteStream, log: Callable[[str], None]) -> None:
        self._stream = stream
        self._log = log
        self._partial = b""

    def read(self, timeout_s: float) -> bytes:
        """What the stream gives."""
        data = self._stream.read(timeout_s)
        whole, end, rest = (self._partial + data).replace(b"\n", b"\r").rpartition(b"\r")
        # A line without end must not fill the memory: beyond that it is told in pieces.
        if len(rest) > 4096:
            whole, rest = whole + end + rest, b""
        self._partial = rest
        self._tell("<", whole)
        return data

    def write(self, data: bytes) -> None:
        """Write `data` to the stream."""
        self._tell(">", data)
        self._stream.write(data)

    def close(self) -> None:
        """Close the stream."""
        self._tell("<", self._partial)
        self._partial = b""
        self._stream.close()

    def _tell(self, direction: str, data: bytes) -> None:
        for line in _LINE.findall(data):
            self._log(f"{direction} {masked(line.decode('latin-1'))}")
