"""Who may do what with a file: access rules of a card, in all three forms that cards have.

A condition is a word (`always`, `never`, `pin1`, `pin2`, `adm1`, ...), or `{"any": [...]}` or
`{"all": [...]}` of conditions. What a rule cannot say in such a word stays in hexadecimal.

Sources: ETSI TS 102 221 clauses 9.2 (compact format read in Release 17, the rest unread) and 9.5.1
(key references, unread); 3GPP TS 51.011 clause 9.3 (unread).
"""

from collections.abc import Iterator
from typing import Any, TypedDict

from sim.errors import FileDecodeError
from sim.tlv import Tlv, read_tlvs

Condition = Any
"""A word, or a mapping of `any` or `all` to conditions."""

_ACCESS_BITS = (
    (0x40, "delete"),
    (0x20, "terminate"),
    (0x10, "activate"),
    (0x08, "deactivate"),
    (0x04, "write"),
    (0x02, "update"),
    (0x01, "read"),
)
# PIN1 and PIN2 are those of the first application; cards with more applications have more.
_KEYS = {
    0x01: "pin1",
    **{n: f"pin1_app{n}" for n in range(2, 9)},
    **{0x09 + n: f"adm{n}" for n in range(1, 6)},
    0x11: "universal_pin",
    0x81: "pin2",
    **{0x80 + n: f"pin2_app{n}" for n in range(2, 9)},
    **{0x84 + n: f"adm{n}" for n in range(6, 11)},
}
_COMMON = frozenset({"write", "update", "read"})
_INCREASE = "ins_32"
_GSM_CONDITIONS = {0x0: "always", 0x1: "pin1", 0x2: "pin2", 0xF: "never"}


class Rule(TypedDict):
    """`access` needs `condition`: a word, or `{"any": [...]}`, `{"all": [...]}` of them."""

    access: list[str]
    condition: Condition


def expanded_rules(content: bytes, file: str, base: int = 0) -> list[Rule]:
    """The rules of a record of EF.ARR, or of a file's own description (tag AB).

    Raises:
        FileDecodeError: an access mode or condition without the other.
    """
    rules: list[Rule] = []
    access: list[str] = []
    for tlv in read_tlvs(content, file, base):
        if 0x80 <= tlv.tag <= 0x8F:
            access += _access(tlv)
        elif not access:
            raise FileDecodeError(file, tlv.offset, "a condition without an access mode")
        else:
            rules.append({"access": access, "condition": _condition(tlv, file)})
            access = []
    if access:
        raise FileDecodeError(file, base + len(content), "an access mode without a condition")
    return rules


def _access(tlv: Tlv) -> list[str]:
    if tlv.tag == 0x84 and tlv.value:
        return [f"ins_{ins:02X}" for ins in tlv.value]
    if tlv.tag != 0x80 or len(tlv.value) != 1:
        return [f"mode_{tlv.tag:02X}_{tlv.value.hex().upper()}"]
    return _modes(tlv.value[0])


def _modes(byte: int) -> list[str]:
    return [word for bit, word in _ACCESS_BITS if byte & bit]


def _condition(tlv: Tlv, file: str) -> Condition:
    if tlv.tag in {0x90, 0x97}:
        return "always" if tlv.tag == 0x90 else "never"
    if tlv.tag in {0xA0, 0xAF}:
        word = "any" if tlv.tag == 0xA0 else "all"
        return {word: [_condition(inner, file) for inner in _inner(tlv, file)]}
    if tlv.tag == 0xA4:
        keys = [t.value[0] for t in _inner(tlv, file) if t.tag == 0x83 and t.value]
        if keys:
            return _KEYS.get(keys[0], f"key_{keys[0]:02X}")
    return f"condition_{tlv.tag:02X}_{tlv.value.hex().upper()}"


def _inner(tlv: Tlv, file: str) -> Iterator[Tlv]:
    return read_tlvs(tlv.value, file, tlv.value_offset)


def compact_rules(content: bytes) -> list[Rule]:
    """The rules of a file's own description with tag 8C: a byte of modes, a condition for each.

    Several such sets stand for alternatives. A set whose conditions are cut off is left out:
    seen on a sample card, whose bytes leave one over.
    """
    rules: list[Rule] = []
    at = 0
    while at < len(content):
        modes = content[at]
        count = (modes & 0x7F).bit_count()
        conditions = content[at + 1 : at + 1 + count]
        if len(conditions) < count:
            break
        own = modes & 0x80  # b7 to b4 are the maker's: what they stand for is not known
        rules += [
            {"access": [word], "condition": _security(byte)}
            for word, byte in zip(_modes(modes), conditions, strict=True)
            if not own or word in _COMMON
        ]
        at += 1 + count
    return rules


def _security(byte: int) -> Condition:
    """One condition: bits of what is asked for, and in which security environment."""
    if byte in {0x00, 0xFF}:
        return "always" if byte == 0x00 else "never"
    environment = byte & 0xF
    where = f"_se{environment}" if environment else ""
    asked = [
        f"{word}{where}"
        for bit, word in ((0x40, "secure_messaging"), (0x20, "external_auth"), (0x10, "user_auth"))
        if byte & bit
    ]
    if len(asked) == 1:
        return asked[0]
    return {"all" if byte & 0x80 else "any": asked} if asked else f"condition_{byte:02X}"


def gsm_rules(conditions: bytes) -> list[Rule]:
    """The rules of a SIM: three bytes of the answer to SELECT, half a byte for each access."""
    nibbles = conditions.hex()
    places = (("read", 0), ("update", 1), ("increase", 2), ("activate", 4), ("deactivate", 5))
    return [
        {"access": [word], "condition": _gsm_condition(int(nibbles[place], 16))}
        for word, place in places
    ]


def _gsm_condition(nibble: int) -> Condition:
    if nibble in _GSM_CONDITIONS:
        return _GSM_CONDITIONS[nibble]
    return "condition_3" if nibble == 0x3 else f"adm_{nibble:X}"


def condition_for(rules: list[Rule], access: str) -> Condition:
    """What `access` (`read`, `update`, ...) asks for; what no rule allows is never allowed."""
    wanted = {access, _INCREASE} if access == "increase" else {access}
    found: list[Condition] = []
    for rule in rules:
        if wanted.intersection(rule["access"]) and rule["condition"] not in found:
            found.append(rule["condition"])
    if not found:
        return "never"
    return found[0] if len(found) == 1 else {"any": found}
