"""Does a port take AT commands? A bounded question, which never mistakes another device for one."""

import re
from collections.abc import Callable

from modem.errors import PortLost
from modem.transport.base import ByteStream

ANSWERS = "answers AT"
SILENT = "silent"
BINARY = "binary"
NMEA = "NMEA"
NOT_AT = "not AT"
GONE = "gone"

TRIES = 3
TRY_S = 0.5
_MOST = 4096

# A talker of NMEA 0183: $GPRMC, $GNGGA, $BDGSV, $PQTM...
_NMEA = re.compile(rb"\$(?:G[A-Z]|BD|QZ|P[A-Z])[A-Z0-9]{3,}[,*]")
_OK = re.compile(rb"(?:^|[\r\n])OK[\r\n]")
# After ATV0 (V.250 clause 6.2.6) a result is a digit and <CR> alone.
_OK_NUMERIC = re.compile(rb"(?:^|\r)0\r\Z")
_NO_TEXT = re.compile(rb"[^\t\n\r\x1b -~]")
_FLAG = b"\x7e"


def ask_at(stream: ByteStream, clock: Callable[[], float]) -> str:
    """What the other end of `stream` is, after at most `TRIES` times `AT` and `TRY_S` seconds each.

    `ANSWERS`; or `BINARY` (a diagnostic port, or a wrong baud rate), `NMEA` (a GPS), `SILENT`,
    `NOT_AT` (text, but never OK: an echo, a login prompt), `GONE`. Bytes that somebody left in the
    modem's line buffer may cost the first try.
    """
    said = b""
    try:
        said = stream.read(0)  # a GPS that speaks by itself is not even asked
        for _ in range(TRIES):
            if (known := _judged(said)) is not None:
                return known
            stream.write(b"AT\r")
            deadline = clock() + TRY_S
            while (left_s := deadline - clock()) > 0 and _judged(said) is None:
                said = (said + stream.read(left_s))[-_MOST:]
            if _OK_NUMERIC.search(said):
                return ANSWERS
    except PortLost:
        return GONE
    return _judged(said) or (NOT_AT if said else SILENT)


def _judged(said: bytes) -> str | None:
    """What is certain from `said` alone; None where more may come."""
    if _OK.search(said):
        return ANSWERS
    if _NMEA.search(said):
        return NMEA
    strange = len(_NO_TEXT.findall(said))
    if (strange and _FLAG in said) or (strange >= 4 and strange * 4 > len(said)):
        return BINARY
    return None
