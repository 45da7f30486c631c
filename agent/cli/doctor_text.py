"""The checks of `simward doctor` as text for people: the worst first, each with what to do."""

import os
import sys

from agent.cli.table import columns, paint, printable, width, wrapped
from agent.doctor.examine import Result
from agent.doctor.finding import FAIL, NOT_APPLICABLE, OK, UNKNOWN, WARN, WORST_FIRST
from agent.i18n import mark, t

LIMIT = 80

_HEADINGS = {
    FAIL: mark("To be put right ({count})"),
    WARN: mark("To be looked at ({count})"),
    UNKNOWN: mark("Not known ({count})"),
    OK: mark("In order ({count})"),
    NOT_APPLICABLE: mark("Nothing to check ({count})"),
}
_COLOURS = {FAIL: "bad", WARN: "strong", UNKNOWN: "strong", OK: "good", NOT_APPLICABLE: "faint"}
_STEP = "  "


def render(results: list[Result], *, evidence: bool, limit: int | None = None) -> str:
    """The whole text, without a newline at the end; at most `limit` columns, else 80."""
    limit = limit or min(LIMIT, _columns())
    lines: list[str] = []
    for state in WORST_FIRST:
        fitting = [each for each in results if each.finding.state == state]
        if not fitting:
            continue
        lines += ["", paint(t(_HEADINGS[state], count=len(fitting)), _COLOURS[state])]
        if state == NOT_APPLICABLE and not evidence:
            titles = t(", ").join(t(each.check.title) for each in fitting)
            lines += [_STEP + line for line in wrapped(titles, limit - len(_STEP))]
        else:
            lines += _rows(fitting, evidence, limit)
    return "\n".join(lines[1:])


def _rows(results: list[Result], evidence: bool, limit: int) -> list[str]:
    left = max(width(t(each.check.title)) for each in results) + 2
    lines: list[str] = []
    for check, finding in results:
        title = t(check.title)
        said = printable(finding.said.in_words())
        lines += columns([(title + " " * (left - 2 - width(title)), said)], _STEP, limit)
        if finding.do is not None:
            do = printable(finding.do.in_words())
            lines += _below(t("do: {what}", what=do), left, limit)
        if evidence:
            for seen in finding.seen:
                lines += _below(printable(f"{seen.source}: {seen.value}"), left, limit, "faint")
    return lines


def _below(text: str, left: int, limit: int, colour: str | None = None) -> list[str]:
    """Lines under a check's sentence."""
    indent = _STEP + " " * (left if limit - left > 40 else 2)
    lines = wrapped(text, limit - len(indent))
    return [indent + (paint(line, colour) if colour else line) for line in lines]


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or LIMIT
    except (OSError, ValueError, AttributeError):
        return LIMIT
