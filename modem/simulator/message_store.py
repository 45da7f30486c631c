"""Where short messages lie: on the card (EF.SMS), or in the modem."""

from dataclasses import dataclass
from typing import Protocol

from modem.simulator.card_slot import Card

UNREAD, READ, UNSENT, SENT = range(4)
STATUS_WORDS = ("REC UNREAD", "REC READ", "STO UNSENT", "STO SENT")

_FID = 0x6F3C
_READ_RECORD, _WRITE_RECORD, _DESCRIBE = 178, 220, 192
_RECORD = 176
_TO_CARD = {UNREAD: 0x03, READ: 0x01, UNSENT: 0x07, SENT: 0x05}
_FROM_CARD = {code: status for status, code in _TO_CARD.items()}
_MOST = 255


@dataclass(frozen=True)
class Stored:
    """A message in a store; `pdu` begins with the service centre's address."""

    status: int
    pdu: bytes


class Store(Protocol):
    """A store; places count from 1."""

    @property
    def size(self) -> int:
        """How many messages it holds at most."""
        ...

    def get(self, place: int) -> Stored | None:
        """What lies there, None where nothing does."""
        ...

    def put(self, place: int, message: Stored | None) -> bool:
        """Write it, or (None) delete what lies there; whether that was possible."""
        ...


class ModemStore:
    """Messages in the modem's own memory; they outlive a restart."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._messages: dict[int, Stored] = {}

    @property
    def size(self) -> int:
        """How many messages it holds at most."""
        return self._size

    def get(self, place: int) -> Stored | None:
        """What lies there, None where nothing does."""
        return self._messages.get(place)

    def put(self, place: int, message: Stored | None) -> bool:
        """Write it, or (None) delete what lies there; whether there is such a place."""
        self._messages.pop(place, None)
        if message is not None and 1 <= place <= self._size:
            self._messages[place] = message
        return 1 <= place <= self._size


class CardStore:
    """The records of EF.SMS (3GPP TS 31.102 clause 4.2.25, unread)."""

    def __init__(self, card: Card) -> None:
        self._card = card

    @property
    def size(self) -> int:
        """How many records the file has; 0 where there is no such file, or no PIN was shown."""
        count = 0
        while count < _MOST and self._record(count + 1) is not None:
            count += 1
        return count

    def get(self, place: int) -> Stored | None:
        """What lies there, None where nothing does."""
        record = self._record(place)
        if record is None or record[0] & 0x01 == 0:
            return None
        body = record[1:]
        return Stored(_FROM_CARD.get(record[0] & 0x07, READ), body.rstrip(b"\xff"))

    def put(self, place: int, message: Stored | None) -> bool:
        """Write it, or (None) delete what lies there; whether the card took it."""
        record = b"\x00" if message is None else bytes((_TO_CARD[message.status],)) + message.pdu
        content = record.ljust(_RECORD, b"\xff")
        return self._card.crsm(_WRITE_RECORD, _FID, place, 4, _RECORD, content, "")[0] == 0x90

    def _record(self, place: int) -> bytes | None:
        sw1, _, content = self._card.crsm(_READ_RECORD, _FID, place, 4, _RECORD, b"", "")
        return content if sw1 == 0x90 else None


def places(store: Store) -> list[tuple[int, Stored]]:
    """What lies in `store`, by place."""
    found = ((place, store.get(place)) for place in range(1, store.size + 1))
    return [(place, message) for place, message in found if message is not None]


def add(store: Store, message: Stored) -> int | None:
    """Put `message` into the first free place, and say which; None where the store is full."""
    for place in range(1, store.size + 1):
        if store.get(place) is None:
            return place if store.put(place, message) else None
    return None
