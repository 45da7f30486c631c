"""One voice call, as short as can be: dialled, seen to ring or be answered, ended at once."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from agent.diagnosis.attempts import NO_ANSWER, reason_of
from agent.modem_session import ModemSession
from agent.verification.service import CALLED, FAILS, WORKS, Service, not_tested
from modem.commands.calls import ACTIVE, ALERTING, HELD, Dial, HangUp, HangUpByH, ReadCalls
from modem.commands.control import ReadLastError
from modem.errors import AtCommandError, AtProtocolError, AtTimeout
from sim.reading import Absent

RINGS_S: Final = 25.0
"""How long a call that was dialled may take until it rings somewhere."""
IN_ALL_S: Final = Dial.timeout_s + RINGS_S + 10.0
_LOOK_S: Final = 1.0
_PUT_THROUGH: Final = {ACTIVE, HELD, ALERTING}
_REACHED: Final = {"BUSY", "NO ANSWER"}
"""The other end, not the network, did not take the call."""


def called(session: ModemSession, number: str, clock: Callable[[], float]) -> Service:
    """Whether a call to `number` is put through; whatever comes of it, it is ended.

    Raises:
        PortLost: the port went away.
    """
    engine = session.engine
    try:
        engine.run(Dial(number))
        return _rings(session, clock() + RINGS_S, clock)
    except AtCommandError as refusal:
        if refusal.final.upper() in _REACHED:
            return Service(WORKS, CALLED, (f"call={refusal.final}",))
        return _failed(session, refusal.final)
    except (AtTimeout, AtProtocolError) as error:
        return not_tested(reason_of(error))
    finally:
        _hang_up(session)


def _rings(session: ModemSession, deadline: float, clock: Callable[[], float]) -> Service:
    """Most modems say OK as soon as they dial: what becomes of it shows in the list of calls."""
    while clock() < deadline:
        calls = [each for each in session.engine.run(ReadCalls()) if each.outgoing and each.voice]
        if not calls:
            return _failed(session, "NO CARRIER")
        for each in calls:
            if each.state in _PUT_THROUGH:
                return Service(WORKS, CALLED, (f"call.state={each.state}",))
        session.engine.poll(_LOOK_S)
    return _failed(session, f"not put through in {RINGS_S:g} s")


def _failed(session: ModemSession, final: str) -> Service:
    because = [f"call={final}"]
    with suppress(*NO_ANSWER):
        said = session.engine.run(ReadLastError())
        if not isinstance(said, Absent):
            because.append(f"last_error={said.text}")
    return Service(FAILS, CALLED, tuple(because))


def _hang_up(session: ModemSession) -> None:
    try:
        session.engine.run(HangUp())
    except NO_ANSWER:
        with suppress(*NO_ANSWER):
            session.engine.run(HangUpByH())
