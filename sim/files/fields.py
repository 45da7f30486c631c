"""Fields that many files share: BCD numbers, networks, areas, moments, service tables.

Sources: 3GPP TS 24.008 clauses 10.5.1.3 (LAI) and 10.5.4.7 (numbers), TS 23.003 clause 4.1
(LAC 0000 and FFFE: no area), TS 31.102 clause 4.2.8 (tables), TS 23.040 clause 9.2.3.11 (moments);
all unread.
"""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple, TypedDict

from sim.errors import FileDecodeError
from sim.files.base import is_blank
from sim.identifiers import swap_nibbles

# TS 31.102 clause 4.4.2.3: C is a pause, D a wild digit, E extends the table.
_BCD = str.maketrans({"A": "*", "B": "#", "C": "p", "D": "?", "E": "e"})


class PlmnValue(TypedDict):
    """A network; both None where it is unset."""

    mcc: str | None
    mnc: str | None


def hex_or_none(content: bytes) -> str | None:
    """Upper-case hexadecimal, or None where nothing is set."""
    return None if is_blank(content) else content.hex().upper()


def bcd_to_number(content: bytes, file: str, base: int) -> str:
    """Digits, `*`, `#`, `p` (pause), `?` (any digit) of swapped nibbles, up to the filler.

    Raises:
        FileDecodeError: digits behind the filler.
    """
    nibbles = swap_nibbles(content.hex().upper())
    number, _, rest = nibbles.partition("F")
    if rest.strip("F"):
        raise FileDecodeError(file, base + len(number) // 2, "digits behind the filler")
    return number.translate(_BCD)


class DialledField(NamedTuple):
    """A number as cards keep it; `ton_npi` is its type's byte in hexadecimal."""

    number: str | None
    ton_npi: str | None


_NO_NUMBER = DialledField(None, None)


def dialled_field(content: bytes, at: int, file: str) -> DialledField:
    """The number whose length stands at `at`, then its type and ten bytes of digits.

    Raises:
        FileDecodeError: a length that does not fit, or digits behind the filler.
    """
    length = content[at]
    if length in {0xFF, 0, 1}:
        return _NO_NUMBER
    if length > 11:
        raise FileDecodeError(file, at, "a number has at most 11 bytes")
    kind = content[at + 1]
    digits = bcd_to_number(content[at + 2 : at + 1 + length], file, at + 2)
    if not digits:
        return _NO_NUMBER
    return DialledField("+" + digits if is_international(kind) else digits, f"{kind:02X}")


def record_number(byte: int) -> int | None:
    """The number of a record of another file; 00 and FF stand for none."""
    return None if byte in {0x00, 0xFF} else byte


_FARTHEST_ZONE = 14 * 4  # quarters of an hour from Greenwich


def moment(content: bytes, file: str, base: int) -> str | None:
    """Seven bytes of date, time and zone as `2026-11-22T09:02:03+08:00`; None where unset.

    Raises:
        FileDecodeError: digits that are no date or time.
    """
    if is_blank(content) or not any(content):  # seen: a log that was wiped with zeros
        return None
    digits = swap_nibbles(content[:6].hex())
    zone = content[6]
    quarters = 10 * (zone & 0x7) + (zone >> 4)
    if zone >> 4 > 9 or quarters > _FARTHEST_ZONE:
        raise FileDecodeError(file, base + 6, "no date and time")
    try:
        offset = timedelta(minutes=15 * (-quarters if zone & 0x8 else quarters))
        year, *rest = (int(digits[place : place + 2]) for place in range(0, 12, 2))
        month, day, hour, minute, second = rest
        there = datetime(  # noqa: DTZ001 - the zone comes from the card, below
            2000 + year, month, day, hour, minute, second
        )
        return there.replace(tzinfo=timezone(offset)).isoformat()
    except ValueError:
        raise FileDecodeError(file, base, "no date and time") from None


def is_international(ton_npi: int) -> bool:
    """Whether the type of number is international (TS 24.008 clause 10.5.4.7)."""
    return ton_npi >> 4 & 0b111 == 0b001


def plmn(content: bytes, file: str, base: int) -> PlmnValue:
    """MCC and MNC of three bytes; both None where they are unset.

    Raises:
        FileDecodeError: a nibble that is no digit.
    """
    nibbles = swap_nibbles(content.hex().upper())
    if nibbles.startswith("FFF"):  # seen on a new card: FFFF00
        return {"mcc": None, "mnc": None}
    mcc, mnc = nibbles[:3], nibbles[4:6] + nibbles[3].replace("F", "")
    for offset, digits in ((0, nibbles[:2]), (1, mcc[2] + mnc[2:]), (2, mnc[:2])):
        if not digits.isdecimal():
            raise FileDecodeError(file, base + offset, "no digit of an MCC or MNC")
    return {"mcc": mcc, "mnc": mnc}


def area_code(content: bytes) -> str | None:
    """LAC or TAC as four hexadecimal digits; None for the values that mean "no area"."""
    text = content.hex().upper()
    return None if text in {"0000", "FFFE", "FFFF"} else text


def services(content: bytes) -> list[int] | None:
    """The numbers of the set bits, counted from 1; None where the table is unset."""
    if is_blank(content):
        return None
    return [
        8 * index + bit + 1
        for index, byte in enumerate(content)
        for bit in range(8)
        if byte >> bit & 1
    ]


def update_status(byte: int, words: dict[int, str]) -> str | None:
    """The word of an update status (its low three bits), None where it is unset."""
    return None if byte == 0xFF else words.get(byte & 0b111, "reserved")
