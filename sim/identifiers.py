"""The numbers that name a card, a subscriber, a number and a device.

Each is a validated value. `repr()` and `str()` mask, so that a log line or an exception cannot
leak one; `.value` is the whole text, for the message fields that are made for it.

Sources: ITU-T E.118 (ICCID, check digit), E.212 (IMSI, PLMN), E.164 (MSISDN); 3GPP TS 23.003
clauses 2.2 (IMSI), 3.3 (MSISDN), 6.2 (IMEI); GSMA SGP.02 (EID, unread).
"""

from sim.errors import IdentifierError

_HEX = frozenset("0123456789ABCDEF")
_DIALLED = frozenset("0123456789*#ABC")


def luhn_ok(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812-1 annex B)."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        digit = int(char)
        if position % 2:
            digit = digit * 2 - 9 * (digit > 4)
        total += digit
    return total % 10 == 0


def swap_nibbles(text: str) -> str:
    """Each pair of characters exchanged, as BCD files print them; an odd last one stays."""
    return "".join(text[place : place + 2][::-1] for place in range(0, len(text), 2))


def mask(text: str, head: int, tail: int) -> str:
    """`text` with all but `head` first and `tail` last characters starred out."""
    hidden = len(text) - head - tail
    if hidden <= 0:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


class _Identifier:
    """A validated text that never changes; equal to another of its own class with the same text.

    Not a dataclass: that costs the command line 15 ms at every start. Nor a tuple: it shall not be
    unpacked, and `Imsi` shall not equal `Imei`.
    """

    __slots__ = ("_value",)

    _kind: str
    _misfit: str
    """What is said of a text that is none."""
    _head: int
    _tail: int
    """How much of its two ends a mask leaves."""

    def __init__(self, value: str) -> None:
        """Take `value` as it is.

        Raises:
            IdentifierError: it is no such identifier.
        """
        if not self._fits(value):
            raise IdentifierError(self._kind, self._misfit)
        self._value = value

    @staticmethod
    def _fits(value: str) -> bool:
        """Whether `value` is one."""
        raise NotImplementedError

    @property
    def value(self) -> str:
        """The whole text."""
        return self._value

    @property
    def masked(self) -> str:
        """The text as people and logs may see it."""
        return mask(self._value, self._head, self._tail)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._value == self._value

    def __hash__(self) -> int:
        return hash((type(self), self._value))

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked})"


class Iccid(_Identifier):
    """A card's serial number as printed on it: 18-22 characters, no filler.

    Hexadecimal letters inside are kept (an older scheme of China Mobile has them).
    """

    __slots__ = ()

    _kind = "ICCID"
    _misfit = "not 18-22 digits"
    _head = 6
    _tail = 4

    @staticmethod
    def _fits(value: str) -> bool:
        return 18 <= len(value) <= 22 and _is_number(value[:2]) and _HEX.issuperset(value)

    @property
    def luhn(self) -> bool | None:
        """Whether the check digit is right; None where letters make it meaningless."""
        return luhn_ok(self.value) if self.value.isdecimal() else None

    @classmethod
    def from_file(cls, content: bytes) -> "Iccid":
        """From EF.ICCID: swapped nibbles, padded with F (3GPP TS 51.011 clause 10.1.1).

        Raises:
            IdentifierError: an empty file, or one that holds no ICCID.
        """
        text = swap_nibbles(content.hex().upper()).rstrip("F")
        if not text:
            raise IdentifierError("ICCID", "the file is empty")
        return cls(text)

    @classmethod
    def from_modem(cls, text: str) -> "Iccid":
        """From a modem's own command: quotes, filler and swapped nibbles are undone.

        A card's number begins with 89 (ITU-T E.118); 98 at the front is one whose nibbles the
        modem left swapped. Anything else is refused rather than guessed at.

        Raises:
            IdentifierError: not an ICCID in any known notation.
        """
        plain = text.strip().strip('"').strip().upper()
        if plain.startswith("98"):
            plain = swap_nibbles(plain)
        plain = plain.rstrip("F")
        if not plain.startswith("89"):
            raise IdentifierError("ICCID", "does not begin with 89")
        return cls(plain)


class Imsi(_Identifier):
    """A subscription's number: 6-15 digits."""

    __slots__ = ()

    _kind = "IMSI"
    _misfit = "not 6-15 digits"
    _head = 5
    _tail = 2

    @staticmethod
    def _fits(value: str) -> bool:
        return _is_number(value) and 6 <= len(value) <= 15

    @property
    def mcc(self) -> str:
        """Mobile country code, three digits."""
        return self.value[:3]


class Msisdn(_Identifier):
    """A telephone number as card or modem give it; `+` where its type is international."""

    __slots__ = ()

    _kind = "MSISDN"
    _misfit = "not a telephone number"
    _head = 4
    _tail = 2

    @staticmethod
    def _fits(value: str) -> bool:
        dialled = value.removeprefix("+")
        return 1 <= len(dialled) <= 40 and _DIALLED.issuperset(dialled)


class Imei(_Identifier):
    """A device's number: 15 digits (16 for an IMEISV)."""

    __slots__ = ()

    _kind = "IMEI"
    _misfit = "not 15 digits"
    _head = 8
    _tail = 2

    @staticmethod
    def _fits(value: str) -> bool:
        return _is_number(value) and len(value) in {15, 16}

    @property
    def luhn(self) -> bool | None:
        """Whether the check digit is right; None for an IMEISV, which has none."""
        return luhn_ok(self.value) if len(self.value) == 15 else None


class Eid(_Identifier):
    """An eUICC's number: 32 digits."""

    __slots__ = ()

    _kind = "EID"
    _misfit = "not 32 digits"
    _head = 8
    _tail = 4

    @staticmethod
    def _fits(value: str) -> bool:
        return _is_number(value) and len(value) == 32


class Plmn:
    """A network: `mcc` three digits, `mnc` two or three (their number is part of the name)."""

    __slots__ = ("_mcc", "_mnc")

    def __init__(self, mcc: str, mnc: str) -> None:
        """Take both as they are.

        Raises:
            IdentifierError: wrong length or characters.
        """
        if not (_is_number(mcc) and len(mcc) == 3):
            raise IdentifierError("PLMN", "MCC is not three digits")
        if not (_is_number(mnc) and len(mnc) in {2, 3}):
            raise IdentifierError("PLMN", "MNC is not two or three digits")
        self._mcc = mcc
        self._mnc = mnc

    @property
    def mcc(self) -> str:
        """Mobile country code."""
        return self._mcc

    @property
    def mnc(self) -> str:
        """Mobile network code."""
        return self._mnc

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plmn) and (other._mcc, other._mnc) == (self._mcc, self._mnc)

    def __hash__(self) -> int:
        return hash((self._mcc, self._mnc))

    def __repr__(self) -> str:
        return f"Plmn(mcc={self._mcc!r}, mnc={self._mnc!r})"

    @property
    def text(self) -> str:
        """MCC and MNC in one word, as +COPS prints them."""
        return self.mcc + self.mnc

    @classmethod
    def from_text(cls, text: str) -> "Plmn":
        """From `00101` or `001001`.

        Raises:
            IdentifierError: not five or six digits.
        """
        return cls(text[:3], text[3:])
