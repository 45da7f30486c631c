"""A line as it was typed, taken apart into its commands (ITU-T V.250 clause 5.2, unread)."""

_EXTENDED = "+^%#$*!"
_PREFIXES = "&\\"


def commands_of(line: str) -> list[str]:
    """`ATE0V1+CMEE=1;+CSQ` as `ATE0`, `ATV1`, `AT+CMEE=1`, `AT+CSQ`; `AT` alone is one too.

    What does not look like a command comes as it stands, for whoever obeys to refuse.
    """
    rest = line[2:].strip()
    commands = []
    while rest:
        length = _length_of_first(rest)
        commands.append("AT" + rest[:length].strip())
        rest = rest[length:].lstrip("; ")
    return commands or ["AT"]


def _length_of_first(rest: str) -> int:
    first = rest[0].upper()
    if first in _EXTENDED:
        return _end_of_extended(rest)
    if first == "D":  # a number to dial takes the rest of the line
        return len(rest)
    at = 2 if first in _PREFIXES else 1
    while at < len(rest) and rest[at].isdigit():
        at += 1
    if first == "S" and rest[at : at + 1] in {"=", "?"}:
        at += 1
        while at < len(rest) and rest[at].isdigit():
            at += 1
    return at


def _end_of_extended(rest: str) -> int:
    quoted = False
    for at, char in enumerate(rest):
        quoted ^= char == '"'
        if char == ";" and not quoted:
            return at
    return len(rest)
