"""Lists of cards: any bytes end in a document or one clear error; what is written is read back."""

import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.batch.card_list import read_list
from agent.batch.cells import Cell
from agent.batch.export import content_of
from agent.batch.numbers import judge
from agent.batch.validation import document, validate
from agent.errors import ListError
from sim.identifiers import luhn_ok
from tests.effort import examples
from tests.unit.batch_helpers import cell, csv_of, iccid, raw_workbook, zipped

FIXTURES = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=examples(100),
)
PIECES = st.sampled_from(
    [b"ICCID", b",", b"\n", b'"', b"8.986E+18", b"'", b"=", b"\t", b";", b"\xef\xbb\xbf", b"\x00"]
)
ROWS = f'<row r="1">{cell("A1", "ICCID", "inlineStr")}</row><row r="2">{cell("A2", "8.9E19")}</row>'
TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


def ends_well(path):
    try:
        found = document(validate(read_list(path)))
    except ListError as error:
        said, found = str(error), None
    if found is None:
        assert str(path) in said
        return
    json.dumps(found)
    assert found["rows"] == found["valid"] + len({(e["sheet"], e["row"]) for e in found["errors"]})


@FIXTURES
@given(pieces=st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=30))
def test_any_bytes_are_a_list_or_an_error(tmp_path, pieces):
    path = tmp_path / "list.csv"
    path.write_bytes(b"".join(pieces))
    ends_well(path)


@FIXTURES
@given(data=st.data())
def test_any_change_of_a_workbook_is_read_or_an_error(tmp_path, data):
    with zipfile.ZipFile(raw_workbook(tmp_path, ROWS)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    start = data.draw(st.integers(0, len(parts[name])))
    end = data.draw(st.integers(start, min(start + 30, len(parts[name]))))
    new = data.draw(st.one_of(st.binary(max_size=9), st.sampled_from([b"<c>", b'r="9"', b"&a;"])))
    parts[name] = parts[name][:start] + new + parts[name][end:]
    ends_well(zipped(tmp_path, parts))


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@FIXTURES
@given(orders=st.lists(TEXTS, min_size=1, max_size=5))
def test_what_is_written_is_read_back(tmp_path, suffix, orders):
    text = "\n".join(["ICCID", *(iccid(number) for number in range(len(orders)))])
    cards = validate(read_list(csv_of(tmp_path, text))).cards
    wanted = [card._replace(order_id=order) for card, order in zip(cards, orders, strict=True)]
    path = tmp_path / f"out{suffix}"
    path.write_bytes(content_of(suffix, wanted))
    found = validate(read_list(path))
    assert found.errors == []
    assert [(c.iccid, c.order_id) for c in found.cards] == [(c.iccid, c.order_id) for c in wanted]


@given(text=st.text(st.sampled_from("0123456789ABCDEF.+E 　'８９"), max_size=24))
def test_an_iccid_is_made_of_the_characters_of_its_cell_alone(text):
    verdict = judge(Cell(text))
    if verdict.iccid is not None:
        plain = text.translate({0x3000: None, 0x20: None, 0x27: None, 0xFF18: "8", 0xFF19: "9"})
        assert verdict.iccid in {plain, plain.removesuffix("F")}
        assert not verdict.iccid.isdecimal() or luhn_ok(verdict.iccid)
