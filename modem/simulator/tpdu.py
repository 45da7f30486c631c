"""Short messages as bytes: what the network delivers, and what the user submits.

3GPP TS 23.040 clause 9.2 and 23.038 clause 6, both unread; the tables are this simulator's own.
"""

from dataclasses import dataclass

_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {"^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E,
              "|": 0x40, "€": 0x65}  # fmt: skip
_EXTENSION_BACK = {code: char for char, code in _EXTENSION.items()}
_ESCAPE = 0x1B
_INTERNATIONAL = 0x91
_NATIONAL = 0x81
_SUBMIT = 0x01
_USER_DATA_HEADER = 0x40
_DCS_8BIT, _DCS_UCS2 = 0x04, 0x08
_VALIDITY_BYTES = {0: 0, 1: 7, 2: 1, 3: 7}


@dataclass(frozen=True)
class Message:
    """What a person sees of a short message; `time` as the modem prints it, empty if none."""

    address: str
    text: str
    time: str = ""
    submitted: bool = False
    dcs: int = 0


def encode_deliver(address: str, text: str, time: str, smsc: str = "") -> bytes:
    """A message from the network, with the service centre's address before it."""
    dcs, length, data = _encode_text(text)
    return (
        _service_centre(smsc)
        + b"\x04"
        + _address(address)
        + bytes((0x00, dcs))
        + _timestamp(time)
        + bytes((length,))
        + data
    )


def encode_submit(address: str, text: str, *, reference: int = 0) -> bytes:
    """A message to the network as AT+CMGS makes it in text mode; no service centre named."""
    dcs, length, data = _encode_text(text)
    head = bytes((0x00, 0x11, reference)) + _address(address)
    return head + bytes((0x00, dcs, 0xA7, length)) + data


def decode(pdu: bytes) -> Message:
    """Sender or receiver and text of a PDU with its service centre's address.

    Raises:
        ValueError: it is cut short, or is none of the two kinds.
    """
    try:
        return _decode(pdu)
    except IndexError as exc:
        raise ValueError("cut short") from exc


def tpdu_length(pdu: bytes) -> int:
    """Bytes without the service centre's address, which is what `<length>` counts."""
    return len(pdu) - 1 - pdu[0]


def _decode(pdu: bytes) -> Message:
    body = pdu[1 + pdu[0] :]
    kind = body[0] & 0x03
    submitted = kind == _SUBMIT
    at = 2 if submitted else 1
    if kind > _SUBMIT:
        raise ValueError("neither DELIVER nor SUBMIT")
    digits, number_type = body[at], body[at + 1]
    end = at + 2 + (digits + 1) // 2
    address = _read_address(body[at + 2 : end], digits, number_type)
    dcs = body[end + 1]
    at = end + 2
    time = ""
    if submitted:
        at += _VALIDITY_BYTES[body[0] >> 3 & 0x03]
    else:
        time = _read_timestamp(body[at : at + 7])
        at += 7
    text = _read_text(body[at], body[at + 1 :], dcs, bool(body[0] & _USER_DATA_HEADER))
    return Message(address, text, time, submitted, dcs)


def _service_centre(number: str) -> bytes:
    if not number:
        return b"\x00"
    digits = _swapped(number.lstrip("+"))
    return bytes((len(digits) + 1, _type_of(number))) + digits


def _address(number: str) -> bytes:
    digits = number.lstrip("+")
    return bytes((len(digits), _type_of(number))) + _swapped(digits)


def _type_of(number: str) -> int:
    return _INTERNATIONAL if number.startswith("+") else _NATIONAL


def _swapped(digits: str) -> bytes:
    padded = digits.translate(str.maketrans("*#", "AB")) + "F" * (len(digits) % 2)
    return bytes(int(padded[at + 1] + padded[at], 16) for at in range(0, len(padded), 2))


def _unswapped(data: bytes) -> str:
    nibbles = "".join(f"{byte & 0x0F:X}{byte >> 4:X}" for byte in data)
    return nibbles.rstrip("F").translate(str.maketrans("AB", "*#"))


def _read_address(data: bytes, digits: int, number_type: int) -> str:
    if number_type & 0x70 == 0x50:  # alphanumeric: packed characters
        return _unpack(data, digits * 4 // 7, 0)
    number = _unswapped(data)[:digits]
    return f"+{number}" if number_type == _INTERNATIONAL else number


def _timestamp(time: str) -> bytes:
    """`yy/MM/dd,hh:mm:ss±zz`, zone in quarters of an hour, its sign in bit 3 of the last byte."""
    sign, quarters = (time[17], int(time[18:])) if len(time) > 17 else ("+", 0)
    pairs = [time[at : at + 2] for at in range(0, 17, 3)]
    head = bytes(int(pair[1] + pair[0], 16) for pair in pairs)
    zone = f"{quarters:02d}"
    return head + bytes((int(zone[1] + zone[0], 16) | (0x08 if sign == "-" else 0),))


def _read_timestamp(data: bytes) -> str:
    parts = [f"{byte & 0x0F:X}{byte >> 4:X}" for byte in data[:6]]
    zone = data[6]
    quarters = (zone & 0x07) * 10 + (zone >> 4)
    sign = "-" if zone & 0x08 else "+"
    return "{}/{}/{},{}:{}:{}".format(*parts) + f"{sign}{quarters:02d}"


def _encode_text(text: str) -> tuple[int, int, bytes]:
    """Coding, length in characters or bytes, and the data; what GSM lacks makes it UCS2."""
    septets: list[int] = []
    for char in text:
        if char in _EXTENSION:
            septets += [_ESCAPE, _EXTENSION[char]]
        elif (code := _GSM.find(char)) >= 0 and char != "\x1b":
            septets.append(code)
        else:
            data = text.encode("utf-16-be")
            return _DCS_UCS2, len(data), data
    return 0x00, len(septets), _pack(septets)


def _pack(septets: list[int]) -> bytes:
    bits = sum(code << (7 * at) for at, code in enumerate(septets))
    return bits.to_bytes((7 * len(septets) + 7) // 8, "little")


def _unpack(data: bytes, count: int, skipped: int) -> str:
    bits = int.from_bytes(data, "little")
    codes = [bits >> (7 * at) & 0x7F for at in range(skipped, count)]
    out, escaped = [], False
    for code in codes:
        if escaped:
            out.append(_EXTENSION_BACK.get(code, " "))
        elif code != _ESCAPE:
            out.append(_GSM[code])
        escaped = code == _ESCAPE and not escaped
    return "".join(out)


def _read_text(length: int, data: bytes, dcs: int, has_header: bool) -> str:
    header = 1 + data[0] if has_header else 0
    if dcs & 0x0C == _DCS_UCS2:
        return data[header:length].decode("utf-16-be", "replace")
    if dcs & 0x0C == _DCS_8BIT:
        return data[header:length].hex().upper()
    return _unpack(data, length, (8 * header + 6) // 7)
