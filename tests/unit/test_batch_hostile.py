"""Files that were made to hurt, or broke on the way: one clear line, in bounded memory and time."""

import os
import zipfile

import pytest

from agent.batch import bounds
from agent.errors import ListError
from tests.unit.batch_helpers import MAIN, cell, csv_of, iccid, judged, raw_workbook, zipped

HEAD = f'<row r="1">{cell("A1", "ICCID", "inlineStr")}</row>'


def refused(path):
    with pytest.raises(ListError) as caught:
        judged(path)
    assert path.name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"ICCID\n8986\x00\n", "line 2: a NUL byte", id="NUL"),
        pytest.param(b"\xff\xfeI\x00\x00\x00", "line 1: a NUL byte", id="NUL in UTF-16"),
        pytest.param(b"\xff\xfeI", "not utf-16", id="half a character"),
        pytest.param(b"ICCID\n\xff\xff\n", "neither UTF-8", id="no encoding"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook", id="xls, or encrypted"),
        pytest.param(b"PK\x03\x04 and no more", "damaged", id="half a ZIP file"),
        pytest.param(b"ICCID\n" + b"8" * 200_000, "line 2", id="one field without end"),
    ],
)
def test_broken_files(tmp_path, content, words):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    assert words in refused(path)


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refused(tmp_path / "pipe")
    assert "not a file" in refused(tmp_path) or "directory" in refused(tmp_path)


def test_a_file_of_gigabytes_is_not_read(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(5 * 1024**3)
    assert "more than 32 MiB" in refused(path)


def test_a_zip_bomb_is_left_before_it_is_unpacked(tmp_path):
    blanks = " " * bounds.MIB
    path = tmp_path / "list.xlsx"
    raw_workbook(tmp_path, "")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts_of(raw_workbook(tmp_path / ".", HEAD)).items():
            if name != "xl/worksheets/sheet1.xml":
                file.writestr(name, text)
        with file.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>{HEAD}'.encode())
            for _ in range(140):
                sheet.write(f"<row/>{blanks}".encode())
    assert path.stat().st_size < 2 * bounds.MIB
    assert "more than 128 MiB" in refused(path)


def parts_of(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.mark.parametrize(
    ("head", "words"),
    [
        pytest.param('<!DOCTYPE x [<!ENTITY a "b">]>', "document type", id="entities"),
        pytest.param('<!DOCTYPE x SYSTEM "file:///etc/passwd">', "document type", id="a file"),
        pytest.param("<oops", "damaged", id="no XML"),
    ],
)
def test_xml_that_is_more_than_a_table(tmp_path, head, words):
    assert words in refused(raw_workbook(tmp_path, HEAD, head=head))


def test_an_element_without_end_is_not_collected(tmp_path):
    long = 'x="' + "a" * (2 * bounds.MIB) + '"'
    assert "longer than all" in refused(raw_workbook(tmp_path, f"{HEAD}<row {long}/>"))


def test_a_cell_has_no_more_characters_than_in_excel(tmp_path):
    text = "8" * (bounds.MOST_CELL_CHARACTERS + 1)
    row = f'<row r="2">{cell("A2", text, "inlineStr")}</row>'
    assert "characters in a cell" in refused(raw_workbook(tmp_path, HEAD + row))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param('<row r="2"><c r="A2" t="s"><v>7</v></c></row>', "shared text 7", id="text"),
        pytest.param('<row r="99999999"/>', "row or column", id="a row beyond all"),
        pytest.param('<row r="x"/>', "row or column", id="no row"),
        pytest.param('<row><c r="ABCD1"/></row>', "cell 'ABCD1'", id="no cell"),
    ],
)
def test_references_to_nowhere(tmp_path, row, words):
    assert words in refused(raw_workbook(tmp_path, HEAD + row))


def test_a_sheet_that_claims_to_be_huge_costs_nothing(tmp_path):
    good = iccid(1)
    last = cell("A1048576", good, "inlineStr") + cell("XFD1048576", "1")
    rows = f'{HEAD}<row r="1048576">{last}</row>'
    merged = '<mergeCells><mergeCell ref="A2:XFD1048575"/><mergeCell ref="rubbish"/></mergeCells>'
    path = raw_workbook(
        tmp_path, rows, before='<dimension ref="A1:XFD1048576"/>', after=merged * 50
    )
    document = judged(path)
    assert (document["rows"], document["valid"]) == (1, 1)
    assert [(n["code"], n["count"]) for n in document["notes"]] == [("empty_rows", 1048574)]


def test_rows_and_cells_have_a_bound(tmp_path):
    rows = "ICCID\n" + "1\n" * bounds.MOST_ROWS
    assert f"more than {bounds.MOST_ROWS} rows" in refused(csv_of(tmp_path, rows))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        pytest.param({"xl/worksheets/sheet1.xml": None}, "missing", id="a sheet is missing"),
        pytest.param({"_rels/.rels": None}, "no XLSX workbook", id="no workbook"),
        pytest.param({"xl/workbook.xml": "<a"}, "xl/workbook.xml is damaged", id="cut"),
    ],
)
def test_a_workbook_with_parts_missing(tmp_path, parts, words):
    whole = parts_of(raw_workbook(tmp_path, HEAD))
    assert words in refused(zipped(tmp_path, whole | parts))


def test_every_cut_of_a_workbook_is_refused_or_read(tmp_path):
    content = raw_workbook(tmp_path, HEAD).read_bytes()
    path = tmp_path / "cut.xlsx"
    for end in range(4, len(content), 37):
        path.write_bytes(content[:end])
        refused(path)
