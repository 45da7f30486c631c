"""What the card's own files say of networks, and of numbers that are for emergencies."""

from typing import Any, Final

from agent.card import read_files
from agent.diagnosis.assemble import CardFiles
from agent.modem_session import ModemSession
from sim.card_snapshot import CardSnapshot
from sim.errors import ApduProtocolError, ReaderError, StatusWordError
from sim.files.registry import AnyFile
from sim.files.ts_31_102 import EfEcc
from sim.files.ts_31_102_location import EfEpsloci, EfLoci, EfPsloci
from sim.files.ts_31_102_networks import EfEhplmn, EfFplmn
from sim.files.ts_51_011 import EfEccOfSim
from sim.files.ts_102_221 import EfIccid
from sim.reading import Absent

_FILES: Final[tuple[AnyFile, ...]] = (EfIccid, EfFplmn, EfEhplmn, EfEpsloci, EfPsloci, EfLoci)
_EMERGENCY_FILES: Final[tuple[AnyFile, ...]] = (EfIccid, EfEcc, EfEccOfSim)
_AREAS: Final = ((EfEpsloci.name, "tai"), (EfPsloci.name, "rai"), (EfLoci.name, "lai"))


def read_networks(session: ModemSession) -> CardFiles:
    """EF.FPLMN, EF.EHPLMN and where the card was last; absent with the reason.

    Raises:
        PortLost: the port went away.
    """
    try:
        card = read_files(session, _FILES)
    except (ReaderError, StatusWordError, ApduProtocolError) as error:
        reason = Absent(str(error))
        return CardFiles(reason, reason, reason)
    forbidden, equivalent = (_plmns(card, each.name) for each in (EfFplmn, EfEhplmn))
    last: str | Absent = Absent("not asked")
    for name, member in _AREAS:
        place = _value(card, name)
        if isinstance(last, Absent) and place is not None and place[member]["mcc"]:
            last = f"{place[member]['mcc']}{place[member]['mnc']}"
    return CardFiles(forbidden, equivalent, last)


def read_emergency_numbers(session: ModemSession) -> frozenset[str]:
    """The numbers of EF.ECC; none where the file cannot be read.

    Raises:
        PortLost: the port went away.
    """
    try:
        card = read_files(session, _EMERGENCY_FILES)
    except (ReaderError, StatusWordError, ApduProtocolError):
        return frozenset()
    found: set[str] = set()
    for file in card.files:
        for part in file.parts if file.file == EfEcc.name else ():
            value = part.value.known or {}
            found |= {each for each in (value.get("number"), *value.get("numbers", ())) if each}
    return frozenset(found)


def _plmns(card: CardSnapshot, name: str) -> tuple[str, ...] | Absent:
    file = card.file(name)
    if file is None or file.value.known is None:
        return Absent("not asked" if file is None else file.value.reason or "not asked")
    return tuple(f"{each['mcc']}{each['mnc']}" for each in file.value.known["plmns"])


def _value(card: CardSnapshot, name: str) -> Any:
    file = card.file(name)
    return None if file is None else file.value.known
