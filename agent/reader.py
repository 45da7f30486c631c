"""A card in a PC/SC reader: its files, and the part of a snapshot that a card alone can fill."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from agent.card import IDENTITY, Wish, document_of_card
from agent.clock import clock_synchronized, now
from agent.errors import ReaderUnreachable
from agent.euicc import euicc_of_card
from agent.snapshot import GatewaySnapshot, to_json
from modem.snapshot import ModemSnapshot, PinState, SimFacts
from sim.card_snapshot import CardSnapshot
from sim.errors import (
    ApduProtocolError,
    CardAbsent,
    CardMute,
    IdentifierError,
    StatusWordError,
)
from sim.euicc import Euicc
from sim.files.registry import find_file
from sim.identifiers import Msisdn
from sim.identity import NOT_ON_THE_CARD, NOT_SET, UNREADABLE, CardIdentity, read_identity
from sim.inspector import NO_CARD, inspect
from sim.pin import NOT_TOLD
from sim.reading import Absent, Reading, absent
from sim.survey import Manners
from sim.transport.base import ApduTransport
from sim.transport.pcsc import PcscTransport, ReaderState, list_readers

Json = dict[str, Any]

NO_SLOT = "a card reader, not a modem"
NO_ANSWER = "the card does not answer"
_NUMBER_FILES = (find_file("EF.MSISDN"), find_file("EF.SMSP"))


def choose_reader(wanted: str, readers: Sequence[ReaderState]) -> str:
    """The name of the reader that `wanted` means: its index, its name, or a part that fits one.

    Raises:
        ReaderUnreachable: none is meant, or more than one.
    """
    names = [reader.name for reader in readers]
    if not names:
        raise ReaderUnreachable("no card reader is connected")
    if wanted in names:
        return wanted
    if wanted.isdecimal() and int(wanted) < len(names):
        return names[int(wanted)]
    fitting = [name for name in names if wanted.casefold() in name.casefold()]
    if len(fitting) == 1 and not wanted.isdecimal():
        return fitting[0]
    listed = ", ".join(f"{at}: {name}" for at, name in enumerate(names))
    raise ReaderUnreachable(
        "which card reader is {name}? There are {names}", name=wanted, names=listed
    )


def read_card_in_reader(wanted: str, wish: Wish = IDENTITY) -> Json:
    """The document of `simward sim read`.

    Raises:
        ReaderUnreachable, ReaderUnavailable, ReaderStuck: the reader cannot be had.
        CardAbsent, CardMute: no card, or one that does not answer.
        StatusWordError, ApduProtocolError: what answers is no card that simward knows.
    """
    with closing(PcscTransport(choose_reader(wanted, list_readers()))) as transport:
        wrapped = wish.wrapped(transport)
        card = wish.read(wrapped, Manners.HOST)
        document = document_of_card(card, euicc_of_card(wrapped))
        return {**document, "reader": _reader(transport)}


def status_of_reader(wanted: str) -> Json:
    """The snapshot document with the part `sim` alone, and the reader beside it.

    A card that is absent or mute is a state of that part.

    Raises:
        ReaderUnreachable, ReaderUnavailable, ReaderStuck: the reader cannot be had.
    """
    name = choose_reader(wanted, list_readers())
    try:
        with closing(PcscTransport(name)) as transport:
            facts = _facts(transport)
            reader = _reader(transport)
    except CardAbsent:
        facts, reader = _without_card("absent", NO_CARD), {"name": name}
    except (CardMute, StatusWordError, ApduProtocolError):
        facts, reader = _without_card("faulty", NO_ANSWER), {"name": name}
    modem = ModemSnapshot(profile="", sim=facts)
    document = to_json(GatewaySnapshot(now(), clock_synchronized(), "", modem))
    return {**document, "reader": {"atr": None, "protocol": None, **reader}}


def _reader(transport: PcscTransport) -> Json:
    return {
        "name": transport.reader,
        "atr": transport.atr.hex().upper(),
        "protocol": transport.protocol,
    }


def _without_card(state: str, why: str) -> SimFacts:
    return SimFacts(
        state=Reading(state),
        slot=absent(NO_SLOT),
        iccid=absent(why),
        modem_iccid=absent(NO_SLOT),
        imsi=absent(why),
        mnc_length=absent(why),
        msisdn=absent(why),
        eid=absent(why),
        spn=absent(why),
        smsc=absent(why),
        pin1=PinState(absent(why), absent(why), absent(why)),
    )


def _facts(transport: ApduTransport) -> SimFacts:
    who = read_identity(transport)
    numbers = inspect(transport, _NUMBER_FILES, now)  # in records, whose length the card tells
    euicc = euicc_of_card(transport)
    return _without_card("unknown", NOT_TOLD)._replace(
        state=Reading(_state(who, euicc)),
        eid=Reading(euicc.eid, "ISD-R", now()),
        iccid=who.iccid,
        imsi=who.imsi,
        mnc_length=who.mnc_length,
        spn=who.spn,
        pin1=PinState(*who.pin1),
        msisdn=_number(numbers, "EF.MSISDN", "number"),
        smsc=_number(numbers, "EF.SMSP", "smsc"),
    )


def _number(card: CardSnapshot, file: str, key: str) -> Reading[Msisdn]:
    """A number in the first record that is used, or why there is none."""
    reading = card.file(file)
    value = reading.value if reading else absent(NOT_TOLD)
    if isinstance(value.value, Absent):
        return Reading(value.value, file)
    found = value.value[key]
    try:
        number = Absent(NOT_SET) if found is None else Msisdn(found)
    except IdentifierError:
        number = Absent(UNREADABLE)
    return Reading(number, file, value.taken_at)


def _state(who: CardIdentity, euicc: Euicc) -> str:
    """A word of the contract's `sim.state`, as far as a card tells it."""
    if who.locked:
        if who.pin1.puk_retries.known == 0:
            return "blocked"
        return "puk_required" if who.pin1.retries.known == 0 else "pin_required"
    if who.imsi.reason != NOT_ON_THE_CARD:
        return "ready"
    return "no_profile" if euicc.has_enabled is False else "unknown"
