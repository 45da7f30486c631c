"""Signed evidence, `simward/evidence/1`: written once, read strictly, verified offline. Pure.

A document has a head (whose, of what, made when, with which key, how many entries, what it does not
attest), entries chained by hashes (`cloud_bridge.evidence`; the chain starts from the head), and an
Ed25519 signature over the canonical form of all the rest. Its file is the canonical form and one
newline: what is spelled otherwise is not what was signed, and is refused. Numbers are whole and
names of members are ASCII, so that `json.dumps(sort_keys=True, ...)` anywhere gives the same bytes
(docs/evidence.md).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cloud_bridge.errors import MessageError, reason
from cloud_bridge.evidence import (
    ChainBrokenError,
    Entry,
    Json,
    canonical,
    check_chain,
    next_entry,
    start_of,
)
from cloud_bridge.signing import ALGORITHM, SigningKey, check_signature

SCHEMA: Final = "simward/evidence/1"
KINDS: Final = ("bind", "unbind", "closing", "verification")
MAX_EVIDENCE_BYTES: Final = 60 * 1024
"""With its envelope it fits one message (64 KiB)."""

NOT_ATTESTED: Final[tuple[Json, ...]] = (
    {
        "id": "subscription",
        "en": "the state of the subscription at the carrier; the carrier alone can attest it",
        "zh": "运营商侧的业务状态；只有运营商能够证明",
    },
    {
        "id": "answers",
        "en": "that answers given by people are true; it holds what was asked and who answered",
        "zh": "人工回答的内容属实；这里只记录问了什么、由谁回答",
    },
    {
        "id": "account_facts",
        "en": "that what a platform said is right; it holds what was said, and as of when",
        "zh": "平台给出的信息正确；这里只记录给出了什么、截至何时",
    },
    {
        "id": "clock",
        "en": "the true time; it holds the gateway's own, and whether its clock was synchronised",
        "zh": "时间准确；时间取自网关自身时钟，并注明当时是否已同步",
    },
    {
        "id": "unread",
        "en": "anything that is not in its entries; what was not read is not known",
        "zh": "记录以外的任何事项；没有读取的内容即为未知",
    },
    {
        "id": "key_holder",
        "en": "who holds the signing key; compare the key with one obtained elsewhere",
        "zh": "签名密钥由谁持有；请与另行取得的公钥比对",
    },
)
"""What a document of this version never attests; each one says so itself, in both languages."""

FILE, HEAD, ENTRY, SIGNATURE = "file", "head", "entry", "signature"

TOO_LONG: Final = reason("longer than any evidence (60 KiB)")
FOREIGN: Final = reason("no evidence of simward")
CUT_SHORT: Final = reason("cut off or added to: it has to end with one brace and one newline")
NOT_JSON: Final = reason("not JSON")
TWICE: Final = reason("a member stands twice in one object")
FRACTION: Final = reason("a number that is not whole, or too large")
NAME: Final = reason("a member's name that is not ASCII")
SPELLING: Final = reason("spelled in another way than the canonical form that was signed")
MEMBERS: Final = reason("a member is missing, of the wrong type, or one too many")
OTHER_SCHEMA: Final = reason("another document, or another version of it")
OTHER_ALGORITHM: Final = reason("another algorithm than Ed25519")
DISCLAIMER: Final = reason("it does not say what it does not attest")
OTHER_HEAD: Final = reason("its head is not the one that its entries were chained to")
TOO_FEW: Final = reason("missing: the head counts more entries")
TOO_MANY: Final = reason("added: the head counts fewer entries")
OTHER_KEY: Final = reason("signed with another key than the one given")

_MAX_INT: Final = 2**53 - 1
_MARKS: Final = (b'"entries":[', b'"head":{', b'"signature":"')
_TOP: Final = {"algorithm", "entries", "head", "schema", "signature"}
_DIGITS: Final = re.compile(r"[0-9a-f]{64}")
_SIGNED: Final = re.compile(r"[0-9a-f]{128}")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "gw": re.compile(r"[A-Za-z0-9_.-]{1,40}"),
    "store": re.compile(r"[0-9A-Fa-f]{8}"),
    "kind": re.compile("|".join(KINDS)),
    "made_at": _INSTANT,
    "software": re.compile(r"[^\n]{1,128}"),
    "public_key": _DIGITS,
}
_OPTIONAL: Final = ("order_id", "iccid", "imei")


class EvidenceError(MessageError):
    """Evidence that does not hold: which `part`, the entry's `number` if it is one, and why."""

    def __init__(self, part: str, reason: str, number: int | None = None) -> None:
        super().__init__(reason)
        self.part = part
        self.number = number

    def __str__(self) -> str:
        place = self.part if self.number is None else f"{self.part} {self.number}"
        return f"{place}: {self.reason}"


class Head(NamedTuple):
    """Of what the evidence is; None is what it is not about (no order, no card)."""

    gw: str
    store: str
    boot: int
    kind: str
    """One of `KINDS`."""
    made_at: str
    """UTC by the gateway's clock, `2026-11-22T01:02:03.456Z`."""
    clock_synchronized: bool
    up_s: int
    """Whole seconds since boot."""
    software: str
    order_id: str | None = None
    iccid: str | None = None
    imei: str | None = None


class Evidence(NamedTuple):
    """A document that was read: well-formed and canonical, whatever its chain and signature."""

    head: Json
    bodies: tuple[Json, ...]
    entries: tuple[Entry, ...]
    signature: str
    signed: bytes
    """The bytes that the signature is over."""

    @property
    def public_key(self) -> str:
        """The key that it says it was signed with."""
        return str(self.head["public_key"])


def sign(head: Head, bodies: Iterable[Mapping[str, Any]], key: SigningKey) -> bytes:
    """The file of a new document: one line.

    The bodies are those of `cloud_bridge.evidence_entries`: at least `what`, `at` and `up_s`.

    Raises:
        EvidenceError: something in it has no place in evidence; naming the entry.
    """
    bodies = tuple(bodies)
    full = {
        **head._asdict(),
        "entries": len(bodies),
        "not_attested": list(NOT_ATTESTED),
        "public_key": key.public,
    }
    last, entries = start_of(full), []
    for number, body in enumerate(bodies, start=1):
        try:
            _check_value(dict(body))
            entry = next_entry(last, number, dict(body))
        except MessageError as error:
            raise EvidenceError(ENTRY, error.reason, number) from error
        last = entry.hash
        entries.append(entry._asdict())
    unsigned = {"algorithm": ALGORITHM, "entries": entries, "head": full, "schema": SCHEMA}
    raw = canonical({**unsigned, "signature": key.sign(canonical(unsigned))}) + b"\n"
    verify(raw, public_key=key.public)  # nothing leaves that would not be accepted
    return raw


def verify(raw: bytes, *, public_key: str | None = None) -> Evidence:
    """The evidence in a file, if nothing in it was changed since it was signed.

    `public_key`: the signer's, obtained elsewhere. Without it this says nothing about who signed:
    whoever can change a document can sign it anew with a key of his own.

    Raises:
        EvidenceError: the first thing that does not hold, and where.
    """
    evidence = read(raw)
    check(evidence, public_key=public_key)
    return evidence


def check(evidence: Evidence, *, public_key: str | None = None) -> None:
    """Chain, key and signature of what was read.

    Raises:
        EvidenceError: the first of them that does not hold.
    """
    _check_entries(evidence.head, evidence.entries)
    if public_key is not None and public_key != evidence.public_key:
        raise EvidenceError(SIGNATURE, OTHER_KEY)
    try:
        check_signature(evidence.public_key, evidence.signature, evidence.signed)
    except MessageError as error:
        raise EvidenceError(SIGNATURE, error.reason) from error


def _check_entries(head: Json, entries: Sequence[Entry]) -> None:
    start = start_of(head)
    if entries and entries[0].n == 1 and entries[0].prev != start:
        raise EvidenceError(HEAD, OTHER_HEAD)
    try:
        check_chain(start, entries)
    except ChainBrokenError as error:
        raise EvidenceError(ENTRY, error.reason, error.number) from error
    if len(entries) < head["entries"]:
        raise EvidenceError(ENTRY, TOO_FEW, len(entries) + 1)
    if len(entries) > head["entries"]:
        raise EvidenceError(ENTRY, TOO_MANY, head["entries"] + 1)


def looks_like_evidence(raw: bytes) -> bool:
    """Whether this may be evidence, maybe a damaged one, rather than another file altogether."""
    return len(raw) <= MAX_EVIDENCE_BYTES and any(mark in raw for mark in _MARKS)


def read(raw: bytes) -> Evidence:
    """The document in a file, well-formed; chain and signature are not looked at (`check` does).

    Raises:
        EvidenceError: too long, not canonical JSON, or of another form.
    """
    document = _parsed(raw)
    if set(document) != _TOP:
        raise EvidenceError(FILE, MEMBERS)
    if document["schema"] != SCHEMA:
        raise EvidenceError(FILE, OTHER_SCHEMA)
    if document["algorithm"] != ALGORITHM:
        raise EvidenceError(FILE, OTHER_ALGORITHM)
    if not _is_like(document["signature"], _SIGNED):
        raise EvidenceError(SIGNATURE, MEMBERS)
    _check_head(document["head"])
    if not isinstance(document["entries"], list):
        raise EvidenceError(FILE, MEMBERS)
    entries = tuple(_entry(n, each) for n, each in enumerate(document["entries"], start=1))
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    return Evidence(
        document["head"],
        tuple(each.body for each in entries),
        entries,
        document["signature"],
        canonical(unsigned),
    )


def _parsed(raw: bytes) -> Json:
    if len(raw) > MAX_EVIDENCE_BYTES:
        raise EvidenceError(FILE, TOO_LONG)
    if not raw.endswith(b"}\n"):
        raise EvidenceError(FILE, CUT_SHORT)
    try:
        document: Json = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
            parse_int=_whole,
        )
        spelled = canonical(document) + b"\n"
    except MessageError as error:
        raise EvidenceError(FILE, error.reason) from error
    except (ValueError, RecursionError) as error:
        raise EvidenceError(FILE, NOT_JSON) from error
    if spelled != raw:
        raise EvidenceError(FILE, SPELLING)
    return document  # a canonical text that ends in a brace is an object


def _object(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MessageError(TWICE)
    if not all(name.isascii() for name in found):
        raise MessageError(NAME)
    return found


def _no_fraction(_: str) -> None:
    raise MessageError(FRACTION)


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > _MAX_INT:
        raise MessageError(FRACTION)
    return int(digits)


def _check_value(value: object) -> None:
    """What is written has to be readable by the rules above."""
    if isinstance(value, float):
        raise MessageError(FRACTION)
    if isinstance(value, dict):
        if not all(isinstance(name, str) and name.isascii() for name in value):
            raise MessageError(NAME)
        for member in value.values():
            _check_value(member)
    elif isinstance(value, list | tuple):
        for member in value:
            _check_value(member)


def _check_head(head: object) -> None:
    if not isinstance(head, dict):
        raise EvidenceError(HEAD, MEMBERS)
    if not all(_is_like(head.get(name), shape) for name, shape in _SHAPES.items()):
        raise EvidenceError(HEAD, MEMBERS)
    for name in _OPTIONAL:
        if name not in head or not isinstance(head[name], str | None):
            raise EvidenceError(HEAD, MEMBERS)
    if not all(_is_count(head.get(name)) for name in ("boot", "up_s", "entries")):
        raise EvidenceError(HEAD, MEMBERS)
    if not isinstance(head.get("clock_synchronized"), bool):
        raise EvidenceError(HEAD, MEMBERS)
    if not _disclaims(head.get("not_attested")):
        raise EvidenceError(HEAD, DISCLAIMER)


def _disclaims(points: object) -> bool:
    """Whether it names every point of this version, in both languages, in whatever words."""
    if not isinstance(points, list):
        return False
    named = [each["id"] for each in points if _is_point(each)]
    return len(named) == len(points) and named == [point["id"] for point in NOT_ATTESTED]


def _is_point(point: object) -> bool:
    return (
        isinstance(point, dict)
        and set(point) == {"id", "en", "zh"}
        and all(isinstance(text, str) for text in point.values())
    )


def _entry(number: int, entry: object) -> Entry:
    if not isinstance(entry, dict) or set(entry) != {"body", "hash", "n", "prev"}:
        raise EvidenceError(ENTRY, MEMBERS, number)
    body = entry["body"]
    if not isinstance(body, dict) or not _says_what_and_when(body):
        raise EvidenceError(ENTRY, MEMBERS, number)
    if not _is_like(entry["hash"], _DIGITS) or not _is_like(entry["prev"], _DIGITS):
        raise EvidenceError(ENTRY, MEMBERS, number)
    if not _is_count(entry["n"]):
        raise EvidenceError(ENTRY, MEMBERS, number)
    return Entry(entry["n"], entry["prev"], body, entry["hash"])


def _says_what_and_when(body: Json) -> bool:
    timed = "at" in body and (body["at"] is None or _is_like(body["at"], _INSTANT))
    return timed and _is_count(body.get("up_s")) and isinstance(body.get("what"), str)


def _is_like(value: object, shape: re.Pattern[str]) -> bool:
    return isinstance(value, str) and shape.fullmatch(value) is not None


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
