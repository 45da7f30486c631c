"""Answers of a telephone: calls, the card's phone book (read only) and the modem's own."""

from modem.simulator.card_slot import Card
from modem.simulator.phonebook_store import BookEntry
from modem.simulator.request import Request
from modem.simulator.settling import note_call_end
from modem.simulator.state import (
    NOT_ALLOWED,
    NOT_FOUND,
    WRONG_PARAMETERS,
    Answerer,
    ModemState,
    Refused,
)

_FINALS = {"no_carrier": "NO CARRIER", "busy": "BUSY", "no_answer": "NO ANSWER"}
_BOOKS = {"SM": 0x6F3A, "ON": 0x6F40, "FD": 0x6F3B}
_WRITABLE = frozenset({"ME"})
_TELECOM = "3F007F10"
_READ_RECORD = 178
_MOST = 254
_TAIL = 14
_NORMAL_CLEARING = 16


def dial(state: ModemState, number: str) -> list[str]:
    """ATD: a voice call (`;` at the end) as the network answers it; a data call never comes about.

    Raises:
        Refused: with the final result of a call that failed.
    """
    calls = state.network.calls
    if not number.endswith(";"):
        raise Refused(final="NO CARRIER")
    if not state.is_camped("cs") and not state.camped:
        raise Refused(final="NO CARRIER")
    state.takes_s = calls.after_s
    if calls.answer == "connect":
        state.settings.calling = number.rstrip(";")
        return []
    note_call_end(state, calls.cause)
    raise Refused(final=_FINALS[calls.answer])


def hang_up(state: ModemState) -> None:
    """ATH, AT+CHUP."""
    if state.settings.calling:
        note_call_end(state, _NORMAL_CLEARING)
    state.settings.calling = ""


def _hang_up(state: ModemState, _: Request) -> list[str]:
    hang_up(state)
    return []


def _calls(state: ModemState, _: Request) -> list[str]:
    number = state.settings.calling
    kind = 145 if number.startswith("+") else 129
    return [f'+CLCC: 1,0,0,0,0,"{number}",{kind}'] if number else []


def _activity(state: ModemState, _: Request) -> list[str]:
    return [f"+CPAS: {4 if state.settings.calling else 0}"]


def _book_read(state: ModemState, _: Request) -> list[str]:
    entries = _chosen(state)
    used = sum(entry is not None for entry in entries)
    return [f'+CPBS: "{state.settings.phonebook}",{used},{len(entries)}']


def _book_set(state: ModemState, request: Request) -> list[str]:
    state.ready_card()
    if not request.args or request.args[0] not in {*_BOOKS, *state.modem_books}:
        raise Refused(WRONG_PARAMETERS)
    state.settings.phonebook = request.args[0]
    return []


def _books(state: ModemState, _: Request) -> list[str]:
    names = (*_BOOKS, *state.modem_books)
    return [f"+CPBS: ({','.join(chr(34) + name + chr(34) for name in names)})"]


def _entries_read(state: ModemState, request: Request) -> list[str]:
    entries = _chosen(state)
    first = request.number(0)
    last = request.number(1, first)
    if first is None or last is None or not 1 <= first <= last <= len(entries):
        raise Refused(WRONG_PARAMETERS)
    lines = [
        f'+CPBR: {place},"{entry.number}",{entry.kind},"{state.written(entry.name)}"'
        for place, entry in enumerate(entries, start=1)
        if entry is not None and first <= place <= last
    ]
    if not lines and first == last:
        raise Refused(NOT_FOUND)
    return lines


def _entries_test(state: ModemState, _: Request) -> list[str]:
    return [f"+CPBR: (1-{len(_chosen(state))}),20,14"]


def _entry_write(state: ModemState, request: Request) -> list[str]:
    """Only the modem's own phone book is written by AT+CPBW; a place alone clears it."""
    state.ready_card()
    book = state.modem_books.get(state.settings.phonebook)
    if book is None or state.settings.phonebook not in _WRITABLE:
        raise Refused(NOT_ALLOWED)
    place = request.number(0)
    if place is None or not 1 <= place <= book.size:
        raise Refused(WRONG_PARAMETERS)
    if len(request.args) == 1:
        book.clear(place)
    else:
        name = request.args[3] if len(request.args) > 3 else ""
        book.put(place, request.args[1], state.read_text(name))
    return []


def _chosen(state: ModemState) -> list[BookEntry | None]:
    """The entries of the chosen store, the card's or the modem's."""
    card, name = state.ready_card(), state.settings.phonebook
    book = state.modem_books.get(name)
    return book.entries() if book is not None else _entries(card, _BOOKS[name])


def _entries(card: Card, fid: int) -> list[BookEntry | None]:
    """Number, type of number and name of each record; None where it is empty."""
    entries: list[BookEntry | None] = []
    for place in range(1, _MOST):
        content = _record(card, fid, place)
        if content is None:
            break
        entries.append(_entry(content))
    return entries


def _record(card: Card, fid: int, place: int) -> bytes | None:
    """One record, in the application or in DF.TELECOM; its length is what the card says it is."""
    for path in ("", _TELECOM):
        sw1, sw2, _ = card.crsm(_READ_RECORD, fid, place, 4, 255, b"", path)
        if sw1 in {0x6C, 0x67} and sw2:
            return card.crsm(_READ_RECORD, fid, place, 4, sw2, b"", path)[2]
    return None


def _entry(content: bytes) -> BookEntry | None:
    name, tail = content[:-_TAIL], content[-_TAIL:]
    length, kind = tail[0], tail[1]
    if length in {0x00, 0xFF}:
        return None
    digits = "".join(f"{byte & 0x0F:X}{byte >> 4:X}" for byte in tail[2 : 1 + length]).rstrip("F")
    international = kind == 0x91
    text = name.rstrip(b"\xff").decode("ascii", "replace")
    return BookEntry(("+" if international else "") + digits, kind, text)


PHONE_ANSWERS: dict[tuple[str, str], Answerer] = {
    ("+CHUP", "execute"): _hang_up,
    ("+CLCC", "execute"): _calls,
    ("+CPAS", "execute"): _activity,
    ("+CPBS", "read"): _book_read,
    ("+CPBS", "set"): _book_set,
    ("+CPBS", "test"): _books,
    ("+CPBR", "set"): _entries_read,
    ("+CPBR", "test"): _entries_test,
    ("+CPBW", "set"): _entry_write,
}
