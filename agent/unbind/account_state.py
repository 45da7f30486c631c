"""What state a platform says a card is in: from its own code, by the rules of the platform. Pure.

The code is the authority. A code that nobody lists, a code without a platform, and a code that
contradicts the word beside it are `unknown`: never `active`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from agent.i18n import mark
from agent.unbind.platform import Platform, find
from cloud_bridge.orders import AccountFacts

UNKNOWN: Final = "unknown"

NO_STATE: Final = mark("the platform gives no state")
NO_PLATFORM: Final = mark("the facts give a code, but name no platform")
NOT_LISTED: Final = mark("a code of a platform that is not listed here")
CODE_UNKNOWN: Final = mark("the platform's code is on no list")
CONTRADICTED: Final = mark("the platform's code and the state beside it contradict each other")


class PlatformState(NamedTuple):
    """A state, the stop reasons as words, whose rules hold, and why a state is unknown."""

    state: str
    reasons: tuple[str, ...]
    platform: Platform | None
    why_unknown: str | None = None


def state_of(
    account: AccountFacts, platforms: Iterable[Platform], *, named: str | None = None
) -> PlatformState:
    """The card's state; `named` is the platform where the facts themselves name none."""
    platform = find(platforms, account.platform or named)
    code, reasons = account.raw_code, account.stop_reasons
    if platform is not None:
        reasons = platform.reasons_of(code, reasons)
    state, why = _state(account, platform)
    return PlatformState(state, reasons, platform, why)


def _state(account: AccountFacts, platform: Platform | None) -> tuple[str, str | None]:
    code, word = account.raw_code, account.state
    if code is None or (platform is not None and not platform.states.codes):
        return word, NO_STATE if word == UNKNOWN else None
    if platform is None:
        return UNKNOWN, NO_PLATFORM if account.platform is None else NOT_LISTED
    meant = platform.state_of(code)
    if meant == UNKNOWN:
        return UNKNOWN, CODE_UNKNOWN
    if word not in {UNKNOWN, meant}:
        return UNKNOWN, CONTRADICTED
    return meant, None
