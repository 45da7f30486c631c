"""Whatever is wrong: the exit code of the contract, and one clear line in both languages.

Each row runs the real program in English and in Chinese. Nothing is measured: the bound of each
run is the time-out of its process.
"""

import fcntl
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from modem.simulator.faults import with_fault
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_pty, serve_tcp
from tests.system import bad_peers
from tests.system.broker import free_port
from tests.system.programs import running, wait_until

pytestmark = pytest.mark.system

_SIMWARD = "import sys; from agent.cli import main; sys.exit(main())"
_CHINESE = re.compile("[\u4e00-\u9fff]")
_BOUND_S = 60
_LANGUAGES = ("en", "zh")


def command(lang: str) -> list[str]:
    return [sys.executable, "-c", _SIMWARD, "--lang", lang]


class Run:
    """The program in both languages at once; `text` is what it said in English."""

    def __init__(self, folder: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        clean = {
            k: v for k, v in os.environ.items() if not k.startswith(("SIMWARD", "LC_", "LANG"))
        }
        clean["XDG_CONFIG_HOME"] = str(folder)
        self._started = {
            lang: subprocess.Popen(
                [*command(lang), *(argument.replace("LANG", lang) for argument in arguments)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                # Apart: they must not meet in one state directory.
                env=clean | {"SIMWARD_DEVICE__STATE_DIR": f"{folder}/state-{lang}"} | (env or {}),
            )
            for lang in _LANGUAGES
        }

    def said(self) -> dict[str, tuple[int, str, str]]:
        """(exit code, output, complaint) by language."""
        said = {}
        try:
            for lang, process in self._started.items():
                out, err = process.communicate(timeout=_BOUND_S)
                said[lang] = (process.returncode, out, err)
        finally:
            for process in self._started.values():
                process.kill()
                process.wait()
        return said

    def refused(self, code: int, *words: str, en: str = "", document: bool = False) -> None:
        """One line names `words` in both languages; in English it says `en`."""
        for lang, (status, out, err) in self.said().items():
            assert status == code, err
            assert err.endswith("\n")
            assert len(err.splitlines()) == 1, err
            line = err.removeprefix("simward: ")
            assert [word for word in words if word not in line] == []
            if lang == "en":
                assert en in line
                assert not _CHINESE.search(line), line
            else:
                assert _CHINESE.search(line), line
            if document:
                assert isinstance(json.loads(out), dict)
                assert out.endswith("}\n")
            else:
                assert out == ""


@pytest.fixture
def places(tmp_path):
    """Files and folders that rows name as @NAME."""
    (tmp_path / "file").write_text("nothing of use\n" * 100)
    (tmp_path / "newer.db").touch()
    with sqlite3.connect(tmp_path / "newer.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    (tmp_path / "corrupt.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    (tmp_path / "bytes").write_bytes(b"\x00\xff\xfe")
    return tmp_path


def in_place(places: Path, arguments: list[str]) -> list[str]:
    return [argument.replace("@", f"{places}/") for argument in arguments]


# Ports


@pytest.mark.parametrize("what", [["status"], ["sim", "read"]], ids=" ".join)
@pytest.mark.parametrize(
    ("port", "reason"),
    [
        pytest.param("/dev/no-such-tty", "no such port", id="missing"),
        pytest.param("@file", "not a serial port", id="file"),
        pytest.param("@", "not a serial port", id="folder"),
        pytest.param("/dev/null", "not a serial port", id="device that is no tty"),
        pytest.param("nonsense://x", "bad URL", id="unknown scheme"),
        pytest.param("socket://nowhere", "bad URL", id="no port number"),
        pytest.param("socket://nowhere.invalid:99", "host unreachable", id="no such host"),
        pytest.param("socket://127.0.0.1:FREE", "connection refused", id="nobody listens"),
        pytest.param("rfc2217://127.0.0.1:FREE", "connection refused", id="nobody listens, 2217"),
    ],
)
def test_a_wrong_port_is_exit_3(places, what, port, reason):
    [port] = in_place(places, [port.replace("FREE", str(free_port()))])
    Run(places, *what, "--port", port, "--json").refused(3, port, en=reason)


def test_a_line_break_in_a_name_does_not_break_the_line(tmp_path):
    Run(tmp_path, "status", "--port", "a\nb\x1b[31m").refused(3, r"a\nb\x1b[31m")


def test_a_port_that_another_program_holds_is_exit_3(tmp_path):
    with serve_pty(SimulatedModem.load("quectel_ec25")) as port:
        terminal = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.flock(terminal, fcntl.LOCK_EX)
            Run(tmp_path, "status", "--port", port.path, "--json").refused(
                3, port.path, en=f"(pid {os.getpid()})"
            )
        finally:
            os.close(terminal)


def test_a_port_that_a_daemon_elsewhere_holds_is_exit_3(tmp_path):
    log = tmp_path / "daemon.err"
    with serve_pty(SimulatedModem.load("quectel_ec25")) as port:
        config = tmp_path / "simward.toml"
        config.write_text(
            f'device.state_dir = "{tmp_path / "other"}"\n[[modem]]\nport = "{port.path}"\n'
        )
        with running(tmp_path, "daemon", "--config", str(config), "run") as daemon:
            wait_until(lambda: log.exists() and "sample slot=1" in log.read_text(), daemon)
            Run(tmp_path, "status", "--port", port.path, "--json").refused(
                3, port.path, en=f"(pid {daemon.pid})"
            )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_port_without_permission_is_exit_3(tmp_path):
    port = tmp_path / "tty"
    port.touch(0)
    Run(tmp_path, "status", "--port", str(port)).refused(3, str(port), en="no permission")


# Behind the port


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (bad_peers.says_nothing, "the modem does not answer"),
        (bad_peers.echoes, "the modem does not answer"),
        (bad_peers.floods, "the port never stops sending"),
        (bad_peers.logs_in, "the modem does not answer"),
        (bad_peers.closes_at_once, "the other end is gone"),
        (bad_peers.drops_in_the_middle_of_a_line, "the other end is gone"),
    ],
)
def test_no_modem_behind_the_port_is_exit_3(tmp_path, talk, reason):
    with bad_peers.peer(talk) as url:
        asked = (["status"], ["sim", "read"])
        for run in [Run(tmp_path, *what, "--port", url, "--json") for what in asked]:
            run.refused(3, url, en=reason)


@pytest.mark.parametrize("final", [b"ERROR", b"+CME ERROR: 100", b"COMMAND NOT SUPPORT"])
def test_a_modem_that_refuses_everything_is_exit_4_with_a_document(tmp_path, final):
    with bad_peers.peer(bad_peers.always(final)) as url:
        Run(tmp_path, "status", "--port", url, "--json").refused(4, document=True)
        Run(tmp_path, "sim", "read", "--port", url, "--json").refused(4)


def test_a_modem_that_only_says_ok_is_taken_for_none_of_its_facts(tmp_path):
    with bad_peers.peer(bad_peers.always(b"OK")) as url:
        run = Run(tmp_path, "status", "--port", url, "--json", "--only", "signal,operator")
        for status, out, err in run.said().values():
            assert (status, err) == (0, "")
            document = json.loads(out)
            assert set(document["signal"].values()) | set(document["operator"].values()) == {None}


def test_what_was_read_before_the_line_dropped_is_shown_with_exit_3():
    for lang in _LANGUAGES:
        modem = with_fault(SimulatedModem.load("quectel_ec25"), "hang-up=AT+CSQ")
        with serve_tcp(modem) as port:
            result = subprocess.run(
                [*command(lang), "status", "--port", port.url, "--json"],
                capture_output=True,
                encoding="utf-8",
                timeout=_BOUND_S,
                check=False,
            )
        assert result.returncode == 3
        assert len(result.stderr.splitlines()) == 1
        assert port.url in result.stderr
        assert bool(_CHINESE.search(result.stderr)) == (lang == "zh")
        document = json.loads(result.stdout)
        assert document["modem"]["imei"] == "356938035643809"
        assert document["sim"]["iccid"] is not None
        assert document["absent"]["signal.rssi_dbm"] == "the other end is gone"
        assert document["absent"]["packet.attached"] == "the other end is gone"


# The card

_CARD = """
name = "%s"
kind = "usim"
provenance = "synthetic"
source = "own numbers"
[identity]
iccid = "89001010000000000026"
imsi = "001010123456781"
mnc_length = 2
"""
_NO_ICCID = '[[file]]\npath = "MF/2FE2"\nhex = "FFFFFFFFFFFFFFFFFFFF"\n'
_NO_IMSI = '[[file]]\npath = "ADF.USIM/6F07"\nhex = "FFFFFFFFFFFFFFFFFF"\n'
_PIN = '[pin1]\nenabled = true\nvalue = "1234"\nretries = %d\npuk = "12345678"\npuk_retries = %d\n'


@pytest.fixture
def cards(tmp_path):
    files = {
        "without ICCID": _NO_ICCID,
        "without IMSI": _NO_IMSI,
        "PIN": _PIN % (3, 10),
        "PUK": _PIN % (0, 10),
        "blocked": _PIN % (0, 0),
    }
    for name, tables in files.items():
        (tmp_path / f"{name}.toml").write_text(_CARD % name + tables)
    return {name: str(tmp_path / f"{name}.toml") for name in files} | {
        "damaged": "damaged",
        "none": "",
    }


@pytest.mark.parametrize(
    ("card", "state", "reason"),
    [
        ("none", "absent", "no card"),
        ("damaged", "ready", "not on the card"),
        ("PIN", "pin_required", "PIN required"),
        ("PUK", "puk_required", "PUK required"),
        ("blocked", "blocked", "blocked for ever"),
    ],
)
def test_a_card_that_cannot_be_used_is_exit_4_with_a_document(tmp_path, cards, card, state, reason):
    with serve_tcp(SimulatedModem.load("quectel_ec25", cards[card])) as port:
        run = Run(tmp_path, "status", "--port", port.url, "--json")
        assert {json.loads(out)["sim"]["state"] for _, out, _ in run.said().values()} == {state}
        Run(tmp_path, "status", "--port", port.url, "--json").refused(4, en=reason, document=True)


@pytest.mark.parametrize(
    ("card", "words", "document"),
    [
        ("none", [], False),
        ("damaged", ["EF.ICCID"], True),
        ("without ICCID", ["EF.ICCID"], True),
        ("without IMSI", ["EF.IMSI"], True),
        ("PIN", ["EF.IMSI"], True),
        ("PUK", ["EF.IMSI"], True),
        ("blocked", ["EF.IMSI"], True),
    ],
)
def test_sim_read_of_a_card_without_an_identity_is_exit_4(tmp_path, cards, card, words, document):
    with serve_tcp(SimulatedModem.load("quectel_ec25", cards[card])) as port:
        run = Run(tmp_path, "sim", "read", "--port", port.url, "--json")
        run.refused(4, *words, document=document)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["EF.IMSI", "zz"], 2, ["HEX"], id="no hexadecimal digits"),
        pytest.param(["EF.IMSI", "081"], 2, ["HEX"], id="odd number of digits"),
        pytest.param(["EF.IMSI", "\u0660\u0668"], 2, ["HEX"], id="digits of another script"),
        pytest.param(["EF.IMSI", ""], 4, ["EF.IMSI", "0"], id="empty"),
        pytest.param(["EF.IMSI", "08" * 50_000], 4, ["EF.IMSI"], id="100 kB"),
        pytest.param(["EF.ICCID", "98" * 50_000], 4, ["EF.ICCID"], id="100 kB of ICCID"),
        pytest.param(["EF.NOPE", "00"], 2, ["EF.NOPE"], id="unknown name"),
        pytest.param(["FFFF", "00"], 2, ["FFFF"], id="unknown identifier"),
        pytest.param(["port", "00"], 2, ["port"], id="a name that is also a word"),
        pytest.param(["EF.ADN", "00", "--record", "0"], 2, ["--record", "0"], id="record 0"),
        pytest.param(["EF.ADN", "00", "--record", "255"], 2, ["--record", "255"], id="record 255"),
        pytest.param(["EF.ADN", "00", "--record", "x"], 2, ["--record", "x"], id="record x"),
        pytest.param(["EF.ADN"], 2, ["HEX"], id="no bytes"),
    ],
)
def test_bytes_that_do_not_decode(tmp_path, arguments, code, words):
    Run(tmp_path, "sim", "decode", *arguments, "--json").refused(code, *words)


def test_a_list_of_100_kb_decodes_to_one_document(tmp_path):
    for status, out, err in (
        Run(tmp_path, "sim", "decode", "EF.FPLMN", "00F110" * 16_000, "--json").said().values()
    ):
        assert (status, err) == (0, "")
        assert json.loads(out)["file"] == "EF.FPLMN"


# The command line and the fixtures


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param([], ["simward --help"], id="no command"),
        pytest.param(["frobnicate"], ["frobnicate"], id="unknown command"),
        pytest.param(["sim"], ["read|decode"], id="half a command"),
        pytest.param(["sim", "write"], ["write"], id="unknown half"),
        pytest.param(["status", "--nope"], ["--nope"], id="unknown option"),
        pytest.param(["status", "--port"], ["--port"], id="value missing"),
        pytest.param(["status", "--only", ""], ["--only"], id="no part"),
        pytest.param(["status", "--only", ","], ["--only"], id="no part but a comma"),
        pytest.param(["status", "--only", "sim,radio"], ["--only", "radio"], id="unknown part"),
        pytest.param(["status", "--port", ""], ["--port"], id="empty port"),
        pytest.param(["status", "--baudrate", "-5"], ["--baudrate", "-5"], id="speed"),
        pytest.param(["status", "--port", "x", "--profile", "no"], ["no"], id="unknown profile"),
        pytest.param(["--log-level", "loud", "status"], ["--log-level", "loud"], id="log level"),
        pytest.param(["status", "--lang", "fr"], ["--lang", "fr"], id="language"),
        pytest.param(["schema", "nope"], ["nope", "report"], id="unknown schema"),
        pytest.param(["fixture", "simulate", "--modem", "no"], ["no"], id="unknown modem"),
        pytest.param(
            ["fixture", "simulate", "--modem", "quectel_ec25", "--card", "no"], ["no"], id="card"
        ),
        pytest.param(["fixture", "simulate", "--modem", "@bytes.toml"], ["@bytes.toml"], id="file"),
        pytest.param(
            ["fixture", "simulate", "--modem", "quectel_ec25", "--latency", "nan"],
            ["--latency", "nan"],
            id="latency",
        ),
        pytest.param(["fixture", "play", "@no.dialogue"], ["@no.dialogue"], id="no dialogue"),
        pytest.param(["fixture", "play", "/@bytes"], ["@bytes"], id="dialogue of bytes"),
    ],
)
def test_wrong_usage_is_exit_2(places, arguments, words):
    Run(places, *in_place(places, arguments)).refused(2, *in_place(places, words))


# The configuration

_MODEM = '[[modem]]\nport = "/dev/a"\n'
_BROKER = _MODEM + "[broker]\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[device]\nid =\n", ["@c.toml:2"], id="no TOML"),
        pytest.param("[report]\ninterval = 5\n", ["@c.toml:2", "report.interval_s"], id="key"),
        pytest.param("\n[reprot]\n", ["@c.toml:2", "reprot", "report"], id="section"),
        pytest.param('[report]\ninterval_s = "x"\n', ["@c.toml:2", "report.interval_s"], id="type"),
        pytest.param("[report]\ninterval_s = -1\n", ["@c.toml:2", "report.interval_s"], id="bound"),
        pytest.param("", ["[[modem]]"], id="no modem"),
        pytest.param(_MODEM + _MODEM, ["[[modem]]", "slot"], id="two modems in one slot"),
        pytest.param(_MODEM + 'profile = "no"\n', ["no"], id="unknown modem profile"),
        pytest.param(_BROKER + 'url = "http://x"', ["@c.toml:4", "broker.url"], id="URL"),
        pytest.param(_BROKER + 'url = "mqtt://x:99999"', ["@c.toml:4", "broker.url"], id="number"),
        pytest.param(_BROKER + 'url = "mqtt://a:b@x"', ["@c.toml:4", "broker.url"], id="password"),
        pytest.param(
            _BROKER + 'url = "mqtts://x"\nca = "@no.pem"', ["broker.ca", "@no.pem"], id="no CA"
        ),
        pytest.param(_BROKER + 'url = "mqtts://x"\nca = "@file"', ["broker"], id="CA is none"),
        pytest.param(
            _BROKER + 'url = "mqtts://x"\ncert = "@no.pem"', ["broker.cert", "@no.pem"], id="cert"
        ),
        pytest.param(
            _BROKER + 'url = "mqtts://x"\nkey = "@file"', ["broker.key", "broker.cert"], id="key"
        ),
        pytest.param(
            _BROKER + 'url = "mqtt://x"\npassword_file = "@no"',
            ["broker.password_file", "@no"],
            id="password file",
        ),
    ],
)
def test_a_broken_configuration_is_exit_2(places, text, words):
    (places / "c.toml").write_text(*in_place(places, [text]))
    Run(places, "--config", f"{places}/c.toml", "run").refused(2, *in_place(places, words))


@pytest.mark.parametrize("name", ["no.toml", "", "bytes"], ids=["missing", "folder", "bytes"])
@pytest.mark.parametrize("what", ["run", "status"])
def test_a_configuration_that_cannot_be_read_is_exit_2(places, name, what):
    Run(places, "--config", f"{places}/{name}", what).refused(2, str(places))


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("SIMWARD_REPORT__INTERVALL", "3", "report.interval_s"),
        ("SIMWARD_REPROT__X", "3", "report"),
        ("SIMWARD_REPORT__INTERVAL_S", "often", "report.interval_s"),
        ("SIMWARD_MODEM__PORT", "", "modem.port"),
        ("SIMWARD_MODEM__PROT", "x", "modem.port"),
        ("SIMWARD_CONFIG", "/no/such.toml", "/no/such.toml"),
    ],
)
def test_a_wrong_variable_is_exit_2(tmp_path, variable, value, word):
    named = [word] if variable == "SIMWARD_CONFIG" else [variable, word]
    Run(tmp_path, "run", env={variable: value}).refused(2, *named)


@pytest.mark.parametrize(
    ("state_dir", "database"),
    [
        pytest.param("/proc/simward", None, id="not writable"),
        pytest.param("@file", None, id="a file"),
        pytest.param("@file/below", None, id="below a file"),
        pytest.param("@state", "folder", id="the database is a folder"),
        pytest.param("@state", "newer.db", id="the database is of a newer version"),
    ],
)
def test_a_state_directory_that_cannot_be_used_is_exit_2(places, state_dir, database):
    [state_dir] = in_place(places, [state_dir])
    if database is not None:
        (places / "state").mkdir()
        (places / "folder").mkdir()
        (places / database).rename(places / "state" / "simward.db")
    env = {"SIMWARD_DEVICE__STATE_DIR": state_dir, "SIMWARD_MODEM__PORT": "/dev/a"}
    for lang in _LANGUAGES:  # one after the other: both use the same directory
        result = subprocess.run(
            [*command(lang), "run"],
            capture_output=True,
            encoding="utf-8",
            timeout=_BOUND_S,
            check=False,
            env=os.environ | env,
        )
        assert result.returncode == 2, result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert state_dir in result.stderr
        assert bool(_CHINESE.search(result.stderr)) == (lang == "zh")


# The backend


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["--wait", "0.5"], 5, ["mqtt://127.0.0.1:"], id="nobody listens"),
        pytest.param(["--db", "@"], 2, ["@"], id="the database is a folder"),
        pytest.param(["--db", "@no/x.db"], 2, ["@no/x.db"], id="no such folder"),
        pytest.param(["--db", "@newer.db"], 2, ["@newer.db"], id="newer version"),
        pytest.param(["--db", "@corrupt.db"], 2, ["@corrupt.db"], id="corrupt"),
        pytest.param(["--db", "@file"], 2, ["@file"], id="no database"),
        pytest.param(["--broker", "http://x"], 2, ["--broker"], id="URL"),
        pytest.param(["--root", "a/#"], 2, ["--root"], id="root"),
        pytest.param(["--wait", "-1"], 2, ["--wait", "-1"], id="negative time"),
        pytest.param(["--seconds", "nan"], 2, ["--seconds", "nan"], id="no time"),
        pytest.param(["--ca", "@no.pem"], 2, ["--ca", "@no.pem"], id="CA"),
        pytest.param(["--key", "@file"], 2, ["--key", "--cert"], id="key alone"),
        pytest.param(["--password-file", "@no"], 2, ["--password-file", "@no"], id="password file"),
    ],
)
def test_the_backend_says_what_is_in_its_way(places, arguments, code, words):
    usual = ["--broker", f"mqtt://127.0.0.1:{free_port()}", "--db", "@backend-LANG.db"]
    whole = ["backend", "consume", *usual, *arguments, "--json"]
    Run(places, *in_place(places, whole)).refused(code, *in_place(places, words))


# Ends that come from outside


def test_a_reader_that_goes_away_early_is_no_fault():
    with serve_tcp(SimulatedModem.load("quectel_ec25")) as port:
        process = subprocess.Popen(
            [sys.executable, "-c", _SIMWARD, "status", "--port", port.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(_BOUND_S) == 0


def test_ctrl_c_is_exit_130_and_no_traceback():
    asked = threading.Event()

    def talk(client: socket.socket) -> None:
        client.recv(4096)
        asked.set()
        bad_peers.says_nothing(client)

    with bad_peers.peer(talk) as url:
        process = subprocess.Popen(
            [*command("en"), "status", "--port", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert asked.wait(_BOUND_S)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=_BOUND_S)
        assert (process.returncode, out, err) == (130, "", "")
