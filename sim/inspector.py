"""A card's identity as one frozen snapshot: every file read and decoded, or the reason why not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sim.errors import (
    ApduProtocolError,
    CardAbsent,
    CardReset,
    FileDecodeError,
    ReaderError,
    ReaderStuck,
    StatusWordError,
)
from sim.files.base import is_blank
from sim.files.registry import IDENTITY_SET, AnyFile
from sim.files.ts_102_221 import EfDir, EfIccid
from sim.filesystem import Application, CardFilesystem
from sim.reading import Absent, Reading
from sim.status_words import is_not_found
from sim.tlv import FileInfo
from sim.transport.base import ApduTransport

SCHEMA = "simward/card/1"
NOT_ON_THE_CARD = "not on the card"
UNREADABLE = "unreadable answer"
NO_CARD = "no card"
CARD_WAS_RESET = "the card was reset"
READER_LOST = "the way to the card is broken"

# A modem may refuse one file and give the next; one that refuses so many in a row gives none.
_REFUSALS_IN_A_ROW = 3


@dataclass(frozen=True)
class PartReading:
    """A transparent file's content (`record` None), or one record, counted from 1.

    `error` is what is wrong with the bytes where `value` is absent.
    """

    record: int | None
    raw: bytes
    value: Reading[Any]
    error: str | None = None


@dataclass(frozen=True)
class FileReading:
    """One file: its place, what the card says of it, and its parts; unset records are left out.

    `absent` is why nothing of it was read, `sw` the status word where one said so.
    """

    path: str
    file: str
    fid: int
    info: FileInfo | None = None
    parts: tuple[PartReading, ...] = ()
    absent: str | None = None
    sw: int | None = None

    @property
    def value(self) -> Reading[Any]:
        """The value of a transparent file, or of a record file the first that is used."""
        if self.absent is not None:
            return Reading(Absent(self.absent), self.file)
        return (
            self.parts[0].value if self.parts else Reading(Absent("the file is empty"), self.file)
        )

    def to_json(self) -> dict[str, Any]:
        """The file as `simward sim read --json` shows it."""
        transparent = [part for part in self.parts if part.record is None]
        records = [part for part in self.parts if part.record is not None]
        whole = transparent[0] if transparent else None
        return {
            "path": self.path,
            "file": self.file,
            "fid": f"{self.fid:04X}",
            "structure": self.info.structure if self.info else None,
            "value": whole.value.known if whole else None,
            "records": [_record_to_json(part) for part in records],
            "raw": whole.raw.hex().upper() if whole else None,
            "absent": whole.value.reason if whole else self.absent,
            "error": whole.error if whole else None,
            "sw": None if self.sw is None else f"{self.sw:04X}",
        }


def _record_to_json(part: PartReading) -> dict[str, Any]:
    return {
        "record": part.record,
        "value": part.value.known,
        "raw": part.raw.hex().upper(),
        "absent": part.value.reason,
        "error": part.error,
    }


@dataclass(frozen=True)
class CardSnapshot:
    """A card at one moment; `transport` names the way by which it was read."""

    kind: str
    transport: str
    applications: tuple[Application, ...]
    files: tuple[FileReading, ...]
    taken_at: datetime | None = None

    def file(self, name: str) -> FileReading | None:
        """The reading of the file with this name, if it was asked for."""
        return next((reading for reading in self.files if reading.file == name), None)

    @property
    def iccid(self) -> str | None:
        """The number in EF.ICCID, if it could be read and is set."""
        reading = self.file(EfIccid.name)
        value = reading.value.known if reading else None
        return value["iccid"] if value else None

    def to_json(self) -> dict[str, Any]:
        """The document of `simward sim read --json`: identifiers in full."""
        return {
            "schema": SCHEMA,
            "taken_at": None if self.taken_at is None else self.taken_at.isoformat(),
            "kind": self.kind,
            "iccid": self.iccid,
            "transport": self.transport,
            "applications": [
                {"aid": a.aid.hex().upper(), "label": a.label, "name": a.name}
                for a in self.applications
            ],
            "files": [reading.to_json() for reading in self.files],
        }


def inspect(
    transport: ApduTransport,
    files: Iterable[AnyFile] = IDENTITY_SET,
    now: Callable[[], datetime] | None = None,
) -> CardSnapshot:
    """Read `files` and EF.DIR; a file that cannot be read costs its own entry and nothing else.

    What the way to the card says of a refusal (`+CME ERROR: 3`) is that file's reason. Where the
    card is gone, or the way keeps refusing, the files that are left are not asked for any more.
    At the end the card is left as `CardFilesystem.leave` says.

    Raises:
        ReaderError: the card cannot be reached at all.
        StatusWordError, ApduProtocolError: what answers is no card that simward knows.
    """
    filesystem = CardFilesystem(transport)
    applications = filesystem.applications()
    kind = filesystem.kind
    taken_at = now() if now else None
    readings: list[FileReading] = []
    refusals, final = 0, ""
    wanted: list[AnyFile] = [EfDir, *files]
    for file in wanted:
        candidates = _candidates(file, kind)
        if final:
            readings.append(_absent(file, candidates, final))
            continue
        try:
            readings.append(_read(filesystem, file, candidates, taken_at))
            refusals = 0
        except ReaderError as error:
            refusals += 1
            reason = _reason_of(error)
            readings.append(_absent(file, candidates, reason))
            if refusals == _REFUSALS_IN_A_ROW or isinstance(error, _GONE):
                final = reason
    if not final:
        _leave(filesystem)
    return CardSnapshot(kind, transport.name, applications, tuple(readings), taken_at)


_GONE = (CardAbsent, CardReset, ReaderStuck)


def _leave(filesystem: CardFilesystem) -> None:
    """Put the card back to work; where that fails, what was read is as true as before."""
    try:
        filesystem.leave()
    except (ReaderError, ApduProtocolError):
        return


def _candidates(file: AnyFile, kind: str) -> list[str]:
    """Where this kind of card would have the file, likeliest first."""
    if kind == "sim":
        return [parent for parent in file.parents if "/ADF." not in parent]
    return [parent for parent in file.parents if parent != "MF/DF.GSM"]


def _absent(
    file: AnyFile, candidates: list[str], reason: str, sw: int | None = None
) -> FileReading:
    parent = candidates[0] if candidates else file.parents[0]
    return FileReading(f"{parent}/{file.name}", file.name, file.fid, absent=reason, sw=sw)


def _read(
    filesystem: CardFilesystem, file: AnyFile, candidates: list[str], taken_at: datetime | None
) -> FileReading:
    missing = _absent(file, candidates, NOT_ON_THE_CARD)
    for parent in candidates:
        path = f"{parent}/{file.name}"
        try:
            info, contents = filesystem.read(path)
        except StatusWordError as error:
            if is_not_found(error.sw):
                missing = _absent(file, candidates, NOT_ON_THE_CARD, error.sw)
                continue
            return _absent(file, [parent], error.meaning, error.sw)
        except (ApduProtocolError, FileDecodeError):
            return _absent(file, [parent], UNREADABLE)
        fid = file.fid if info.fid is None else info.fid
        parts = _parts(file, info, contents, taken_at)
        return FileReading(path, file.name, fid, info, parts)
    return missing


def _parts(
    file: AnyFile, info: FileInfo, contents: tuple[bytes, ...], taken_at: datetime | None
) -> tuple[PartReading, ...]:
    if not info.has_records:
        return tuple(_part(file, None, content, taken_at) for content in contents)
    return tuple(
        _part(file, number, content, taken_at)
        for number, content in enumerate(contents, start=1)
        if not is_blank(content)
    )


def _part(
    file: AnyFile, record: int | None, content: bytes, taken_at: datetime | None
) -> PartReading:
    try:
        value = file.decode(content)
    except FileDecodeError as error:
        reading: Reading[Any] = Reading(Absent(UNREADABLE), file.name, taken_at)
        return PartReading(record, content, reading, str(error))
    return PartReading(record, content, Reading(value, file.name, taken_at))


def _reason_of(error: ReaderError) -> str:
    if isinstance(error, CardAbsent):
        return NO_CARD
    if isinstance(error, CardReset):
        return CARD_WAS_RESET
    return str(error) or READER_LOST
