"""What can happen to a simulated modem, as a table: in a scenario, a test or on the command line.

The format is described in `docs/simulators.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from modem.simulator.fixture import FixtureError, Reason, shipped
from modem.simulator.network import (
    CallService,
    Cell,
    MessageService,
    Network,
    SessionRule,
    Verdict,
)
from modem.simulator.profile import DOMAIN_COMMANDS, CannedAnswer, Signal, build, build_all

CARD_WORDS = ("insert", "remove")
LOCKS = ("PS", "PF", "PN", "PU", "PP", "PC")
_CALL_ANSWERS = ("no_carrier", "busy", "no_answer", "connect")
_NETWORK_LISTS: dict[str, type] = {"sessions": SessionRule, "cells": Cell}
_NETWORK_TABLES: dict[str, type] = {"messages": MessageService, "calls": CallService}
_DOMAIN_KEYS = {
    "stat": int,
    "cause_type": int,
    "cause": int,
    "area": str,
    "ci": str,
    "act": int,
    "rac": str,
}
_USAGE_KEYS = {"tx_bytes": int, "rx_bytes": int, "tx_per_s": float, "rx_per_s": float}
_SIGNAL_KEYS = {item.name: float if item.type is float else int for item in fields(Signal)}
_GROUPS: dict[str, Mapping[str, type]] = {
    **dict.fromkeys(DOMAIN_COMMANDS, _DOMAIN_KEYS),
    "usage": _USAGE_KEYS,
    "signal": _SIGNAL_KEYS,
}


@dataclass(frozen=True)
class VerdictTable:
    """A domain's verdict as it is written: `accept`, `reject` or `silence`, and one of them."""

    accept: int | None = None
    reject: int | None = None
    silence: bool = False
    cause_type: int = 0
    esm: int | None = None


@dataclass(frozen=True)
class NetworkChange:
    """What becomes different in the network; None and empty leave it as it is.

    `keep`: a registration that stands is not cut by a new verdict, the next one meets it.
    """

    plmn: str | None = None
    name: str | None = None
    coverage: bool | None = None
    domains: Mapping[str, Verdict] = field(default_factory=dict)
    sessions: tuple[SessionRule, ...] | None = None
    messages: MessageService | None = None
    calls: CallService | None = None
    cells: tuple[Cell, ...] | None = None
    attach_s: float | None = None
    retry_s: float | None = None
    keep: bool = False

    def applied(self, network: Network) -> Network:
        """`network` with the changes."""
        values = {
            item.name: getattr(self, item.name)
            for item in fields(Network)
            if getattr(self, item.name) is not None
        }
        return replace(network, **{**values, "domains": {**network.domains, **self.domains}})


@dataclass(frozen=True)
class Text:
    """A short message that comes in: from whom, what, and when (as the network writes it)."""

    sender: str
    text: str
    time: str = "26/11/22,01:02:03+32"


@dataclass(frozen=True)
class Override:
    """Another answer to one command, or to all that begin alike (`AT+CREG*`).

    `late_s` passes before it; after so many `times` the usual answer is back (0: never). With
    `usual` it is back at once. Without `lines`, `final` or `never` only the delay is new.
    """

    command: str
    lines: tuple[str, ...] | None = None
    final: str | None = None
    never: bool = False
    late_s: float = 0.0
    times: int = 0
    usual: bool = False

    @property
    def answer(self) -> CannedAnswer | None:
        """What is said in place of the usual answer, None where that is said."""
        if self.lines is None and self.final is None and not self.never:
            return None
        lines, final = self.lines or (), "OK" if self.final is None else self.final
        return CannedAnswer(self.command, lines, final=final, never=self.never)


@dataclass(frozen=True)
class Change:
    """All that may happen at one moment, in the order of its members."""

    state: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    network: NetworkChange | None = None
    device_lock: str | None = None
    card: str = ""
    profile: str | None = None
    detach: bool = False
    drop_context: int | None = None
    answers: tuple[Override, ...] = ()
    echo: bool | None = None
    message: Text | None = None
    time: str = ""
    urc: tuple[str, ...] = ()
    noise: bytes = b""
    silent_s: float = 0.0
    unplug: bool = False
    power: str = ""
    reboot: bool = False


KEYS = frozenset({"set", "answer", *(item.name for item in fields(Change))} - {"state", "answers"})
"""The keys of a table that `read_change` takes."""


def read_change(file: str, place: str, table: object) -> Change:
    """A change from its table; `file` and `place` name it in errors.

    Raises:
        FixtureError: a key or a value that does not fit, with its place.
    """
    if not isinstance(table, Mapping):
        raise FixtureError(file, place, "must be a table")
    reader = _Reader(file, place, table)
    for key in table:
        if key not in KEYS:
            raise FixtureError(file, f"{place}.{key}" if place else key, "unknown key")
    return reader.read()


class _Reader:
    """Reads one table, and says where something in it is wrong."""

    def __init__(self, file: str, place: str, table: Mapping[str, Any]) -> None:
        self._file = file
        self._place = place
        self._table = table

    def read(self) -> Change:
        get = self._typed
        return Change(
            state=self._groups(),
            network=self._network() if "network" in self._table else None,
            device_lock=self._lock(),
            card=self._card(),
            profile=get("profile", str, default=None),
            detach=get("detach", bool, default=False),
            drop_context=get("drop_context", int, default=None),
            answers=self._overrides(),
            echo=get("echo", bool, default=None),
            message=self._message(),
            time=get("time", str, default=""),
            urc=self._lines("urc"),
            noise=self._noise(),
            silent_s=self._seconds("silent_s"),
            unplug=get("unplug", bool, default=False),
            power=self._one_of("power", ("off", "on"), "must be off or on"),
            reboot=get("reboot", bool, default=False),
        )

    def _error(self, key: str, reason: Reason) -> FixtureError:
        return FixtureError(self._file, self._place_of(key), reason)

    def _place_of(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key

    def _typed(self, key: str, kind: type, *, default: Any) -> Any:
        value = self._table.get(key, default)
        if value is not default and (not isinstance(value, kind) or _is_bool(value, kind)):
            raise self._error(key, "a value of the wrong type")
        return value

    def _seconds(self, key: str) -> float:
        value = self._table.get(key, 0.0)
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise self._error(key, "must be a number of seconds")
        return float(value)

    def _one_of(self, key: str, words: tuple[str, ...], reason: Reason) -> str:
        value = self._table.get(key, "")
        if value not in {"", *words}:
            raise self._error(key, reason)
        return str(value)

    def _lines(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key, [])
        lines = [value] if isinstance(value, str) else value
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise self._error(key, "a value of the wrong type")
        return tuple(line for line in lines if line)

    def _card(self) -> str:
        card = self._typed("card", str, default="")
        if card and card not in CARD_WORDS:
            try:
                shipped("cards", card, ".toml")
            except FixtureError:
                raise self._error("card", "must be insert, remove or a card") from None
        return str(card)

    def _lock(self) -> str | None:
        if "device_lock" not in self._table:
            return None
        return self._one_of("device_lock", LOCKS, "must be PS, PF, PN, PU, PP or PC")

    def _noise(self) -> bytes:
        text = self._typed("noise", str, default="")
        try:
            return bytes(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))
        except UnicodeError as exc:
            raise self._error("noise", "wrong escape") from exc

    def _message(self) -> Text | None:
        if "message" not in self._table:
            return None
        table = self._table["message"]
        if isinstance(table, Mapping) and "from" in table:
            table = {("sender" if key == "from" else key): table[key] for key in table}
        return build(self._file, self._place_of("message"), Text, table)

    def _overrides(self) -> tuple[Override, ...]:
        value = self._table.get("answer", [])
        tables = [value] if isinstance(value, Mapping) else value
        return build_all(self._file, self._place_of("answer"), Override, tables)

    def _groups(self) -> Mapping[str, Mapping[str, Any]]:
        groups = self._table.get("set", {})
        if not isinstance(groups, Mapping):
            raise self._error("set", "must be a table")
        for group, values in groups.items():
            self._check_group(group, values)
        return groups

    def _check_group(self, group: str, values: object) -> None:
        if group not in _GROUPS:
            raise self._error(f"set.{group}", "unknown key")
        if not isinstance(values, Mapping):
            raise self._error(f"set.{group}", "must be a table")
        for key, value in values.items():
            wanted = _GROUPS[group].get(key)
            if wanted is None:
                raise self._error(f"set.{group}.{key}", "unknown key")
            kinds = (int, float) if wanted is float else wanted
            if not isinstance(value, kinds) or _is_bool(value, wanted):
                raise self._error(f"set.{group}.{key}", "a value of the wrong type")

    def _network(self) -> NetworkChange:
        table = self._table["network"]
        if not isinstance(table, Mapping):
            raise self._error("network", "must be a table")
        place = self._place_of("network")
        plain = dict(table)
        domains = {
            name: self._verdict(name, plain.pop(name)) for name in DOMAIN_COMMANDS if name in plain
        }
        read: dict[str, Any] = {}
        for key, kind in _NETWORK_LISTS.items():
            if key in plain:
                read[key] = build_all(self._file, f"{place}.{key}", kind, plain.pop(key))
        for key, kind in _NETWORK_TABLES.items():
            if key in plain:
                read[key] = build(self._file, f"{place}.{key}", kind, plain.pop(key))
        if "calls" in read and read["calls"].answer not in _CALL_ANSWERS:
            raise self._error("network.calls.answer", "no such answer to a call")
        change = build(self._file, place, NetworkChange, plain)
        return replace(change, domains=domains, **read)

    def _verdict(self, domain: str, table: object) -> Verdict:
        place = f"network.{domain}"
        read = build(self._file, self._place_of(place), VerdictTable, table)
        chosen = [read.accept is not None, read.reject is not None, read.silence]
        if chosen.count(True) != 1:
            raise self._error(place, "must have accept, reject or silence")
        if read.accept is not None:
            return Verdict("accept", stat=read.accept)
        if read.silence:
            return Verdict("silence")
        cause = read.reject or 0
        return Verdict("reject", cause=cause, cause_type=read.cause_type, esm=read.esm)


def _is_bool(value: object, wanted: type) -> bool:
    """Whether a truth value stands where a number should: Python takes one for the other."""
    return isinstance(value, bool) and wanted is not bool
