"""Workbooks (XLSX), read for what they store rather than for what they show.

A reader of our own, on the standard library's zipfile and expat: a number must be seen as the
spreadsheet wrote it (`8.9860012345678897E+19`), and hidden rows, merged cells, formulas and their
last results must be seen together, in bounded memory.

Source: ECMA-376 part 1 (unread); files of Excel, LibreOffice and openpyxl.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from agent.batch.bounds import (
    DAMAGED,
    MIB,
    MOST_CELL_CHARACTERS,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_SHEETS,
    MOST_UNPACKED_BYTES,
    TOO_MUCH,
)
from agent.batch.cells import ERROR, NUMBER, TEXT, Cell, Line, Range, cell_place
from agent.batch.xml_stream import XmlError, XmlHandler, parse_chunks
from agent.errors import ListError
from agent.i18n import mark

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)
NOT_A_WORKBOOK: Final = mark("{file}: a ZIP file, but no XLSX workbook; save the list as .xlsx")


class Workbook:
    """The sheets of a workbook in their order."""

    def __init__(self, path: Path, content: bytes) -> None:
        """Opens it; sheets are read when their lines are asked for.

        Raises:
            ListError: no workbook, a damaged one, or one beyond the bounds.
        """
        self._package = _Package(path, content)
        main = self._package.related("", "/officeDocument")
        if not main:
            raise ListError(NOT_A_WORKBOOK, file=path)
        sheets = _Sheets()
        self._package.parse(main[0], sheets)
        if len(sheets.found) > MOST_SHEETS:
            raise ListError(TOO_MUCH, file=path, most=MOST_SHEETS, what="sheets")
        targets = self._package.targets(main[0], "/worksheet")
        texts = _SharedTexts(self._package)
        for part in self._package.related(main[0], "/sharedStrings"):
            self._package.parse(part, texts)
        self.sheets = tuple(
            XlsxSheet(self._package, name, targets[key], texts.texts, hidden=hidden)
            for name, key, hidden in sheets.found
            if key in targets  # what is left are charts
        )


class XlsxSheet:
    """One sheet; see `agent.batch.cells.Sheet`."""

    def __init__(
        self, package: "_Package", name: str, part: str, texts: list[str], *, hidden: bool
    ) -> None:
        self.name = name
        self.hidden = hidden
        self.merged: list[Range] = []
        self.hidden_columns: list[Range] = []
        self._package = package
        self._part = part
        self._texts = texts

    def lines(self) -> Iterator[Line]:
        """Its lines; `merged` and `hidden_columns` are filled on the way."""
        rows = _Rows(self, self._texts, self._package)
        for _ in self._package.parsing(self._part, rows):
            yield from rows.done
            rows.done.clear()


class _Package:
    """The parts in the ZIP file, unpacked within bounds."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path = path
        self.cells = 0
        self._unpacked = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN as error:
            raise ListError(DAMAGED, file=path, part="ZIP", reason=str(error)) from error
        names = self._zip.namelist()
        if len(names) > MOST_PARTS:
            raise self.too_much(MOST_PARTS, "files in the ZIP file")
        self._names = {name.lower(): name for name in names}

    def too_much(self, most: int, what: str) -> ListError:
        return ListError(TOO_MUCH, file=self.path, most=most, what=what)

    def damaged(self, part: str, reason: str) -> ListError:
        return ListError(DAMAGED, file=self.path, part=part, reason=reason)

    def targets(self, part: str, kind: str) -> dict[str, str]:
        """Id and part of all parts that `part` refers to as `kind`, the end of a type's name."""
        folder, name = posixpath.split(part)
        place = posixpath.join(folder, "_rels", f"{name}.rels")
        if place.lower() not in self._names:
            return {}
        links = _Links()
        self.parse(place, links)
        return {
            key: posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            for key, type_, target in links.found
            if type_.endswith(kind)
        }

    def related(self, part: str, kind: str) -> list[str]:
        return list(self.targets(part, kind).values())

    def parse(self, part: str, handler: XmlHandler) -> None:
        for _ in self.parsing(part, handler):
            pass

    def parsing(self, part: str, handler: XmlHandler) -> Iterator[None]:
        name = self._names.get(part.lower())
        if name is None:
            raise self.damaged(part, "missing")
        try:
            with self._zip.open(name) as packed:
                yield from parse_chunks(_Counted(packed, self), handler)  # type: ignore[arg-type]
        except ListError:
            raise
        except XmlError as error:
            raise self.damaged(part, str(error)) from None
        except _BROKEN as error:
            raise self.damaged(part, str(error)) from error

    def count_bytes(self, number: int) -> None:
        self._unpacked += number
        if self._unpacked > MOST_UNPACKED_BYTES:
            raise self.too_much(MOST_UNPACKED_BYTES // MIB, "MiB")


class _Counted:
    """A stream that counts what is read of it."""

    def __init__(self, inner: "BinaryIO | zipfile.ZipExtFile", package: _Package) -> None:
        self._inner = inner
        self._package = package

    def read(self, size: int) -> bytes:
        chunk = self._inner.read(size)
        self._package.count_bytes(len(chunk))
        return chunk


class _Links(XmlHandler):
    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            keys = ("Id", "Type", "Target")
            identity, kind, target = (attributes.get(key, "") for key in keys)
            self.found.append((identity, kind, target))


class _Sheets(XmlHandler):
    def __init__(self) -> None:
        self.found: list[tuple[str, str, bool]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            self.found.append((attributes.get("name", ""), attributes.get("id", ""), hidden))


class _Text(XmlHandler):
    """Collects the text of `<t>` elements, without readings for pronunciation (`<rPh>`)."""

    def __init__(self, package: _Package) -> None:
        self.package = package
        self.pieces: list[str] = []
        self._length = 0
        self._wanted = False
        self._aside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - the handler's shape
        if name == "rPh":
            self._aside = True
        elif name in {"t", "v"}:
            self._wanted = not self._aside

    def end(self, name: str) -> None:
        if name == "rPh":
            self._aside = False
        elif name in {"t", "v"}:
            self._wanted = False

    def text(self, text: str) -> None:
        if self._wanted:
            self._length += len(text)
            if self._length > MOST_CELL_CHARACTERS:
                raise self.package.too_much(MOST_CELL_CHARACTERS, "characters in a cell")
            self.pieces.append(text)

    def taken(self) -> str:
        text = "".join(self.pieces)
        self.pieces.clear()
        self._length = 0
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _SharedTexts(_Text):
    """The texts that cells refer to by number."""

    def __init__(self, package: _Package) -> None:
        super().__init__(package)
        self.texts: list[str] = []

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            if len(self.texts) >= MOST_CELLS:
                raise self.package.too_much(MOST_CELLS, "cells")
            self.texts.append(self.taken())


class _Rows(_Text):
    """Rows of a sheet, put together cell by cell."""

    def __init__(self, sheet: XlsxSheet, texts: list[str], package: _Package) -> None:
        super().__init__(package)
        self.done: list[Line] = []
        self._sheet = sheet
        self._texts = texts
        self._line = Line(0, {})
        self._column = -1
        self._kind = ""
        self._formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(attributes)
        elif name == "mergeCell":
            self._sheet.merged += self._range(attributes.get("ref", ""))
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            first, last = (self._number(attributes.get(key, "")) for key in ("min", "max"))
            self._sheet.hidden_columns.append(Range(1, first - 1, MOST_ROWS, last - 1))

    def end(self, name: str) -> None:
        super().end(name)
        if name == "c":
            self._end_cell()
        elif name == "row" and self._line.cells:
            self.done.append(self._line)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        number = self._line.number + 1 if given is None else self._number(given)
        hidden = attributes.get("hidden") in {"1", "true"}
        self._line = Line(number, {}, hidden)
        self._column = -1

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self.package.cells += 1
        if self.package.cells > MOST_CELLS:
            raise self.package.too_much(MOST_CELLS, "cells")
        place = cell_place(attributes["r"]) if "r" in attributes else (0, self._column + 1)
        if place is None:
            raise XmlError(f"cell {attributes['r'][:20]!r}")
        self._column = place[1]
        self._kind = attributes.get("t", "n")
        self._formula = False

    def _end_cell(self) -> None:
        text = self.taken()
        if self._kind == "s" and text:
            text = self._shared(text)
        kind = {"n": NUMBER, "e": ERROR}.get(self._kind, TEXT)
        if (text.strip() or self._formula) and self._column < MOST_COLUMNS:
            self._line.cells[self._column] = Cell(text, kind if text else TEXT, self._formula)

    def _shared(self, text: str) -> str:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1
        if not 0 <= number < len(self._texts):
            raise XmlError(f"there is no shared text {text[:20]}")
        return self._texts[number]

    def _range(self, reference: str) -> list[Range]:
        """The rectangle of `A1:C3`; nothing for what is none: it only explains empty cells."""
        first, _, last = reference.partition(":")
        ends = cell_place(first), cell_place(last)
        if ends[0] is None or ends[1] is None or len(self._sheet.merged) >= MOST_ROWS:
            return []
        return [Range(*ends[0], *ends[1])]

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 7):
            raise XmlError(f"row or column {text[:20]!r}")
        return int(text)
