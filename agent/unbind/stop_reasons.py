"""Why a card is stopped: the words of account facts, and what each means for cancelling. Pure."""

from typing import Final, NamedTuple

from agent.i18n import mark

OWN, BLOCKS, ARREARS, VAGUE = "own", "blocks", "arrears", "vague"


class StopReason(NamedTuple):
    """A reason's name (a text of the catalogue), and its weight.

    `own`: the holder's doing, or gone with the next cycle or a renewal; `blocks`: the carrier or
    issuer has to lift it first; `arrears`: debts stand; `vague`: says how it is stopped, not why.
    """

    name: str
    weight: str


STOP_REASONS: Final = {
    "requested": StopReason(mark("suspended by its holder"), OWN),
    "keep": StopReason(mark("suspended, number kept (paid)"), OWN),
    "plan_expired": StopReason(mark("plan expired"), OWN),
    "over_quota": StopReason(mark("over quota"), OWN),
    "arrears": StopReason(mark("arrears"), ARREARS),
    "separated": StopReason(mark("device and card separated"), BLOCKS),
    "violation": StopReason(mark("violation"), BLOCKS),
    "real_name": StopReason(mark("no real-name registration"), BLOCKS),
    "admin": StopReason(mark("administrative suspension"), BLOCKS),
    "forced": StopReason(mark("forced suspension"), BLOCKS),
    "area_restricted": StopReason(mark("area restriction"), BLOCKS),
    "carrier_managed": StopReason(mark("carrier-managed"), BLOCKS),
    "frozen": StopReason(mark("frozen"), BLOCKS),
    "lost": StopReason(mark("reported lost"), BLOCKS),
    "one_way": StopReason(mark("one-way suspension"), VAGUE),
    "two_way": StopReason(mark("two-way suspension"), VAGUE),
}


def weight_of(word: str) -> str:
    """The weight of a reason; one that nobody knows is `vague`."""
    known = STOP_REASONS.get(word)
    return VAGUE if known is None else known.weight


def reason_name(word: str) -> str:
    """What a reason is called; one that nobody knows is called as the platform calls it."""
    known = STOP_REASONS.get(word)
    return word if known is None else known.name
