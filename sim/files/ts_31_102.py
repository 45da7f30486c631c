"""Files of the USIM application; the SIM has those that it had first in the same form.

Source: 3GPP TS 31.102 clauses 4.2.1 (EF.LI), 4.2.2 (EF.IMSI), 4.2.5 (EF.PLMNwAcT), 4.2.6
(EF.HPPLMN), 4.2.8 (EF.UST), 4.2.10 and 4.2.11 (EF.GID1, EF.GID2), 4.2.12 (EF.SPN), 4.2.15
(EF.ACC), 4.2.16 (EF.FPLMN), 4.2.17 (EF.LOCI), 4.2.18 (EF.AD), 4.2.21 (EF.ECC), 4.2.23
(EF.PSLOCI), 4.2.47 (EF.EST), 4.2.53 (EF.OPLMNwAcT), 4.2.54 (EF.HPLMNwAcT), 4.2.58 (EF.PNN),
4.2.59 (EF.OPL), 4.2.91 (EF.EPSLOCI); TS 31.103 clause 4.2.7 (EF.IST); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, T, Vector, is_blank
from sim.files.fields import (
    PlmnValue,
    area_code,
    bcd_to_number,
    hex_or_none,
    plmn,
    services,
    update_status,
)
from sim.files.text import alpha_to_text, septets_to_text, unpack_septets
from sim.files.ts_102_221 import LanguageList
from sim.identifiers import swap_nibbles
from sim.tlv import Tlv, read_tlvs

_OWN = "own numbers, encoded by hand after the clause"
_BOTH = ("MF/ADF.USIM", "MF/DF.GSM")
_USIM = ("MF/ADF.USIM",)


class ImsiValue(TypedDict):
    """The subscription's number."""

    imsi: str | None


class EfImsi(EfSpec[ImsiValue]):
    """The subscription's number: length, parity, digits."""

    name = "EF.IMSI"
    fid = 0x6F07
    structure = "transparent"
    parents = _BOTH
    vectors = (
        Vector("080910101032547698", {"imsi": "001010123456789"}, _OWN),
        Vector("0801101010325476F8", {"imsi": "00101012345678"}, _OWN + ", an even number"),
        Vector("FFFFFFFFFFFFFFFFFF", {"imsi": None}, _OWN),
        Vector("08FFFFFFFFFFFFFFFF", {"imsi": None}, _OWN + ", a length and nothing behind it"),
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


_LOCI_STATUS = {
    0: "updated",
    1: "not_updated",
    2: "plmn_not_allowed",
    3: "location_area_not_allowed",
}
_PSLOCI_STATUS = {
    0: "updated",
    1: "not_updated",
    2: "plmn_not_allowed",
    3: "routing_area_not_allowed",
}
_EPSLOCI_STATUS = {0: "updated", 1: "not_updated", 2: "roaming_not_allowed"}
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
    fid = 0x6FAD
    structure = "transparent"
    parents = (*_BOTH, "MF/ADF.ISIM")
    vectors = (
        Vector("00000002", {"ms_operation_mode": "normal", "mnc_length": 2}, _OWN),
        Vector("80000103", {"ms_operation_mode": "type_approval", "mnc_length": 3}, _OWN),
        Vector("000000", {"ms_operation_mode": "normal", "mnc_length": None}, "an old card's form"),
        Vector("0000000F", {"ms_operation_mode": "normal", "mnc_length": None}, _OWN),
        Vector("33000002", {"ms_operation_mode": "reserved", "mnc_length": 2}, _OWN),
        Vector("FFFFFF", {"ms_operation_mode": None, "mnc_length": None}, _OWN),
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
    fid = 0x6F46
    structure = "transparent"
    parents = _BOTH
    vectors = (
        Vector(
            "0154657374204E6574FFFFFFFFFFFFFFFF",
            {"spn": "Test Net", "hide_in_oplmn": False, "show_in_hplmn": True},
            _OWN,
        ),
        Vector(
            "02806D4B8BD5FFFFFFFFFFFFFFFFFFFFFF",
            {"spn": "测试", "hide_in_oplmn": True, "show_in_hplmn": False},
            _OWN + ", UCS2",
        ),
        Vector(
            "00810308A0C161FFFFFFFFFFFFFFFFFFFF",
            {"spn": "\u0420\u0441a", "hide_in_oplmn": False, "show_in_hplmn": False},
            _OWN + ", UCS2 over a half page",
        ),
        Vector(
            "0082034E00806141FFFFFFFFFFFFFFFFFF",
            {"spn": "\u4e00aA", "hide_in_oplmn": False, "show_in_hplmn": False},
            _OWN + ", UCS2 over a base",
        ),
        Vector(
            "00FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            {"spn": None, "hide_in_oplmn": False, "show_in_hplmn": False},
            _OWN,
        ),
        Vector(
            "FF" * 17, {"spn": None, "hide_in_oplmn": None, "show_in_hplmn": None}, _OWN + ", unset"
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


class ServicesValue(TypedDict):
    """The numbers of the services that are available, rising."""

    services: list[int] | None


class ServiceTable(EfSpec[ServicesValue]):
    """A table with one bit a service."""

    @classmethod
    def decode(cls, content: bytes) -> ServicesValue:
        """The services whose bit is set; how long the table is, is the card's choice."""
        cls.need(content, 1)
        return {"services": services(content)}


class EfUst(ServiceTable):
    """What the USIM offers."""

    name = "EF.UST"
    fid = 0x6F38
    structure = "transparent"
    parents = _USIM
    vectors = (
        Vector("0281000001", {"services": [2, 9, 16, 33]}, _OWN),
        Vector("0000", {"services": []}, _OWN),
        Vector("FFFF", {"services": None}, _OWN),
    )


class EfEst(ServiceTable):
    """Which of the USIM's services are switched on: 1 FDN, 2 BDN, 3 APN list."""

    name = "EF.EST"
    fid = 0x6F56
    structure = "transparent"
    parents = _USIM
    vectors = (Vector("05", {"services": [1, 3]}, _OWN), Vector("00", {"services": []}, _OWN))


class EfIst(ServiceTable):
    """What the ISIM offers."""

    name = "EF.IST"
    fid = 0x6F07
    structure = "transparent"
    parents = ("MF/ADF.ISIM",)
    vectors = (Vector("1902", {"services": [1, 4, 5, 10]}, _OWN),)


class LaiValue(PlmnValue):
    """A location area; `lac` in hexadecimal, None where there is no valid one."""

    lac: str | None


class LociValue(TypedDict):
    """Where the card last was in the circuit-switched domain."""

    tmsi: str | None
    lai: LaiValue
    status: str | None


class EfLoci(EfSpec[LociValue]):
    """Last location area."""

    name = "EF.LOCI"
    fid = 0x6F7E
    structure = "transparent"
    parents = _BOTH
    vectors = (
        Vector(
            "12AB34CD00F1101F2EFF00",
            {
                "tmsi": "12AB34CD",
                "lai": {"mcc": "001", "mnc": "01", "lac": "1F2E"},
                "status": "updated",
            },
            _OWN,
        ),
        Vector(
            "FFFFFFFF001100FFFEFF03",
            {
                "tmsi": None,
                "lai": {"mcc": "001", "mnc": "001", "lac": None},
                "status": "location_area_not_allowed",
            },
            _OWN + ", MNC of three digits, no area",
        ),
        Vector(
            "FFFFFFFFFFFFFF0000FF01",
            {"tmsi": None, "lai": {"mcc": None, "mnc": None, "lac": None}, "status": "not_updated"},
            _OWN + ", a new card",
        ),
    )

    @classmethod
    def decode(cls, content: bytes) -> LociValue:
        """TMSI, area, a byte not used any more, status."""
        cls.need(content, 11)
        return {
            "tmsi": hex_or_none(content[:4]),
            "lai": {**plmn(content[4:7], cls.name, 4), "lac": area_code(content[7:9])},
            "status": update_status(content[10], _LOCI_STATUS),
        }


class RaiValue(LaiValue):
    """A routing area; `rac` in hexadecimal."""

    rac: str | None


class PslociValue(TypedDict):
    """Where the card last was in the packet-switched domain."""

    ptmsi: str | None
    ptmsi_signature: str | None
    rai: RaiValue
    status: str | None


class EfPsloci(EfSpec[PslociValue]):
    """Last routing area."""

    name = "EF.PSLOCI"
    fid = 0x6F73
    structure = "transparent"
    parents = _USIM
    vectors = (
        Vector(
            "C2AB34CD0A0B0C00F1101F2E0500",
            {
                "ptmsi": "C2AB34CD",
                "ptmsi_signature": "0A0B0C",
                "rai": {"mcc": "001", "mnc": "01", "lac": "1F2E", "rac": "05"},
                "status": "updated",
            },
            _OWN,
        ),
        Vector(
            "FFFFFFFFFFFFFFFFFFFF0000FF01",
            {
                "ptmsi": None,
                "ptmsi_signature": None,
                "rai": {"mcc": None, "mnc": None, "lac": None, "rac": None},
                "status": "not_updated",
            },
            _OWN + ", a new card",
        ),
    )

    @classmethod
    def decode(cls, content: bytes) -> PslociValue:
        """P-TMSI, its signature, area, status."""
        cls.need(content, 14)
        return {
            "ptmsi": hex_or_none(content[:4]),
            "ptmsi_signature": hex_or_none(content[4:7]),
            "rai": {
                **plmn(content[7:10], cls.name, 7),
                "lac": area_code(content[10:12]),
                "rac": hex_or_none(content[12:13]),
            },
            "status": update_status(content[13], _PSLOCI_STATUS),
        }


class TaiValue(PlmnValue):
    """A tracking area; `tac` in hexadecimal, None where there is no valid one."""

    tac: str | None


class EpslociValue(TypedDict):
    """Where the card last was in LTE; `guti` is the whole field, in hexadecimal."""

    guti: str | None
    tai: TaiValue
    status: str | None


class EfEpsloci(EfSpec[EpslociValue]):
    """Last tracking area."""

    name = "EF.EPSLOCI"
    fid = 0x6FE3
    structure = "transparent"
    parents = _USIM
    vectors = (
        Vector(
            "0BF600F110800101C2AB34CD00F1104A5B00",
            {
                "guti": "0BF600F110800101C2AB34CD",
                "tai": {"mcc": "001", "mnc": "01", "tac": "4A5B"},
                "status": "updated",
            },
            _OWN,
        ),
        Vector(
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000001",
            {"guti": None, "tai": {"mcc": None, "mnc": None, "tac": None}, "status": "not_updated"},
            _OWN + ", a new card",
        ),
        Vector(
            "FFFFFFFFFFFFFFFFFFFFFFFF00F110FFFE02",
            {
                "guti": None,
                "tai": {"mcc": "001", "mnc": "01", "tac": None},
                "status": "roaming_not_allowed",
            },
            _OWN,
        ),
    )

    @classmethod
    def decode(cls, content: bytes) -> EpslociValue:
        """GUTI, area, status."""
        cls.need(content, 18)
        return {
            "guti": hex_or_none(content[:12]),
            "tai": {**plmn(content[12:15], cls.name, 12), "tac": area_code(content[15:17])},
            "status": update_status(content[17], _EPSLOCI_STATUS),
        }


class FplmnValue(TypedDict):
    """Networks that refused the card for good; the oldest first."""

    plmns: list[PlmnValue]


class EfFplmn(EfSpec[FplmnValue]):
    """Forbidden networks."""

    name = "EF.FPLMN"
    fid = 0x6F7B
    structure = "transparent"
    parents = _BOTH
    vectors = (
        Vector(
            "00F110FFFFFF001100FFFFFF",
            {"plmns": [{"mcc": "001", "mnc": "01"}, {"mcc": "001", "mnc": "001"}]},
            _OWN,
        ),
        Vector("FFFFFFFFFFFFFFFFFFFFFFFF", {"plmns": []}, _OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> FplmnValue:
        """The networks of the slots that are used."""
        networks = [plmn(slot, cls.name, at) for at, slot in _slots(cls, content, 3)]
        return {"plmns": [network for network in networks if network["mcc"] is not None]}


class AccValue(TypedDict):
    """Access classes that the card belongs to, 0-15."""

    classes: list[int] | None


class EfAcc(EfSpec[AccValue]):
    """Access control classes."""

    name = "EF.ACC"
    fid = 0x6F78
    structure = "transparent"
    parents = _BOTH
    vectors = (
        Vector("0008", {"classes": [3]}, _OWN),
        Vector("8801", {"classes": [0, 11, 15]}, _OWN),
        Vector("0000", {"classes": []}, _OWN),
        Vector("FFFF", {"classes": None}, _OWN + ", never written: class 10 is on no card"),
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
    fid = 0x6F05
    structure = "transparent"
    parents = _USIM
    vectors = (
        Vector("656E7A68FFFF", {"languages": ["en", "zh"]}, _OWN),
        Vector("FFFF", {"languages": []}, _OWN),
    )


class PlmnWithAct(PlmnValue):
    """A network, and on which technologies it is wanted."""

    act: list[str]


class PlmnActValue(TypedDict):
    """Networks in order of preference."""

    entries: list[PlmnWithAct]


# Words as in +COPS where it has one. E-UTRAN and GSM are refined by bits of their own below.
_ACT_BITS = (
    (0x8000, "utran"),
    (0x0800, "ngran"),
    (0x0040, "gsm_compact"),
    (0x0020, "cdma2000_hrpd"),
    (0x0010, "cdma2000_1xrtt"),
)
_EUTRAN = {0x4: ("lte", "nb_iot"), 0x5: ("nb_iot",), 0x6: ("lte",), 0x7: ("lte", "nb_iot")}
_GSM = {
    0x80: ("gsm", "ec_gsm_iot"),
    0x84: ("gsm",),
    0x88: ("ec_gsm_iot",),
    0x8C: ("gsm", "ec_gsm_iot"),
}


def act_words(bits: int) -> list[str]:
    """The technologies of an access technology identifier (TS 31.102 clause 4.2.5)."""
    words = [word for bit, word in _ACT_BITS if bits & bit]
    return [*words, *_EUTRAN.get(bits >> 12 & 0x7, ()), *_GSM.get(bits & 0x8C, ())]


class PlmnActList(EfSpec[PlmnActValue]):
    """A list of networks with technologies."""

    structure = "transparent"

    @classmethod
    def decode(cls, content: bytes) -> PlmnActValue:
        """The networks of the slots that are used."""
        entries: list[PlmnWithAct] = []
        for at, slot in _slots(cls, content, 5):
            network = plmn(slot[:3], cls.name, at)
            if network["mcc"] is not None:
                act = act_words(int.from_bytes(slot[3:], "big"))
                entries.append({**network, "act": act})
        return {"entries": entries}


_ACT_VECTORS = (
    Vector(
        "00F11040000011008080FFFFFF0000",
        {
            "entries": [
                {"mcc": "001", "mnc": "01", "act": ["lte", "nb_iot"]},
                {"mcc": "001", "mnc": "001", "act": ["utran", "gsm", "ec_gsm_iot"]},
            ]
        },
        _OWN,
    ),
    Vector(
        "00F1106884",
        {"entries": [{"mcc": "001", "mnc": "01", "act": ["ngran", "lte", "gsm"]}]},
        _OWN,
    ),
    Vector("FFFFFF0000FFFFFF0000", {"entries": []}, _OWN),
)


class EfPlmnWact(PlmnActList):
    """Networks that the user prefers."""

    name = "EF.PLMNwAcT"
    fid = 0x6F60
    parents = _BOTH
    vectors = _ACT_VECTORS


class EfOplmnWact(PlmnActList):
    """Networks that the operator prefers."""

    name = "EF.OPLMNwAcT"
    fid = 0x6F61
    parents = _BOTH
    vectors = _ACT_VECTORS


class EfHplmnWact(PlmnActList):
    """The home network's technologies, preferred first."""

    name = "EF.HPLMNwAcT"
    fid = 0x6F62
    parents = _BOTH
    vectors = _ACT_VECTORS


class GidValue(TypedDict):
    """A group identifier, whole, in hexadecimal."""

    hex: str | None


class GroupIdentifier(EfSpec[GidValue]):
    """What operators make of their cards' groups."""

    structure = "transparent"

    @classmethod
    def decode(cls, content: bytes) -> GidValue:
        """The bytes; their meaning is the operator's."""
        cls.need(content, 1)
        return {"hex": hex_or_none(content)}


class EfGid1(GroupIdentifier):
    """Group identifier, level 1."""

    name = "EF.GID1"
    fid = 0x6F3E
    parents = _BOTH
    vectors = (Vector("0A1B", {"hex": "0A1B"}, _OWN), Vector("FFFF", {"hex": None}, _OWN))


class EfGid2(GroupIdentifier):
    """Group identifier, level 2."""

    name = "EF.GID2"
    fid = 0x6F3F
    parents = _BOTH
    vectors = (Vector("01", {"hex": "01"}, _OWN), Vector("FF", {"hex": None}, _OWN))


class HpplmnValue(TypedDict):
    """Minutes between two searches for a better network; 0: it does not search."""

    interval_minutes: int | None


class EfHpplmn(EfSpec[HpplmnValue]):
    """How often to look for a network of higher priority, in steps of 6 minutes (TS 22.011)."""

    name = "EF.HPPLMN"
    fid = 0x6F31
    structure = "transparent"
    parents = _BOTH
    vectors = (
        Vector("05", {"interval_minutes": 30}, _OWN),
        Vector("50", {"interval_minutes": 480}, _OWN + ", the longest: 8 h"),
        Vector("00", {"interval_minutes": 0}, _OWN),
        Vector("FF", {"interval_minutes": None}, _OWN),
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
    fid = 0x6FB7
    structure = "linear_fixed"
    parents = _USIM
    vectors = (
        Vector("11F2FF506F6C69636501", {"number": "112"}, _OWN),
        Vector("FFFFFFFF00", {"number": None}, _OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> EccValue:
        """The digits of the record's first three bytes."""
        cls.need(content, 3)
        return {"number": bcd_to_number(content[:3], cls.name, 0) or None}


class PnnValue(TypedDict):
    """A network's names as the operator wants them shown."""

    full_name: str | None
    short_name: str | None


class EfPnn(EfSpec[PnnValue]):
    """Network names, one pair a record; the coding is that of TS 24.008 clause 10.5.3.5a."""

    name = "EF.PNN"
    fid = 0x6FC5
    structure = "linear_fixed"
    parents = _BOTH
    vectors = (
        Vector(
            "430584D4F29C0E450382412AFFFF",
            {"full_name": "Test", "short_name": "AT"},
            _OWN,
        ),
        Vector("4305906D4B8BD5FF", {"full_name": "测试", "short_name": None}, _OWN + ", UCS2"),
        Vector("FFFFFFFF", {"full_name": None, "short_name": None}, _OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> PnnValue:
        """Full and short name; additional information is left out."""
        cls.need(content, 1)
        names: dict[int, str | None] = {}
        if content[0] not in {0x43, 0xFF}:
            cls.fail(0, "a full network name comes first")
        for tlv in read_tlvs(content, cls.name):
            if tlv.tag in {0x43, 0x45}:
                names[tlv.tag] = cls._network_name(tlv)
        return {"full_name": names.get(0x43), "short_name": names.get(0x45)}

    @classmethod
    def _network_name(cls, tlv: Tlv) -> str | None:
        if not tlv.value:
            return None
        head, packed = tlv.value[0], tlv.value[1:]
        coding, spare = head >> 4 & 0b111, head & 0b111
        if coding == 0:
            return septets_to_text(unpack_septets(packed, (8 * len(packed) - spare) // 7)) or None
        if coding == 1:
            return alpha_to_text(b"\x80" + packed, cls.name, tlv.value_offset)
        return cls.fail(tlv.value_offset, "no coding of a network name")


class OplValue(TypedDict):
    """A range of areas of a network, and which record of EF.PNN names it (0: none does).

    A `D` in `mcc` or `mnc` stands for any digit.
    """

    mcc: str | None
    mnc: str | None
    lac_min: str | None
    lac_max: str | None
    pnn_record: int | None


class EfOpl(EfSpec[OplValue]):
    """Where which network name is to be shown."""

    name = "EF.OPL"
    fid = 0x6FC6
    structure = "linear_fixed"
    parents = _BOTH
    vectors = (
        Vector(
            "00F1100000FFFE01",
            {"mcc": "001", "mnc": "01", "lac_min": "0000", "lac_max": "FFFE", "pnn_record": 1},
            _OWN,
        ),
        Vector(
            "00F1D01000100000",
            {"mcc": "001", "mnc": "0D", "lac_min": "1000", "lac_max": "1000", "pnn_record": 0},
            _OWN + ", any second digit",
        ),
        Vector(
            "FFFFFFFFFFFFFFFF",
            {"mcc": None, "mnc": None, "lac_min": None, "lac_max": None, "pnn_record": None},
            _OWN,
        ),
    )

    @classmethod
    def decode(cls, content: bytes) -> OplValue:
        """Network, first and last area, record."""
        cls.need(content, 8)
        if is_blank(content[:8]):
            return {"mcc": None, "mnc": None, "lac_min": None, "lac_max": None, "pnn_record": None}
        network = _wild_plmn(cls, content[:3])
        return {
            **network,
            "lac_min": content[3:5].hex().upper(),
            "lac_max": content[5:7].hex().upper(),
            "pnn_record": None if content[7] == 0xFF else content[7],
        }


def _wild_plmn(file: type[EfSpec[OplValue]], content: bytes) -> PlmnValue:
    nibbles = swap_nibbles(content.hex().upper())
    mcc, mnc = nibbles[:3], nibbles[4:6] + nibbles[3].replace("F", "")
    if not (mcc + mnc).replace("D", "0").isdecimal():
        file.fail(0, "no digit of an MCC or MNC")
    return {"mcc": mcc, "mnc": mnc}


def _slots(file: type[EfSpec[T]], content: bytes, size: int) -> list[tuple[int, bytes]]:
    file.need(content, 1)
    slots = [(at, content[at : at + size]) for at in range(0, len(content), size)]
    if slots and len(slots[-1][1]) < size and not is_blank(slots[-1][1]):
        file.fail(slots[-1][0], f"an entry has {size} bytes")
    return [(at, slot) for at, slot in slots if not is_blank(slot) and len(slot) == size]
