"""Evidence as texts that fit QR codes, and back: for paper, screens and telephones. Pure.

A text is one part of one document, in capitals that QR codes hold densely (alphanumeric mode):

    SWE1:<document>:<n>/<m>:<payload>:

`document` is the first 8 hexadecimal digits of the SHA-256 of the file. The payload is CRC-32
(over `<document>:<n>/<m>:` and the bytes) and bytes, two of them in three digits to the base 41:
as dense as Base45 (RFC 9285), and without the characters of that set that get lost on the way (a
blank is stripped or doubled, `%` and `+` mean something in addresses, `:` ends the payload here).
So blanks and line breaks anywhere in a text mean nothing, and whatever stands around it neither.

The bytes of all parts together are zlib's, with a preset dictionary, of the canonical form of
`{"bodies", "head", "signature"}`: the hashes of the chain can be computed, so nobody has to carry
them. What comes out is the file itself, byte by byte: chain, signature and hash are proved before
it is handed over. Who signed is for `certificate verify --key` to say.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from cloud_bridge.certificate import MAX_EVIDENCE_BYTES, SCHEMA, verify
from cloud_bridge.errors import MessageError, reason
from cloud_bridge.evidence import Json, canonical, next_entry, start_of
from cloud_bridge.qr_dictionary import DICTIONARY
from cloud_bridge.signing import ALGORITHM

MAGIC: Final = "SWE1"
MAX_PARTS: Final = 999
LEAST_SIZE: Final = 64
"""A part of fewer characters is hardly more than its own heading."""

TOO_MANY_PARTS: Final = reason("more parts than 999: take larger ones")
DAMAGED: Final = reason("a part is damaged: scan it again")
FOREIGN_PART: Final = reason("a part of another document, or of the same one cut otherwise")
TWO_FOR_ONE: Final = reason("two parts of one number that differ")
INCOMPLETE: Final = reason("parts are missing")
NOT_WHAT_WAS_CUT: Final = reason("the parts fit together to another document than they say")

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*-./"
_BASE: Final = len(_DIGITS)
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}
_CRC_BYTES: Final = 4
# A heading with wide numbers, and the colon at the end.
_FRAME: Final = len(f"{MAGIC}:01234567:/::")
# At most what the largest QR code holds: a text without an end is not searched for one for ever.
_LONGEST: Final = 8000
_BEGIN: Final = re.compile(f"{MAGIC}:")
_PART: Final = re.compile(
    r"([0-9A-F]{8}):([1-9][0-9]{0,2})/([1-9][0-9]{0,2}):([0-9A-Z$*./-]+):",
    re.ASCII,
)


class Part(NamedTuple):
    """One of the texts that a document was cut into."""

    document: str
    """First 8 hexadecimal digits (capitals) of the SHA-256 of the file."""
    number: int
    """From 1."""
    total: int
    content: bytes


class Found(NamedTuple):
    """What a text holds: whole parts in their order there, and how many that are damaged."""

    parts: tuple[Part, ...]
    damaged: int


def name_of(raw: bytes) -> str:
    """What the parts of this file call it."""
    return hashlib.sha256(raw).hexdigest()[:8].upper()


def parts(raw: bytes, size: int) -> list[str]:
    """The texts of a file of evidence, each of at most `size` characters (at least 64).

    Raises:
        EvidenceError: it does not hold: nobody could put it together again.
        MessageError: it takes more than 999.
    """
    evidence = verify(raw)
    packed = _packed(
        {
            "bodies": list(evidence.bodies),
            "head": evidence.head,
            "signature": evidence.signature,
        }
    )
    total, document = _count(len(packed), max(size, LEAST_SIZE)), name_of(raw)
    # All of nearly one length: the last code is no other size than the first.
    cuts = [len(packed) * n // total for n in range(total + 1)]
    return [
        written(Part(document, n, total, packed[cuts[n - 1] : cuts[n]]))
        for n in range(1, total + 1)
    ]


def written(part: Part) -> str:
    """The text of one part."""
    heading = _heading(part.document, part.number, part.total)
    return f"{MAGIC}:{heading}{_to_digits(_crc(heading, part.content) + part.content)}:"


def found(text: str) -> Found:
    """The parts in a text as scanners, messengers and people pass it on."""
    whole, damaged = [], 0
    for piece in _pieces(text):
        part = _read(piece)
        if part is None:
            damaged += 1
        else:
            whole.append(part)
    return Found(tuple(whole), damaged)


class Assembly:
    """The parts of one document, until all are there."""

    def __init__(self, first: Part) -> None:
        self.document: Final = first.document
        self.total: Final = first.total
        self._contents: dict[int, bytes] = {}
        self.add(first)

    def add(self, part: Part) -> None:
        """Take one; the same one again changes nothing.

        Raises:
            MessageError: of another document, cut otherwise, or not what its double says.
        """
        if (part.document, part.total) != (self.document, self.total):
            raise MessageError(FOREIGN_PART)
        if self._contents.setdefault(part.number, part.content) != part.content:
            raise MessageError(TWO_FOR_ONE)

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers that were not there yet."""
        return tuple(n for n in range(1, self.total + 1) if n not in self._contents)

    def held(self) -> list[str]:
        """The texts that are there, to be kept until the others come."""
        return [
            written(Part(self.document, n, self.total, self._contents[n]))
            for n in sorted(self._contents)
        ]

    def raw(self) -> bytes:
        """The file that was cut into parts, whose chain and signature hold.

        Raises:
            MessageError: parts are missing, or together they are no such file.
        """
        if self.missing:
            raise MessageError(INCOMPLETE)
        raw = _file_of(_unpacked(b"".join(self._contents[n] for n in sorted(self._contents))))
        if name_of(raw) != self.document:
            raise MessageError(NOT_WHAT_WAS_CUT)
        verify(raw)
        return raw


def _heading(document: str, number: int, total: int) -> str:
    return f"{document}:{number}/{total}:"


def _crc(heading: str, content: bytes) -> bytes:
    return zlib.crc32(heading.encode() + content).to_bytes(_CRC_BYTES, "big")


def _count(length: int, size: int) -> int:
    """How many parts of `size` characters take `length` bytes, whose numbers take room as well."""
    for width in range(1, len(str(MAX_PARTS)) + 1):
        digits = size - _FRAME - 2 * width
        room = digits // 3 * 2 + (digits % 3) // 2 - _CRC_BYTES
        total = -(-length // room)
        if len(str(total)) <= width:
            return total
    raise MessageError(TOO_MANY_PARTS)


def _packed(what: Json) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zdict=DICTIONARY)
    return packer.compress(canonical(what)) + packer.flush()


def _unpacked(packed: bytes) -> Json:
    """What was packed; never more than evidence may be, whatever a part claims to unfold to."""
    unpacker = zlib.decompressobj(15, zdict=DICTIONARY)
    try:
        text = unpacker.decompress(packed, MAX_EVIDENCE_BYTES)
        what = json.loads(text) if unpacker.eof and not unpacker.unused_data else None
    except (zlib.error, ValueError, RecursionError) as error:
        raise MessageError(NOT_WHAT_WAS_CUT) from error
    if not isinstance(what, dict) or set(what) != {"bodies", "head", "signature"}:
        raise MessageError(NOT_WHAT_WAS_CUT)
    return what


def _file_of(what: Json) -> bytes:
    head, bodies = what["head"], what["bodies"]
    if not isinstance(head, dict) or not isinstance(bodies, list):
        raise MessageError(NOT_WHAT_WAS_CUT)
    last, entries = start_of(head), []
    for number, body in enumerate(bodies, start=1):
        entry = next_entry(last, number, body)
        last = entry.hash
        entries.append(entry._asdict())
    document = {
        "algorithm": ALGORITHM,
        "entries": entries,
        "head": head,
        "schema": SCHEMA,
        "signature": what["signature"],
    }
    return canonical(document) + b"\n"


def _pieces(text: str) -> Iterator[str]:
    """From each beginning of a part to the next one: what may be a part.

    Without blanks and characters that nobody sees: some programs put them where a long word may
    break.
    """
    seen = "".join(char for char in text if char.isprintable() and char != " ").upper()
    starts = [match.end() for match in _BEGIN.finditer(seen)]
    for start, end in pairwise([*starts, len(seen)]):
        yield seen[start : min(end, start + _LONGEST)]


def _read(piece: str) -> Part | None:
    match = _PART.match(piece)
    if match is None:
        return None
    document, number, total, payload = match[1], int(match[2]), int(match[3]), match[4]
    content = _from_digits(payload)
    if content is None or number > total:
        return None
    heading = _heading(document, number, total)
    crc, content = content[:_CRC_BYTES], content[_CRC_BYTES:]
    return Part(document, number, total, content) if crc == _crc(heading, content) else None


def _to_digits(data: bytes) -> str:
    digits = []
    for place in range(0, len(data), 2):
        pair = data[place : place + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, _BASE)
            digits.append(_DIGITS[digit])
    return "".join(digits)


def _from_digits(text: str) -> bytes | None:
    """The bytes, or None where no bytes are written like this."""
    data = bytearray()
    for place in range(0, len(text), 3):
        group = text[place : place + 3]
        value = sum(_VALUES[digit] * _BASE**power for power, digit in enumerate(group))
        size = len(group) - 1
        if size == 0 or value >= 256**size:
            return None
        data += value.to_bytes(size, "big")
    return bytes(data)
