"""Byte counters of a modem as steps forward. Pure.

A modem's counter starts again at zero when it restarts or is told to; what it counted between the
last reading and that moment is lost. The step then is what it shows since: a lower bound, and
marked. A counter that wraps looks the same: no documentation read gives a width, so a wrap is
taken for a reset rather than guessed at.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Counters:
    """What a modem shows, bytes."""

    tx_bytes: int
    rx_bytes: int


@dataclass(frozen=True)
class Delta:
    """Bytes since the reading before; never negative.

    `reset`: the counter began again in between, the step is a lower bound.
    `gap`: there is no reading before that this one could be compared with.
    """

    tx_bytes: int
    rx_bytes: int
    reset: bool = False
    gap: bool = False


def delta(previous: Counters | None, current: Counters) -> Delta:
    """The step from `previous` to `current` of one modem with one card in it."""
    if previous is None:
        return Delta(0, 0, gap=True)
    if current.tx_bytes < previous.tx_bytes or current.rx_bytes < previous.rx_bytes:
        return Delta(current.tx_bytes, current.rx_bytes, reset=True)
    return Delta(
        current.tx_bytes - previous.tx_bytes,
        current.rx_bytes - previous.rx_bytes,
    )
