"""From when to when a certificate counts, from its bytes; Python's `ssl` tells it of CAs alone.

Source: RFC 5280 clause 4.1 (Certificate, TBSCertificate, Validity), ITU-T X.690 (unread).
"""

import ssl
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sim.errors import FileDecodeError
from sim.tlv import Tlv, read_tlvs

_END: Final = "-----END CERTIFICATE-----"
_VERSION, _UTC_TIME, _GENERALIZED_TIME = 0xA0, 0x17, 0x18


class Validity(NamedTuple):
    """Both ends, UTC."""

    not_before: datetime
    not_after: datetime


def validities(pem: str) -> list[Validity]:
    """Of each certificate in a PEM text, in its order.

    Raises:
        ValueError: what stands there is no certificate.
    """
    blocks = [block for block in pem.split(_END) if "-----BEGIN CERTIFICATE-----" in block]
    return [
        validity(ssl.PEM_cert_to_DER_cert(block[block.index("-----BEGIN") :] + _END + "\n"))
        for block in blocks
    ]


def validity(der: bytes) -> Validity:
    """Of one certificate.

    Raises:
        ValueError: it is none.
    """
    try:
        (certificate,) = _inside(der)
        fields = _inside(_inside(certificate.value)[0].value)
        # Only version 1, long out of use, comes without the first field.
        at = 4 if fields[0].tag == _VERSION else 3
        start, end = _inside(fields[at].value)
        return Validity(_time(start), _time(end))
    except (FileDecodeError, IndexError) as error:
        raise ValueError("no certificate") from error


def _inside(content: bytes) -> list[Tlv]:
    return list(read_tlvs(content, "certificate"))


def _time(field: Tlv) -> datetime:
    text = field.value.decode("ascii")
    if field.tag == _UTC_TIME:  # RFC 5280 4.1.2.5.1: years from 50 on are of the last century
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif field.tag != _GENERALIZED_TIME:
        raise ValueError("no time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
