"""`simward fixture` as a program."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

SIMWARD = [sys.executable, "-c", "import sys; from agent.cli import main; sys.exit(main())"]


def start(*args: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*SIMWARD, "fixture", *args], stdout=subprocess.PIPE, text=True)


def url_of(process: subprocess.Popen[str]) -> str:
    found = re.fullmatch(r"port: (\S+)\n", process.stdout.readline())
    assert found is not None
    return found[1]


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    process.stdout.close()
    return process.wait(timeout=60)


def ask(url: str, command: bytes, end: bytes = b"OK\r\n") -> bytes:
    host, _, number = url.removeprefix("socket://").rpartition(":")
    with socket.create_connection((host, int(number)), timeout=60) as client:
        client.sendall(command)
        got = b""
        while not got.endswith(end):
            got += client.recv(4096)
        return got


def test_simulate_serves_a_modem_and_logs_what_it_answered(tmp_path: Path) -> None:
    log = tmp_path / "asked.log"
    process = start(
        "simulate", "--modem", "quectel_ec25", "--tcp", "127.0.0.1:0", "--log", str(log)
    )
    try:
        assert ask(url_of(process), b"AT+CGMI\r") == b"AT+CGMI\r\r\nQuectel\r\n\r\nOK\r\n"
        assert re.fullmatch(r"[0-9.]+\tAT\+CGMI\tQuectel\|OK\n", log.read_text())
    finally:
        assert stop(process) == 0


def test_simulate_links_a_terminal_and_takes_the_link_away(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    process = start("simulate", "--modem", "generic_3gpp", "--link", str(link))
    try:
        assert url_of(process) == str(link)
        terminal = os.open(link, os.O_RDWR | os.O_NOCTTY)
        os.write(terminal, b"AT\r")
        assert os.read(terminal, 100)
        os.close(terminal)
    finally:
        assert stop(process) == 0
    assert not link.is_symlink()


def test_simulate_starts_as_it_is_told_and_goes_on_as_it_is_told() -> None:
    process = subprocess.Popen(
        [*SIMWARD, "fixture", "simulate", "--modem", "quectel_ec25", "--tcp", "127.0.0.1:0",
         "--do", "network.eps.reject = 8", "--do", "set.signal.rssi_dbm=-113", "--stdin"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        url = url_of(process)
        assert b"+CEREG: 0,3" in ask(url, b"AT+CEREG?\r")
        process.stdin.write("colour = 1\n")
        process.stdin.write('card = "remove"\n')
        process.stdin.flush()
        assert "colour" in process.stderr.readline()
        while b"CME ERROR: 10" not in ask(url, b"ATE0;+CMEE=1;+CPIN?;\r", b"\r\n"):
            pass
    finally:
        process.stdin.close()
        process.stderr.close()
        assert stop(process) == 0


def test_simulate_takes_modem_and_card_from_the_scenario(tmp_path: Path) -> None:
    scenario = tmp_path / "s.toml"
    scenario.write_text('modem = "generic_3gpp"\ncard = "pin_locked"\nstart = {}\n')
    process = start("simulate", "--scenario", str(scenario), "--tcp", "127.0.0.1:0")
    try:
        assert b"+CPIN: SIM PIN" in ask(url_of(process), b"AT+CPIN?\r")
    finally:
        assert stop(process) == 0


def test_play_serves_a_shipped_dialogue() -> None:
    process = start("play", "quectel/rm500u", "--tcp", "127.0.0.1:0", "--echo", "off")
    try:
        assert ask(url_of(process), b"AT+CGMM\r") == b"\r\nRM500U-CNV\r\n\r\nOK\r\n"
    finally:
        assert stop(process) == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["simulate", "--modem", "nosuch"], "quectel_ec25", id="no such modem"),
        pytest.param(["simulate"], "--modem", id="no modem"),
        pytest.param(
            ["simulate", "--modem", "generic_3gpp", "--do", "set.eps.color=1"], "color", id="set"
        ),
        pytest.param(["simulate", "--modem", "generic_3gpp", "--do", "x"], "TOML", id="no TOML"),
        pytest.param(
            ["simulate", "--modem", "generic_3gpp", "--tcp", "here"], "here", id="address"
        ),
        pytest.param(
            ["simulate", "--modem", "generic_3gpp", "--fault", "flood"], "one-byte", id="faults"
        ),
        pytest.param(["play", "BAD"], "line 4", id="line of a dialogue"),
        pytest.param(["play", "quectel/nosuch"], "quectel/rm500u", id="no such dialogue"),
        pytest.param(["play", "nosuch"], "quectel/...", id="no such family"),
        pytest.param(["play", "no.dialogue"], "no such file", id="no such file"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(args, said, tmp_path: Path) -> None:
    bad = tmp_path / "bad.dialogue"
    bad.write_text("model: M\nprovenance: synthetic\nsource: own\nOK\n")
    command = [*SIMWARD, "--lang", "en", "fixture", *(str(bad) if a == "BAD" else a for a in args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def simward(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SIMWARD, *args], capture_output=True, text=True, check=False, timeout=200
    )


def test_a_modem_is_recorded_and_the_recording_played(tmp_path: Path) -> None:
    file = tmp_path / "modem.dialogue"
    modem = start("simulate", "--modem", "quectel_ec25", "--tcp", "127.0.0.1:0", "--latency", "5")
    try:
        done = simward("--json", "fixture", "record", "--port", url_of(modem), "-o", str(file))
    finally:
        assert stop(modem) == 0
    assert (done.returncode, done.stderr) == (0, "")
    facts = json.loads(done.stdout)
    assert facts["file"] == str(file)
    assert (facts["commands"] > 60, facts["replaced"] > 10, facts["unanswered"]) == (True, True, 0)
    text = file.read_text()
    assert "provenance: recorded" in text
    assert "<wait 0.0" in text
    assert "89001010000000000018" not in text
    player = start("play", str(file), "--tcp", "127.0.0.1:0", "--latency", "1", "--baud", "115200")
    try:
        document = json.loads(simward("--json", "status", "--port", url_of(player)).stdout)
    finally:
        assert stop(player) == 0
    assert document["modem"]["model"] == "EC25"
    assert document["sim"]["iccid_checks"] == {"luhn": True, "at_agrees": True}
    assert document["operator"]["plmn"] == "00102"  # 00101 was the modem's own


def test_nothing_is_recorded_where_no_modem_is(tmp_path: Path) -> None:
    file = tmp_path / "modem.dialogue"
    done = simward("fixture", "record", "--port", "socket://127.0.0.1:1", "-o", str(file))
    assert (done.returncode, done.stdout) == (3, "")
    assert not file.exists()
    assert list(tmp_path.iterdir()) == []
