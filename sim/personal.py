"""What on a card is somebody's: phone book, messages and call lists, record by record.

Also what makes sense of them: EF.PBR says which files belong to which phone book. It is kept with
the rest in a backup and cleared by nobody.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.access import Condition
from sim.card_snapshot import CardSnapshot, FileReading
from sim.errors import FileDecodeError
from sim.files.base import is_blank
from sim.files.directories import GSM, TELECOM, USIM
from sim.files.registry import AnyFile, KnownFile
from sim.files.ts_31_102_calls import EfIci, EfOci
from sim.files.ts_31_102_phonebook import EfPbr
from sim.files.ts_102_221 import EfIccid

PHONEBOOK, DIALLING, MESSAGES, CALLS, FORWARDING = (
    "phonebook",
    "dialling",
    "messages",
    "calls",
    "forwarding",
)
KINDS = (PHONEBOOK, DIALLING, MESSAGES, CALLS, FORWARDING)
STRUCTURE = "structure"
ANOTHER_APPLICATION = "another application than the modem's"

_KIND_OF = {
    **dict.fromkeys(("EF.ADN", "EF.ANR", "EF.SNE", "EF.AAS", "EF.GAS", "EF.EMAIL"), PHONEBOOK),
    **dict.fromkeys(("EF.PURI", "EF.GRP", "EF.PBC", "EF.UID", "EF.IAP", "EF.EXT1"), PHONEBOOK),
    "EF.ICE_DN": PHONEBOOK,
    **dict.fromkeys(("EF.FDN", "EF.EXT2", "EF.BDN", "EF.EXT4"), DIALLING),
    **dict.fromkeys(("EF.FDNURI", "EF.BDNURI"), DIALLING),
    **dict.fromkeys(("EF.SMS", "EF.SMSR", "EF.MMSN", "EF.EXT8"), MESSAGES),
    **dict.fromkeys(("EF.LND", "EF.ICI", "EF.OCI", "EF.EXT5"), CALLS),
    **dict.fromkeys(("EF.CFIS", "EF.EXT7"), FORWARDING),
    EfPbr.name: STRUCTURE,
}
# One entry each: what a person would count. The other files hold what belongs to these.
_COUNTED = frozenset(
    {"EF.ADN", "EF.ICE_DN", "EF.FDN", "EF.BDN", "EF.SMS", "EF.MMSN", "EF.LND", "EF.ICI", "EF.OCI"}
    | {"EF.CFIS", "EF.FDNURI", "EF.BDNURI"}
)
_ZERO_WHEN_FREE = frozenset({"EF.GRP", "EF.UID", "EF.PBC"})
# A first byte 00 says that the record is free (TS 31.102 clauses 4.2.25, 4.2.32, 4.4.2.4, unread).
_MARKED_FREE = frozenset({"EF.SMS", "EF.SMSR"}) | {f"EF.EXT{n}" for n in (1, 2, 4, 5, 7, 8)}
_CALL_LOGS: dict[str, AnyFile] = {EfIci.name: EfIci, EfOci.name: EfOci}
_HOMES = (f"{USIM}/", f"{TELECOM}/", f"{GSM}/")


class PersonalFile(NamedTuple):
    """A file of a person's data: its used records by number, and what changing it asks for.

    `absent` is why it could not be read; a file that is not on the card is not there at all.
    """

    path: str
    file: str
    kind: str
    structure: str
    record_length: int
    record_count: int
    records: Mapping[int, bytes]
    update: Condition | None = None
    absent: str | None = None

    @property
    def why_not_clearable(self) -> str | None:
        """Why nothing of it is cleared; None where nothing speaks against it."""
        if self.kind == STRUCTURE:
            return STRUCTURE
        return None if self.path.startswith(_HOMES) else ANOTHER_APPLICATION

    @property
    def counted(self) -> int:
        """How many entries it holds, by a person's count."""
        if self.file not in _COUNTED:
            return 0
        return sum(not is_remains(self.file, raw) for raw in self.records.values())

    @property
    def remains(self) -> int:
        """How many messages were deleted, and can be read all the same."""
        return sum(is_remains(self.file, raw) for raw in self.records.values())

    def to_json(self) -> dict[str, Any]:
        """As a document has it; contents in hexadecimal."""
        return {
            **self._asdict(),
            "records": {str(n): raw.hex().upper() for n, raw in sorted(self.records.items())},
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "PersonalFile":
        """Back from a document.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        records = {int(n): bytes.fromhex(raw) for n, raw in document["records"].items()}
        return cls(**{**{name: document[name] for name in cls._fields}, "records": records})


def is_wanted(file: AnyFile | KnownFile) -> bool:
    """Whether a walk over the card that is after personal data reads this file."""
    return file.name in _KIND_OF or file.name == EfIccid.name


def kind_of(name: str) -> str | None:
    """The kind of a file by its name; None where it holds nothing of a person's."""
    return _KIND_OF.get(name)


def free(name: str, length: int) -> bytes:
    """What a record of this file holds that nobody uses."""
    if name in _ZERO_WHEN_FREE:
        return bytes(length)
    head = b"\x00" if name in _MARKED_FREE else b"\xff"
    return head.ljust(length, b"\xff")


def is_free(name: str, record: bytes) -> bool:
    """Whether there is nothing of anybody in the record, not even remains."""
    if is_blank(record) or record == free(name, len(record)):
        return True
    log = _CALL_LOGS.get(name)
    if log is None:
        return False
    try:
        return bool(log.decode(record)["empty"])
    except FileDecodeError:
        return False


def is_remains(name: str, record: bytes) -> bool:
    """Whether this is a message that was deleted by its status alone: its text is still there."""
    return name == "EF.SMS" and not record[0] & 1 and not is_free(name, record)


def personal_files(card: CardSnapshot) -> tuple[PersonalFile, ...]:
    """The files of a card that hold what is somebody's, or would."""
    return tuple(found for reading in card.files if (found := _personal(reading)) is not None)


def _personal(reading: FileReading) -> PersonalFile | None:
    kind = _KIND_OF.get(reading.file)
    info = reading.info
    if kind is None or (info is None and reading.sw is not None):
        return None  # not on the card
    records = {
        part.record: part.raw
        for part in reading.parts
        if part.record is not None and not is_free(reading.file, part.raw)
    }
    length = max(map(len, records.values()), default=0)
    return PersonalFile(
        reading.path,
        reading.file,
        kind,
        info.structure if info else "unknown",
        (info.record_length if info else None) or length,
        (info.record_count if info else None) or max(records, default=0),
        records,
        reading.access["update"] if reading.access else None,
        reading.absent,
    )
