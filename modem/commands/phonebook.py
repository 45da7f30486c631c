"""Phone books and lists of calls that a modem serves by name, read; and the character set of texts.

3GPP TS 27.007 clauses 8.11 (+CPBS), 8.12 (+CPBR) and 5.5 (+CSCS), all unread.
"""

import re
from typing import NamedTuple

from modem.at.syntax import split_fields, to_int
from modem.commands.base import PrefixedCommand, SettingCommand

UCS2, HEX = "UCS2", "HEX"
_NAME = re.compile(r'"([A-Z]{2})"')
_NUMBER = re.compile(r"[0-9]+")
_DIAL_SIGNS = frozenset("0123456789+*#ABCPWpw?")
_SHORTEST_IN_UCS2 = 8
# The same in ASCII and in the default alphabet: HEX does not say which of them a modem means.
_PLAIN = re.compile(rb"[A-Za-z0-9 !\"#%&'()*+,./:;<=>?-]+")


class BookState(NamedTuple):
    """A store, how many entries it holds, and for how many it has room; None where not said."""

    name: str
    used: int | None
    size: int | None


class StoredEntry(NamedTuple):
    """An entry of a store: its place, a telephone's number, a name; None where there is none.

    `raw` is what the modem wrote behind the place, character for character.
    """

    record: int
    number: str | None
    name: str | None
    raw: str


class ReadPhonebookNames(PrefixedCommand[tuple[str, ...]]):
    """AT+CPBS=?: the stores that can be chosen."""

    text = "AT+CPBS=?"
    prefixes = ("+CPBS",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Names of two letters."""
        names = tuple(dict.fromkeys(_NAME.findall(self.bodies(lines)[0])))
        if not names:
            raise self.refuse(lines)
        return names


class ReadPhonebook(PrefixedCommand[BookState]):
    """AT+CPBS?: the store that is chosen, and how full it is."""

    text = "AT+CPBS?"
    prefixes = ("+CPBS",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> BookState:
        """The standard lets the numbers be left out."""
        name, used, size = (*self.rows(lines)[0], None, None, None)[:3]
        if not name:
            raise self.refuse(lines)
        return BookState(name, to_int(used), to_int(size))


class ChoosePhonebook(SettingCommand):
    """AT+CPBS="<store>"."""

    def __init__(self, name: str) -> None:
        self.text = f'AT+CPBS="{name}"'


class ReadEntryRange(PrefixedCommand[tuple[int, int]]):
    """AT+CPBR=?: the first and the last number of an entry of the chosen store."""

    text = "AT+CPBR=?"
    prefixes = ("+CPBR",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> tuple[int, int]:
        """`(1-250),40,14`, or a list; its ends count."""
        fields = self.rows(lines)[0]
        numbers = [int(each) for each in _NUMBER.findall((fields or ("",))[0] or "")]
        if not numbers:
            raise self.refuse(lines)
        return min(numbers), max(numbers)


class ReadEntries(PrefixedCommand[tuple[StoredEntry, ...]]):
    """AT+CPBR=<first>,<last>: the entries that are used; a single one for `first` alone."""

    prefixes = ("+CPBR",)
    shape = re.compile(r"\s*[0-9]+\s*,.*")
    timeout_s = 20.0

    def __init__(self, first: int, last: int | None = None, charset: str = "") -> None:
        """`charset` is the one that the modem writes texts in."""
        self.text = f"AT+CPBR={first}" if last is None else f"AT+CPBR={first},{last}"
        self._charset = charset

    def parse(self, lines: tuple[str, ...]) -> tuple[StoredEntry, ...]:
        """Entries in the modem's order; a place without number and name is free."""
        return tuple(entry for line in lines if (entry := self._entry(line)) is not None)

    def _entry(self, line: str) -> StoredEntry | None:
        place, _, raw = (self.body(line) or "").partition(",")
        number, _, name = (*split_fields(raw), None, None, None)[:3]
        if not number and not name:
            return None
        if number and self._charset == UCS2:
            number = _dialled(number)
        readable = _READABLE.get(self._charset)
        if name and readable is not None:
            name = readable(name)
        return StoredEntry(int(place), number or None, name or None, raw.strip())


class ReadCharset(PrefixedCommand[str]):
    """AT+CSCS?: the character set of texts."""

    text = "AT+CSCS?"
    prefixes = ("+CSCS",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> str:
        """Its name."""
        name = next(iter(self.rows(lines)[0]), None)
        if not name:
            raise self.refuse(lines)
        return name


class SetCharset(SettingCommand):
    """AT+CSCS="<set>"."""

    def __init__(self, name: str) -> None:
        self.text = f'AT+CSCS="{name}"'


def _of_ucs2(text: str) -> str:
    """A text of UTF-16 in hexadecimal; as it is where it is none."""
    try:
        return bytes.fromhex(text).decode("utf-16-be").rstrip("\0\uffff")
    except ValueError:
        return text


def _of_hex(text: str) -> str:
    """A text of bytes in hexadecimal, if it can be told what they mean."""
    try:
        content = bytes.fromhex(text).rstrip(b"\0\xff")
    except ValueError:
        return text
    return content.decode("ascii") if _PLAIN.fullmatch(content) else text


_READABLE = {UCS2: _of_ucs2, HEX: _of_hex}


def _dialled(text: str) -> str:
    """A number that some modem wrote in UCS2 as well; digits that are a number themselves stay."""
    plain = _of_ucs2(text) if len(text) >= _SHORTEST_IN_UCS2 else text
    return plain if plain and set(plain) <= _DIAL_SIGNS else text
