"""Putting substitutes where identifiers were, everywhere alike, and seeing that none is left."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from modem.errors import ModemError
from modem.recording import codings
from modem.recording.identifiers import Identifier, find, is_located, text_of
from modem.recording.substitutes import substitute
from modem.recording.walk import Exchange, Recording

_CODINGS: dict[str, Callable[[str], list[str]]] = {
    "iccid": codings.of_iccid,
    "imsi": codings.of_digits,
    "imei": codings.of_imei,
    "eid": codings.of_digits,
    "number": codings.of_number,
    "serial": codings.of_digits,
    "plmn": lambda value: [value],
    "place": codings.of_hexadecimal,
    "ipv4": codings.of_ipv4,
    "ipv6": codings.of_ipv6,
    "name": codings.of_text,
    "apn": codings.of_text,
}
_OF_DIGITS = frozenset({"iccid", "imsi", "imei", "eid", "number", "serial"})
_SPELT = frozenset({"name", "apn"})
_HEXADECIMAL = re.compile(r"(?:[0-9A-F]{2})+")
_LONG_SPELT = 8
"""So many hexadecimal digits of a name are looked for inside longer words."""
_LONG = 10
"""From so many characters on, digits are looked for inside other words too."""
_SHORT = 4
"""Shorter texts of places are looked for only where the answer says where the modem is."""
_LONG_APART = 11
"""From so many digits on, they are looked for with separators between them too."""
_NO_DIGIT = re.compile(r"[^0-9A-F]")
_VARIED = 3
"""Fewer different characters than that (`00000001`) are no trace of anything."""
_TRIES = 10_000
_OF_PEOPLE = re.compile(r"^\+(?:CMT|CDS|CBM|CLIP|CCWA|CUSD):", re.MULTILINE)
"""Lines that come by themselves with a message, a call or a balance."""


class IdentifierLeftError(ModemError):
    """Something that names a subscriber, a device or a place would still stand in the output."""

    def __init__(self, kind: str, command: str) -> None:
        super().__init__(f"{command}: {kind}")
        self.kind = kind
        self.command = command


class _Texts:
    """Ways to write identifiers, and what replaces each.

    What is long and varied enough is found inside longer words too (in an APDU, behind an F, in a
    PDU); places, addresses and names as they are spoken only as words of their own.
    """

    def __init__(self) -> None:
        self._inside: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._compiled: re.Pattern[str] | None = None

    def __contains__(self, text: str) -> bool:
        return text in self._inside or text in self._words

    def add(self, kind: str, text: str, new: str = "") -> None:
        """Take up `text`; the first meaning of it counts."""
        if text not in self:
            (self._inside if _stands_inside(kind, text) else self._words)[text] = new
            self._compiled = None

    def stand_ins(self) -> set[str]:
        """All that replaces anything."""
        return {*self._inside.values(), *self._words.values()}

    def found_in(self, text: str) -> bool:
        """Whether any of them stands in `text`."""
        return self._pattern.search(text) is not None

    def found_apart_in(self, text: str) -> bool:
        """Whether long digits of them stand in a line of `text`, with anything between them."""
        lines = [_NO_DIGIT.sub("", line.upper()) for line in text.split("\n")]
        digits = [way for way in self._inside if len(way) >= _LONG_APART]
        return any(way in line for line in lines if len(line) >= _LONG_APART for way in digits)

    def replaced(self, text: str) -> str:
        """`text` with all of them replaced, in its own case."""
        both = {**self._words, **self._inside}
        return self._pattern.sub(lambda found: _in_case(both[found[0].upper()], found[0]), text)

    @property
    def _pattern(self) -> re.Pattern[str]:
        if self._compiled is None:
            parts = []
            if self._inside:
                parts.append(_either(self._inside))
            if self._words:
                word = r"(?:(?<![-0-9A-Za-z])|(?<=\b0X))"
                parts.append(rf"{word}(?:{_either(self._words)})(?![0-9A-Za-z])")
            self._compiled = re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)
        return self._compiled


def _stands_inside(kind: str, text: str) -> bool:
    """Whether it is looked for inside longer words: digits, and names in hexadecimal."""
    if kind in _SPELT:
        return len(text) >= _LONG_SPELT and _HEXADECIMAL.fullmatch(text) is not None
    return kind in _OF_DIGITS and len(text) >= _LONG and len(set(text)) >= _VARIED


def _either(texts: Iterable[str]) -> str:
    """Any of them, the longest first."""
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))


def _in_case(text: str, like: str) -> str:
    if not like.isascii():  # the bytes of UTF-8 have no case, and spell a name
        return text.capitalize()
    if like == like.upper():
        return text
    return text.lower() if like == like.lower() else text.capitalize()


class Cleaner:
    """Replaces the identifiers of one recording; forgets them with itself."""

    def __init__(self, identifiers: Iterable[Identifier]) -> None:
        self._originals = _Texts()
        self._identifiers = tuple(each for each in identifiers if self._is_new(each))
        self._everywhere, self._located = _Texts(), _Texts()
        self._plmns: dict[str, str] = {}
        for each in self._identifiers:
            self._take_up(each)

    @property
    def count(self) -> int:
        """How many identifiers there are."""
        return len(self._identifiers)

    def clean(self, text: str, *, located: bool) -> str:
        """`text` with the substitutes; `located`: it says where the modem is."""
        return self._clean_plmns((self._located if located else self._everywhere).replaced(text))

    def left(self, text: str, *, located: bool) -> Identifier | None:
        """An identifier that `text` still shows in any coding, None where it shows none."""
        if not self._originals.found_in(text) and not self._originals.found_apart_in(text):
            return None
        for each in self._identifiers:
            shown = _Texts()
            for way in _written(each.kind, each.value):
                if located or not _is_short_place(each.kind, way):
                    shown.add(each.kind, way)
            if shown.found_in(text) or shown.found_apart_in(text):
                return each
        return None

    def _is_new(self, each: Identifier) -> bool:
        """Whether it is more than another way to write one that is known; then it is known too."""
        written = _written(each.kind, each.value)
        if written[0] in self._originals:
            return False
        if each.kind == "serial" and self._originals.found_in(each.value):
            return False
        for text in written:
            self._originals.add(each.kind, text)
        return True

    def _take_up(self, each: Identifier) -> None:
        written = _CODINGS[each.kind](each.value)
        stand_in = self._substitute(each)
        if each.kind == "plmn":
            self._plmns[each.value] = stand_in
        meant = set(_written(each.kind, each.value))
        for old, new in zip(written, _CODINGS[each.kind](stand_in), strict=True):
            if old in meant:
                self._located.add(each.kind, old, new)
                if not _is_short_place(each.kind, old):
                    self._everywhere.add(each.kind, old, new)

    def _substitute(self, each: Identifier) -> str:
        """One that no original is part of, and that stands for nothing else."""
        taken = self._located.stand_ins()
        for number in range(1, _TRIES):
            candidate = substitute(each.kind, each.value, number, self._plmns)
            written = _CODINGS[each.kind](candidate)
            if written[0] not in taken and not self._originals.found_in("\n".join(written)):
                return candidate
        raise IdentifierLeftError(each.kind, "")

    def _clean_plmns(self, text: str) -> str:
        """Country and network apart (`460,01`, `460-01`); as one number they are done already."""
        for plmn, stand_in in self._plmns.items():
            mcc, mnc = plmn[:3], plmn[3:]
            apart = re.compile(rf'(?<![0-9A-Za-z.]){mcc}("?[-, ]"?){mnc}(?![0-9A-Za-z.])')
            text = apart.sub(rf"{stand_in[:3]}\g<1>{stand_in[3:]}", text)
        return text


def _written(kind: str, value: str) -> list[str]:
    """All ways to write it, without those that are too short or too dull to mean it."""
    written = _CODINGS[kind](value)
    dull = {text for text in written if kind in _OF_DIGITS and len(set(text)) < _VARIED}
    return [text for text in dict.fromkeys(written) if text == written[0] or text not in dull]


def _is_short_place(kind: str, text: str) -> bool:
    """Whether it means a place only where the answer is about places."""
    return kind == "place" and len(text) < _SHORT


def cleaned(recording: Recording, *, keep_apn: bool = False) -> tuple[Recording, int]:
    """The recording with substitutes for all identifiers, and how many there were.

    Raises:
        IdentifierLeftError: one would still be readable; nothing may be written then.
    """
    cleaner = Cleaner(find(recording, keep_apn=keep_apn))
    exchanges = tuple(_cleaned(exchange, recording, cleaner) for exchange in recording.exchanges)
    header = [cleaner.clean(text, located=False) for text in (recording.model, recording.revision)]
    model, revision = header
    done = replace(recording, exchanges=exchanges, model=model, revision=revision, snapshot=None)
    for exchange in exchanges:
        located = is_located(exchange.command, recording)
        said = text_of(exchange)
        if _OF_PEOPLE.search(said):
            raise IdentifierLeftError("message", exchange.command)
        if (left := cleaner.left(said, located=located)) is not None:
            raise IdentifierLeftError(left.kind, exchange.command)
    for text in header:
        if (left := cleaner.left(text, located=False)) is not None:
            raise IdentifierLeftError(left.kind, text)
    return done, cleaner.count


def _cleaned(exchange: Exchange, recording: Recording, cleaner: Cleaner) -> Exchange:
    said = text_of(exchange)
    echo = exchange.data[: len(exchange.data) - len(said)]
    text = cleaner.clean(said, located=is_located(exchange.command, recording))
    return replace(exchange, data=echo + text.encode("latin-1"))
