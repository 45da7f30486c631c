"""Files of any UICC.

Source: ETSI TS 102 221 clauses 13.1 (EF.DIR), 13.2 (EF.ICCID), 13.3 (EF.PL), 13.4 (EF.ARR), 9.2
(access rules, unread), 9.5.1 (key references); all unread.
"""

from collections.abc import Iterator
from typing import Any, TypedDict

from sim.errors import IdentifierError
from sim.files.base import EfSpec, Vector, is_blank
from sim.files.text import alpha_to_text
from sim.identifiers import Iccid
from sim.tlv import Tlv, read_tlvs

_OWN = "own numbers, encoded by hand after the clause"


class IccidValue(TypedDict):
    """The card's number as printed."""

    iccid: str | None


class EfIccid(EfSpec[IccidValue]):
    """The card's number."""

    name = "EF.ICCID"
    fid = 0x2FE2
    structure = "transparent"
    parents = ("MF",)
    vectors = (
        Vector("98000101000000000081", {"iccid": "89001010000000000018"}, _OWN),
        Vector("980001010000000000F1", {"iccid": "8900101000000000001"}, _OWN + ", 19 digits"),
        Vector("986800001032A40B00F1", {"iccid": "8986000001234AB0001"}, _OWN + ", letters inside"),
        Vector("FFFFFFFFFFFFFFFFFFFF", {"iccid": None}, _OWN),
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
    fid = 0x2F00
    structure = "linear_fixed"
    parents = ("MF",)
    vectors = (
        Vector(
            "61184F10A0000000871002FF86FF0389FFFFFFFF50045553494DFFFF",
            {"aid": "A0000000871002FF86FF0389FFFFFFFF", "label": "USIM"},
            _OWN,
        ),
        Vector("61094F07A0000000871004", {"aid": "A0000000871004", "label": None}, _OWN),
        Vector("FFFFFFFFFFFF", {"aid": None, "label": None}, _OWN),
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
    fid = 0x2F05
    structure = "transparent"
    parents = ("MF",)
    vectors = (
        Vector("7A68656EFFFF", {"languages": ["zh", "en"]}, _OWN),
        Vector("FFFFFFFF", {"languages": []}, _OWN),
    )


_ACCESS_BITS = (
    (0x40, "delete"),
    (0x20, "terminate"),
    (0x10, "activate"),
    (0x08, "deactivate"),
    (0x04, "write"),
    (0x02, "update"),
    (0x01, "read"),
)
# PIN1 and PIN2 are those of the first application; cards with more applications have more.
_KEYS = {
    0x01: "pin1",
    **{n: f"pin1_app{n}" for n in range(2, 9)},
    **{0x09 + n: f"adm{n}" for n in range(1, 6)},
    0x11: "universal_pin",
    0x81: "pin2",
    **{0x80 + n: f"pin2_app{n}" for n in range(2, 9)},
    **{0x84 + n: f"adm{n}" for n in range(6, 11)},
}


class ArrRule(TypedDict):
    """`access` needs `condition`: a word, or `{"any": [...]}`, `{"all": [...]}` of them."""

    access: list[str]
    condition: Any


class ArrValue(TypedDict):
    """The rules of one record, in order; None where the record is unset."""

    rules: list[ArrRule]


class EfArr(EfSpec[ArrValue]):
    """Access rules that files refer to by record number (the FID is 6F06 inside an ADF)."""

    name = "EF.ARR"
    fid = 0x2F06
    structure = "linear_fixed"
    parents = ("MF",)
    vectors = (
        Vector(
            "8001019000800102A406830101950108FFFF",
            {
                "rules": [
                    {"access": ["read"], "condition": "always"},
                    {"access": ["update"], "condition": "pin1"},
                ]
            },
            _OWN,
        ),
        Vector(
            "800103A010A40683010A950108A406830181950108",
            {"rules": [{"access": ["update", "read"], "condition": {"any": ["adm1", "pin2"]}}]},
            _OWN,
        ),
        Vector("8401D49700", {"rules": [{"access": ["ins_D4"], "condition": "never"}]}, _OWN),
        Vector("FFFF", {"rules": []}, _OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> ArrValue:
        """The rules: access modes, then the condition that they need."""
        cls.need(content, 1)
        rules: list[ArrRule] = []
        access: list[str] = []
        for tlv in read_tlvs(content, cls.name):
            if 0x80 <= tlv.tag <= 0x8F:
                access += cls._access(tlv)
            elif not access:
                cls.fail(tlv.offset, "a condition without an access mode")
            else:
                rules.append({"access": access, "condition": cls._condition(tlv)})
                access = []
        if access:
            cls.fail(len(content), "an access mode without a condition")
        return {"rules": rules}

    @classmethod
    def _access(cls, tlv: Tlv) -> list[str]:
        if tlv.tag == 0x84 and tlv.value:
            return [f"ins_{ins:02X}" for ins in tlv.value]
        if tlv.tag != 0x80 or len(tlv.value) != 1:
            return [f"mode_{tlv.tag:02X}_{tlv.value.hex().upper()}"]
        return [word for bit, word in _ACCESS_BITS if tlv.value[0] & bit]

    @classmethod
    def _condition(cls, tlv: Tlv) -> Any:
        if tlv.tag in {0x90, 0x97}:
            return "always" if tlv.tag == 0x90 else "never"
        if tlv.tag in {0xA0, 0xAF}:
            word = "any" if tlv.tag == 0xA0 else "all"
            return {word: [cls._condition(t) for t in cls._inner(tlv)]}
        if tlv.tag == 0xA4:
            keys = [t.value[0] for t in cls._inner(tlv) if t.tag == 0x83 and t.value]
            if keys:
                return _KEYS.get(keys[0], f"key_{keys[0]:02X}")
        return f"condition_{tlv.tag:02X}_{tlv.value.hex().upper()}"

    @classmethod
    def _inner(cls, tlv: Tlv) -> Iterator[Tlv]:
        return read_tlvs(tlv.value, cls.name, tlv.value_offset)
