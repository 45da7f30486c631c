"""Scenarios of an unbinding: one TOML file each, read strictly. See docs/unbind_scenarios.md."""

import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Json = dict[str, Any]

FOLDER: Final = Path(__file__).parent / "unbind"
PAPERS: Final = ("order", "account", "answers")

Happens = Literal[
    "killed", "power_cut", "unplugged", "plugged", "broker_away", "broker_back", "backend_away",
    "backend_back", "acks_withheld", "acks_pass", "daemon_killed", "daemon_started",
]  # fmt: skip
"""What may happen beside what people type and what the modem does."""


class ScenarioError(Exception):
    """A file that is no scenario: which one, where in it, and what is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(_Strict):
    """What the scenario is about."""

    zh: str
    en: str


class Gateway(_Strict):
    """What stands there before anybody comes."""

    modem: str = "quectel_ec25"
    card: str = "usim_test"
    daemon: bool = False
    broker: bool = False
    uplink: Literal["cable", "card"] = "cable"
    clock: bool = True
    connections: dict[str, str] = {}
    """Connections of a real NetworkManager, name to ICCID; none: it does not run."""


class Repeated(_Strict):
    """A long text."""

    text: str
    times: int


class World(_Strict):
    """Something that happens; each that is given."""

    happens: Happens | None = None
    modem: Json = {}
    """In the words of a simulator's scenario."""
    order: Json = {}
    account: Json = {}
    answers: Json = {}
    """New papers: what differs in them from those that were there."""
    damage: str | None = None
    """A file in which one byte is changed."""
    write: dict[str, str | Repeated] = {}
    """Files, by name."""


class Act(World):
    """A command as it is typed, or something that happens; `why` is for the reader."""

    why: str = ""
    run: str | None = None
    exit: int | None = None
    expect: Json = {}
    """Of the command's JSON: place to value."""
    says: list[str] = []
    """On either stream."""
    before: str | None = None
    after: str | None = None
    begun: str | None = None
    stored: str | None = None
    """When `then` happens: before the modem takes, after it took this command (and before it
    answers); when the journal says that this act has begun; when the backend has such evidence."""
    then: World | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        moments = (self.before, self.after, self.begun, self.stored)
        when = [each for each in moments if each is not None]
        given = self.model_fields_set - {"why"}
        of_a_run = {*Act.model_fields} - {*World.model_fields, "why"}
        if self.run is None and given & of_a_run:
            raise ValueError(f"no run, but {', '.join(sorted(given & of_a_run))}")
        if self.run is not None and given - of_a_run:
            raise ValueError(f"run, and beside it {', '.join(sorted(given - of_a_run))}")
        if not given:
            raise ValueError("nothing happens")
        if len(when) != (self.then is not None):
            raise ValueError("then goes with one of before, after, begun, stored")
        if self.run is not None and self.exit is None and self.then is None:
            raise ValueError("run without exit")
        return self


class Document(_Strict):
    """A signed document of the case; entries as `WHAT NAME [VALUE]`."""

    has: list[str] = []
    lacks: list[str] = []


class End(_Strict):
    """What stands there when everybody has gone."""

    state: str
    """Of the case, by its journal; `not_begun`: there is none; `damaged`: it does not hold."""
    verdict: str
    """Of the last command that gave one."""
    before_release: Document | None = None
    closing: Document | None = None
    backend: list[str] = []
    """Evidence at the backend: kind and verdict, in the order in which it came."""
    events: list[str] = []
    """Codes of the events at the backend, in their order."""
    contexts: list[str]
    """APNs that the modem still holds."""
    connections: list[str] = []
    """That NetworkManager still holds."""


class Scenario(_Strict):
    """One file."""

    title: Title
    rows: Annotated[list[str], Field(min_length=1)]
    """Of docs/requirements.md."""
    long: bool = False
    """Takes more than a minute: played by `./check --long` alone."""
    gateway: Gateway
    order: Json = {}
    account: Json = {}
    answers: Json = {}
    act: Annotated[list[Act], Field(min_length=1)]
    end: End


def names() -> list[str]:
    """All scenarios."""
    return sorted(each.stem for each in FOLDER.glob("*.toml"))


def load(name: str) -> Scenario:
    """The scenario in the file of that name.

    Raises:
        ScenarioError: it is none; the file, the place and what is wrong.
    """
    return scenario_of(name, (FOLDER / f"{name}.toml").read_text("utf-8"))


def scenario_of(name: str, text: str) -> Scenario:
    """The scenario that `text` is.

    Raises:
        ScenarioError: it is none; the file, the place and what is wrong.
    """
    try:
        return Scenario.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{name}.toml: {error}") from error
    except ValidationError as error:
        told = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise ScenarioError(f"{name}.toml: {'; '.join(told)}") from error


def paper(name: str) -> Json:
    """One of the three papers as it is where nothing is wrong."""
    found: Json = json.loads((FOLDER / f"papers/{name}.json").read_text("utf-8"))
    return found


def changed(document: Json, changes: Json) -> Json:
    """`document` with other values at some places; answers are named as in their file.

    A value `null` (as text) takes one away.
    """
    found = json.loads(json.dumps(document))
    for name, value in changes.items():
        if name in found.get("answers", {}) or "." in name:
            found["answers"][name] = {"value": value, "note": None}
            if value == "null":
                del found["answers"][name]
        else:
            found[name] = None if value == "null" else value
    return found


def dated(value: Any, now: datetime) -> Any:
    """`-30h` and `+5d` where a time is meant, as the time that they are from now."""
    if isinstance(value, dict):
        return {name: dated(each, now) for name, each in value.items()}
    if isinstance(value, list):
        return [dated(each, now) for each in value]
    if isinstance(value, str) and value[:1] in {"+", "-"} and value[-1:] in {"h", "d"}:
        unit = timedelta(hours=1) if value.endswith("h") else timedelta(days=1)
        return (now.astimezone(UTC) + int(value[:-1]) * unit).isoformat()
    return value
