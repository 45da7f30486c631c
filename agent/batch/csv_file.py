"""Lists as CSV: encoding and delimiter found by what makes sense, never by a guess at the digits.

UTF-8 with or without BOM, GB18030 (what Excel writes on a Chinese Windows), and UTF-16 with its BOM
(Excel's "Unicode text").
"""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from agent.batch.bounds import MOST_COLUMNS, MOST_ROWS, TOO_MUCH
from agent.batch.cells import Cell, Line, Range
from agent.batch.headings import HEADING_ROWS, find_headings
from agent.errors import ListError
from agent.i18n import mark

DELIMITERS: Final = (",", ";", "\t", "|")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NEITHER: Final = mark(
    "{file}: neither UTF-8 (wrong at byte {utf8}) nor GB18030 (wrong at byte {gb18030});"
    " save the list as CSV UTF-8"
)


class CsvSheet:
    """The one sheet of a CSV file; see `agent.batch.cells.Sheet`."""

    name = ""
    hidden = False
    merged: tuple[Range, ...] = ()
    hidden_columns: tuple[Range, ...] = ()

    def __init__(self, path: Path, content: bytes) -> None:
        """Decodes it and finds the delimiter.

        Raises:
            ListError: no text in a known encoding.
        """
        self._path = path
        self.encoding, self._text = _decoded(path, content)
        self.delimiter = self._sniffed()

    def lines(self) -> Iterator[Line]:
        """Its lines that are not empty; a row's number counts empty ones too."""
        yield from self._lines(self.delimiter, strict=True)

    def _lines(self, delimiter: str, *, strict: bool) -> Iterator[Line]:
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=delimiter, strict=strict)
        try:
            for number, fields in enumerate(reader, 1):
                if number > MOST_ROWS:
                    raise ListError(TOO_MUCH, file=self._path, most=MOST_ROWS, what="rows")
                cells = {
                    column: Cell(field)
                    for column, field in enumerate(fields[:MOST_COLUMNS])
                    if field.strip()
                }
                if cells:
                    yield Line(number, cells)
        except csv.Error as error:
            raise ListError(
                "{file}: line {line}: {reason}",
                file=self._path,
                line=reader.line_num,
                reason=str(error),
            ) from error

    def _sniffed(self) -> str:
        """The delimiter that makes the most headings known; the first where none does."""

        def known(delimiter: str) -> int:
            lines = islice(self._lines(delimiter, strict=False), HEADING_ROWS)
            try:
                found = find_headings(lines)
            except ListError:
                return 0
            if found is None:
                return 0
            return len(found.columns) + sum(len(columns) for columns in found.twice.values())

        return max(DELIMITERS, key=known)


def _decoded(path: Path, content: bytes) -> tuple[str, str]:
    """The encoding, and the text in it."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _checked(path, encoding, _decode(path, content, encoding))
    if b"\x00" in content:
        raise _nul(path, content.count(b"\n", 0, content.index(b"\x00")) + 1)
    wrong = {}
    for encoding in ("utf-8", "gb18030"):
        try:
            return _checked(path, encoding, content.decode(encoding))
        except UnicodeDecodeError as error:
            wrong[encoding.replace("-", "")] = error.start
    raise ListError(_NEITHER, file=path, **wrong)


def _decode(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ListError(
            "{file}: not {encoding}, as its first bytes say: wrong at byte {place}",
            file=path,
            encoding=encoding.removesuffix("-sig"),
            place=error.start,
        ) from error


def _checked(path: Path, encoding: str, text: str) -> tuple[str, str]:
    if "\x00" in text:
        raise _nul(path, text.count("\n", 0, text.index("\x00")) + 1)
    return encoding, text


def _nul(path: Path, line: int) -> ListError:
    return ListError("{file}: line {line}: a NUL byte; this is no CSV file", file=path, line=line)
