"""Lists of cards, judged: where the headings are, what counts, what is said of each row."""

import json

import pytest
from openpyxl import Workbook

from agent.batch.cells import Cell, Line
from agent.batch.headings import find_headings
from agent.cli import main
from agent.cli.table import width
from agent.errors import ListError
from sim.identifiers import luhn_ok
from tests.unit.batch_helpers import (
    cell,
    csv_of,
    findings,
    iccid,
    judged,
    raw_workbook,
    saved,
    workbook_of,
)

A, B, C = iccid(1), iccid(2), iccid(3)


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("ICCID", {"iccid": 0}),
        ("序号,ICCID 卡号,MSISDN 接入号", {"iccid": 1, "msisdn": 2}),
        ("ＩＣＣＩＤ,imei号", {"iccid": 0, "imei": 1}),
        ("卡号（ICCID）,IMSI,订单 order_id", {"iccid": 0, "imsi": 1, "order_id": 2}),
        ("卡号,ICCID", {"iccid": 1, "msisdn": 0}),
        ("卡号,接入号码", {"iccid": 0, "msisdn": 1}),
        ("SIM Serial Number,Order No.,Phone Number", {"iccid": 0, "order_id": 1, "msisdn": 2}),
        ("ICCID,原ICCID", {"iccid": 0}),
        ("集成電路,IMSI", None),
        ("说明：请填写ICCID，不要填写IMEI", None),
    ],
)
def test_headings_in_both_languages(headings, expected):
    line = Line(3, {place: Cell(text) for place, text in enumerate(headings.split(","))})
    found = find_headings([Line(1, {0: Cell("物联卡清单")}), line])
    columns = found and {field: column for field, (column, _) in found.columns.items()}
    assert columns == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_in_every_encoding_and_with_every_delimiter(tmp_path, encoding, delimiter):
    rows = [["ICCID 卡号", "订单 order_id"], [A, "一，二"], [B, f'"x{delimiter}y"']]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    document = judged(csv_of(tmp_path, text, encoding))
    assert (document["rows"], document["valid"]) == (2, 2)
    assert document["source"]["delimiter"] == delimiter
    assert document["source"]["encoding"] == encoding


def test_a_row_has_the_number_that_a_spreadsheet_shows(tmp_path):
    text = f'某公司\n\nICCID,备注\n{A},"two\nlines"\n\n{A},\n'
    document = judged(csv_of(tmp_path, text))
    (error,) = document["errors"]
    assert {key: error[key] for key in ("row", "column", "value", "code")} == {
        "row": 6, "column": "ICCID", "value": A, "code": "duplicate",
    }  # fmt: skip
    assert error["message"] == {
        "zh": "该 ICCID 与第 4 行重复",
        "en": "the same ICCID stands in row 4 already",
    }
    assert error["cell"] == "A6"


def test_the_four_accidents_of_spreadsheets_are_named(tmp_path):
    workbook = Workbook()
    workbook.active.title = "甲"
    for row in (["ICCID"], [A], [8.98600123456789e19], [int(B)], ["352099001761481"]):
        workbook.active.append(row)
    second = workbook.create_sheet("乙")
    for row in (["卡号"], [A], [B], ["8.986E+18"]):
        second.append(row)
    document = judged(saved(tmp_path, workbook))
    assert [(e["sheet"], e["row"], e["code"]) for e in document["errors"]] == [
        ("甲", 3, "iccid_lost_to_excel"),
        ("甲", 4, "iccid_lost_to_excel"),
        ("甲", 5, "iccid_is_imei"),
        ("乙", 2, "duplicate"),
        ("乙", 4, "iccid_lost_to_excel"),
    ]
    assert (document["rows"], document["valid"]) == (7, 2)
    assert "“甲”表" in document["errors"][3]["message"]["zh"]


def rounded_with_good_check_digit():
    return next(text for n in range(1000) if luhn_ok(text := f"{898600000000000 + n}00000"))


@pytest.mark.parametrize(
    ("others", "code"),
    [
        pytest.param([A, B], None, id="among whole ones it is one in ten thousand"),
        pytest.param([], "iccid_lost_to_excel", id="alone it cannot be told"),
        pytest.param([A, "89860012345678900000"], "iccid_lost_to_excel", id="beside rounded ones"),
    ],
)
def test_a_rounded_number_with_a_good_check_digit_is_judged_by_its_neighbours(
    tmp_path, others, code
):
    text = "\n".join(["ICCID", rounded_with_good_check_digit(), *others])
    codes = dict(findings(judged(csv_of(tmp_path, text))))
    assert codes.get(2) == code


def test_a_number_is_judged_as_the_spreadsheet_stored_it(tmp_path):
    rows = (
        f'<row r="1">{cell("A1", "ICCID", "inlineStr")}{cell("B1", "IMEI", "inlineStr")}</row>'
        f'<row r="2">{cell("A2", "8.9860012345678897E+19")}{cell("B2", "352099001761481")}</row>'
        f'<row r="3">{cell("A3", A, "str")}{cell("B3", "1.2345678901234501E+16")}</row>'
    )
    document = judged(raw_workbook(tmp_path, rows))
    assert findings(document) == [(2, "iccid_lost_to_excel")]
    assert document["errors"][0]["value"] == "8.9860012345678897E+19"
    assert [(note["code"], note["rows"]) for note in document["notes"]] == [("digits_lost", [3])]


def test_what_is_odd_about_a_workbook_is_said(tmp_path):
    workbook = Workbook()
    sheet = workbook.active
    for row in (["物联卡清单"], [], ["ICCID", "IMEI"], [A, "352099001761482"], ["ICCID", "IMEI"]):
        sheet.append(row)
    sheet["A8"], sheet["B8"], sheet["B9"] = B, "x", "y"
    sheet["A10"] = f" {C}"
    sheet.merge_cells("A8:A9")
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["A"].hidden = True
    other = workbook.create_sheet("说明")
    other.append(["only words"])
    workbook.create_sheet("empty")
    secret = workbook.create_sheet("藏")
    secret.append(["ICCID"])
    secret.append([iccid(4)])
    secret.sheet_state = "veryHidden"
    document = judged(saved(tmp_path, workbook))
    assert findings(document) == [(9, "missing")]
    assert "merged" in document["errors"][0]["message"]["en"]
    assert {(n["sheet"], n["code"], n["count"], tuple(n["rows"])) for n in document["notes"]} == {
        ("Sheet", "hidden_rows", 1, (4,)),
        ("Sheet", "hidden_column", 1, ()),
        ("Sheet", "merged_cells", 1, ()),
        ("Sheet", "empty_rows", 2, ()),
        ("Sheet", "headings_again", 1, (5,)),
        ("Sheet", "imei_doubtful", 3, (4, 8, 9)),
        ("Sheet", "blanks", 1, (10,)),
        ("说明", "sheet_without_iccid", 1, ()),
        ("藏", "hidden_sheet", 1, ()),
    }
    assert document["valid"] == 4


def test_a_formula_is_judged_by_what_was_computed_last(tmp_path):
    rows = (
        f"<row>{cell('A1', 'ICCID', 'inlineStr')}</row>"
        f'<row><c t="str"><f>B2</f><v>{A}</v></c></row>'
        "<row><c><f>B3</f></c></row>"
        "<row><c><f>B4*1</f><v>8.98600123456789E+19</v></c></row>"
    )
    document = judged(raw_workbook(tmp_path, rows))
    assert findings(document) == [(3, "missing"), (4, "iccid_lost_to_excel")]
    assert [(n["code"], n["rows"]) for n in document["notes"]] == [("formulas", [2, 3, 4])]


def test_an_unknown_prefix_is_a_warning_and_no_error(tmp_path):
    foreign = iccid(1, "894412")
    document = judged(workbook_of(tmp_path, ["ICCID"], [foreign]))
    assert document["errors"] == []
    assert [(w["row"], w["value"], w["code"]) for w in document["warnings"]] == [
        (2, foreign, "unknown_carrier")
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(f"{A}\n{B}\n", "no heading with ICCID", id="no headings"),
        pytest.param("", "no heading with ICCID", id="empty"),
        pytest.param("ICCID,IMSI\n\n", "no card below", id="headings alone"),
        pytest.param(f"ICCID,ICCID\n{A},{B}\n", "columns A, B all say ICCID", id="two columns"),
        pytest.param(f"原ICCID,新ICCID\n{A},{B}\n", "columns A, B", id="old and new"),
        pytest.param(f'ICCID\n"{A}\n{B}\n', "line 3", id="a quote that never ends"),
    ],
)
def test_a_list_that_cannot_be_used_says_what_is_missing(tmp_path, text, words):
    with pytest.raises(ListError, match=words):
        judged(csv_of(tmp_path, text))


def test_the_command_says_it_with_its_exit_code(tmp_path, capsys):
    good = csv_of(tmp_path, f"ICCID\n{A}\n")
    assert main(["--lang", "en", "batch", "validate", str(good)]) == 0
    assert capsys.readouterr().out.startswith("1 rows, 1 good, 0 bad\n")
    bad = csv_of(tmp_path, f"ICCID,备注\n{A},\n352099001761481,\n,x\n")
    assert main(["batch", "validate", str(bad), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert {"rows", "valid", "errors", "warnings"} <= set(document)
    assert findings(document) == [(3, "iccid_is_imei"), (4, "missing")]
    assert main(["--lang", "zh", "batch", "validate", str(tmp_path / "none.csv")]) == 2
    assert "none.csv" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_fits_80_columns_and_masks_numbers(tmp_path, capsys, lang):
    rows = [f"ICCID\n{A}\n{A}\n8.986E+18\n352099001761481\n{iccid(1, '894412')}\n{A[:-3]}\n{A}1"]
    path = csv_of(tmp_path, "\n".join([*rows, *([A] * 30)]))
    assert main(["--lang", lang, "batch", "validate", str(path)]) == 1
    out = capsys.readouterr().out
    assert max(width(line) for line in out.splitlines()) <= 80
    assert A not in out
    assert "15" in next(line for line in out.splitlines() if "--all" in line)
    assert main(["--lang", lang, "batch", "validate", str(path), "--all", "--full"]) == 1
    assert capsys.readouterr().out.count(A) >= 31
