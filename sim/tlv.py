"""BER-TLV. Source: ISO/IEC 8825-1 (unread)."""

from collections.abc import Iterator
from dataclasses import dataclass

from sim.errors import FileDecodeError

_MAX_LENGTH = 0xFFFF


@dataclass(frozen=True)
class Tlv:
    """One data object; `offset` is where its tag stands in the bytes that were read."""

    tag: int
    value: bytes
    offset: int
    value_offset: int


def read_tlvs(content: bytes, file: str = "TLV", base: int = 0) -> Iterator[Tlv]:
    """The data objects of `content`, one level; filler (FF or 00 where a tag belongs) is skipped.

    Raises:
        FileDecodeError: a tag or length that runs over the end; `base` is added to its offset.
    """
    at = 0
    while at < len(content):
        if content[at] in {0x00, 0xFF}:
            at += 1
            continue
        start = at
        tag, at = _tag(content, at, file, base)
        length, at = _length(content, at, file, base)
        if at + length > len(content):
            raise FileDecodeError(file, base + start, "data object runs over the end")
        yield Tlv(tag, content[at : at + length], base + start, base + at)
        at += length


def write_tlv(tag: int, value: bytes) -> bytes:
    """One data object in definite form, shortest length."""
    tag_bytes = tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big")
    if len(value) < 0x80:
        return tag_bytes + bytes((len(value),)) + value
    if len(value) > _MAX_LENGTH:
        raise ValueError(f"more than {_MAX_LENGTH} bytes")
    length = len(value).to_bytes(1 if len(value) <= 0xFF else 2, "big")
    return tag_bytes + bytes((0x80 | len(length),)) + length + value


def _tag(content: bytes, at: int, file: str, base: int) -> tuple[int, int]:
    start, tag = at, content[at]
    at += 1
    if tag & 0x1F == 0x1F:
        while True:
            if at >= len(content) or at - start > 3:
                raise FileDecodeError(file, base + start, "unfinished tag")
            tag = tag << 8 | content[at]
            at += 1
            if not content[at - 1] & 0x80:
                break
    return tag, at


def _length(content: bytes, at: int, file: str, base: int) -> tuple[int, int]:
    if at >= len(content):
        raise FileDecodeError(file, base + at, "no length")
    first = content[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 1 <= count <= 3 or at + 1 + count > len(content):
        raise FileDecodeError(file, base + at, "bad length")
    return int.from_bytes(content[at + 1 : at + 1 + count], "big"), at + 1 + count
