"""Records of a card's files replaced: the one policy, and the one place that builds UPDATE.

- Nothing is written without a `RecordOrder`. It names what stands in the record now; whoever gives
  it has that in a backup, or it is nothing (`sim.personal` knows which).
- The card is read first. Where anything else stands there, nothing is written: what came after the
  backup stays. Where the new content stands there already, nothing is written either: an order that
  is given again, after a power cut, does no harm.
- What is written is read back, and done is only what reads as ordered. Nothing is tried twice.

Only UPDATE RECORD: no file of a person's data is without records.
Sources: ETSI TS 102 221 clause 11.1.6, 3GPP TS 51.011 clause 9.2.6 (both unread).
"""

from typing import NamedTuple

from sim.apdu import ResponseApdu
from sim.errors import RecordChanged, StatusWordError
from sim.filesystem import CardFilesystem
from sim.instructions import UPDATE_RECORD, OrderedApdu
from sim.status_words import meaning
from sim.transport.base import ApduTransport

_ABSOLUTE, _PREVIOUS = 0x04, 0x03
_WRITTEN = frozenset({0x90, 0x91, 0x92, 0x63})
"""What may have been written: 920x and 63Cx are successes after retries inside the card."""


class RecordOrder(NamedTuple):
    """Put `after` in place of `before` in record `record` of the file at `path`.

    In a cyclic file there is no such place: `after` becomes its first record, and the last one
    falls out. `before` is that last one then, and `record` its number.
    """

    path: str
    record: int
    before: bytes
    after: bytes


class _Update(OrderedApdu):
    """UPDATE RECORD."""


def carry_out(transport: ApduTransport, filesystem: CardFilesystem, order: RecordOrder) -> bool:
    """Replace the record and read it back; False where it read as ordered already.

    Raises:
        RecordChanged: something else stands there, or (`written`) stood there afterwards.
        StatusWordError: the card does not allow it (6982, 9804), or has no such record.
        UnknownFileError, ReaderError, ApduProtocolError: no way to the record; whether it was
            written is for reading it again to tell.
    """
    info = filesystem.select(order.path)
    if info.structure == "cyclic":
        return _push(transport, filesystem, order)
    found = filesystem.read_record(order.path, order.record, len(order.before))
    if found == order.after:
        return False
    _require(found == order.before, order)
    _send(transport, filesystem.cla, order.record, _ABSOLUTE, order.after)
    again = filesystem.read_record(order.path, order.record, len(order.after))
    _require(again == order.after, order, written=True)
    return True


def _push(transport: ApduTransport, filesystem: CardFilesystem, order: RecordOrder) -> bool:
    """The same in a cyclic file; all of it is read, before and after."""
    records = filesystem.read_records(order.path)
    _require(len(records) == order.record and records[-1] == order.before, order)
    filesystem.select(order.path)
    _send(transport, filesystem.cla, 0, _PREVIOUS, order.after)
    again = filesystem.read_records(order.path)
    _require(again == (order.after, *records[:-1]), order, written=True)
    return True


def _send(transport: ApduTransport, cla: int, number: int, mode: int, content: bytes) -> None:
    # Not by `exchange`: nothing is sent a second time. The card may want its proactive command
    # fetched (91xx); that is its user's affair.
    command = _Update(cla, UPDATE_RECORD, number, mode, content)
    answer = ResponseApdu.from_bytes(transport.transmit(command))
    if answer.sw1 not in _WRITTEN or answer.sw == 0x9240:
        raise StatusWordError(answer.sw, meaning(answer.sw), "UPDATE RECORD")


def _require(fits: bool, order: RecordOrder, *, written: bool = False) -> None:
    if not fits:
        raise RecordChanged(order.path, order.record, written=written)
