"""A short message as a card stores it.

Sources: 3GPP TS 51.011 clause 10.5.3 (status), TS 23.040 clause 9.2 (TPDU), TS 23.038 clause 4
(data coding); all unread.
"""

from typing import NamedTuple, TypedDict

from sim.errors import FileDecodeError
from sim.files.base import is_blank
from sim.files.fields import bcd_to_number, is_international
from sim.files.text import septets_to_text, unpack_septets

_STATUS = {1: "received_read", 3: "received_unread", 5: "stored_sent", 7: "stored_unsent"}
_ALPHANUMERIC = 0b101


class Message(TypedDict):
    """`pdu` is service centre and TPDU; `text` is None where it is binary or compressed."""

    status: str | None
    pdu: str | None
    address: str | None
    text: str | None


class _Header(NamedTuple):
    address: str | None
    coding: int
    at: int  # where the length of the user data stands


def read_message(content: bytes, file: str) -> Message:
    """The message of one record.

    Raises:
        FileDecodeError: a message that runs over the record's end.
    """
    if is_blank(content):
        return {"status": None, "pdu": None, "address": None, "text": None}
    if not content[0] & 1:
        return {"status": "free", "pdu": None, "address": None, "text": None}
    status = _STATUS[content[0] & 0b111]
    try:
        return _read_stored(content, status, file)
    except IndexError as error:
        raise FileDecodeError(file, len(content), "the message is cut off") from error


def _read_stored(content: bytes, status: str, file: str) -> Message:
    smsc = content[1]
    first_at = 2 + smsc
    first = content[first_at]
    submit = first & 0b11 == 0b01
    if first & 0b11 > 0b01:  # a status report: its text is none of the subscriber's
        pdu = content[1:].rstrip(b"\xff").hex().upper()
        return {"status": status, "pdu": pdu, "address": None, "text": None}
    header = _header(content, first_at, submit, file)
    count = content[header.at]
    alphabet = _alphabet(header.coding)
    length = (count * 7 + 7) // 8 if alphabet == "default" else count
    data = content[header.at + 1 : header.at + 1 + length]
    if len(data) < length:
        raise FileDecodeError(file, header.at, "more text announced than there is")
    udh = data[0] + 1 if first & 0x40 and data else 0
    text = _text(data, count, udh, alphabet=alphabet, file=file, base=header.at + 1)
    pdu = content[1 : header.at + 1 + length].hex().upper()
    return {"status": status, "pdu": pdu, "address": header.address, "text": text}


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
        return _Header(address, coding, at + 2 + 7)
    validity = {0b00: 0, 0b10: 1}.get(content[first_at] >> 3 & 0b11, 7)
    return _Header(address, coding, at + 2 + validity)


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


def _text(data: bytes, count: int, udh: int, *, alphabet: str, file: str, base: int) -> str | None:
    if alphabet == "binary":
        return None
    if alphabet == "default":
        skipped = (udh * 8 + 6) // 7
        return septets_to_text(unpack_septets(data, count)[skipped:])
    try:
        return data[udh:].decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise FileDecodeError(file, base + udh + error.start, "no UCS2 character") from error
