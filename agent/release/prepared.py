"""What several tries of one step prepared, as one: all that its undo has to put back. Pure."""

from typing import Any, Final

Json = dict[str, Any]

_NAMES: Final = ("uuid", "path", "from", "program")


def joined(first: Json, later: Json) -> Json:
    """As it was before the first try, and what came since: of lists, what the first has not.

    A try that was refused in the middle has released a part of what it prepared; the next one
    prepares what is left, and perhaps something new.
    """
    return {**later, **{key: _both(value, later.get(key)) for key, value in first.items()}}


def _both(first: Any, later: Any) -> Any:
    if not isinstance(first, list):
        return later if first is None else first
    known = [_identity(each) for each in first]
    return first + [each for each in later or () if _identity(each) not in known]


def _identity(entry: Any) -> Any:
    """What stays the same of an entry: its name, or the number of a context."""
    if isinstance(entry, dict):
        return next((entry[name] for name in _NAMES if name in entry), entry)
    return entry[0] if isinstance(entry, list) else entry
