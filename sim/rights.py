"""What a file asks of who wants to read or change it, resolved through the card's EF.ARR."""

from typing import TypedDict

from sim.access import Condition, Rule, condition_for, expanded_rules
from sim.errors import ApduProtocolError, FileDecodeError, StatusWordError
from sim.fcp import ARR_OF_A_DIRECTORY, FileInfo
from sim.files.directories import MF
from sim.filesystem import CardFilesystem


class Access(TypedDict, total=False):
    """The conditions of `sim.access`; `increase` for cyclic files alone."""

    read: Condition
    update: Condition
    increase: Condition


class AccessRights:
    """The rules of one card; each EF.ARR is read once, when a file first refers to it."""

    def __init__(self, filesystem: CardFilesystem) -> None:
        self._filesystem = filesystem
        self._records: dict[tuple[str, int], tuple[bytes, ...]] = {}

    def of(self, path: str, info: FileInfo | None) -> Access | None:
        """Who may read and update the file of `path`; None where the card does not say.

        Raises:
            ReaderError: no answer.
        """
        rules = None if info is None else self._rules(path, info)
        if rules is None:
            return None
        found: Access = {
            "read": condition_for(rules, "read"),
            "update": condition_for(rules, "update"),
        }
        if info is not None and info.structure == "cyclic":
            found["increase"] = condition_for(rules, "increase")
        return found

    def keep(self, path: str, fid: int, records: tuple[bytes, ...]) -> None:
        """Take the records of an EF.ARR that was read anyway."""
        self._records[path.rpartition("/")[0], fid] = records

    def _rules(self, path: str, info: FileInfo) -> list[Rule] | None:
        if info.rules is not None:
            return list(info.rules)
        if info.access is None:
            return None
        fid, number = info.access
        for directory in _places(path, fid):
            records = self._read(directory, fid)
            if records:
                return _decoded(records, number)
        return None

    def _read(self, directory: str, fid: int) -> tuple[bytes, ...]:
        if (directory, fid) not in self._records:
            self._records[directory, fid] = self._contents(f"{directory}/{fid:04X}")
        return self._records[directory, fid]

    def _contents(self, path: str) -> tuple[bytes, ...]:
        try:
            info, records = self._filesystem.read(path)
        except (StatusWordError, ApduProtocolError):
            return ()
        return records if info.has_records else ()


def _places(path: str, fid: int) -> list[str]:
    """Where the EF.ARR of a file may be: the MF has its own under 2F06, the others under 6F06."""
    if fid != ARR_OF_A_DIRECTORY:
        return [MF]
    steps = path.split("/")[:-1]
    return ["/".join(steps[:depth]) for depth in range(len(steps), 1, -1)]


def _decoded(records: tuple[bytes, ...], number: int) -> list[Rule] | None:
    if not 1 <= number <= len(records):
        return None
    try:
        return expanded_rules(records[number - 1], "EF.ARR")
    except FileDecodeError:
        return None
