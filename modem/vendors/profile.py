"""What is particular to a family of modems, as data: a diff over a base.

A profile answers two questions: which command classes to try for a question (`commands`, a ladder
tried in order), and what the family is known not to do (`unsupported`). A command class is named
`module:Class`, below `modem.commands`, and imported when it is first needed.

The questions of a release (`release`) stand apart: their answers hold passwords, and nothing but a
release asks them (a recorder walks `commands`). A command class there knows its own `writer`.

It also says how the family restarts (`restart`, `ready_s`), which settings of the session make it
report a card that moves (`card_reports`), and what becomes of its counters (`[usage]`). Each such
key has its source under `[sources]`; those of `[usage]` there are `usage_persistence` and the like.
"""

from importlib import import_module
from typing import NamedTuple

from modem.at.command import Command

Table = dict[str, object]


class ProfileError(ValueError):
    """A profile that cannot be read: `profile` and `key` name the place."""

    def __init__(self, profile: str, key: str, reason: str) -> None:
        super().__init__(f"profile {profile}: {key}: {reason}")
        self.profile = profile
        self.key = key
        self.reason = reason


class UsageTraits(NamedTuple):
    """What a family's usage counter is.

    `persistence` is what a loss of power does to it: `volatile` begins at zero, `saved` goes back
    to what was last saved, `kept` goes on, `unknown` is not stated. `scope` is what one counter
    counts: the whole `modem`, one `context`, or `unknown`. `reset` is the AT command that zeroes
    it, for people to read: simward never sends it; None where none is known. `bits` is the width at
    which it begins anew at zero; None where no source states it: it is then taken not to.
    """

    persistence: str = "unknown"
    scope: str = "unknown"
    reset: str | None = None
    bits: int | None = None


class Profile(NamedTuple):
    """A family of modems.

    `commands` maps a question to its ladder, `unidentified` likewise for a modem that does not say
    who it is; `identification_tells` are the questions that ATI answers as well, all in one;
    `release` maps the questions of a release to theirs;
    `unsupported` maps a question to the source that says so; `act_names` overrides the
    standard's words for `<AcT>`; `guard_s` is the pause before each command; `nr5g` says whether
    the family has 5G (None: not known). `restart` is the AT command that restarts the modem (None:
    no command does), `ready_s` the seconds that it may then need, or after it was plugged in,
    before it answers. `card_reports` are AT commands that switch on reports of the card's coming
    and going for this session; none of them outlives a restart of the modem. `not_asked_briefly`
    are domains of registration that a brief status asks for only where nothing else is registered,
    to keep to its few commands, and `revision`, which it leaves out. `address_in_definition` says
    that +CGDCONT? has the address in use of an active context, where the standard has the one that
    was wished for.
    """

    name: str
    base: str | None
    commands: dict[str, tuple[str, ...]]
    unidentified: dict[str, tuple[str, ...]]
    release: dict[str, tuple[str, ...]]
    identification_tells: tuple[str, ...]
    unsupported: dict[str, str]
    sources: dict[str, str]
    urc_prefixes: tuple[str, ...]
    extra_finals: tuple[str, ...]
    act_names: dict[int, str]
    guard_s: float
    nr5g: bool | None
    restart: str | None
    ready_s: float
    card_reports: tuple[str, ...]
    usage: UsageTraits
    not_asked_briefly: tuple[str, ...]
    address_in_definition: bool

    def ladder(self, question: str, *, identified: bool = True) -> tuple[str, ...]:
        """The command classes to try for `question`, in order; none where it is unsupported."""
        if question in self.unsupported:
            return ()
        if not identified and question in self.unidentified:
            return self.unidentified[question]
        return self.commands.get(question, ())


_KEYS = frozenset(
    {
        "name",
        "base",
        "commands",
        "unidentified",
        "release",
        "identification_tells",
        "unsupported",
        "sources",
        "urc_prefixes",
        "extra_finals",
        "act_names",
        "guard_s",
        "nr5g",
        "restart",
        "ready_s",
        "card_reports",
        "usage",
        "not_asked_briefly",
        "address_in_definition",
    }
)
_READY_S = 30.0
_FEWEST_BITS, _MOST_BITS = 16, 64
_USAGE_WORDS = {
    "persistence": frozenset({"volatile", "saved", "kept", "unknown"}),
    "scope": frozenset({"modem", "context", "unknown"}),
}


def profile_from_table(table: Table, base: Profile | None) -> Profile:
    """A profile from its TOML table, laid over `base`.

    Raises:
        ProfileError: a key that does not exist, or a value of the wrong kind.
    """
    name = str(table.get("name", "?"))
    if unknown := set(table) - _KEYS:
        raise ProfileError(name, min(unknown), "no such key")
    unsupported = _texts(name, table, "unsupported")
    commands = _ladders(name, table, "commands")
    inherited = dict(base.unsupported) if base else {}
    for question in commands:
        inherited.pop(question, None)  # a ladder of its own lifts what the base ruled out
    acts = {int(number): word for number, word in _texts(name, table, "act_names").items()}
    nr5g = table.get("nr5g", base.nr5g if base else None)
    return Profile(
        name=name,
        base=base.name if base else None,
        commands={**(base.commands if base else {}), **commands},
        unidentified={
            **(base.unidentified if base else {}),
            **_ladders(name, table, "unidentified"),
        },
        release={**(base.release if base else {}), **_ladders(name, table, "release")},
        identification_tells=_strings(name, table, "identification_tells")
        or (base.identification_tells if base else ()),
        unsupported={**inherited, **unsupported},
        sources={**(base.sources if base else {}), **_texts(name, table, "sources")},
        urc_prefixes=(base.urc_prefixes if base else ()) + _strings(name, table, "urc_prefixes"),
        extra_finals=(base.extra_finals if base else ()) + _strings(name, table, "extra_finals"),
        act_names={**(base.act_names if base else {}), **acts},
        guard_s=_seconds(name, table, "guard_s", base.guard_s if base else 0.0),
        nr5g=nr5g if isinstance(nr5g, bool) else None,
        restart=_restart(name, table, base.restart if base else None),
        ready_s=_seconds(name, table, "ready_s", base.ready_s if base else _READY_S),
        card_reports=_card_reports(name, table, base.card_reports if base else ()),
        usage=_usage(name, table, base.usage if base else UsageTraits()),
        not_asked_briefly=_strings(name, table, "not_asked_briefly")
        or (base.not_asked_briefly if base else ()),
        address_in_definition=_flag(
            name, table, "address_in_definition", base is not None and base.address_in_definition
        ),
    )


def command_class(path: str) -> type[Command[object]]:
    """The class that a profile names as `module:Class`.

    Raises:
        ProfileError: there is no such module or class.
    """
    module_name, _, class_name = path.partition(":")
    try:
        found = getattr(import_module(f"modem.commands.{module_name}"), class_name)
    except (ImportError, AttributeError) as exc:
        raise ProfileError("?", path, "no such command class") from exc
    if not (isinstance(found, type) and issubclass(found, Command)):
        raise ProfileError("?", path, "no command class")
    return found


def _flag(profile: str, table: Table, key: str, otherwise: bool) -> bool:
    value = table.get(key, otherwise)
    if not isinstance(value, bool):
        raise ProfileError(profile, key, "not true or false")
    return value


def _table(profile: str, table: Table, key: str) -> Table:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ProfileError(profile, key, "no table")
    return value


def _texts(profile: str, table: Table, key: str) -> dict[str, str]:
    values = _table(profile, table, key)
    for name, value in values.items():
        if not isinstance(value, str):
            raise ProfileError(profile, f"{key}.{name}", "no text")
    return {name: str(value) for name, value in values.items()}


def _ladders(profile: str, table: Table, key: str) -> dict[str, tuple[str, ...]]:
    values = _table(profile, table, key)
    return {name: _strings(profile, values, name) for name in values}


def _strings(profile: str, table: Table, key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProfileError(profile, key, "no list of texts")
    return tuple(value)


def _seconds(profile: str, table: Table, key: str, default: float) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ProfileError(profile, key, "no number of seconds")
    return float(value)


def _restart(profile: str, table: Table, default: str | None) -> str | None:
    """An empty text is a family that no command restarts."""
    if "restart" not in table:
        return default
    return _at_command(profile, "restart", table["restart"]) if table["restart"] != "" else None


def _card_reports(profile: str, table: Table, default: tuple[str, ...]) -> tuple[str, ...]:
    if "card_reports" not in table:
        return default
    texts = _strings(profile, table, "card_reports")
    return tuple(_at_command(profile, "card_reports", text) for text in texts)


def _usage(profile: str, table: Table, default: UsageTraits) -> UsageTraits:
    usage = dict(_table(profile, table, "usage"))
    bits = usage.pop("bits", default.bits)
    if bits is not None and (type(bits) is not int or not _FEWEST_BITS <= bits <= _MOST_BITS):
        raise ProfileError(profile, "usage.bits", "no number of bits")
    words = _texts(profile, {"usage": usage}, "usage")
    if unknown := set(words) - set(UsageTraits._fields):
        raise ProfileError(profile, f"usage.{min(unknown)}", "no such key")
    for key, allowed in _USAGE_WORDS.items():
        if words.get(key, "unknown") not in allowed:
            raise ProfileError(profile, f"usage.{key}", f"none of {', '.join(sorted(allowed))}")
    reset = words.pop("reset", default.reset)
    return default._replace(
        **words,
        reset=_at_command(profile, "usage.reset", reset) if reset else None,
        bits=bits,
    )


def _at_command(profile: str, key: str, value: object) -> str:
    if not (isinstance(value, str) and value.startswith("AT") and value.isprintable()):
        raise ProfileError(profile, key, "no AT command")
    return value
