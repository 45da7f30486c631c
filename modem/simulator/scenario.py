"""What happens to a simulated modem while it runs: by the clock, and by what it is asked.

The format is described in `docs/simulators.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modem.simulator.changes import KEYS, Change, read_change
from modem.simulator.device import same_command
from modem.simulator.fixture import FixtureError, read_toml, shipped

_STEP_KEYS = frozenset({"at_s", "on", "count", "after_s", "every_s", "times"})
_HEADER_KEYS = frozenset({"provenance", "source", "notes", "modem", "card", "start", "step"})


@dataclass(frozen=True)
class Step:
    """One change and when it happens.

    `at_s` after the start; or `on` a command (a `*` at its end stands for any rest), at its
    `count`-th time, before it is answered, or `after_s` later. With `every_s` it happens again
    and again, `times` in all (0: without end).
    """

    change: Change
    at_s: float | None = None
    on: str = ""
    count: int = 1
    after_s: float = 0.0
    every_s: float = 0.0
    times: int = 0

    def is_about(self, command: str) -> bool:
        """Whether `command` (as `same_command` has it) is the one that the step waits for."""
        return fits(self.on, command)


@dataclass(frozen=True)
class Scenario:
    """A script: what is so from the start, and the steps; `modem` and `card` may be named too."""

    steps: tuple[Step, ...] = ()
    start: Change | None = None
    modem: str | None = None
    card: str | None = None


def fits(pattern: str, command: str) -> bool:
    """Whether `command` is `pattern`, or begins like it where that ends with `*`."""
    if pattern.endswith("*"):
        return command.startswith(pattern[:-1])
    return command == pattern


def load_scenario(path: str | Path) -> Scenario:
    """The shipped scenario of that name, or one from a file.

    Raises:
        FixtureError: no such scenario, or a key or value that does not fit.
    """
    source = shipped("scenarios", str(path), ".toml")
    return read_scenario(str(source), read_toml(source))


def read_scenario(file: str, tables: Mapping[str, Any]) -> Scenario:
    """A scenario from its tables; `file` names it in errors.

    Raises:
        FixtureError: a key or value that does not fit.
    """
    for key in tables.keys() - _HEADER_KEYS:
        raise FixtureError(file, key, "unknown key")
    for key in ("modem", "card"):
        if not isinstance(tables.get(key, ""), str):
            raise FixtureError(file, key, "a value of the wrong type")
    start = read_change(file, "start", tables["start"]) if "start" in tables else None
    steps = tables.get("step", [])
    if not isinstance(steps, list):
        raise FixtureError(file, "step", "must be a list of tables")
    if not steps and start is None:
        raise FixtureError(file, "step", "missing")
    read = [_step(file, f"step[{number}]", step) for number, step in enumerate(steps)]
    return Scenario(tuple(read), start, tables.get("modem"), tables.get("card"))


def _step(file: str, place: str, table: object) -> Step:
    if not isinstance(table, dict):
        raise FixtureError(file, place, "must be a table")
    for key in table.keys() - _STEP_KEYS - KEYS:
        raise FixtureError(file, f"{place}.{key}", "unknown key")
    at_s, on = table.get("at_s"), table.get("on", "")
    if not isinstance(on, str):
        raise FixtureError(file, f"{place}.on", "a value of the wrong type")
    if at_s is None and not on:
        raise FixtureError(file, place, "must have at_s or on")
    for key in ("at_s", "after_s", "every_s"):
        _check_seconds(file, f"{place}.{key}", table.get(key, 0.0))
    for key, least in (("count", 1), ("times", 0)):
        value = table.get(key, least)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise FixtureError(file, f"{place}.{key}", "a value of the wrong type")
    change = read_change(file, place, {key: table[key] for key in table if key in KEYS})
    return Step(
        change,
        None if at_s is None else float(at_s),
        same_command(on),
        table.get("count", 1),
        float(table.get("after_s", 0.0)),
        float(table.get("every_s", 0.0)),
        table.get("times", 0),
    )


def _check_seconds(file: str, place: str, value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise FixtureError(file, place, "must be a number of seconds")
