"""How a card configures the device: allowed APNs, NAS behaviour, pairing.

Source: 3GPP TS 31.102 clauses 4.2.48 (EF.ACL), 4.2.51 (EF.START-HFN), 4.2.52 (EF.THRESHOLD), 4.2.57
(EF.NETPAR), 4.2.93 (EF.UFC, read in Release 18), 4.2.94 (EF.NASCONFIG, tags 80 to 89 read in
Release 17), 4.2.96 (EF.PWS), 4.2.101 and 4.2.102 (EF.IPS, EF.IPD, read in Release 17), 4.2.103 and
4.2.105 (ePDG, read in part); unread where not said.
"""

from typing import TypedDict

from sim.files.base import EfSpec, T, Vector, is_blank
from sim.files.directories import USIM
from sim.files.fields import bcd_to_number, record_number
from sim.files.shapes import OWN, Fields, FlagsFile, HexFile, NumberFile
from sim.files.ts_31_103 import AddressValue, address_of
from sim.tlv import read_tlvs


class AclValue(TypedDict):
    """APNs that alone may be used; an empty one stands for the network's own choice."""

    apns: list[str]


class EfAcl(EfSpec[AclValue]):
    """The APN control list; EF.EST says whether it is in force."""

    name = "EF.ACL"
    title = "APNs that alone may be used"
    source = "TS 31.102 4.2.48 (unread)"
    fid = 0x6F57
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector(
            "02" + "DD0C" + "03" + b"iot".hex() + "07" + b"example".hex() + "DD00" + "FFFF",
            {"apns": ["iot.example", ""]},
            OWN,
        ),
        Vector("00FFFFFF", {"apns": []}, OWN),
        Vector("FFFFFF", {"apns": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> AclValue:
        """As many names as the first byte says; labels are counted, not dotted."""
        cls.need(content, 1)
        if content[0] in {0x00, 0xFF}:
            return {"apns": []}
        objects = [tlv for tlv in read_tlvs(content[1:], cls.name, 1) if tlv.tag == 0xDD]
        if len(objects) < content[0]:
            cls.fail(0, "more names announced than there are")
        return {"apns": [_labels(cls, t.value, t.value_offset) for t in objects[: content[0]]]}


def _labels(file: type[EfSpec[T]], name: bytes, base: int) -> str:
    labels, at = [], 0
    while at < len(name):
        label = name[at + 1 : at + 1 + name[at]]
        if len(label) < name[at] or not label.isascii():
            file.fail(base + at, "no label of an APN")
        labels.append(label.decode("ascii"))
        at += 1 + name[at]
    return ".".join(labels)


_NAS_PARAMETERS = {
    0x80: "nas_signalling_priority",
    0x81: "nmo_i_behaviour",
    0x82: "attach_with_imsi",
    0x83: "minimum_periodic_search_timer",
    0x84: "extended_access_barring",
    0x85: "timer_t3245_behaviour",
    0x86: "override_nas_signalling_low_priority",
    0x87: "override_extended_access_barring",
    0x88: "fast_first_higher_priority_plmn_search",
    0x89: "eutra_disabling_allowed_for_emm_cause_15",
    0x8A: "sm_retry_wait_time",
    0x8B: "sm_retry_at_rat_change",
    0x8C: "default_dcn_id",
    0x8D: "exception_data_reporting_allowed",
}


class EfNasConfig(EfSpec[Fields]):
    """How the device is to behave towards the network; a parameter that is not there is None."""

    name = "EF.NASCONFIG"
    title = "behaviour towards the network"
    source = "TS 31.102 4.2.94 (tags 80 to 89 read)"
    fid = 0x6FE8
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector(
            "80010182010183010AFFFF",
            {
                **dict.fromkeys(_NAS_PARAMETERS.values()),
                "nas_signalling_priority": 1,
                "attach_with_imsi": 1,
                "minimum_periodic_search_timer": 10,
            },
            OWN,
        ),
        Vector("FFFFFF", dict.fromkeys(_NAS_PARAMETERS.values()), OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> Fields:
        """The number of each object."""
        cls.need(content, 1)
        value: Fields = dict.fromkeys(_NAS_PARAMETERS.values())
        for tlv in read_tlvs(content, cls.name):
            if tlv.tag in _NAS_PARAMETERS and tlv.value:
                value[_NAS_PARAMETERS[tlv.tag]] = int.from_bytes(tlv.value, "big")
        return value


class StartValue(TypedDict):
    """Where the counters of ciphering go on, for the two domains; no key."""

    cs: int | None
    ps: int | None


class EfStartHfn(EfSpec[StartValue]):
    """Where the counters of UMTS ciphering go on."""

    name = "EF.START-HFN"
    title = "counters of UMTS ciphering"
    source = "TS 31.102 4.2.51 (unread)"
    fid = 0x6F5B
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector("F00000000010", {"cs": 0xF00000, "ps": 16}, OWN),
        Vector("FFFFFFFFFFFF", {"cs": None, "ps": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> StartValue:
        """Three bytes each."""
        cls.need(content, 6)
        cs, ps = content[:3], content[3:6]
        return {
            "cs": None if is_blank(cs) else int.from_bytes(cs, "big"),
            "ps": None if is_blank(ps) else int.from_bytes(ps, "big"),
        }


class EfThreshold(NumberFile):
    """How far these counters may go."""

    name = "EF.THRESHOLD"
    title = "limit of UMTS ciphering counters"
    source = "TS 31.102 4.2.52 (unread)"
    fid = 0x6F5C
    structure = "transparent"
    parents = (USIM,)
    field = "limit"
    size = 3
    vectors = (Vector("000100", {"limit": 256}, OWN), Vector("FFFFFF", {"limit": None}, OWN))


class EfPws(FlagsFile):
    """Whether public warnings are to be ignored."""

    name = "EF.PWS"
    title = "public warnings"
    source = "TS 31.102 4.2.96 (unread)"
    fid = 0x6FEC
    parents = (USIM,)
    flags = ("ignored_at_home", "ignored_elsewhere")
    vectors = (
        Vector("02", {"ignored_at_home": False, "ignored_elsewhere": True}, OWN),
        Vector("FF", {"ignored_at_home": None, "ignored_elsewhere": None}, OWN),
    )


class EfUfc(HexFile):
    """Which toolkit functions are the modem's alone."""

    name = "EF.UFC"
    title = "toolkit functions of the modem alone"
    source = "TS 31.102 4.2.93 (read)"
    fid = 0x6FE6
    structure = "transparent"
    parents = (USIM,)
    vectors = (Vector("0102", {"hex": "0102"}, OWN), Vector("FFFF", {"hex": None}, OWN))


class EfNetpar(HexFile):
    """Cells and frequencies seen last."""

    name = "EF.NETPAR"
    title = "cells seen last"
    source = "TS 31.102 4.2.57 (unread)"
    fid = 0x6FC4
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector("A00480020102", {"hex": "A00480020102"}, OWN),
        Vector("FFFF", {"hex": None}, OWN),
    )


class PairingValue(TypedDict):
    """How the last check of the device went; `ipd_record` is the record of EF.IPD that names it."""

    paired: bool | None
    ipd_record: int | None


class EfIps(EfSpec[PairingValue]):
    """Whether the card took the device for the one that it belongs to, check by check."""

    name = "EF.IPS"
    title = "pairing with the device: checks"
    source = "TS 31.102 4.2.101 (read)"
    fid = 0x6FF1
    structure = "cyclic"
    parents = (USIM,)
    vectors = (
        Vector("4F4B01FF", {"paired": True, "ipd_record": 1}, OWN + ", OK"),
        Vector("4B4F02FF", {"paired": False, "ipd_record": 2}, OWN + ", KO"),
        Vector("FFFFFFFF", {"paired": None, "ipd_record": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> PairingValue:
        """Two letters and a record's number."""
        cls.need(content, 3)
        if is_blank(content[:2]):
            return {"paired": None, "ipd_record": record_number(content[2])}
        words = {b"OK": True, b"KO": False}
        if content[:2] not in words:
            cls.fail(0, "neither OK nor KO")
        return {"paired": words[content[:2]], "ipd_record": record_number(content[2])}


class DeviceValue(TypedDict):
    """A device's number, with or without the version of its software."""

    imei: str | None
    imeisv: str | None


class EfIpd(EfSpec[DeviceValue]):
    """Devices that the card was paired with."""

    name = "EF.IPD"
    title = "pairing with the device: IMEI"
    source = "TS 31.102 4.2.102 (read)"
    fid = 0x6FF2
    structure = "linear_fixed"
    parents = (USIM,)
    vectors = (
        Vector(
            "8008" + "53968330653408F9",
            {"imei": "356938035643809", "imeisv": None},
            OWN + ", the sample IMEI",
        ),
        Vector("FF" * 10, {"imei": None, "imeisv": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> DeviceValue:
        """The number of the record's object."""
        cls.need(content, 1)
        value: DeviceValue = {"imei": None, "imeisv": None}
        for tlv in read_tlvs(content, cls.name):
            if tlv.tag not in {0x80, 0x81} or not tlv.value:
                continue
            digits = bcd_to_number(tlv.value, cls.name, tlv.value_offset)
            if not digits.isdecimal():
                cls.fail(tlv.value_offset, "no digit")
            value["imei" if tlv.tag == 0x80 else "imeisv"] = digits
        return value


class AddressesValue(TypedDict):
    """Addresses in order of preference."""

    addresses: list[AddressValue]


class EfEpdgId(EfSpec[AddressesValue]):
    """Where the home network's door for WLAN is."""

    name = "EF.ePDGId"
    title = "home network's door for WLAN"
    source = "TS 31.102 4.2.103 (read in part)"
    fid = 0x6FF3
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector(
            "800700" + b"e.test".hex() + "8005010A000001FF",
            {
                "addresses": [
                    {"kind": "fqdn", "address": "e.test"},
                    {"kind": "ipv4", "address": "10.0.0.1"},
                ]
            },
            OWN,
        ),
        Vector("FFFFFF", {"addresses": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> AddressesValue:
        """The address of each object with tag 80."""
        cls.need(content, 1)
        found = [tlv for tlv in read_tlvs(content, cls.name) if tlv.tag == 0x80]
        return {"addresses": [address_of(cls, tlv) for tlv in found]}


class EfEpdgIdEm(EfEpdgId):
    """Where that door is for emergency calls."""

    name = "EF.ePDGIdEm"
    title = "home network's door for emergency calls over WLAN"
    source = "TS 31.102 4.2.105 (unread)"
    fid = 0x6FF5
