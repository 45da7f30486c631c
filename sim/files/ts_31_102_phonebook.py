"""The phone book of a USIM: EF.PBR says which files make it up, the others hold its fields.

Source: 3GPP TS 31.102 clauses 4.4.2.1 (EF.PBR), 4.4.2.2 (EF.IAP), 4.4.2.5 (EF.PBC), 4.4.2.6
(EF.GRP), 4.4.2.7 (EF.AAS), 4.4.2.8 (EF.GAS), 4.4.2.9 (EF.ANR), 4.4.2.10 (EF.SNE), 4.4.2.11
(EF.CCP1), 4.4.2.12 (EF.UID, EF.PSC, EF.CC, EF.PUID), 4.4.2.13 (EF.EMAIL), 4.4.2.15 (EF.PURI); all
unread.
"""

from typing import ClassVar, TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import PHONEBOOKS
from sim.files.fields import dialled_field, record_number
from sim.files.shapes import OWN, HexFile, NumberFile, object_80, utf8
from sim.files.text import alpha_to_text
from sim.tlv import Tlv, read_tlvs


class Reference(TypedDict):
    """A file of the phone book: what it holds (EF.ANR), and where it is."""

    file: str
    fid: str
    sfi: int | None


class PbrValue(TypedDict):
    """The files of one set of entries, in the record's order.

    `same_record`: an entry has the same number in all of them. `by_index`: EF.IAP says which
    record. `by_identifier`: records point to each other.
    """

    same_record: list[Reference]
    by_index: list[Reference]
    by_identifier: list[Reference]


_KINDS = {
    0xC0: "EF.ADN",
    0xC1: "EF.IAP",
    0xC2: "EF.EXT1",
    0xC3: "EF.SNE",
    0xC4: "EF.ANR",
    0xC5: "EF.PBC",
    0xC6: "EF.GRP",
    0xC7: "EF.AAS",
    0xC8: "EF.GAS",
    0xC9: "EF.UID",
    0xCA: "EF.EMAIL",
    0xCB: "EF.CCP1",
    0xCC: "EF.PURI",
}


class EfPbr(EfSpec[PbrValue]):
    """Which files make up the phone book, a record for each set of entries."""

    name = "EF.PBR"
    title = "files of the phone book"
    source = "TS 31.102 4.4.2.1 (unread)"
    fid = 0x4F30
    structure = "linear_fixed"
    parents = PHONEBOOKS
    vectors = (
        Vector(
            "A80AC0034F3A01C5034F6904" + "A904CA024F50" + "AA05C2034F4A08",
            {
                "same_record": [
                    {"file": "EF.ADN", "fid": "4F3A", "sfi": 1},
                    {"file": "EF.PBC", "fid": "4F69", "sfi": 4},
                ],
                "by_index": [{"file": "EF.EMAIL", "fid": "4F50", "sfi": None}],
                "by_identifier": [{"file": "EF.EXT1", "fid": "4F4A", "sfi": 8}],
            },
            OWN,
        ),
        Vector("FFFF", {"same_record": [], "by_index": [], "by_identifier": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> PbrValue:
        """The references of the three kinds."""
        cls.need(content, 1)
        found: dict[int, list[Reference]] = {0xA8: [], 0xA9: [], 0xAA: []}
        for group in read_tlvs(content, cls.name):
            if group.tag in found:
                inner = read_tlvs(group.value, cls.name, group.value_offset)
                found[group.tag] += [cls._reference(tlv) for tlv in inner]
        return {
            "same_record": found[0xA8],
            "by_index": found[0xA9],
            "by_identifier": found[0xAA],
        }

    @classmethod
    def _reference(cls, tlv: Tlv) -> Reference:
        if not 2 <= len(tlv.value) <= 3:
            cls.fail(tlv.offset, "a file identifier has two bytes")
        return {
            "file": _KINDS.get(tlv.tag, f"{tlv.tag:02X}"),
            "fid": tlv.value[:2].hex().upper(),
            "sfi": tlv.value[2] if len(tlv.value) > 2 else None,
        }


class _Part(EfSpec[dict[str, object]]):
    """A file whose identifier EF.PBR gives."""

    fid = None
    structure = "linear_fixed"
    parents = PHONEBOOKS
    personal = True


class EfIap(_Part):
    """Which records of the files by index belong to an entry, in EF.PBR's order."""

    name = "EF.IAP"
    title = "phone book: index"
    source = "TS 31.102 4.4.2.2 (unread)"
    vectors = (
        Vector("0103FF", {"records": [1, 3, None]}, OWN),
        Vector("FFFF", {"records": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, object]:
        """A record for each file, None where there is none."""
        cls.need(content, 1)
        if is_blank(content):
            return {"records": []}
        return {"records": [record_number(byte) for byte in content]}


class EfAnr(_Part):
    """Further numbers of an entry; `aas_record` is the record of EF.AAS that says what it is."""

    name = "EF.ANR"
    title = "phone book: further numbers"
    source = "TS 31.102 4.4.2.9 (unread)"
    extension_file: ClassVar[str] = "EF.EXT1"
    vectors = (
        Vector(
            "0107914467452301F0FFFFFFFFFFFF",
            {"number": "+44765432100", "ton_npi": "91", "aas_record": 1},
            OWN,
        ),
        Vector("FF" * 15, {"number": None, "ton_npi": None, "aas_record": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, object]:
        """The number; what links a record by index to its entry is left out."""
        cls.need(content, 15)
        number, ton_npi = dialled_field(content, 1, cls.name)
        kind = record_number(content[0])
        return {"number": number, "ton_npi": ton_npi, "aas_record": kind}

    @classmethod
    def extension(cls, content: bytes) -> int | None:
        """The record of `extension_file` in which the number goes on, or None."""
        return record_number(content[14])


class _Name(_Part):
    """A record with one text."""

    vectors = (
        Vector("4F7073FFFF", {"alpha": "Ops"}, OWN),
        Vector("806D4B8BD5FFFF", {"alpha": "测试"}, OWN + ", UCS2"),
        Vector("FFFFFF", {"alpha": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, object]:
        """The text."""
        cls.need(content, 1)
        return {"alpha": alpha_to_text(content, cls.name)}


class EfSne(_Name):
    """A second name of an entry."""

    name = "EF.SNE"
    title = "phone book: second names"
    source = "TS 31.102 4.4.2.10 (unread)"


class EfAas(_Name):
    """What further numbers are called: at work, at home."""

    name = "EF.AAS"
    title = "phone book: kinds of numbers"
    source = "TS 31.102 4.4.2.7 (unread)"


class EfGas(_Name):
    """Names of groups."""

    name = "EF.GAS"
    title = "phone book: names of groups"
    source = "TS 31.102 4.4.2.8 (unread)"


class EfEmail(_Part):
    """E-mail addresses of an entry."""

    name = "EF.EMAIL"
    title = "phone book: e-mail addresses"
    source = "TS 31.102 4.4.2.13 (unread)"
    vectors = (
        Vector("6F707300782E63" + "FFFF", {"email": "ops@x.c"}, OWN),
        Vector("FFFF", {"email": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, object]:
        """The address; what links a record by index to its entry is left out."""
        cls.need(content, 1)
        return {"email": alpha_to_text(content, cls.name)}


class EfPuri(_Part):
    """Addresses of an entry as URIs."""

    name = "EF.PURI"
    title = "phone book: URIs"
    source = "TS 31.102 4.4.2.15 (unread)"
    vectors = (
        Vector("8009" + b"sip:a@b.c".hex() + "FFFF", {"uri": "sip:a@b.c"}, OWN),
        Vector("FFFF", {"uri": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, object]:
        """The text of the object with tag 80."""
        cls.need(content, 1)
        found = object_80(cls, content)
        return {"uri": None if found is None else utf8(cls, found)}


class EfGrp(_Part):
    """Groups that an entry belongs to, by records of EF.GAS."""

    name = "EF.GRP"
    title = "phone book: groups"
    source = "TS 31.102 4.4.2.6 (unread)"
    vectors = (
        Vector("010300", {"groups": [1, 3]}, OWN),
        Vector("FFFF", {"groups": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, object]:
        """The groups that are set."""
        cls.need(content, 1)
        return {"groups": [byte for byte in content if record_number(byte) is not None]}


class EfPbc(_Part):
    """Whether an entry was changed by a SIM's application, and whether it is hidden."""

    name = "EF.PBC"
    title = "phone book: control"
    source = "TS 31.102 4.4.2.5 (unread)"
    vectors = (
        Vector("0102", {"changed": True, "hidden": 2}, OWN),
        Vector("0000", {"changed": False, "hidden": None}, OWN),
        Vector("FFFF", {"changed": None, "hidden": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, object]:
        """A bit, and the number of the hidden key."""
        cls.need(content, 2)
        changed = None if content[0] == 0xFF else bool(content[0] & 1)
        return {"changed": changed, "hidden": record_number(content[1])}


class EfUid(_Part):
    """Numbers by which a phone recognises entries."""

    name = "EF.UID"
    title = "phone book: identifiers"
    source = "TS 31.102 4.4.2.12.1 (unread)"
    vectors = (
        Vector("0001", {"uid": 1}, OWN),
        Vector("0000", {"uid": None}, OWN),
        Vector("FFFF", {"uid": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, object]:
        """Two bytes; 0 is none."""
        cls.need(content, 2)
        number = int.from_bytes(content[:2], "big")
        return {"uid": None if number in {0, 0xFFFF} else number}


class EfCcp1(HexFile):
    """Bearers of data calls to an entry."""

    name = "EF.CCP1"
    title = "phone book: bearers of data calls"
    source = "TS 31.102 4.4.2.11 (unread)"
    fid = None
    structure = "linear_fixed"
    parents = PHONEBOOKS
    vectors = (Vector("0460", {"hex": "0460"}, OWN), Vector("FFFF", {"hex": None}, OWN))


class EfPsc(NumberFile):
    """Counts how often the phone book was made anew."""

    name = "EF.PSC"
    title = "phone book: synchronisation counter"
    source = "TS 31.102 4.4.2.12.2 (unread)"
    fid = 0x4F22
    structure = "transparent"
    parents = PHONEBOOKS
    field = "count"
    size = 4
    vectors = (
        Vector("00000007", {"count": 7}, OWN),
        Vector("FFFFFFFF", {"count": None}, OWN),
    )


class EfCc(NumberFile):
    """Counts changes of the phone book."""

    name = "EF.CC"
    title = "phone book: change counter"
    source = "TS 31.102 4.4.2.12.3 (unread)"
    fid = 0x4F23
    structure = "transparent"
    parents = PHONEBOOKS
    field = "count"
    size = 2
    vectors = (Vector("0102", {"count": 258}, OWN), Vector("FFFF", {"count": None}, OWN))


class EfPuid(EfCc):
    """The identifier that was given last."""

    name = "EF.PUID"
    title = "phone book: last identifier"
    source = "TS 31.102 4.4.2.12.4 (unread)"
    fid = 0x4F24


PHONEBOOK_PARTS = (
    EfIap,
    EfAnr,
    EfSne,
    EfEmail,
    EfGrp,
    EfGas,
    EfAas,
    EfPbc,
    EfUid,
    EfPuri,
    EfCcp1,
)
"""What EF.PBR may point to, beside EF.ADN and EF.EXT1."""
