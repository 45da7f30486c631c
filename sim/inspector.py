"""A card's identity as one frozen snapshot: every file read and decoded, or the reason why not."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sim.access import Condition
from sim.card_snapshot import CardSnapshot, FileReading, PartReading
from sim.errors import (
    ApduProtocolError,
    CardAbsent,
    CardReset,
    FileDecodeError,
    ReaderError,
    ReaderStuck,
    StatusWordError,
)
from sim.fcp import FileInfo
from sim.files.base import is_blank
from sim.files.registry import IDENTITY_SET, AnyFile, KnownFile
from sim.files.ts_102_221 import EfArr, EfDir
from sim.filesystem import CardFilesystem
from sim.pin import PinCounters, read_pin1
from sim.reading import Absent, Reading
from sim.rights import Access, AccessRights
from sim.status_words import is_not_found
from sim.transport.base import ApduTransport

NOT_ON_THE_CARD = "not on the card"
UNREADABLE = "unreadable answer"
NO_CARD = "no card"
CARD_WAS_RESET = "the card was reset"
READER_LOST = "the way to the card is broken"
HOLDS_KEYS = "holds keys: not read"
OBJECTS_NOT_READ = "data objects: described, not read"
NOT_DECODED = "not decoded"

# A modem may refuse one file and give the next; one that refuses so many in a row gives none.
_REFUSALS_IN_A_ROW = 3
GONE = (CardAbsent, CardReset, ReaderStuck)
# What a card says where a right is missing: to ask for it in words is worth reading EF.ARR.
_RIGHT_MISSING = frozenset({0x6982, 0x6983, 0x6985, 0x9804, 0x9840})


class FileReader:
    """Reads files one by one; one that cannot be read costs its own entry and nothing else.

    What the way to the card says of a refusal (`+CME ERROR: 3`) is that file's reason. Where the
    card is gone, or the way keeps refusing, nothing is asked any more: `gone` is why. `rights`:
    who may do what is found out for every file, not only for those that refuse.
    """

    def __init__(
        self, filesystem: CardFilesystem, taken_at: datetime | None, *, rights: bool = False
    ) -> None:
        self._filesystem = filesystem
        self._taken_at = taken_at
        self._all_rights = rights
        self._rights = AccessRights(filesystem)
        self._refusals = 0
        self.gone = ""

    def read(self, path: str, file: AnyFile | KnownFile) -> FileReading:
        """The file at `path`, decoded by what `file` says (shown as it is, for a `KnownFile`)."""
        return self._patiently(path, file, self._read)

    def look_at(self, path: str, file: KnownFile) -> FileReading:
        """What the card says of a file that holds keys; not a byte of it is read."""
        return self._patiently(path, file, self._look_at)

    def _patiently(
        self,
        path: str,
        file: AnyFile | KnownFile,
        attempt: Callable[[str, AnyFile | KnownFile], FileReading],
    ) -> FileReading:
        if self.gone:
            return FileReading(path, file.name, file.fid, absent=self.gone)
        try:
            reading = attempt(path, file)
        except ReaderError as error:
            reason = reason_of(error)
            self._refusals += 1
            if self._refusals == _REFUSALS_IN_A_ROW or isinstance(error, GONE):
                self.gone = reason
            return FileReading(path, file.name, file.fid, absent=reason)
        self._refusals = 0
        return reading

    def _read(self, path: str, file: AnyFile | KnownFile) -> FileReading:
        try:
            info, contents = self._filesystem.read(path)
        except StatusWordError as error:
            return self._refused(path, file, error)
        except (ApduProtocolError, FileDecodeError):
            return self._made(path, file, UNREADABLE)
        if info.structure == "ber_tlv":
            return self._made(path, file, OBJECTS_NOT_READ)
        if file is EfArr and info.has_records:
            self._rights.keep(path, EfArr.fid if info.fid is None else info.fid, contents)
        parts = _parts(file, info, contents, self._taken_at)
        return self._made(path, file, None, parts=parts, info=info)

    def _look_at(self, path: str, file: AnyFile | KnownFile) -> FileReading:
        try:
            self._filesystem.select(path)
        except StatusWordError as error:
            return self._refused(path, file, error)
        except ApduProtocolError:
            return self._made(path, file, UNREADABLE)
        return self._made(path, file, HOLDS_KEYS)

    def _refused(self, path: str, file: AnyFile | KnownFile, error: StatusWordError) -> FileReading:
        if is_not_found(error.sw) and self._filesystem.selected is None:
            return FileReading(path, file.name, file.fid, absent=NOT_ON_THE_CARD, sw=error.sw)
        return self._made(path, file, error.meaning, sw=error.sw)

    def _made(
        self,
        path: str,
        file: AnyFile | KnownFile,
        absent: str | None,
        *,
        sw: int | None = None,
        parts: tuple[PartReading, ...] = (),
        info: FileInfo | None = None,
    ) -> FileReading:
        info = info or self._filesystem.selected
        access: Access | None = None
        asks_for: Condition | None = None
        if self._all_rights or sw in _RIGHT_MISSING:
            access = self._rights.of(path, info)
            if access and sw in _RIGHT_MISSING and access["read"] != "always":
                asks_for = access["read"]
        fid = file.fid if info is None or info.fid is None else info.fid
        return FileReading(path, file.name, fid, info, parts, absent, sw, access, asks_for)


def inspect(
    transport: ApduTransport,
    files: Iterable[AnyFile] = IDENTITY_SET,
    now: Callable[[], datetime] | None = None,
) -> CardSnapshot:
    """Read `files` and EF.DIR, each where this kind of card has it; see `FileReader`.

    At the end the card is left as `CardFilesystem.leave` says.

    Raises:
        ReaderError: the card cannot be reached at all.
        StatusWordError, ApduProtocolError: what answers is no card that simward knows.
    """
    filesystem = CardFilesystem(transport)
    applications = filesystem.applications()
    kind = filesystem.kind
    taken_at = now() if now else None
    reader = FileReader(filesystem, taken_at)
    wanted: list[AnyFile] = [EfDir, *files]
    readings = [_first(reader, file, _candidates(file, kind)) for file in wanted]
    pin1 = None
    if not reader.gone:
        pin1 = read_pin1_politely(transport, filesystem)
        leave_politely(filesystem)
    return CardSnapshot(kind, transport.name, applications, tuple(readings), taken_at, pin1=pin1)


def read_pin1_politely(transport: ApduTransport, filesystem: CardFilesystem) -> PinCounters | None:
    """PIN1 as the card tells it; None where the way to it does not let the question through."""
    try:
        return read_pin1(transport, filesystem.cla, filesystem.root)
    except (ReaderError, ApduProtocolError):
        return None


def leave_politely(filesystem: CardFilesystem) -> None:
    """Put the card back to work; where that fails, what was read is as true as before."""
    try:
        filesystem.leave()
    except (ReaderError, ApduProtocolError):
        return


def _first(reader: FileReader, file: AnyFile, parents: list[str]) -> FileReading:
    """The file in the first directory that has it."""
    missing = FileReading(
        f"{(parents or file.parents)[0]}/{file.name}", file.name, file.fid, absent=NOT_ON_THE_CARD
    )
    for parent in parents:
        reading = reader.read(f"{parent}/{file.name}", file)
        if reading.absent != NOT_ON_THE_CARD:
            return reading
        missing = FileReading(
            missing.path, file.name, file.fid, absent=NOT_ON_THE_CARD, sw=reading.sw
        )
    return missing


def _candidates(file: AnyFile, kind: str) -> list[str]:
    """Where this kind of card would have the file, likeliest first."""
    if file.fid is None:
        return []  # each card has its own: only EF.PBR says where
    if kind == "sim":
        return [parent for parent in file.parents if "/ADF." not in parent]
    return [parent for parent in file.parents if parent != "MF/DF.GSM"]


def _parts(
    file: AnyFile | KnownFile,
    info: FileInfo,
    contents: tuple[bytes, ...],
    taken_at: datetime | None,
) -> tuple[PartReading, ...]:
    if not info.has_records:
        return tuple(_part(file, None, content, taken_at) for content in contents)
    return tuple(
        _part(file, number, content, taken_at)
        for number, content in enumerate(contents, start=1)
        if not is_blank(content)
    )


def _part(
    file: AnyFile | KnownFile, record: int | None, content: bytes, taken_at: datetime | None
) -> PartReading:
    reading: Reading[Any]
    if isinstance(file, KnownFile):
        reading = Reading(Absent(NOT_DECODED), file.name, taken_at)
        return PartReading(record, content, reading)
    try:
        value = file.decode(content)
    except FileDecodeError as error:
        reading = Reading(Absent(UNREADABLE), file.name, taken_at)
        return PartReading(record, content, reading, str(error))
    return PartReading(record, content, Reading(value, file.name, taken_at))


def reason_of(error: ReaderError) -> str:
    """Why there is no way to the card, in the words of a closed set or the modem's own."""
    if isinstance(error, CardAbsent):
        return NO_CARD
    if isinstance(error, CardReset):
        return CARD_WAS_RESET
    return str(error) or READER_LOST
