"""A reading: a value, or the reason why there is none.

simward never guesses. What could not be read is `Absent(reason)`, and the reason travels with it
to the person who has to act on it.
"""

from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Absent(NamedTuple):
    """No value, and why.

    `reason` is English, short, and of the closed set that `agent.i18n` can say in Chinese:
    the modem's own words (`+CME ERROR: 10`), or one of ours (`timeout 5 s`).
    """

    reason: str


class Reading(NamedTuple, Generic[T]):
    """What was read, by which command or file, and when.

    `source` is the AT command as sent (`AT+CSQ`) or the card file (`EF.ICCID`);
    `taken_at` is UTC, or None where nothing was asked.
    """

    value: T | Absent
    source: str = ""
    taken_at: datetime | None = None

    @property
    def known(self) -> T | None:
        """The value, or None where there is none."""
        return None if isinstance(self.value, Absent) else self.value

    @property
    def reason(self) -> str | None:
        """Why there is no value, or None where there is one."""
        return self.value.reason if isinstance(self.value, Absent) else None


def absent(reason: str) -> Reading[T]:
    """A reading that nothing was asked for, with the reason."""
    return Reading(Absent(reason))
