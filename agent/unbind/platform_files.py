"""The platforms that are shipped, read from `platforms/*.toml`."""

import tomllib
from functools import cache
from importlib.resources import files

from agent.unbind.platform import Platform, PlatformError, platform_of

_FOLDER = files("agent.unbind") / "platforms"


@cache
def all_platforms() -> tuple[Platform, ...]:
    """Every platform, by its file's name.

    Raises:
        PlatformError: a file cannot be used; with the file and the key.
    """
    names = sorted(each.name for each in _FOLDER.iterdir() if each.name.endswith(".toml"))
    return tuple(_load(name) for name in names)


@cache
def _load(name: str) -> Platform:
    try:
        table = tomllib.loads((_FOLDER / name).read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PlatformError(name, "toml", str(error)) from error
    base = table.get("base")
    return platform_of(name, table, None if base is None else _load(f"{base}.toml"))
