"""What kind of modem is simulated: its identity, its habits, its start values.

Read from `hardware_fixtures/modems/*.toml`; the format is described in `docs/simulators.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from modem.simulator.device import same_command
from modem.simulator.fixture import FixtureError, provenance_of, read_toml, shipped

T = TypeVar("T")

DOMAIN_COMMANDS = {"cs": "+CREG", "ps": "+CGREG", "eps": "+CEREG", "nr5g": "+C5GREG"}


@dataclass(frozen=True)
class Identity:
    """Who the modem says it is."""

    manufacturer: str
    model: str
    revision: str
    imei: str
    serial: str = ""


@dataclass(frozen=True)
class Style:
    """How the modem writes, and what it makes of a network's refusal.

    `unknown` answers commands that it lacks: a final result, or `cme:<code>`. `cmee_fixed`: it
    takes AT+CMEE and ignores it. `compact`: no blank line before the final result.
    `card_off_with_radio`: AT+CFUN=0 also switches the card off (then CME 13, "SIM failure").
    `concatenated`: it obeys several commands in a line. `denied_causes`: those after which
    registration shows 3 (denied), all others leave it at 2. `place_when_denied`: area and cell are
    told also then. `no_profile`: what AT+CPIN? says of an eUICC without an enabled profile, READY
    where it is empty. `session_error`: how a refused AT+CGACT is answered: `cause` (the CME number
    of the cause), `cme:<code>`, or a final result. The texts are those of +CEER; `no_error_text`
    stands where nothing went wrong. `tells_password`: +CGAUTH? has passwords. `auto_connect`: the
    modem is set to connect by itself.
    """

    echo: bool = True
    cmee: int = 0
    cmee_fixed: bool = False
    unknown: str = "ERROR"
    separator: str = ": "
    compact: bool = False
    concatenated: bool = True
    card_off_with_radio: bool = False
    context_tail: str = ""
    dotted_ipv6: bool = True
    csq_unknown: bool = False
    operator_format: int = 0
    no_number: str = ""
    no_profile: str = ""
    denied_causes: tuple[int, ...] = (2, 3, 5, 6, 7, 8)
    place_when_denied: bool = False
    session_error: str = "cause"
    no_error_text: str = '"No cause information available"'
    error_text: str = '"{layer} reject",{cause}'
    session_error_text: str = '"{layer} reject",{cause}'
    call_error_text: str = '"CC setup error",{cause}'
    error_text_volatile: bool = False
    tells_password: bool = True
    auto_connect: bool = False
    boot_s: float = 2.0
    power_off_s: float = 1.0


@dataclass(frozen=True)
class DomainStart:
    """Registration in one domain at start; `max_n` is the highest `<n>` that the modem takes.

    An `act` of -1 is not told.
    """

    stat: int = 1
    area: str = "00A1"
    ci: str = "01A2B301"
    act: int = 7
    rac: str = ""
    max_n: int = 3


@dataclass(frozen=True)
class Operator:
    """The network that the modem sees."""

    plmn: str = "00101"
    name: str = "Test Network"


@dataclass(frozen=True)
class Signal:
    """Signal where the modem stands; `ber` is the RXQUAL class, 99 is unknown."""

    rssi_dbm: int = -73
    rsrp_dbm: int = -101
    rsrq_db: float = -10.5
    sinr_db: float = 12.0
    ber: int = 99


@dataclass(frozen=True)
class Context:
    """One PDP context; it is really active only while the network gives data service."""

    cid: int
    pdp_type: str = "IP"
    apn: str = ""
    active: bool = False
    addresses: tuple[str, ...] = ()
    auth: int = 0
    user: str = ""
    password: str = ""


@dataclass(frozen=True)
class Usage:
    """The modem's own counters at start, and how fast they grow while a context is up.

    At a restart they go back to what one of the `save_commands` saved last (nothing, if none),
    unless `survives_reboot`. `per_session`: gone also with the session. `wraps_at_bits`: 32 for
    counters that begin anew at 4 GiB, 0 for none that do.
    """

    tx_bytes: int = 0
    rx_bytes: int = 0
    tx_per_s: float = 0.0
    rx_per_s: float = 0.0
    survives_reboot: bool = False
    per_session: bool = False
    wraps_at_bits: int = 0
    reset_commands: tuple[str, ...] = ()
    save_commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class CardSlot:
    """The card inside (a name of `hardware_fixtures/cards`; empty: none) and what hangs on it.

    `lock_code` opens the device locks of `locks`.
    """

    file: str = "usim_test"
    smsc: str = ""
    lock_code: str = "87654321"


@dataclass(frozen=True)
class Messages:
    """Short messages: places in the modem's own memory (0: none), and the store used at start.

    `reports` are mode, mt, bm, ds and bfr of AT+CNMI at start.
    """

    modem_size: int = 23
    store: str = "SM"
    reports: tuple[int, ...] = (2, 1, 0, 0, 0)


@dataclass(frozen=True)
class PhonebookStore:
    """A phone book or list of calls in the modem's own memory, as AT+CPBS names it.

    `entries` are what it holds at start, `number;name` each, from place 1 on.
    """

    store: str
    size: int
    entries: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeriodicUrc:
    """A line that the modem says by itself every `every_s` seconds."""

    every_s: float
    line: str


@dataclass(frozen=True)
class Urcs:
    """What the modem says by itself, and when; templates as in `CannedAnswer`."""

    boot: tuple[str, ...] = ()
    card_removed: tuple[str, ...] = ("+CPIN: NOT READY",)
    card_inserted: tuple[str, ...] = ("+CPIN: READY",)
    card_unlocked: tuple[str, ...] = ()
    profile_switched: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    session_reject: tuple[str, ...] = ()
    power_down: tuple[str, ...] = ()
    network_time: tuple[str, ...] = ()
    periodic: tuple[PeriodicUrc, ...] = ()


@dataclass(frozen=True)
class CannedAnswer:
    """An answer as data, which wins over the simulator's own; `{names}` are values of the state.

    `needs`: `card` (unlocked) or `powered` (a card, locked or not), else the error of the card's
    state; or `network`, else `otherwise`.
    `final`: empty where the modem sends none. `final_first`: the lines follow it.
    """

    command: str
    lines: tuple[str, ...] = ()
    needs: str = ""
    otherwise: tuple[str, ...] = ()
    final: str = "OK"
    final_first: bool = False
    never: bool = False


@dataclass(frozen=True)
class ModemProfile:
    """One kind of modem; `without` are standard commands that it lacks, `also` rare ones it has.

    `delays` are seconds before the answer, by command as typed (`AT+COPS=?`).
    """

    name: str
    provenance: str
    source: str
    identity: Identity
    style: Style
    registration: Mapping[str, DomainStart]
    operator: Operator
    signal: Signal
    contexts: tuple[Context, ...]
    usage: Usage
    card: CardSlot
    messages: Messages
    phonebooks: tuple[PhonebookStore, ...]
    locks: Mapping[str, int]
    urcs: Urcs
    answers: Mapping[str, CannedAnswer]
    without: frozenset[str]
    also: frozenset[str]
    reboot_commands: frozenset[str]
    power_off_commands: frozenset[str]
    delays: Mapping[str, float]

    @classmethod
    def load(cls, name: str | Path) -> "ModemProfile":
        """The shipped profile `name`, or one from a file of one's own.

        Raises:
            FixtureError: no such profile, or a key that does not fit.
        """
        source = shipped("modems", str(name), ".toml")
        tables = read_toml(source)
        return _from_tables(source.name.removesuffix(".toml"), str(source), tables)


def _from_tables(name: str, file: str, tables: dict[str, Any]) -> ModemProfile:
    provenance, source = provenance_of(
        file, tables.pop("provenance", None), tables.pop("source", None)
    )
    tables.pop("notes", None)
    urcs = dict(_table(file, tables, "urcs"))
    periodic = build_all(file, "urcs.periodic", PeriodicUrc, urcs.pop("periodic", []))
    registration = _table(file, tables, "registration")
    for domain in registration:
        if domain not in DOMAIN_COMMANDS:
            raise FixtureError(file, f"registration.{domain}", "unknown key")
    answers = build_all(file, "answer", CannedAnswer, tables.pop("answer", []))
    profile = ModemProfile(
        name=name,
        provenance=provenance,
        source=source,
        identity=build(file, "identity", Identity, _table(file, tables, "identity")),
        style=build(file, "style", Style, _table(file, tables, "style")),
        registration={
            domain: build(file, f"registration.{domain}", DomainStart, values)
            for domain, values in registration.items()
        },
        operator=build(file, "operator", Operator, _table(file, tables, "operator")),
        signal=build(file, "signal", Signal, _table(file, tables, "signal")),
        contexts=build_all(file, "context", Context, tables.pop("context", [])),
        usage=build(file, "usage", Usage, _table(file, tables, "usage")),
        card=build(file, "card", CardSlot, _table(file, tables, "card")),
        messages=build(file, "messages", Messages, _table(file, tables, "messages")),
        phonebooks=build_all(file, "phonebook", PhonebookStore, tables.pop("phonebook", [])),
        locks=_table(file, tables, "locks"),
        urcs=build(file, "urcs", Urcs, {**urcs, "periodic": periodic}),
        answers={same_command(answer.command): answer for answer in answers},
        without=frozenset(tables.pop("without", [])),
        also=frozenset(tables.pop("also", [])),
        reboot_commands=frozenset(tables.pop("reboot_commands", ["AT+CFUN=1,1"])),
        power_off_commands=frozenset(tables.pop("power_off_commands", [])),
        delays=_delays(file, _table(file, tables, "delays")),
    )
    for key in tables:
        raise FixtureError(file, key, "unknown key")
    return profile


def _table(file: str, tables: dict[str, Any], key: str) -> dict[str, Any]:
    table = tables.pop(key, {})
    if not isinstance(table, dict):
        raise FixtureError(file, key, "must be a table")
    return table


def _delays(file: str, table: dict[str, Any]) -> dict[str, float]:
    for command, delay_s in table.items():
        if not isinstance(delay_s, int | float) or delay_s < 0:
            raise FixtureError(file, f"delays.{command}", "must be a number of seconds")
    return {same_command(command): float(delay_s) for command, delay_s in table.items()}


def build_all(file: str, key: str, kind: type[T], entries: object) -> tuple[T, ...]:
    """Value objects from a TOML list of tables.

    Raises:
        FixtureError: see `build`.
    """
    if not isinstance(entries, list):
        raise FixtureError(file, key, "must be a list of tables")
    return tuple(
        build(file, f"{key}[{number}]", kind, entry) for number, entry in enumerate(entries)
    )


def build(file: str, key: str, kind: type[T], values: object) -> T:
    """A value object from a TOML table.

    Raises:
        FixtureError: an unknown key, a missing one, or a value of another type.
    """
    if not isinstance(values, dict):
        raise FixtureError(file, key, "must be a table")
    types = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    for name, value in values.items():
        place = f"{key}.{name}"
        if name not in types:
            raise FixtureError(file, place, "unknown key")
        if not _fits(value, str(types[name])):
            raise FixtureError(file, place, "a value of the wrong type")
    plain = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    try:
        return kind(**plain)
    except TypeError as exc:
        raise FixtureError(file, key, "missing") from exc


_WORDS: dict[type, str] = {bool: "bool", int: "int", float: "float", str: "str"}


def _fits(value: object, annotation: str) -> bool:
    if annotation.startswith("tuple") or isinstance(value, list | tuple):
        return annotation.startswith("tuple") and isinstance(value, list | tuple)
    word = _WORDS.get(type(value), "?")
    return word in annotation or (word == "int" and "float" in annotation)
