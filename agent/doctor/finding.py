"""What a check found: a state, one sentence, what was read where, and what to do."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from agent.i18n import reason_text, t

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"
UNKNOWN: Final = "unknown"
NOT_APPLICABLE: Final = "not_applicable"
WORST_FIRST: Final = (FAIL, WARN, UNKNOWN, OK, NOT_APPLICABLE)


class Said(NamedTuple):
    """A text of the catalogue with its fields; a field may be a `Said` itself, or a list of them.

    A field named `reason` that is a text is a reason of `agent.i18n.reason_text`.
    """

    text: str
    fields: dict[str, Any]

    def in_words(self) -> str:
        """The sentence, in the language spoken."""
        return t(self.text, **{name: _field(name, each) for name, each in self.fields.items()})


def _field(name: str, value: Any) -> Any:
    if isinstance(value, Said):
        return value.in_words()
    if isinstance(value, list):
        return t(", ").join(each.in_words() for each in value)
    return reason_text(value) if name == "reason" and isinstance(value, str) else value


def say(text: str, /, **fields: Any) -> Said:
    """A text of the catalogue, to be said later, in whatever language."""
    return Said(text, fields)


class Seen(NamedTuple):
    """Evidence: `source` is the file, program or address that was asked, `value` its answer."""

    source: str
    value: str


class Finding(NamedTuple):
    """A check's answer; for `unknown` and `not_applicable` `said` is the reason."""

    state: str
    said: Said
    do: Said | None
    seen: tuple[Seen, ...]


class Unreadable(Exception):  # noqa: N818 - it says what is the matter with what was to be read
    """What a check needs cannot be known: its finding is `unknown`, and `said` is the reason."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.text)
        self.said = said


def fine(said: Said, *seen: Seen) -> Finding:
    """All is as it should be."""
    return Finding(OK, said, None, seen)


def warning(said: Said, do: Said, *seen: Seen) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(WARN, said, do, seen)


def failure(said: Said, do: Said, *seen: Seen) -> Finding:
    """It does not work, or will not."""
    return Finding(FAIL, said, do, seen)


def unknown(said: Said, *seen: Seen, do: Said | None = None) -> Finding:
    """It could not be found out, and why."""
    return Finding(UNKNOWN, said, do, seen)


def not_applicable(said: Said, *seen: Seen) -> Finding:
    """There is nothing here for the check to look at, and why."""
    return Finding(NOT_APPLICABLE, said, None, seen)


def worst(findings: Iterable[Finding]) -> Finding:
    """The worst of several (at least one), with the evidence of all."""
    listed = list(findings)
    first = min(listed, key=lambda each: WORST_FIRST.index(each.state))
    return first._replace(seen=tuple(dict.fromkeys(seen for each in listed for seen in each.seen)))
