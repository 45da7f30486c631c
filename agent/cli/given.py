"""Documents that a person gives a command in a file: work orders, account facts."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agent.errors import UsageError
from agent.i18n import reason_text
from cloud_bridge.orders import OrderError

T = TypeVar("T")


def document_in(option: str, file: str | None, read: Callable[[bytes], T]) -> T | None:
    """The document in the file that `option` names; None where it names none.

    Raises:
        UsageError: there is no such file, or it is no such document.
    """
    if file is None:
        return None
    try:
        return read(Path(file).read_bytes())
    except OSError as error:
        raise UsageError(
            "{name}: cannot read {file}: {reason}", name=option, file=file, reason=error.strerror
        ) from error
    except OrderError as error:
        place = f"{file}: {error.key}" if error.key else file
        raise UsageError(
            "{name}: {place}: {reason}", name=option, place=place, reason=reason_text(error.reason)
        ) from error
