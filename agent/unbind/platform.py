"""The rules of a carrier's platform, as they stand in `platforms/*.toml`. Pure.

A platform's codes are its own: 4 is suspended at one, in use at another, retired at a third. A code
that a platform does not list is `unknown`; none is ever taken for `active`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from agent.unbind.stop_reasons import STOP_REASONS
from cloud_bridge.orders import STATES

Table = Mapping[str, Any]

CARRIER_SIDES: Final = ("billing_side", "network_side")
"""The carrier's two bindings, in the call records and in the network."""
ALL, ANY = "all", "any"
GENERIC: Final = "generic"
_ZONE: Final = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")


class PlatformError(ValueError):
    """A platform file that cannot be used: `file`, the `key` in it, and why."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file = file
        self.key = key
        self.reason = reason


class Provenance(NamedTuple):
    """Where rules are from, when they were written down, from when on they are called old."""

    source: str
    recorded: date
    old_after: date


class Text(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


class States(NamedTuple):
    """The platform's codes (case folded) -> states, and the stop reasons that a code implies."""

    origin: Provenance
    codes: Mapping[str, str]
    implies: Mapping[str, str]


class StopCodes(NamedTuple):
    """The platform's codes of stop reasons; or a number whose places each stand for one."""

    origin: Provenance
    codes: Mapping[str, str]
    places: Mapping[int, str]
    places_length: int | None
    places_set: str


class BindingRules(NamedTuple):
    """How a card is unbound, and of which sides that has to be told (`all` of them, or `any`)."""

    origin: Provenance
    sides: tuple[str, ...]
    asks: str
    way: Text
    limit: Text | None
    per_month: int | None
    working_days: int | None
    same_card_minutes: int | None
    batch: int | None
    soldered_stops: bool
    """Whether a solder-down card is stopped for good where its device is changed."""


class CancelRules(NamedTuple):
    """From which states a card can be cancelled, how, and how long that takes."""

    origin: Provenance
    states: tuple[str, ...]
    way: Text
    menu: Text | None
    hotline: str | None
    working_days: int | None
    refund_days: int | None
    batch: int | None


class Documents(NamedTuple):
    """The papers that a person, or a company, has to bring."""

    origin: Provenance
    individual: tuple[str, ...]
    enterprise: tuple[str, ...]


class AutoCancel(NamedTuple):
    """Days from the plan's end to a warning, and until the carrier cancels by itself."""

    origin: Provenance
    warn_days: int | None
    days: int | None


class CycleRules(NamedTuple):
    """The day of the month on which a billing cycle begins, and by which time zone (`+08:00`)."""

    origin: Provenance
    first_day: int
    zone: str


class Platform(NamedTuple):
    """All that is known of one."""

    name: str
    title: Text
    carrier: str | None
    names: tuple[str, ...]
    states: States
    stop_reasons: StopCodes | None
    binding: BindingRules
    cancel: CancelRules
    documents: Documents
    auto_cancel: AutoCancel
    cycle: CycleRules | None

    def is_old(self, today: date) -> tuple[str, ...]:
        """The sections that are called old today."""
        sections = ("states", "stop_reasons", "binding", "cancel", "documents", "auto_cancel")
        found = [name for name in sections if _old(getattr(self, name), today)]
        return (*found, "cycle") if _old(self.cycle, today) else tuple(found)

    def state_of(self, code: str) -> str:
        """The state that a code stands for; `unknown` for one that is not listed."""
        return self.states.codes.get(_folded(code), "unknown")

    def reasons_of(self, code: str | None, told: Iterable[str]) -> tuple[str, ...]:
        """Stop reasons as words of the common list; what is on no list stays as it is."""
        implied = self.states.implies.get(_folded(code)) if code is not None else None
        found = [implied] if implied else []
        for each in told:
            found += self._reasons(each)
        return tuple(dict.fromkeys(found))

    def _reasons(self, told: str) -> list[str]:
        rules, word = self.stop_reasons, _folded(told)
        if word in STOP_REASONS or rules is None:
            return [word if word in STOP_REASONS else told]
        if rules.places_length == len(told) and told.isdecimal():
            places = [at for at, sign in enumerate(told) if sign == rules.places_set]
            return [rules.places.get(at, f"{told}[{at}]") for at in places]
        return [rules.codes.get(word, told)]


def find(platforms: Iterable[Platform], name: str | None) -> Platform | None:
    """The platform that somebody calls `name`; blanks, signs and case do not count."""
    if name is None:
        return None
    wanted = _plain(name)
    return next((p for p in platforms if wanted in {_plain(each) for each in p.names}), None)


def _old(section: Any, today: date) -> bool:
    return section is not None and today > section.origin.old_after


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]", "", text)


def _folded(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip().casefold()


# From a file's table


_SECTIONS: Final = (
    "states", "stop_reasons", "binding", "cancel", "documents", "auto_cancel", "cycle",
)  # fmt: skip
_KEYS: Final = frozenset({"name", "base", "title", "carrier", "names", *_SECTIONS})


def platform_of(file: str, table: Table, base: Platform | None) -> Platform:
    """A platform from its file's table; sections that it has not are those of `base`.

    Raises:
        PlatformError: a key that does not exist or is missing, or a value of the wrong kind.
    """
    if unknown := set(table) - _KEYS:
        raise PlatformError(file, min(unknown), "no such key")
    top = _Section(file, "", table)
    sections = {name: _section(file, table, name, base) for name in _SECTIONS}
    for name in ("states", "binding", "cancel", "documents", "auto_cancel"):
        if sections[name] is None:
            raise PlatformError(file, name, "missing")
    title = top.text("title")
    names = (*top.words("names"), top.word("name"))
    return Platform(top.word("name"), title, top.maybe_word("carrier"), names, **sections)


def _section(file: str, table: Table, name: str, base: Platform | None) -> Any:
    if name not in table:
        return None if base is None else getattr(base, name)
    if not isinstance(table[name], dict):
        raise PlatformError(file, name, "no table")
    section = _Section(file, name, table[name])
    made = _MAKERS[name](section)
    section.check_all_read()
    return made


class _Section:
    """One table of a file: its values, each of the kind that is wanted."""

    def __init__(self, file: str, name: str, table: Table) -> None:
        self._file = file
        self._name = name
        self._table = table
        self._read: set[str] = set()

    def check_all_read(self) -> None:
        if left := set(self._table) - self._read:
            raise self.error(min(left), "no such key")

    def error(self, key: str, reason: str) -> PlatformError:
        return PlatformError(self._file, f"{self._name}.{key}" if self._name else key, reason)

    def get(self, key: str) -> Any:
        self._read.add(key)
        return self._table.get(key)

    def origin(self) -> Provenance:
        dates = [self.get(key) for key in ("recorded", "old_after")]
        for key, value in zip(("recorded", "old_after"), dates, strict=True):
            if not isinstance(value, date):
                raise self.error(key, "no date")
        return Provenance(self.word("source"), *dates)

    def word(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str) or not value:
            raise self.error(key, "no text")
        return value

    def maybe_word(self, key: str) -> str | None:
        return self.word(key) if key in self._table else None

    def words(self, key: str, allowed: Iterable[str] | None = None) -> tuple[str, ...]:
        value = self.get(key)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error(key, "no list of texts")
        for each in value if allowed is not None else ():
            if each not in (allowed or ()):
                raise self.error(key, f"{each} is not on the list")
        return tuple(value)

    def table(self, key: str, allowed: Iterable[str]) -> dict[str, str]:
        value = self.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.error(key, "no table")
        for code, word in value.items():
            if word not in allowed:
                raise self.error(f"{key}.{code}", f"{word} is not on the list")
        return {_folded(code): word for code, word in value.items()}

    def text(self, key: str) -> Text:
        value = self.get(key)
        if not isinstance(value, dict) or set(value) != {"zh", "en"}:
            raise self.error(key, "not a text in both languages")
        return Text(**value)

    def maybe_text(self, key: str) -> Text | None:
        return self.text(key) if key in self._table else None

    def flag(self, key: str) -> bool:
        value = self.get(key)
        if value not in (None, True, False):
            raise self.error(key, "neither true nor false")
        return value is True

    def number(self, key: str) -> int | None:
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise self.error(key, "no whole number above 0")
        return value


def _states(section: _Section) -> States:
    known = set(STATES) - {"unknown"}
    codes = section.table("codes", known)
    implies = section.table("implies", STOP_REASONS)
    for code in implies:
        if codes.get(code) != "suspended":
            raise section.error(f"implies.{code}", "not the code of a suspended card")
    return States(section.origin(), codes, implies)


def _stop_codes(section: _Section) -> StopCodes:
    places = section.table("places", STOP_REASONS)
    for place in places:
        if not place.isdecimal():
            raise section.error(f"places.{place}", "no whole number")
    return StopCodes(
        section.origin(),
        section.table("codes", STOP_REASONS),
        {int(place): word for place, word in places.items()},
        section.number("places_length"),
        section.maybe_word("places_set") or "",
    )


def _binding(section: _Section) -> BindingRules:
    asks = section.word("asks")
    if asks not in {ALL, ANY}:
        raise section.error("asks", "neither all nor any")
    sides = section.words("sides", CARRIER_SIDES)
    if not sides:
        raise section.error("sides", "empty")
    return BindingRules(
        section.origin(),
        sides,
        asks,
        section.text("way"),
        section.maybe_text("limit"),
        per_month=section.number("per_month"),
        working_days=section.number("working_days"),
        same_card_minutes=section.number("same_card_minutes"),
        batch=section.number("batch"),
        soldered_stops=section.flag("soldered_stops"),
    )


def _cancel(section: _Section) -> CancelRules:
    return CancelRules(
        section.origin(),
        section.words("from", STATES),
        section.text("way"),
        section.maybe_text("menu"),
        section.maybe_word("hotline"),
        *map(section.number, ("working_days", "refund_days", "batch")),
    )


def _documents(section: _Section) -> Documents:
    return Documents(section.origin(), section.words("individual"), section.words("enterprise"))


def _auto_cancel(section: _Section) -> AutoCancel:
    return AutoCancel(section.origin(), section.number("warn_days"), section.number("days"))


def _cycle(section: _Section) -> CycleRules:
    day = section.number("first_day")
    if day is None or day > 31:
        raise section.error("first_day", "no day of a month")
    zone = section.word("zone")
    if not _ZONE.fullmatch(zone):
        raise section.error("zone", "not like +08:00")
    return CycleRules(section.origin(), day, zone)


_MAKERS: Final[Mapping[str, Callable[[_Section], Any]]] = {
    "states": _states,
    "stop_reasons": _stop_codes,
    "binding": _binding,
    "cancel": _cancel,
    "documents": _documents,
    "auto_cancel": _auto_cancel,
    "cycle": _cycle,
}
