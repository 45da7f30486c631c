"""The short messages that a modem keeps itself: counted, read, and deleted one by one on order.

What lies on the card (`SM`) is no business of this module: the card's own file says more of it. The
settings that are needed (PDUs, the store) are put back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from modem.commands.changing import DeleteMessage
from modem.commands.sms import (
    PDU_MODE,
    ChooseMessageStore,
    ListMessages,
    ReadMessageMode,
    ReadMessageStoreNames,
    ReadMessageStores,
    SetMessageMode,
    StoredPdu,
    StoreState,
)
from modem.interview import Interview

OWN_STORE = "ME"
_NO_STORE = "the modem has no store of its own"


class Place(NamedTuple):
    """Where a message lies."""

    store: str
    number: int


class OwnMessages(NamedTuple):
    """What the modem keeps; `messages` is None where they were not read, `absent` says why."""

    store: StoreState | None
    messages: tuple[StoredPdu, ...] | None
    absent: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a document has it: PDUs in hexadecimal."""
        listed = self.messages
        return {
            "store": None if self.store is None else self.store._asdict(),
            "messages": None
            if listed is None
            else [{**each._asdict(), "pdu": each.pdu.hex().upper()} for each in listed],
            "absent": self.absent,
        }


def read_own_messages(ask: Interview, *, contents: bool) -> OwnMessages:
    """How many messages the modem keeps; with `contents` also which, and all are read then.

    Raises:
        PortError: the port went away before anything was learned.
    """
    names = ask.ask(ReadMessageStoreNames())
    if names.known is None:
        return OwnMessages(None, None, names.reason)
    if OWN_STORE not in names.known:
        return OwnMessages(None, None, _NO_STORE)
    with _chosen(ask, OWN_STORE):
        store = ask.ask(ChooseMessageStore(OWN_STORE), again=True)
        if store.known is None or not contents:
            return OwnMessages(store.known, None, store.reason)
        listed = ask.ask(ListMessages(), again=True)
    return OwnMessages(store.known, listed.known, listed.reason)


def delete_message(ask: Interview, place: Place, saved: bytes) -> str:
    """Delete the message if it is `saved`, and look again: `done`, `already` or `changed`.

    Raises:
        AtCommandError, AtTimeout, AtProtocolError: the modem does not do it, or does not answer.
        PortError: the port went away.
    """
    with _chosen(ask, place.store):
        ask.run(ChooseMessageStore(place.store))
        found = _at(ask, place.number)
        if found is None:
            return "already"
        if found.pdu != saved:
            return "changed"
        ask.run(DeleteMessage(place.number))
        return "done" if _at(ask, place.number) is None else "not_written"


def _at(ask: Interview, number: int) -> StoredPdu | None:
    """The message at a place, by the list: modems say various things of an empty place."""
    return next((each for each in ask.run(ListMessages()) if each.number == number), None)


@contextmanager
def _chosen(ask: Interview, name: str) -> Iterator[None]:
    """PDUs, and room to choose the store `name`; both are put back at the end."""
    mode = ask.ask(ReadMessageMode(), again=True).known
    stores = ask.ask(ReadMessageStores(), again=True).known
    if mode != PDU_MODE:
        ask.put_back(SetMessageMode(PDU_MODE))
    try:
        yield
    finally:
        if stores and stores[0].name != name:
            ask.ask(ChooseMessageStore(stores[0].name), again=True)
        if mode is not None and mode != PDU_MODE:
            ask.restore(SetMessageMode(mode))
        ask.settle()
