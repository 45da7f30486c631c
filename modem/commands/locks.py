"""Facility locks, read only.

3GPP TS 27.007 clause 7.4 (+CLCK), unread. Nothing here sets a lock or carries a password.
"""

from modem.at.syntax import split_fields, to_int
from modem.commands.base import PrefixedCommand


class ReadFacilityLock(PrefixedCommand[bool]):
    """AT+CLCK="<facility>",2: whether the lock is on (`SC` is the card's PIN)."""

    prefixes = ("+CLCK",)
    one_line = True

    def __init__(self, facility: str) -> None:
        self.text = f'AT+CLCK="{facility}",2'

    def parse(self, lines: tuple[str, ...]) -> bool:
        """True for locked; a line for each class of service says the same for these."""
        states = [to_int(split_fields(body)[0]) for body in self.bodies(lines) if body]
        if not states or any(state not in {0, 1} for state in states):
            raise self.refuse(lines)
        return any(states)
