"""How the simulated card writes its files and answers, on its own, from its profile's words.

It shares no code with the reader: whoever wrote both sides of one function agrees with every
mistake in it. Sources: ETSI TS 102 221 clause 11.1.1, 3GPP TS 51.011 clause 9.2.1 (both unread),
and the answers of real cards that a public test suite shows.
"""

from collections.abc import Mapping

from sim.simulator.pin import Pin
from sim.simulator.tree import MF_FID, SimulatedDirectory, SimulatedFile


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


def ef_text_object(text: str, size: int) -> bytes:
    """A text in an object of its own (tag 80), as EF.IMPI, EF.IMPU and EF.DOMAIN have it."""
    return data_object(0x80, text.encode("utf-8")).ljust(size, b"\xff")


_FCP_STRUCTURE = {"transparent": 0x41, "linear_fixed": 0x42, "cyclic": 0x46}


def fcp_of_file(file: SimulatedFile) -> bytes:
    """The FCP of an EF: descriptor, identifier, life cycle, access rule, size, short identifier."""
    descriptor = bytes((_FCP_STRUCTURE[file.structure], 0x21))
    if file.structure != "transparent":
        descriptor += file.record_length.to_bytes(2, "big") + bytes((len(file.records),))
    body = data_object(0x82, descriptor) + data_object(0x83, file.fid.to_bytes(2, "big"))
    body += data_object(0x8A, b"\x04" if file.deactivated else b"\x05")
    body += data_object(0x8B, file.arr.to_bytes(2, "big") + bytes((file.rule,)))
    body += data_object(0x80, file.size.to_bytes(2, "big"))
    short = b"" if file.sfi is None else bytes((file.sfi << 3,))
    return data_object(0x62, body + data_object(0x88, short))


def fcp_of_directory(fid: int, aid: bytes, enabled: Mapping[int, bool]) -> bytes:
    """The FCP of a DF, an ADF or the MF, with its PINs, by key, and which of them are asked for."""
    body = data_object(0x82, b"\x78\x21")
    body += data_object(0x84, aid) if aid else data_object(0x83, fid.to_bytes(2, "big"))
    body += data_object(0xA5, b"\x80\x01\x71") + data_object(0x8A, b"\x05")
    body += data_object(0x8B, b"\x2f\x06\x01")
    mask = sum(0x80 >> at for at, asked in enumerate(enabled.values()) if asked)
    pin_status = data_object(0x90, bytes((mask,)))
    pin_status += b"".join(data_object(0x83, bytes((key,))) for key in enabled)
    return data_object(0x62, body + data_object(0xC6, pin_status))


_GSM_STRUCTURE = {"transparent": 0, "linear_fixed": 1, "cyclic": 3}
_GSM_CONDITIONS = {"always": 0x0, "pin1": 0x1, "pin2": 0x2, "never": 0xF}
_GSM_ADM = 0x4


def gsm_answer_of_file(file: SimulatedFile) -> bytes:
    """What class A0 hears about an EF: 15 bytes."""
    read, update = (_GSM_CONDITIONS.get(who, _GSM_ADM) for who in (file.read, file.update))
    status = 0x00 if file.deactivated else 0x01
    return (
        b"\x00\x00"
        + file.size.to_bytes(2, "big")
        + file.fid.to_bytes(2, "big")
        + bytes((0x04, 0x00, read << 4 | update, 0xF0, 0x44, status, 0x02))
        + bytes((_GSM_STRUCTURE[file.structure], file.record_length))
    )


def gsm_answer_of_directory(directory: SimulatedDirectory, pins: Mapping[int, Pin]) -> bytes:
    """What class A0 hears about a DF or the MF: 23 bytes, with the tries of both PINs and PUKs."""
    fid = directory.fid
    kind = 0x01 if fid == MF_FID else 0x02
    head = b"\x00\x00\x10\x00" + fid.to_bytes(2, "big") + bytes((kind,)) + b"\x00" * 5 + b"\x0a"
    one, two = list(pins.values())[:2]
    characteristics = 0x13 if one.enabled else 0x93
    children = (len(directory.directories), len(directory.files))
    tries = (one.retries, one.puk_retries, two.retries, two.puk_retries)
    body = bytes((characteristics, *children, 0x04, 0x00, *(0x80 | count for count in tries)))
    return head + body + b"\x00"


def data_object(tag: int, value: bytes) -> bytes:
    """BER-TLV with the shortest length."""
    size = len(value)
    if size < 0x80:
        length = bytes((size,))
    else:
        count = 1 if size <= 0xFF else 2
        length = bytes((0x80 | count,)) + size.to_bytes(count, "big")
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + length + value
