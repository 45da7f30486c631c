"""Commands and feeding for the tests of the AT floor."""

import re
from collections.abc import Iterable

from modem.at.channel import Channel, Event
from modem.at.command import Command
from modem.errors import AtProtocolError


class Ask(Command[str]):
    """`text`; owns the lines that match `shape`, gives them joined by `|`."""

    def __init__(self, text: str, shape: str = "(?!)", **policy: object) -> None:
        self.text = text
        self._shape = re.compile(shape)
        for name, value in policy.items():
            setattr(self, name, value)

    def owns(self, line: str) -> bool:
        return self._shape.fullmatch(line) is not None

    def parse(self, lines: tuple[str, ...]) -> str:
        if not lines and self._shape.pattern != "(?!)":
            raise AtProtocolError(self.text, "unreadable answer", lines)
        return "|".join(lines)


def csq() -> Ask:
    return Ask("AT+CSQ", r"\+CSQ: .*")


def imsi() -> Ask:
    return Ask("AT+CIMI", r"[0-9]{6,15}")


def model() -> Ask:
    """A bare line of any kind, as +CGMM answers."""
    return Ask("AT+CGMM", r"[^+^%#*$!&].*")


def feed(channel: Channel, pieces: Iterable[bytes]) -> list[Event]:
    return [event for piece in pieces for event in channel.receive_data(piece)]


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]
