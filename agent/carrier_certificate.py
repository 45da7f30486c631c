"""The carrier's own certificate of cancellation (电子注销证明), as evidence holds it: by its hash.

The carrier makes it, for accounting and audits (R-CE-01). It names the holder, so nothing of what
it says is kept (R-PD-07 asks for as little as possible): only which file it was, byte for byte, and
the number and date that the technician read on it. Whoever has the file can show later that it is
the one; whoever has not learns nothing from the evidence.
"""

import hashlib
import re
import stat
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from agent.errors import UsageError
from agent.i18n import mark
from cloud_bridge.evidence_entries import Json, When, was_answered, was_read

PATH: Final = "carrier_certificate"
NUMBER, DATE = "certificate.number", "certificate.date"
"""Also the ids of the questions to the operator."""
MAX_BYTES: Final = 32 * 1024 * 1024
"""A photograph or scan of a page or two; more is some other file."""

_HOW: Final = "SHA-256"
_UNKNOWN: Final = "application/octet-stream"
_OFD: Final = "application/ofd"
_ZIP: Final = b"PK\x03\x04"
# (offset, bytes, media type), as the formats begin.
_SIGNS: Final = (
    (0, b"%PDF-", "application/pdf"),  # ISO 32000-1, 7.5.2
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),  # RFC 2083, 3.1
    (0, b"\xff\xd8\xff", "image/jpeg"),  # ITU-T T.81, B.1.1.3: SOI and the next marker
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
)
_SHAPE: Final = re.compile(r"[^\s](?:.{0,62}[^\s])?")
_UNUSABLE = mark("{name}: cannot read {file}: {reason}")


class CarrierCertificate(NamedTuple):
    """Which file it is, and what people read on it."""

    sha256: str
    """64 hexadecimal digits."""
    size: int
    """In bytes."""
    media_type: str
    """By how it begins, whatever its name; `application/octet-stream` where that says nothing."""
    number: str | None = None
    """As printed; None where it has none."""
    date: str | None = None
    """Of the certificate, `2026-11-22`."""


def certificate_of(
    raw: bytes, number: str | None = None, issued: str | None = None
) -> CarrierCertificate:
    """What evidence may hold of the certificate whose bytes are `raw`. Pure.

    Raises:
        UsageError: an empty file; a number that is none (1 to 64 printable characters); a date that
            is no day of the calendar, written `2026-11-22`.
    """
    if not raw:
        raise UsageError("the carrier's certificate is an empty file")
    if number is not None and not (_SHAPE.fullmatch(number) and number.isprintable()):
        raise UsageError("the certificate's number: 1 to 64 characters, as printed on it")
    if issued is not None and not _is_day(issued):
        raise UsageError(
            "the certificate's date: {date} is no day, written 2026-11-22", date=issued
        )
    digest = hashlib.sha256(raw).hexdigest()
    return CarrierCertificate(digest, len(raw), media_type_of(raw), number, issued)


def media_type_of(raw: bytes) -> str:
    """By how a file begins. OFD (GB/T 33190) is a zip archive with a member OFD.xml in its root."""
    for offset, sign, name in _SIGNS:
        if raw[offset : offset + len(sign)] == sign:
            return name
    if raw.startswith(_ZIP):
        return _OFD if b"OFD.xml" in raw else "application/zip"
    return _UNKNOWN


def read_certificate(
    name: str, file: str, number: str | None = None, issued: str | None = None
) -> CarrierCertificate:
    """As `certificate_of`, from a file; `name` is the option that it was given with.

    Raises:
        UsageError: it cannot be read, is larger than 32 MiB, or as `certificate_of` says.
    """
    try:
        if not stat.S_ISREG(Path(file).stat().st_mode):
            raise UsageError(_UNUSABLE, name=name, file=file, reason=mark("not a file"))
        with Path(file).open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(_UNUSABLE, name=name, file=file, reason=error.strerror) from error
    if len(raw) > MAX_BYTES:
        raise UsageError(_UNUSABLE, name=name, file=file, reason=mark("longer than 32 MiB"))
    return certificate_of(raw, number, issued)


def certificate_bodies(certificate: CarrierCertificate, when: When, by: str) -> tuple[Json, ...]:
    """The entries of evidence: what was read from the file, and what `by` read on it. Pure."""
    value = {
        "sha256": certificate.sha256,
        "bytes": certificate.size,
        "media_type": certificate.media_type,
    }
    said = ((NUMBER, certificate.number), (DATE, certificate.date))
    return (
        was_read(when, PATH, value, _HOW),
        *(was_answered(when, name, text, by) for name, text in said if text is not None),
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
