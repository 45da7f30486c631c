"""Everything that simward knows of, read from a card: all its directories, file by file.

What holds keys is looked at and not read (`KEY_FILES`). An application that the modem does not
work in is read over a logical channel of its own, so that the modem's session stays as it was:
selected on the basic channel it would end that session, and with it what its PIN has opened.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sim.apdu import CLA_GSM
from sim.card_snapshot import CardSnapshot, DirectoryReading, FileReading, PartReading
from sim.errors import ApduProtocolError, ReaderError, SimError, StatusWordError
from sim.files.directories import GSM, ISIM, MF, TELECOM, USIM, directories_in
from sim.files.registry import (
    ALL_FILES,
    AnyFile,
    KnownFile,
    files_in,
    key_files_in,
    undecoded_in,
)
from sim.files.ts_31_102_phonebook import EfPbr
from sim.filesystem import Application, CardFilesystem, named
from sim.inspector import (
    GONE,
    NOT_ON_THE_CARD,
    UNREADABLE,
    FileReader,
    leave_politely,
    read_pin1_politely,
    reason_of,
)
from sim.logical_channel import close_channel, open_channel
from sim.phonebook import decoded, number_in_full
from sim.status_words import is_not_found
from sim.transport.base import ApduTransport

NOT_ENTERED = "another application than the modem's, and no logical channel for it"

_TRIES = 2
_LAST_CHANNEL = 3  # of those that the first class byte can name
_BY_NAME = {file.name: file for file in reversed(ALL_FILES)}
Progress = Callable[[str], None]


class Manners(Enum):
    """How to get at an application that is not the one that the card's user works in."""

    GUEST = "over a logical channel of its own, or not at all: a modem has the basic one"
    HOST = "over a logical channel of its own, else here: nobody else works with the card now"
    TENANT = "here: this is a logical channel already, and there is no other to be had"


_Read = Callable[[str, Any], FileReading]
Wanted = Callable[[AnyFile | KnownFile], bool]


def everything(_file: AnyFile | KnownFile) -> bool:
    """Every file is wanted."""
    return True


def survey(
    transport: ApduTransport,
    now: Callable[[], datetime] | None = None,
    progress: Progress = lambda _path: None,
    manners: Manners = Manners.GUEST,
    wanted: Wanted = everything,
) -> CardSnapshot:
    """Read every known file that is `wanted`; `progress` hears of each path before it is read.

    Raises:
        ReaderError: the card cannot be reached at all.
        StatusWordError, ApduProtocolError: what answers is no card that simward knows.
    """
    filesystem = CardFilesystem(transport)
    applications = filesystem.applications()
    kind = filesystem.kind
    walk = _Walk(now() if now else None, progress, wanted)
    walk.files_in(MF, filesystem)
    if filesystem.cla != CLA_GSM:
        for home in _homes(applications):
            if not home.foreign or manners is Manners.TENANT:
                walk.enter(home.path, filesystem)
                continue
            with _own_channel(transport, applications) as own:
                walk.enter(home.path, own or (filesystem if manners is Manners.HOST else None))
    for path in (TELECOM, GSM):
        walk.enter(path, filesystem)
    pin1 = None
    if not walk.gone:
        pin1 = read_pin1_politely(transport, filesystem)
        _leave(filesystem, applications, manners)
    return CardSnapshot(
        kind,
        transport.name,
        applications,
        tuple(_with_extensions(walk.files)),
        walk.taken_at,
        tuple(walk.directories),
        pin1,
    )


def _leave(
    filesystem: CardFilesystem, applications: tuple[Application, ...], manners: Manners
) -> None:
    """Put the card back to work; where an ISIM was entered here, the USIM is active again."""
    if manners is not Manners.GUEST and len(_homes(applications)) > 1:
        with suppress(SimError):
            filesystem.select(USIM)
    leave_politely(filesystem)


class _Home(NamedTuple):
    """Where an application is; `foreign`: it is not the one that a modem works in."""

    path: str
    foreign: bool


def _homes(applications: tuple[Application, ...]) -> list[_Home]:
    """The USIMs and ISIMs that EF.DIR lists, or a USIM by its partial AID where it lists none."""
    found: list[_Home] = []
    for application in applications:
        path = f"{MF}/{application.name}"
        if path not in {USIM, ISIM}:
            continue  # of other kinds simward knows no file
        if path in {home.path for home in found}:
            path = f"{MF}/{application.aid.hex().upper()}"
        found.append(_Home(path, foreign=path != USIM))
    return found or [_Home(USIM, foreign=False)]


@contextmanager
def _own_channel(
    transport: ApduTransport, applications: tuple[Application, ...]
) -> Iterator[CardFilesystem | None]:
    """The card over a logical channel that is closed again; None where there is none to be had."""
    try:
        number = open_channel(transport)
    except SimError:
        yield None
        return
    try:
        usable = number <= _LAST_CHANNEL
        yield CardFilesystem(transport, number, applications) if usable else None
    finally:
        close_channel(transport, number)


class _Walk:
    """What was found on the way."""

    def __init__(self, taken_at: datetime | None, progress: Progress, wanted: Wanted) -> None:
        self.taken_at = taken_at
        self._wanted = wanted
        self.files: list[FileReading] = []
        self.directories: list[DirectoryReading] = []
        self.gone = ""
        self._progress = progress
        self._readers: dict[CardFilesystem, FileReader] = {}

    def enter(self, path: str, filesystem: CardFilesystem | None) -> None:
        """The directory at `path`, its files, and the directories below."""
        reading = self._entered(path, filesystem)
        self.directories.append(reading)
        if filesystem is None or reading.absent is not None:
            return
        self.files_in(path, filesystem)
        for below in directories_in(named(path)):
            self.enter(f"{path}/{below.path.rpartition('/')[2]}", filesystem)

    def _entered(self, path: str, filesystem: CardFilesystem | None) -> DirectoryReading:
        if self.gone:
            return DirectoryReading(path, absent=self.gone)
        if filesystem is None:
            return DirectoryReading(path, absent=NOT_ENTERED)
        for _ in range(_TRIES):  # one refusal of the way must not cost a whole directory
            try:
                return self._select(path, filesystem)
            except ReaderError as error:
                reason = reason_of(error)
                if isinstance(error, GONE):
                    self.gone = reason
                    break
        return DirectoryReading(path, absent=reason)

    def _select(self, path: str, filesystem: CardFilesystem) -> DirectoryReading:
        try:
            return DirectoryReading(path, filesystem.select(path))
        except StatusWordError as error:
            missing = is_not_found(error.sw)
            reason = NOT_ON_THE_CARD if missing else error.meaning
            return DirectoryReading(path, absent=reason, sw=error.sw)
        except ApduProtocolError:
            return DirectoryReading(path, absent=UNREADABLE)

    def files_in(self, path: str, filesystem: CardFilesystem) -> None:
        """The files right in `path`; what EF.PBR points to among them."""
        parent = named(path)
        reader = self._readers.setdefault(
            filesystem, FileReader(filesystem, self.taken_at, rights=True)
        )
        known: list[AnyFile | KnownFile] = [*files_in(parent), *undecoded_in(parent)]
        for file in filter(self._wanted, known):
            self._add(reader.read, f"{path}/{file.name}", file)
            if file is EfPbr:
                for place, part in _phonebook_parts(path, self.files[-1]):
                    if self._wanted(part):
                        self._add(reader.read, place, part)
        for keys in filter(self._wanted, key_files_in(parent)):
            self._add(reader.look_at, f"{path}/{keys.name}", keys)
        self.gone = self.gone or reader.gone

    def _add(self, read: _Read, path: str, file: Any) -> None:
        self._progress(path)
        self.files.append(read(path, file))


def _phonebook_parts(path: str, references: FileReading) -> list[tuple[str, AnyFile | KnownFile]]:
    """The files of the phone book, by their identifiers: each once."""
    contents = {n: part.raw for n, part in enumerate(references.parts)}
    found: dict[str, AnyFile | KnownFile] = {}
    for value in decoded(EfPbr, contents).values():
        for each in (*value["same_record"], *value["by_index"], *value["by_identifier"]):
            fid = each["fid"]
            other = KnownFile(f"EF.{fid}", int(fid, 16), (path,), "phone book")
            found.setdefault(f"{path}/{fid}", _BY_NAME.get(each["file"], other))
    return list(found.items())


def _with_extensions(files: list[FileReading]) -> Iterator[FileReading]:
    """The files; numbers that go on in an extension file have what is added."""
    extensions = {
        (_directory(reading), reading.file): {
            part.record: part.value.known for part in reading.parts if part.record and part.value
        }
        for reading in files
        if reading.file.startswith("EF.EXT")
    }
    for reading in files:
        file = _BY_NAME.get(reading.file)
        wanted: str = getattr(file, "extension_file", "")
        known = extensions.get((_directory(reading), wanted))
        if file is None or not known:
            yield reading
            continue
        values = {number: value for number, value in known.items() if number and value}
        yield replace(reading, parts=tuple(_extended(part, file, values) for part in reading.parts))


def _extended(part: PartReading, file: AnyFile, extensions: dict[int, Any]) -> PartReading:
    value = part.value.known
    if value is None:
        return part
    number = number_in_full(file, part.raw, value["number"], extensions)
    return replace(part, number_in_full=number)


def _directory(reading: FileReading) -> str:
    return reading.path.rpartition("/")[0]
