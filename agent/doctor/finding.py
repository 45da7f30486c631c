"""What a check found: a state, one sentence, what was read where, and what to do."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from agent.i18n.said import Said

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"
UNKNOWN: Final = "unknown"
NOT_APPLICABLE: Final = "not_applicable"
WORST_FIRST: Final = (FAIL, WARN, UNKNOWN, OK, NOT_APPLICABLE)


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
