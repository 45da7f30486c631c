"""How often changes are said: a flapping modem must not turn the plan's bytes into events. Pure.

An event tells of a difference to what was *said* last, not to the sample before. Where one kind of
change was said often enough in the last hour, the next is left out and counted, and what was said
stays the base: a state that lasts is said as soon as there is room, one that went back is not.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from agent.report import Seen, Stamp, events

Json = dict[str, Any]

HOUR_S: Final = 3_600.0
# What a technician does in an hour with a card in his hand has room.
AN_HOUR: Final = {"modem": 12, "card": 12, "registration": 6}
_FACTS: Final = {
    "modem": ("imei",),
    "card": ("iccid", "eid", "empty", "present"),
    "registration": ("registered", "denied"),
}
_KIND: Final = {
    "modem_changed": "modem",
    "card_changed": "card",
    "card_removed": "card",
    "card_inserted": "card",
    "profile_switched": "card",
    "registration_denied": "registration",
    "registration_restored": "registration",
}


class Told(NamedTuple):
    """When one kind of change was said in the last hour of this boot; how many were left out."""

    boot: int
    at: tuple[float, ...] = ()
    left_out: int = 0


class Remembered(NamedTuple):
    """What was seen last, what was said last, and how often of late; kept over restarts."""

    seen: Seen
    said: Seen
    told: Mapping[str, Told]

    def to_json(self) -> Json:
        """For the store: the facts that were seen, the rest beside them."""
        told = {kind: list(told) for kind, told in self.told.items()}
        return {**self.seen.to_json(), "said": self.said.to_json(), "told": told}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "Remembered":
        """Back from the store; an older version has said all that it saw."""
        seen = Seen.from_json(facts)
        said = Seen.from_json(facts["said"]) if "said" in facts else seen
        told = {
            kind: Told(boot, tuple(at), left_out)
            for kind, (boot, at, left_out) in facts.get("told", {}).items()
        }
        return cls(seen, said, told)


def changes(
    slot: int, before: Remembered | None, now: Seen, stamp: Stamp
) -> tuple[list[tuple[str, Json]], Remembered]:
    """(code, args) of what is to be said, and what is to be remembered."""
    found = events(slot, None if before is None else before.said, now)
    edges = [] if before is None else events(slot, before.seen, now)
    said, told = now, {}
    to_say: list[tuple[str, Json]] = []
    for kind, facts in _FACTS.items():
        own = [(code, args) for code, args in found if _KIND[code] == kind]
        past = _recent(before, kind, stamp)
        if own and (before is None or len(past.at) < AN_HOUR[kind]):
            to_say += _with_left_out(own, past.left_out)
            past = Told(stamp.boot, (*past.at, stamp.up_s))
        elif before is not None:
            if own:
                said = replace(said, **{name: getattr(before.said, name) for name in facts})
            unsaid = sum(_KIND[code] == kind for code, _ in edges)
            past = past._replace(left_out=past.left_out + unsaid)
        if past.at or past.left_out:
            told[kind] = past
    return to_say, Remembered(now, said, told)


def _recent(before: Remembered | None, kind: str, stamp: Stamp) -> Told:
    """The last hour of this boot; times of another boot cannot be compared."""
    told = None if before is None else before.told.get(kind)
    if told is None:
        return Told(stamp.boot)
    same = told.boot == stamp.boot
    at = tuple(at for at in told.at if same and stamp.up_s - at < HOUR_S)
    return Told(stamp.boot, at, told.left_out)


def _with_left_out(own: list[tuple[str, Json]], left_out: int) -> list[tuple[str, Json]]:
    if not left_out:
        return own
    (code, args), *rest = own
    return [(code, {**args, "left_out": left_out}), *rest]
