"""Telephone numbers in records: phone book, own numbers, last calls, and what extends them.

Sources: 3GPP TS 51.011 clauses 10.5.1 (EF.ADN; read in the form of TS 11.11 Release 99), 10.5.2
(EF.FDN), 10.5.5 (EF.MSISDN), 10.5.8 (EF.LND), 10.5.9 (EF.SDN), 10.5.10 to 10.5.14 (extensions,
EF.BDN); TS 31.102 clauses 4.2.44 (EF.BDN, read in Release 18), 4.2.60 (EF.MBDN), 4.4.2.4 (EF.EXT1,
read in Release 18), 4.6.1.3 (EF.ICE_DN); unread where not said.
"""

from typing import ClassVar, TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import GSM, TELECOM, USIM
from sim.files.fields import bcd_to_number, dialled_field, hex_or_none, record_number
from sim.files.shapes import OWN
from sim.files.text import alpha_to_text


class NumberValue(TypedDict):
    """A telephone number with its name; `ton_npi` is the type's byte in hexadecimal."""

    alpha: str | None
    number: str | None
    ton_npi: str | None
    empty: bool


_UNUSED: NumberValue = {"alpha": None, "number": None, "ton_npi": None, "empty": True}
# What follows the alpha identifier: length, type, ten bytes of digits, two links.
_NUMBER_LENGTH = 14


class DialledNumber(EfSpec[NumberValue]):
    """A record with a name and a number of up to 20 digits.

    Longer ones go on in `extension_file`, in the record that `extension` names. `trailer` bytes
    of the file's own follow the common ones.
    """

    structure = "linear_fixed"
    extension_file: ClassVar[str]
    trailer: ClassVar[int] = 0

    @classmethod
    def decode(cls, content: bytes) -> NumberValue:
        """The name, if the record has room for one, and the number."""
        cls.need(content, _NUMBER_LENGTH + cls.trailer)
        if is_blank(content):
            return {**_UNUSED}
        at = len(content) - _NUMBER_LENGTH - cls.trailer
        alpha = alpha_to_text(content[:at], cls.name)
        number, ton_npi = dialled_field(content, at, cls.name)
        empty = alpha is None and number is None
        return {"alpha": alpha, "number": number, "ton_npi": ton_npi, "empty": empty}

    @classmethod
    def extension(cls, content: bytes) -> int | None:
        """The record of `extension_file` in which the number goes on, or None."""
        return record_number(content[len(content) - 1 - cls.trailer])


_NUMBER_VECTORS = (
    Vector(
        "4F776EFFFF07914467452301F0FFFFFFFFFFFF",
        {"alpha": "Own", "number": "+44765432100", "ton_npi": "91", "empty": False},
        OWN,
    ),
    Vector(
        "0481A12BF3FFFFFFFFFFFFFFFFFF",
        {"alpha": None, "number": "1*#23", "ton_npi": "81", "empty": False},
        OWN + ", no room for a name",
    ),
    Vector(
        "41FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        {"alpha": "A", "number": None, "ton_npi": None, "empty": False},
        OWN + ", a name alone",
    ),
    Vector("FFFF00FFFFFFFFFFFFFFFFFFFFFFFFFF", {**_UNUSED}, OWN + ", length 0"),
    Vector("FF" * 28, {**_UNUSED}, OWN),
)


class EfMsisdn(DialledNumber):
    """The subscriber's own numbers."""

    name = "EF.MSISDN"
    title = "own numbers"
    source = "TS 51.011 10.5.5, TS 31.102 4.2.26 (unread)"
    fid = 0x6F40
    parents = (USIM, TELECOM)
    extension_file = "EF.EXT5"
    vectors = _NUMBER_VECTORS


class EfAdn(DialledNumber):
    """The phone book of the SIM, and each part of the USIM's."""

    name = "EF.ADN"
    title = "phone book"
    source = "TS 51.011 10.5.1 (read in TS 11.11), TS 31.102 4.4.2.3 (unread)"
    fid = 0x6F3A
    parents = (TELECOM,)
    personal = True
    extension_file = "EF.EXT1"
    vectors = _NUMBER_VECTORS


class EfFdn(DialledNumber):
    """Numbers that alone may be dialled."""

    name = "EF.FDN"
    title = "numbers that alone may be dialled"
    source = "TS 51.011 10.5.2, TS 31.102 4.2.24 (unread)"
    fid = 0x6F3B
    parents = (USIM, TELECOM)
    personal = True
    extension_file = "EF.EXT2"
    vectors = _NUMBER_VECTORS


class EfSdn(DialledNumber):
    """Numbers of the operator's services."""

    name = "EF.SDN"
    title = "operator's service numbers"
    source = "TS 51.011 10.5.9, TS 31.102 4.2.29 (unread)"
    fid = 0x6F49
    parents = (USIM, TELECOM)
    extension_file = "EF.EXT3"
    vectors = _NUMBER_VECTORS


class EfLnd(DialledNumber):
    """Numbers dialled last."""

    name = "EF.LND"
    title = "numbers dialled last"
    source = "TS 51.011 10.5.8 (unread)"
    fid = 0x6F44
    structure = "cyclic"
    parents = (TELECOM,)
    personal = True
    extension_file = "EF.EXT1"
    vectors = _NUMBER_VECTORS


class EfBdn(DialledNumber):
    """Numbers that may not be dialled; a byte more, for how to compare, ends the record."""

    name = "EF.BDN"
    title = "barred numbers"
    source = "TS 31.102 4.2.44 (read), TS 51.011 10.5.13 (unread)"
    fid = 0x6F4D
    parents = (USIM, TELECOM)
    personal = True
    extension_file = "EF.EXT4"
    trailer = 1
    vectors = (
        Vector(
            "4F776EFFFF07914467452301F0FFFFFFFFFFFF01",
            {"alpha": "Own", "number": "+44765432100", "ton_npi": "91", "empty": False},
            OWN,
        ),
        Vector("FF" * 29, {**_UNUSED}, OWN),
    )


class EfMbdn(DialledNumber):
    """Numbers of the mailboxes that EF.MBI points to."""

    name = "EF.MBDN"
    title = "mailbox numbers"
    source = "TS 31.102 4.2.60, TS 51.011 10.3.43 (unread)"
    fid = 0x6FC7
    parents = (USIM, GSM)
    extension_file = "EF.EXT6"
    vectors = _NUMBER_VECTORS


class EfIceDn(DialledNumber):
    """Numbers to call in an emergency of the subscriber's."""

    name = "EF.ICE_DN"
    title = "numbers to call in an emergency"
    source = "TS 31.102 4.6.1.3 (unread)"
    fid = 0x6FE0
    parents = (TELECOM,)
    personal = True
    extension_file = "EF.EXT1"
    vectors = _NUMBER_VECTORS


class ExtensionValue(TypedDict):
    """What a record of another file goes on with.

    `kind` is `additional` (then `number` has the digits), `subaddress`, `free` or `reserved`;
    `hex` is the whole of what is neither unset nor digits. The chain goes on in `next_record`.
    """

    kind: str | None
    number: str | None
    hex: str | None
    next_record: int | None


_FREE: ExtensionValue = {"kind": "free", "number": None, "hex": None, "next_record": None}
_KINDS = {0x00: "free", 0x01: "subaddress", 0x02: "additional"}
_EXTENSION_VECTORS = (
    Vector(
        "02032143F5FFFFFFFFFFFFFFFF",
        {"kind": "additional", "number": "12345", "hex": None, "next_record": None},
        OWN,
    ),
    Vector(
        "020A214365870921436587" + "0902",
        {
            "kind": "additional",
            "number": "12345678901234567890",
            "hex": None,
            "next_record": 2,
        },
        OWN + ", goes on",
    ),
    Vector(
        "0103500131FFFFFFFFFFFFFFFF",
        {"kind": "subaddress", "number": None, "hex": "03500131", "next_record": None},
        OWN,
    ),
    Vector("00FFFFFFFFFFFFFFFFFFFFFFFF", {**_FREE}, OWN),
    Vector("FF" * 13, {**_FREE, "kind": None}, OWN),
)


class Extension(EfSpec[ExtensionValue]):
    """Digits and subaddresses that do not fit where they belong."""

    structure = "linear_fixed"
    vectors = _EXTENSION_VECTORS

    @classmethod
    def decode(cls, content: bytes) -> ExtensionValue:
        """The kind, eleven bytes of that kind (more for URIs), the next record."""
        cls.need(content, 13)
        kind = None if content[0] == 0xFF else _KINDS.get(content[0], "reserved")
        if kind in {None, "free"}:
            return {**_FREE, "kind": kind}
        data = content[1:-1]
        number, raw = None, None
        if kind == "additional" and data[0] <= 10:
            number = bcd_to_number(data[1 : 1 + data[0]], cls.name, 2) or None
        else:
            raw = hex_or_none(data.rstrip(b"\xff"))
        following = record_number(content[-1])
        return {"kind": kind, "number": number, "hex": raw, "next_record": following}


class EfExt1(Extension):
    """What extends the phone book and the last numbers dialled."""

    name = "EF.EXT1"
    title = "extensions: phone book"
    source = "TS 31.102 4.4.2.4 (read), TS 51.011 10.5.10 (unread)"
    fid = 0x6F4A
    parents = (TELECOM,)
    personal = True


class EfExt2(Extension):
    """What extends the numbers that alone may be dialled."""

    name = "EF.EXT2"
    title = "extensions: allowed numbers"
    source = "TS 31.102 4.2.30, TS 51.011 10.5.11 (unread)"
    fid = 0x6F4B
    parents = (USIM, TELECOM)
    personal = True


class EfExt3(Extension):
    """What extends the operator's numbers."""

    name = "EF.EXT3"
    title = "extensions: service numbers"
    source = "TS 31.102 4.2.31, TS 51.011 10.5.12 (unread)"
    fid = 0x6F4C
    parents = (USIM, TELECOM)


class EfExt4(Extension):
    """What extends the barred numbers of a USIM."""

    name = "EF.EXT4"
    title = "extensions: barred numbers"
    source = "TS 31.102 4.2.45 (unread)"
    fid = 0x6F55
    parents = (USIM,)
    personal = True


class EfExt4OfSim(EfExt4):
    """What extends the barred numbers of a SIM."""

    source = "TS 51.011 10.5.14 (unread)"
    fid = 0x6F4E
    parents = (TELECOM,)


class EfExt5(Extension):
    """What extends call logs and own numbers."""

    name = "EF.EXT5"
    title = "extensions: call logs, own numbers"
    source = "TS 31.102 4.2.37 (unread)"
    fid = 0x6F4E
    parents = (USIM,)
    personal = True


class EfExt6(Extension):
    """What extends the numbers of mailboxes."""

    name = "EF.EXT6"
    title = "extensions: mailbox numbers"
    source = "TS 31.102 4.2.61 (unread)"
    fid = 0x6FC8
    parents = (USIM, GSM)


class EfExt7(Extension):
    """What extends the targets of call forwarding."""

    name = "EF.EXT7"
    title = "extensions: call forwarding"
    source = "TS 31.102 4.2.65 (unread)"
    fid = 0x6FCC
    parents = (USIM, GSM)
    personal = True


class EfExt8(Extension):
    """What extends notifications of multimedia messages."""

    name = "EF.EXT8"
    title = "extensions: multimedia messages"
    source = "TS 31.102 4.2.68 (unread)"
    fid = 0x6FCF
    parents = (USIM, GSM)
    personal = True
