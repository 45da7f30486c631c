"""What a cell where an ICCID belongs really holds. Pure.

A spreadsheet keeps 15 digits of a number (IEEE 754 doubles; Excel's documented limit): an ICCID of
19 or 20 digits that it took for a number is lost. It is named, never put together again.

Sources: ITU-T E.118 (89 at the front, check digit), see `sim.identifiers`.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from agent.batch.cells import ERROR, NUMBER, Cell
from agent.i18n import mark
from sim.errors import IdentifierError
from sim.identifiers import Iccid, Imei

LENGTH, CHECKSUM, IS_IMEI = "iccid_length", "iccid_checksum", "iccid_is_imei"
LOST, DUPLICATE, MISSING = "iccid_lost_to_excel", "duplicate", "missing"

FULL_WIDTH, BLANKS, TEXT_MARK, FILLER = "full_width", "blanks", "text_mark", "filler"
ZEROS, BINARY = "zeros", "binary"
KEPT_DIGITS: Final = 15

_HEX = frozenset("0123456789ABCDEF")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_WIDE = re.compile("[\uff01-\uff5e]")
# Blanks of all kinds, and what has no width at all (U+200B and others, a BOM in the middle).
_UNSEEN = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_AS_TEXT = re.compile('="([^"]*)"')
# 8.986E+18 with any sign and separator: a lone E among digits is a hexadecimal ICCID.
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d*[eE][+-]?\d+|[eE][+-]\d+)")
_FRACTION = re.compile(r"\d+[.,]\d+")

_NOTHING = mark("no ICCID in this row")
_NO_RESULT = mark("a formula without a stored result; open the list in a spreadsheet and save it")
_IS_ERROR = mark("the spreadsheet has an error here")
_IS_IMEI = mark("15 digits: that is an IMEI, which names a device; an ICCID names a card")
_WAS_NUMBER = mark(
    "stored as a number, of which a spreadsheet keeps 15 digits: the last digits are lost;"
    " make the column text and take the ICCID from its source again"
)
_SCIENTIFIC_TEXT = mark(
    "a spreadsheet turned it into scientific notation: digits are lost;"
    " make the column text and take the ICCID from its source again"
)
_ROUNDED = mark(
    "the digits after the 15th look as a spreadsheet rounds them: the true ones are lost;"
    " make the column text and take the ICCID from its source again"
)
_STRANGE = mark("{what} is no character of an ICCID")
_WRONG_LENGTH = mark("{count} characters; an ICCID has 18 to 22, mostly 19 or 20")
_NO_FRONT = mark("an ICCID begins with 89; leading digits are missing, or it is another number")
_CHECK_DIGIT = mark("the check digit is wrong: a digit was mistyped or left out")


class Cleaned(NamedTuple):
    """A text without what is only notation; `changes` names what was undone."""

    text: str
    changes: frozenset[str]


class Verdict(NamedTuple):
    """`iccid` where it is one; else the error's code, and why (a text of the catalogue).

    `rounded`: how its last digits look as if they were rounded (`ZEROS`, `BINARY`), empty where
    they do not. A good check digit proves nothing then; only its neighbours can tell.
    """

    iccid: str | None
    code: str = ""
    why: str = ""
    fields: dict[str, Any] = {}  # noqa: RUF012 - never changed
    rounded: str = ""
    changes: frozenset[str] = frozenset()


def clean(text: str) -> Cleaned:
    """Without blanks, full-width forms, and the marks that keep a spreadsheet from counting."""
    changes = set()
    narrow = text.translate(_NARROW)
    if _WIDE.search(text):
        changes.add(FULL_WIDTH)
    plain = _UNSEEN.sub("", narrow)
    if plain != narrow:
        changes.add(BLANKS)
    wrapped = _AS_TEXT.fullmatch(plain)
    unmarked = wrapped[1] if wrapped else plain.removeprefix("'")
    if unmarked != plain:
        changes.add(TEXT_MARK)
    return Cleaned(unmarked, frozenset(changes))


def judge(cell: Cell | None) -> Verdict:
    """What the cell where an ICCID belongs holds."""
    if cell is None or not cell.text.strip():
        no_result = cell is not None and cell.formula
        return Verdict(None, MISSING, _NO_RESULT if no_result else _NOTHING)
    if cell.kind == ERROR:
        return Verdict(None, MISSING, _IS_ERROR)
    if cell.kind == NUMBER:
        return _judge_number(cell.text)
    text, changes = clean(cell.text)
    return _judge_text(text)._replace(changes=changes)


def number_text(cell: Cell) -> str | None:
    """The digits of a cell for a shorter number (IMSI, IMEI, MSISDN); None where some are lost."""
    if cell.kind == ERROR:
        return None
    if cell.kind == NUMBER:
        return _whole(cell.text)
    text = clean(cell.text).text
    return None if _SCIENTIFIC.fullmatch(text) else text


def rounding(digits: str) -> str:
    """How the digits behind the 15th look as a spreadsheet, or a double, leaves them."""
    if len(digits) <= KEPT_DIGITS or not digits.isdecimal():
        return ""
    if not digits[KEPT_DIGITS:].strip("0"):
        return ZEROS
    return BINARY if int(float(digits)) == int(digits) else ""


def lost_by_rounding(rounded: str) -> Verdict:
    """The verdict on a rounded number that has a wrong check digit, or neighbours that have."""
    return Verdict(None, LOST, _ROUNDED, rounded=rounded)


def _judge_number(stored: str) -> Verdict:
    digits = _whole(stored)
    if digits is None:
        return Verdict(None, LOST, _WAS_NUMBER)
    return _judge_text(digits)


def _whole(stored: str) -> str | None:
    """The digits of a number that a double keeps exactly; None of any other."""
    try:
        value = Decimal(stored.strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or value < 0 or value.adjusted() >= KEPT_DIGITS:
        return None
    return str(int(value)) if value == int(value) else None


def _judge_text(given: str) -> Verdict:
    if not given:
        return Verdict(None, MISSING, _NOTHING)
    if _SCIENTIFIC.fullmatch(given):
        return Verdict(None, LOST, _SCIENTIFIC_TEXT)
    text = given.upper()
    if len(text) == 20 and text.endswith("F"):  # the filler of a card with 19 digits
        shorter = _judge_text(text[:-1])
        return shorter._replace(changes=shorter.changes | {FILLER})
    if text.isascii() and text.isdecimal() and len(text) == 15:
        return Verdict(None, IS_IMEI, _IS_IMEI)
    return _judge_shape(text)


def _judge_shape(text: str) -> Verdict:
    if _FRACTION.fullmatch(text) and len(re.split("[.,]", text)[0]) > KEPT_DIGITS:
        return Verdict(None, LOST, _ROUNDED)
    strange = next((char for char in text if char not in _HEX), None)
    if strange is not None:
        return Verdict(None, LENGTH, _STRANGE, {"what": repr(strange)})
    if not 18 <= len(text) <= 22:
        return Verdict(None, LENGTH, _WRONG_LENGTH, {"count": len(text)})
    if not text.startswith("89"):
        return Verdict(None, LENGTH, _NO_FRONT)
    iccid = Iccid(text)
    rounded = rounding(text)
    if iccid.luhn is False:
        return lost_by_rounding(rounded) if rounded else Verdict(None, CHECKSUM, _CHECK_DIGIT)
    return Verdict(text, rounded=rounded)


def imei_trouble(text: str) -> bool:
    """Whether this is no IMEI: 14 digits without a check digit, 15 with a good one, or 16."""
    if len(text) == 14:
        return not (text.isascii() and text.isdecimal())
    try:
        return Imei(text).luhn is False
    except IdentifierError:
        return True


def imsi_trouble(text: str) -> bool:
    """Whether this is no IMSI as cards have them, 15 digits (rarely 14)."""
    return not (text.isascii() and text.isdecimal() and len(text) in {14, 15})
