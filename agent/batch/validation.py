"""A list of cards judged row by row: which rows are good, and what is wrong with the others. Pure.

Nothing is repaired: blanks, full-width digits and marks are notation and are left out (and said);
a digit is never made up.
"""

from collections import Counter
from typing import Any, Final, NamedTuple

from agent.batch.card_list import CardList, Note, Record, sheet_text
from agent.batch.cells import Cell
from agent.batch.headings import ICCID, IMEI, IMSI, MSISDN, ORDER
from agent.batch.numbers import (
    BLANKS,
    CHECKSUM,
    DUPLICATE,
    FILLER,
    FULL_WIDTH,
    IS_IMEI,
    LENGTH,
    LOST,
    MISSING,
    TEXT_MARK,
    ZEROS,
    Verdict,
    imei_trouble,
    imsi_trouble,
    judge,
    lost_by_rounding,
    number_text,
)
from agent.i18n import in_both, mark, t
from sim.numbering import carrier_of_iccid

Json = dict[str, Any]

CODES: Final = (LENGTH, CHECKSUM, IS_IMEI, LOST, DUPLICATE, MISSING)
FORMULA_SIGNS: Final = frozenset("=+-@\t\r＝＋－＠")
"""A text that begins with one of these is a formula to some spreadsheet (OWASP, CSV injection)."""
UNKNOWN_CARRIER: Final = "unknown_carrier"
_SEEN = mark("the same ICCID stands in {sheet}row {row} already")
_COVERED = mark("no ICCID in this row: its cell is part of a merged one; split the merged cells")
_CARRIER = mark("no carrier is known by the prefix {prefix}; the issuer can tell whose card it is")
_MOST_VALUE: Final = 100
_MOST_ROWS_NAMED: Final = 20

NOTES: Final = {
    "hidden_sheet": mark("a hidden sheet; its cards count like all others"),
    "hidden_rows": mark("hidden rows: {count}; their cards count like all others"),
    "hidden_column": mark("the column {what} is hidden"),
    "merged_cells": mark("rows with cells that are part of merged ones: {count}"),
    "empty_rows": mark("empty rows, passed over: {count}"),
    "headings_again": mark("rows that repeat the headings, passed over: {count}"),
    "column_twice": mark("several columns say {what}; none of them is read"),
    "sheet_without_iccid": mark("no heading with ICCID; the sheet is not read"),
    "formulas": mark("formulas, judged by what the spreadsheet last computed: {count}"),
    FULL_WIDTH: mark("ICCIDs with full-width characters, read as ordinary ones: {count}"),
    BLANKS: mark("ICCIDs with blanks in them, read without: {count}"),
    TEXT_MARK: mark('ICCIDs with a mark for text (\' or ="..."), read without: {count}'),
    FILLER: mark("ICCIDs with the filler F at the end, read without: {count}"),
    "imei_doubtful": mark("IMEIs with a wrong length or check digit: {count}"),
    "imsi_doubtful": mark("IMSIs that are not 15 digits: {count}"),
    "digits_lost": mark("numbers in column {what} that lost digits in a spreadsheet: {count}"),
}


class Finding(NamedTuple):
    """An error or a warning of one row; `why` is a text of the catalogue, `fields` fill it."""

    record: Record
    field: str
    code: str
    why: str
    fields: dict[str, Any]


class Card(NamedTuple):
    """A good row: its numbers as they are used, None where the list has none."""

    record: Record
    iccid: str
    msisdn: str | None
    imsi: str | None
    imei: str | None
    order_id: str | None


class Validation(NamedTuple):
    """What came of a list."""

    source: CardList
    cards: list[Card]
    errors: list[Finding]
    warnings: list[Finding]
    notes: list[Note]


def validate(cards: CardList) -> Validation:
    """Judge all rows."""
    verdicts = [judge(record.cells.get(ICCID)) for record in cards.records]
    spoilt = _spoilt_columns(cards.records, verdicts)
    result = Validation(cards, [], [], [], list(cards.notes))
    remarks = _Remarks()
    seen: dict[str, Record] = {}
    for record, verdict in zip(cards.records, verdicts, strict=True):
        settled = verdict
        if (record.sheet, verdict.rounded) in spoilt:
            settled = lost_by_rounding(verdict.rounded)
        remarks.hear(record, settled)
        _settle(record, settled, seen, result)
    result.notes.extend(remarks.notes(cards))
    return result


def _spoilt_columns(records: list[Record], verdicts: list[Verdict]) -> set[tuple[str, str]]:
    """Sheets in which a number that looks rounded is taken to be, with the way of rounding.

    An ICCID may end in zeros by chance, one in ten thousand. A column that was rounded ends so
    throughout, and one in ten of its numbers has a good check digit, by chance too. So it is taken
    to be rounded where another one, with a wrong check digit, is, or where none is surely whole.
    """
    judged = list(zip(records, verdicts, strict=True))
    rounded = {(record.sheet, each.rounded) for record, each in judged if each.code == LOST}
    whole = {record.sheet for record, each in judged if each.iccid and each.rounded != ZEROS}
    without = {(record.sheet, ZEROS) for record in records if record.sheet not in whole}
    return {each for each in rounded | without if each[1]}


def _settle(record: Record, verdict: Verdict, seen: dict[str, Record], result: Validation) -> None:
    """Put one row where it belongs."""
    iccid = verdict.iccid
    if iccid is None:
        why = _COVERED if verdict.code == MISSING and ICCID in record.covered else verdict.why
        result.errors.append(Finding(record, ICCID, verdict.code, why, verdict.fields))
        return
    if iccid in seen:
        first = seen[iccid]
        fields = {"first": first, "row": first.row}
        result.errors.append(Finding(record, ICCID, DUPLICATE, _SEEN, fields))
        return
    seen[iccid] = record
    marked = result.source.source["format"] == "csv"
    result.cards.append(_card(record, iccid, marked=marked))
    if carrier_of_iccid(iccid) is None:
        fields = {"prefix": iccid[:6]}
        result.warnings.append(Finding(record, ICCID, UNKNOWN_CARRIER, _CARRIER, fields))


def _card(record: Record, iccid: str, *, marked: bool) -> Card:
    msisdn, imsi, imei = (_number(record.cells.get(field)) for field in (MSISDN, IMSI, IMEI))
    order = record.cells.get(ORDER)
    words = None if order is None else order.text.strip()
    return Card(record, iccid, msisdn, imsi, imei, _unmarked(words) if words and marked else words)


def _number(cell: Cell | None) -> str | None:
    return None if cell is None else number_text(cell) or None


def _unmarked(text: str) -> str:
    """A text of a CSV file without the mark that keeps a spreadsheet from computing it."""
    return (
        text[1:] if text[:1] == "'" and (text[1:2] in FORMULA_SIGNS or text[1:2] == "'") else text
    )


class _Remarks:
    """What was undone or looks odd in cells, counted by sheet."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], list[int]] = {}

    def hear(self, record: Record, verdict: Verdict) -> None:
        for change in verdict.changes:
            self._note(change, record)
        for field, cell in record.cells.items():
            if cell.formula and field == ICCID:
                self._note("formulas", record)
            if field in {IMSI, IMEI, MSISDN}:
                self._note_number(field, cell, record)

    def _note_number(self, field: str, cell: Cell, record: Record) -> None:
        text = number_text(cell)
        if text is None:
            self._note("digits_lost", record, field)
        elif field == IMEI and imei_trouble(text):
            self._note("imei_doubtful", record)
        elif field == IMSI and imsi_trouble(text):
            self._note("imsi_doubtful", record)

    def _note(self, code: str, record: Record, what: str = "") -> None:
        self._rows.setdefault((record.sheet, code, what), []).append(record.row)

    def notes(self, cards: CardList) -> list[Note]:
        return [
            Note(code, sheet, len(rows), tuple(rows), self._heading(cards, sheet, what))
            for (sheet, code, what), rows in self._rows.items()
        ]

    @staticmethod
    def _heading(cards: CardList, sheet: str, field: str) -> str:
        return cards.layouts[sheet].columns[field][1] if field else ""


def why_text(finding: Finding) -> str:
    """What is wrong with a row, in the language spoken."""
    fields = dict(finding.fields)
    first = fields.pop("first", None)
    if first is not None:
        fields["sheet"] = sheet_text(first.sheet)
    return t(finding.why, **fields)


def note_text(note: Note) -> str:
    """A note in the language spoken, with the rows that it is about."""
    return t(NOTES[note.code]).format(count=note.times, what=note.text)


def document(result: Validation) -> Json:
    """The document of `simward batch validate --json`."""
    return {
        "rows": len(result.source.records),
        "valid": len(result.cards),
        "errors": [_finding_document(result.source, each) for each in result.errors],
        "warnings": [_finding_document(result.source, each) for each in result.warnings],
        "by_code": dict(Counter(each.code for each in result.errors)),
        "notes": [_note_document(note) for note in result.notes],
        "source": result.source.source,
    }


def value_of(finding: Finding) -> str:
    """What the cell holds, cut where it is longer than any number."""
    cell = finding.record.cells.get(finding.field)
    return "" if cell is None else cell.text[:_MOST_VALUE]


def _finding_document(cards: CardList, finding: Finding) -> Json:
    heading, cell = cards.place(finding.record, finding.field)
    return {
        "row": finding.record.row,
        "column": heading,
        "value": value_of(finding),
        "code": finding.code,
        "message": in_both(lambda: why_text(finding)),
        "sheet": finding.record.sheet or None,
        "cell": cell,
        "field": finding.field,
    }


def _note_document(note: Note) -> Json:
    return {
        "code": note.code,
        "sheet": note.sheet or None,
        "count": note.times,
        "rows": list(note.rows[:_MOST_ROWS_NAMED]),
        "message": in_both(lambda: note_text(note)),
    }
