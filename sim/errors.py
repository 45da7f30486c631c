"""What can go wrong with a card, by who is at fault."""


class SimError(Exception):
    """Base of all errors of this package."""


class IdentifierError(SimError, ValueError):
    """A text that is no such identifier: `kind` names which, `reason` why, never the text."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason


class ReaderError(SimError, OSError):
    """The way to the card is broken: reader, modem or link."""


class ReaderStuck(ReaderError, TimeoutError):  # noqa: N818 - the field says what happened, not "error"
    """The reader did not come back in time; another try may need a new handle."""


class ReaderUnavailable(ReaderError):  # noqa: N818
    """No reader to speak of: no service, none of that name, or another program holds it."""


class CardMute(ReaderError):  # noqa: N818
    """There is a card, and it does not answer."""


class CardAbsent(ReaderError):  # noqa: N818
    """There is no card."""


class CardReset(ReaderError):  # noqa: N818
    """The card was reset or exchanged in the middle; what was selected before is gone."""


class StatusWordError(SimError):
    """The card refused: `sw` as a number, `meaning` in words, `command` in words."""

    def __init__(self, sw: int, meaning: str, command: str) -> None:
        super().__init__(f"{command}: {sw:04X} ({meaning})")
        self.sw = sw
        self.meaning = meaning
        self.command = command


class ApduProtocolError(SimError):
    """The card, or the modem between, answered something that is no answer to what was sent."""


class FileDecodeError(SimError, ValueError):
    """Bytes that are not what the file's specification says; `offset` counts from 0."""

    def __init__(self, file: str, offset: int, reason: str) -> None:
        super().__init__(f"{file}: offset {offset}: {reason}")
        self.file = file
        self.offset = offset
        self.reason = reason


class UnknownFileError(SimError, LookupError):
    """No file that simward decodes has this `name` (or file identifier)."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: no file that simward decodes")
        self.name = name


class PinError(SimError):
    """A PIN was not sent, or not taken; no text of these has a digit of it."""


class PinFormatError(PinError, ValueError):
    """A text that is no PIN."""


class PinRefused(PinError):  # noqa: N818 - the policy's answer, not a fault
    """The policy lets the order not through, nothing was sent: `reason`, and `tries` if known."""

    def __init__(self, reason: str, tries: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.tries = tries


class PinWrong(PinError):  # noqa: N818
    """The card did not take the PIN; `tries` are left, None where it does not say."""

    def __init__(self, tries: int | None) -> None:
        super().__init__("wrong PIN")
        self.tries = tries


class RecordChanged(SimError):  # noqa: N818
    """A record does not hold what the order to replace it names; `written`: not even afterwards."""

    def __init__(self, path: str, record: int, *, written: bool) -> None:
        reason = "does not read as it was written" if written else "is not what the backup has"
        super().__init__(f"{path}: record {record} {reason}")
        self.path = path
        self.record = record
        self.written = written
