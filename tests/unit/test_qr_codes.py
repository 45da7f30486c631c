import json
from pathlib import Path

import pytest
import segno

from agent.cli import main
from agent.paper.codes import PRINT, SCREEN, cut, fitting, modules
from agent.paper.half_blocks import painted, plain
from cloud_bridge.qr_text import Assembly, found, parts
from tests.unit.evidence_helpers import RAW, changed, put


@pytest.mark.parametrize("form", [*SCREEN, PRINT], ids=lambda form: f"{form.version}-{form.level}")
def test_each_size_of_code_holds_what_the_table_says_and_not_one_character_more(form):
    matrix = modules("A" * form.characters, form)
    assert len(matrix) == len(matrix[0]) == form.side
    with pytest.raises(segno.DataOverflowError):
        modules("A" * (form.characters + 1), form)


def test_the_texts_of_evidence_fit_their_codes():
    for form in [*SCREEN, PRINT]:
        for text in cut(RAW, form):
            assert len(modules(text, form)) == form.side


@pytest.mark.parametrize(
    ("columns", "rows", "version"),
    [(80, 23, 5), (80, 24, 5), (80, 33, 10), (200, 80, 10), (80, 32, 9), (64, 60, 9), (37, 19, 3)],
)
def test_the_largest_code_that_fits_the_screen_is_taken(columns, rows, version):
    form = fitting(columns, rows)
    assert form is not None
    assert form.version == version


def test_no_code_fits_a_screen_that_is_too_small():
    assert fitting(36, 40) is None
    assert fitting(80, 18) is None


CORNER = ((True, True, False), (True, False, False), (False, True, True))


def test_two_modules_share_a_cell():
    assert plain(CORNER) == ["█▀ ", " ▀▀"]
    assert plain(CORNER, inverted=True) == [" ▄█", "▀  "]
    assert painted(CORNER)[0] == "\x1b[30;47;107m█▀ \x1b[0m"


def test_the_lines_of_the_largest_code_fit_80_columns():
    lines = plain(modules(cut(RAW, SCREEN[0])[0], SCREEN[0]))
    assert {len(line) for line in lines} == {65}
    assert len(lines) == 33


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMWARD_LANG", "en")
    Path("e.json").write_bytes(RAW)
    return "e.json"


def test_as_a_document(file, capsys):
    assert main(["certificate", "qr", file, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["texts"] == parts(RAW, PRINT.characters)
    assert document["files"] == []
    assert document["sha256"].upper().startswith(document["document"])
    assembly = Assembly(found(document["texts"][0]).parts[0])
    assert assembly.raw() == RAW


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_pictures_are_the_same_files_each_time(file, capsys, kind):
    command = ["certificate", "qr", file, "--out", "deep/codes", "--format", kind]
    assert main(command) == 0
    pictures = sorted(Path("deep/codes").iterdir())
    assert [each.name for each in pictures] == [f"3409188D-1of1.{kind}"]
    assert capsys.readouterr().out == "1 QR codes written to deep/codes\n"
    before = pictures[0].read_bytes()
    assert pictures[0].stat().st_mode & 0o777 == 0o600
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == [str(pictures[0])]
    assert pictures[0].read_bytes() == before


def test_a_directory_that_cannot_be_written_is_named(file, capsys):
    assert main(["certificate", "qr", file, "--out", "e.json"]) == 2
    assert "--out: cannot write e.json" in capsys.readouterr().err
    Path("codes/3409188D-1of1.png").mkdir(parents=True)
    assert main(["certificate", "qr", file, "--out", "codes"]) == 2
    assert "--out: cannot write codes/3409188D-1of1.png" in capsys.readouterr().err
    assert [each.name for each in Path("codes").iterdir()] == ["3409188D-1of1.png"]


def test_evidence_that_does_not_hold_gets_no_codes(file, capsys):
    Path(file).write_bytes(changed(put("entries", 0, "body", "value", value="other")))
    assert main(["certificate", "qr", file, "--out", "codes"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("simward: does not verify: entry 1: ")
    assert not Path("codes").exists()
