"""Select and read a card's files over a transport; knows what is selected.

Paths are `MF/ADF.USIM/EF.IMSI`: names, or hexadecimal file identifiers and AIDs. They are always
walked from the MF or from where the card stands, because one identifier may exist in many
directories (ETSI TS 102 221 clause 8.4, unread).
"""

import re
from dataclasses import dataclass

from sim.apdu import (
    CLA_GSM,
    CLA_UICC,
    CommandApdu,
    ResponseApdu,
    read_binary,
    read_record,
    select_by_aid,
    select_by_fid,
)
from sim.errors import (
    ApduProtocolError,
    FileDecodeError,
    ReaderError,
    StatusWordError,
    UnknownFileError,
)
from sim.exchange import checked, exchange, is_success
from sim.fcp import ARR_OF_A_DIRECTORY, FileInfo, parse_fcp, parse_gsm_select
from sim.files.directories import (
    APPLICATIONS,
    CURRENT_APPLICATION,
    DIRECTORIES,
    MF,
    MF_FID,
    directory_at,
)
from sim.files.registry import find_file, identifier_in
from sim.files.ts_102_221 import EfDir
from sim.status_words import is_class_refused
from sim.transport.base import ApduTransport

_FID = re.compile(r"[0-9A-Fa-f]{4}")
_AID = re.compile(r"[0-9A-Fa-f]{10,32}")
_DIR = "MF/EF.DIR"
_DIRECTORY_NAMES = frozenset(each.path.rpartition("/")[2] for each in DIRECTORIES) | {MF}
_CHUNK = 255  # Le 00 (256) is what cards and modems get wrong
_MAX_RECORDS = 255
_MAX_BINARY = 0x8000
_PAST_THE_END = frozenset({0x6B00, 0x9402, 0x6A83})
_WRONG_STRUCTURE = frozenset({0x6981, 0x9408})


@dataclass(frozen=True)
class Application:
    """An application that EF.DIR lists; `aid` whole."""

    aid: bytes
    label: str | None

    @property
    def name(self) -> str:
        """`ADF.USIM`, `ADF.ISIM`, or the AID in hexadecimal."""
        return _application_name(self.aid.hex().upper())


class CardFilesystem:
    """A card's files. The class of its commands (00, or A0 of a SIM) is found at the first use.

    `channel` is a logical channel that was opened before (1-3), else the basic one; `applications`
    what EF.DIR is known to list, where it was read already.
    """

    def __init__(
        self,
        transport: ApduTransport,
        channel: int = 0,
        applications: tuple[Application, ...] | None = None,
    ) -> None:
        self._transport = transport
        self._channel = channel
        self._cla: int | None = None
        self._here: tuple[str, ...] = ()
        self._applications = applications
        self._listing: tuple[FileInfo, tuple[bytes, ...]] | None = None
        self.root = FileInfo("unknown")
        """What the card said of its MF when its class was found."""
        self.selected: FileInfo | None = None
        """What the card said of the file that was selected last, be it read or not."""

    @property
    def cla(self) -> int:
        """The class that the card takes: 00, or A0 where it refuses 00.

        Raises:
            StatusWordError: it refuses both.
            ReaderError, ApduProtocolError: no way to ask.
        """
        return self._find_class() if self._cla is None else self._cla

    @property
    def kind(self) -> str:
        """`usim` where EF.DIR lists a USIM, else `sim`."""
        return "usim" if any(a.name == "ADF.USIM" for a in self.applications()) else "sim"

    def forget(self) -> None:
        """Take nothing for granted any more: the card was reset or exchanged."""
        self._cla, self._here = None, ()
        self._applications = self._listing = None

    def applications(self) -> tuple[Application, ...]:
        """What EF.DIR lists, in its order; nothing where the card has no EF.DIR.

        Raises:
            StatusWordError, ReaderError, ApduProtocolError: the card cannot be asked.
        """
        if self._applications is None:
            self._applications = self._read_applications()
        return self._applications

    def select(self, path: str) -> FileInfo:
        """Select the file or directory of `path`: what the card says of it.

        Raises:
            StatusWordError: the card refuses (no such file: 6A82 or 9404).
            UnknownFileError: a name that simward does not know.
            ReaderError, ApduProtocolError: no answer, or none that is one.
        """
        *directories, last = _steps(path)
        self._enter(tuple(directories))
        self.selected = None
        answer = self._select_step(last)
        info = self.selected = self._info(answer)
        if info.structure in {"df", "adf"} or last in _DIRECTORY_NAMES or _is_application(last):
            self._here = (*directories, last)
        elif info.structure == "unknown" and not last.startswith("EF."):
            self._here = ()  # it may have been a directory: walk from the MF next time
        return info

    def read(self, path: str) -> tuple[FileInfo, tuple[bytes, ...]]:
        """Select and read a file whole: one content, or its records in order.

        A BER-TLV file has no content that can be read this way: nothing comes back.

        Raises:
            as `select`.
        """
        if path == _DIR and self._listing is not None:
            return self._listing
        info = self.select(path)
        if info.structure == "ber_tlv":
            return info, ()
        if info.has_records:
            return info, self._records(info)
        try:
            return info, (self._binary(info),)
        except StatusWordError as error:
            if info.structure != "unknown" or error.sw not in _WRONG_STRUCTURE:
                raise
        records = self._records(info)  # nothing was said of the file, but it has records
        length, count = max(map(len, records), default=0), len(records)
        return FileInfo("linear_fixed", record_length=length, record_count=count), records

    def read_transparent(self, path: str) -> bytes:
        """The content of a transparent file.

        Raises:
            as `select`; ApduProtocolError: the file has records.
        """
        info = self.select(path)
        if info.has_records:
            raise ApduProtocolError(f"{path} has records")
        return self._binary(info)

    def read_records(self, path: str) -> tuple[bytes, ...]:
        """All records of a file, in order.

        Raises:
            as `select`; ApduProtocolError: the file has no records.
        """
        info = self.select(path)
        if info.structure == "transparent":
            raise ApduProtocolError(f"{path} has no records")
        return self._records(info)

    def read_record(self, path: str, number: int, length: int) -> bytes:
        """One record, from 1, of `length` bytes; the file stays selected.

        Raises:
            as `select`.
        """
        self.select(path)
        answer = self._send(read_record(number, length, self.cla))
        return _some(checked(answer, "READ RECORD"), "READ RECORD")

    def leave(self) -> None:
        """Select what a modem works in: the active application, or DF.GSM of a SIM.

        On the basic channel of AT+CSIM the modem has its own session. It names the path of the
        files that it reads, but AUTHENTICATE and RUN GSM ALGORITHM act in the current directory
        (TS 31.102 clause 7.1.1, TS 51.011 clause 8.16, unread): a card left in the MF would refuse
        them. What was selected before us cannot be asked for, so this is as good as it gets.

        Raises:
            ReaderError, ApduProtocolError: no answer, or none that is one.
        """
        if self._cla is None:
            return
        if self._cla != CLA_GSM and is_success(
            self._send(select_by_fid(CURRENT_APPLICATION, self._cla)).sw
        ):
            return
        for fid in (MF_FID, _fid("DF.GSM", (MF,))):
            self._send(select_by_fid(fid, self._cla))
        self._here = ()

    # Selecting

    def _find_class(self) -> int:
        """Select the MF with class 00, then with A0; the card stands in the MF afterwards."""
        response = self._send(select_by_fid(MF_FID, CLA_UICC | self._channel))
        if is_class_refused(response.sw) and not self._channel:
            answer = self._run(select_by_fid(MF_FID, CLA_GSM))
            self._cla = CLA_GSM
        else:
            answer = checked(response, "SELECT MF")
            self._cla = CLA_UICC | self._channel
        self.root = self._info(answer)
        self._here = (MF,)
        return self._cla

    def _enter(self, directories: tuple[str, ...]) -> None:
        """Make `directories` the current one, by as few SELECTs as are safe."""
        if self._cla is None:
            self._find_class()
        keep = len(self._here) if directories[: len(self._here)] == self._here else 0
        for depth in range(keep, len(directories)):
            self._here = directories[:depth]  # a refused SELECT leaves the card there
            self._select_step(directories[depth])
            self._here = directories[: depth + 1]

    def _select_step(self, step: str) -> bytes:
        if _is_application(step):
            return self._select_application(step)
        return self._run(select_by_fid(_fid(step, self._here), self.cla))

    def _select_application(self, step: str) -> bytes:
        prefix = APPLICATIONS.get(step) or bytes.fromhex(step)
        listed = next((a.aid for a in self.applications() if a.aid.startswith(prefix)), prefix)
        current = self._select_current_application()
        if current and _names(current, prefix):
            return current
        try:
            return self._run(select_by_aid(listed, self.cla))
        except StatusWordError:
            # A way through the modem may not select by AID; the modem's own application is the
            # USIM, and what could not be told above is taken for it.
            if step == "ADF.USIM" and current == b"":
                return current
            self._here = ()  # the card may stand in the other application
            raise

    def _select_current_application(self) -> bytes | None:
        """What SELECT 7FFF answers; None where there is no active application.

        Selecting by AID starts an application anew, under the modem that may be using it. 7FFF
        takes the one that is active and changes nothing.
        """
        if self.cla == CLA_GSM:
            return None
        response = self._send(select_by_fid(CURRENT_APPLICATION, self.cla))
        return response.data if is_success(response.sw) else None

    def _read_applications(self) -> tuple[Application, ...]:
        if self._cla is None:
            self._find_class()  # a card that refuses this is none; one without EF.DIR is old
        try:
            self._listing = self.read(_DIR)
        except (StatusWordError, ApduProtocolError):
            return ()
        found = []
        for record in self._listing[1]:
            try:
                entry = EfDir.decode(record)
            except FileDecodeError:
                continue
            if entry["aid"] is not None:
                found.append(Application(bytes.fromhex(entry["aid"]), entry["label"]))
        return tuple(found)

    def _info(self, answer: bytes) -> FileInfo:
        if not answer:
            return FileInfo("unknown")
        # What is answered decides, not what was asked: cards of the 2G time behind class 00
        # exist, and a modem may translate. A description that cannot be read keeps no file from
        # being read.
        try:
            return parse_fcp(answer) if answer[0] in {0x62, 0x6F} else parse_gsm_select(answer)
        except FileDecodeError:
            return FileInfo("unknown")

    def _run(self, command: CommandApdu) -> bytes:
        return checked(self._send(command), command.text)

    def _send(self, command: CommandApdu) -> ResponseApdu:
        try:
            return exchange(self._transport, command)
        except ReaderError:
            self.forget()  # whatever comes back is another session
            raise

    # Reading what is selected

    def _binary(self, info: FileInfo) -> bytes:
        if info.size is None:
            return self._binary_of_unknown_size()
        content = b""
        while len(content) < info.size:
            wanted = min(_CHUNK, info.size - len(content))
            response = self._send(read_binary(len(content), wanted, self.cla))
            content += _some(checked(response, "READ BINARY"), "READ BINARY")
            if response.sw == 0x6282:  # shorter than SELECT said
                break
        return content[: info.size]

    def _binary_of_unknown_size(self) -> bytes:
        """As much as the card has: Le 00 until less than that comes."""
        content = b""
        while len(content) < _MAX_BINARY:
            response = self._send(read_binary(len(content), 256, self.cla))
            if content and response.sw in _PAST_THE_END:
                break
            content += _some(checked(response, "READ BINARY"), "READ BINARY")
            if response.sw == 0x6282 or len(content) % 256:
                break
        return content

    def _records(self, info: FileInfo) -> tuple[bytes, ...]:
        records: list[bytes] = []
        count = _MAX_RECORDS if info.record_count is None else info.record_count
        length = info.record_length or 256
        for number in range(1, count + 1):
            response = self._send(read_record(number, length, self.cla))
            if info.record_count is None and response.sw in _PAST_THE_END:
                break
            records.append(_some(checked(response, "READ RECORD"), "READ RECORD"))
            length = len(response.data)
        return tuple(records)


def _some(data: bytes, command: str) -> bytes:
    # Seen: READ BINARY with Le 00 answered by a bare 9000. Nothing is not the file's content.
    if not data:
        raise ApduProtocolError(f"{command}: success without data")
    return data


def _names(fcp: bytes, prefix: bytes) -> bool:
    """Whether the FCP is that of the application with this AID."""
    try:
        aid = parse_fcp(fcp).aid
    except FileDecodeError:
        return False
    return aid is not None and aid.startswith(prefix)


def _steps(path: str) -> list[str]:
    steps = [MF if step.upper() == f"{MF_FID:04X}" else step for step in path.split("/")]
    return steps if steps[0] == MF else [MF, *steps]


def _is_application(step: str) -> bool:
    return step in APPLICATIONS or _AID.fullmatch(step) is not None


def _fid(step: str, here: tuple[str, ...]) -> int:
    """The identifier of a directory or file by its name, or as it stands.

    Raises:
        UnknownFileError: nobody knows the name, or each card chooses its identifier.
    """
    if step == MF:
        return MF_FID
    if _FID.fullmatch(step):
        return int(step, 16)
    place = named("/".join(here))
    directory = directory_at(f"{place}/{step}")
    if directory is not None:
        return directory.fid
    if step.upper() == "EF.ARR" and place not in {"", MF}:
        return ARR_OF_A_DIRECTORY
    fid = identifier_in(place, step) or find_file(step).fid
    if fid is None:
        raise UnknownFileError(step)
    return fid


def named(path: str) -> str:
    """`path` with the AIDs of applications that simward knows turned into their names."""
    return "/".join(_application_name(step) for step in path.split("/"))


def _application_name(step: str) -> str:
    if _AID.fullmatch(step):
        aid = bytes.fromhex(step)
        for name, prefix in APPLICATIONS.items():
            if aid.startswith(prefix):
                return name
    return step
