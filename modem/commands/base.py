"""What command classes share: shapes of lines, and how an answer without a value is said."""

import re
from typing import TypeVar

from modem.at.command import Command
from modem.at.syntax import has_prefix, is_prefixed, split_fields, strip_prefix, unquote
from modem.errors import AtProtocolError
from sim.reading import Absent

T = TypeVar("T")

GAVE_NONE = "the modem gave none"
NOT_REGISTERED = "not registered"
UNREADABLE = "unreadable answer"

# Unsolicited words without a prefix, as they stand between the lines of identity answers:
# boot (`RDY`, `SMS DONE`, `PB DONE`, `Call Ready`, `MODEM:STARTUP`), calls, power, clock.
# Here without their blanks: makers disagree about them.
_BARE_URCS = frozenset(
    {
        "RDY", "APPRDY", "SMSDONE", "SMSREADY", "PBDONE", "PBREADY", "CALLDONE", "CALLREADY",
        "POWERDOWN", "POWEREDDOWN", "NORMALPOWERDOWN", "NORMALPOWEREDDOWN", "POWEREDON", "SHUTDOWN",
        "POWEROFF", "REBOOTING", "MODEM:STARTUP", "RING", "NOCARRIER", "CLOSED",
    }
)  # fmt: skip
_BARE_URC_HEADS = (
    "UNDER-VOLT", "UNDERVOLT", "OVER-VOLT", "OVERVOLT", "VOICECALL:", "MISSED_CALL:", "DST:",
)  # fmt: skip

_NOTHING = frozenset({"", "N/A", "NULL", "UNKNOWN", "-"})
_NUMERIC_FINALS = frozenset({"0", "4"})  # OK and ERROR of a modem in ATV0


def is_bare_urc(line: str) -> bool:
    """Whether a line without prefix is a known unsolicited word."""
    word = line.upper().replace(" ", "")
    return word in _BARE_URCS or word.startswith(_BARE_URC_HEADS)


def is_nothing(text: str) -> bool:
    """Whether a text is a word for none at all."""
    return text.upper() in _NOTHING


def answered(raw: object) -> Absent:
    """The reason for a sentinel: what the modem answered instead of a value."""
    return Absent(f"modem answered {raw}")


def decode_ucs2(text: str) -> str:
    """A text that a modem in UCS2 mode wrote as hexadecimal, decoded; any other text as it is.

    `0056006500720069007A006F006E` is `Verizon`. Only what decodes to letters, digits or Chinese
    characters throughout is taken for UCS2.
    """
    if len(text) < 8 or len(text) % 4 or not re.fullmatch(r"[0-9A-Fa-f]+", text):
        return text
    decoded = "".join(chr(int(text[i : i + 4], 16)) for i in range(0, len(text), 4))
    plausible = all(" " <= char <= "ÿ" or "一" <= char <= "鿿" for char in decoded)
    return decoded if plausible else text


class PrefixedCommand(Command[T]):
    """A command whose answer lines begin with one of its own names."""

    prefixes: tuple[str, ...]
    shape = re.compile(".*")
    """What must follow the prefix for the line to be ours."""

    def owns(self, line: str) -> bool:
        """Whether `line` has one of our names, and our shape after it."""
        body = self.body(line)
        return body is not None and self.shape.fullmatch(body) is not None

    def body(self, line: str) -> str | None:
        """What follows one of our names; None for a foreign line."""
        for prefix in self.prefixes:
            body = strip_prefix(line, prefix)
            if body is not None:
                return body
        return None

    def bodies(self, lines: tuple[str, ...]) -> list[str]:
        """What follows our names, line by line.

        Raises:
            AtProtocolError: there is no such line.
        """
        found = [body for line in lines if (body := self.body(line)) is not None]
        if not found:
            raise AtProtocolError(self.shown, "no information line", lines)
        return found

    def rows(self, lines: tuple[str, ...]) -> list[tuple[str | None, ...]]:
        """The fields of each of our lines.

        Raises:
            AtProtocolError: there is no such line.
        """
        return [split_fields(body) for body in self.bodies(lines)]

    def refuse(self, lines: tuple[str, ...], reason: str = "unreadable answer") -> AtProtocolError:
        """The error to raise for lines that do not parse."""
        return AtProtocolError(self.shown, reason, lines)


class BareCommand(PrefixedCommand[T]):
    """A command whose answer stands alone on its line, or behind its own name (FM350, Air724)."""

    whole = False
    """Whether all that stands behind the name is the text; else its first field is."""

    def owns(self, line: str) -> bool:
        """Whether `line` is a text without a foreign name and no known unsolicited word."""
        if any(has_prefix(line, prefix) for prefix in self.prefixes):
            return True
        if line.strip() in _NUMERIC_FINALS or not any(char.isalnum() for char in line):
            return False
        return not is_prefixed(line) and not is_bare_urc(line)

    def body(self, line: str) -> str | None:
        """The text itself; behind our name (`+CGMM: L850 LTE Module,L850`), its first field."""
        if not self.owns(line):
            return None
        own = super().body(line)
        if own is None:
            return line
        return own if self.whole else next(iter(split_fields(own)), None) or ""


class ShapedCommand(PrefixedCommand[T]):
    """A command whose answer has a shape of its own, quoted or not, behind its name or alone."""

    def owns(self, line: str) -> bool:
        """Whether `line` has our shape."""
        return self.shape.fullmatch(unquote(self.body(line))) is not None

    def body(self, line: str) -> str:
        """The text itself, without our name where the modem wrote it."""
        own = super().body(line)
        return line if own is None else own


class SettingCommand(Command[None]):
    """A command that sets something and answers OK alone."""

    def owns(self, line: str) -> bool:  # noqa: ARG002 - the answer has no lines
        """No line is ours."""
        return False

    def parse(self, lines: tuple[str, ...]) -> None:
        """Nothing to read."""
