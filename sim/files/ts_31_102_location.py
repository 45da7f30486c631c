"""Where a card last was: location areas, routing areas, tracking areas.

Sources: 3GPP TS 31.102 clauses 4.2.17 (EF.LOCI), 4.2.23 (EF.PSLOCI), 4.2.91 (EF.EPSLOCI), 4.4.11.2
and 4.4.11.3 (EF.5GS3GPPLOCI, EF.5GSN3GPPLOCI); TS 51.011 clause 10.3.33 (EF.LOCIGPRS); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector
from sim.files.directories import GSM, USIM
from sim.files.fields import PlmnValue, area_code, hex_or_none, plmn, update_status
from sim.files.shapes import OWN

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
    title = "last location area"
    source = "TS 31.102 4.2.17, TS 51.011 10.3.17 (unread)"
    fid = 0x6F7E
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector(
            "12AB34CD00F1101F2EFF00",
            {
                "tmsi": "12AB34CD",
                "lai": {"mcc": "001", "mnc": "01", "lac": "1F2E"},
                "status": "updated",
            },
            OWN,
        ),
        Vector(
            "FFFFFFFF001100FFFEFF03",
            {
                "tmsi": None,
                "lai": {"mcc": "001", "mnc": "001", "lac": None},
                "status": "location_area_not_allowed",
            },
            OWN + ", MNC of three digits, no area",
        ),
        Vector(
            "FFFFFFFFFFFFFF0000FF01",
            {"tmsi": None, "lai": {"mcc": None, "mnc": None, "lac": None}, "status": "not_updated"},
            OWN + ", a new card",
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
    title = "last routing area"
    source = "TS 31.102 4.2.23 (unread)"
    fid = 0x6F73
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector(
            "C2AB34CD0A0B0C00F1101F2E0500",
            {
                "ptmsi": "C2AB34CD",
                "ptmsi_signature": "0A0B0C",
                "rai": {"mcc": "001", "mnc": "01", "lac": "1F2E", "rac": "05"},
                "status": "updated",
            },
            OWN,
        ),
        Vector(
            "FFFFFFFFFFFFFFFFFFFF0000FF01",
            {
                "ptmsi": None,
                "ptmsi_signature": None,
                "rai": {"mcc": None, "mnc": None, "lac": None, "rac": None},
                "status": "not_updated",
            },
            OWN + ", a new card",
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
    title = "last tracking area"
    source = "TS 31.102 4.2.91 (unread)"
    fid = 0x6FE3
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector(
            "0BF600F110800101C2AB34CD00F1104A5B00",
            {
                "guti": "0BF600F110800101C2AB34CD",
                "tai": {"mcc": "001", "mnc": "01", "tac": "4A5B"},
                "status": "updated",
            },
            OWN,
        ),
        Vector(
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000001",
            {"guti": None, "tai": {"mcc": None, "mnc": None, "tac": None}, "status": "not_updated"},
            OWN + ", a new card",
        ),
        Vector(
            "FFFFFFFFFFFFFFFFFFFFFFFF00F110FFFE02",
            {
                "guti": None,
                "tai": {"mcc": "001", "mnc": "01", "tac": None},
                "status": "roaming_not_allowed",
            },
            OWN,
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


class EfLociGprs(EfPsloci):
    """Last routing area, as a SIM keeps it."""

    name = "EF.LOCIGPRS"
    title = "last routing area"
    source = "TS 51.011 10.3.33 (unread)"
    fid = 0x6F53
    parents = (GSM,)


class FivegsLociValue(TypedDict):
    """Where the card last was in 5G; `guti` is the whole field, in hexadecimal."""

    guti: str | None
    tai: TaiValue
    status: str | None


class FivegsLoci(EfSpec[FivegsLociValue]):
    """Last 5G tracking area, whose code has three bytes."""

    structure = "transparent"
    parents = (f"{USIM}/DF.5GS",)
    vectors = (
        Vector(
            "0BF200F110800101C2AB34CDFF" + "00F110004A5B" + "00",
            {
                "guti": "0BF200F110800101C2AB34CDFF",
                "tai": {"mcc": "001", "mnc": "01", "tac": "004A5B"},
                "status": "updated",
            },
            OWN,
        ),
        Vector(
            "FF" * 19 + "01",
            {"guti": None, "tai": {"mcc": None, "mnc": None, "tac": None}, "status": "not_updated"},
            OWN + ", a new card",
        ),
        Vector(
            "FF" * 13 + "00F110FFFFFE" + "02",
            {
                "guti": None,
                "tai": {"mcc": "001", "mnc": "01", "tac": None},
                "status": "roaming_not_allowed",
            },
            OWN,
        ),
    )

    @classmethod
    def decode(cls, content: bytes) -> FivegsLociValue:
        """GUTI, area, status."""
        cls.need(content, 20)
        tac = content[16:19].hex().upper()
        return {
            "guti": hex_or_none(content[:13]),
            "tai": {
                **plmn(content[13:16], cls.name, 13),
                "tac": None if tac in {"000000", "FFFFFE", "FFFFFF"} else tac,
            },
            "status": update_status(content[19], _EPSLOCI_STATUS),
        }


class Ef5gs3gppLoci(FivegsLoci):
    """Where the card last was in 5G."""

    name = "EF.5GS3GPPLOCI"
    title = "last 5G tracking area"
    source = "TS 31.102 4.4.11.2 (unread)"
    fid = 0x4F01


class Ef5gsN3gppLoci(FivegsLoci):
    """Where the card last was in 5G over another access than 3GPP's."""

    name = "EF.5GSN3GPPLOCI"
    title = "last 5G tracking area, other access"
    source = "TS 31.102 4.4.11.3 (unread)"
    fid = 0x4F02
