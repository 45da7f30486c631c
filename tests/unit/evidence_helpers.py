"""Evidence as a gateway would sign it, and hands that meddle with it."""

import json
from collections.abc import Callable, Iterator

from cloud_bridge.certificate import (
    CUT_SHORT,
    DISCLAIMER,
    ENTRY,
    FILE,
    FRACTION,
    HEAD,
    MEMBERS,
    NAME,
    NOT_JSON,
    OTHER_ALGORITHM,
    OTHER_HEAD,
    OTHER_KEY,
    OTHER_SCHEMA,
    SIGNATURE,
    SPELLING,
    TOO_FEW,
    TOO_LONG,
    TOO_MANY,
    TWICE,
    Head,
    Json,
    sign,
)
from cloud_bridge.evidence import CHANGED, MISPLACED, TOO_DEEP, canonical, next_entry, start_of
from cloud_bridge.evidence_entries import When, was_answered, was_done, was_judged, was_read
from cloud_bridge.signing import WRONG_SIGNATURE, SigningKey


def key_of(byte: int) -> SigningKey:
    """The same key for the same number."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([byte]) * 32))


KEY, STRANGER = key_of(1), key_of(2)
ICCID, IMEI = "89001010000000000018", "356938035643809"
HEAD_OF_UNBIND = Head(
    gw="a1b2c3d4e5",
    store="0f3c9a11",
    boot=7,
    kind="unbind",
    made_at="2026-11-22T01:02:03.456Z",
    clock_synchronized=True,
    up_s=86400,
    software="simward 0.1.0",
    order_id="WO-2026-0001",
    iccid=ICCID,
    imei=IMEI,
)
WHEN = When(86396.7, "2026-11-22T01:01:59.000Z")
BODIES: tuple[Json, ...] = (
    was_read(WHEN, "sim.iccid", ICCID, "AT+CRSM=176,12258,0,0,10"),
    was_answered(WHEN, "dependencies.numbers", True, "张三丰", "原号码13800138000已换绑"),
    was_judged(WHEN, "identity", "pass", "device", None),
    was_done(When(86399.0, None), "pdp_down", "inactive", "AT+CGACT=0,1"),
)
RAW = sign(HEAD_OF_UNBIND, BODIES, KEY)
OTHER_RAW = sign(HEAD_OF_UNBIND._replace(boot=8), BODIES, KEY)


def document_of(raw: bytes = RAW) -> Json:
    document: Json = json.loads(raw)
    return document


def written(document: Json) -> bytes:
    return canonical(document) + b"\n"


def chained_anew(document: Json) -> Json:
    """What somebody does who knows the format and has no key."""
    last = start_of(document["head"])
    for number, entry in enumerate(document["entries"], start=1):
        new = next_entry(last, number, entry["body"])
        entry.update(new._asdict())
        last = new.hash
    return document


def signed_by(document: Json, key: SigningKey) -> Json:
    """What somebody does who has a key of his own."""
    document["head"]["public_key"] = key.public
    chained_anew(document)
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    return {**unsigned, "signature": key.sign(canonical(unsigned))}


Outcome = tuple[str, int | None, str]
"""Part, entry, reason."""


def signed_unchained(change: Callable[[Json], object]) -> bytes:
    """By the gateway's own key over hashes that do not fit: only the chain shows it."""
    document = document_of()
    change(document)
    del document["signature"]
    return written({**document, "signature": KEY.sign(canonical(document))})


def changed(change: Callable[[Json], object], raw: bytes = RAW) -> bytes:
    document = document_of(raw)
    change(document)
    return written(document)


def rehashed(change: Callable[[Json], object]) -> bytes:
    document = document_of()
    change(document)
    return written(chained_anew(document))


def resigned(change: Callable[[Json], object], key: SigningKey = KEY) -> bytes:
    """By the gateway's own key: what a faulty writer, not a forger, would bring about."""
    document = document_of()
    change(document)
    return written(signed_by(document, key))


def _put(document: Json, *path: str | int, value: object) -> None:
    inner = document
    for step in path[:-1]:
        inner = inner[step]  # type: ignore[index]
    inner[path[-1]] = value  # type: ignore[index]


def put(*path: str | int, value: object) -> Callable[[Json], None]:
    return lambda document: _put(document, *path, value=value)


def taken(*path: str | int) -> Callable[[Json], None]:
    def take(document: Json) -> None:
        inner = document
        for step in path[:-1]:
            inner = inner[step]  # type: ignore[index]
        del inner[path[-1]]  # type: ignore[arg-type]

    return take


def swapped(document: Json) -> None:
    entries = document["entries"]
    entries[1], entries[2] = entries[2], entries[1]


def spelled(old: bytes, new: bytes) -> bytes:
    assert old in RAW
    return RAW.replace(old, new, 1)


def tampered() -> Iterator[tuple[str, bytes, Outcome]]:
    """Name, file, and what has to be said of it to whoever has the gateway's key."""
    yield from _in_the_file()
    yield from _in_the_head()
    yield from _in_the_entries()
    yield from _around_the_signature()


def _in_the_file() -> Iterator[tuple[str, bytes, Outcome]]:
    yield "empty", b"", (FILE, None, CUT_SHORT)
    yield "cut in the middle", RAW[: len(RAW) // 2], (FILE, None, CUT_SHORT)
    yield "newline lost", RAW[:-1], (FILE, None, CUT_SHORT)
    yield "newline added", RAW + b"\n", (FILE, None, CUT_SHORT)
    yield "second document", RAW + RAW, (FILE, None, NOT_JSON)
    yield "brace lost", RAW[:-2] + b"}}\n", (FILE, None, NOT_JSON)
    yield "not UTF-8", spelled("张".encode(), b"\xff\xfe\xfd"), (FILE, None, NOT_JSON)
    yield "BOM", b"\xef\xbb\xbf" + RAW, (FILE, None, NOT_JSON)
    yield "nested deeply", b"[" * 30000 + b"}\n", (FILE, None, NOT_JSON)
    deep = spelled(b'"value":true', b'"value":' + b"[" * 40 + b"]" * 40)
    yield "nested deeper than any", deep, (FILE, None, TOO_DEEP)
    yield "too long", RAW[:-2] + b" " * 61440 + b"}\n", (FILE, None, TOO_LONG)
    twice = spelled(b'"boot":7', b'"boot":7,"boot":7')
    yield "member twice", twice, (FILE, None, TWICE)
    yield (
        "member twice, other value",
        spelled(b'"boot":7', b'"boot":8,"boot":7'),
        (
            FILE,
            None,
            TWICE,
        ),
    )
    for number in (b"7.0", b"7e0", b"NaN", b"Infinity", b"-Infinity", b"9007199254740992"):
        yield (
            f"number {number.decode()}",
            spelled(b'"boot":7', b'"boot":' + number),
            (
                FILE,
                None,
                FRACTION,
            ),
        )
    huge = spelled(b'"boot":7', b'"boot":' + b"7" * 5000)
    yield "number of 5000 digits", huge, (FILE, None, FRACTION)
    for name, old, new in (
        ("blank", b'"boot":7', b'"boot": 7'),
        ("escape", b'"WO-', b'"\\u0057O-'),
        (
            "order of members",
            b'"boot":7,"clock_synchronized":true',
            b'"clock_synchronized":true,"boot":7',
        ),
        ("minus zero", b'"boot":7', b'"boot":-0'),
    ):
        yield name, spelled(old, new), (FILE, None, SPELLING)
    yield "no object", b'[{}\n,{"a":1}\n]'.replace(b"\n]", b"}\n"), (FILE, None, NOT_JSON)
    yield "name beyond ASCII", resigned(put("head", "é", value=1)), (FILE, None, NAME)
    yield "member too many", resigned(put("more", value=1)), (FILE, None, MEMBERS)
    yield "no entries at all", changed(taken("entries")), (FILE, None, MEMBERS)
    yield "entries no list", changed(put("entries", value={})), (FILE, None, MEMBERS)
    other = resigned(put("schema", value="simward/evidence/2"))
    yield "other schema", other, (FILE, None, OTHER_SCHEMA)
    for word in ("none", "Ed25519ph", "HS256", None):
        raw = resigned(put("algorithm", value=word))
        yield f"algorithm {word}", raw, (FILE, None, OTHER_ALGORITHM)


def _in_the_head() -> Iterator[tuple[str, bytes, Outcome]]:
    for name, value in (("iccid", ICCID[:-1] + "9"), ("kind", "bind"), ("boot", 9)):
        change = put("head", name, value=value)
        yield f"{name} changed", changed(change), (HEAD, None, OTHER_HEAD)
        yield f"{name} changed, signed", signed_unchained(change), (HEAD, None, OTHER_HEAD)
        yield f"{name} changed, rehashed", rehashed(change), (SIGNATURE, None, WRONG_SIGNATURE)
    yield (
        "of another document",
        changed(put("head", value=document_of(OTHER_RAW)["head"])),
        (
            HEAD,
            None,
            OTHER_HEAD,
        ),
    )
    for name, value in (
        ("gw", "a b"),
        ("store", "0f3c"),
        ("boot", True),
        ("up_s", -1),
        ("entries", "4"),
        ("kind", "unbinding"),
        ("iccid", 1),
        ("made_at", "yesterday"),
        ("clock_synchronized", None),
        ("public_key", "A" * 64),
    ):
        yield (
            f"{name} of another form",
            changed(put("head", name, value=value)),
            (
                HEAD,
                None,
                MEMBERS,
            ),
        )
    yield "no object as head", changed(put("head", value=[])), (HEAD, None, MEMBERS)
    yield "no order_id", resigned(taken("head", "order_id")), (HEAD, None, MEMBERS)
    for name, change in (
        ("gone", taken("head", "not_attested")),
        ("empty", put("head", "not_attested", value=[])),
        ("one gone", taken("head", "not_attested", 0)),
        ("one in one language", taken("head", "not_attested", 0, "zh")),
        ("one more, of no form", lambda d: d["head"]["not_attested"].append("x")),
        ("text no text", put("head", "not_attested", 0, "zh", value=1)),
    ):
        yield f"disclaimer {name}", resigned(change), (HEAD, None, DISCLAIMER)


def _in_the_entries() -> Iterator[tuple[str, bytes, Outcome]]:
    last = len(BODIES)
    for n in range(1, last + 1):
        change = put("entries", n - 1, "body", "up_s", value=1)
        yield f"entry {n} changed", changed(change), (ENTRY, n, CHANGED)
        yield (
            f"entry {n} changed, rehashed",
            rehashed(change),
            (
                SIGNATURE,
                None,
                WRONG_SIGNATURE,
            ),
        )
        yield f"entry {n} changed, signed", signed_unchained(change), (ENTRY, n, CHANGED)
        gone = taken("entries", n - 1)
        where = (ENTRY, n, MISPLACED if n < last else TOO_FEW)
        yield f"entry {n} dropped", changed(gone), where
        yield f"entry {n} dropped, signed", signed_unchained(gone), where
        yield f"entry {n} dropped, rehashed", rehashed(gone), (ENTRY, last, TOO_FEW)
        again = document_of()
        again["entries"].insert(n, again["entries"][n - 1])
        yield f"entry {n} twice", written(again), (ENTRY, n + 1, MISPLACED)
    yield "two swapped", changed(swapped), (ENTRY, 2, MISPLACED)
    yield "two swapped, signed", signed_unchained(swapped), (ENTRY, 2, MISPLACED)
    yield "two swapped, rehashed", rehashed(swapped), (SIGNATURE, None, WRONG_SIGNATURE)
    added = document_of()
    added["entries"].append({"body": BODIES[-1]})
    yield "one added", written(chained_anew(added)), (ENTRY, last + 1, TOO_MANY)
    moved = document_of()
    moved["entries"] = document_of(OTHER_RAW)["entries"]
    yield "all of another document", written(moved), (HEAD, None, OTHER_HEAD)
    one = document_of()
    one["entries"][2] = document_of(OTHER_RAW)["entries"][2]
    yield "one of another document", written(one), (ENTRY, 3, MISPLACED)
    yield "all dropped", changed(put("entries", value=[])), (ENTRY, 1, TOO_FEW)
    for name, change in (
        ("number", put("entries", 1, "n", value=True)),
        ("no object", put("entries", 1, value=None)),
        ("hash", put("entries", 1, "hash", value="00")),
        ("prev", put("entries", 1, "prev", value=None)),
        ("body", put("entries", 1, "body", value=[])),
        ("nothing said", taken("entries", 1, "body", "what")),
        ("no time", taken("entries", 1, "body", "at")),
        ("a time of no form", put("entries", 1, "body", "at", value="now")),
        ("seconds below nought", put("entries", 1, "body", "up_s", value=-1)),
        ("a member too many", put("entries", 1, "more", value=1)),
    ):
        yield f"entry of no form: {name}", changed(change), (ENTRY, 2, MEMBERS)


def _around_the_signature() -> Iterator[tuple[str, bytes, Outcome]]:
    signature = document_of()["signature"]
    other = document_of(OTHER_RAW)["signature"]
    wrong: Outcome = (SIGNATURE, None, WRONG_SIGNATURE)
    yield "signature of another document", changed(put("signature", value=other)), wrong
    zeros = changed(put("signature", value="0" * 128))
    yield "signature of zeros", zeros, wrong
    for value in (signature.upper(), signature[:-2], "", None):
        yield (
            f"signature of no form: {value}",
            changed(put("signature", value=value)),
            (
                SIGNATURE,
                None,
                MEMBERS,
            ),
        )
    forged = resigned(put("entries", 0, "body", "up_s", value=1), STRANGER)
    yield "signed by a stranger", forged, (SIGNATURE, None, OTHER_KEY)
    claimed = document_of()
    claimed = signed_by(claimed, STRANGER)
    claimed["head"]["public_key"] = KEY.public
    chained_anew(claimed)
    yield "signed by a stranger who names our key", written(claimed), wrong
