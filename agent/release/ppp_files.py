"""What files for pppd and wvdial say: which port, which scripts, whose password. Pure.

Sources: pppd(8) of ppp 2.4.9 (options files: words, quotes, `#`; a device name with or without
`/dev/`), chat(8) (`-f FILE`), wvdial.conf(5) (`Modem = DEVICE`, unread beyond its sample file).
"""

import re
import shlex
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

_TTY = re.compile(r"(/dev/\S+|tty[A-Za-z]+[0-9]+)")
_WITHOUT_TTY = frozenset({"pty", "socket"})
_PLUGINS_WITHOUT_TTY = ("pppoe", "rp-pppoe", "pptp", "pppol2tp", "pppoatm")
_MODEM_LINE = re.compile(r"^\s*Modem\s*=\s*(\S+)\s*$", re.IGNORECASE | re.MULTILINE)


class Peer(NamedTuple):
    """A file of pppd's options: its device (None: none named), chat scripts, names to log in by."""

    device: str | None
    scripts: tuple[str, ...]
    names: tuple[str, ...]
    without_tty: bool


def peer_of(text: str) -> Peer:
    """What an options file says."""
    words = _words(text)
    after = dict(pairwise(words))
    plugin = after.get("plugin", "")
    return Peer(
        device=device_in(words),
        scripts=tuple(dict.fromkeys(found for word in words for found in _scripts(word))),
        names=tuple(after[key] for key in ("user", "name") if key in after),
        without_tty=bool(_WITHOUT_TTY & set(words))
        or plugin.rpartition("/")[2].startswith(_PLUGINS_WITHOUT_TTY),
    )


def device_in(words: Iterable[str]) -> str | None:
    """The first word that is a serial device, if any."""
    return next((word for word in words if _TTY.fullmatch(word)), None)


def modems_of(text: str) -> tuple[str, ...]:
    """The devices that a wvdial.conf names."""
    return tuple(_MODEM_LINE.findall(text))


def calls_in(text: str) -> set[str]:
    """The peers that a unit, a script or /etc/network/interfaces calls: by pppd, pon or ifup."""
    found: set[str] = set()
    for line in _code_lines(text):
        words = _words(line)
        found |= {two for one, two in pairwise(words) if one == "provider"}
        if _dials(words):
            found |= {two for one, two in pairwise(words) if one == "call"}
        found |= {two for one, two in pairwise(words) if one.rpartition("/")[2] == "pon"}
    return found


def devices_dialled_in(text: str) -> tuple[str, ...]:
    """The serial devices in lines that start pppd or wvdial."""
    lines = [words for line in _code_lines(text) if _dials(words := _words(line))]
    return tuple(word for words in lines for word in words if _TTY.fullmatch(word))


def names_in_secrets(text: str) -> set[str]:
    """Who has a line in a file of secrets (pap-secrets, chap-secrets)."""
    return {words[0] for line in _code_lines(text) if (words := _words(line))}


def _code_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith("#")]


def _dials(words: list[str]) -> bool:
    programs = {word.rpartition("=")[2].rpartition("/")[2] for word in words}
    return bool(programs & {"pppd", "wvdial"})


def _words(text: str) -> list[str]:
    words: list[str] = []
    for line in text.splitlines():
        try:
            words += shlex.split(line, comments=True)
        except ValueError:  # a quote that goes over the end of the line
            words += line.split()
    return words


def _scripts(word: str) -> list[str]:
    """The files after `-f` in the words of a connect script."""
    parts = word.split()
    if not parts or not parts[0].rpartition("/")[2].startswith("chat"):
        return []
    return [file for flag, file in pairwise(parts) if flag == "-f"]
