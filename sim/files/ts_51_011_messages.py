"""Short messages and what belongs to them.

Sources: 3GPP TS 51.011 clauses 10.5.3 (EF.SMS), 10.5.6 (EF.SMSP), 10.5.7 (EF.SMSS), 10.5.15
(EF.SMSR); TS 31.102 clauses 4.2.25, 4.2.27, 4.2.28, 4.2.32, 4.6.1.5 (EF.PSISMSC); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import ISIM, TELECOM, USIM
from sim.files.fields import dialled_field, record_number
from sim.files.shapes import OWN, TextObject
from sim.files.short_message import Message, read_message, read_report
from sim.files.text import alpha_to_text

_WHERE = (USIM, TELECOM, ISIM)


class SmspValue(TypedDict):
    """How to send a message: over which service centre."""

    smsc: str | None
    alpha: str | None


_PARAMETERS = 28


class EfSmsp(EfSpec[SmspValue]):
    """Parameters of short messages: 28 bytes behind the name."""

    name = "EF.SMSP"
    title = "parameters of short messages"
    source = "TS 51.011 10.5.6, TS 31.102 4.2.27 (unread)"
    fid = 0x6F42
    structure = "linear_fixed"
    parents = _WHERE
    vectors = (
        Vector(
            "4D43FFFDFFFFFFFFFFFFFFFFFFFFFFFF07914467452301F0FFFFFFFFFFFFFF",
            {"smsc": "+44765432100", "alpha": "MC"},
            OWN,
        ),
        Vector("FF" * 28, {"smsc": None, "alpha": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> SmspValue:
        """The service centre's number where the record says that it has one."""
        cls.need(content, _PARAMETERS)
        at = len(content) - _PARAMETERS
        alpha = alpha_to_text(content[:at], cls.name)
        if content[at] & 0b10:  # 0: the service centre address is present
            return {"smsc": None, "alpha": alpha}
        return {"smsc": dialled_field(content, at + 13, cls.name).number, "alpha": alpha}


class EfSms(EfSpec[Message]):
    """Short messages, one a record: a status, then service centre and TPDU."""

    name = "EF.SMS"
    title = "short messages"
    source = "TS 51.011 10.5.3, TS 31.102 4.2.25 (unread)"
    fid = 0x6F3C
    structure = "linear_fixed"
    parents = _WHERE
    personal = True
    vectors = (
        Vector(
            "0307914467452301F0040B914467452301F000006211220102030002C834FFFF",
            {
                "status": "received_unread",
                "pdu": "07914467452301F0040B914467452301F000006211220102030002C834",
                "address": "+44765432100",
                "text": "Hi",
            },
            OWN + ", SMS-DELIVER",
        ),
        Vector(
            "07001100048110320008AA046D4B8BD5FF",
            {
                "status": "stored_unsent",
                "pdu": "001100048110320008AA046D4B8BD5",
                "address": "0123",
                "text": "测试",
            },
            OWN + ", SMS-SUBMIT in UCS2",
        ),
        Vector(
            "0100060904811032621122010203236211220102132300FFFF",
            {
                "status": "received_read",
                "pdu": "00060904811032621122010203236211220102132300",
                "address": "0123",
                "text": None,
            },
            OWN + ", SMS-STATUS-REPORT",
        ),
        Vector("00FFFFFF", {"status": "free", "pdu": None, "address": None, "text": None}, OWN),
        Vector("FFFFFF", {"status": None, "pdu": None, "address": None, "text": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> Message:
        """The message; a free slot is not looked into."""
        cls.need(content, 1)
        return read_message(content, cls.name)


class SmssValue(TypedDict):
    """`last_reference`: TP-MR of the last message sent; `memory_full`: one was turned away."""

    last_reference: int | None
    memory_full: bool | None


class EfSmss(EfSpec[SmssValue]):
    """State of the short message service."""

    name = "EF.SMSS"
    title = "state of short messages"
    source = "TS 51.011 10.5.7, TS 31.102 4.2.28 (unread)"
    fid = 0x6F43
    structure = "transparent"
    parents = _WHERE
    vectors = (
        Vector("00FF", {"last_reference": 0, "memory_full": False}, OWN),
        Vector("7FFE", {"last_reference": 127, "memory_full": True}, OWN + ", flag set by 0"),
        Vector("FFFF", {"last_reference": None, "memory_full": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> SmssValue:
        """The reference; the lowest bit of the second byte, whose 0 means full."""
        cls.need(content, 2)
        if is_blank(content[:2]):
            return {"last_reference": None, "memory_full": None}
        last = None if content[0] == 0xFF else content[0]
        return {"last_reference": last, "memory_full": not content[1] & 1}


class SmsrValue(TypedDict):
    """A status report for the message in record `record` of EF.SMS; None where it is free."""

    record: int | None
    address: str | None
    pdu: str | None


class EfSmsr(EfSpec[SmsrValue]):
    """Status reports of messages that were sent."""

    name = "EF.SMSR"
    title = "status reports of messages"
    source = "TS 51.011 10.5.15, TS 31.102 4.2.32 (unread)"
    fid = 0x6F47
    structure = "linear_fixed"
    parents = _WHERE
    personal = True
    vectors = (
        Vector(
            "03060904811032621122010203236211220102132300FFFFFFFFFFFFFFFF",
            {
                "record": 3,
                "address": "0123",
                "pdu": "060904811032621122010203236211220102132300",
            },
            OWN,
        ),
        Vector("00" + "FF" * 29, {"record": None, "address": None, "pdu": None}, OWN),
        Vector("FF" * 30, {"record": None, "address": None, "pdu": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> SmsrValue:
        """The record's number and the TPDU; a free record is not looked into."""
        cls.need(content, 1)
        record = record_number(content[0])
        if record is None or is_blank(content[1:]):
            return {"record": record, "address": None, "pdu": None}
        report = content[1:].rstrip(b"\xff")
        return {"record": record, "address": read_report(report), "pdu": report.hex().upper()}


class EfPsismsc(TextObject):
    """Address of the service centre for messages over IMS."""

    name = "EF.PSISMSC"
    title = "SMS centre over IMS"
    source = "TS 31.102 4.6.1.5, TS 31.103 4.2.15 (unread)"
    fid = 0x6FE5
    structure = "linear_fixed"
    parents = (TELECOM,)
    field = "uri"
    vectors = (
        Vector("800E" + b"tel:+999000001".hex() + "FFFF", {"uri": "tel:+999000001"}, OWN),
        Vector("FFFFFFFF", {"uri": None}, OWN),
    )
