"""What only the SIM of the GSM time has, or had first.

Source: 3GPP TS 51.011 clauses 10.3.1 (EF.LP), 10.3.7 (EF.SST), 10.3.14 (EF.BCCH), 10.3.19
(EF.Phase), 10.3.27 (EF.ECC), 10.3.34 (EF.SUME), 10.3.38 (EF.CPBCCH), 10.3.39 (EF.InvScan), 10.5.4
(EF.CCP), 10.5.16 (EF.ECCP); TS 23.038 clause 5 (languages of cell broadcast); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import GSM, TELECOM, USIM
from sim.files.fields import bcd_to_number
from sim.files.shapes import OWN, ChoiceFile, FlagsFile, HexFile, ServicesValue, slots
from sim.files.text import alpha_to_text
from sim.files.ts_102_221 import LanguagesValue
from sim.tlv import read_tlvs

_GSM_ACCESS = f"{USIM}/DF.GSM-ACCESS"


class EfSst(EfSpec[ServicesValue]):
    """What the SIM offers: two bits a service, allocated and activated."""

    name = "EF.SST"
    title = "services of the SIM"
    source = "TS 51.011 10.3.7 (unread)"
    fid = 0x6F38
    structure = "transparent"
    parents = (GSM,)
    vectors = (
        Vector("3F0D", {"services": [1, 2, 3, 6]}, OWN + ", 5 is allocated, not activated"),
        Vector("0000", {"services": []}, OWN),
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


# Cell broadcast names languages by numbers; each group of 16 follows the order of TS 23.038.
_LANGUAGES = (
    "de",
    "en",
    "it",
    "fr",
    "es",
    "nl",
    "sv",
    "da",
    "pt",
    "fi",
    "no",
    "el",
    "tr",
    "hu",
    "pl",
)
_MORE_LANGUAGES = ("cs", "he", "ar", "ru", "is")  # fmt: skip


class EfLp(EfSpec[LanguagesValue]):
    """Languages that the user of a SIM prefers; a number that names none stays a number."""

    name = "EF.LP"
    title = "languages"
    source = "TS 51.011 10.3.1 (unread)"
    fid = 0x6F05
    structure = "transparent"
    parents = (GSM,)
    vectors = (
        Vector("0120FFFF", {"languages": ["en", "cs"]}, OWN),
        Vector("0FFF", {"languages": ["0F"]}, OWN + ", no language said"),
        Vector("FFFFFFFF", {"languages": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> LanguagesValue:
        """The languages that are set."""
        cls.need(content, 1)
        return {"languages": [_language(byte) for byte in content if byte != 0xFF]}


def _language(byte: int) -> str:
    group, place = byte >> 4, byte & 0xF
    known = {0x0: _LANGUAGES, 0x2: _MORE_LANGUAGES}.get(group, ())
    return known[place] if place < len(known) else f"{byte:02X}"


class EfPhase(ChoiceFile):
    """Of which phase of GSM the SIM is."""

    name = "EF.Phase"
    title = "phase of the SIM"
    source = "TS 51.011 10.3.19 (unread)"
    fid = 0x6FAE
    parents = (GSM,)
    field = "phase"
    words = ("phase_1", "", "phase_2", "phase_2_with_profile_download")
    vectors = (
        Vector("03", {"phase": "phase_2_with_profile_download"}, OWN),
        Vector("01", {"phase": "reserved"}, OWN),
        Vector("FF", {"phase": None}, OWN),
    )


class NumbersValue(TypedDict):
    """Telephone numbers."""

    numbers: list[str]


class EfEccOfSim(EfSpec[NumbersValue]):
    """Emergency numbers of a SIM, three bytes a number (the USIM's file has records)."""

    name = "EF.ECC"
    title = "emergency numbers"
    source = "TS 51.011 10.3.27 (unread)"
    fid = 0x6FB7
    structure = "transparent"
    parents = (GSM,)
    vectors = (
        Vector("11F2FF19F1FFFFFFFF", {"numbers": ["112", "911"]}, OWN),
        Vector("FFFFFF", {"numbers": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> NumbersValue:
        """The numbers of the slots that are used."""
        numbers = [bcd_to_number(slot, cls.name, at) for at, slot in slots(cls, content, 3)]
        return {"numbers": [number for number in numbers if number]}


class SumeValue(TypedDict):
    """The title of the card's own menu."""

    title: str | None


class EfSume(EfSpec[SumeValue]):
    """What the card's menu is called."""

    name = "EF.SUME"
    title = "title of the card's menu"
    source = "TS 51.011 10.3.34, TS 31.102 4.6.1.2 (unread)"
    fid = 0x6F54
    structure = "transparent"
    parents = (TELECOM, GSM)
    vectors = (
        Vector("8504" + b"Menu".hex() + "FFFF", {"title": "Menu"}, OWN),
        Vector("0504" + b"Menu".hex(), {"title": "Menu"}, OWN + ", comprehension not required"),
        Vector("FFFFFF", {"title": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> SumeValue:
        """The text of the first alpha identifier."""
        cls.need(content, 1)
        for tlv in read_tlvs(content, cls.name):
            if tlv.tag in {0x05, 0x85}:
                return {"title": alpha_to_text(tlv.value, cls.name, tlv.value_offset)}
        return {"title": None}


class EfBcch(HexFile):
    """Frequencies on which the SIM last looked for its network."""

    name = "EF.BCCH"
    title = "frequencies looked at last"
    source = "TS 51.011 10.3.14 (unread)"
    fid = 0x6F74
    structure = "transparent"
    parents = (GSM,)
    vectors = (
        Vector("8FB68000000000000000000000000000", {"hex": "8FB680" + "00" * 13}, OWN),
        Vector("FF" * 16, {"hex": None}, OWN),
    )


class EfCpbcch(HexFile):
    """Frequencies of packet channels."""

    name = "EF.CPBCCH"
    title = "frequencies of packet channels"
    source = "TS 51.011 10.3.38, TS 31.102 4.4.3.3 (unread)"
    fid = 0x6F63
    structure = "transparent"
    parents = (GSM,)
    vectors = (Vector("0102", {"hex": "0102"}, OWN), Vector("FFFF", {"hex": None}, OWN))


class EfCpbcchOfUsim(EfCpbcch):
    """The same file of a USIM, under another identifier."""

    fid = 0x4F63
    parents = (_GSM_ACCESS,)


class EfInvScan(FlagsFile):
    """When a device looks on all frequencies for its network."""

    name = "EF.InvScan"
    title = "scan of all frequencies"
    source = "TS 51.011 10.3.39, TS 31.102 4.4.3.4 (unread)"
    fid = 0x6F64
    parents = (GSM,)
    flags = ("in_limited_service", "after_network_selection")
    vectors = (
        Vector("01", {"in_limited_service": True, "after_network_selection": False}, OWN),
        Vector("FF", {"in_limited_service": None, "after_network_selection": None}, OWN),
    )


class EfInvScanOfUsim(EfInvScan):
    """The same file of a USIM, under another identifier."""

    fid = 0x4F64
    parents = (_GSM_ACCESS,)


class EfCcp(HexFile):
    """Bearers of data calls, as the call control protocol writes them."""

    name = "EF.CCP"
    title = "bearers of data calls"
    source = "TS 51.011 10.5.4 (unread)"
    fid = 0x6F3D
    structure = "linear_fixed"
    parents = (TELECOM,)
    vectors = (Vector("0460", {"hex": "0460"}, OWN), Vector("FF" * 14, {"hex": None}, OWN))


class EfEccp(EfCcp):
    """Bearers of data calls, with room for more."""

    name = "EF.ECCP"
    title = "bearers of data calls, extended"
    source = "TS 51.011 10.5.16 (unread)"
    fid = 0x6F4F
