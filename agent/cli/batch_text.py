"""What came of a list of cards, for people."""

from collections import Counter
from collections.abc import Sequence

from agent.batch.card_list import Note, sheet_text
from agent.batch.validation import Finding, Validation, note_text, value_of, why_text
from agent.cli.table import columns, paint, printable, width, wrapped
from agent.i18n import t
from sim.identifiers import mask

_SHOWN = 20
_SHOWN_WARNINGS = 5
_COLUMNS = 80
_ROWS_NAMED = 8
_MOST_VALUE = 32


def validation_text(result: Validation, *, everything: bool, full: bool) -> str:
    """Several lines, without a newline at the end."""
    rows, good = len(result.source.records), len(result.cards)
    counts = t("{rows} rows, {good} good, {bad} bad", rows=rows, good=good, bad=rows - good)
    lines = [paint(counts, "bad" if result.errors else "good")]
    lines += columns([(t("read as"), _source_text(result.source.source))], limit=_COLUMNS)
    by_code = Counter(each.code for each in result.errors)
    lines += columns([(code, str(count)) for code, count in sorted(by_code.items())])
    lines += _findings(t("Errors"), result.errors, None if everything else _SHOWN, full=full)
    most = None if everything else _SHOWN_WARNINGS
    lines += _findings(t("Warnings"), result.warnings, most, full=full)
    if result.notes:
        lines.append(paint(t("Notes"), "strong"))
        for note in result.notes:
            first, *more = wrapped(_note_line(note), _COLUMNS - 2)
            lines += [f"  {first}", *(f"    {line}" for line in more)]
    return "\n".join(lines)


def _source_text(source: dict[str, str]) -> str:
    if source["format"] == "xlsx":
        return "XLSX"
    delimiter = {"\t": t("tabs")}.get(source["delimiter"], source["delimiter"])
    encoding = {"utf-8-sig": "UTF-8 (BOM)"}.get(source["encoding"], source["encoding"].upper())
    return t("CSV, {encoding}, delimiter {delimiter}", encoding=encoding, delimiter=delimiter)


def _findings(
    title: str, findings: Sequence[Finding], most: int | None, *, full: bool
) -> list[str]:
    if not findings:
        return []
    lines = [paint(title, "strong")]
    for finding in findings[:most]:
        lines += _finding_lines(finding, full=full)
    left = len(findings) - len(findings[:most])
    if left:
        lines.append("  " + t("{count} more; --all shows them", count=left))
    return lines


def _finding_lines(finding: Finding, *, full: bool) -> list[str]:
    record = finding.record
    value = value_of(finding)
    shown = printable(value if full else masked_value(value))
    if width(shown) > _MOST_VALUE:
        shown = shown[:_MOST_VALUE] + "…"
    place = printable(sheet_text(record.sheet)) + t("row {row}", row=record.row)
    head = "  ".join(filter(None, (place, shown)))
    first = f"  {head}  {finding.code}"
    return [first, *(f"    {line}" for line in wrapped(why_text(finding), _COLUMNS - 4))]


def masked_value(value: str) -> str:
    """A cell's text as a screen may show it: what could be a number is starred out inside."""
    plain = value.strip()
    digits = sum(char.isdigit() for char in plain)
    return mask(plain, 6, 4) if digits > 10 and plain.isalnum() else value


def _note_line(note: Note) -> str:
    text = printable(sheet_text(note.sheet) + note_text(note))
    if not note.rows:
        return text
    named = ", ".join(str(row) for row in note.rows[:_ROWS_NAMED])
    dots = ", …" if len(note.rows) > _ROWS_NAMED else ""
    return text + t(" (rows {rows})", rows=named + dots)
