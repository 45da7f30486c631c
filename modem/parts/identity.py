"""Who the modem is, and with that its profile."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from modem.commands.base import GAVE_NONE
from modem.commands.control import ReadFunctionality
from modem.commands.identity import Identification
from modem.interview import Interview, first_known, part_of
from modem.vendors.profile import Profile
from sim.identifiers import Imei
from sim.reading import Reading

T = TypeVar("T")


class Maker(NamedTuple):
    """Manufacturer and model, which choose the profile."""

    manufacturer: Reading[str]
    model: Reading[str]


def _identified(
    ask: Interview, question: str, pick: Callable[[Identification], T | None]
) -> Reading[T]:
    """The answer to `question`: of its own command, and where that is refused of ATI.

    Of a family whose ATI is known to tell, the other way round: one command for several answers.
    An empty answer is one too: Air724 leaves the maker's name empty.
    """
    if question in ask.profile.identification_tells:
        told = _told(ask, pick)
        if told.known is not None:
            return told
    own: Reading[T] = ask.ladder(question, believe_none=True)
    if own.known is not None or own.reason == GAVE_NONE:
        return own
    return first_known(own, _told(ask, pick))


def _told(ask: Interview, pick: Callable[[Identification], T | None]) -> Reading[T]:
    text: Reading[Identification] = ask.ladder("identification")
    return part_of(text, pick)


def read_maker(ask: Interview, select: Callable[[str | None, str | None], Profile] | None) -> Maker:
    """Manufacturer and model; `ask` takes on the profile that `select` finds by them."""
    manufacturer = _identified(ask, "manufacturer", lambda text: text.manufacturer)
    if select and manufacturer.known:
        ask.profile = select(manufacturer.known, None)
    model = _identified(ask, "model", lambda text: text.model)
    if select:
        ask.profile = select(manufacturer.known, model.known)
        ask.identified = manufacturer.known is not None or model.known is not None
    return Maker(manufacturer, model)


def read_revision(ask: Interview) -> Reading[str]:
    """The firmware's revision."""
    return _identified(ask, "revision", lambda text: text.revision)


def read_imei(ask: Interview) -> Reading[Imei]:
    """The modem's IMEI."""
    return _identified(ask, "imei", lambda text: text.imei)


def read_functionality(ask: Interview) -> Reading[int]:
    """`<fun>` of +CFUN."""
    return ask.ask(ReadFunctionality())
