"""Final results: which lines end an answer, and what they say.

ITU-T V.250 clause 5.7 (unread); 3GPP TS 27.007 clause 9.2 and TS 27.005 clause 3.2.5 (both unread).
Always the whole line: `ERRORS: none` ends nothing.
"""

import re
from collections.abc import Callable

from modem.errors import AtCommandError, CmeError, CmsError

OK = "OK"

_OKS = {OK, "0"}
# How every other final result begins. Most lines begin otherwise: the patterns below are compiled
# when the first one is needed, and a healthy modem never needs them.
_HEADS = ("ERROR", "MODEM ERROR", "+CM", "COMMAND NOT", "TOO MANY", "INVALID ",
          "NO ", "BUSY", "CONNECT")  # fmt: skip
# A bare `+CME ERROR:` is no final result (a line cut short, by ModemManager's vectors).
_REFUSED = (
    r"(?:ERROR"
    r"|ERROR: *[0-9]+"  # Neoway M590: `ERROR: 902`
    r"|MODEM ERROR: *[0-9]+"
    r"|\+CM[ES] ERROR:.+"
    r"|COMMAND NOT SUPPORT(?:ED)?"  # Huawei E1752
    r"|TOO MANY PARAMETERS"
    r"|INVALID [A-Z ]+) *"
)
# The end of a call; also unsolicited, when somebody else's call on the line ends.
_CALL = r"NO CARRIER|BUSY|NO DIAL ?TONE|NO ANSWER|CONNECT(?: [0-9]+)?"
# ATV0: `0` OK, `4` ERROR; 1 CONNECT, 3 NO CARRIER, 6 NO DIALTONE, 7 BUSY, 8 NO ANSWER are calls.
_NUMERIC = {"0", "4"}
_CME = r"\+CME ERROR:\s*(.*)"
_CMS = r"\+CMS ERROR:\s*(.*)"


def is_final(line: str, extra: tuple[str, ...] = ()) -> bool:
    """Whether `line` ends an answer in words; `extra` are the profile's own final results."""
    text = line.rstrip()
    upper = text.upper()
    if upper == OK or text in extra:
        return True
    if not upper.startswith(_HEADS):
        return False
    return _matches(_REFUSED, line) is not None or _matches(_CALL, text) is not None


def is_numeric_final(line: str) -> bool:
    """Whether `line` ends an answer of a modem in ATV0."""
    return line.strip() in _NUMERIC


def may_be_unsolicited(final: str) -> bool:
    """Whether `final` may come by itself, so that the command's own may still be under way."""
    return final.upper().startswith(_HEADS) and _matches(_CALL, final) is not None


def is_ok(final: str) -> bool:
    """Whether the command was carried out."""
    return final.upper() in _OKS


def refusal(
    command: str,
    final: str,
    cme_code_of_words: Callable[[str], int | None],
    cms_code_of_words: Callable[[str], int | None],
) -> AtCommandError:
    """The error that `final` stands for; codes are found in numbers and in words."""
    if match := _matches(_CME, final):
        said = match.group(1).strip()
        code = int(said) if _is_number(said) else cme_code_of_words(said)
        return CmeError(command, final, code)
    if match := _matches(_CMS, final):
        said = match.group(1).strip()
        code = int(said) if _is_number(said) else cms_code_of_words(said)
        return CmsError(command, final, code)
    return AtCommandError(command, final)


def _matches(pattern: str, text: str) -> re.Match[str] | None:
    return re.fullmatch(pattern, text, re.IGNORECASE)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
