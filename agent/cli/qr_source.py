"""Evidence out of the texts of QR codes, as scanners and messengers write them into files."""

import codecs
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.cli.evidence_source import Found, Left
from cloud_bridge.errors import MessageError
from cloud_bridge.qr_text import DAMAGED, Assembly, found

if TYPE_CHECKING:
    from cloud_bridge.backend.part_shelf import PartShelf

WAY: Final = "qr"
_MAYBE: Final = re.compile(rb"S\s*W\s*E\s*1\s*:", re.IGNORECASE)


class Incomplete(NamedTuple):
    """A document of which parts are missing."""

    file: str
    document: str
    total: int
    missing: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """As `simward backend import --json` has it."""
        return self._asdict()


class _Set(NamedTuple):
    """The parts of one document, cut one way; `file` held the first of them."""

    file: str
    assembly: Assembly


class QrTexts:
    """Files with texts of QR codes, in any order, of any documents."""

    def __init__(self) -> None:
        self._sets: dict[tuple[str, int], _Set] = {}
        self._refused: dict[tuple[str, int], MessageError] = {}
        self._damaged: list[Left] = []
        self.incomplete: tuple[Incomplete, ...] = ()
        """What is still to be scanned, once `put_together` has run."""

    def takes(self, file: str, raw: bytes) -> bool:
        """Whether it holds parts, be they damaged."""
        text = _text(raw)
        inside = None if text is None else found(text)
        if inside is None or not (inside.parts or inside.damaged):
            return False
        for part in inside.parts:
            key = (part.document, part.total)
            try:
                self._sets.setdefault(key, _Set(file, Assembly(part))).assembly.add(part)
            except MessageError as error:
                self._refused[key] = error
        if inside.damaged:
            self._damaged.append(Left(file, DAMAGED, named=True))
        return True

    def documents(self) -> Iterable[Found]:
        """None before the parts that are kept have been looked at: `put_together`."""
        return ()

    def missing(self) -> Iterable[Left]:
        """As `documents`."""
        return ()

    def put_together(self, shelf: "PartShelf", now: str) -> tuple[list[Found], list[Left]]:
        """With the parts that are kept from before: whole documents, and what is left of others.

        Parts of a document that is not whole are kept. Where parts do not fit together one of them
        is not what was printed, and nobody knows which: none is kept.
        """
        whole: list[Found] = []
        left: list[Left] = []
        incomplete: list[Incomplete] = []
        for (document, total), (file, assembly) in self._sets.items():
            try:
                self._complete(assembly, shelf)
                if assembly.missing:
                    shelf.keep(document, total, assembly.held(), now)
                    incomplete.append(Incomplete(file, document, total, assembly.missing))
                    continue
                whole.append(Found(file, len(whole) + 1, assembly.raw(), WAY))
            except MessageError as error:
                left.append(Left(f"{file}: {document}", error.reason, named=True))
            shelf.drop(document)
        self.incomplete = tuple(incomplete)
        # What was scanned once more and is whole needs no complaint about the first time.
        return whole, left if whole and not incomplete else [*left, *self._damaged]

    def _complete(self, assembly: Assembly, shelf: "PartShelf") -> None:
        """With what is kept of it.

        Raises:
            MessageError: of two parts of one number one is not what was printed.
        """
        key = (assembly.document, assembly.total)
        if key in self._refused:
            raise self._refused[key]
        for text in shelf.kept(*key):
            assembly.add(found(text).parts[0])


def _text(raw: bytes) -> str | None:
    """The text of a file; None where it can hold no part.

    What holds NUL is no text: a backend's database may hold parts, and is nobody's scan.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw or not _MAYBE.search(raw):
        return None
    return raw.decode("utf-8", errors="replace")
