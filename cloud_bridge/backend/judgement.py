"""What a backend finds of evidence that came in: whether it holds, and whose key signed it. Pure.

Nothing is refused here: what does not hold is kept as it came, with the verdict, because it is
evidence of that.
"""

import hashlib
import json
from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple

from cloud_bridge.certificate import OTHER_KEY as SIGNED_BY_ANOTHER
from cloud_bridge.certificate import SIGNATURE, EvidenceError, check, read
from cloud_bridge.errors import MessageError, reason
from cloud_bridge.evidence import canonical
from cloud_bridge.messages import Evidence

Json = dict[str, Any]

VERIFIED: Final = "verified"
"""It holds, and the key is the gateway's as this backend knows it (or the one that was given)."""
INTACT: Final = "intact"
"""It holds; no key of this gateway is known here, so nobody knows who signed it."""
OTHER_KEY: Final = "other_key"
"""It holds, signed with another key than the gateway's."""
BROKEN: Final = "broken"
"""It does not hold."""
VERDICTS: Final = (BROKEN, OTHER_KEY, INTACT, VERIFIED)
"""From the worst to the best."""

OTHER_GATEWAY: Final = reason("it is of another gateway than the one that sent it")
OTHER_KIND: Final = reason("it is of another kind than its message says")

KeysOf = Callable[[str], Collection[str]]
"""The public keys that are known to be a gateway's."""


class Judgement(NamedTuple):
    """What was found of one document.

    `part` and `entry` are the place where it does not hold. `head` is what the document says of
    itself, {} where that cannot be read; of one that does not hold it is no more than a claim.
    """

    sha256: str
    verdict: str
    head: Json
    part: str | None = None
    entry: int | None = None
    reason: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return self.verdict in {VERIFIED, INTACT}


def judge(raw: bytes, keys_of: KeysOf) -> Judgement:
    """What is found of the file `raw`."""
    sha256, head = hashlib.sha256(raw).hexdigest(), {}
    try:
        evidence = read(raw)
        head = evidence.head
        check(evidence)
    except EvidenceError as error:
        return Judgement(sha256, BROKEN, head, error.part, error.number, error.reason)
    keys = keys_of(str(head["gw"]))
    if not keys:
        return Judgement(sha256, INTACT, head)
    if evidence.public_key not in keys:
        return Judgement(sha256, OTHER_KEY, head, SIGNATURE, None, SIGNED_BY_ANOTHER)
    return Judgement(sha256, VERIFIED, head)


def judge_message(message: Evidence, raw: bytes, keys_of: KeysOf) -> Judgement:
    """What is found of evidence that a gateway published; `raw` is the file in it."""
    found = judge(raw, keys_of)
    if not found.head:
        return found
    for name, words in (("gw", OTHER_GATEWAY), ("kind", OTHER_KIND)):
        if found.verdict != BROKEN and found.head[name] != getattr(message, name):
            return found._replace(verdict=BROKEN, part="head", entry=None, reason=words)
    return found


def file_of(document: Json) -> bytes:
    """The signed file that a message's document is; of what has no canonical form, its JSON."""
    try:
        return canonical(document) + b"\n"
    except MessageError:
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"
