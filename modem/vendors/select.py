"""From what a modem says of itself to its profile."""

import os
import re
import tomllib
from functools import cache

from modem.vendors.profile import Profile, ProfileError, profile_from_table

GENERIC = "generic_3gpp"
# Neither importlib.resources nor pathlib: their imports cost more than all the rest.
_HERE = os.path.dirname(__file__)  # noqa: PTH120
_SUFFIX = ".toml"
_INDEX = "index.toml"
_NO_PROFILES = frozenset({_INDEX, "usb_ports.toml"})


def profile_names() -> tuple[str, ...]:
    """All profiles there are, by name."""
    return tuple(
        sorted(
            name.removesuffix(_SUFFIX)
            for name in os.listdir(_HERE)  # noqa: PTH208
            if name.endswith(_SUFFIX) and name not in _NO_PROFILES
        )
    )


@cache
def load_profile(name: str) -> Profile:
    """The profile `name`, laid over its bases.

    Raises:
        ProfileError: there is none, or it cannot be read.
    """
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise ProfileError(name, "name", "no such profile")
    try:
        table = _read(name + _SUFFIX)
    except FileNotFoundError as exc:
        raise ProfileError(name, "name", "no such profile") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ProfileError(name, "toml", str(exc)) from exc
    base = table.get("base")
    return profile_from_table(table, load_profile(base) if isinstance(base, str) else None)


def select_profile(
    manufacturer: str | None, model: str | None, usb_id: str | None = None
) -> Profile:
    """The profile that fits; `generic_3gpp` where none does.

    `usb_id` (`2c7c:0125`) counts only where maker and model say nothing.
    """
    for family in _families():
        if _speaks_of(family, manufacturer, model):
            return load_profile(family["profile"])
    if not manufacturer and not model and usb_id:
        for family in _families():
            if any(usb_id.lower().startswith(known) for known in family.get("usb", "").split()):
                return load_profile(family["profile"])
    return load_profile(GENERIC)


def _speaks_of(family: dict[str, str], manufacturer: str | None, model: str | None) -> bool:
    wanted = family.get("model")
    if manufacturer and not re.search(family["manufacturer"], manufacturer, re.IGNORECASE):
        return False
    if wanted is None:
        return bool(manufacturer)
    return bool(model) and re.match(wanted, model or "", re.IGNORECASE) is not None


@cache
def _families() -> tuple[dict[str, str], ...]:
    families = _read(_INDEX).get("family", [])
    return tuple(families) if isinstance(families, list) else ()


def _read(name: str) -> dict[str, object]:
    with open(f"{_HERE}/{name}", "rb") as file:  # noqa: PTH123
        return tomllib.load(file)
