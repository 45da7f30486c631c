"""Multimedia messages: notifications that wait, and over which servers they go.

Source: 3GPP TS 31.102 clauses 4.2.67 (EF.MMSN), 4.2.69 (EF.MMSICP), 4.2.70 (EF.MMSUP), 4.2.71
(EF.MMSUCP); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import GSM, USIM
from sim.files.fields import hex_or_none, record_number
from sim.files.shapes import OWN, utf8
from sim.files.text import alpha_to_text
from sim.tlv import read_tlvs


class NotificationValue(TypedDict):
    """A notification, in hexadecimal, that goes on in record `next_record` of EF.EXT8."""

    used: bool | None
    hex: str | None
    next_record: int | None


class EfMmsn(EfSpec[NotificationValue]):
    """Notifications of multimedia messages."""

    name = "EF.MMSN"
    title = "notifications of multimedia messages"
    source = "TS 31.102 4.2.67, TS 51.011 10.3.51 (unread)"
    fid = 0x6FCE
    structure = "linear_fixed"
    parents = (USIM, GSM)
    personal = True
    vectors = (
        Vector("010001CAFE02", {"used": True, "hex": "CAFE", "next_record": 2}, OWN),
        Vector("000000FFFFFFFF", {"used": False, "hex": None, "next_record": None}, OWN + ", free"),
        Vector("FFFFFFFFFFFF", {"used": None, "hex": None, "next_record": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> NotificationValue:
        """Two bytes of state, one of the kind, the notification, a link."""
        cls.need(content, 4)
        if is_blank(content):
            return {"used": None, "hex": None, "next_record": None}
        return {
            "used": bool(content[0] & 1),
            "hex": hex_or_none(content[3:-1]),
            "next_record": record_number(content[-1]),
        }


class ServersValue(TypedDict):
    """Addresses of servers, the preferred first."""

    servers: list[str]


class EfMmsIcp(EfSpec[ServersValue]):
    """Servers of the card's issuer."""

    name = "EF.MMSICP"
    title = "issuer's servers of multimedia messages"
    source = "TS 31.102 4.2.69, TS 51.011 10.3.53 (unread)"
    fid = 0x6FD0
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("AB0B8001018106" + b"m.test".hex() + "FFFF", {"servers": ["m.test"]}, OWN),
        Vector("FFFFFF", {"servers": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> ServersValue:
        """The addresses (tag 81) of all sets of parameters (tag AB)."""
        cls.need(content, 1)
        found = [
            utf8(cls, inner)
            for outer in read_tlvs(content, cls.name)
            if outer.tag == 0xAB
            for inner in read_tlvs(outer.value, cls.name, outer.value_offset)
            if inner.tag == 0x81
        ]
        return {"servers": [server for server in found if server]}


class EfMmsUcp(EfMmsIcp):
    """Servers that the user chose."""

    name = "EF.MMSUCP"
    title = "user's servers of multimedia messages"
    source = "TS 31.102 4.2.71, TS 51.011 10.3.55 (unread)"
    fid = 0x6FD2


class ProfileValue(TypedDict):
    """What a set of preferences is called."""

    alpha: str | None


class EfMmsUp(EfSpec[ProfileValue]):
    """The user's preferences, a set in each record."""

    name = "EF.MMSUP"
    title = "preferences of multimedia messages"
    source = "TS 31.102 4.2.70, TS 51.011 10.3.54 (unread)"
    fid = 0x6FD1
    structure = "linear_fixed"
    parents = (USIM, GSM)
    vectors = (
        Vector("80010181034F7073FFFF", {"alpha": "Ops"}, OWN),
        Vector("FFFFFF", {"alpha": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> ProfileValue:
        """The name (tag 81)."""
        cls.need(content, 1)
        for tlv in read_tlvs(content, cls.name):
            if tlv.tag == 0x81:
                return {"alpha": alpha_to_text(tlv.value, cls.name, tlv.value_offset)}
        return {"alpha": None}
