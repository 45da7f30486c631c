"""When to look whether a card is really gone: the dates, and which look is due. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, NamedTuple

from agent.unbind.deadlines import Deadline, after_cancellation
from agent.unbind.platform import GENERIC, Platform, find

_LOOK: Final = "verify_"


class Dated(NamedTuple):
    """A look, and when it is due."""

    id: str
    due_at: datetime


def rules_of(platforms: Iterable[Platform], *names: str | None) -> Platform:
    """The rules of the first platform that is named and known; else those that hold for all."""
    listed = tuple(platforms)
    for name in names:
        found = find(listed, name)
        if found is not None:
            return found
    return next(each for each in listed if each.name == GENERIC)


def looks(cancelled_at: datetime, platform: Platform, first_day: int | None) -> tuple[Dated, ...]:
    """All looks after a cancellation, the earliest first."""
    found = after_cancellation(cancelled_at, platform, first_day)
    return tuple(Dated(each.id, each.due_at) for each in found if _is_look(each) and each.due_at)


def due(planned: Iterable[Dated], done: Collection[str], now: datetime) -> tuple[Dated, ...]:
    """The looks whose time has come and that were not taken; one look serves them all."""
    return tuple(each for each in planned if each.due_at <= now and each.id not in done)


def next_due(planned: Iterable[Dated], now: datetime) -> datetime | None:
    """When the next look is due; None behind the last one."""
    return min((each.due_at for each in planned if each.due_at > now), default=None)


def _is_look(deadline: Deadline) -> bool:
    return deadline.id.startswith(_LOOK)
