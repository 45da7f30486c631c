"""The enterprise card list: text throughout, harmless in a spreadsheet, and read back as it was."""

import csv
import io
import json

import openpyxl
import pytest

from agent.batch.accounts import accounts_in
from agent.batch.card_list import read_list
from agent.batch.export import HEADINGS, NAME, content_of
from agent.batch.holding import CANCEL, UNBIND, Moment, held_back
from agent.batch.validation import validate
from agent.batch.waves import waves_of
from agent.cli import main
from agent.cli.table import width
from agent.errors import ListError
from agent.unbind.platform_files import all_platforms
from cloud_bridge.orders import AccountFacts
from tests.gates_world import NOW, account
from tests.unit.batch_helpers import csv_of, iccid

A, B = iccid(1), iccid(2)
ORDERS = ("=1+1", "+1", "-1", "@x", "'quoted", "＝1", "a,b", 'say "x"', "<&>", "_x0041_", "二期")


@pytest.fixture
def source(tmp_path):
    rows = [["ICCID", "MSISDN", "IMSI", "IMEI", "订单"]]
    rows += [
        [iccid(number), f"+86{13800000000 + number}", "460001234567890", "352099001761481", order]
        for number, order in enumerate(ORDERS)
    ]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return csv_of(tmp_path, text.getvalue())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cards_of(path):
    result = validate(read_list(path))
    assert result.errors == []
    return [card._replace(record=None) for card in result.cards]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_what_is_written_is_read_back_as_it_was(tmp_path, source, suffix):
    target = tmp_path / f"out{suffix}"
    assert main(["batch", "export", str(source), "--output", str(target)]) == 0
    assert cards_of(target) == cards_of(source)
    assert [card.order_id for card in cards_of(target)] == list(ORDERS)
    assert target.stat().st_mode & 0o777 == 0o600
    again = tmp_path / f"again{suffix}"
    assert main(["batch", "export", str(target), "--output", str(again)]) == 0
    assert again.read_bytes() == target.read_bytes()


def test_every_cell_of_the_workbook_is_text(tmp_path, source):
    target = tmp_path / "out.xlsx"
    main(["batch", "export", str(source), "--output", str(target)])
    sheet = openpyxl.load_workbook(target).active
    assert sheet.title == NAME
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}
    assert sheet["B2"].value == iccid(0)
    assert sheet["G2"].value == "=1+1"
    assert sheet["F2"].value == "中国移动 CMCC"


def test_no_cell_of_the_csv_begins_as_a_formula(tmp_path, source):
    target = tmp_path / "out.csv"
    main(["batch", "export", str(source), "--output", str(target)])
    text = target.read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in set("=+-@\t\r＝＋－＠")] == []


def test_what_no_xml_may_hold_does_not_break_the_workbook(tmp_path):
    path = csv_of(tmp_path, f"ICCID,order\n{A},a\x01b\n")
    (card,) = validate(read_list(path)).cards
    target = tmp_path / "out.xlsx"
    target.write_bytes(content_of(".xlsx", [card]))
    assert openpyxl.load_workbook(target).active["G2"].value == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize(
    ("cards", "limit", "sizes"),
    [
        (0, None, []),
        (1, None, [1]),
        (100, None, [100]),
        (101, None, [51, 50]),
        (120, 100, [60, 60]),
        (250, 100, [84, 83, 83]),
        (25, 10, [9, 8, 8]),
    ],
)
def test_waves_are_alike_and_within_the_limit(cards, limit, sizes):
    waves = waves_of(range(cards), limit)
    assert sorted(map(len, waves), reverse=True) == sizes
    assert [card for wave in waves for card in wave] == list(range(cards))


def test_a_list_in_waves_is_a_file_for_each(tmp_path, capsys):
    path = csv_of(tmp_path, "\n".join(["ICCID", *map(iccid, range(120))]))
    target = tmp_path / "out.xlsx"
    options = ["--output", str(target), "--platform", "OneLink", "--for", "unbind", "--json"]
    assert main(["batch", "export", str(path), *options]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["cards"], document["platform"], document["limit"]) == (
        120, "cmcc_onelink_ct", 100,
    )  # fmt: skip
    assert [each["cards"] for each in document["files"]] == [60, 60]
    found = [card.iccid for n in (1, 2) for card in cards_of(tmp_path / f"out-{n}.xlsx")]
    assert found == [iccid(number) for number in range(120)]


def facts_of(number: int, **changes: object) -> AccountFacts:
    return account(iccid=iccid(number), **changes)


def held(cards, accounts, purpose: str = CANCEL, *, synchronized: bool = True):
    told = {each.iccid: each for each in accounts}
    moment = Moment(NOW, synchronized)
    found = held_back(cards, told, purpose, None, all_platforms(), moment)
    return {each.iccid: (each.gate, each.result) for each in found}


BOUND = [{"kind": "billing_side", "bound": True}, {"kind": "network_side", "bound": False}]


@pytest.mark.parametrize(
    ("changes", "purpose", "expected"),
    [
        ({}, CANCEL, None),
        ({"bindings": BOUND}, CANCEL, ("binding", "fail")),
        ({"bindings": BOUND}, UNBIND, None),
        ({"bindings": []}, CANCEL, ("binding", "needs_backend")),
        ({"arrears": "1.50"}, UNBIND, ("arrears", "fail")),
        ({"arrears": None}, UNBIND, ("arrears", "needs_human")),
        ({"auto_renew": True}, CANCEL, ("auto_renew", "fail")),
        ({"auto_renew": True}, UNBIND, None),
        ({"raw_code": "9", "state": "cancelled"}, UNBIND, ("card_state", "fail")),
        ({"raw_code": "77"}, UNBIND, ("card_state", "needs_backend")),
        ({"as_of": "2026-11-20T08:00:00Z"}, UNBIND, ("card_state", "needs_backend")),
    ],
)
def test_a_card_that_would_fail_its_wave_is_held_back(tmp_path, changes, purpose, expected):
    path = csv_of(tmp_path, f"ICCID\n{A}\n{B}\n")
    found = held(validate(read_list(path)).cards, [facts_of(1, **changes), facts_of(2)], purpose)
    assert found == ({} if expected is None else {A: expected})


def test_a_card_of_which_nothing_is_known_is_held_back(tmp_path):
    cards = validate(read_list(csv_of(tmp_path, f"ICCID\n{A}\n{B}\n"))).cards
    assert held(cards, [facts_of(1)]) == {B: ("card_state", "needs_backend")}
    assert set(held(cards, [facts_of(1), facts_of(2)], synchronized=False)) == {A, B}


def test_account_facts_come_from_a_folder_or_line_by_line_and_the_newest_counts(tmp_path):
    old, new = facts_of(1, as_of="2026-11-21T08:00:00Z"), facts_of(1)
    lines = [each.model_dump_json(by_alias=True) for each in (new, old, facts_of(2))]
    (tmp_path / "facts.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "one.json").write_text(json.dumps(json.loads(lines[0]), indent=2))
    (tmp_path / "all").mkdir()
    for number, line in enumerate(lines):
        (tmp_path / "all" / f"{number}.json").write_text(line)
    assert accounts_in(tmp_path / "facts.jsonl") == accounts_in(tmp_path / "all")
    assert accounts_in(tmp_path / "all") == {A: new, B: facts_of(2)}
    assert accounts_in(tmp_path / "one.json") == {A: new}
    (tmp_path / "facts.jsonl").write_text("\n".join([*lines, "{}"]))
    with pytest.raises(ListError) as caught:
        accounts_in(tmp_path / "facts.jsonl")
    assert caught.value.fields["place"] == 4


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_who_was_held_back_is_named_and_the_exit_code_says_it(folder, capsys, lang):
    csv_of(folder, f"ICCID\n{A}\n{B}\n")
    (folder / "facts").mkdir()
    arguments = ["--lang", lang, "batch", "export", "list.csv", "--platform", "OneLink"]
    arguments += ["--account", "facts"]
    assert main([*arguments, "--output", "out.xlsx", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["files"], len(document["held_back"])) == ([], 2)
    assert set(document["held_back"][0]["reason"]) == {"zh", "en"}
    assert main([*arguments, "--output", "out.xlsx"]) == 1
    out = capsys.readouterr().out
    assert A not in out
    assert f"{A[:6]}" in out
    assert max(width(line) for line in out.splitlines()) <= 80
    assert not list(folder.glob("out*"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_a_platform_limits_is_said(folder, capsys, lang):
    csv_of(folder, f"ICCID\n{A}\n{B}\n")
    arguments = ["--lang", lang, "batch", "export", "list.csv", "--output", "out.csv"]
    assert main([*arguments, "--platform", "移动OneLink", "--for", "unbind"]) == 0
    out = capsys.readouterr().out
    assert "30" in out
    assert "Excel" in out
    assert max(width(line) for line in out.splitlines()) <= 80


def test_the_journal_of_a_collection_is_a_source(tmp_path, capsys):
    journal = tmp_path / "collected.jsonl"
    lines = [{"schema": "simward/collected/1"}]
    fields = {"spn": None, "atr": "3B00", "reader": "r", "at": None}
    lines += [{"number": 1, "iccid": A, "imsi": "460001234567890", **fields}]
    lines += [{"number": 2, "iccid": B, "imsi": None, **fields}]
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"torn')
    target = tmp_path / "out.xlsx"
    assert main(["batch", "export", str(journal), "--output", str(target)]) == 0
    assert [(card.iccid, card.imsi) for card in cards_of(target)] == [
        (A, "460001234567890"),
        (B, None),
    ]
    journal.write_text(json.dumps(lines[0]) + "\n")
    assert main(["batch", "export", str(journal), "--output", str(tmp_path / "x.csv")]) == 2
    assert "no card was collected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "options", "expected"),
    [
        pytest.param([A, A], "--output o.csv", (1, "1 rows are bad"), id="bad rows"),
        pytest.param([A], "--output o.pdf", (2, "must end in .xlsx or .csv"), id="ending"),
        pytest.param([A], "--output list.csv", (2, "is there already"), id="overwrite"),
        pytest.param([A], "--output no/o.csv", (2, "No such file"), id="no folder"),
        pytest.param([A], "--output o.csv --platform x", (2, "not one of"), id="no platform"),
    ],
)
def test_nothing_is_written_where_something_is_wrong(folder, capsys, rows, options, expected):
    code, words = expected
    csv_of(folder, "\n".join(["ICCID", *rows]))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert main(["--lang", "en", "batch", "export", "list.csv", *options.split()]) == code
    assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
