"""What can go wrong in the agent itself, with the exit code that each class stands for.

The first argument is an English text of the catalogue (`agent.i18n`), the rest are its fields: the
border (`agent.cli`) says it in the user's language.
"""

from typing import Any

from agent.exits import CARD, CLOUD, FAULT, REFUSED, UNREACHABLE, USAGE


class AgentError(Exception):
    """Base of all errors of this package: `text` is a catalogue key, `fields` fill it."""

    exit_code = FAULT
    document: dict[str, Any] | None = None
    """What could be read all the same, to be shown before the complaint."""

    def __init__(self, text: str, /, **fields: Any) -> None:
        super().__init__(text.format(**fields) if fields else text)
        self.text = text
        self.fields = fields


class UsageError(AgentError, ValueError):
    """The command line asks for something that cannot be done as it stands."""

    exit_code = USAGE


class ConfigError(AgentError, ValueError):
    """The configuration is wrong; the text names file, key or line."""

    exit_code = USAGE


class ListError(AgentError, ValueError):
    """A list of cards cannot be used as a whole; the text names file and place."""

    exit_code = USAGE


class ModemUnreachable(AgentError, OSError):  # noqa: N818 - the field says what happened, not "error"
    """No modem answers where one was expected."""

    exit_code = UNREACHABLE


class ReaderUnreachable(AgentError, OSError):  # noqa: N818
    """No card reader answers where one was expected."""

    exit_code = UNREACHABLE


class BrokerUnreachable(AgentError, OSError):  # noqa: N818
    """No broker works at the address given."""

    exit_code = CLOUD


class CardUnreadable(AgentError):  # noqa: N818
    """There may be a card, but no way leads to it."""

    exit_code = CARD


class RefusedError(AgentError):
    """It could be done, but must not be: another owner, or an answer is missing."""

    exit_code = REFUSED


class StoreError(AgentError, OSError):
    """The state directory or the database in it cannot be used."""

    exit_code = USAGE


class DemoError(AgentError):
    """The demo could not go on; the text says at what."""
