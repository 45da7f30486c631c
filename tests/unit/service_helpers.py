"""A modem's end of a dialogue, without a channel: lines in, typed answers out."""

from datetime import UTC, datetime
from typing import TypeVar

from modem.at.command import Command
from modem.causes import cme_code
from modem.errors import AtCommandError, AtTimeout, CmeError
from modem.service import ModemService
from modem.snapshot import ModemSnapshot
from modem.vendors.profile import Profile

T = TypeVar("T")

TAKEN_AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
SILENCE = "(silence)"
BUSY = "(busy)"  # an earlier command's answer is still awaited, so this one is not sent
FENCE_S = 2.0


class ScriptedModem:
    """Answers each command from a table (a list of answers is used up, the last stays).

    What is not in the table is refused with `unknown`. An answer is the information lines, then
    the final result, OK where none is written.
    """

    def __init__(self, answers: dict[str, list[str] | list[list[str]]], unknown: str = "ERROR"):
        self.answers = {text: _answers(lines) for text, lines in answers.items()}
        self.unknown = unknown
        self.sent: list[str] = []
        self.configured: dict[str, object] = {}

    @property
    def commands_sent(self) -> int:
        return len(self.sent)

    def configure(self, **settings: object) -> None:
        self.configured = settings

    def run(self, command: Command[T], timeout_s: float | None = None) -> T:
        left = self.answers.get(command.text, [[self.unknown]])
        lines = [line for line in (left.pop(0) if len(left) > 1 else left[0]) if line]
        if BUSY in lines:
            raise AtTimeout(command.text, FENCE_S)
        self.sent.append(command.text)
        if SILENCE in lines:
            raise AtTimeout(command.text, timeout_s or command.timeout_s)
        final = next((line for line in lines if _is_refusal(line)), None)
        if final is not None and cme_code(final) is not None:
            raise CmeError(command.text, final, cme_code(final))
        if final is not None:
            raise AtCommandError(command.text, final)
        return command.parse(tuple(line for line in lines if line != "OK" and command.owns(line)))


def _answers(lines: list[str] | list[list[str]]) -> list[list[str]]:
    if lines and isinstance(lines[0], list):
        return [list(each) for each in lines]
    return [list(lines)]  # type: ignore[arg-type]


def _is_refusal(line: str) -> bool:
    return line in {"ERROR", "COMMAND NOT SUPPORT"} or line.startswith(("+CME ERROR", "+CMS ERROR"))


def read(
    modem: ScriptedModem, parts: set[str] | None = None, profile: Profile | None = None
) -> ModemSnapshot:
    service = ModemService(modem, profile=profile, now=lambda: TAKEN_AT)
    return service.read(None if parts is None else frozenset(parts))
