"""The refusals that still stand when all else was read."""

from typing import TYPE_CHECKING

from modem.commands.control import ReadLastError
from modem.interview import Interview
from modem.parts.registration import is_registered, registered_domains
from modem.rejects import RejectLog, rejects_of, rejects_of_registration, untimed
from modem.snapshot import LastError, ModemSnapshot, Reject
from sim.reading import Absent, Reading

if TYPE_CHECKING:
    from modem.urcs import RejectReported

_ESM_FAILED = 19


def read_rejects(ask: Interview, heard: RejectLog, snapshot: ModemSnapshot) -> tuple[Reject, ...]:
    """What was heard, the causes that +CxREG shows, and what the modem itself remembers.

    The same cause in the same domain is said once. The modem's memory is asked only of a modem
    that has a card, is not registered and gave no cause: it would not say that the refusal is over.
    Nor a cause that only points to another one (EMM 19).
    """
    registration = snapshot.registration
    if registration is None:
        return heard.current()
    heard.registered(registered_domains(registration))
    contexts = snapshot.packet.contexts.known if snapshot.packet is not None else None
    heard.active(context.cid for context in contexts or () if context.active is True)
    found = list(heard.current())
    known = {(reject.domain, reject.cause) for reject in found}
    shown = rejects_of_registration(registration)
    found += [reject for reject in shown if (reject.domain, reject.cause) not in known]
    if is_registered(registration) or _has_no_card(snapshot):
        return tuple(found)
    if not found:
        found = _remembered(ask, snapshot.last_error)
    elif _lacks_session_cause(found):
        more = _remembered(ask, snapshot.last_error)
        found += [reject for reject in more if reject.domain == "esm"]
    return tuple(found)


def _lacks_session_cause(found: list[Reject]) -> bool:
    """Whether EMM says that ESM failed (#19), and nobody said at what."""
    domains = {reject.domain for reject in found}
    failed = any((reject.domain, reject.cause) == ("emm", _ESM_FAILED) for reject in found)
    return failed and "esm" not in domains


def _has_no_card(snapshot: ModemSnapshot) -> bool:
    return snapshot.sim is not None and snapshot.sim.state.known == "absent"


def _remembered(ask: Interview, last_error: Reading[LastError] | None) -> list[Reject]:
    """By the family's own command; a bare number (#CEERNET) was read as the last error."""
    last: Reading[RejectReported] = ask.ladder("rejects")
    if last.known is not None:
        return rejects_of(last.known, last.source, None)
    error = last_error.known if last_error is not None else None
    if last_error is None or error is None or last_error.source == ReadLastError.text:
        return []
    return [] if isinstance(error.cause, Absent) else [untimed(error, last_error.source)]


def last_error_of(rejects: tuple[Reject, ...]) -> Reading[LastError] | None:
    """The refusal that the modem remembers, where it has no other word for its last error."""
    for reject in rejects:
        if isinstance(reject.at, Absent):
            words = (
                f"network reject {reject.cause}" if isinstance(reject.name, Absent) else reject.name
            )
            return Reading(LastError(words, reject.domain, reject.cause), reject.source)
    return None
