"""Files of the ISIM application: who the subscriber is in IMS.

Source: 3GPP TS 31.103 clauses 4.2.2 (EF.IMPI), 4.2.3 (EF.DOMAIN), 4.2.4 (EF.IMPU), 4.2.7 (EF.IST),
4.2.8 (EF.P-CSCF), 4.2.11 (EF.NAFKCA), 4.2.16 (EF.UICCIARI), 4.2.17 (EF.FromPreferred); TS 31.102
clauses 4.2.87, 4.2.95 and 4.2.97 to 4.2.99 (files of the same form in a USIM; the last read in
Release 17); unread where not said.
"""

from typing import Any, ClassVar, TypedDict

from sim.files.base import EfSpec, T, Vector
from sim.files.directories import ISIM, USIM
from sim.files.shapes import OWN, FlagsFile, ServiceTable, TextObject, object_80, utf8
from sim.files.text import alpha_to_text
from sim.tlv import Tlv, read_tlvs


class EfIst(ServiceTable):
    """What the ISIM offers."""

    name = "EF.IST"
    title = "services of the ISIM"
    source = "TS 31.103 4.2.7 (unread)"
    fid = 0x6F07
    parents = (ISIM,)
    vectors = (Vector("1902", {"services": [1, 4, 5, 10]}, OWN),)


class EfImpi(TextObject):
    """Private identity: with what the subscriber registers."""

    name = "EF.IMPI"
    title = "private IMS identity"
    source = "TS 31.103 4.2.2 (unread)"
    fid = 0x6F02
    structure = "transparent"
    parents = (ISIM,)
    field = "impi"
    vectors = (
        Vector("8009" + b"user@test".hex() + "FFFF", {"impi": "user@test"}, OWN),
        Vector("8000FFFF", {"impi": None}, OWN + ", an empty object"),
        Vector("FFFFFF", {"impi": None}, OWN),
    )


class EfDomain(TextObject):
    """The home network's name."""

    name = "EF.DOMAIN"
    title = "home network's domain"
    source = "TS 31.103 4.2.3 (unread)"
    fid = 0x6F03
    structure = "transparent"
    parents = (ISIM,)
    field = "domain"
    vectors = (
        Vector("8008" + b"ims.test".hex(), {"domain": "ims.test"}, OWN),
        Vector("FFFFFF", {"domain": None}, OWN),
    )


class EfImpu(TextObject):
    """Public identities: under what the subscriber is reached."""

    name = "EF.IMPU"
    title = "public IMS identities"
    source = "TS 31.103 4.2.4 (unread)"
    fid = 0x6F04
    structure = "linear_fixed"
    parents = (ISIM,)
    field = "impu"
    vectors = (
        Vector("800D" + b"sip:user@test".hex() + "FF", {"impu": "sip:user@test"}, OWN),
        Vector("8000FFFF", {"impu": None}, OWN + ", an empty object"),
        Vector("FFFFFF", {"impu": None}, OWN),
    )


class EfUiccIari(TextObject):
    """Applications that the card has in IMS."""

    name = "EF.UICCIARI"
    title = "IMS applications of the card"
    source = "TS 31.103 4.2.16, TS 31.102 4.2.95 (unread)"
    fid = 0x6FE7
    structure = "linear_fixed"
    parents = (ISIM, USIM)
    field = "iari"
    vectors = (
        Vector("8006" + b"urn:x1".hex(), {"iari": "urn:x1"}, OWN),
        Vector("FFFFFF", {"iari": None}, OWN),
    )


class EfNafkca(TextObject):
    """Where key centres are; no key."""

    name = "EF.NAFKCA"
    title = "addresses of key centres"
    source = "TS 31.103 4.2.11, TS 31.102 4.2.87 (unread)"
    fid = 0x6FDD
    structure = "linear_fixed"
    parents = (ISIM, USIM)
    field = "domain"
    vectors = (
        Vector("8008" + b"naf.test".hex(), {"domain": "naf.test"}, OWN),
        Vector("FFFFFF", {"domain": None}, OWN),
    )


class EfFromPreferred(FlagsFile):
    """Whether a call shows whom it says it is from."""

    name = "EF.FromPreferred"
    title = "caller shown as it says"
    source = "TS 31.103 4.2.17, TS 31.102 4.2.112 (unread)"
    fid = 0x6FF7
    parents = (ISIM, USIM)
    flags = ("from_preferred",)
    vectors = (
        Vector("01", {"from_preferred": True}, OWN),
        Vector("00", {"from_preferred": False}, OWN),
        Vector("FF", {"from_preferred": None}, OWN),
    )


class AddressValue(TypedDict):
    """An address: `kind` is `fqdn`, `ipv4`, `ipv6` or `reserved`."""

    kind: str | None
    address: str | None


def address_of(file: type[EfSpec[T]], tlv: Tlv) -> AddressValue:
    """A type, then a name or an IP address; both None where nothing is set."""
    if not tlv.value.strip(b"\xff"):
        return {"kind": None, "address": None}
    kind, value = tlv.value[0], tlv.value[1:]
    if kind == 0x00:
        return {"kind": "fqdn", "address": _name(file, tlv)}
    if kind == 0x01 and len(value) >= 4:
        return {"kind": "ipv4", "address": ".".join(map(str, value[:4]))}
    if kind == 0x02 and len(value) >= 16:
        groups = (value[at : at + 2].hex() for at in range(0, 16, 2))
        return {"kind": "ipv6", "address": ":".join(groups)}
    if kind in {0x01, 0x02}:
        return file.fail(tlv.value_offset, "an IP address is cut off")
    return {"kind": "reserved", "address": None}


def _name(file: type[EfSpec[T]], tlv: Tlv) -> str | None:
    rest = Tlv(tlv.tag, tlv.value[1:], tlv.offset, tlv.value_offset + 1)
    return utf8(file, rest)


class EfPcscf(EfSpec[AddressValue]):
    """Addresses of the proxies over which IMS is reached."""

    name = "EF.P-CSCF"
    title = "IMS proxies"
    source = "TS 31.103 4.2.8 (unread)"
    fid = 0x6F09
    structure = "linear_fixed"
    parents = (ISIM,)
    vectors = (
        Vector("800700" + b"p.test".hex(), {"kind": "fqdn", "address": "p.test"}, OWN),
        Vector("8005010A000001FF", {"kind": "ipv4", "address": "10.0.0.1"}, OWN),
        Vector(
            "801102FE80" + "00" * 13 + "01",
            {"kind": "ipv6", "address": "fe80:0000:0000:0000:0000:0000:0000:0001"},
            OWN,
        ),
        Vector("80FF", {"kind": None, "address": None}, OWN + ", a tag with nothing behind it"),
        Vector("FFFFFF", {"kind": None, "address": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> AddressValue:
        """The address of the record's object."""
        cls.need(content, 1)
        found = object_80(cls, content)
        return {"kind": None, "address": None} if found is None else address_of(cls, found)


class DialledUri(EfSpec[dict[str, Any]]):
    """A URI instead of a telephone number, and its name behind it."""

    structure = "linear_fixed"
    parents = (USIM,)
    personal: ClassVar[bool] = True
    vectors = (
        Vector(
            "8009" + b"sip:a@b.c".hex() + "4F7073FF",
            {"uri": "sip:a@b.c", "alpha": "Ops"},
            OWN,
        ),
        Vector("FFFFFF", {"uri": None, "alpha": None}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> dict[str, Any]:
        """The URI of the first object, then the name."""
        cls.need(content, 1)
        if not content.strip(b"\xff"):
            return {"uri": None, "alpha": None}
        first = next(read_tlvs(content, cls.name), None)
        if first is None or first.tag != 0x80:
            cls.fail(0, "the object with tag 80 is missing")
        end = first.value_offset + len(first.value)
        return {"uri": utf8(cls, first), "alpha": alpha_to_text(content[end:], cls.name, end)}


class EfFdnUri(DialledUri):
    """URIs that alone may be called."""

    name = "EF.FDNURI"
    title = "URIs that alone may be called"
    source = "TS 31.102 4.2.97 (unread)"
    fid = 0x6FED


class EfBdnUri(DialledUri):
    """URIs that may not be called."""

    name = "EF.BDNURI"
    title = "barred URIs"
    source = "TS 31.102 4.2.98 (unread)"
    fid = 0x6FEE


class EfSdnUri(DialledUri):
    """URIs of the operator's services."""

    name = "EF.SDNURI"
    title = "operator's service URIs"
    source = "TS 31.102 4.2.99 (read in Release 17)"
    fid = 0x6FEF
    personal = False
