"""How many cards to hand in at once. Pure.

A carrier's platform takes so many cards a batch (`agent.unbind.platforms`), and one that it blocks
fails all of them. From fifty cards on a batch is handled first, says a reseller's article
('如何轻松注销鸿盟物联电话卡'): waves of equal size leave no small rest behind.
"""

import itertools
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

MOST: Final = 100
"""Where a platform names no limit of its own."""


def waves_of(cards: Sequence[T], limit: int | None) -> list[Sequence[T]]:
    """`cards` in order, in as few waves as `limit` (None: 100) allows, alike in size."""
    most = MOST if limit is None else limit
    count = -(-len(cards) // most)
    ends = [len(cards) * number // count for number in range(count + 1)] if count else []
    return [cards[start:end] for start, end in itertools.pairwise(ends)]
