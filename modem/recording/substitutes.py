"""What stands in an identifier's place: of the same length and shape, and of nobody.

Test network 001-01, test numbers, documentation addresses. A substitute is made from its kind and a
running number alone, so that nothing of the original is in it; no list of who was who is kept.
"""

from collections.abc import Callable
from hashlib import sha256

_ICCID_HEAD = "8900101"
_IMEI_HEAD = "00101000"
_NUMBER_HEAD = "999"
_NAME = "Network "
_APN = "apn.example"
_SHARED = (100, 64)  # RFC 6598, for addresses whose first number has three digits


def substitute(kind: str, value: str, number: int, plmns: dict[str, str]) -> str:
    """The `number`-th substitute for a `value` of this kind; `plmns` are those given already."""
    if kind == "imsi":
        return _imsi(value, number, plmns)
    return _MAKERS[kind](value, number)


def _luhn(digits: str) -> str:
    """The check digit behind `digits`."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 if at % 2 else 2)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def _checked(value: str, body: str) -> str:
    """`body` with a check digit that is right or wrong like that of `value`."""
    right = _luhn(body)
    if value.isdigit() and _luhn(value[:-1]) != value[-1]:
        return body + str((int(right) + 1) % 10)
    return body + right


def _counted(head: str, length: int, number: int) -> str:
    """`head`, and digits as they belong to the number: few zeros, which much else consists of."""
    return (head + _digits(head, number))[:length]


def _digits(kind: str, number: int) -> str:
    return str(int.from_bytes(sha256(f"{kind} {number}".encode()).digest(), "big"))[5:]


def _iccid(value: str, number: int) -> str:
    if value.isdigit():
        return _checked(value, _counted(_ICCID_HEAD, len(value) - 1, number))
    plain = _counted(_ICCID_HEAD, len(value), number)
    # Letters stay where they were; they are other ones.
    letters = "ABCDEF"
    return "".join(
        letters[(letters.index(old) + 1 + number) % 6] if old in letters else new
        for old, new in zip(value, plain, strict=True)
    )


def _imsi(value: str, number: int, plmns: dict[str, str]) -> str:
    home = next((plmn for plmn in plmns if value.startswith(plmn)), "")
    return _counted(plmns.get(home, "00101"), len(value), number)


def _imei(value: str, number: int) -> str:
    if len(value) == 15:
        return _checked(value, _counted(_IMEI_HEAD, 14, number))
    return _counted(_IMEI_HEAD, 14, number) + value[14:]  # an IMEISV ends in a software version


def _eid(value: str, number: int) -> str:
    """The last two digits make the whole 1 modulo 97 (SGP.02 clause 2.2.2, unread)."""
    body = _counted("89001010", 30, number)
    check = 98 - int(body + "00") % 97
    if int(value) % 97 != 1:
        check = check % 96 + 1
    return f"{body}{check:02d}"


def _number(value: str, number: int) -> str:
    return _counted(_NUMBER_HEAD if len(value) > 5 else "", len(value), number)


def _serial(value: str, number: int) -> str:
    """Digits where digits were, As where letters were."""
    digits = iter(_digits("serial", number) * (1 + len(value) // 60))
    return "".join(next(digits) if c.isdigit() else "A" if c.isupper() else "a" for c in value)


def _plmn(value: str, number: int) -> str:
    return "001" + str(number).zfill(len(value) - 3)


def _place(value: str, number: int) -> str:
    """As long without its zeros, letters and digits in the same places, as long in decimal."""
    bare = f"{int(value, 16):X}"
    candidate = _like(bare, number)
    if len(str(int(candidate, 16))) != len(str(int(bare, 16))):
        lowest = max(16 ** (len(bare) - 1), 10 ** (len(str(int(bare, 16))) - 1), 1)
        candidate = f"{lowest + number:X}"
    return candidate.zfill(len(value))


def _like(bare: str, number: int) -> str:
    """Ones and As, counted up from behind, each within its kind, and the first not to zero."""
    out = ["1" if char.isdigit() else "A" for char in bare]
    left = number
    for place in range(len(out) - 1, -1, -1):
        if bare[place].isdigit():
            left, step = divmod(left, 9)
            out[place] = str(1 + step)
        else:
            left, step = divmod(left, 6)
            out[place] = "ABCDEF"[step]
    return "".join(out)


def _ipv4(value: str, number: int) -> str:
    """A private or shared address, each number as long as it was where that can be."""
    parts = value.split(".")
    first, second = (10, None) if len(parts[0]) < 3 else _SHARED
    made = [str(first), str(second) if second and len(parts[1]) > 1 else _octet(parts[1], 1)]
    if second and len(parts[1]) > 2:
        made[1] = "100"
    return ".".join([*made, _octet(parts[2], number // 90), _octet(parts[3], number)])


def _octet(like: str, number: int) -> str:
    """A number of as many digits, below 200."""
    lowest = {1: 1, 2: 10, 3: 100}[len(like)]
    room = {1: 9, 2: 90, 3: 100}[len(like)]
    return str(lowest + number % room)


def _ipv6(value: str, number: int) -> str:
    """Of the documentation's prefix; zeros stay where they are, other groups as long as they were.

    The second group of the prefix has three digits, whatever stood there.
    """
    from ipaddress import IPv6Address

    groups = IPv6Address(value).exploded.split(":")
    made = ["2001", "db8"]
    for group in groups[2:]:
        bare = group.lstrip("0")
        made.append(_like(bare, number) if bare else "0")
    return str(IPv6Address(":".join(made)))


def _name(value: str, number: int) -> str:
    return _worded(_NAME, value, number)


def _apn(value: str, number: int) -> str:
    return _worded(_APN, value, number)


def _worded(word: str, value: str, number: int) -> str:
    """`word` and the number, cut or drawn out to the length of `value`."""
    tail = str(number)
    room = len(value) - len(tail)
    return word.ljust(room, "x")[: max(room, 0)] + tail[-len(value) :]


_MAKERS: dict[str, Callable[[str, int], str]] = {
    "iccid": _iccid,
    "imei": _imei,
    "eid": _eid,
    "number": _number,
    "serial": _serial,
    "plmn": _plmn,
    "place": _place,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "name": _name,
    "apn": _apn,
}
