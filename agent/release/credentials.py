"""Users and passwords of APNs in the modem. A password that is not told cannot be put back."""

from collections.abc import Callable
from typing import Any, NamedTuple

from agent.i18n.said import say
from agent.release.dialogue import Dialogue, ModemStep, listed
from agent.release.results import (
    NOT_AVAILABLE,
    NOTHING_TO_DO,
    REFUSED,
    UNDO_NONE,
    UNDO_PART,
    WOULD_DO,
    Planned,
    Proof,
    StepResult,
)
from modem.at.command import Command
from modem.commands.context_setup import Authentication
from modem.vendors.profile import command_class

Json = dict[str, Any]


class _Logins(NamedTuple):
    """The logins that are set, and the command that writes one; None where the modem tells none."""

    rows: list[Authentication]
    writer: Callable[[Authentication], Command[None]]


def _logins(talk: Dialogue) -> _Logins | None:
    """By the first command of the family's that the modem answers."""
    for path in talk.session.profile.release["context_logins"]:
        reader: Any = command_class(path)
        rows = _rows(talk, reader)
        if rows is not None:
            return _Logins([row for row in rows if row.is_set], reader.writer)
    return None


def _rows(talk: Dialogue, reader: Any) -> list[Authentication] | None:
    cids = getattr(reader, "cids", None)
    if cids is None:
        answer = talk.ask(reader())
        return None if answer is None else list(answer)
    found: list[Authentication] = []
    for cid in cids:
        answer = talk.ask(reader(cid))
        if answer is None and cid == cids[0]:
            return None  # not a command of this modem's
        found += answer or ()
    return found


def _set(talk: Dialogue) -> list[Authentication] | None:
    logins = _logins(talk)
    return None if logins is None else logins.rows


def _plan_credentials(talk: Dialogue) -> Planned:
    rows = _set(talk)
    if rows is None:
        why = say("the modem does not say what its contexts log in with")
        return Planned("apn_credentials", NOT_AVAILABLE, why=(why,))
    if not rows:
        return Planned("apn_credentials", NOTHING_TO_DO)
    cids = listed(row.cid for row in rows)
    what = say("user and password of contexts {cids} are removed", cids=cids)
    silent = [row.cid for row in rows if not row.tells_password]
    if not silent:
        return Planned("apn_credentials", WOULD_DO, (what,), cuts_uplink=True)
    why = say(
        "cannot be undone: the modem does not tell the passwords of contexts {cids}",
        cids=listed(silent),
    )
    undo = UNDO_NONE if len(silent) == len(rows) else UNDO_PART
    return Planned("apn_credentials", WOULD_DO, (what,), (why,), cuts_uplink=True, undo=undo)


def _prepare_credentials(talk: Dialogue) -> Json:
    rows = _set(talk) or ()
    return {"rows": [[row.cid, row.protocol, list(row.fields), list(row.beside)] for row in rows]}


def _remove_credentials(talk: Dialogue) -> StepResult:
    logins = _logins(talk)
    if logins is None:
        why = say("the modem does not say what its contexts log in with")
        return StepResult(NOT_AVAILABLE, (why,))
    for row in logins.rows:
        talk.insist(logins.writer(row.cleared()))
    return talk.result()


def _undo_credentials(talk: Dialogue, prepared: Json) -> StepResult:
    wanted = [Authentication(cid, p, tuple(f), tuple(b)) for cid, p, f, b in prepared["rows"]]
    logins = _logins(talk)
    if logins is None or not wanted:
        gone = say("the modem does not say what its contexts log in with")
        return StepResult(REFUSED, (gone,)) if wanted else StepResult(NOTHING_TO_DO)
    missing = [row for row in wanted if row not in logins.rows]
    for row in missing:
        if row.tells_password:
            talk.insist(logins.writer(row))
        else:
            talk.because.append(
                say("the password of context {cid} was never told: set it anew", cid=row.cid)
            )
    now = _set(talk) or ()
    for row in missing:
        if not talk.because and row not in now:
            talk.because.append(
                say("context {cid} does not log in as before: set it anew", cid=row.cid)
            )
    return talk.result()


def _prove_credentials(talk: Dialogue) -> Proof:
    rows = _set(talk)
    if rows is None:
        return Proof(None, {"contexts_with_credentials": None}, available=False)
    return Proof(not rows, {"contexts_with_credentials": [row.cid for row in rows]})


APN_CREDENTIALS = ModemStep(
    _plan_credentials,
    _prepare_credentials,
    _remove_credentials,
    _undo_credentials,
    _prove_credentials,
)
