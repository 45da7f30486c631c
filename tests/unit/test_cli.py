import json

import pytest

from agent.cli import main
from agent.cli.parser import COMMANDS
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    for name in ("LC_ALL", "LC_MESSAGES", "SIMWARD_LANG", "SIMWARD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SIMWARD_DEVICE__STATE_DIR", str(tmp_path / "state"))


def test_version_is_one_line(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("simward ")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_lists_every_command_in_both_languages(capsys, lang):
    assert main(["--lang", lang, "--help"]) == 0
    out = capsys.readouterr().out
    assert [name for name, _ in COMMANDS if name not in out] == []
    assert ("用法" in out) == (lang == "zh")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        pytest.param([], "no command given", id="no command"),
        pytest.param(["frobnicate"], "'frobnicate'", id="unknown command"),
        pytest.param(["status", "--prot", "x"], "--prot", id="unknown option"),
        pytest.param(["status", "--port"], "--port: a value is missing", id="value missing"),
        pytest.param(["status", "--baudrate", "x"], "'x' is no valid value", id="no number"),
        pytest.param(["status", "--only", "sim,radio"], "no part radio", id="unknown part"),
        pytest.param(["status", "--only", ","], "a value is missing", id="no part"),
        pytest.param(["--config", "/nonexistent.toml", "status"], "/nonexistent.toml", id="config"),
        pytest.param(["run"], "no modem configured", id="daemon without a modem"),
        pytest.param(["sim"], "read|decode", id="half a command"),
        pytest.param(["sim", "decode", "EF.NONE", "00"], "EF.NONE", id="unknown file"),
        pytest.param(["sim", "decode", "EF.IMSI", "0"], "HEX", id="odd digits"),
        pytest.param(["sim", "decode", "EF.IMSI", "00", "--record", "0"], "--record", id="record"),
        pytest.param(["--lang", "fr", "status"], "--lang: 'fr'", id="unknown language"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wrong_usage_is_exit_2_and_one_line_that_names_it(capsys, monkeypatch, argv, words, lang):
    monkeypatch.setenv("SIMWARD_LANG", lang)
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    if lang == "en":
        assert words in captured.err
    else:
        assert any("\u4e00" <= char <= "\u9fff" for char in captured.err)


@pytest.mark.parametrize("place", ["before", "between", "after"])
def test_json_is_taken_before_and_after_the_command(capsys, place):
    argv = ["sim", "decode", "EF.ICCID", "98001010000000000081"]
    at = {"before": 0, "between": 1, "after": len(argv)}[place]
    assert main([*argv[:at], "--json", *argv[at:]]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": "EF.ICCID",
        "fid": "2FE2",
        "value": {"iccid": "89000101000000000018"},
    }


def test_bytes_that_do_not_decode_are_exit_4_with_file_and_offset(capsys):
    assert main(["sim", "decode", "6F07", "0F29", "--json"]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "EF.IMSI: offset" in captured.err


def test_identifiers_are_masked_in_text_unless_full(capsys):
    argv = ["sim", "decode", "EF_ICCID", "98001010000000000081"]
    assert main(argv) == 0
    assert "89000101000000000018" not in capsys.readouterr().out
    assert main([*argv, "--full"]) == 0
    assert "89000101000000000018" in capsys.readouterr().out


def test_the_last_language_that_is_named_is_spoken(capsys):
    assert main(["--lang", "en", "--lang=zh", "status", "--port", "/dev/no-such-tty"]) == 3
    assert "不存在" in capsys.readouterr().err
    assert main(["--lang=zh", "status", "--port", "/dev/no-such-tty", "--lang", "en"]) == 3
    assert "no such port" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_port_that_does_not_exist_is_exit_3_and_one_line(capsys, lang):
    assert main(["--lang", lang, "status", "--port", "/dev/no-such-tty", "--json"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "/dev/no-such-tty" in captured.err
    assert ("不存在" in captured.err) == (lang == "zh")


@pytest.fixture
def modem():
    return SimulatedModem.load("quectel_ec25")


@pytest.fixture
def url(modem):
    with serve_tcp(modem) as port:
        yield port.url


def test_status_prints_one_document_and_nothing_else(capsys, url):
    assert main(["status", "--port", url, "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["modem"]["port"] == url
    assert captured.out.endswith("}\n")
    assert captured.err == ""


def test_status_only_leaves_the_other_parts_out(capsys, url):
    assert main(["status", "--port", url, "--json", "--only", "signal,modem"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [part for part in ("modem", "sim", "signal", "locks") if part in document] == [
        "modem",
        "signal",
    ]


def test_status_without_a_card_is_exit_4_and_prints_what_the_modem_could_say(capsys, modem, url):
    modem.remove_card()
    assert main(["status", "--port", url, "--json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert document["sim"]["state"] == "absent"
    assert document["modem"]["imei"] == "356938035643809"


def test_status_of_the_configured_modem_needs_no_port(capsys, monkeypatch, url):
    monkeypatch.setenv("SIMWARD_MODEM__PORT", url)
    assert main(["status", "--only", "modem"]) == 0
    assert url in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sim_read_shows_the_identity_files_masked(capsys, url, lang):
    assert main(["--lang", lang, "sim", "read", "--port", url]) == 0
    out = capsys.readouterr().out
    assert "MF/ADF.USIM/EF.IMSI" in out
    assert "001010" not in out.replace("00101*", "")
    assert main(["sim", "read", "--port", url, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "simward/card/1"
    assert document["iccid"].startswith("8900101")


def test_sim_read_without_a_card_is_exit_4_and_one_line(capsys, modem, url):
    modem.remove_card()
    assert main(["sim", "read", "--port", url, "--json"]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_an_unknown_profile_is_exit_2(capsys, url):
    assert main(["status", "--port", url, "--profile", "nokia"]) == 2
    assert "nokia" in capsys.readouterr().err
