"""Why and when a gateway hears how far its rows are stored. Pure."""

from typing import NamedTuple


class Touch(NamedTuple):
    """Why a gateway is looked at.

    `repeated`: a row came twice. `found`: it was found after messages may be lost. `urgent`:
    somebody at the gateway may be waiting to hear that evidence is stored.
    """

    repeated: bool = False
    found: bool = False
    urgent: bool = False


class Owed(NamedTuple):
    """What a gateway is to be told, and why soon."""

    position: int = 0
    eager: bool = False
    found: bool = False
    urgent: bool = False


class _Told(NamedTuple):
    seq: int
    at: float
    again: bool
    times: int


class AckPolicy:
    """When a gateway hears how far its rows are stored. Pure."""

    def __init__(self, every_s: float, eager_s: float) -> None:
        self._every_s = every_s
        self._eager_s = min(eager_s, every_s)
        self._told: dict[tuple[str, str], _Told] = {}

    def due(self, key: tuple[str, str], owed: Owed, now: float) -> bool:
        """Whether to say it now.

        At first contact; at once for evidence that was stored; soon where rows are missing or
        came twice; else every so often.
        """
        told, position, eager = self._told.get(key), owed.position, owed.eager
        if told is None or (owed.urgent and position > told.seq):
            return True
        if eager or (told.again and position > told.seq):
            times = told.times if position == told.seq else 1
            return now - told.at >= min(self._eager_s * 2.0 ** (times - 1), self._every_s)
        return position > told.seq and now - told.at >= self._every_s

    def said(self, key: tuple[str, str], position: int, now: float, *, again: bool = False) -> None:
        """It was said; with `again`, the gateway sends rows again and hears soon that they came."""
        told = self._told.get(key)
        times = told.times + 1 if told is not None and told.seq == position else 1
        self._told[key] = _Told(position, now, again, min(times, 30))

    def is_new(self, key: tuple[str, str]) -> bool:
        """Whether nothing was said yet."""
        return key not in self._told

    def forget(self) -> None:
        """What was said says nothing any more: messages may have been lost since."""
        self._told.clear()

    def unsaid(self, key: tuple[str, str]) -> None:
        """It did not get out."""
        self._told.pop(key, None)
