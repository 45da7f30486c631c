"""`simward backend import` from a shell: what is taken and found, and that it can be repeated."""

import json
import os

import pytest

from agent.cli import main
from cloud_bridge.backend.store import BackendStore
from tests.unit.evidence_helpers import (
    BODIES,
    HEAD_OF_UNBIND,
    ICCID,
    KEY,
    OTHER_RAW,
    RAW,
    STRANGER,
    sign,
)

CLOSING = sign(HEAD_OF_UNBIND._replace(kind="closing"), BODIES, KEY)
STRANGERS = sign(HEAD_OF_UNBIND, BODIES, STRANGER)
CHANGED = RAW.replace(b"WO-2026-0001", b"WO-2026-0002")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(KEY.public)
    (tmp_path / "before.json").write_bytes(RAW)
    return tmp_path


def take(capsys, *arguments, lang="en"):
    code = main(["--lang", lang, "backend", "import", "--db", "b.db", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def take_json(capsys, *arguments):
    code, out, _ = take(capsys, "--json", *arguments)
    return code, json.loads(out)


def kept(folder):
    store = BackendStore(folder / "b.db")
    try:
        return sorted((each.file, each.verdict) for each in store.evidence.all())
    finally:
        store.close()


def verdicts(document):
    return [(each["file"], each["place"], each["verdict"]) for each in document["documents"]]


def test_several_files_in_one_go_and_again(folder, capsys):
    (folder / "closing.json").write_bytes(CLOSING)
    files = ("before.json", "closing.json", "--key", "key")
    code, first = take_json(capsys, *files)
    assert (code, first["new"], first["repeated"], first["bad"]) == (0, 2, 0, 0)
    assert [each["verdict"] for each in first["documents"]] == ["verified"] * 2
    assert first["documents"][1]["kind"] == "closing"
    code, again = take_json(capsys, *files)
    assert (code, again["new"], again["repeated"]) == (0, 0, 2)
    assert kept(folder) == sorted([(RAW, "verified"), (CLOSING, "verified")])


def test_a_folder_with_folders_in_it_and_other_things(folder, capsys):
    case = folder / "stick" / "case"
    case.mkdir(parents=True)
    (case / "closing.json").write_bytes(CLOSING)
    (folder / "stick" / "both.jsonl").write_bytes(RAW + OTHER_RAW)
    (folder / "stick" / "holiday.jpg").write_bytes(b"\xff\xd8" * 100)
    BackendStore(folder / "stick" / "old.db").close()
    code, document = take_json(capsys, "stick")
    assert (code, document["new"]) == (0, 3)
    assert verdicts(document) == [
        ("stick/both.jsonl", 1, "intact"),
        ("stick/both.jsonl", 2, "intact"),
        ("stick/case/closing.json", 1, "intact"),
    ]
    assert sorted(each["file"] for each in document["left"]) == [
        "stick/holiday.jpg",
        "stick/old.db",
    ]


@pytest.mark.parametrize(
    ("content", "verdict"),
    [(CHANGED, "broken"), (RAW[:-1], "broken"), (STRANGERS, "other_key")],
)
def test_what_does_not_hold_is_kept_and_named(folder, capsys, content, verdict):
    (folder / "bad.json").write_bytes(content)
    code, document = take_json(capsys, "before.json", "bad.json", "--key", "key")
    assert (code, document["bad"]) == (1, 1)
    assert [each["verdict"] for each in document["documents"]] == ["verified", verdict]
    assert set(document["documents"][1]["reason"]) == {"zh", "en"}
    assert kept(folder) == sorted([(RAW, "verified"), (content, verdict)])


def test_a_file_that_was_named_and_holds_nothing_is_the_answer_no(folder, capsys):
    (folder / "notes.txt").write_text("hello")
    code, out, _ = take(capsys, "before.json", "notes.txt")
    assert code == 1
    assert "notes.txt: no evidence of simward is in it" in out
    assert kept(folder) == [(RAW, "intact")]
    (folder / "mixed").write_bytes(RAW + b"hello\n")
    code, document = take_json(capsys, "mixed")
    assert (code, document["left"][0]["file"]) == (1, "mixed:2")


def test_an_empty_folder_has_nothing_to_take(folder, capsys):
    (folder / "empty").mkdir()
    assert take(capsys, "empty")[0] == 1


@pytest.mark.parametrize("name", ["none.json", "pipe", "a\0b"])
def test_what_cannot_be_read_is_wrong_usage_and_nothing_is_taken(folder, capsys, name):
    os.mkfifo(folder / "pipe")
    code, out, err = take(capsys, "before.json", name)
    assert (code, out) == (2, "")
    assert "cannot be read" in err
    assert not (folder / "b.db").exists()


def test_a_database_that_is_none_is_said(folder, capsys):
    (folder / "b.db").write_text("no database at all, and long enough to be looked at" * 30)
    code, _, err = take(capsys, "before.json")
    assert code == 2
    assert err.startswith("simward: b.db: ")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("lang", "word"), [("en", "intact; no key"), ("zh", "内容完整")])
def test_the_text_hides_the_card(capsys, lang, word):
    code, out, _ = take(capsys, "before.json", lang=lang)
    assert code == 0
    assert word in out
    assert ICCID not in out
    assert ICCID in take(capsys, "before.json", "--full", lang=lang)[1]
