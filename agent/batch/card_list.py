"""A list of cards as it stands in a file: its rows, and what is odd about the file."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent.batch.bounds import MOST_ROWS, TOO_MUCH, read_bounded
from agent.batch.cells import Cell, Line, Range, Sheet, column_name
from agent.batch.csv_file import CsvSheet
from agent.batch.headings import FIELDS, HEADING_ROWS, ICCID, Headings, find_headings
from agent.batch.xlsx import Workbook
from agent.errors import ListError
from agent.i18n import mark, t

Json = dict[str, Any]

_OLD_EXCEL: Final = mark(
    "{file}: an old Excel workbook (.xls) or one with a password; save it as .xlsx without one"
)
_NO_HEADING: Final = mark(
    "{file}: no heading with ICCID in the first {rows} rows of any sheet;"
    " one row must name the columns (ICCID 卡号, IMSI, MSISDN 接入号, IMEI, 订单 order_id)"
)
_TWICE: Final = mark("{file}{sheet}: row {row}: columns {columns} all say ICCID; keep one of them")
_NO_ROWS: Final = mark("{file}: no card below the heading in row {row}")


class Record(NamedTuple):
    """One row of a list: `cells` by field, as far as they are not empty."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]
    covered: frozenset[str] = frozenset()
    """Fields whose cell is a part of a merged one that begins elsewhere."""


class Note(NamedTuple):
    """Something about the file that a reader should know: a code, where, how many times."""

    code: str
    sheet: str
    times: int
    rows: tuple[int, ...] = ()
    text: str = ""


class Layout(NamedTuple):
    """Where a sheet has what: the row of its headings, and field: (column, heading)."""

    row: int
    columns: Mapping[str, tuple[int, str]]


class CardList(NamedTuple):
    """All rows of a file. `source` says how it was read; `layouts` is by sheet."""

    source: Json
    records: list[Record]
    layouts: Mapping[str, Layout]
    notes: list[Note]

    def place(self, record: Record, field: str) -> tuple[str, str]:
        """The heading of the column of `field`, and the cell's name (`B7`)."""
        column, heading = self.layouts[record.sheet].columns[field]
        return heading, f"{column_name(column)}{record.row}"


def read_list(path: Path) -> CardList:
    """The list in an XLSX or CSV file; which of both it is, its first bytes say.

    Raises:
        ListError: it cannot be used: the text says what and where.
    """
    content = read_bounded(path)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ListError(_OLD_EXCEL, file=path)
    if content.startswith(b"PK"):
        return _collected(path, Workbook(path, content).sheets, {"format": "xlsx"})
    sheet = CsvSheet(path, content)
    source = {"format": "csv", "encoding": sheet.encoding, "delimiter": sheet.delimiter}
    return _collected(path, (sheet,), source)


def _collected(path: Path, sheets: tuple[Sheet, ...], source: Json) -> CardList:
    found = CardList(source, [], {}, [])
    layouts: dict[str, Layout] = {}
    for sheet in sheets:
        reading = _Reading(path, sheet)
        layout = reading.layout
        if layout is None:
            if reading.has_lines:
                found.notes.append(Note("sheet_without_iccid", sheet.name, 1))
            continue
        layouts[sheet.name] = layout
        found.records.extend(reading.records())
        found.notes.extend(reading.notes())
        if len(found.records) > MOST_ROWS:
            raise ListError(TOO_MUCH, file=path, most=MOST_ROWS, what="rows")
    if not layouts:
        raise ListError(_NO_HEADING, file=path, rows=HEADING_ROWS)
    if not found.records:
        raise ListError(_NO_ROWS, file=path, row=next(iter(layouts.values())).row)
    return found._replace(layouts=layouts)


class _Reading:
    """One sheet on its way into a list."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self._sheet = sheet
        self._lines = iter(sheet.lines())
        first = list(islice(self._lines, HEADING_ROWS))
        self.has_lines = bool(first)
        headings = find_headings(first)
        self.layout: Layout | None = None
        self._ambiguous: list[str] = []
        if headings is not None:
            self.layout = self._checked(path, headings)
            below = (line for line in first if line.number > headings.row)
            self._lines = chain(below, self._lines)
        self._hidden: list[int] = []
        self._again: list[int] = []
        self._covered = 0
        self._empty = 0

    def _checked(self, path: Path, headings: Headings) -> Layout:
        if ICCID in headings.twice:
            names = ", ".join(column_name(column) for column in headings.twice[ICCID])
            sheet = f" [{self._sheet.name}]" if self._sheet.name else ""
            raise ListError(_TWICE, file=path, sheet=sheet, row=headings.row, columns=names)
        self._ambiguous = [field for field in FIELDS if field in headings.twice]
        return Layout(headings.row, headings.columns)

    def records(self) -> list[Record]:
        """The rows below the headings, without empty ones and headings that are repeated."""
        assert self.layout is not None
        found, last = [], self.layout.row
        for line in self._lines:
            if _repeats(line, self.layout):
                self._again.append(line.number)
            else:
                self._empty += max(line.number - last - 1, 0)
                if line.hidden:
                    self._hidden.append(line.number)
                found.append(self._record(line, self.layout))
            last = max(last, line.number)
        # Merged cells stand at the end of a sheet.
        merged = [area for area in self._sheet.merged if area.bottom > self.layout.row]
        return self._with_merged(found, merged) if merged else found

    def _record(self, line: Line, layout: Layout) -> Record:
        cells = {
            field: line.cells[column]
            for field, (column, _) in layout.columns.items()
            if column in line.cells
        }
        return Record(self._sheet.name, line.number, cells)

    def _with_merged(self, records: list[Record], merged: list[Range]) -> list[Record]:
        assert self.layout is not None
        numbers = {record.row for record in records}
        covered: dict[int, set[str]] = {}
        for field, (column, _) in self.layout.columns.items():
            for row in numbers & _covered_rows(merged, column):
                covered.setdefault(row, set()).add(field)
        self._covered = len(covered)
        return [
            record._replace(covered=frozenset(covered[record.row]))
            if record.row in covered
            else record
            for record in records
        ]

    def notes(self) -> Iterator[Note]:
        """What is odd about the sheet; complete when the records are read."""
        assert self.layout is not None
        name = self._sheet.name
        if self._sheet.hidden:
            yield Note("hidden_sheet", name, 1)
        if self._hidden:
            yield Note("hidden_rows", name, len(self._hidden), tuple(self._hidden))
        for area in self._sheet.hidden_columns:
            for field, (column, heading) in self.layout.columns.items():
                if area.left <= column <= area.right and field == ICCID:
                    yield Note("hidden_column", name, 1, (), heading)
        if self._covered:
            yield Note("merged_cells", name, self._covered)
        if self._empty:
            yield Note("empty_rows", name, self._empty)
        if self._again:
            yield Note("headings_again", name, len(self._again), tuple(self._again))
        for field in self._ambiguous:
            yield Note("column_twice", name, 1, (), field)


def _repeats(line: Line, layout: Layout) -> bool:
    """Whether a row only repeats the headings, as at the top of each printed page."""
    column, heading = layout.columns[ICCID]
    return column in line.cells and line.cells[column].text.strip() == heading


def _covered_rows(merged: Sequence[Range], column: int) -> set[int]:
    """Rows whose cell in `column` is a part of a merged one, and not its first."""
    rows = chain.from_iterable(
        range(area.top + (area.left == column), area.bottom + 1)
        for area in merged
        if area.left <= column <= area.right
    )
    # Merged cells do not overlap: more rows than a sheet has only stand in a forged file.
    return set(islice(rows, 2 * MOST_ROWS))


def sheet_text(sheet: str) -> str:
    """How a sheet is named before what is in it; nothing for a file that has none."""
    return t("sheet {name}, ", name=sheet) if sheet else ""
