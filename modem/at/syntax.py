"""The small grammar of AT answers: prefixes, fields, numbers.

Pure helpers for command classes. They accept what modems write, not only what ITU-T V.250 and
3GPP TS 27.007 (unread) say they should write; each tolerance names the device that needs it.
"""

import re

# The first characters that standards and vendors put before a name: `+CREG`, `^HCSQ` (Huawei),
# `%XICCID` (Nordic), `#QSS` (Telit), `*ATREADY` (ASR), `$MYCCID` (Neoway), `!GSTATUS` (Sierra).
_PREFIX = re.compile(r"[+^%#*$!&][A-Za-z][A-Za-z0-9_]*")
# `:` as the standard has it; `=` in `%XCONNSTAT=` (Nordic) and `+QAPRDYIND=` (EC2x); a full-width
# colon in `^REJINFO：` (Balong); a space before it in `+GTDUALSIM : 0` (FM350).
_SEPARATORS = frozenset(":：=")
_BLANKS = " \t"
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")  # a longer one is no number of a modem's
_HEX = re.compile(r"[0-9A-Fa-f]+")


def prefix_of(line: str) -> str | None:
    """The name a line begins with (`+CREG`), in upper case, or None for a line without one.

    A telephone number (`+8613...`) is no name.
    """
    match = _PREFIX.match(line)
    return match.group().upper() if match else None


def is_prefixed(line: str) -> bool:
    """Whether a line begins with a name (`+X`, `^X`, `%X`, `#X`, `*X`, `$X`, `!X`, `&X`)."""
    return _PREFIX.match(line) is not None


def strip_prefix(line: str, prefix: str) -> str | None:
    """What follows `prefix` (`+CREG`, without a colon) and its separator; None for other lines.

    Case does not count (`^NDISSTATQry`), nor does a missing space (`+COPS:0,2`, FM350).
    """
    if line[: len(prefix)].upper() != prefix.upper():
        return None
    rest = line[len(prefix) :].lstrip(_BLANKS)
    return rest[1:].lstrip(_BLANKS).rstrip() if rest[:1] in _SEPARATORS else None


def has_prefix(line: str, prefix: str) -> bool:
    """Whether `strip_prefix` would find `prefix` at the head of `line`."""
    return strip_prefix(line, prefix) is not None


def split_fields(text: str) -> tuple[str | None, ...]:
    """The fields between commas: None where a field is empty, quotes taken off.

    A comma inside quotes or parentheses does not split; parentheses stay. Empty quotes give `""`.
    A quote without partner splits as if it were not there (`2,1,"0B,"0100701",7`, Samsung):
    `2`, `1`, `0B`, `0100701`, `7`. An empty text has no fields.
    """
    if not text.strip():
        return ()
    fields: list[str | None] = []
    start = 0
    while True:
        end = _field_end(text, start)
        fields.append(_field_value(text[start:end]))
        if end >= len(text):
            return tuple(fields)
        start = end + 1


def to_int(field: str | None) -> int | None:
    """A decimal number, leading zeros and blanks allowed; None for anything else."""
    text = field.strip() if field else ""
    return int(text) if _INTEGER.fullmatch(text) and text.isascii() else None


def to_hex(field: str | None) -> int | None:
    """A hexadecimal number, blanks allowed; None for anything else."""
    text = field.strip() if field else ""
    return int(text, 16) if _HEX.fullmatch(text) else None


def unquote(text: str) -> str:
    """`text` without blanks and one pair of quotes around it; a single quote goes too."""
    return text.strip().removeprefix('"').removesuffix('"').strip()


def _field_end(text: str, start: int) -> int:
    """Where the field that begins at `start` ends: the place of its comma, or the end."""
    first = start + len(text[start:]) - len(text[start:].lstrip())
    if text.startswith('"', first):
        closed = _closing_quote(text, first + 1)
        if closed is not None:
            return _or_end(text, text.find(",", closed))
    if text.startswith("(", first):
        closed = _closing_parenthesis(text, first)
        if closed is not None:
            return _or_end(text, text.find(",", closed))
    return _or_end(text, text.find(",", start))


def _or_end(text: str, place: int) -> int:
    return len(text) if place < 0 else place


def _closing_quote(text: str, start: int) -> int | None:
    """The quote that closes a field: a comma or the end follows it."""
    place = text.find('"', start)
    while place >= 0:
        if text[place + 1 :].lstrip()[:1] in {"", ","}:
            return place
        if text[:place].rstrip().endswith(","):
            return None  # this one opens the next field: ours was never closed
        place = text.find('"', place + 1)
    return None


def _closing_parenthesis(text: str, start: int) -> int | None:
    depth, quoted = 0, False
    for place in range(start, len(text)):
        char = text[place]
        if char == '"':
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return place
    return None


def _field_value(raw: str) -> str | None:
    text = raw.strip()
    return unquote(text) if text else None
