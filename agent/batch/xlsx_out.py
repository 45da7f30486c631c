"""A workbook of one sheet in which every cell is text, so that no spreadsheet counts with it.

Source: ECMA-376 part 1 (unread); what Excel, LibreOffice and openpyxl read.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from agent.batch.cells import column_name

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)
"""The same list is the same file, byte for byte."""
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_TEXT, _HEADING = 1, 2

_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    "</Relationships>",
    # 49 is the number format "text": what is typed into such a cell stays as it is typed.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2">'
    '<font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf xfId="0"/><xf numFmtId="49" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>",
}


def workbook_bytes(
    name: str, headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> bytes:
    """The file: sheet `name`, headings in row 1, then the rows; widths in characters."""
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(name)} sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    sheet = "".join(_sheet(headings, rows, widths))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        parts = {**_PARTS, "xl/workbook.xml": book, "xl/worksheets/sheet1.xml": sheet}
        for part, text in parts.items():
            info = zipfile.ZipInfo(part, _ALWAYS)
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, _HEAD + text)
    return content.getvalue()


def _sheet(
    headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> Iterator[str]:
    yield f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    yield '<pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews><cols>'
    for number, width in enumerate(widths, 1):
        column = f'min="{number}" max="{number}" width="{width}"'
        yield f'<col {column} style="{_TEXT}" customWidth="1"/>'
    yield "</cols><sheetData>"
    yield _row(1, headings, _HEADING)
    for number, row in enumerate(rows, 2):
        yield _row(number, row, _TEXT)
    last = f"{column_name(len(headings) - 1)}{len(rows) + 1}"
    # Without this a spreadsheet puts a green corner at each ICCID and offers to make it a number.
    yield "</sheetData><ignoredErrors>"
    yield f'<ignoredError sqref="A1:{last}" numberStoredAsText="1"/></ignoredErrors></worksheet>'


def _row(number: int, texts: Sequence[str], style: int) -> str:
    cells = "".join(
        f'<c r="{column_name(column)}{number}" s="{style}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{_escaped(text)}</t></is></c>'
        for column, text in enumerate(texts)
        if text
    )
    return f'<row r="{number}">{cells}</row>'


def _escaped(text: str) -> str:
    marked = _LOOKS_ESCAPED.sub("_x005F_", text)
    return escape(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", marked))
