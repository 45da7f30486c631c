"""What a cell where an ICCID belongs holds: every way in which one gets lost, and none made up."""

import pytest

from agent.batch.cells import ERROR, NUMBER, Cell
from agent.batch.numbers import judge, number_text
from tests.unit.batch_helpers import iccid

GOOD = iccid(1)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(Cell(GOOD), GOOD, id="as it is"),
        pytest.param(Cell(iccid(1, length=19)), iccid(1, length=19), id="19 digits"),
        pytest.param(Cell(f" {GOOD[:4]} {GOOD[4:8]}\u00a0{GOOD[8:]}\u200b"), GOOD, id="blanks"),
        pytest.param(Cell("".join(chr(ord(d) + 0xFEE0) for d in GOOD)), GOOD, id="full width"),
        pytest.param(Cell(f"'{GOOD}"), GOOD, id="apostrophe"),
        pytest.param(Cell(f'="{GOOD}"'), GOOD, id="formula that is a text"),
        pytest.param(Cell(f"{GOOD}\t"), GOOD, id="tab behind"),
        pytest.param(Cell(iccid(1, length=19) + "F"), iccid(1, length=19), id="filler"),
        pytest.param(Cell("898600a1234567890123"), "898600A1234567890123", id="hexadecimal"),
        pytest.param(Cell("898600E1234567890123"), "898600E1234567890123", id="hexadecimal E"),
        pytest.param(Cell(GOOD, formula=True), GOOD, id="result of a formula"),
    ],
)
def test_notation_is_left_out(cell, expected):
    assert judge(cell).iccid == expected


LOST = "iccid_lost_to_excel"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param(Cell("8.986E+18"), LOST, id="scientific"),
        pytest.param(Cell("8,98600E+19"), LOST, id="scientific with comma"),
        pytest.param(Cell("8.98600123456789e19"), LOST, id="scientific without sign"),
        pytest.param(Cell("9E+19"), LOST, id="scientific without fraction"),
        pytest.param(Cell("8.9860012345678897E+19", NUMBER), LOST, id="number of 17 digits"),
        pytest.param(Cell("89860012345678901234", NUMBER), LOST, id="number of 20 digits"),
        pytest.param(Cell("8986001234567890", NUMBER), LOST, id="number of 16 digits"),
        pytest.param(Cell("89860012345678900000"), LOST, id="zeros behind the 15th digit"),
        pytest.param(
            Cell(str(int(float("89860012345678901234")))), LOST, id="a double written out"
        ),
        pytest.param(Cell("89860012345678900000.00"), LOST, id="with decimals"),
        pytest.param(Cell("nan", NUMBER), LOST, id="no number at all"),
        pytest.param(Cell("352099001761481"), "iccid_is_imei", id="IMEI"),
        pytest.param(Cell("352099001761481", NUMBER), "iccid_is_imei", id="IMEI as a number"),
        pytest.param(Cell("3.52099001761481E+14", NUMBER), "iccid_is_imei", id="IMEI, 15 kept"),
        pytest.param(Cell("352099001761482"), "iccid_is_imei", id="15 digits are no ICCID"),
        pytest.param(Cell(GOOD[:17]), "iccid_length", id="too short"),
        pytest.param(Cell(GOOD + "123"), "iccid_length", id="too long"),
        pytest.param(Cell(GOOD[2:]), "iccid_length", id="89 dropped"),
        pytest.param(Cell("13800000001", NUMBER), "iccid_length", id="a telephone number"),
        pytest.param(Cell(GOOD[:-1] + "O"), "iccid_length", id="letter O"),
        pytest.param(Cell("TRUE"), "iccid_length", id="a word"),
        pytest.param(Cell("８９８６－"), "iccid_length", id="other signs"),
        pytest.param(Cell("²" * 20), "iccid_length", id="digits of no use"),
        pytest.param(Cell(GOOD[:-1] + str((int(GOOD[-1]) + 1) % 10)), "iccid_checksum", id="Luhn"),
        pytest.param(None, "missing", id="no cell"),
        pytest.param(Cell("  \u3000"), "missing", id="blanks alone"),
        pytest.param(Cell("'"), "missing", id="a mark alone"),
        pytest.param(Cell("#N/A", ERROR), "missing", id="error of the spreadsheet"),
        pytest.param(Cell("", formula=True), "missing", id="formula without a result"),
    ],
)
def test_what_is_no_iccid_is_named(cell, code):
    verdict = judge(cell)
    assert (verdict.iccid, verdict.code) == (None, code)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(Cell("352099001761481", NUMBER), "352099001761481", id="15 digits are kept"),
        pytest.param(Cell("4.6000123456789E+14", NUMBER), "460001234567890", id="exponent"),
        pytest.param(Cell("1234567890123456", NUMBER), None, id="16 digits are not"),
        pytest.param(Cell("3.52E+14"), None, id="scientific text"),
        pytest.param(Cell("-1", NUMBER), None, id="negative"),
        pytest.param(Cell("1.5", NUMBER), None, id="fraction"),
        pytest.param(Cell(" +86 138 0000 0001"), "+8613800000001", id="text"),
    ],
)
def test_other_numbers_are_taken_where_all_digits_are_there(cell, expected):
    assert number_text(cell) == expected
