"""Lists of cards for tests, in the words of the programs that write such files."""

import io
import zipfile
from pathlib import Path

from openpyxl import Workbook

from agent.batch.card_list import read_list
from agent.batch.validation import document, validate
from sim.identifiers import luhn_ok

WORKBOOK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def iccid(number, prefix="898600", length=20):
    body = f"{prefix}{number:0{length - 1 - len(prefix)}d}"
    return next(body + digit for digit in "0123456789" if luhn_ok(body + digit))


def judged(path):
    return document(validate(read_list(path)))


def findings(document):
    return [(each["row"], each["code"]) for each in document["errors"]]


def csv_of(folder, text, encoding="utf-8"):
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def workbook_of(folder, *rows):
    """What openpyxl makes of the rows."""
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    return saved(folder, workbook)


def saved(folder, workbook):
    path = folder / "list.xlsx"
    workbook.save(path)
    return path


def cell(place, stored, kind="n"):
    """A cell as a program may have written it."""
    inner = f"<is><t>{stored}</t></is>" if kind == "inlineStr" else f"<v>{stored}</v>"
    return f'<c r="{place}" t="{kind}">{inner}</c>'


def raw_workbook(folder, sheet_data, *, before="", after="", extra=None, head=""):
    """A workbook of one sheet, with `sheet_data` as it stands inside `<sheetData>`."""
    sheet = (
        f'<?xml version="1.0"?>{head}<worksheet xmlns="{MAIN}">{before}'
        f"<sheetData>{sheet_data}</sheetData>{after}</worksheet>"
    )
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1"'
        f' Type="{WORKBOOK}/officeDocument" Target="/xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{WORKBOOK}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r2"'
        f' Type="{WORKBOOK}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    } | (extra or {})
    return zipped(folder, parts)


def zipped(folder, parts):
    path = Path(folder) / "list.xlsx"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            if text is not None:
                file.writestr(name, text)
    path.write_bytes(content.getvalue())
    return path
