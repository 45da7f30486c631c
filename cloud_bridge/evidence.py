"""Canonical JSON, and entries chained by hashes: what evidence and histories rest on. Pure.

Canonical form: RFC 8785 (JSON Canonicalization Scheme) for what simward writes: members in the
order of their UTF-16 code units, no blanks, numbers as ECMAScript writes them, UTF-8. A value that
has no such form here (NaN, a number of 2^53 or more, half a surrogate pair) is refused, so that
nobody has to guess what was hashed.

A chain: each entry has a number `n` (from 1, without a gap), the hash of the entry before it, a
body, and its own hash: SHA-256 over the canonical form of `{"body", "n", "prev"}`. The `prev` of
the first one is the hash of a header that says what the chain is of: no chain passes for another.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from cloud_bridge.errors import MessageError, reason

Json = dict[str, Any]

_MAX_INT: Final = 2**53 - 1
# Between these ECMAScript and Python write a fraction alike, without an exponent.
_LEAST, _MOST = 1e-4, 1e16
_MAX_DEPTH: Final = 32

CHANGED: Final = reason("what it says is not what was recorded")
MISPLACED: Final = reason("an entry is missing before it, or it stands in the wrong place")
TOO_DEEP: Final = reason("nested too deeply for a canonical form")
HALF_PAIR: Final = reason("half a surrogate pair has no canonical form")
CUT_OFF: Final = reason("newer entries are missing behind it")


class ChainBrokenError(MessageError):
    """A chain that does not hold: `number` is the first entry that is wrong, `reason` how."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


class Entry(NamedTuple):
    """One entry of a chain."""

    n: int
    prev: str
    body: Json
    hash: str


def canonical(value: object) -> bytes:
    """`value` in its one form.

    Raises:
        MessageError: it has none.
    """
    try:
        return _text(value, _MAX_DEPTH).encode()
    except UnicodeEncodeError as error:
        raise MessageError(HALF_PAIR) from error


def start_of(header: Mapping[str, Any]) -> str:
    """The `prev` of the first entry of the chain that `header` describes."""
    return _sha256(dict(header))


def next_entry(prev: str, number: int, body: Json) -> Entry:
    """The entry after the one whose hash is `prev`."""
    return Entry(number, prev, body, _hash(prev, number, body))


def check_chain(start: str, entries: Iterable[Entry], head: str | None = None) -> str:
    """The hash of the last entry (`start` where there is none).

    `head`: what the last hash is known to be, from elsewhere: what was cut off the end shows in
    nothing else.

    Raises:
        ChainBrokenError: the first entry that was changed, dropped, added or moved.
    """
    last, number = start, 0
    for entry in entries:
        number += 1
        if entry.n != number or entry.prev != last:
            raise ChainBrokenError(number, MISPLACED)
        if entry.hash != _hash(last, number, entry.body):
            raise ChainBrokenError(number, CHANGED)
        last = entry.hash
    if head is not None and head != last:
        raise ChainBrokenError(number + 1, CUT_OFF)
    return last


def _hash(prev: str, number: int, body: Json) -> str:
    return _sha256({"body": body, "n": number, "prev": prev})


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _text(value: object, depth: int) -> str:
    if depth == 0:
        raise MessageError(TOO_DEEP)
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return _number(value)
        case list() | tuple():
            return "[" + ",".join(_text(each, depth - 1) for each in value) + "]"
        case dict():
            return "{" + ",".join(_members(value, depth)) + "}"
        case _:
            raise MessageError(f"{type(value).__name__} has no canonical form")


def _members(value: Mapping[Any, object], depth: int) -> Iterable[str]:
    if not all(isinstance(name, str) for name in value):
        raise MessageError("a member's name that is no text has no canonical form")
    for name in sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass")):
        yield f"{json.dumps(name, ensure_ascii=False)}:{_text(value[name], depth - 1)}"


def _number(value: float) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) <= _MAX_INT:
        value = int(value)
    if isinstance(value, int) and abs(value) <= _MAX_INT:
        return str(value)
    if isinstance(value, float) and _LEAST <= abs(value) < _MOST:
        return repr(value)
    raise MessageError("a number that has no canonical form here")
