"""The modem's own state: functionality, how it words errors, the last error it remembers.

3GPP TS 27.007 clauses 8.2 (+CFUN), 9.1 (+CMEE) and 6.10 (+CEER), unread.
"""

import re

from modem.at.syntax import to_int
from modem.causes import reject_cause_of_words
from modem.commands.base import GAVE_NONE, PrefixedCommand, SettingCommand, is_nothing
from modem.snapshot import LastError
from sim.reading import Absent

# Not compiled here: most of those who import this module want +CFUN alone.
_DOMAIN = (
    r"(?i)(?<![A-Z0-9])(5GMM|EMM|ESM|GMM|MM|SM|CC)(?![A-Z])"
    r"(?:[ _#:-]*(?:CAUSE)?[ _#:-]*([0-9]{1,3}))?"
)
_NAMED = r"(?i)(5GMM|EMM|ESM|GMM|MM|SM)_CAUSE_(\w+)"
_LEADING_NUMBER = r"([0-9]{1,3})\s+(\S.*)"


class ReadFunctionality(PrefixedCommand[int]):
    """AT+CFUN?: 0 minimum, 1 full, 4 radio off; other numbers are the vendor's."""

    text = "AT+CFUN?"
    prefixes = ("+CFUN",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> int:
        """The number; ZTE's K3565 answers the test form, which is none."""
        row = self.rows(lines)[-1]
        level = to_int(row[0]) if row else None
        if level is None:
            raise self.refuse(lines)
        return level


class SetFunctionality(SettingCommand):
    """AT+CFUN=<fun>: 0 minimum, 1 full, 4 radio off; the network is left in between."""

    timeout_s = 20.0

    def __init__(self, level: int) -> None:
        self.text = f"AT+CFUN={level}"


class SwitchEchoOff(SettingCommand):
    """ATE0: what we write does not come back (ITU-T V.250 clause 6.2.4, unread)."""

    text = "ATE0"


class SetNumericErrors(SettingCommand):
    """AT+CMEE=1: refusals with a number instead of a bare ERROR."""

    text = "AT+CMEE=1"


class ReadLastError(PrefixedCommand[LastError | Absent]):
    """AT+CEER: the last failure, in the modem's words; the next failure overwrites it."""

    text = "AT+CEER"
    prefixes = ("+CEER",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> LastError | Absent:
        """Text, domain and cause as far as the answer has them; 0 is no cause."""
        fields = [field for field in self.rows(lines)[-1] if field]
        words = [field for field in fields if to_int(field) is None]
        numbers = [number for field in fields if (number := to_int(field)) is not None]
        if not words:
            return LastError(",".join(fields), _none(), _none()) if fields else _none()
        # Telit: `+CEER: Normal, unspecified`, one text without quotes
        text = words[0] if numbers else ", ".join(words)
        if is_nothing(text):
            return _none()
        if match := re.fullmatch(_LEADING_NUMBER, text):  # A76xx: `+CEER: "0 Unknown"`
            numbers, text = [int(match.group(1))], match.group(2)
        domain, cause = _domain_of(" ".join(words)), numbers[-1] if numbers else None
        if (named := re.search(_DOMAIN, " ".join(words))) and named.group(2):
            cause = int(named.group(2))  # `Deactivate Cause: SM34 (...)`
        elif named := re.fullmatch(_NAMED, text):  # Altair: `EMM_CAUSE_ESM_FAILURE`
            cause = reject_cause_of_words(named.group(1).lower(), named.group(2))
        elif domain and (spelled := reject_cause_of_words(domain, words[-1])):
            cause = spelled  # HL7539: `"SM activation error",133,"Requested service option ..."`
        return LastError(text, domain or _none(), cause or _none())


def _none() -> Absent:
    return Absent(GAVE_NONE)


def _domain_of(text: str) -> str | None:
    if match := re.search(_DOMAIN, text):
        return match.group(1).lower()
    return "cc" if "call clearing" in text.lower() else None
