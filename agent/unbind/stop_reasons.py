"""Why a card is stopped: the words of account facts, and what each means for cancelling. Pure."""

from typing import Final, NamedTuple

OWN, BLOCKS, ARREARS, VAGUE = "own", "blocks", "arrears", "vague"


class StopReason(NamedTuple):
    """A reason's names, and its weight.

    `own`: the holder's doing, or gone with the next cycle or a renewal; `blocks`: the carrier or
    issuer has to lift it first; `arrears`: debts stand; `vague`: says how it is stopped, not why.
    """

    zh: str
    en: str
    weight: str


STOP_REASONS: Final = {
    "requested": StopReason("主动停机", "suspended by its holder", OWN),
    "keep": StopReason("停机保号", "suspended, number kept (paid)", OWN),
    "plan_expired": StopReason("套餐到期停机", "plan expired", OWN),
    "over_quota": StopReason("超套停机", "over quota", OWN),
    "arrears": StopReason("欠费停机", "arrears", ARREARS),
    "separated": StopReason("机卡分离停机", "device and card separated", BLOCKS),
    "violation": StopReason("违规停机", "violation", BLOCKS),
    "real_name": StopReason("未实名停机", "no real-name registration", BLOCKS),
    "admin": StopReason("管理停机", "administrative suspension", BLOCKS),
    "forced": StopReason("强制停机", "forced suspension", BLOCKS),
    "area_restricted": StopReason("区域限制停机", "area restriction", BLOCKS),
    "carrier_managed": StopReason("运营商管理状态", "carrier-managed", BLOCKS),
    "frozen": StopReason("冻结", "frozen", BLOCKS),
    "lost": StopReason("挂失", "reported lost", BLOCKS),
    "one_way": StopReason("单停", "one-way suspension", VAGUE),
    "two_way": StopReason("双停", "two-way suspension", VAGUE),
}


def weight_of(word: str) -> str:
    """The weight of a reason; one that nobody knows is `vague`."""
    known = STOP_REASONS.get(word)
    return VAGUE if known is None else known.weight
