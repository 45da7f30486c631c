"""Calls: logs, meters, mailboxes, forwarding.

Source: 3GPP TS 31.102 clauses 4.2.7 (EF.ACMmax), 4.2.9 (EF.ACM), 4.2.13 (EF.PUCT), 4.2.33 (EF.ICI),
4.2.34 (EF.OCI), 4.2.35 and 4.2.36 (EF.ICT, EF.OCT), 4.2.38 (EF.CCP2), 4.2.62 (EF.MBI), 4.2.63
(EF.MWIS), 4.2.64 (EF.CFIS); all unread.
"""

from decimal import Decimal
from typing import ClassVar, TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import GSM, USIM
from sim.files.fields import dialled_field, moment, record_number
from sim.files.shapes import OWN, HexFile, NumberFile, flags_of
from sim.files.text import alpha_to_text


class CallValue(TypedDict):
    """One call; `duration_s` in seconds, `at` when it began, in the time zone of the place."""

    alpha: str | None
    number: str | None
    ton_npi: str | None
    at: str | None
    duration_s: int | None
    empty: bool


class IncomingCallValue(CallValue):
    """One call, and whether it was answered."""

    answered: bool | None


# Behind the alpha identifier: number 12 bytes, two links, moment 7, duration 3, [status], link 3.
_OUTGOING_LENGTH, _INCOMING_LENGTH = 27, 28
_NO_CALL: CallValue = {
    "alpha": None,
    "number": None,
    "ton_npi": None,
    "at": None,
    "duration_s": None,
    "empty": True,
}


class _CallLog(EfSpec[CallValue]):
    """A log of calls, the newest first."""

    structure = "cyclic"
    parents = (USIM,)
    personal = True
    extension_file: ClassVar[str] = "EF.EXT5"
    length: ClassVar[int]

    @classmethod
    def extension(cls, content: bytes) -> int | None:
        """The record of `extension_file` in which the number goes on, or None."""
        return record_number(content[len(content) - cls.length + 13])

    @classmethod
    def call(cls, content: bytes) -> CallValue:
        """What both logs have; a record with neither number, name nor moment holds no call."""
        cls.need(content, cls.length)
        base = len(content) - cls.length
        alpha = alpha_to_text(content[:base], cls.name)
        number, ton_npi = dialled_field(content, base, cls.name)
        at = moment(content[base + 14 : base + 21], cls.name, base + 14)
        if alpha is None and number is None and at is None:
            return {**_NO_CALL}
        duration = content[base + 21 : base + 24]
        return {
            "alpha": alpha,
            "number": number,
            "ton_npi": ton_npi,
            "at": at,
            "duration_s": None if is_blank(duration) else int.from_bytes(duration, "big"),
            "empty": False,
        }


class EfOci(_CallLog):
    """Outgoing calls."""

    name = "EF.OCI"
    title = "outgoing calls"
    source = "TS 31.102 4.2.34 (unread)"
    fid = 0x6F81
    length = _OUTGOING_LENGTH
    vectors = (
        Vector(
            "4F776EFF07914467452301F0FFFFFFFFFFFF6211220102032300003F01FFFF",
            {
                "alpha": "Own",
                "number": "+44765432100",
                "ton_npi": "91",
                "at": "2026-11-22T10:20:30+08:00",
                "duration_s": 63,
                "empty": False,
            },
            OWN,
        ),
        Vector("FF" * 22 + "00000001FFFF", {**_NO_CALL}, OWN + ", as cards come"),
        Vector("FF" * 30, {**_NO_CALL}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> CallValue:
        """The call."""
        return cls.call(content)


class EfIci(_CallLog):
    """Incoming calls."""

    name = "EF.ICI"
    title = "incoming calls"
    source = "TS 31.102 4.2.33 (unread)"
    fid = 0x6F80
    length = _INCOMING_LENGTH
    vectors = (
        Vector(
            "07914467452301F0FFFFFFFFFFFF6211220102032B0000000101FFFF",
            {
                "alpha": None,
                "number": "+44765432100",
                "ton_npi": "91",
                "at": "2026-11-22T10:20:30-08:00",
                "duration_s": 0,
                "empty": False,
                "answered": False,
            },
            OWN + ", not answered, west of Greenwich",
        ),
        Vector(
            "FF" * 23 + "0000000001FFFF", {**_NO_CALL, "answered": None}, OWN + ", as cards come"
        ),
        Vector("FF" * 30, {**_NO_CALL, "answered": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> IncomingCallValue:
        """The call; the lowest bit of the status says that nobody answered."""
        call = cls.call(content)
        status = content[len(content) - 4]
        unknown = call["empty"] or status == 0xFF
        return {**call, "answered": None if unknown else not status & 1}


class EfIct(NumberFile):
    """Duration of all incoming calls."""

    name = "EF.ICT"
    title = "duration of incoming calls"
    source = "TS 31.102 4.2.35 (unread)"
    fid = 0x6F82
    structure = "cyclic"
    parents = (USIM,)
    field = "duration_s"
    size = 3
    vectors = (
        Vector("00012C", {"duration_s": 300}, OWN),
        Vector("FFFFFF", {"duration_s": None}, OWN),
    )


class EfOct(EfIct):
    """Duration of all outgoing calls."""

    name = "EF.OCT"
    title = "duration of outgoing calls"
    source = "TS 31.102 4.2.36 (unread)"
    fid = 0x6F83


class EfAcm(NumberFile):
    """Units that were charged."""

    name = "EF.ACM"
    title = "call meter"
    source = "TS 31.102 4.2.9, TS 51.011 10.3.8 (unread)"
    fid = 0x6F39
    structure = "cyclic"
    parents = (USIM, GSM)
    field = "units"
    size = 3
    vectors = (Vector("00012C", {"units": 300}, OWN), Vector("FFFFFF", {"units": None}, OWN))


class EfAcmmax(NumberFile):
    """How many units may be charged; 0 is no limit."""

    name = "EF.ACMmax"
    title = "limit of the call meter"
    source = "TS 31.102 4.2.7, TS 51.011 10.3.6 (unread)"
    fid = 0x6F37
    structure = "transparent"
    parents = (USIM, GSM)
    field = "units"
    size = 3
    vectors = (Vector("000064", {"units": 100}, OWN), Vector("FFFFFF", {"units": None}, OWN))


class PuctValue(TypedDict):
    """What a unit costs; the price as a decimal number."""

    currency: str | None
    price: str | None


class EfPuct(EfSpec[PuctValue]):
    """Price of a unit and its currency."""

    name = "EF.PUCT"
    title = "price of a unit"
    source = "TS 31.102 4.2.13, TS 51.011 10.3.12 (unread)"
    fid = 0x6F41
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("434E590F5A", {"currency": "CNY", "price": "2.50"}, OWN + ", 250 times 10 to -2"),
        Vector("4555520143", {"currency": "EUR", "price": "1900"}, OWN + ", 19 times 10 to 2"),
        Vector("FFFFFF0000", {"currency": None, "price": None}, OWN + ", as cards come"),
        Vector("FF" * 5, {"currency": None, "price": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> PuctValue:
        """Three letters; twelve bits of a number, its sign and power of ten."""
        cls.need(content, 5)
        currency = alpha_to_text(content[:3], cls.name)
        if currency is None:
            return {"currency": None, "price": None}
        number = content[3] << 4 | content[4] & 0xF
        power = content[4] >> 5
        scaled = Decimal(number).scaleb(-power if content[4] & 0x10 else power)
        return {"currency": currency, "price": f"{scaled:f}"}


class EfCcp2(HexFile):
    """Bearers of data calls, as the call control protocol writes them."""

    name = "EF.CCP2"
    title = "bearers of data calls"
    source = "TS 31.102 4.2.38 (unread)"
    fid = 0x6F4F
    structure = "linear_fixed"
    parents = (USIM,)
    vectors = (Vector("0460", {"hex": "0460"}, OWN), Vector("FF" * 15, {"hex": None}, OWN))


class MbiValue(TypedDict):
    """Records of EF.MBDN by what is kept there; None where there is no such mailbox."""

    voicemail: int | None
    fax: int | None
    email: int | None
    other: int | None
    video: int | None


_MAILBOXES = ("voicemail", "fax", "email", "other", "video")


class EfMbi(EfSpec[MbiValue]):
    """Which mailboxes a subscriber profile has."""

    name = "EF.MBI"
    title = "mailboxes"
    source = "TS 31.102 4.2.62, TS 51.011 10.3.44 (unread)"
    fid = 0x6FC9
    structure = "linear_fixed"
    parents = (USIM, GSM)
    vectors = (
        Vector(
            "01000200",
            {"voicemail": 1, "fax": None, "email": 2, "other": None, "video": None},
            OWN,
        ),
        Vector("FFFFFFFF", dict.fromkeys(_MAILBOXES), OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> MbiValue:
        """A record for each; the fifth came later."""
        cls.need(content, 4)
        voicemail, fax, email, other = (record_number(byte) for byte in content[:4])
        video = record_number(content[4]) if len(content) > 4 else None
        return {
            "voicemail": voicemail,
            "fax": fax,
            "email": email,
            "other": other,
            "video": video,
        }


class WaitingValue(TypedDict):
    """Whether messages wait, and how many; 0 while they wait: their number is not known."""

    waiting: bool | None
    count: int | None


class EfMwis(EfSpec[dict[str, WaitingValue]]):
    """Messages that wait in mailboxes."""

    name = "EF.MWIS"
    title = "messages waiting in mailboxes"
    source = "TS 31.102 4.2.63, TS 51.011 10.3.45 (unread)"
    fid = 0x6FCA
    structure = "linear_fixed"
    parents = (USIM, GSM)
    vectors = (
        Vector(
            "0503000100",
            {
                "voicemail": {"waiting": True, "count": 3},
                "fax": {"waiting": False, "count": 0},
                "email": {"waiting": True, "count": 1},
                "other": {"waiting": False, "count": 0},
                "video": {"waiting": False, "count": None},
            },
            OWN,
        ),
        Vector("FFFFFFFFFF", {n: {"waiting": None, "count": None} for n in _MAILBOXES}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, WaitingValue]:
        """A bit and a count for each; the fifth count came later."""
        cls.need(content, 5)
        flags = flags_of(content[0], _MAILBOXES)
        counts = [None if byte == 0xFF else byte for byte in content[1:6]] + [None]
        return {
            name: {"waiting": flags[name], "count": count}
            for name, count in zip(_MAILBOXES, counts, strict=False)
        }


class CfisValue(TypedDict):
    """What a subscriber profile forwards without condition, and to where."""

    profile: int | None
    forwarded: list[str]
    number: str | None
    ton_npi: str | None


class EfCfis(EfSpec[CfisValue]):
    """Call forwarding."""

    name = "EF.CFIS"
    title = "call forwarding"
    source = "TS 31.102 4.2.64, TS 51.011 10.3.46 (unread)"
    fid = 0x6FCB
    structure = "linear_fixed"
    parents = (USIM, GSM)
    personal = True
    extension_file: ClassVar[str] = "EF.EXT7"
    vectors = (
        Vector(
            "010507914467452301F0FFFFFFFFFFFF",
            {
                "profile": 1,
                "forwarded": ["voice", "data"],
                "number": "+44765432100",
                "ton_npi": "91",
            },
            OWN,
        ),
        Vector(
            "0100" + "FF" * 14,
            {"profile": 1, "forwarded": [], "number": None, "ton_npi": None},
            OWN + ", nothing forwarded",
        ),
        Vector("FF" * 16, {"profile": None, "forwarded": [], "number": None, "ton_npi": None}, OWN),
    )

    @classmethod
    def extension(cls, content: bytes) -> int | None:
        """The record of `extension_file` in which the number goes on, or None."""
        return record_number(content[15])

    @classmethod
    def decode(cls, content: bytes) -> CfisValue:
        """Profile, a bit for each service, number."""
        cls.need(content, 16)
        number, ton_npi = dialled_field(content, 2, cls.name)
        flags = flags_of(content[1], ("voice", "fax", "data"))
        return {
            "profile": record_number(content[0]),
            "forwarded": [name for name, on in flags.items() if on],
            "number": number,
            "ton_npi": ton_npi,
        }
