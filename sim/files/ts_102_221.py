"""Files of any UICC.

Source: ETSI TS 102 221 clauses 13.1 (EF.DIR), 13.2 (EF.ICCID), 13.3 (EF.PL), 13.4 (EF.ARR), 13.5
(EF.UMPC); all unread.
"""

from typing import TypedDict

from sim.access import Rule, expanded_rules
from sim.errors import IdentifierError
from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import MF
from sim.files.shapes import OWN
from sim.files.text import alpha_to_text
from sim.identifiers import Iccid
from sim.tlv import read_tlvs


class IccidValue(TypedDict):
    """The card's number as printed."""

    iccid: str | None


class EfIccid(EfSpec[IccidValue]):
    """The card's number."""

    name = "EF.ICCID"
    title = "card's serial number"
    source = "TS 102 221 13.2 (unread)"
    fid = 0x2FE2
    structure = "transparent"
    parents = (MF,)
    vectors = (
        Vector("98000101000000000081", {"iccid": "89001010000000000018"}, OWN),
        Vector("980001010000000000F1", {"iccid": "8900101000000000001"}, OWN + ", 19 digits"),
        Vector("986800001032A40B00F1", {"iccid": "8986000001234AB0001"}, OWN + ", letters inside"),
        Vector("FFFFFFFFFFFFFFFFFFFF", {"iccid": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> IccidValue:
        """The number; letters inside and any check digit are left as they are."""
        cls.need(content, 10)
        if is_blank(content):
            return {"iccid": None}
        if content[0] & 0xF > 9 or content[0] >> 4 > 9:
            cls.fail(0, "an ICCID begins with two digits")
        try:
            return {"iccid": Iccid.from_file(content).value}
        except IdentifierError:
            used = len(content.rstrip(b"\xff"))
            cls.fail(min(used, 11), "an ICCID has 18-22 digits")


class DirValue(TypedDict):
    """One application on the card; `aid` whole, in hexadecimal."""

    aid: str | None
    label: str | None


class EfDir(EfSpec[DirValue]):
    """The list of applications, one a record."""

    name = "EF.DIR"
    title = "applications"
    source = "TS 102 221 13.1 (unread)"
    fid = 0x2F00
    structure = "linear_fixed"
    parents = (MF,)
    vectors = (
        Vector(
            "61184F10A0000000871002FF86FF0389FFFFFFFF50045553494DFFFF",
            {"aid": "A0000000871002FF86FF0389FFFFFFFF", "label": "USIM"},
            OWN,
        ),
        Vector("61094F07A0000000871004", {"aid": "A0000000871004", "label": None}, OWN),
        Vector("FFFFFFFFFFFF", {"aid": None, "label": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> DirValue:
        """The application of this record."""
        cls.need(content, 1)
        if is_blank(content):
            return {"aid": None, "label": None}
        if content[0] != 0x61:
            cls.fail(0, "no application template")
        outer = next(read_tlvs(content, cls.name))
        inner = {t.tag: t for t in read_tlvs(outer.value, cls.name, outer.value_offset)}
        aid, label = inner.get(0x4F), inner.get(0x50)
        if aid is None or not 5 <= len(aid.value) <= 16:
            cls.fail(outer.value_offset, "no AID of 5-16 bytes")
        text = alpha_to_text(label.value, cls.name, label.value_offset) if label else None
        return {"aid": aid.value.hex().upper(), "label": text}


class LanguagesValue(TypedDict):
    """Languages by ISO 639 codes of two letters, preferred first."""

    languages: list[str]


class LanguageList(EfSpec[LanguagesValue]):
    """A list of languages, two characters each (EF.PL, and EF.LI of the USIM)."""

    @classmethod
    def decode(cls, content: bytes) -> LanguagesValue:
        """The languages that are set."""
        cls.need(content, 1)
        languages = []
        for at in range(0, len(content), 2):
            code = content[at : at + 2]
            if is_blank(code):
                continue
            if len(code) < 2 or not (code.isalpha() and code.isascii()):
                cls.fail(at, "no language of two letters")
            languages.append(code.decode("ascii").lower())
        return {"languages": languages}


class EfPl(LanguageList):
    """The card's preferred languages."""

    name = "EF.PL"
    title = "card's preferred languages"
    source = "TS 102 221 13.3 (unread)"
    fid = 0x2F05
    structure = "transparent"
    parents = (MF,)
    vectors = (
        Vector("7A68656EFFFF", {"languages": ["zh", "en"]}, OWN),
        Vector("FFFFFFFF", {"languages": []}, OWN),
    )


class ArrValue(TypedDict):
    """The rules of one record, in order; None where the record is unset."""

    rules: list[Rule]


class EfArr(EfSpec[ArrValue]):
    """Access rules that files refer to by record number (the FID is 6F06 inside an ADF)."""

    name = "EF.ARR"
    title = "access rules"
    source = "TS 102 221 13.4 (unread)"
    fid = 0x2F06
    structure = "linear_fixed"
    parents = (MF,)
    vectors = (
        Vector(
            "8001019000800102A406830101950108FFFF",
            {
                "rules": [
                    {"access": ["read"], "condition": "always"},
                    {"access": ["update"], "condition": "pin1"},
                ]
            },
            OWN,
        ),
        Vector(
            "800103A010A40683010A950108A406830181950108",
            {"rules": [{"access": ["update", "read"], "condition": {"any": ["adm1", "pin2"]}}]},
            OWN,
        ),
        Vector("8401D49700", {"rules": [{"access": ["ins_D4"], "condition": "never"}]}, OWN),
        Vector("FFFF", {"rules": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> ArrValue:
        """The rules: access modes, then the condition that they need."""
        cls.need(content, 1)
        return {"rules": expanded_rules(content, cls.name)}


class PowerValue(TypedDict):
    """The card's greatest current, and for how long."""

    max_current_ma: int | None
    operating_time_s: int | None
    suspend_supported: bool | None


class EfUmpc(EfSpec[PowerValue]):
    """How much power the card may take."""

    name = "EF.UMPC"
    title = "power consumption of the card"
    source = "TS 102 221 13.5 (unread)"
    fid = 0x2F08
    structure = "transparent"
    parents = (MF,)
    vectors = (
        Vector(
            "3C0502FFFF",
            {"max_current_ma": 60, "operating_time_s": 5, "suspend_supported": True},
            OWN,
        ),
        Vector(
            "FFFFFFFFFF",
            {"max_current_ma": None, "operating_time_s": None, "suspend_supported": None},
            OWN,
        ),
    )

    @classmethod
    def decode(cls, content: bytes) -> PowerValue:
        """A byte each; the second bit of the third."""
        cls.need(content, 3)
        current, time, flags = content[:3]
        return {
            "max_current_ma": None if current == 0xFF else current,
            "operating_time_s": None if time == 0xFF else time,
            "suspend_supported": None if flags == 0xFF else bool(flags & 0b10),
        }
