"""Short messages put together: the parts of a longer one become one message again."""

from collections.abc import Mapping
from typing import TypedDict

from sim.errors import FileDecodeError
from sim.files.short_message import ShortMessage, parse_message, units_to_text
from sim.records import RecordFiles

_SMS = "EF.SMS"
_MISSING = "\N{HORIZONTAL ELLIPSIS}"


class StoredMessage(TypedDict):
    """A message of one file, whole or as far as it is there.

    `records` are where its parts stand, in their order; `parts` is how many there should be.
    `text` is None where it is binary; an ellipsis stands for a part that is missing. `sent_at` is
    the service centre's time stamp, None for a message of the subscriber's own.
    """

    path: str
    records: list[int]
    parts: int
    complete: bool
    status: str
    kind: str
    address: str | None
    smsc: str | None
    sent_at: str | None
    text: str | None


def assemble_messages(files: RecordFiles) -> list[StoredMessage]:
    """The messages of every EF.SMS that was read, in the order of their first parts."""
    found: list[StoredMessage] = []
    for path, file in files.items():
        if file.name == _SMS:
            found += _of_file(path, _parsed(file.records))
    return found


def _parsed(records: Mapping[int, bytes]) -> list[tuple[int, ShortMessage]]:
    """The messages of records that decode; what does not is named where the file is shown."""
    found = []
    for number, content in records.items():
        try:
            message = parse_message(content, _SMS)
        except FileDecodeError:
            continue
        if message is not None:
            found.append((number, message))
    return found


def _of_file(path: str, stored: list[tuple[int, ShortMessage]]) -> list[StoredMessage]:
    groups: list[dict[int, tuple[int, ShortMessage]]] = []
    open_groups: dict[object, dict[int, tuple[int, ShortMessage]]] = {}
    for record, message in stored:
        part = message.part
        if part is None:
            groups.append({1: (record, message)})
            continue
        key = (message.kind, message.address, part.reference, part.total)
        group = open_groups.get(key)
        if group is None or part.number in group:  # a reference comes again after 256 messages
            group = open_groups[key] = {}
            groups.append(group)
        group[part.number] = (record, message)
    return [_joined(path, group) for group in groups]


def _joined(path: str, group: dict[int, tuple[int, ShortMessage]]) -> StoredMessage:
    numbers = sorted(group)
    _, first = group[numbers[0]]
    total = first.part.total if first.part else 1
    return {
        "path": path,
        "records": [group[number][0] for number in numbers],
        "parts": total,
        "complete": len(group) == total,
        "status": first.status,
        "kind": first.kind,
        "address": first.address,
        "smsc": first.smsc,
        "sent_at": first.sent_at,
        "text": _text(group, total),
    }


def _text(group: dict[int, tuple[int, ShortMessage]], total: int) -> str | None:
    alphabets = {message.alphabet for _, message in group.values()}
    if len(alphabets) > 1:
        return None
    (alphabet,) = alphabets
    pieces: list[bytes] = [b""]
    for number in range(1, total + 1):
        if number in group:
            pieces[-1] += group[number][1].units
        elif pieces[-1] or number == 1:
            pieces.append(b"")  # neighbours of a gap are not joined
    texts = [units_to_text(piece, alphabet) for piece in pieces]
    if None in texts:
        return None
    return _MISSING.join(text or "" for text in texts)
