"""The shipped fixtures, and what is wrong with one that does not load."""

import re
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from modem.errors import ModemError

PROVENANCES = ("recorded", "manual", "synthetic")

_TOML_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


# All that can be wrong with a fixture; a catalogue of texts translates each.
Reason = Literal[
    "a command begins with AT",
    "a value of the wrong type",
    "after < comes a space, raw, wait or never",
    "an answer without a command",
    "cannot be read",
    "echo must be on or off",
    "line-end must be crlf, cr or lf",
    "missing",
    "must be a list of tables",
    "must be a number of seconds",
    "must be a table",
    "must be PS, PF, PN, PU, PP or PC",
    "must be insert, remove or a card",
    "must be off or on",
    "must be recorded, manual or synthetic",
    "must have accept, reject or silence",
    "must have at_s or on",
    "neither a header nor a line of a dialogue",
    "no command in it",
    "no such answer to a call",
    "no such fault",
    "no such file",
    "no such fixture",
    "not TOML",
    "not UTF-8 text",
    "not a card profile",
    "unknown key",
    "unknown name in a template",
    "wrong escape",
    "wrong value for this fault",
]


class FixtureError(ModemError, ValueError):
    """A fixture is not usable: `file`, `place` (a line number or a key, may be empty), `reason`.

    `known` are the names that there are, where one was not found.
    """

    def __init__(
        self, file: str, place: str | int, reason: Reason, known: tuple[str, ...] = ()
    ) -> None:
        shown = f"line {place}" if isinstance(place, int) else place
        super().__init__(": ".join(part for part in (file, shown, reason) if part))
        self.file = file
        self.place = place
        self.reason = reason
        self.known = known


def shipped(folder: str, name: str, suffix: str) -> Traversable:
    """The fixture `name` of `hardware_fixtures/<folder>`, or a file of one's own by its path.

    Raises:
        FixtureError: there is none of that name.
    """
    if "/" in name or name.endswith(suffix):
        return Path(name)
    found = files("hardware_fixtures").joinpath(folder, name + suffix)
    if not found.is_file():
        known = tuple(shipped_names(folder, suffix))
        raise FixtureError(name, "", "no such fixture", known)
    return found


def shipped_names(folder: str, suffix: str) -> list[str]:
    """The names that `shipped` knows in `folder`."""
    place = files("hardware_fixtures").joinpath(folder)
    entries = place.iterdir() if place.is_dir() else ()
    return sorted(entry.name.removesuffix(suffix) for entry in entries if entry.is_file())


def read_text(source: Traversable | Path) -> str:
    """The text of a fixture.

    Raises:
        FixtureError: it cannot be read, or is not UTF-8.
    """
    try:
        return source.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FixtureError(str(source), "", "no such file") from None
    except UnicodeDecodeError as exc:
        raise FixtureError(str(source), "", "not UTF-8 text") from exc
    except OSError as exc:
        raise FixtureError(str(source), "", "cannot be read") from exc


def read_toml(source: Traversable | Path) -> dict[str, Any]:
    """The tables of a TOML fixture.

    Raises:
        FixtureError: it cannot be read, or is not TOML; then `place` is the line.
    """
    text = read_text(source)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        found = _TOML_LINE.search(str(exc))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        raise FixtureError(str(source), line, "not TOML") from exc


def provenance_of(file: str, value: object, source: object) -> tuple[str, str]:
    """The provenance and source that each fixture must state.

    Raises:
        FixtureError: one of them is missing or unknown.
    """
    if value not in PROVENANCES:
        raise FixtureError(file, "provenance", "must be recorded, manual or synthetic")
    if not isinstance(source, str) or not source.strip():
        raise FixtureError(file, "source", "missing")
    return str(value), source
