"""The ways in which one identifier may be written in a modem's answers.

Each function gives the texts for `value`, upper case, always in the same order and number for
values of the same shape: so that the n-th text of an identifier is replaced by the n-th of its
substitute.
"""

_NIBBLES = "0123456789ABCDEF"
_SHORTEST_NUMBER = 8
_COUNTRY_CODE = 3


def of_digits(value: str) -> list[str]:
    """Digits of any kind: plain, in swapped nibbles, as the hexadecimal of characters.

    Swapped from the first digit on (EF.ICCID) or after one nibble of something else (EF.IMSI, a
    mobile identity); the last byte filled with F where a nibble is over, or left away.
    """
    swapped = [_swapped(nibble + value) for nibble in ("", *_NIBBLES)]
    return [*of_text(value), *(text for both in swapped for text in both)]


def of_text(value: str) -> list[str]:
    """Plain (UTF-8, one character a byte), in hexadecimal of that and of UCS2, and as UCS2."""
    return [
        value.encode().decode("latin-1").upper(),
        value.encode().hex().upper(),
        value.encode("utf-16-be").hex().upper(),
        value.encode("utf-16-be").decode("latin-1").upper(),
        value.encode("utf-16-le").decode("latin-1").upper(),
    ]


def of_number(value: str) -> list[str]:
    """A telephone number with and without what may lead it: a country code of up to 3 digits."""
    cuts = [cut for cut in range(_COUNTRY_CODE + 1) if len(value) - cut >= _SHORTEST_NUMBER]
    return [text for cut in cuts or [0] for text in of_digits(value[cut:])]


def of_iccid(value: str) -> list[str]:
    """An ICCID, with and without its check digit."""
    return [*of_digits(value), *of_digits(value[:-1])]


def of_imei(value: str) -> list[str]:
    """An IMEI (15 digits) or IMEISV (16): whole, and the 14 digits that both have in common."""
    return [*of_digits(value), *of_digits(value[:14])]


def of_hexadecimal(value: str) -> list[str]:
    """A cell or an area: without leading zeros, filled to usual lengths, in decimal."""
    number = int(value, 16)
    bare = f"{number:X}"
    return [bare, *(bare.zfill(length) for length in (4, 5, 6, 7, 8, 9, 16)), str(number)]


def of_ipv4(value: str) -> list[str]:
    """With dots; as four bytes in hexadecimal, either end first."""
    octets = bytes(int(part) for part in value.split("."))
    return [value, octets.hex().upper(), octets[::-1].hex().upper()]


def of_ipv6(value: str) -> list[str]:
    """In hexadecimal; as sixteen numbers with dots; in full and in its shortest form."""
    from ipaddress import IPv6Address

    address = IPv6Address(value)
    octets = address.packed
    return [
        octets.hex().upper(),
        ".".join(str(octet) for octet in octets),
        address.exploded.upper(),
        address.compressed.upper(),
        ":".join(octets[at : at + 2].hex() for at in range(0, 16, 2)).upper(),
        ":".join(f"{int.from_bytes(octets[at : at + 2], 'big'):X}" for at in range(0, 16, 2)),
    ]


def _swapped(nibbles: str) -> list[str]:
    """Filled to whole bytes, and only the whole bytes that there are."""
    padded = nibbles + "F" * (len(nibbles) % 2)
    filled = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2)).upper()
    return [filled, filled[: len(nibbles) // 2 * 2]]
