"""Pairings of IMEI and ICCID, what changed between two, and what that may cost. Pure.

A carrier that binds a card to a device compares the IMEI: on the network side at once, on the
billing side in the call records of the day. A device sees neither; it can say what changed here,
and what such a change is known to cost. Nothing here says that a card *is* stopped.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

Json = dict[str, Any]

IMEI, CARD, SLOT = "imei", "card", "slot"

SEPARATION: Final = "separation"
SEPARATION_KNOWN: Final = "separation_known"
SOLDERED: Final = "soldered_card"
REBIND_LIMIT: Final = "rebind_limit"
UNKNOWN_BINDING: Final = "binding_unknown"
UNKNOWN_LIMIT: Final = "rebind_limit_unknown"


class Pairing(NamedTuple):
    """A card in a modem, in a slot of this device."""

    slot: int
    imei: str
    iccid: str

    def to_json(self) -> Json:
        """As an entry's body holds it."""
        return {"slot": self.slot, "imei": self.imei, "iccid": self.iccid}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Pairing":
        """Back from an entry's body."""
        return cls(int(body["slot"]), str(body["imei"]), str(body["iccid"]))


class Known(NamedTuple):
    """What the history knows: the last pairing of this slot, and the last one of this card.

    `stood_before`: whether the very same stood in this slot at any time.
    """

    in_slot: Pairing | None
    of_card: Pairing | None
    stood_before: bool = False


class PlatformSays(NamedTuple):
    """What account facts say of a card: its platform, and the IMEI it is bound to, by kind."""

    platform: str | None = None
    bound_to: Mapping[str, str | None] = {}
    """Kinds of binding that stand (`billing_side`, `network_side`), and to which IMEI."""


class Change(NamedTuple):
    """What is different: of `imei`, `card` and `slot`; and the pairing it is different from."""

    changed: tuple[str, ...]
    was: Pairing


def is_new(now: Pairing, known: Known) -> bool:
    """Whether the history has to grow."""
    return now != known.in_slot


def change_of(now: Pairing, known: Known) -> Change | None:
    """What changed; None for a first pairing, and where nothing did."""
    if not is_new(now, known):
        return None
    moved = known.of_card is not None and known.of_card.slot != now.slot
    was = known.in_slot or known.of_card
    if was is None:
        return None
    changed = [
        name
        for name, is_other in (
            (IMEI, was.imei != now.imei),
            (CARD, was.iccid != now.iccid),
            (SLOT, moved),
        )
        if is_other
    ]
    return Change(tuple(changed), was)


def costs_of(
    now: Pairing, known: Known, says: PlatformSays | None, rules: "Rules | None"
) -> tuple[str, ...]:
    """What the change may cost this card, as codes; what is not known is said as such.

    `says` is None without account facts of this card; `rules` are those of its platform or carrier.
    """
    found: list[str] = []
    bound = None if says is None else dict(says.bound_to)
    if bound is None:
        before = known.of_card
        if before is None:  # never seen in this device: it may be bound to another one
            found.append(UNKNOWN_BINDING)
        elif not same_device(before.imei, now.imei):
            found.append(SEPARATION)
    elif any(imei is not None and not same_device(imei, now.imei) for imei in bound.values()):
        found.append(SEPARATION_KNOWN)
    elif any(imei is None for imei in bound.values()):
        found.append(UNKNOWN_BINDING)  # bound, but to which device the facts do not say
    if not found:
        return ()
    if rules is None or rules.soldered_stops:
        found.append(SOLDERED)
    found.append(REBIND_LIMIT if rules is not None and rules.limited else UNKNOWN_LIMIT)
    return tuple(found)


def same_device(one: str, other: str) -> bool:
    """Whether two IMEIs name one device.

    The last of 15 digits is a check digit, and 16 digits end in a software version
    (3GPP TS 23.003 clause 6.2, unread).
    """
    return one[:14] == other[:14]


class Rules(NamedTuple):
    """What a platform does about another device: stops a solder-down card, limits rebinding."""

    soldered_stops: bool
    limited: bool
