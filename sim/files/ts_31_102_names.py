"""How networks are to be called, and where the service provider's name is shown.

Sources: 3GPP TS 31.102 clauses 4.2.58 (EF.PNN), 4.2.59 (EF.OPL), 4.2.66 (EF.SPDI), 4.4.11.9
(EF.OPL5G); TS 24.008 clause 10.5.3.5a (coding of a name); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, T, Vector, is_blank
from sim.files.directories import GSM, USIM
from sim.files.fields import PlmnValue, plmn
from sim.files.shapes import OWN, PlmnsValue, slots
from sim.files.text import alpha_to_text, septets_to_text, unpack_septets
from sim.identifiers import swap_nibbles
from sim.tlv import Tlv, read_tlvs

_TEST_NETWORK: PlmnValue = {"mcc": "001", "mnc": "01"}
_LONG_NETWORK: PlmnValue = {"mcc": "001", "mnc": "001"}


class PnnValue(TypedDict):
    """A network's names as the operator wants them shown."""

    full_name: str | None
    short_name: str | None


class EfPnn(EfSpec[PnnValue]):
    """Network names, one pair a record; the coding is that of TS 24.008 clause 10.5.3.5a."""

    name = "EF.PNN"
    title = "network names"
    source = "TS 31.102 4.2.58, TS 51.011 10.3.41 (unread)"
    fid = 0x6FC5
    structure = "linear_fixed"
    parents = (USIM, GSM)
    vectors = (
        Vector(
            "430584D4F29C0E450382412AFFFF",
            {"full_name": "Test", "short_name": "AT"},
            OWN,
        ),
        Vector("4305906D4B8BD5FF", {"full_name": "测试", "short_name": None}, OWN + ", UCS2"),
        Vector("FFFFFFFF", {"full_name": None, "short_name": None}, OWN),
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
    title = "where which network name is shown"
    source = "TS 31.102 4.2.59, TS 51.011 10.3.42 (unread)"
    fid = 0x6FC6
    structure = "linear_fixed"
    parents = (USIM, GSM)
    vectors = (
        Vector(
            "00F1100000FFFE01",
            {"mcc": "001", "mnc": "01", "lac_min": "0000", "lac_max": "FFFE", "pnn_record": 1},
            OWN,
        ),
        Vector(
            "00F1D01000100000",
            {"mcc": "001", "mnc": "0D", "lac_min": "1000", "lac_max": "1000", "pnn_record": 0},
            OWN + ", any second digit",
        ),
        Vector(
            "FFFFFFFFFFFFFFFF",
            {"mcc": None, "mnc": None, "lac_min": None, "lac_max": None, "pnn_record": None},
            OWN,
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


def _wild_plmn(file: type[EfSpec[T]], content: bytes) -> PlmnValue:
    nibbles = swap_nibbles(content.hex().upper())
    mcc, mnc = nibbles[:3], nibbles[4:6] + nibbles[3].replace("F", "")
    if not (mcc + mnc).replace("D", "0").isdecimal():
        file.fail(0, "no digit of an MCC or MNC")
    return {"mcc": mcc, "mnc": mnc}


class Opl5gValue(TypedDict):
    """A range of 5G areas of a network, and which record of EF.PNN names it (0: none does).

    A `D` in `mcc` or `mnc` stands for any digit.
    """

    mcc: str | None
    mnc: str | None
    tac_min: str | None
    tac_max: str | None
    pnn_record: int | None


class EfOpl5g(EfSpec[Opl5gValue]):
    """Where which network name is to be shown in 5G."""

    name = "EF.OPL5G"
    title = "where which network name is shown in 5G"
    source = "TS 31.102 4.4.11.9 (unread)"
    fid = 0x4F08
    structure = "linear_fixed"
    parents = (f"{USIM}/DF.5GS",)
    vectors = (
        Vector(
            "00F110000000FFFFFE01",
            {"mcc": "001", "mnc": "01", "tac_min": "000000", "tac_max": "FFFFFE", "pnn_record": 1},
            OWN,
        ),
        Vector(
            "FF" * 10,
            {"mcc": None, "mnc": None, "tac_min": None, "tac_max": None, "pnn_record": None},
            OWN,
        ),
    )

    @classmethod
    def decode(cls, content: bytes) -> Opl5gValue:
        """Network, first and last area, record."""
        cls.need(content, 10)
        if is_blank(content[:10]):
            return {"mcc": None, "mnc": None, "tac_min": None, "tac_max": None, "pnn_record": None}
        return {
            **_wild_plmn(cls, content[:3]),
            "tac_min": content[3:6].hex().upper(),
            "tac_max": content[6:9].hex().upper(),
            "pnn_record": None if content[9] == 0xFF else content[9],
        }


class EfSpdi(EfSpec[PlmnsValue]):
    """Networks in which the service provider's name is shown."""

    name = "EF.SPDI"
    title = "networks under the provider's name"
    source = "TS 31.102 4.2.66, TS 51.011 10.3.50 (unread)"
    fid = 0x6FCD
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector("A308800600F110001100FFFF", {"plmns": [_TEST_NETWORK, _LONG_NETWORK]}, OWN),
        Vector("A305800300F110", {"plmns": [_TEST_NETWORK]}, OWN),
        Vector("FFFFFFFF", {"plmns": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> PlmnsValue:
        """The networks of the object with tag 80 inside the one with tag A3."""
        cls.need(content, 1)
        outer = next(read_tlvs(content, cls.name), None)
        if outer is None:
            return {"plmns": []}
        if outer.tag != 0xA3:
            cls.fail(outer.offset, "no display information")
        networks = [
            plmn(slot, cls.name, at)
            for inner in read_tlvs(outer.value, cls.name, outer.value_offset)
            if inner.tag == 0x80 and inner.value
            for at, slot in slots(cls, inner.value, 3, inner.value_offset)
        ]
        return {"plmns": [network for network in networks if network["mcc"] is not None]}
