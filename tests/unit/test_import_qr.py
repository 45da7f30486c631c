import io
import json
import os
import sqlite3
from pathlib import Path

import pytest

from agent.cli import main
from cloud_bridge.backend.part_shelf import PartShelf
from cloud_bridge.backend.store import BackendStore
from cloud_bridge.certificate import sign
from cloud_bridge.qr_text import Part, found, name_of, parts, written
from tests.unit.evidence_helpers import BODIES, HEAD_OF_UNBIND, KEY, OTHER_RAW, RAW

TEXTS = parts(RAW, 154)
DOCUMENT = name_of(RAW)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMWARD_LANG", "en")


def imported(capsys, *names: str):
    code = main(["backend", "import", "--db", "b.db", "--json", *names])
    return code, json.loads(capsys.readouterr().out)


def scanned(name: str, texts, before: str = "", encoding: str = "utf-8") -> str:
    Path(name).write_text("".join(f"{before}{text}\n" for text in texts), encoding=encoding)
    return name


def kept() -> int:
    with sqlite3.connect("b.db") as connection:
        return connection.execute("SELECT count(*) FROM evidence_parts").fetchone()[0]


def on_the_shelf() -> list[bytes]:
    with sqlite3.connect("b.db") as connection:
        return [file for (file,) in connection.execute("SELECT file FROM evidence")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_scanned_texts_in_any_order_with_what_the_scanner_adds(capsys, encoding):
    file = scanned("scan.txt", [*reversed(TEXTS), TEXTS[0]], "二维码 2026-11-22: ", encoding)
    code, document = imported(capsys, file)
    assert (code, document["new"], document["incomplete"], document["left"]) == (0, 1, [], [])
    assert document["documents"][0]["way"] == "qr"
    assert document["documents"][0]["verdict"] == "intact"
    assert on_the_shelf() == [RAW]
    assert kept() == 0


def test_one_file_a_code_and_two_documents_among_other_files(capsys):
    Path("phone").mkdir()
    for number, text in enumerate([*TEXTS, *parts(OTHER_RAW, 154)]):
        scanned(f"phone/{number}.txt", [text])
    Path("phone/photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 no text")
    code, document = imported(capsys, "phone")
    assert (code, document["new"]) == (0, 2)
    assert sorted(on_the_shelf()) == sorted([RAW, OTHER_RAW])


def test_parts_in_the_database_beside_it_are_no_scan(capsys):
    Path("phone").mkdir()
    code = main(["backend", "import", "--db", "phone/b.db", scanned("phone/scan.txt", TEXTS[:2])])
    assert code == 1
    Path("phone/scan.txt").unlink()
    capsys.readouterr()
    code, document = imported(capsys, "phone")
    assert (code, document["incomplete"], document["documents"]) == (1, [], [])


def test_pasted_on_standard_input(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(TEXTS).encode())))
    code, document = imported(capsys, "-")
    assert (code, document["documents"][0]["file"]) == (0, "-")
    assert on_the_shelf() == [RAW]


def test_what_is_missing_is_said_and_the_rest_is_kept_for_the_next_time(capsys):
    code, document = imported(capsys, scanned("first.txt", TEXTS[:2]))
    missing = list(range(3, len(TEXTS) + 1))
    assert code == 1
    assert document["incomplete"] == [
        {"file": "first.txt", "document": DOCUMENT, "total": len(TEXTS), "missing": missing}
    ]
    assert on_the_shelf() == []
    assert kept() == 2
    assert main(["backend", "import", "--db", "b.db", scanned("none.txt", TEXTS[1:2])]) == 1
    numbers = ", ".join(map(str, missing))
    assert (
        f"document {DOCUMENT}: of {len(TEXTS)} QR codes these are missing: {numbers};"
        in capsys.readouterr().out
    )
    code, document = imported(capsys, scanned("second.txt", TEXTS[2:]))
    assert (code, document["new"], document["incomplete"]) == (0, 1, [])
    assert on_the_shelf() == [RAW]
    assert kept() == 0


def test_other_documents_that_are_not_whole_yet_are_no_reason_to_complain(capsys):
    imported(capsys, scanned("other.txt", parts(OTHER_RAW, 154)[:1]))
    code, document = imported(capsys, scanned("scan.txt", TEXTS))
    assert (code, document["incomplete"]) == (0, [])
    assert kept() == 1


def test_a_damaged_part_is_said_where_it_is_missing_and_only_there(capsys):
    damaged = TEXTS[0][:40]
    code, document = imported(capsys, scanned("scan.txt", [damaged, *TEXTS[1:]]))
    assert code == 1
    assert document["incomplete"][0]["missing"] == [1]
    assert document["left"][0]["reason"]["en"] == "a part is damaged: scan it again"
    code, document = imported(capsys, scanned("again.txt", [damaged, TEXTS[0]]))
    assert (code, document["left"]) == (0, [])
    code, document = imported(capsys, scanned("alone.txt", [damaged]))
    assert (code, document["left"][0]["file"]) == (1, "alone.txt")


def test_parts_that_do_not_fit_together_are_not_kept(capsys):
    part = found(TEXTS[0]).parts[0]
    other = written(part._replace(content=part.content + b"x"))
    for first, second in (([TEXTS[0], other], []), ([TEXTS[0]], [other])):
        code, document = imported(capsys, scanned("a.txt", first))
        if second:
            code, document = imported(capsys, scanned("b.txt", second))
        assert code == 1
        assert document["left"][0]["file"].endswith(f": {DOCUMENT}")
        assert document["left"][0]["reason"]["en"] == "two parts of one number that differ"
        assert kept() == 0
    false = written(Part(DOCUMENT, 1, 1, b"something else"))
    code, document = imported(capsys, scanned("c.txt", [false]))
    assert (code, document["new"], kept()) == (1, 0, 0)
    assert imported(capsys, scanned("scan.txt", TEXTS))[0] == 0


def test_a_document_that_is_here_already_is_the_same_one(capsys):
    Path("e.json").write_bytes(RAW)
    code, document = imported(capsys, "e.json", scanned("scan.txt", TEXTS))
    assert (code, document["new"], document["repeated"]) == (0, 1, 1)


def test_a_database_from_before_there_were_parts_takes_them(capsys):
    BackendStore("b.db").close()
    with sqlite3.connect("b.db") as connection:
        connection.executescript("DROP TABLE evidence_parts; PRAGMA user_version = 2;")
    assert imported(capsys, scanned("scan.txt", TEXTS))[0] == 0


def test_parts_are_kept_once():
    store = BackendStore(":memory:")
    with store.transaction():
        for _ in range(2):
            store.parts.keep(DOCUMENT, len(TEXTS), TEXTS[:2], "2026-11-22T00:00:00Z")
    assert sorted(store.parts.kept(DOCUMENT, len(TEXTS))) == sorted(TEXTS[:2])
    assert store.parts.kept(DOCUMENT, 99) == []
    assert isinstance(store.parts, PartShelf)
    store.close()


def test_at_a_terminal_it_says_that_it_waits(capsys, monkeypatch):
    own, theirs = os.openpty()
    with os.fdopen(theirs, "r") as terminal:
        os.write(own, "".join(f"{text}\n" for text in parts(RAW, 154)).encode() + b"\x04")
        monkeypatch.setattr("sys.stdin", terminal)
        assert main(["backend", "import", "--db", "b.db", "-"]) == 0
    os.close(own)
    assert "Ctrl-D" in capsys.readouterr().err
    assert on_the_shelf() == [RAW]


def test_evidence_that_was_signed_by_a_known_gateway_is_verified(capsys):
    Path("gw.hex").write_text(KEY.public)
    raw = sign(HEAD_OF_UNBIND._replace(kind="closing"), BODIES, KEY)
    file = scanned("scan.txt", parts(raw, 154))
    code = main(["backend", "import", "--db", "b.db", "--json", file, "--key", "gw.hex"])
    assert code == 0
    assert json.loads(capsys.readouterr().out)["documents"][0]["verdict"] == "verified"
