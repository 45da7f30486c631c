"""Phone books and lists of calls in the modem's own memory."""

from typing import NamedTuple

from modem.simulator.profile import PhonebookStore

INTERNATIONAL, UNKNOWN = 145, 129


class BookEntry(NamedTuple):
    """An entry: a number, what kind of number that is, and a name."""

    number: str
    kind: int
    name: str


class ModemBook:
    """A store; its places count from 1. What it holds outlives a restart."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._entries: dict[int, BookEntry] = {}

    def entries(self) -> list[BookEntry | None]:
        """What lies at each place, None where nothing does."""
        return [self._entries.get(place) for place in range(1, self.size + 1)]

    def put(self, place: int, number: str, name: str) -> None:
        """Write an entry."""
        kind = INTERNATIONAL if number.startswith("+") else UNKNOWN
        self._entries[place] = BookEntry(number, kind, name)

    def clear(self, place: int) -> None:
        """Nothing lies there any more."""
        self._entries.pop(place, None)


def filled(store: PhonebookStore) -> ModemBook:
    """The store as the profile has it at start."""
    book = ModemBook(store.size)
    for place, entry in enumerate(store.entries, start=1):
        number, _, name = entry.partition(";")
        book.put(place, number, name)
    return book
