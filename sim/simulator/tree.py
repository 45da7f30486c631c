"""The simulated card's file system: directories, applications and files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MF_FID = 0x3F00


@dataclass
class SimulatedFile:
    """One EF; `content` of a transparent file, `records` of the others.

    `read` and `update` say who may, in the words of `sim.simulator.access`. `fcp` is what SELECT
    answers, where a real card's answer is at hand. `sfi` is None where it has no short identifier.
    """

    fid: int
    structure: str = "transparent"
    content: bytes = b""
    records: list[bytes] = field(default_factory=list)
    read: str = "always"
    update: str = "never"
    fcp: bytes | None = None
    sfi: int | None = None
    deactivated: bool = False
    parent: SimulatedDirectory | None = field(default=None, repr=False)
    arr: int = 0x2F06
    rule: int = 1
    """The file and record of access rules that its FCP names, where it has none of its own."""

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.content) or sum(len(record) for record in self.records)

    @property
    def record_length(self) -> int:
        """Bytes of one record."""
        return len(self.records[0]) if self.records else 0


@dataclass
class SimulatedDirectory:
    """A DF, an ADF (then with `aid`) or the MF."""

    fid: int
    aid: bytes = b""
    parent: SimulatedDirectory | None = None
    directories: list[SimulatedDirectory] = field(default_factory=list)
    files: list[SimulatedFile] = field(default_factory=list)
    fcp: bytes | None = None

    def file(self, fid: int) -> SimulatedFile | None:
        """The EF with this identifier right below."""
        return next((f for f in self.files if f.fid == fid), None)

    def directory(self, fid: int) -> SimulatedDirectory | None:
        """The DF with this identifier right below."""
        return next((d for d in self.directories if d.fid == fid and not d.aid), None)

    @property
    def application(self) -> SimulatedDirectory | None:
        """The ADF that this directory belongs to."""
        if self.aid:
            return self
        return self.parent.application if self.parent else None

    @property
    def places(self) -> Iterator[SimulatedDirectory]:
        """Itself, its parent, and so on up to the MF."""
        here: SimulatedDirectory | None = self
        while here is not None:
            yield here
            here = here.parent


@dataclass
class FileTree:
    """The MF and the applications beside it."""

    mf: SimulatedDirectory = field(default_factory=lambda: SimulatedDirectory(MF_FID))
    applications: list[SimulatedDirectory] = field(default_factory=list)

    def application(
        self, aid: bytes, after: SimulatedDirectory | None = None
    ) -> SimulatedDirectory | None:
        """The first application whose AID begins with `aid`, or the next one `after` another."""
        fitting = [each for each in self.applications if aid and each.aid.startswith(aid)]
        if after in fitting:
            fitting = fitting[fitting.index(after) + 1 :]
        return next(iter(fitting), None)

    def every_file(self) -> Iterator[tuple[SimulatedDirectory, SimulatedFile]]:
        """All EFs, each with the directory it is in."""
        waiting = [self.mf, *self.applications]
        while waiting:
            directory = waiting.pop(0)
            waiting += directory.directories
            for file in directory.files:
                yield directory, file

    def make_directory(self, path: list[str]) -> SimulatedDirectory:
        """The directory of `path` (hexadecimal FIDs or AIDs below the MF), made where missing."""
        here = self.mf
        for step in path:
            here = self._child(here, step)
        return here

    def _child(self, parent: SimulatedDirectory, step: str) -> SimulatedDirectory:
        if len(step) > 4:
            aid = bytes.fromhex(step)
            found = self.application(aid)
            if found is None:
                found = SimulatedDirectory(0x7FFF, aid, self.mf)
                self.applications.append(found)
            return found
        fid = int(step, 16)
        child = parent.directory(fid)
        if child is None:
            child = SimulatedDirectory(fid, parent=parent)
            parent.directories.append(child)
        return child

    def resolve(
        self, here: SimulatedDirectory, fid: int
    ) -> SimulatedDirectory | SimulatedFile | None:
        """What SELECT by `fid` finds from `here` (ETSI TS 102 221 clause 8.4.1, unread)."""
        if fid == MF_FID:
            return self.mf
        if fid == here.fid:
            return here
        parent = here.parent
        near = [here.file(fid), here.directory(fid)]
        if parent is not None:
            near += [parent if parent.fid == fid else None, parent.directory(fid)]
        return next((found for found in near if found is not None), None)
