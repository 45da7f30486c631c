"""Changes of personal data on a card: one record a request, under the policy of `sim.update`."""

from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any, NamedTuple

from agent.card import WAYS
from agent.card_pin import iccid_on
from agent.errors import RefusedError, UsageError
from agent.modem_session import ModemSession
from modem import books, stores
from modem.errors import AtCommandError
from modem.interview import Interview
from sim import update
from sim.errors import ApduProtocolError, ReaderError, RecordChanged, StatusWordError
from sim.filesystem import CardFilesystem
from sim.identifiers import Iccid
from sim.personal import free, is_free
from sim.transport.base import ApduTransport
from sim.update import RecordOrder

Json = dict[str, Any]

CHANGED_SCHEMA = "simward/changed/1"


class Put(NamedTuple):
    """One record, as `sim.update` has it."""

    iccid: Iccid
    transport: str
    order: RecordOrder


class PushOut(NamedTuple):
    """A free record into a cyclic file, if all that it holds is in `saved`."""

    iccid: Iccid
    transport: str
    path: str
    file: str
    saved: frozenset[bytes]


class Fill(NamedTuple):
    """`after` in a record that is free, or (in a cyclic file) before all others."""

    iccid: Iccid
    transport: str
    path: str
    file: str
    record: int
    after: bytes


class Delete(NamedTuple):
    """A message of the modem's own, if it is `pdu`."""

    place: stores.Place
    pdu: bytes


class ClearEntry(NamedTuple):
    """An entry of a phone book of the modem's own, if it reads `raw`."""

    place: books.EntryPlace
    raw: str


OnCard = Put | PushOut | Fill
InModem = Delete | ClearEntry
Change = OnCard | InModem


def change_of(request: Json) -> Change | None:
    """The change that a request orders; None where it orders none that makes sense."""
    try:
        return _CHANGES[request["ask"]](request)
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _put(request: Json) -> Put:
    before, after = bytes.fromhex(request["before"]), bytes.fromhex(request["after"])
    order = RecordOrder(str(request["path"]), int(request["record"]), before, after)
    return Put(Iccid(request["iccid"]), str(request["transport"]), order)


def _push_out(request: Json) -> PushOut:
    saved = frozenset(bytes.fromhex(each) for each in request["saved"])
    transport, path, file = (str(request[name]) for name in ("transport", "path", "file"))
    return PushOut(Iccid(request["iccid"]), transport, path, file, saved)


def _fill(request: Json) -> Fill:
    transport, path, file = (str(request[name]) for name in ("transport", "path", "file"))
    record, after = int(request["record"]), bytes.fromhex(request["after"])
    return Fill(Iccid(request["iccid"]), transport, path, file, record, after)


def _delete(request: Json) -> Delete:
    place = stores.Place(str(request["store"]), int(request["number"]))
    return Delete(place, bytes.fromhex(request["pdu"]))


def _clear_entry(request: Json) -> ClearEntry:
    place = books.EntryPlace(str(request["store"]), int(request["record"]))
    return ClearEntry(place, str(request["raw"]))


_CHANGES: dict[str, Callable[[Json], Change]] = {
    "sim_put": _put,
    "sim_push_out": _push_out,
    "sim_fill": _fill,
    "sim_delete_message": _delete,
    "sim_clear_entry": _clear_entry,
}


def change_in_modem(session: ModemSession, change: Change) -> Json:
    """One change, as `change_on_card`; or a message or an entry of the modem's own deleted.

    Raises:
        as `change_on_card`; ModemError: the modem does not answer, or does not do it.
    """
    if isinstance(change, Delete):
        result = stores.delete_message(session.interview(), change.place, change.pdu)
        return {"schema": CHANGED_SCHEMA, "result": result}
    if isinstance(change, ClearEntry):
        return {"schema": CHANGED_SCHEMA, **cleared_entry(session.interview(), change)}
    way = WAYS.get(change.transport)
    if way is None:
        raise UsageError(
            "{name}: {what} is no valid value", name="transport", what=change.transport
        )
    with closing(way(session.engine)) as transport:
        return change_on_card(transport, change)


def cleared_entry(ask: Interview, change: ClearEntry) -> Json:
    """What came of clearing an entry: stores may be read-only, which is no reason to stop."""
    try:
        return {"result": books.clear_entry(ask, change.place, change.raw)}
    except AtCommandError as error:
        return {"result": "refused", "reason": error.final}


def change_on_card(transport: ApduTransport, change: OnCard) -> Json:
    """Put one record, or push a free one into a call log; what came of it.

    `result` is `done`, `already`, `changed` (not what the order names: nothing was written),
    `not_written` (the card said yes and did not) or `refused` (`reason`, `sw`).

    Raises:
        RefusedError: another card than that of the order.
        ReaderError, ApduProtocolError: no way to the card; reading it again tells what was done.
    """
    filesystem = CardFilesystem(transport)
    if iccid_on(filesystem) != change.iccid:
        raise RefusedError("this is another card than the one that was named")
    try:
        return {"schema": CHANGED_SCHEMA, **_changed(transport, filesystem, change)}
    except RecordChanged as error:
        result = "not_written" if error.written else "changed"
        return {"schema": CHANGED_SCHEMA, "result": result, "record": error.record}
    except StatusWordError as error:
        refusal = {"reason": error.meaning, "sw": f"{error.sw:04X}"}
        return {"schema": CHANGED_SCHEMA, "result": "refused", **refusal}
    finally:
        with suppress(ReaderError, ApduProtocolError):
            filesystem.leave()


def _changed(transport: ApduTransport, filesystem: CardFilesystem, change: OnCard) -> Json:
    if isinstance(change, Put):
        done = update.carry_out(transport, filesystem, change.order)
        return {"result": "done" if done else "already"}
    if isinstance(change, Fill):
        return _filled(transport, filesystem, change)
    return _pushed_out(transport, filesystem, change)


def _pushed_out(transport: ApduTransport, filesystem: CardFilesystem, change: PushOut) -> Json:
    """Push the oldest record out; `left` is how many are used still."""
    records = filesystem.read_records(change.path)
    used = [number for number, raw in enumerate(records) if not is_free(change.file, raw)]
    for number in used:
        if records[number] not in change.saved:
            raise RecordChanged(change.path, number + 1, written=False)
    if not used:
        return {"result": "already", "left": 0}
    blank = free(change.file, len(records[-1]))
    order = RecordOrder(change.path, len(records), records[-1], blank)
    update.carry_out(transport, filesystem, order)
    return {"result": "done", "left": sum(number + 1 < len(records) for number in used)}


def _filled(transport: ApduTransport, filesystem: CardFilesystem, change: Fill) -> Json:
    """Write into a free record; what is free looks different from card to card."""
    info = filesystem.select(change.path)
    if info.structure == "cyclic":
        records = filesystem.read_records(change.path)
        number, stands = len(records), records[-1]
    else:
        number = change.record
        stands = filesystem.read_record(change.path, number, len(change.after))
        if stands == change.after:
            return {"result": "already"}
    if not is_free(change.file, stands):
        raise RecordChanged(change.path, number, written=False)
    update.carry_out(transport, filesystem, RecordOrder(change.path, number, stands, change.after))
    return {"result": "done"}
