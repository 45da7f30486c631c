"""Texts on a card: the default alphabet, one character a byte or packed, and three kinds of UCS2.

Sources: 3GPP TS 23.038 clause 6.2.1 (unread); ETSI TS 102 221 annex A (unread).
"""

from sim.errors import FileDecodeError

_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B


def septets_to_text(septets: bytes) -> str:
    """The characters of the default alphabet, one number below 128 each."""
    text, escaped = [], False
    for septet in septets:
        if escaped:
            # Two escapes: reserved for another table, a blank until there is one.
            text.append(" " if septet == _ESCAPE else _EXTENSION.get(septet, _DEFAULT[septet]))
            escaped = False
        elif septet == _ESCAPE:
            escaped = True
        else:
            text.append(_DEFAULT[septet])
    return "".join(text)


def unpack_septets(packed: bytes, count: int, skip_bits: int = 0) -> bytes:
    """`count` numbers of 7 bits out of `packed`, lowest bits first, after `skip_bits`."""
    bits = int.from_bytes(packed, "little") >> skip_bits
    return bytes(bits >> 7 * i & 0x7F for i in range(count))


def alpha_to_text(field: bytes, file: str, base: int = 0) -> str | None:
    """An alpha identifier or name; None where the field is unset.

    The text ends at the first FF: what cards leave behind it is no part of the name.

    Raises:
        FileDecodeError: bytes of no such coding; `base` is the field's offset in `file`.
    """
    if not field or field[0] == 0xFF:
        return None
    if field[0] == 0x80:
        return _ucs2_pairs(field[1:], file, base + 1) or None
    if field[0] == 0x81:
        return _ucs2_offset(field, 3, file, base) or None
    if field[0] == 0x82:
        return _ucs2_offset(field, 4, file, base) or None
    return _default_bytes(field, file, base) or None


def _default_bytes(field: bytes, file: str, base: int) -> str:
    used = field.split(b"\xff", 1)[0]
    for offset, byte in enumerate(used):
        if byte >= 0x80:
            raise FileDecodeError(file, base + offset, "no character of the default alphabet")
    return septets_to_text(used)


def _ucs2_pairs(field: bytes, file: str, base: int) -> str:
    end = next((i for i in range(0, len(field) - 1, 2) if field[i : i + 2] == b"\xff\xff"), None)
    used = field[: len(field) & ~1 if end is None else end]
    try:
        return used.decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise FileDecodeError(file, base + error.start, "no UCS2 character") from error


def _ucs2_offset(field: bytes, header: int, file: str, base: int) -> str:
    # 81: count, bits 15-8 of the half page; 82: count, the whole pointer.
    if len(field) < header or len(field) < header + field[1]:
        raise FileDecodeError(file, base + 1, "more characters announced than there are")
    page = field[2] << 7 if header == 3 else int.from_bytes(field[2:4], "big")
    text, plain = [], bytearray()
    for byte in field[header : header + field[1]]:
        if byte < 0x80:
            plain.append(byte)
            continue
        text.append(septets_to_text(bytes(plain)))
        plain.clear()
        point = page + (byte & 0x7F)
        if point > 0xFFFF or 0xD800 <= point <= 0xDFFF:
            raise FileDecodeError(file, base + 2, "no UCS2 character")
        text.append(chr(point))
    return "".join(text) + septets_to_text(bytes(plain))
