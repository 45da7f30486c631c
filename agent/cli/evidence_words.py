"""What a backend found of evidence, in words for people."""

from typing import Final

from agent.cli.certificate_file import PLACES
from agent.i18n import mark, reason_text, t
from cloud_bridge.backend.judgement import (
    BROKEN,
    INTACT,
    OTHER_KEY,
    VERIFIED,
    Judgement,
)

KINDS: Final = {
    "bind": mark("installation (bind)"),
    "unbind": mark("before release (unbind)"),
    "closing": mark("closing record"),
    "verification": mark("verification"),
}
HANDED_OVER: Final = {
    "acked": mark("acknowledged by the backend"),
    "queued": mark("waits to be acknowledged"),
    "unreachable": mark("does not get there by itself: hand over the file"),
}
"""How far evidence is on its way to the backend."""
VERDICTS: Final = {
    VERIFIED: mark("verified with the gateway's key"),
    INTACT: mark("intact; no key of this gateway is known here"),
    OTHER_KEY: mark("intact, but NOT signed with the key that is known"),
    BROKEN: mark("DOES NOT HOLD"),
}


def verdict_words(found: Judgement) -> str:
    """The verdict; where it does not hold, the place and the reason."""
    words = t(VERDICTS[found.verdict])
    if found.verdict != BROKEN or found.reason is None:
        return words
    place = t(PLACES[found.part or "file"], number=found.entry)
    where = t("{place}: {reason}", place=place, reason=reason_text(found.reason))
    return t("{verdict}: {where}", verdict=words, where=where)


def kind_words(kind: object) -> str:
    """What kind of document it is."""
    return t(KINDS.get(str(kind), str(kind)))
