"""What a USIM says of 5G, beside where it was last (its keys are not read).

Source: 3GPP TS 31.102 clauses 4.4.11.7 (EF.UAC_AIC), 4.4.11.8 (EF.SUCI_Calc_Info), 4.4.11.10
(EF.SUPI_NAI), 4.4.11.11 (EF.Routing_Indicator); TS 24.501 clause 9.11.3.4 (protection schemes,
routing indicator); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import USIM
from sim.files.fields import bcd_to_number
from sim.files.shapes import OWN, Fields, FlagsFile, utf8
from sim.tlv import Tlv, read_tlvs

_FIVEGS = f"{USIM}/DF.5GS"


class EfUacAic(FlagsFile):
    """Access identities of 5G: who comes first when the network is full."""

    name = "EF.UAC_AIC"
    title = "5G access identities"
    source = "TS 31.102 4.4.11.7 (unread)"
    fid = 0x4F06
    parents = (_FIVEGS,)
    flags = ("multimedia_priority", "mission_critical")
    vectors = (
        Vector("03FFFFFF", {"multimedia_priority": True, "mission_critical": True}, OWN),
        Vector("00FFFFFF", {"multimedia_priority": False, "mission_critical": False}, OWN),
        Vector("FFFFFFFF", {"multimedia_priority": None, "mission_critical": None}, OWN),
    )


class Scheme(TypedDict):
    """How the subscription number is hidden, and with which of the keys (counted from 1)."""

    scheme: str
    key_index: int


class PublicKey(TypedDict):
    """A public key of the home network; `identifier` is what it is called in messages."""

    identifier: int
    key: str


class SuciValue(TypedDict):
    """Schemes in order of preference, and the public keys that they need."""

    schemes: list[Scheme]
    public_keys: list[PublicKey]


_SCHEMES = ("null", "profile_a", "profile_b")


class EfSuciCalcInfo(EfSpec[SuciValue]):
    """How to hide the subscription number; the keys are public ones of the network."""

    name = "EF.SUCI_Calc_Info"
    title = "how the number is hidden in 5G"
    source = "TS 31.102 4.4.11.8 (unread)"
    fid = 0x4F07
    structure = "transparent"
    parents = (_FIVEGS, f"{USIM}/DF.SAIP")
    vectors = (
        Vector(
            "A00401010000A10880010A8103A1B2C3",
            {
                "schemes": [
                    {"scheme": "profile_a", "key_index": 1},
                    {"scheme": "null", "key_index": 0},
                ],
                "public_keys": [{"identifier": 10, "key": "A1B2C3"}],
            },
            OWN,
        ),
        Vector("FFFFFF", {"schemes": [], "public_keys": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> SuciValue:
        """The two lists."""
        cls.need(content, 1)
        schemes: list[Scheme] = []
        keys: list[PublicKey] = []
        for tlv in read_tlvs(content, cls.name):
            if tlv.tag == 0xA0:
                schemes += cls._schemes(tlv)
            elif tlv.tag == 0xA1:
                keys += cls._keys(tlv)
        return {"schemes": schemes, "public_keys": keys}

    @classmethod
    def _schemes(cls, tlv: Tlv) -> list[Scheme]:
        if len(tlv.value) % 2:
            cls.fail(tlv.offset, "an entry has 2 bytes")
        found: list[Scheme] = []
        for at in range(0, len(tlv.value), 2):
            number, index = tlv.value[at : at + 2]
            word = _SCHEMES[number] if number < len(_SCHEMES) else "reserved"
            found.append({"scheme": word, "key_index": index})
        return found

    @classmethod
    def _keys(cls, tlv: Tlv) -> list[PublicKey]:
        found: list[PublicKey] = []
        identifier: int | None = None
        for inner in read_tlvs(tlv.value, cls.name, tlv.value_offset):
            if inner.tag == 0x80 and inner.value:
                identifier = int.from_bytes(inner.value, "big")
            elif inner.tag == 0x81:
                if identifier is None:
                    cls.fail(inner.offset, "a key without its identifier")
                found.append({"identifier": identifier, "key": inner.value.hex().upper()})
                identifier = None
        return found


class EfSupiNai(EfSpec[Fields]):
    """A subscription identity that is no number: of a private network, a line, a cable."""

    name = "EF.SUPI_NAI"
    title = "subscription identity that is no number"
    source = "TS 31.102 4.4.11.10 (unread)"
    fid = 0x4F09
    structure = "transparent"
    parents = (_FIVEGS,)
    vectors = (
        Vector(
            "8009" + b"user@test".hex() + "FFFF",
            {"network_specific": "user@test", "line": None, "cable": None},
            OWN,
        ),
        Vector("FFFFFF", {"network_specific": None, "line": None, "cable": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> Fields:
        """The text of each kind that is there."""
        cls.need(content, 1)
        names = {0x80: "network_specific", 0x81: "line", 0x82: "cable"}
        value: Fields = dict.fromkeys(names.values())
        for tlv in read_tlvs(content, cls.name):
            if tlv.tag in names:
                value[names[tlv.tag]] = utf8(cls, tlv)
        return value


class RoutingValue(TypedDict):
    """One to four digits."""

    routing_indicator: str | None


class EfRoutingIndicator(EfSpec[RoutingValue]):
    """Which part of the home network looks after the subscriber."""

    name = "EF.Routing_Indicator"
    title = "5G routing indicator"
    source = "TS 31.102 4.4.11.11 (unread)"
    fid = 0x4F0A
    structure = "transparent"
    parents = (_FIVEGS,)
    vectors = (
        Vector("1032FFFF", {"routing_indicator": "0123"}, OWN),
        Vector("F0FFFFFF", {"routing_indicator": "0"}, OWN),
        Vector("FFFFFFFF", {"routing_indicator": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> RoutingValue:
        """The digits of the first two bytes."""
        cls.need(content, 2)
        if is_blank(content[:2]):
            return {"routing_indicator": None}
        digits = bcd_to_number(content[:2], cls.name, 0)
        if not digits.isdecimal():
            cls.fail(0, "no digit")
        return {"routing_indicator": digits}
