"""Files that came with the SIM: telephone numbers, short messages, the service table.

Source: 3GPP TS 51.011 clauses 10.3.7 (EF.SST), 10.5.1 (EF.ADN), 10.5.2 (EF.FDN), 10.5.3 (EF.SMS),
10.5.5 (EF.MSISDN), 10.5.6 (EF.SMSP), 10.5.8 (EF.LND), 10.5.9 (EF.SDN); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.fields import bcd_to_number, is_international
from sim.files.short_message import Message, read_message
from sim.files.text import alpha_to_text
from sim.files.ts_31_102 import ServicesValue

_OWN = "own numbers, encoded by hand after the clause"
_TELECOM = ("MF/DF.TELECOM",)
_TELECOM_AND_USIM = ("MF/ADF.USIM", "MF/DF.TELECOM")


class NumberValue(TypedDict):
    """A telephone number with its name; `ton_npi` is the type's byte in hexadecimal."""

    alpha: str | None
    number: str | None
    ton_npi: str | None
    empty: bool


_UNUSED: NumberValue = {"alpha": None, "number": None, "ton_npi": None, "empty": True}
_NUMBER_LENGTH = (
    14  # what follows the alpha identifier: length, type, ten bytes of digits, two links
)


class DialledNumber(EfSpec[NumberValue]):
    """A record with a name and a number of up to 20 digits (what EF.EXT adds is not read)."""

    structure = "linear_fixed"

    @classmethod
    def decode(cls, content: bytes) -> NumberValue:
        """The name, if the record has room for one, and the number."""
        cls.need(content, _NUMBER_LENGTH)
        if is_blank(content):
            return {**_UNUSED}
        at = len(content) - _NUMBER_LENGTH
        alpha = alpha_to_text(content[:at], cls.name)
        length = content[at]
        if length != 0xFF and length > 11:
            cls.fail(at, "a number has at most 11 bytes")
        number, ton_npi = None, None
        if length != 0xFF and length > 1:
            digits = bcd_to_number(content[at + 2 : at + 1 + length], cls.name, at + 2)
            plus = "+" if is_international(content[at + 1]) else ""
            number = plus + digits if digits else None
            ton_npi = f"{content[at + 1]:02X}" if digits else None
        return {
            "alpha": alpha,
            "number": number,
            "ton_npi": ton_npi,
            "empty": alpha is None and number is None,
        }


_NUMBER_VECTORS = (
    Vector(
        "4F776EFFFF07914467452301F0FFFFFFFFFFFF",
        {"alpha": "Own", "number": "+44765432100", "ton_npi": "91", "empty": False},
        _OWN,
    ),
    Vector(
        "0481A12BF3FFFFFFFFFFFFFFFFFF",
        {"alpha": None, "number": "1*#23", "ton_npi": "81", "empty": False},
        _OWN + ", no room for a name",
    ),
    Vector(
        "41FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        {"alpha": "A", "number": None, "ton_npi": None, "empty": False},
        _OWN + ", a name alone",
    ),
    Vector(
        "FFFF00FFFFFFFFFFFFFFFFFFFFFFFFFF",
        {"alpha": None, "number": None, "ton_npi": None, "empty": True},
        _OWN + ", length 0",
    ),
    Vector("FF" * 28, {"alpha": None, "number": None, "ton_npi": None, "empty": True}, _OWN),
)


class EfMsisdn(DialledNumber):
    """The subscriber's own numbers."""

    name = "EF.MSISDN"
    fid = 0x6F40
    parents = _TELECOM_AND_USIM
    vectors = _NUMBER_VECTORS


class EfAdn(DialledNumber):
    """The phone book of the SIM."""

    name = "EF.ADN"
    fid = 0x6F3A
    parents = _TELECOM
    vectors = _NUMBER_VECTORS


class EfFdn(DialledNumber):
    """Numbers that alone may be dialled."""

    name = "EF.FDN"
    fid = 0x6F3B
    parents = _TELECOM_AND_USIM
    vectors = _NUMBER_VECTORS


class EfSdn(DialledNumber):
    """Numbers of the operator's services."""

    name = "EF.SDN"
    fid = 0x6F49
    parents = _TELECOM_AND_USIM
    vectors = _NUMBER_VECTORS


class EfLnd(DialledNumber):
    """Numbers dialled last."""

    name = "EF.LND"
    fid = 0x6F44
    structure = "cyclic"
    parents = _TELECOM
    vectors = _NUMBER_VECTORS


class SmspValue(TypedDict):
    """How to send a message: over which service centre."""

    smsc: str | None
    alpha: str | None


class EfSmsp(EfSpec[SmspValue]):
    """Parameters of short messages: 28 bytes behind the name."""

    name = "EF.SMSP"
    fid = 0x6F42
    structure = "linear_fixed"
    parents = _TELECOM_AND_USIM
    vectors = (
        Vector(
            "4D43FFFDFFFFFFFFFFFFFFFFFFFFFFFF07914467452301F0FFFFFFFFFFFFFF",
            {"smsc": "+44765432100", "alpha": "MC"},
            _OWN,
        ),
        Vector("FF" * 28, {"smsc": None, "alpha": None}, _OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> SmspValue:
        """The service centre's number where the record says that it has one."""
        cls.need(content, 28)
        at = len(content) - 28
        alpha = alpha_to_text(content[:at], cls.name)
        if content[at] & 0b10:  # 0: the service centre address is present
            return {"smsc": None, "alpha": alpha}
        length = content[at + 13]
        if length == 0xFF or length < 2:
            return {"smsc": None, "alpha": alpha}
        if length > 11:
            cls.fail(at + 13, "a number has at most 11 bytes")
        digits = bcd_to_number(content[at + 15 : at + 14 + length], cls.name, at + 15)
        plus = "+" if is_international(content[at + 14]) else ""
        return {"smsc": plus + digits if digits else None, "alpha": alpha}


class EfSms(EfSpec[Message]):
    """Short messages, one a record: a status, then service centre and TPDU."""

    name = "EF.SMS"
    fid = 0x6F3C
    structure = "linear_fixed"
    parents = _TELECOM_AND_USIM
    vectors = (
        Vector(
            "0307914467452301F0040B914467452301F000006211220102030002C834FFFF",
            {
                "status": "received_unread",
                "pdu": "07914467452301F0040B914467452301F000006211220102030002C834",
                "address": "+44765432100",
                "text": "Hi",
            },
            _OWN + ", SMS-DELIVER",
        ),
        Vector(
            "07001100048110320008AA046D4B8BD5FF",
            {
                "status": "stored_unsent",
                "pdu": "001100048110320008AA046D4B8BD5",
                "address": "0123",
                "text": "测试",
            },
            _OWN + ", SMS-SUBMIT in UCS2",
        ),
        Vector("00FFFFFF", {"status": "free", "pdu": None, "address": None, "text": None}, _OWN),
        Vector("FFFFFF", {"status": None, "pdu": None, "address": None, "text": None}, _OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> Message:
        """The message; a free slot is not looked into."""
        cls.need(content, 1)
        return read_message(content, cls.name)


class EfSst(EfSpec[ServicesValue]):
    """What the SIM offers: two bits a service, allocated and activated."""

    name = "EF.SST"
    fid = 0x6F38
    structure = "transparent"
    parents = ("MF/DF.GSM",)
    vectors = (
        Vector("3F0D", {"services": [1, 2, 3, 6]}, _OWN + ", 5 is allocated, not activated"),
        Vector("0000", {"services": []}, _OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> ServicesValue:
        """The services that are allocated and activated."""
        cls.need(content, 2)
        if is_blank(content):
            return {"services": None}
        return {
            "services": [
                4 * index + pair + 1
                for index, byte in enumerate(content)
                for pair in range(4)
                if byte >> 2 * pair & 0b11 == 0b11
            ]
        }
