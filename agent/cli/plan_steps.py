"""Carrying a plan out: step by step, each one noted on the disk when it is done."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agent.cli.access_text import condition_text
from agent.cli.card_desk import CardDesk
from agent.cli.table import columns
from agent.clock import iso, now
from agent.errors import UsageError
from agent.i18n import reason_text, t
from agent.wiping import CHANGED, NO_RIGHT, NOT_WRITTEN, Kept, Plan, Step

Json = dict[str, Any]

_PROBLEMS = {"changed": CHANGED, "not_written": NOT_WRITTEN, "refused": NO_RIGHT}
_GOES_ON = frozenset({"changed"})


class Log:
    """A file of one line of JSON for each record that was changed: file and number, no contents.

    Every line is on the disk before the next record is touched. A killed run leaves what it did.
    """

    def __init__(self, path: str, iccid: str) -> None:
        """Open it, behind what stands there.

        Raises:
            UsageError: it cannot be written.
        """
        self.path = path
        self._iccid = iccid
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._file = os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8")
        except OSError as error:
            raise UsageError(
                "{file}: {reason}", file=path, reason=error.strerror or error
            ) from error

    def note(self, what: str, step: Step) -> None:
        """Write that `step` is done."""
        line = {"at": iso(now()), "iccid": self._iccid, what: step.path, "record": step.record}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """No more."""
        self._file.close()


def carry_out(
    desk: CardDesk, plan: Plan, done: Callable[[Step], None]
) -> tuple[list[Step], list[Kept]]:
    """Every step that the card lets happen, `done` hears of each; and what it did not let happen.

    A file that refuses once is left alone: it would refuse every record.

    Raises:
        AgentError, ModemError, SimError: the way to the card broke. What is done stays done; the
            same command goes on with the rest.
    """
    made: list[Step] = []
    kept: list[Kept] = []
    closed: dict[str, str] = {}
    for step in plan.steps:
        if step.path in closed:
            if closed[step.path]:
                kept.append(Kept(step.path, step.record, closed[step.path]))
            continue
        answer = desk.change(step.request)
        result = str(answer["result"])
        if result in _PROBLEMS:
            reason = str(answer.get("reason") or _PROBLEMS[result])
            kept.append(Kept(step.path, step.record, reason))
            if result not in _GOES_ON:
                closed[step.path] = reason
            continue
        if step.counts:
            made.append(step)
            done(step)
        if answer.get("left") == 0 and not step.counts:
            closed[step.path] = ""
    return made, kept


def places_json(places: Iterable[tuple[str, int]]) -> list[Json]:
    """Files and numbers."""
    return [{"path": path, "record": record} for path, record in places]


def kept_json(kept: Iterable[Kept]) -> list[Json]:
    """What stays, and why."""
    return [each._asdict() for each in kept]


def kept_lines(kept: Iterable[Kept], names: Mapping[str, str]) -> list[str]:
    """The same for people: one line a file and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in kept:
        reason = reason_text(each.reason)
        if each.asks_for is not None:
            reason = f"{reason} ({condition_text(each.asks_for)})"
        numbers = found.setdefault((names.get(each.path, each.path), reason), [])
        if each.record is not None:
            numbers.append(str(each.record))
    return columns(
        [
            (f"{path} {', '.join(numbers)}".strip(), reason)
            for (path, reason), numbers in found.items()
        ]
    )


def place_lines(places: Iterable[tuple[str, int]], names: Mapping[str, str]) -> list[str]:
    """Files and numbers for people: one line a file."""
    found: dict[str, list[str]] = {}
    for path, record in places:
        found.setdefault(path, []).append(str(record))
    rows = [(names.get(path, path), ", ".join(numbers)) for path, numbers in found.items()]
    return columns(rows)


def show(step: Step) -> None:
    """Say on standard error that a step is done, where a person looks on."""
    if sys.stderr.isatty():
        text = t("{path} {record}: done", path=step.path, record=step.record)
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
