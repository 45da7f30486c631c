"""The modem's real-time clock; until somebody sets it, it stands where no clock has been set."""

import re
from datetime import datetime, timedelta

_TEXT = re.compile(r"(\d\d)/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)(?:([+-])(\d{1,2}))?")
_UNSET = datetime(1980, 1, 6)  # noqa: DTZ001 - the local time that a modem tells has no zone
_QUARTERS_OF_A_DAY = 96


class ModemClock:
    """Local time and its distance to UTC in quarters of an hour (27.007 clause 8.15, unread)."""

    def __init__(self) -> None:
        self._time = _UNSET
        self._set_at = 0.0
        self.quarters = 0

    def set(self, text: str, now: float) -> bool:
        """Take `yy/MM/dd,hh:mm:ss±zz`; False where it is none."""
        found = _TEXT.fullmatch(text)
        if not found:
            return False
        year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
        quarters = int((found[7] or "+") + (found[8] or "0"))
        if abs(quarters) >= _QUARTERS_OF_A_DAY:
            return False
        try:
            self._time = datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001
        except ValueError:
            return False
        self._set_at = now
        self.quarters = quarters
        return True

    def text(self, now: float) -> str:
        """`yy/MM/dd,hh:mm:ss±zz` as +CCLK prints it."""
        return f"{self._at(now):%y/%m/%d,%H:%M:%S}{self.zone}"

    @property
    def zone(self) -> str:
        """`+32` for UTC+8."""
        return f"{self.quarters:+03d}"

    def universal(self, now: float) -> str:
        """`yyyy/MM/dd,hh:mm:ss` in UTC, as +CTZE prints it."""
        utc = self._at(now) - timedelta(minutes=15 * self.quarters)
        return f"{utc:%Y/%m/%d,%H:%M:%S}"

    def _at(self, now: float) -> datetime:
        return self._time + timedelta(seconds=int(now - self._set_at))
