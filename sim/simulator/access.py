"""Who may read and write a file of the simulated card.

A rule is a list of ways in; a way is the keys that all have to be open for it. No way: never; a way
without keys: always. Keys are numbered as in VERIFY: 01 PIN1, 81 PIN2, 0A the issuer's (ADM1).
Rules come from the words of a profile, or from what a real card says of itself: the record of
EF.ARR that the FCP names, its compact rule (8C), or the conditions in the answer of class A0.
ETSI TS 102 221 clause 9.5 (unread), 3GPP TS 51.011 clause 9.3 (unread); the shapes are those of the
answers of real cards that a public test suite shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.simulator.tree import SimulatedDirectory, SimulatedFile

Way = frozenset[int]
Rule = tuple[Way, ...]

ALWAYS: Rule = (frozenset(),)
NEVER: Rule = ()
PIN1, PIN2, ADM1 = 0x01, 0x81, 0x0A
_KEYS = {"pin1": PIN1, "pin2": PIN2, "adm": ADM1}
_MODES = {"read": 0x01, "update": 0x02}
_GSM_CONDITIONS = {0x0: ALWAYS, 0x1: (frozenset({PIN1}),), 0x2: (frozenset({PIN2}),)}


def rule_of_words(words: str) -> Rule:
    """`always`, `never`, or keys: `pin1`, `pin2 or adm`.

    Raises:
        ValueError: another word.
    """
    if words in {"always", "never"}:
        return ALWAYS if words == "always" else NEVER
    try:
        return tuple(frozenset({_KEYS[word]}) for word in words.split(" or "))
    except KeyError as error:
        raise ValueError(f"no such right: {error.args[0]}") from None


def rule_of(file: SimulatedFile, mode: str) -> Rule:
    """Who may `read` or `update` the file."""
    fcp = file.fcp
    if fcp is None:
        return rule_of_words(file.read if mode == "read" else file.update)
    if fcp[:1] not in {b"\x62", b"\x6f"}:
        nibble = fcp[8] >> 4 if mode == "read" else fcp[8] & 0x0F
        return _GSM_CONDITIONS.get(nibble, NEVER if nibble == 0xF else (frozenset({ADM1}),))
    objects = dict(_objects(next(_objects(fcp))[1]))
    if 0x8C in objects:
        return _compact(objects[0x8C], _MODES[mode])
    record = _arr_record(objects.get(0x8B, b""), file.parent)
    if record is not None:
        return _expanded(record, _MODES[mode])
    # Nothing is known of the rule: who made the dump could read the file.
    return ALWAYS if mode == "read" else (frozenset({ADM1}),)


def _arr_record(reference: bytes, directory: SimulatedDirectory | None) -> bytes | None:
    """The rule that 8B names: EF.ARR in the directory, else above it; None where there is none."""
    if len(reference) < 3:
        return None
    fid = int.from_bytes(reference[:2], "big")
    number = reference[2] if len(reference) == 3 else reference[3]
    places = directory.places if directory else ()
    found = next((arr for place in places if (arr := place.file(fid))), None)
    if found is None or not 1 <= number <= len(found.records):
        return None
    return found.records[number - 1]


def _expanded(record: bytes, mode: int) -> Rule:
    """Access mode objects (80), each followed by the condition for it."""
    applies = False
    for tag, value in _objects(record):
        if tag == 0x80:
            applies = bool(value and value[0] & mode)
        elif 0x81 <= tag <= 0x8F:
            applies = False
        elif applies:
            return _condition(tag, value)
    return NEVER


def _condition(tag: int, value: bytes) -> Rule:
    if tag == 0x90:
        return ALWAYS
    if tag == 0xA4:
        key = dict(_objects(value)).get(0x83)
        return (frozenset({key[0]}),) if key else NEVER
    parts = [_condition(inner, inside) for inner, inside in _objects(value)]
    if tag == 0xA0:
        return tuple(way for part in parts for way in part)
    if tag == 0xAF:
        ways: list[Way] = [frozenset()]
        for part in parts:
            ways = [way | other for way in ways for other in part]
        return tuple(ways)
    return NEVER


def _compact(value: bytes, mode: int) -> Rule:
    """An access mode byte, then a condition for each of its bits, the highest first."""
    conditions = iter(value[1:])
    for bit in (0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01):
        condition = next(conditions, 0xFF) if value[0] & bit else None
        if bit == mode and condition is not None:
            if condition == 0x00:
                return ALWAYS
            return NEVER if condition == 0xFF else (frozenset({condition & 0x0F}),)
    return NEVER


def arr_record(read: str, update: str) -> bytes:
    """The record of EF.ARR that says who may read, and who may write."""
    record = b"\x80\x01\x01" + _written(rule_of_words(read))
    record += b"\x80\x01\x02" + _written(rule_of_words(update))
    return record + b"\x80\x01\x18" + _written(rule_of_words("adm"))


def _written(rule: Rule) -> bytes:
    if rule == ALWAYS:
        return b"\x90\x00"
    if rule == NEVER:
        return b"\x97\x00"
    ways = [b"\xa4\x06\x83\x01" + bytes(way) + b"\x95\x01\x08" for way in rule]
    whole = b"".join(ways)
    return whole if len(ways) == 1 else b"\xa0" + bytes((len(whole),)) + whole


def _objects(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Data objects with one byte of tag; what runs over the end is cut off."""
    at = 0
    while at + 1 < len(content) and content[at] not in {0x00, 0xFF}:
        tag, length = content[at], content[at + 1]
        at += 2
        if length == 0x81 and at < len(content):
            length = content[at]
            at += 1
        yield tag, content[at : at + length]
        at += length
