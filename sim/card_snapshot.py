"""What was read of a card at one moment: values, and the documents made of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sim.access import Condition
from sim.fcp import FileInfo
from sim.files.ts_102_221 import EfIccid
from sim.filesystem import Application
from sim.messages import assemble_messages
from sim.phonebook import assemble_phonebooks
from sim.pin import PinCounters
from sim.reading import Absent, Reading
from sim.records import RecordFile
from sim.rights import Access

SCHEMA = "simward/card/1"


@dataclass(frozen=True)
class PartReading:
    """A transparent file's content (`record` None), or one record, counted from 1.

    `error` is what is wrong with the bytes where `value` is absent. `number_in_full` is a
    telephone number with the digits that stand in an extension file, where there are such.
    """

    record: int | None
    raw: bytes
    value: Reading[Any]
    error: str | None = None
    number_in_full: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as `simward sim read --json` shows it."""
        extended = {} if self.number_in_full is None else {"number_in_full": self.number_in_full}
        return {
            "record": self.record,
            "value": self.value.known,
            "raw": self.raw.hex().upper(),
            "absent": self.value.reason,
            "error": self.error,
            **extended,
        }


@dataclass(frozen=True)
class FileReading:
    """One file: its place, what the card says of it, and its parts; unset records are left out.

    `absent` is why nothing of it was read, `sw` the status word where one said so, `asks_for` the
    right that reading asks for where it is that which is missing. `access` is who may do what,
    None where the card does not say or it was not asked.
    """

    path: str
    file: str
    fid: int | None
    info: FileInfo | None = None
    parts: tuple[PartReading, ...] = ()
    absent: str | None = None
    sw: int | None = None
    access: Access | None = None
    asks_for: Condition | None = None

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
        info = self.info or FileInfo("unknown")
        return {
            "path": self.path,
            "file": self.file,
            "fid": None if self.fid is None else f"{self.fid:04X}",
            "structure": self.info.structure if self.info else None,
            "size": info.size,
            "record_length": info.record_length,
            "record_count": info.record_count,
            "sfi": info.sfi,
            "life_cycle": info.life_cycle,
            "access": self.access,
            "value": whole.value.known if whole else None,
            "records": [part.to_json() for part in records],
            "raw": whole.raw.hex().upper() if whole else None,
            "absent": whole.value.reason if whole else self.absent,
            "error": whole.error if whole else None,
            "sw": None if self.sw is None else f"{self.sw:04X}",
            "asks_for": self.asks_for,
        }


@dataclass(frozen=True)
class DirectoryReading:
    """A directory of the walk, by its path; `absent` is why it could not be entered."""

    path: str
    info: FileInfo | None = None
    absent: str | None = None
    sw: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The directory as `simward sim read --all --json` shows it."""
        fid = self.info.fid if self.info else None
        return {
            "path": self.path,
            "fid": None if fid is None else f"{fid:04X}",
            "absent": self.absent,
            "sw": None if self.sw is None else f"{self.sw:04X}",
        }


@dataclass(frozen=True)
class CardSnapshot:
    """A card at one moment; `transport` names the way by which it was read.

    `directories` is None where only some files were asked for, `pin1` where nobody asked.
    """

    kind: str
    transport: str
    applications: tuple[Application, ...]
    files: tuple[FileReading, ...]
    taken_at: datetime | None = None
    directories: tuple[DirectoryReading, ...] | None = None
    pin1: PinCounters | None = None

    def file(self, name: str) -> FileReading | None:
        """The reading of the (first) file with this name, if it was asked for."""
        return next((reading for reading in self.files if reading.file == name), None)

    @property
    def iccid(self) -> str | None:
        """The number in EF.ICCID, if it could be read and is set."""
        reading = self.file(EfIccid.name)
        value = reading.value.known if reading else None
        return value["iccid"] if value else None

    def to_json(self) -> dict[str, Any]:
        """The document of `simward sim read --json`: identifiers in full."""
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "taken_at": None if self.taken_at is None else self.taken_at.isoformat(),
            "kind": self.kind,
            "iccid": self.iccid,
            "transport": self.transport,
            "scope": "identity" if self.directories is None else "all",
            "pin1": None if self.pin1 is None else _pin1_json(self.pin1),
            "applications": [
                {"aid": a.aid.hex().upper(), "label": a.label, "name": a.name}
                for a in self.applications
            ],
            "files": [reading.to_json() for reading in self.files],
        }
        if self.directories is not None:
            document["directories"] = [each.to_json() for each in self.directories]
            document["phonebooks"] = assemble_phonebooks(_contents(self.files))
            document["messages"] = assemble_messages(_contents(self.files))
        return document


def _pin1_json(pin1: PinCounters) -> dict[str, Any]:
    """Values, and for each that is null the reason."""
    named = pin1._asdict()
    absent = {name: each.reason for name, each in named.items() if each.reason is not None}
    return {**{name: each.known for name, each in named.items()}, "absent": absent}


def _contents(files: tuple[FileReading, ...]) -> dict[str, RecordFile]:
    """The files with records that were read, by their paths."""
    return {
        reading.path: RecordFile(
            reading.file,
            reading.info.record_count or 0,
            {part.record: part.raw for part in reading.parts if part.record is not None},
        )
        for reading in files
        if reading.absent is None and reading.info is not None and reading.info.has_records
    }
