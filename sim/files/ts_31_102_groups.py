"""Cell broadcast, kinds of alerting, priorities, group calls.

Source: 3GPP TS 31.102 clauses 4.2.14 (EF.CBMI), 4.2.20 (EF.CBMID), 4.2.22 (EF.CBMIR), 4.2.39
(EF.eMLPP), 4.2.40 (EF.AAeM), 4.2.46 (EF.CMI), 4.2.72 (EF.NIA), 4.2.73 to 4.2.78 (group calls); all
unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector
from sim.files.directories import GSM, TELECOM, USIM
from sim.files.fields import bcd_to_number
from sim.files.shapes import OWN, HexFile, slots
from sim.files.text import alpha_to_text


class IdentifiersValue(TypedDict):
    """Kinds of cell broadcast messages."""

    identifiers: list[int]


class EfCbmi(EfSpec[IdentifiersValue]):
    """Cell broadcast messages that the user wants."""

    name = "EF.CBMI"
    title = "cell broadcast: wanted"
    source = "TS 31.102 4.2.14, TS 51.011 10.3.13 (unread)"
    fid = 0x6F45
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("00321100FFFF", {"identifiers": [50, 4352]}, OWN),
        Vector("FFFFFFFF", {"identifiers": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> IdentifiersValue:
        """Two bytes each."""
        found = slots(cls, content, 2)
        return {"identifiers": [int.from_bytes(slot, "big") for _, slot in found]}


class EfCbmid(EfCbmi):
    """Cell broadcast messages that go to the card."""

    name = "EF.CBMID"
    title = "cell broadcast: for the card"
    source = "TS 31.102 4.2.20, TS 51.011 10.3.26 (unread)"
    fid = 0x6F48


class RangesValue(TypedDict):
    """Ranges of kinds, first and last."""

    ranges: list[list[int]]


class EfCbmir(EfSpec[RangesValue]):
    """Ranges of cell broadcast messages that the user wants."""

    name = "EF.CBMIR"
    title = "cell broadcast: wanted ranges"
    source = "TS 31.102 4.2.22, TS 51.011 10.3.28 (unread)"
    fid = 0x6F50
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("1100110AFFFFFFFF", {"ranges": [[4352, 4362]]}, OWN),
        Vector("FFFFFFFF", {"ranges": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> RangesValue:
        """Two bytes for the first, two for the last."""
        found = slots(cls, content, 4)
        return {
            "ranges": [
                [int.from_bytes(slot[:2], "big"), int.from_bytes(slot[2:], "big")]
                for _, slot in found
            ]
        }


class CategoryValue(TypedDict):
    """A number and what it is called."""

    category: int | None
    alpha: str | None


class EfNia(EfSpec[CategoryValue]):
    """How the network's kinds of alerting are shown."""

    name = "EF.NIA"
    title = "kinds of alerting"
    source = "TS 31.102 4.2.72, TS 51.011 10.3.31 (unread)"
    fid = 0x6FD3
    structure = "linear_fixed"
    parents = (USIM,)
    vectors = (
        Vector("044F7073FF", {"category": 4, "alpha": "Ops"}, OWN),
        Vector("FFFFFFFF", {"category": None, "alpha": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> CategoryValue:
        """One byte, then the text."""
        cls.need(content, 1)
        category = None if content[0] == 0xFF else content[0]
        return {"category": category, "alpha": alpha_to_text(content[1:], cls.name, 1)}


class EfNiaOfSim(EfNia):
    """The same file of a SIM, under another identifier."""

    fid = 0x6F51
    parents = (GSM,)


class ComparisonValue(TypedDict):
    """A way to compare numbers with EF.BDN, and what it is called."""

    alpha: str | None
    method: int | None


class EfCmi(EfSpec[ComparisonValue]):
    """Ways to compare numbers with the barred ones."""

    name = "EF.CMI"
    title = "ways to compare barred numbers"
    source = "TS 31.102 4.2.46, TS 51.011 10.5.17 (unread)"
    fid = 0x6F58
    structure = "linear_fixed"
    parents = (USIM, TELECOM)
    vectors = (
        Vector("4F7073FF01", {"alpha": "Ops", "method": 1}, OWN),
        Vector("FFFFFFFF", {"alpha": None, "method": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> ComparisonValue:
        """The text, then one byte."""
        cls.need(content, 1)
        method = None if content[-1] == 0xFF else content[-1]
        return {"alpha": alpha_to_text(content[:-1], cls.name), "method": method}


class LevelsValue(TypedDict):
    """Priorities of calls, the highest first: A, B, 0 to 4."""

    levels: list[str]
    fast_setup: list[str]


_LEVELS = ("A", "B", "0", "1", "2", "3", "4")


def _levels(byte: int) -> list[str]:
    return [] if byte == 0xFF else [name for bit, name in enumerate(_LEVELS) if byte >> bit & 1]


class EfEmlpp(EfSpec[LevelsValue]):
    """Priorities that the subscriber may use."""

    name = "EF.eMLPP"
    title = "priorities of calls"
    source = "TS 31.102 4.2.39, TS 51.011 10.3.24 (unread)"
    fid = 0x6FB5
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("7C04", {"levels": ["0", "1", "2", "3", "4"], "fast_setup": ["0"]}, OWN),
        Vector("FFFF", {"levels": [], "fast_setup": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> LevelsValue:
        """A byte of bits each."""
        cls.need(content, 2)
        return {"levels": _levels(content[0]), "fast_setup": _levels(content[1])}


class AnswerValue(TypedDict):
    """Priorities at which a call is answered by itself."""

    levels: list[str]


class EfAaem(EfSpec[AnswerValue]):
    """Calls that are answered without the user."""

    name = "EF.AAeM"
    title = "calls that answer themselves"
    source = "TS 31.102 4.2.40, TS 51.011 10.3.25 (unread)"
    fid = 0x6FB6
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("03", {"levels": ["A", "B"]}, OWN),
        Vector("FF", {"levels": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> AnswerValue:
        """A byte of bits."""
        cls.need(content, 1)
        return {"levels": _levels(content[0])}


class GroupsValue(TypedDict):
    """Numbers of groups."""

    group_numbers: list[str]


class EfVgcs(EfSpec[GroupsValue]):
    """Groups whose calls the subscriber may join."""

    name = "EF.VGCS"
    title = "group calls: groups"
    source = "TS 31.102 4.2.73, TS 51.011 10.3.20 (unread)"
    fid = 0x6FB1
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("92F9FFFFFFFFFFFF", {"group_numbers": ["299"]}, OWN),
        Vector("FFFFFFFF", {"group_numbers": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> GroupsValue:
        """Four bytes of digits each."""
        numbers = [bcd_to_number(slot, cls.name, at) for at, slot in slots(cls, content, 4)]
        return {"group_numbers": [number for number in numbers if number]}


class EfVbs(EfVgcs):
    """Groups whose broadcast calls the subscriber hears."""

    name = "EF.VBS"
    title = "broadcast calls: groups"
    source = "TS 31.102 4.2.75, TS 51.011 10.3.22 (unread)"
    fid = 0x6FB3


class ActiveValue(TypedDict):
    """Which of the groups are switched on, counted from 1; None where that is not set."""

    active: list[int] | None


class EfVgcss(EfSpec[ActiveValue]):
    """Which groups are switched on."""

    name = "EF.VGCSS"
    title = "group calls: active groups"
    source = "TS 31.102 4.2.74, TS 51.011 10.3.21 (unread)"
    fid = 0x6FB2
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("010000000000FC", {"active": [1]}, OWN),
        Vector("FFFFFFFFFFFFFF", {"active": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> ActiveValue:
        """Fifty bits, the lowest of the first byte first."""
        cls.need(content, 7)
        bits = int.from_bytes(content[:7], "little") & (1 << 50) - 1
        if bits == (1 << 50) - 1:
            return {"active": None}
        return {"active": [place + 1 for place in range(50) if bits >> place & 1]}


class EfVbss(EfVgcss):
    """Which broadcast groups are switched on."""

    name = "EF.VBSS"
    title = "broadcast calls: active groups"
    source = "TS 31.102 4.2.76, TS 51.011 10.3.23 (unread)"
    fid = 0x6FB4


class EfVgcsca(HexFile):
    """Numbers of the ciphers of group calls; no key."""

    name = "EF.VGCSCA"
    title = "group calls: ciphers"
    source = "TS 31.102 4.2.77 (unread)"
    fid = 0x6FD4
    structure = "transparent"
    parents = (USIM,)
    vectors = (Vector("0102", {"hex": "0102"}, OWN), Vector("FFFF", {"hex": None}, OWN))


class EfVbsca(EfVgcsca):
    """Numbers of the ciphers of broadcast calls; no key."""

    name = "EF.VBSCA"
    title = "broadcast calls: ciphers"
    source = "TS 31.102 4.2.78 (unread)"
    fid = 0x6FD5
