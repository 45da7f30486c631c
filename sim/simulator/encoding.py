"""How the simulated card writes its files and answers, on its own, from its profile's words.

It shares no code with the reader: whoever wrote both sides of one function agrees with every
mistake in it. Sources: ETSI TS 102 221 clause 11.1.1, 3GPP TS 51.011 clause 9.2.1 (both unread),
and the answers of real cards that a public test suite shows.
"""


def swapped(digits: str, size: int) -> bytes:
    """Digits as swapped nibbles, filled with F to `size` bytes."""
    padded = digits.upper().ljust(2 * size, "F")
    return bytes(int(padded[i + 1] + padded[i], 16) for i in range(0, 2 * size, 2))


def ef_iccid(iccid: str) -> bytes:
    """EF.ICCID of ten bytes (eleven for a number of more than 20 characters)."""
    return swapped(iccid, 10 if len(iccid) <= 20 else 11)


def ef_imsi(imsi: str) -> bytes:
    """EF.IMSI: length, parity and the digits."""
    first = "9" if len(imsi) % 2 else "1"
    length = (len(imsi) + 2) // 2
    return bytes((length,)) + swapped(first + imsi, 8)


def ef_msisdn(number: str, alpha: str = "", alpha_size: int = 14) -> bytes:
    """One record of EF.MSISDN; a `+` makes the type international."""
    digits = number.removeprefix("+")
    kind = 0x91 if number.startswith("+") else 0x81
    body = bytes((1 + (len(digits) + 1) // 2, kind)) + swapped(digits, 10)
    return alpha.encode("ascii").ljust(alpha_size, b"\xff") + body + b"\xff\xff"


def ef_spn(name: str, condition: int = 1) -> bytes:
    """EF.SPN: ASCII as it stands, anything else as UCS2 behind 80."""
    text = name.encode("ascii") if name.isascii() else b"\x80" + name.encode("utf-16-be")
    return bytes((condition,)) + text.ljust(16, b"\xff")


def ef_ad(mnc_length: int | None) -> bytes:
    """EF.AD; three bytes where the card does not say how long its MNC is."""
    return b"\x00\x00\x00" if mnc_length is None else bytes((0, 0, 0, mnc_length))


def ef_dir(aid: bytes, label: str, size: int = 40) -> bytes:
    """One record of EF.DIR."""
    inner = b"\x4f" + bytes((len(aid),)) + aid
    if label:
        inner += b"\x50" + bytes((len(label),)) + label.encode("ascii")
    return (b"\x61" + bytes((len(inner),)) + inner).ljust(size, b"\xff")


_FCP_STRUCTURE = {"transparent": 0x41, "linear_fixed": 0x42, "cyclic": 0x46}


def fcp_of_file(fid: int, structure: str, size: int, record_length: int, pin1: bool) -> bytes:
    """The FCP of an EF: descriptor, identifier, life cycle, access rule, size."""
    descriptor = bytes((_FCP_STRUCTURE[structure], 0x21))
    if structure != "transparent":
        descriptor += record_length.to_bytes(2, "big") + bytes((size // record_length,))
    rule = b"\x6f\x06" + bytes((3 if pin1 else 1,))
    body = _object(0x82, descriptor) + _object(0x83, fid.to_bytes(2, "big"))
    body += _object(0x8A, b"\x05") + _object(0x8B, rule) + _object(0x80, size.to_bytes(2, "big"))
    return _object(0x62, body)


def fcp_of_directory(fid: int, aid: bytes, pin1_enabled: bool) -> bytes:
    """The FCP of a DF, an ADF or the MF, with the state of its PIN."""
    body = _object(0x82, b"\x78\x21")
    body += _object(0x84, aid) if aid else _object(0x83, fid.to_bytes(2, "big"))
    body += _object(0xA5, b"\x80\x01\x71") + _object(0x8A, b"\x05")
    body += _object(0x8B, b"\x2f\x06\x01")
    pin_status = b"\x90\x01" + bytes((0x80 if pin1_enabled else 0x00,)) + b"\x83\x01\x01"
    return _object(0x62, body + _object(0xC6, pin_status))


_GSM_STRUCTURE = {"transparent": 0, "linear_fixed": 1, "cyclic": 3}


def gsm_answer_of_file(
    fid: int, structure: str, size: int, record_length: int, pin1: bool
) -> bytes:
    """What class A0 hears about an EF: 15 bytes."""
    read = 0x10 if pin1 else 0x00
    return (
        b"\x00\x00"
        + size.to_bytes(2, "big")
        + fid.to_bytes(2, "big")
        + bytes((0x04, 0x00, read | 0x05, 0xF0, 0x55, 0x01, 0x02, _GSM_STRUCTURE[structure]))
        + bytes((record_length if structure != "transparent" else 0,))
    )


def gsm_answer_of_directory(
    fid: int, children: tuple[int, int], pin: tuple[bool, int, int]
) -> bytes:
    """What class A0 hears about a DF or the MF: 22 bytes.

    `children` counts DFs and EFs; `pin` is whether PIN1 is enabled, its tries and the PUK's.
    """
    enabled, tries, puk_tries = pin
    kind = 0x01 if fid == 0x3F00 else 0x02
    head = b"\x00\x00\x10\x00" + fid.to_bytes(2, "big") + bytes((kind,)) + b"\x00" * 5 + b"\x09"
    characteristics = 0x13 if enabled else 0x93
    body = bytes((characteristics, *children, 0x04, 0x00, 0x80 | tries, 0x80 | puk_tries))
    return head + body + b"\x83\x8a"


def _object(tag: int, value: bytes) -> bytes:
    length = bytes((len(value),)) if len(value) < 0x80 else bytes((0x81, len(value)))
    return bytes((tag,)) + length + value
