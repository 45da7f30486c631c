import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.table import width
from cloud_bridge.certificate import NOT_ATTESTED, sign
from cloud_bridge.signing import public_pem
from tests.unit.evidence_helpers import (
    BODIES,
    HEAD_OF_UNBIND,
    ICCID,
    IMEI,
    KEY,
    RAW,
    STRANGER,
    changed,
    document_of,
    put,
    tampered,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def given(tmp_path, monkeypatch):
    """Evidence and key in a directory, by short names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMWARD_LANG", "en")
    Path("e.json").write_bytes(RAW)
    Path("gw.pem").write_text(public_pem(KEY.public))
    Path("gw.hex").write_text(KEY.public.upper() + "\n")
    Path("other.pem").write_text(public_pem(STRANGER.public))
    return tmp_path


def said(capsys, *argv):
    code = main(["certificate", *argv])
    return code, capsys.readouterr()


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("key", ["gw.pem", "gw.hex"])
def test_with_a_key_from_elsewhere_it_is_verified(capsys, key):
    code, output = said(capsys, "verify", "e.json", "--key", key)
    assert code == 0
    assert output.out.startswith(f"Verified: unchanged since it was signed with the key in {key}\n")
    assert KEY.public in output.out


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize(("lang", "words"), [("en", "Integrity only"), ("zh", "仅证明完整性")])
@pytest.mark.parametrize("what", ["show", "verify"])
def test_without_a_key_only_integrity_is_claimed_and_said(capsys, lang, words, what):
    code, output = said(capsys, "--lang", lang, what, "e.json")
    assert code == 0
    assert output.out.startswith(words)
    assert "--key FILE" in output.out


@pytest.mark.usefixtures("given")
def test_another_key_does_not_verify(capsys):
    code, output = said(capsys, "verify", "e.json", "--key", "other.pem")
    assert (code, output.out) == (
        1,
        "Does not verify: the signature: signed with another key than the one given\n",
    )


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_meddling_is_one_line_in_both_languages(capsys, lang):
    """But for what cannot be told from other files: that is exit 2."""
    codes = set()
    for name, raw, (_, number, reason) in tampered():
        Path("t.json").write_bytes(raw)
        code, output = said(capsys, "--lang", lang, "verify", "t.json", "--key", "gw.pem")
        codes.add(code)
        assert code in {1, 2}, name
        text = (output.out or output.err).replace("\n", " ")
        assert (reason in text) == (lang == "en") or code == 2, name
        assert code == 2 or number is None or f"{number}" in text, name
        assert max(width(line) for line in output.out.splitlines() or [""]) <= 80, name
    assert codes == {1, 2}


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["none.json"], "FILE: cannot read none.json: No such file or directory"),
        (["."], "FILE: cannot read .: not a file"),
        (["/dev/zero"], "FILE: cannot read /dev/zero: not a file"),
        (["pipe"], "FILE: cannot read pipe: not a file"),
        (["a\0b"], "not a file"),
        (["gw.pem"], "FILE: gw.pem: no evidence of simward"),
        (["empty"], "FILE: empty: no evidence of simward"),
        (["long"], "FILE: long: longer than any evidence (60 KiB)"),
        (["e.json", "--key", "none.pem"], "--key: cannot read none.pem: No such file"),
        (["e.json", "--key", "e.json"], "--key: e.json: no Ed25519 public key"),
        (["e.json", "--key"], "--key: a value is missing"),
        ([], "FILE"),
    ],
)
@pytest.mark.parametrize("what", ["show", "verify"])
def test_a_file_that_cannot_be_used_is_exit_2_and_one_line(capsys, what, argv, words):
    os.mkfifo("pipe")
    Path("empty").write_bytes(b"")
    Path("long").write_bytes(RAW * 40)
    code, output = said(capsys, what, *argv)
    assert (code, output.out, output.err.count("\n")) == (2, "", 1)
    assert words in output.err


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("what", ["attach", "unbind"])
def test_what_is_not_there_is_an_unknown_command(capsys, what):
    assert said(capsys, what, "e.json")[0] == 2


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_people_see_no_number_of_card_device_or_person(capsys, lang):
    _, output = said(capsys, "--lang", lang, "show", "e.json")
    for secret in (ICCID, IMEI, "13800138000", "张三丰"):
        assert secret not in output.out
    for masked in ("890010**********0018", "356938*****3809", "138****8000", "张***"):
        assert masked in output.out
    assert max(width(line) for line in output.out.splitlines()) <= 80
    assert NOT_ATTESTED[0][lang][:12] in output.out


@pytest.mark.usefixtures("given")
def test_the_holder_sees_all(capsys):
    _, output = said(capsys, "show", "e.json", "--full")
    for secret in (ICCID, IMEI, "13800138000", "张三丰", "AT+CRSM=176,12258,0,0,10"):
        assert secret in output.out


@pytest.mark.usefixtures("given")
def test_show_prints_the_document_as_it_is(capsys):
    code, output = said(capsys, "show", "e.json", "--json")
    assert (code, json.loads(output.out)) == (0, document_of())


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_broken_evidence_is_shown_as_broken(capsys, form):
    Path("b.json").write_bytes(changed(put("entries", 2, "body", "result", value="fail")))
    code, output = said(capsys, "show", "b.json", *form)
    assert code == 1
    assert "entry 3: what it says is not what was recorded" in (output.err if form else output.out)


@pytest.mark.usefixtures("given")
def test_evidence_that_cannot_be_read_at_all_shows_nothing(capsys):
    Path("b.json").write_bytes(RAW[:-100])
    code, output = said(capsys, "show", "b.json")
    assert (code, output.out) == (1, "")
    assert output.err.startswith("simward: does not verify: the file: cut off or added to")


@pytest.mark.usefixtures("given")
def test_what_a_terminal_would_obey_is_not_sent_to_it(capsys):
    bodies = [{**BODIES[1], "note": "\x1b[2Jgone\r\n", "by": "\x1b", "\x07": "\x9b", "what": "\n"}]
    Path("x.json").write_bytes(sign(HEAD_OF_UNBIND, bodies, KEY))
    _, output = said(capsys, "show", "x.json", "--full")
    assert not set(output.out) & {"\x1b", "\r", "\x07", "\x9b"}


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize(
    ("argv", "verdict"),
    [(["e.json"], "intact"), (["e.json", "--key", "gw.pem"], "verified")],
)
def test_json_of_what_holds(capsys, argv, verdict):
    code, output = said(capsys, "verify", *argv, "--json")
    found = json.loads(output.out)
    assert code == 0
    assert found["schema"] == "simward/certificate/1"
    assert (found["verdict"], found["problem"]) == (verdict, None)
    assert (found["iccid"], found["entries"]) == (ICCID, len(BODIES))
    assert found["public_key"] == KEY.public


@pytest.mark.usefixtures("given")
def test_json_of_what_does_not_hold_passes_nothing_of_it_on(capsys):
    Path("b.json").write_bytes(changed(put("entries", 1, "body", "value", value=False)))
    code, output = said(capsys, "verify", "b.json", "--key", "gw.pem", "--json")
    found = json.loads(output.out)
    assert (code, found["verdict"]) == (1, "broken")
    assert found["problem"] == {
        "part": "entry",
        "entry": 2,
        "reason": {
            "zh": "内容与当时记录不符",
            "en": "what it says is not what was recorded",
        },
    }
    assert found["iccid"] is found["public_key"] is found["not_attested"] is None


@pytest.mark.usefixtures("given")
def test_it_opens_no_connection(capsys, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    assert said(capsys, "verify", "e.json", "--key", "gw.pem")[0] == 0


def test_an_auditor_with_python_alone_comes_to_the_same_result(given):
    """The program of docs/evidence.md, as it stands there; it imports nothing of simward."""
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    program = text.split("```python\n")[1].split("```")[0]
    (given / "audit.py").write_text(program, encoding="utf-8")

    def audit(name):
        argv = [sys.executable, "-I", "audit.py", name, KEY.public]
        return subprocess.run(argv, capture_output=True, text=True, check=False).returncode

    assert audit("e.json") == 0
    for place in (30, 700, len(RAW) - 40):
        Path("b.json").write_bytes(RAW[:place] + bytes([RAW[place] ^ 1]) + RAW[place + 1 :])
        assert audit("b.json") == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
@pytest.mark.usefixtures("given")
def test_an_auditor_with_openssl_comes_to_the_same_result():
    """The commands of docs/evidence.md, as they stand there."""
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    commands = text.split("```sh\n")[1].split("```")[0]
    good = subprocess.run(["sh", "-ec", commands], capture_output=True, text=True, check=True)
    assert "Verified Successfully" in good.stdout
    Path("e.json").write_bytes(RAW.replace(b'"pass"', b'"fail"'))
    bad = subprocess.run(["sh", "-ec", commands], capture_output=True, text=True, check=False)
    assert bad.returncode == 1
