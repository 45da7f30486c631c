"""Phone books and call lists in a modem's own memory: counted, read, entries cleared on order.

What lies on the card is no business of this module, under whatever name the modem shows it: the
card's own files say more of it. The settings that are needed (the store, the character set) are put
back.

Sources: 3GPP TS 27.007 clauses 8.11 to 8.14 (unread); where each store lies and that call lists are
not written: Multi-Tech's AT manual S000371B, clause 16.4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from modem.causes import cme_code
from modem.commands.base import GAVE_NONE
from modem.commands.changing import DeleteEntry
from modem.commands.phonebook import (
    UCS2,
    BookState,
    ChoosePhonebook,
    ReadCharset,
    ReadEntries,
    ReadEntryRange,
    ReadPhonebook,
    ReadPhonebookNames,
    SetCharset,
    StoredEntry,
)
from modem.errors import AtCommandError
from modem.interview import Interview

PHONEBOOK, CALLS, UNKNOWN = "phonebook", "calls", "unknown"
LAST_DIALLED = "LD"
_OWN = {"ME": PHONEBOOK, "TA": PHONEBOOK, "DC": CALLS, "RC": CALLS, "MC": CALLS}
# The card's; MT is ME and card together, EN emergency numbers. Counted where they lie, or nobody's.
_CARDS = frozenset({"SM", "FD", "BD", "BN", "ON", "SN", "SD", "AP", "EN", "MT"})
_UNKNOWN_STORE = "a store that simward does not know"
_NOT_CHOSEN = "the modem did not choose this store"
_NOT_ALL = "the modem gives fewer entries than it counts"
_NOT_FOUND = 22
_AT_ONCE = 50


class Book(NamedTuple):
    """One store; `entries` is None where they were not read, `absent` says what is missing and why.

    `kind` is `phonebook`, `calls` or (not looked at) `unknown`.
    """

    name: str
    kind: str
    used: int | None
    size: int | None
    entries: tuple[StoredEntry, ...] | None
    absent: str | None = None


class OwnBooks(NamedTuple):
    """The modem's own stores; none, and why, where the modem does not tell which it has."""

    stores: tuple[Book, ...]
    absent: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a document has it."""
        return {"stores": [_to_json(book) for book in self.stores], "absent": self.absent}


class EntryPlace(NamedTuple):
    """Where an entry lies."""

    store: str
    record: int


def read_own_books(ask: Interview, *, contents: bool, last_dialled_is_cards: bool) -> OwnBooks:
    """How many entries each store of the modem's own has; with `contents` also which.

    `last_dialled_is_cards`: the card has a file for them, so that `LD` is that file.

    Raises:
        PortError: the port went away before anything was learned.
    """
    names = ask.ask(ReadPhonebookNames())
    if names.known is None:
        return OwnBooks((), names.reason)
    cards = _CARDS | ({LAST_DIALLED} if last_dialled_is_cards else frozenset())
    own = _OWN | {LAST_DIALLED: CALLS}
    wanted = {name: own.get(name, UNKNOWN) for name in names.known if name not in cards}
    if not wanted:
        return OwnBooks(())
    before = ask.ask(ReadPhonebook(), again=True)
    if before.known is None:  # what cannot be put back is not changed
        return OwnBooks((), before.reason)
    with _choosing(ask, before.known.name):
        return OwnBooks(
            tuple(_book(ask, name, kind, contents=contents) for name, kind in wanted.items())
        )


def clear_entry(ask: Interview, place: EntryPlace, saved: str) -> str:
    """Clear the entry if it is `saved`, and look again: `done`, `already` or `changed`.

    Or `not_written`: the modem said yes and did not.

    Raises:
        AtCommandError, AtTimeout, AtProtocolError: the modem does not do it, or does not answer.
        PortError: the port went away.
    """
    ask.want_numeric_errors()
    with _choosing(ask, ask.run(ReadPhonebook()).name):
        ask.run(ChoosePhonebook(place.store))
        chosen = ask.run(ReadPhonebook())
        if chosen.name != place.store:
            return "changed"
        with _in_ucs2(ask) as charset:
            found = _at(ask, place.record, charset)
            if found is None:
                return "already"
            if found.raw != saved:
                return "changed"
            ask.run(DeleteEntry(place.record))
            return "done" if _is_gone(ask, place.record, chosen, charset) else "not_written"


def _book(ask: Interview, name: str, kind: str, *, contents: bool) -> Book:
    empty = Book(name, kind, None, None, None)
    if kind == UNKNOWN:
        return empty._replace(absent=_UNKNOWN_STORE)
    state, reason = _choose(ask, name)
    if state is None:
        return empty._replace(absent=reason)
    counted = empty._replace(used=state.used, size=state.size)
    if not contents:
        return counted if state.used is not None else counted._replace(absent=GAVE_NONE)
    if state.used == 0:
        return counted._replace(entries=())
    with _in_ucs2(ask) as charset:
        entries, reason = _entries(ask, charset)
    if entries is None:
        return counted._replace(absent=reason)
    used = max(state.used or 0, len(entries))
    is_all = len(entries) == used
    return counted._replace(used=used, entries=entries, absent=None if is_all else _NOT_ALL)


def _choose(ask: Interview, name: str) -> tuple[BookState | None, str | None]:
    """The store, chosen, with what it holds; or why it could not be."""
    refused = ask.put_back(ChoosePhonebook(name)).reason
    if refused is not None:
        return None, refused
    state = ask.ask(ReadPhonebook(), again=True)
    if state.known is not None and state.known.name != name:
        return None, _NOT_CHOSEN
    return state.known, state.reason


def _entries(ask: Interview, charset: str) -> tuple[tuple[StoredEntry, ...] | None, str | None]:
    """All entries of the chosen store, or why they could not be read."""
    bounds = ask.ask(ReadEntryRange(), again=True)
    if bounds.known is None:
        return None, bounds.reason
    first, last = bounds.known
    found: list[StoredEntry] = []
    for start in range(first, last + 1, _AT_ONCE):
        some = ask.ask(ReadEntries(start, min(last, start + _AT_ONCE - 1), charset), again=True)
        if some.known is not None:
            found += some.known
        elif (
            cme_code(some.reason or "") != _NOT_FOUND
        ):  # an empty stretch is "not found" to some modems
            return None, some.reason
    return tuple(found), None


def _at(ask: Interview, record: int, charset: str) -> StoredEntry | None:
    """What stands at a place; nothing, and "not found", where it is free."""
    try:
        found = ask.run(ReadEntries(record, charset=charset))
    except AtCommandError as refusal:
        if cme_code(refusal.final) == _NOT_FOUND:
            return None
        raise
    return next((each for each in found if each.record == record), None)


def _is_gone(ask: Interview, record: int, before: BookState, charset: str) -> bool:
    """Whether the place is free; of a modem that refuses to read free places the count tells."""
    try:
        return _at(ask, record, charset) is None
    except AtCommandError:
        now = ask.run(ReadPhonebook())
        return now.used is not None and before.used is not None and now.used < before.used


@contextmanager
def _choosing(ask: Interview, before: str) -> Iterator[None]:
    """Room to choose stores: the one that was chosen is chosen again, whatever happens."""
    try:
        yield
    finally:
        ask.restore(ChoosePhonebook(before))
        ask.settle()


@contextmanager
def _in_ucs2(ask: Interview) -> Iterator[str]:
    """Texts in UCS2, which loses no character, where the modem can write it; its set is put back.

    What is given is the set in which it writes now; empty where it does not say.
    """
    before = ask.ask(ReadCharset(), again=True).known
    if before is None or before == UCS2:
        yield before or ""
        return
    taken = ask.put_back(SetCharset(UCS2)).reason is None
    try:
        yield UCS2 if taken else before
    finally:
        ask.restore(SetCharset(before))
        ask.settle()


def _to_json(book: Book) -> dict[str, Any]:
    entries = book.entries
    listed = None if entries is None else [entry._asdict() for entry in entries]
    return {**book._asdict(), "entries": listed}
