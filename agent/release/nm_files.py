"""Connections that NetworkManager keeps on the disk, for a machine on which it does not run now.

Source: nm-settings-keyfile(5) of NetworkManager 1.42: one file a connection, sections as in the
settings, `true` and `false`.
"""

import configparser
from pathlib import Path
from typing import Final

from agent.release.nm_profiles import OURS, UNCLEAR, Owner, Settings, is_cellular, whose

FOLDER: Final = "/etc/NetworkManager/system-connections"

_VALUES: Final = {"true": True, "false": False}


def settings_of(text: str) -> Settings:
    """What a file says; nothing where it is no such file."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {
        section: {key: ("v", _VALUES.get(value, value)) for key, value in parser[section].items()}
        for section in parser.sections()
    }


def files_of(root: str, owner: Owner) -> list[str]:
    """The files with connections that are the card's, or may be; [] where none can be read."""
    found = []
    try:
        files = sorted(Path(root.rstrip("/") + FOLDER).iterdir())
    except OSError:
        return []
    for file in files:
        try:
            settings = settings_of(file.read_text("utf-8", errors="replace"))
        except OSError:
            continue
        if is_cellular(settings) and whose(settings, owner) in {OURS, UNCLEAR}:
            found.append(f"{FOLDER}/{file.name}")
    return found
