"""What is wrong with a modem, as far as it decides what helps; and what forbids to help. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from agent.i18n import mark
from agent.report import DENIED, PERMANENT, REGISTERED, functionality_of
from modem.engine import CLOSED, FLOODED, GARBLED, NO_ANSWER
from modem.rejects import cause_in
from modem.snapshot import ModemSnapshot
from modem.transport import coexist
from modem.transport.exclusive import TAKEN_BY
from modem.transport.serial_port import (
    BAD_URL,
    CANNOT_OPEN,
    GONE,
    NO_PERMISSION,
    NO_SUCH_PORT,
    NOT_SERIAL,
    REFUSED,
    STUCK,
    UNREACHABLE,
)
from sim.reading import Reading


class Kind(StrEnum):
    """What is wrong, as far as it decides what helps."""

    MISSING = "missing"
    TAKEN = "taken"
    FORBIDDEN = "forbidden"
    UNPLUGGED = "unplugged"
    STUCK = "stuck"
    SILENT = "silent"
    GARBLED = "garbled"
    WRONG_SPEED = "wrong_speed"
    HALF_DEAD = "half_dead"


_KIND_OF_REASON: Final[Mapping[str, Kind]] = {
    NO_SUCH_PORT: Kind.MISSING,
    REFUSED: Kind.MISSING,
    UNREACHABLE: Kind.MISSING,
    CANNOT_OPEN: Kind.MISSING,
    TAKEN_BY: Kind.TAKEN,
    # ModemManager keeps the modem: nothing that we do to the modem gets it back.
    coexist.NOT_ALLOWED: Kind.TAKEN,
    coexist.TAKEN_BY_OTHER: Kind.TAKEN,
    coexist.WILL_NOT: Kind.TAKEN,
    coexist.NO_ANSWER: Kind.TAKEN,
    NO_PERMISSION: Kind.FORBIDDEN,
    NOT_SERIAL: Kind.FORBIDDEN,
    BAD_URL: Kind.FORBIDDEN,
    GONE: Kind.UNPLUGGED,
    CLOSED: Kind.UNPLUGGED,
    STUCK: Kind.STUCK,
    NO_ANSWER: Kind.SILENT,
    GARBLED: Kind.GARBLED,
    FLOODED: Kind.GARBLED,
}

HALF_DEAD: Final = mark("the modem answers, but nothing about the network")

_RADIO_OFF: Final = frozenset({0, 4})


@dataclass(frozen=True)
class Trouble:
    """What is wrong: the kind decides, `reason` is for people."""

    kind: Kind
    reason: str


def trouble_of(reason: str, *, worked: bool) -> Trouble:
    """The trouble behind a reason of the transport's or the engine's.

    `worked`: a modem has answered at this port, with this speed.
    """
    kind = next((k for text, k in _KIND_OF_REASON.items() if reason.startswith(text)), Kind.SILENT)
    if kind is Kind.GARBLED and not worked:
        kind = Kind.WRONG_SPEED
    return Trouble(kind, reason)


def half_dead(snapshot: ModemSnapshot) -> Trouble | None:
    """The trouble of a modem that answers a few commands and hangs in all about the network.

    The card does not count: one that is dead makes the commands about it hang in some modems.
    """
    if snapshot.registration is None or snapshot.signal is None:
        return None
    readings: list[Reading[Any]] = [*snapshot.registration, snapshot.signal.rssi_dbm]
    reasons = [reading.reason for reading in readings]
    if None in reasons:
        return None
    silent = [reason for reason in reasons if reason is not None and reason.startswith("timeout")]
    return Trouble(Kind.HALF_DEAD, HALF_DEAD) if len(silent) > 1 else None


# What was last known of the modem, as far as it holds steps back


@dataclass(frozen=True)
class Restraint:
    """Why to be careful: somebody's decision stands, or the network asked for quiet."""

    radio_off: bool = False
    refused: tuple[tuple[str, int], ...] = ()
    """(domain, cause) of refusals that a new try does not change."""


def restraint_of(snapshot: ModemSnapshot) -> Restraint:
    """What a sample says that holds steps back."""
    return Restraint(functionality_of(snapshot) in _RADIO_OFF, permanent_refusals(snapshot))


def permanent_refusals(snapshot: ModemSnapshot) -> tuple[tuple[str, int], ...]:
    """(domain, cause) of permanent refusals; none while any domain is registered.

    A refusal in one domain alone is nothing: EP06 and others are denied CS and have LTE. What a
    line by itself said counts as much as what stands in the answers about registration.
    """
    if snapshot.registration is None:
        return ()
    domains = {
        name: facts
        for name, reading in snapshot.registration._asdict().items()
        if (facts := reading.known) is not None
    }
    if any(facts.stat in REGISTERED for facts in domains.values()):
        return ()
    causes = {
        name: facts.reject_cause
        if facts.cause_type == 0
        else cause_in(snapshot.rejects or (), name, denied=facts.stat == DENIED)
        for name, facts in domains.items()
        if name != "nr5g"
    }
    return tuple(
        (name, cause)
        for name, cause in causes.items()
        if isinstance(cause, int) and cause in PERMANENT
    )
