"""A card's files read through the modem, by whichever way works."""

from collections.abc import Callable
from typing import Any, NamedTuple

from agent.clock import clock_synchronized, iso, now
from agent.errors import CardUnreadable, ModemUnreachable
from agent.euicc import euicc_of_modem
from agent.i18n import mark
from agent.modem_session import ModemSession
from modem.card_access import (
    CrsmTransport,
    CsimTransport,
    LogicalChannelTransport,
    read_ef_iccid,
)
from modem.commands.control import SetNumericErrors
from modem.commands.sim_access import ReadSimState, sim_state_of_refusal, sim_state_of_word
from modem.engine import Engine
from modem.errors import AtCommandError, AtProtocolError, AtTimeout, PortLost
from modem.interview import CARD_MOVED
from modem.snapshot import NOT_ASKED
from sim.card_snapshot import CardSnapshot
from sim.errors import (
    ApduProtocolError,
    CardAbsent,
    IdentifierError,
    ReaderError,
    StatusWordError,
)
from sim.euicc import Euicc, no_euicc
from sim.files.registry import IDENTITY_SET, AnyFile
from sim.files.ts_102_221 import EfIccid
from sim.identifiers import Iccid
from sim.inspector import inspect
from sim.personal import is_wanted
from sim.survey import Manners, survey
from sim.transport.base import ApduTransport

Json = dict[str, Any]
Wrapped = Callable[[ApduTransport], ApduTransport]

_WAYS = (
    (CsimTransport, Manners.GUEST),
    (CrsmTransport, Manners.GUEST),
    (LogicalChannelTransport, Manners.TENANT),
)
WAYS: dict[str, Callable[[Engine], ApduTransport]] = {way.name: way for way, _ in _WAYS}

_TRIES = 2
"""A card that is changed while it is read is read once more."""

# Why a modem lets nobody at the card, by the card's state.
_CLOSED = {
    "pin_required": mark("locked, PIN required"),
    "puk_required": mark("locked, PUK required"),
    "blocked": mark("blocked for ever"),
    "ph_sim_lock": mark("the device is locked to another card"),
    "network_lock": mark("the device is locked to a network"),
    "no_profile": mark("eUICC without an enabled profile"),
    "busy": mark("busy"),
}


class Wish(NamedTuple):
    """What `simward sim read` shall read, and how.

    `everything`: all files that simward knows, not only `files`, the card's identity; `progress`
    then hears of each path before it is read. `wrapped` may put a trace around a transport.
    `personal`: what is somebody's, and nothing else.
    """

    everything: bool = False
    progress: Callable[[str], None] = lambda _path: None
    wrapped: Wrapped = lambda inner: inner
    personal: bool = False
    files: tuple[AnyFile, ...] = IDENTITY_SET

    def read(self, transport: ApduTransport, manners: Manners) -> CardSnapshot:
        """The card; errors are those of `inspect`."""
        if self.personal:
            return survey(transport, manners=manners, wanted=is_wanted)
        if not self.everything:
            return inspect(transport, self.files)
        return survey(transport, progress=self.progress, manners=manners)


IDENTITY = Wish()


def read_card(session: ModemSession, wish: Wish = IDENTITY) -> Json:
    """The document of `simward sim read`: AT+CSIM, else AT+CRSM, else a channel of its own.

    Raises:
        CardAbsent: there is no card.
        CardUnreadable: no way leads to the card.
        ModemUnreachable: nothing at the port answers, or it went away.
    """
    return document_of_card(*card_in_modem(session, wish))


def card_in_modem(session: ModemSession, wish: Wish) -> tuple[CardSnapshot, Euicc]:
    """The card itself, and the chip where it is an eUICC and that was asked.

    Raises:
        as `read_card`.
    """
    try:
        return _read(session.engine, wish)
    except (PortLost, AtTimeout) as error:
        raise ModemUnreachable("{port}: {reason}", port=session.port, reason=str(error)) from error


def read_files(session: ModemSession, files: tuple[AnyFile, ...]) -> CardSnapshot:
    """These files of the card, by the first way that leads to it.

    Raises:
        ReaderError, StatusWordError, ApduProtocolError: no way does.
        PortLost: the port went away.
    """
    return _inspected(session.engine, Wish(files=files))


def document_of_card(card: CardSnapshot, euicc: Euicc) -> Json:
    """The document of `simward sim read`, with the time of this moment where it has none."""
    document = card.to_json()
    moment = document.pop("taken_at")
    document["taken_at"] = iso(now()) if moment is None else moment
    document["clock_synchronized"] = clock_synchronized()
    document["euicc"] = euicc.to_json()
    return document


def _read(engine: Engine, wish: Wish) -> tuple[CardSnapshot, Euicc]:
    _want_numeric_errors(engine)
    try:
        for _ in range(_TRIES):
            before = _iccid_by(CsimTransport(engine))
            card = _inspected(engine, wish)
            euicc = _euicc(engine, wish)
            after = _iccid_by(WAYS[card.transport](engine))
            if len({before, card.iccid, after} - {None}) <= 1:
                return card, euicc
    except CardAbsent:
        raise
    except (ReaderError, StatusWordError, ApduProtocolError) as error:
        raise _in_words_of_its_state(engine, error) from error
    raise CardUnreadable("the card cannot be used: {reason}", reason=CARD_MOVED)


def _euicc(engine: Engine, wish: Wish) -> Euicc:
    return no_euicc(NOT_ASKED) if wish.personal else euicc_of_modem(engine, wish.wrapped)


def _iccid_by(way: ApduTransport) -> str | None:
    """The number of the card that is in the modem now; None where it cannot be read this way."""
    try:
        content = read_ef_iccid(way)
    finally:
        way.close()
    try:
        return None if content is None else Iccid.from_file(content).value
    except IdentifierError:
        return None


def _want_numeric_errors(engine: Engine) -> None:
    """A bare ERROR would not tell a missing card from a missing command."""
    try:
        engine.run(SetNumericErrors())
    except (AtCommandError, AtTimeout, AtProtocolError):
        return


def _inspected(engine: Engine, wish: Wish) -> CardSnapshot:
    """What the first way reads that leads to the card.

    Some modems take AT+CSIM and let only a part of the commands through; then the next is tried.
    """
    partial: CardSnapshot | None = None
    refusal: Exception | None = None
    for way, manners in _WAYS:
        transport = wish.wrapped(way(engine))
        try:
            card = wish.read(transport, manners)
        except CardAbsent:
            raise
        except (ReaderError, StatusWordError, ApduProtocolError) as error:
            refusal = refusal or error
            continue
        finally:
            transport.close()
        if _is_let_through(card):
            return card
        partial = partial or card
    if partial is None:
        assert refusal is not None
        raise refusal
    return partial


def _is_let_through(card: CardSnapshot) -> bool:
    """Whether it was the card that answered for EF.ICCID, be it with a refusal."""
    number = card.file(EfIccid.name)
    return number is None or number.absent is None or number.sw is not None


def _in_words_of_its_state(engine: Engine, error: Exception) -> Exception:
    """What the card's state makes of `error`.

    Raises:
        AtTimeout: the modem does not answer this either.
    """
    try:
        state = sim_state_of_word(engine.run(ReadSimState()))
    except AtCommandError as refusal:
        state = sim_state_of_refusal(refusal.final)
    except AtProtocolError:
        state = "unknown"
    if state == "absent":
        return CardAbsent()
    reason = _CLOSED.get(state, str(error))
    return CardUnreadable(
        "neither AT+CSIM, AT+CRSM nor AT+CGLA leads to the card ({reason})", reason=reason
    )
