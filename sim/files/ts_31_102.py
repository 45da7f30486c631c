"""Who a USIM is and what it offers; the SIM has those files that it had first in the same form.

Source: 3GPP TS 31.102 clauses 4.2.1 (EF.LI), 4.2.2 (EF.IMSI), 4.2.6 (EF.HPPLMN), 4.2.8 (EF.UST),
4.2.10 and 4.2.11 (EF.GID1, EF.GID2), 4.2.12 (EF.SPN), 4.2.15 (EF.ACC), 4.2.18 (EF.AD), 4.2.21
(EF.ECC), 4.2.47 (EF.EST); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import GSM, ISIM, USIM
from sim.files.fields import bcd_to_number
from sim.files.shapes import OWN, HexFile, ServiceTable
from sim.files.text import alpha_to_text
from sim.files.ts_102_221 import LanguageList
from sim.identifiers import swap_nibbles


class ImsiValue(TypedDict):
    """The subscription's number."""

    imsi: str | None


class EfImsi(EfSpec[ImsiValue]):
    """The subscription's number: length, parity, digits."""

    name = "EF.IMSI"
    title = "subscription number"
    source = "TS 31.102 4.2.2, TS 51.011 10.3.2 (unread)"
    fid = 0x6F07
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("080910101032547698", {"imsi": "001010123456789"}, OWN),
        Vector("0801101010325476F8", {"imsi": "00101012345678"}, OWN + ", an even number"),
        Vector("FFFFFFFFFFFFFFFFFF", {"imsi": None}, OWN),
        Vector("08FFFFFFFFFFFFFFFF", {"imsi": None}, OWN + ", a length and nothing behind it"),
    )

    @classmethod
    def decode(cls, content: bytes) -> ImsiValue:
        """The digits that length and parity announce."""
        cls.need(content, 1)
        if is_blank(content):
            return {"imsi": None}
        length = content[0]
        if not 4 <= length <= 8:
            cls.fail(0, "length is not 4-8")
        cls.need(content, 1 + length)
        if is_blank(content[1:]):
            return {"imsi": None}
        if content[1] & 0xF not in {0x1, 0x9}:
            cls.fail(1, "no IMSI type and parity")
        nibbles = swap_nibbles(content[1 : 1 + length].hex().upper())
        odd = content[1] & 0xF == 0x9
        digits = nibbles[1:] if odd else nibbles[1:-1]
        for at, digit in enumerate(digits, start=1):
            if not digit.isdecimal():
                cls.fail(1 + at // 2, "no digit")
        if not odd and nibbles[-1] != "F":
            cls.fail(length, "an even number of digits ends with F")
        return {"imsi": digits}


_MODES = {
    0x00: "normal",
    0x01: "normal_and_specific_facilities",
    0x02: "maintenance_off_line",
    0x04: "cell_test",
    0x80: "type_approval",
    0x81: "type_approval_and_specific_facilities",
}


class AdValue(TypedDict):
    """`mnc_length` is 2 or 3, None where the card does not say."""

    ms_operation_mode: str | None
    mnc_length: int | None


class EfAd(EfSpec[AdValue]):
    """Administrative data: how the device is to work, how long the MNC is."""

    name = "EF.AD"
    title = "administrative data"
    source = "TS 31.102 4.2.18, TS 31.103 4.2.5, TS 51.011 10.3.18 (unread)"
    fid = 0x6FAD
    structure = "transparent"
    parents = (USIM, GSM, ISIM)
    vectors = (
        Vector("00000002", {"ms_operation_mode": "normal", "mnc_length": 2}, OWN),
        Vector("80000103", {"ms_operation_mode": "type_approval", "mnc_length": 3}, OWN),
        Vector("000000", {"ms_operation_mode": "normal", "mnc_length": None}, "an old card's form"),
        Vector("0000000F", {"ms_operation_mode": "normal", "mnc_length": None}, OWN),
        Vector("33000002", {"ms_operation_mode": "reserved", "mnc_length": 2}, OWN),
        Vector("FFFFFF", {"ms_operation_mode": None, "mnc_length": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> AdValue:
        """Three bytes, and a fourth with the MNC's length on all but old cards."""
        cls.need(content, 3)
        mode = None if content[0] == 0xFF else _MODES.get(content[0], "reserved")
        length = content[3] & 0xF if len(content) > 3 else 0
        return {"ms_operation_mode": mode, "mnc_length": length if length in {2, 3} else None}


class SpnValue(TypedDict):
    """The service provider's name, and where it is to be shown."""

    spn: str | None
    hide_in_oplmn: bool | None
    show_in_hplmn: bool | None


class EfSpn(EfSpec[SpnValue]):
    """The service provider's name.

    Bit 1 asks to show the network's name in the home network, bit 2 not to show the provider's
    elsewhere.
    """

    name = "EF.SPN"
    title = "service provider's name"
    source = "TS 31.102 4.2.12, TS 51.011 10.3.11 (unread)"
    fid = 0x6F46
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector(
            "0154657374204E6574FFFFFFFFFFFFFFFF",
            {"spn": "Test Net", "hide_in_oplmn": False, "show_in_hplmn": True},
            OWN,
        ),
        Vector(
            "02806D4B8BD5FFFFFFFFFFFFFFFFFFFFFF",
            {"spn": "测试", "hide_in_oplmn": True, "show_in_hplmn": False},
            OWN + ", UCS2",
        ),
        Vector(
            "00810308A0C161FFFFFFFFFFFFFFFFFFFF",
            {"spn": "\u0420\u0441a", "hide_in_oplmn": False, "show_in_hplmn": False},
            OWN + ", UCS2 over a half page",
        ),
        Vector(
            "0082034E00806141FFFFFFFFFFFFFFFFFF",
            {"spn": "\u4e00aA", "hide_in_oplmn": False, "show_in_hplmn": False},
            OWN + ", UCS2 over a base",
        ),
        Vector(
            "00FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            {"spn": None, "hide_in_oplmn": False, "show_in_hplmn": False},
            OWN,
        ),
        Vector(
            "FF" * 17, {"spn": None, "hide_in_oplmn": None, "show_in_hplmn": None}, OWN + ", unset"
        ),
    )

    @classmethod
    def decode(cls, content: bytes) -> SpnValue:
        """The name, and the two bits of the display condition."""
        cls.need(content, 2)
        if is_blank(content):
            return {"spn": None, "hide_in_oplmn": None, "show_in_hplmn": None}
        return {
            "spn": alpha_to_text(content[1:], cls.name, 1),
            "hide_in_oplmn": bool(content[0] & 0b10),
            "show_in_hplmn": bool(content[0] & 0b01),
        }


class EfUst(ServiceTable):
    """What the USIM offers."""

    name = "EF.UST"
    title = "services of the USIM"
    source = "TS 31.102 4.2.8 (unread)"
    fid = 0x6F38
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector("0281000001", {"services": [2, 9, 16, 33]}, OWN),
        Vector("0000", {"services": []}, OWN),
        Vector("FFFF", {"services": None}, OWN),
    )


class EfEst(ServiceTable):
    """Which of the USIM's services are switched on: 1 FDN, 2 BDN, 3 APN list."""

    name = "EF.EST"
    title = "services that are switched on"
    source = "TS 31.102 4.2.47 (unread)"
    fid = 0x6F56
    structure = "transparent"
    parents = (USIM,)
    vectors = (Vector("05", {"services": [1, 3]}, OWN), Vector("00", {"services": []}, OWN))


class AccValue(TypedDict):
    """Access classes that the card belongs to, 0-15."""

    classes: list[int] | None


class EfAcc(EfSpec[AccValue]):
    """Access control classes."""

    name = "EF.ACC"
    title = "access classes"
    source = "TS 31.102 4.2.15, TS 51.011 10.3.15 (unread)"
    fid = 0x6F78
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("0008", {"classes": [3]}, OWN),
        Vector("8801", {"classes": [0, 11, 15]}, OWN),
        Vector("0000", {"classes": []}, OWN),
        Vector("FFFF", {"classes": None}, OWN + ", never written: class 10 is on no card"),
    )

    @classmethod
    def decode(cls, content: bytes) -> AccValue:
        """One bit a class, 15 first."""
        cls.need(content, 2)
        if is_blank(content):
            return {"classes": None}
        bits = int.from_bytes(content[:2], "big")
        return {"classes": [number for number in range(16) if bits >> number & 1]}


class EfLi(LanguageList):
    """The subscriber's languages."""

    name = "EF.LI"
    title = "languages"
    source = "TS 31.102 4.2.1 (unread)"
    fid = 0x6F05
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector("656E7A68FFFF", {"languages": ["en", "zh"]}, OWN),
        Vector("FFFF", {"languages": []}, OWN),
    )


class EfGid1(HexFile):
    """Group identifier, level 1."""

    name = "EF.GID1"
    title = "group identifier 1"
    source = "TS 31.102 4.2.10, TS 51.011 10.3.9 (unread)"
    fid = 0x6F3E
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (Vector("0A1B", {"hex": "0A1B"}, OWN), Vector("FFFF", {"hex": None}, OWN))


class EfGid2(HexFile):
    """Group identifier, level 2."""

    name = "EF.GID2"
    title = "group identifier 2"
    source = "TS 31.102 4.2.11, TS 51.011 10.3.10 (unread)"
    fid = 0x6F3F
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (Vector("01", {"hex": "01"}, OWN), Vector("FF", {"hex": None}, OWN))


class HpplmnValue(TypedDict):
    """Minutes between two searches for a better network; 0: it does not search."""

    interval_minutes: int | None


class EfHpplmn(EfSpec[HpplmnValue]):
    """How often to look for a network of higher priority, in steps of 6 minutes (TS 22.011)."""

    name = "EF.HPPLMN"
    title = "search for better networks"
    source = "TS 31.102 4.2.6, TS 51.011 10.3.5 (unread)"
    fid = 0x6F31
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("05", {"interval_minutes": 30}, OWN),
        Vector("50", {"interval_minutes": 480}, OWN + ", the longest: 8 h"),
        Vector("00", {"interval_minutes": 0}, OWN),
        Vector("FF", {"interval_minutes": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> HpplmnValue:
        """One byte of six-minute steps."""
        cls.need(content, 1)
        return {"interval_minutes": None if content[0] == 0xFF else 6 * content[0]}


class EccValue(TypedDict):
    """One emergency number."""

    number: str | None


class EfEcc(EfSpec[EccValue]):
    """Emergency numbers of a USIM, one a record (the SIM's file has three bytes a number)."""

    name = "EF.ECC"
    title = "emergency numbers"
    source = "TS 31.102 4.2.21 (unread)"
    fid = 0x6FB7
    structure = "linear_fixed"
    parents = (USIM,)
    vectors = (
        Vector("11F2FF506F6C69636501", {"number": "112"}, OWN),
        Vector("FFFFFFFF00", {"number": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> EccValue:
        """The digits of the record's first three bytes."""
        cls.need(content, 3)
        return {"number": bcd_to_number(content[:3], cls.name, 0) or None}
