"""Voice calls: dialled, looked at, ended (3GPP TS 27.007 clauses 6.2, 6.5, 7.18; all unread)."""

from typing import NamedTuple

from modem.at.syntax import to_int
from modem.commands.base import PrefixedCommand, SettingCommand

ACTIVE, HELD, DIALLING, ALERTING = 0, 1, 2, 3


class Call(NamedTuple):
    """One call: `outgoing`, its state (`ACTIVE` ...), and whether it is a voice call."""

    outgoing: bool
    state: int
    voice: bool


class Dial(SettingCommand):
    """ATD<number>;: a voice call. OK comes when it is answered, or, on most, at once."""

    timeout_s = 40.0
    may_dial = True

    def __init__(self, number: str) -> None:
        self.text = f"ATD{number};"


class ReadCalls(PrefixedCommand[tuple[Call, ...]]):
    """AT+CLCC: the calls there are."""

    text = "AT+CLCC"
    prefixes = ("+CLCC",)

    def parse(self, lines: tuple[str, ...]) -> tuple[Call, ...]:
        """One for each line; none is an answer too."""
        found = []
        for row in self.rows(lines) if lines else ():
            _, direction, state, mode = (to_int(field) for field in [*row, *(None,) * 4][:4])
            if direction is None or state is None:
                raise self.refuse(lines)
            found.append(Call(direction == 0, state, mode == 0))
        return tuple(found)


class HangUp(SettingCommand):
    """AT+CHUP: every call ends."""

    text = "AT+CHUP"


class HangUpByH(SettingCommand):
    """ATH: the same, for a modem without +CHUP (ITU-T V.250 clause 6.3.6, unread)."""

    text = "ATH"
