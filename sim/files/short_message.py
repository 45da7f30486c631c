"""A short message as a card stores it.

Sources: 3GPP TS 51.011 clause 10.5.3 (status), TS 23.040 clauses 9.2 (TPDU) and 9.2.3.24 (user
data header), TS 23.038 clause 4 (data coding); all unread.
"""

from typing import NamedTuple, TypedDict

from sim.errors import FileDecodeError
from sim.files.base import is_blank
from sim.files.fields import bcd_to_number, is_international, moment
from sim.files.text import septets_to_text, unpack_septets

_STATUS = {1: "received_read", 3: "received_unread", 5: "stored_sent", 7: "stored_unsent"}
_ALPHANUMERIC = 0b101
_SUBMIT, _REPORT = 0b01, 0b10
# Elements of a user data header.
_PART_OF_8_BITS, _PART_OF_16_BITS = 0x00, 0x08
_NATIONAL_TABLES = frozenset({0x24, 0x25})


class Message(TypedDict):
    """`pdu` is service centre and TPDU; `text` is None where it is binary or compressed."""

    status: str | None
    pdu: str | None
    address: str | None
    text: str | None


class Part(NamedTuple):
    """Which part of a longer message this is; parts with one reference belong together.

    A reference of 8 bits is never one of 16: `reference` is its hexadecimal digits.
    """

    reference: str
    total: int
    number: int


class ShortMessage(NamedTuple):
    """A message of one record.

    `kind` is `deliver`, `submit` or `status_report`; `smsc` the service centre's number, `sent_at`
    its time stamp. `units` are the characters before they become a text, without the header:
    septets of the default alphabet, or two bytes each; a character may be cut in two where a
    message is, so parts are joined before they are read. `alphabet` is `default`, `ucs2`, or
    `binary` where there is no text to be read.
    """

    status: str
    kind: str
    pdu: str
    smsc: str | None
    address: str | None
    sent_at: str | None = None
    alphabet: str = "binary"
    units: bytes = b""
    part: Part | None = None

    @property
    def text(self) -> str | None:
        """What is written; None where it is binary, compressed or a report."""
        return units_to_text(self.units, self.alphabet)


def units_to_text(units: bytes, alphabet: str) -> str | None:
    """The text of the characters of one message, or of its parts joined."""
    if alphabet == "default":
        return septets_to_text(units)
    if alphabet == "ucs2":
        return units.decode("utf-16-be", errors="replace")
    return None


def read_message(content: bytes, file: str) -> Message:
    """The message of one record, as `simward sim decode` has it.

    Raises:
        FileDecodeError: a message that runs over the record's end.
    """
    if is_blank(content):
        return {"status": None, "pdu": None, "address": None, "text": None}
    found = parse_message(content, file)
    if found is None:
        return {"status": "free", "pdu": None, "address": None, "text": None}
    return {
        "status": found.status,
        "pdu": found.pdu,
        "address": found.address,
        "text": found.text,
    }


def parse_message(content: bytes, file: str) -> ShortMessage | None:
    """The message of one record; None where the record is free.

    Raises:
        FileDecodeError: a message that runs over the record's end.
    """
    if is_blank(content) or not content[0] & 1:
        return None
    status = _STATUS[content[0] & 0b111]
    try:
        return _parse_stored(content, status, file)
    except IndexError as error:
        raise FileDecodeError(file, len(content), "the message is cut off") from error


def read_report(tpdu: bytes) -> str | None:
    """To whom the message went that a status report is about; None where that cannot be read."""
    if len(tpdu) < 4:
        return None
    digits, ton_npi = tpdu[2], tpdu[3]
    raw = tpdu[4 : 4 + (digits + 1) // 2]
    if digits > 20 or len(raw) < (digits + 1) // 2:
        return None
    try:
        return _address(raw, digits, ton_npi, "", 0)
    except FileDecodeError:
        return None


class _Header(NamedTuple):
    address: str | None
    coding: int
    sent_at: str | None
    at: int  # where the length of the user data stands


def _parse_stored(content: bytes, status: str, file: str) -> ShortMessage:
    first_at = 2 + content[1]
    smsc = _service_centre(content[1:first_at])
    first = content[first_at]
    if first & 0b10:  # a status report: its text is none of the subscriber's
        report = content[first_at:].rstrip(b"\xff")
        pdu = content[1:].rstrip(b"\xff").hex().upper()
        return ShortMessage(status, "status_report", pdu, smsc, read_report(report))
    submit = first & 0b11 == _SUBMIT
    header = _header(content, first_at, submit, file)
    alphabet = _alphabet(header.coding)
    count = content[header.at]
    length = (count * 7 + 7) // 8 if alphabet == "default" else count
    data = content[header.at + 1 : header.at + 1 + length]
    if len(data) < length:
        raise FileDecodeError(file, header.at, "more text announced than there is")
    udh = data[: data[0] + 1] if first & 0x40 and data else b""
    elements = _elements(udh)
    if not _NATIONAL_TABLES.isdisjoint(elements):
        alphabet = "binary"  # letters of a national table, which simward does not have
    return ShortMessage(
        status,
        "submit" if submit else "deliver",
        content[1 : header.at + 1 + length].hex().upper(),
        smsc,
        header.address,
        header.sent_at,
        alphabet,
        _units(data, count, len(udh), alphabet),
        _part(elements),
    )


def _service_centre(field: bytes) -> str | None:
    if len(field) < 3:
        return None
    try:
        number = bcd_to_number(field[2:], "", 0)
    except FileDecodeError:
        return None
    return ("+" if is_international(field[1]) else "") + number if number else None


def _header(content: bytes, first_at: int, submit: bool, file: str) -> _Header:
    at = first_at + (2 if submit else 1)
    digits, ton_npi = content[at], content[at + 1]
    if digits > 20:
        raise FileDecodeError(file, at, "an address has at most 20 digits")
    size = (digits + 1) // 2
    address = _address(content[at + 2 : at + 2 + size], digits, ton_npi, file, at + 2)
    at += 2 + size
    coding = content[at + 1]
    if not submit:
        return _Header(address, coding, _time_stamp(content[at + 2 : at + 9]), at + 2 + 7)
    validity = {0b00: 0, 0b10: 1}.get(content[first_at] >> 3 & 0b11, 7)
    return _Header(address, coding, None, at + 2 + validity)


def _time_stamp(raw: bytes) -> str | None:
    """The service centre's clock; one that shows no date costs nothing but itself."""
    try:
        return moment(raw, "", 0) if len(raw) == 7 else None
    except FileDecodeError:
        return None


def _address(raw: bytes, digits: int, ton_npi: int, file: str, base: int) -> str | None:
    if ton_npi >> 4 & 0b111 == _ALPHANUMERIC:
        return septets_to_text(unpack_septets(raw, digits * 4 // 7)) or None
    number = bcd_to_number(raw, file, base)
    return ("+" if is_international(ton_npi) else "") + number if number else None


def _alphabet(coding: int) -> str:
    group = coding >> 4
    if group == 0xF:
        return "binary" if coding & 0b100 else "default"
    if group in {0xC, 0xD, 0xE}:
        return "ucs2" if group == 0xE else "default"
    if group >= 0x8 or coding & 0x20:  # reserved, or compressed
        return "binary"
    return ("default", "binary", "ucs2", "default")[coding >> 2 & 0b11]


def _units(data: bytes, count: int, udh: int, alphabet: str) -> bytes:
    if alphabet == "default":
        skipped = (udh * 8 + 6) // 7
        return unpack_septets(data, count)[skipped:]
    return data[udh:] if alphabet == "ucs2" else b""


def _elements(udh: bytes) -> dict[int, bytes]:
    """The elements of a user data header; what runs over its end is left out."""
    found, at = {}, 1
    while at + 2 <= len(udh):
        value = udh[at + 2 : at + 2 + udh[at + 1]]
        if len(value) == udh[at + 1]:
            found[udh[at]] = value
        at += 2 + udh[at + 1]
    return found


def _part(elements: dict[int, bytes]) -> Part | None:
    for tag, size in ((_PART_OF_8_BITS, 3), (_PART_OF_16_BITS, 4)):
        value = elements.get(tag)
        if value is None or len(value) != size:
            continue
        reference, total, number = value[:-2].hex(), value[-2], value[-1]
        if 1 <= number <= total:
            return Part(reference, total, number)
    return None
