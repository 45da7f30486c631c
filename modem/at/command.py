"""A command knows its text, its patience, its answer's shape and how to read it."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Command(Generic[T]):
    """One AT command with a typed answer.

    Subclasses set `text` (class attribute, or in `__init__`) and implement `owns` and `parse`.
    A command never waits and never does I/O: `modem.engine` runs it.
    """

    text: str
    timeout_s: float = 5.0
    payload: bytes | None = None
    """What is sent at the prompt `> `, its end character included; None where no prompt comes."""
    final_optional: bool = False
    """Some firmware sends the information text and no final result (Wavecom `AT+CPIN?`); then
    what came and a short silence complete the answer."""
    one_line: bool = False
    """The information text is one line, of a shape that nothing unsolicited has. It counts also
    where some firmware sends `OK` before it (Air724) and a short silence behind it, and where no
    final result has come by the deadline."""
    any_text: bool = False
    """Any text may be the information text. Of several lines some may be strangers: the command is
    asked once more, and what comes both times counts."""

    may_dial: bool = False
    """Whether the end of a call (`NO CARRIER`, `BUSY`) may end this command; for any other it is
    the end of somebody else's."""

    @property
    def shown(self) -> str:
        """The text as errors, logs and readings have it; a PIN is left out."""
        return self.text

    def owns(self, line: str) -> bool:
        """Whether `line` has the shape of this command's own information text.

        Shape, not position and not prefix alone, tells an answer from an unsolicited line:
        `+CREG: 0,1` answers `AT+CREG?`, `+CREG: 1` is unsolicited.
        """
        raise NotImplementedError

    def parse(self, lines: tuple[str, ...]) -> T:
        """The answer's value, from the information lines that `owns` took.

        Raises:
            AtProtocolError: the lines are no answer to this command.
        """
        raise NotImplementedError
