"""The configuration: TOML file and environment, checked; every complaint names file and key.

This module imports pydantic, which costs a fifth of a second: commands that may do without a
configuration ask `agent.config_files.configured` first.
"""

import difflib
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from agent.config_files import SYSTEM_STATE_DIR, env_keys, find_file
from agent.errors import ConfigError
from agent.i18n import mark
from agent.release.table import chosen
from agent.usage.cycle import zone_of

Json = dict[str, Any]


CycleDay = Annotated[int, Field(ge=1, le=31)]
Quota = Annotated[int, Field(ge=0)]
Threshold = Annotated[int, Field(ge=1, le=1000)]
IdleDays = Annotated[int, Field(ge=0, le=3650)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Device(_Section):
    """This gateway; `id` is derived from a random number in `state_dir` where it is not given."""

    id: str | None = Field(default=None, pattern=r"^[0-9A-Za-z_-]{1,32}$")
    state_dir: Path = Path(SYSTEM_STATE_DIR)
    lang: Literal["zh", "en"] | None = None


class Modem(_Section):
    """One modem: its AT port (any URL that pyserial opens) and the speed of a serial one.

    `modemmanager`: what to do where ModemManager has the modem (`agent.modem_port`). `cycle_day`,
    `quota_bytes`, `thresholds`, `idle_days`: of the card in it, where they are others than `usage`
    says.
    """

    port: str = Field(min_length=1)
    baudrate: int = Field(default=115200, ge=50, le=4_000_000)
    profile: str | None = None
    slot: int = Field(default=1, ge=1, le=8)
    apn: str | None = None
    interface: str | None = None
    modemmanager: Literal["refuse", "inhibit", "ignore"] = "refuse"
    cycle_day: CycleDay | None = None
    quota_bytes: Quota | None = None
    thresholds: list[Threshold] | None = None
    idle_days: IdleDays | None = None


class Reader(_Section):
    """The PC/SC reader: its name, or a part of it."""

    name: str | None = None


class Report(_Section):
    """How often a report is taken, seconds, and how it is written."""

    interval_s: float = Field(default=900, ge=0.2, le=86400 * 7)
    encoding: Literal["json"] = "json"


class Broker(_Section):
    """The MQTT broker; without `url` simward only records.

    `budget_bytes`: what simward's own messages may cost in a billing cycle, both directions; an
    event tells when that is near (docs/usage.md).
    """

    url: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    keepalive_s: int | None = Field(default=None, ge=1, le=65535)
    interface: str | None = None
    budget_bytes: int | None = Field(default=None, ge=1)

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, url: str | None) -> str | None:
        shape = r"mqtts?://(?:\[[0-9A-Fa-f:.]+\]|[^/\s:@?#\[\]]+)(?::(\d{1,5}))?/?"
        match = re.fullmatch(shape, url or "mqtt://none")
        if match is None or not 0 < int(match[1] or 1) < 1 << 16:
            raise PydanticCustomError("broker_url", "no MQTT address")
        return url


class Topics(_Section):
    """Where messages go."""

    root: str = Field(default="sw/1", pattern=r"^[^#+/\s][^#+\s]*[^#+/\s]$")


class Outbox(_Section):
    """What the outbox may keep while nobody takes its rows."""

    max_rows: int = Field(default=20_000, ge=10)
    max_bytes: int = Field(default=32 * 1024 * 1024, ge=64 * 1024)
    min_free_bytes: int = Field(default=64 * 1024 * 1024, ge=0)


class Usage(_Section):
    """The billing cycle and the plan, and what counts (docs/usage.md).

    `max_mbit_s`: the fastest that a modem can go, both directions together; it bounds what a gap
    may hide. `idle_days`: 0 for no event.
    """

    cycle_day: CycleDay = 1
    time_zone: str = "+08:00"
    quota_bytes: Quota | None = None
    thresholds: list[Threshold] = [50, 80, 90, 100]
    idle_days: IdleDays = 30
    max_mbit_s: float = Field(default=200, gt=0, le=100_000)
    source: Literal["auto", "modem", "interface", "modemmanager"] = "auto"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            zone_of(name)
        except ValueError as error:
            raise PydanticCustomError("time_zone", "no time zone") from error
        return name


class Probe(_Section):
    """What a probe may reach and spend."""

    hosts: list[str] = []
    budget_bytes: int = Field(default=20_000, ge=0)


class Trust(_Section):
    """Whose commands are obeyed."""

    command_keys: list[str] = []


class Binding(_Section):
    """What happens when card and device no longer match."""

    hold_data_on_pairing_change: bool = False


class Release(_Section):
    """The steps of a release, in their order; all of them where none is named (docs/release.md).

    `networkmanager`: whether the card's connections are removed, or only kept from connecting.
    `profiles`: connections of NetworkManager's that are this card's, where they do not say so.
    """

    steps: list[str] = []
    networkmanager: Literal["remove", "disable"] = "remove"
    profiles: list[str] = []

    @field_validator("steps")
    @classmethod
    def _known_steps(cls, names: list[str]) -> list[str]:
        try:
            chosen(names)
        except KeyError as error:
            name, nearest = error.args
            fields = {"name": name, "nearest": nearest}
            raise PydanticCustomError("release_step", "no such step", fields) from error
        return names


class Certificate(_Section):
    """How evidence is put on paper."""

    font: str | None = None
    """A font file with Chinese characters."""


class Recovery(_Section):
    """What may be done about a modem that is silent or gone, and how often (docs/recovery.md)."""

    at_reset: bool = True
    reset_after_s: float = Field(default=300, ge=30, le=86400)
    resets_per_day: int = Field(default=4, ge=0, le=48)
    power_hook: str | None = None
    power_hook_timeout_s: float = Field(default=60, ge=1, le=240)
    power_after_s: float = Field(default=900, ge=30, le=86400)
    powers_per_day: int = Field(default=3, ge=0, le=48)
    reject_backoff: int = Field(default=4, ge=1, le=96)

    @field_validator("power_hook")
    @classmethod
    def _command(cls, command: str | None) -> str | None:
        if command is not None:
            try:
                words = shlex.split(command)
            except ValueError:
                words = []
            if not words:
                raise PydanticCustomError("power_hook", "no command")
        return command


class Settings(_Section):
    """All of it; every section may be left out."""

    device: Device = Device()
    modem: list[Modem] = []
    reader: Reader = Reader()
    report: Report = Report()
    broker: Broker = Broker()
    topics: Topics = Topics()
    outbox: Outbox = Outbox()
    usage: Usage = Usage()
    probe: Probe = Probe()
    trust: Trust = Trust()
    binding: Binding = Binding()
    release: Release = Release()
    certificate: Certificate = Certificate()
    recovery: Recovery = Recovery()


# What pydantic complains of (its error types) -> how we say it; `{ge}` and such are its context.
_COMPLAINTS = (
    ("extra_forbidden", mark("{place}: unknown key {key} (the nearest known one is {nearest})")),
    ("missing", mark("{place}: {key} is missing")),
    ("(int|float)_.*|finite_number", mark("{place}: {key} is not a number")),
    ("string_(type|too_short)", mark("{place}: {key} is not a text")),
    ("path_type", mark("{place}: {key} is not a text")),
    ("bool_.*", mark("{place}: {key} is neither true nor false")),
    ("list_type", mark("{place}: {key} is not a list")),
    ("model_type|model_attributes_type|dict_type", mark("{place}: {key} is not a table")),
    ("greater_than_equal", mark("{place}: {key} is less than {ge}")),
    ("less_than_equal", mark("{place}: {key} is more than {le}")),
    ("literal_error", mark("{place}: {key} is not {expected}")),
    ("string_pattern_mismatch", mark("{place}: {key} has characters that are not allowed there")),
    (
        "release_step",
        mark("{place}: {key}: no step is called {name}, or it is there twice (nearest: {nearest})"),
    ),
    ("power_hook", mark("{place}: {key} is no command (quotes that do not end, or nothing)")),
    ("time_zone", mark("{place}: {key} is no time zone known here (Asia/Shanghai, +08:00)")),
    ("broker_url", mark("{place}: {key} is not mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")),
)

# Keys of the outside contract whose work comes in later versions. They are taken, so that one file
# serves both, and `simward run` says of each one that is set that it does nothing yet.
NOT_USED_YET = ("trust",)


def load(option: str | None, env: Mapping[str, str]) -> Settings:
    """The configuration in force: the file that is found, overruled by the environment.

    Raises:
        ConfigError: a file that is missing or broken, an unknown key, a value of the wrong kind.
    """
    path = find_file(option, env)
    text = "" if path is None else _read(path)
    data = _parse(text, path)
    origins = _overrule(data, env)
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise _complaint(error, text, path, origins) from None


def not_used_yet(settings: Settings) -> list[str]:
    """The keys that are set and do nothing in this version."""
    return [
        key
        for key in NOT_USED_YET
        if any(key == name or name.startswith(key + ".") for name in _keys_set(settings))
    ]


def _keys_set(settings: BaseModel, prefix: str = "") -> Iterator[str]:
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, BaseModel):
                yield from _keys_set(each, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")  # some editors put a mark in front
    except OSError as error:
        raise ConfigError(
            "cannot read the configuration {file}: {reason}", file=path, reason=error.strerror
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError("{file}: not UTF-8 at byte {at}", file=path, at=error.start) from error


def _parse(text: str, path: str | None) -> Json:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        place = f"{path}:{line[1]}" if line else path
        reason = str(error)[: line.start()] if line else error
        raise ConfigError("{file}: no valid TOML: {reason}", file=place, reason=reason) from error


def _overrule(data: Json, env: Mapping[str, str]) -> dict[str, str]:
    """Put the environment's values into `data`; which variable each dotted key came from."""
    origins: dict[str, str] = {}
    for variable, section, key in env_keys(env):
        value: Any = env[variable]
        if section == "modem":  # a list in the file; the environment speaks of its first entry
            entries = data.setdefault("modem", [])
            value = _of_kind(section, key, value)
            if isinstance(entries, list):
                entries[:] = entries or [{}]
                entries[0][key] = value
            origins[f"modem.0.{key}"] = variable
            continue
        value = _of_kind(section, key, value)
        place = data.setdefault(section, {})
        if isinstance(place, dict):
            place[key] = value
        origins[f"{section}.{key}"] = variable
        origins.setdefault(section, variable)
    return origins


def _of_kind(section: str, key: str, value: str) -> Any:
    """A variable's text, taken apart at commas where the key is a list."""
    model = Modem if section == "modem" else _model_of(section)
    fields = getattr(model, "model_fields", {})
    if key in fields and str(fields[key].annotation).startswith("list"):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _model_of(section: str) -> Any:
    field = Settings.model_fields.get(section)
    return None if field is None else field.annotation


def _complaint(
    error: ValidationError, text: str, path: str | None, origins: Mapping[str, str]
) -> ConfigError:
    """The worst complaint, with the place to look at: a variable, or file and line."""
    errors = error.errors(include_url=False)
    # An unknown key often is the misspelt one that is "missing" as well: it says more.
    first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
    location = [str(part) for part in first["loc"]]
    fields: Json = {
        "place": origins.get(".".join(location)) or _place(location, text, path),
        "key": ".".join(part for part in location if not part.isdecimal()),
    }
    if first["type"] == "extra_forbidden":
        nearest = difflib.get_close_matches(location[-1], _known(location[:-1]), n=1, cutoff=0.0)
        fields["nearest"] = ".".join([*fields["key"].split(".")[:-1], *nearest])
    else:
        fields |= first.get("ctx", {})
    for kind, template in _COMPLAINTS:
        if re.fullmatch(kind, first["type"]):
            return ConfigError(template, **fields)
    return ConfigError("{place}: {key}: {reason}", **fields | {"reason": first["msg"]})


def _known(location: list[str]) -> list[str]:
    """The keys that a section has (the sections, where `location` is empty)."""
    if not location:
        return list(Settings.model_fields)
    model = Modem if location[0] == "modem" else _model_of(location[0])
    return list(getattr(model, "model_fields", {}))


def _place(location: list[str], text: str, path: str | None) -> str:
    """`FILE:LINE` of a key, as far as a look at the lines tells, else the file alone."""
    if path is None:
        return "SIMWARD_*"
    section, key = (location[0], location[-1]) if len(location) > 1 else ("", location[0])
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        heading = re.match(r"\s*\[+\s*([\w.-]+)\s*\]+", line)
        if heading:
            inside = heading[1]
        is_section = heading is not None and not section and inside.split(".")[0] == key
        plain = re.match(rf"\s*{re.escape(key)}\s*=", line) and inside in {section, ""}
        dotted = re.match(rf"\s*{re.escape(section)}\.{re.escape(key)}\s*=", line)
        if is_section or plain or dotted:
            return f"{path}:{number}"
    return path
