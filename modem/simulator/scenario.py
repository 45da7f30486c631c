"""What happens to a simulated modem while it runs, by the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from modem.simulator.fixture import FixtureError, read_toml, shipped
from modem.simulator.profile import DOMAIN_COMMANDS, Signal

_DOMAIN_KEYS = {"stat": int, "cause_type": int, "cause": int, "area": str, "ci": str, "act": int}
_USAGE_KEYS = {"tx_bytes": int, "rx_bytes": int, "tx_per_s": float, "rx_per_s": float}
_SIGNAL_KEYS = {field.name: float if field.type is float else int for field in fields(Signal)}
_GROUPS: dict[str, Mapping[str, type]] = {
    **dict.fromkeys(DOMAIN_COMMANDS, _DOMAIN_KEYS),
    "usage": _USAGE_KEYS,
    "signal": _SIGNAL_KEYS,
}
_CARD_WORDS = ("insert", "remove")
_STEP_KEYS = {"at_s", "set", "card", "urc", "reboot"}


@dataclass(frozen=True)
class Step:
    """At `at_s` after the start: state by group and key, a card event, a line, a restart."""

    at_s: float
    changes: Mapping[str, Mapping[str, Any]]
    card: str = ""
    urc: str = ""
    reboot: bool = False


def load_scenario(path: str | Path) -> tuple[Step, ...]:
    """The steps of the shipped scenario of that name, or of a file, by rising time.

    Raises:
        FixtureError: no such scenario, or a key or value that does not fit.
    """
    source = shipped("scenarios", str(path), ".toml")
    file = str(source)
    tables = read_toml(source)
    steps = tables.pop("step", None)
    for key in tables.keys() - {"provenance", "source", "notes"}:
        raise FixtureError(file, key, "unknown key")
    if not isinstance(steps, list) or not steps:
        raise FixtureError(file, "step", "missing")
    read = [_step(file, f"step[{number}]", step) for number, step in enumerate(steps)]
    return tuple(sorted(read, key=lambda step: step.at_s))


def _step(file: str, place: str, table: object) -> Step:
    if not isinstance(table, dict):
        raise FixtureError(file, place, "must be a table")
    for key in table.keys() - _STEP_KEYS:
        raise FixtureError(file, f"{place}.{key}", "unknown key")
    at_s = table.get("at_s")
    if not isinstance(at_s, int | float) or at_s < 0:
        raise FixtureError(file, f"{place}.at_s", "must be a number of seconds")
    card = table.get("card", "")
    if card not in {"", *_CARD_WORDS}:
        raise FixtureError(file, f"{place}.card", "must be insert or remove")
    changes = table.get("set", {})
    if not isinstance(changes, dict):
        raise FixtureError(file, f"{place}.set", "must be a table")
    for group, values in changes.items():
        _check_group(file, f"{place}.set.{group}", group, values)
    return Step(float(at_s), changes, card, str(table.get("urc", "")), bool(table.get("reboot")))


def _check_group(file: str, place: str, group: str, values: object) -> None:
    if group not in _GROUPS:
        raise FixtureError(file, place, "unknown key")
    if not isinstance(values, dict):
        raise FixtureError(file, place, "must be a table")
    for key, value in values.items():
        wanted = _GROUPS[group].get(key)
        if wanted is None:
            raise FixtureError(file, f"{place}.{key}", "unknown key")
        if not isinstance(value, (int, float) if wanted is float else wanted):
            raise FixtureError(file, f"{place}.{key}", "a value of the wrong type")
