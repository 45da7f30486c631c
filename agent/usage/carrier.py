"""The carrier's own figure beside ours, with how far it lags behind. Pure.

Lags, from public client code and platforms' own help pages: OneLink and GSL know usage until
yesterday 24:00, China Telecom's platform in real time; in the first three days of a month a
platform may not have begun the new cycle yet. Of other platforms the lag is not known.
"""

from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal, NamedTuple

from agent.usage.cycle import begins_at, day_of
from agent.usage.summary import CycleUsage

Lag = Literal["yesterday", "none", "unknown"]

# A part of the platform's name -> its lag.
_LAGS: Final[tuple[tuple[str, Lag], ...]] = (
    ("onelink", "yesterday"),
    ("gsl", "yesterday"),
    ("ctcc", "none"),
)
_SETTLING: Final = timedelta(days=3)


class Beside(NamedTuple):
    """What both sides know of the cycle until one moment.

    `until`: what the carrier's figure covers; None where the lag is not known. `ours`: what was
    counted here on whole days until then; None where `until` is in the middle of a day that has
    traffic, or in another cycle. `settling`: the platform may still speak of the cycle before.
    """

    lag: Lag
    until: datetime | None
    ours: int | None
    settling: bool


def beside(platform: str | None, as_of: datetime, usage: CycleUsage, zone: tzinfo) -> Beside:
    """The carrier's figure, as of a moment, beside a card's cycle."""
    lag = lag_of(platform)
    starts_at = begins_at(usage.cycle.start, zone)
    settling = starts_at <= as_of < starts_at + _SETTLING
    if lag == "unknown":
        return Beside(lag, None, None, settling)
    midnight = begins_at(day_of(as_of, zone), zone)
    until = midnight if lag == "yesterday" else as_of
    last = day_of(until, zone).isoformat()
    if not starts_at <= until <= begins_at(usage.cycle.next_start, zone):
        return Beside(lag, until, None, settling)
    partly = any(day.total for day in usage.days if day.day == last)
    if until != begins_at(day_of(until, zone), zone) and partly:
        return Beside(lag, until, None, settling)
    ours = sum(day.total for day in usage.days if day.day < last)
    return Beside(lag, until, ours, settling)


def lag_of(platform: str | None) -> Lag:
    """How far a platform's figure lags behind, by its name."""
    name = (platform or "").lower()
    return next((lag for part, lag in _LAGS if part in name), "unknown")
