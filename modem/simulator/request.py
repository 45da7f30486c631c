"""A command as the simulated modem understands it; read by this simulator's own rules."""

import re
from dataclasses import dataclass

_EXTENDED = re.compile(r"AT([+^%#$*!][A-Z][A-Z0-9]*)(=\?|\?|=.*)?", re.IGNORECASE | re.DOTALL)
_FIELD = re.compile(r'"([^"]*)"|([^,]*)')


@dataclass(frozen=True)
class Request:
    """One command: `name` as `+CREG`, `kind` is `execute`, `read`, `test` or `set`."""

    name: str
    kind: str
    args: tuple[str, ...] = ()

    def number(self, position: int, default: int | None = None) -> int | None:
        """The number at `position`, `default` where nothing stands, None for something else."""
        if position >= len(self.args) or self.args[position] == "":
            return default
        text = self.args[position]
        return int(text) if text.isdecimal() and text.isascii() else None


def read_request(text: str) -> Request | None:
    """What `text` asks; None for a basic command or none at all."""
    found = _EXTENDED.fullmatch(text)
    if not found:
        return None
    name, tail = found[1].upper(), found[2] or ""
    kinds = {"": "execute", "?": "read", "=?": "test"}
    if tail in kinds:
        return Request(name, kinds[tail])
    return Request(name, "set", split_args(tail[1:]))


def split_args(text: str) -> tuple[str, ...]:
    """Fields between commas, quotes taken off."""
    args: list[str] = []
    position = 0
    while position <= len(text):
        found = _FIELD.match(text, position)
        assert found is not None
        args.append(found[2].strip() if found[1] is None else found[1])
        position = found.end() + 1
    return tuple(args)
