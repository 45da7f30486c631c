"""Other people's programs, and our own command line, at a card behind a real pcscd."""

import json
import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from agent.reader import read_card_in_reader
from sim.simulator import SimulatedCard
from tests.system.programs import end, simward_command, start, wait_until

pytestmark = pytest.mark.system

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"


@pytest.fixture
def card(pcscd):
    """A card in the first reader."""
    made = SimulatedCard.from_toml(CARDS / "usim_test.toml")
    with pcscd.slot() as slot:
        slot.insert(made)
        pcscd.wait_for("present")
        yield made
    pcscd.wait_for("absent")


def run(*command, words="", code=0):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        command, input=words, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, done.stderr
    return done


def simward(*arguments, code=0):
    return run(*simward_command(*arguments), code=code)


def test_opensc_reads_the_answer_to_reset_and_a_file(pcscd, card):
    atr = run("opensc-tool", "--reader", "0", "--atr").stdout
    assert bytes.fromhex(atr.replace(":", "")) == card.atr
    sent = [part for apdu in ("00A4000C022FE2", "00B000000A") for part in ("--send-apdu", apdu)]
    done = run("opensc-tool", "--reader", "0", "--card-driver", "default", *sent)
    assert "98 00 01 01 00 00 00 00 00 81" in done.stdout
    assert done.stderr == ""
    listed = run("opensc-tool", "--list-readers").stdout
    assert f"Yes             {pcscd.name(0)}" in listed


@pytest.mark.parametrize("name", ["usim_isim", "sim_2g", "euicc", "pin_locked", "personal"])
def test_opensc_looks_for_all_cards_that_it_knows_and_no_counter_moves(pcscd, name):
    made = SimulatedCard.from_toml(CARDS / f"{name}.toml")
    before = made.retries()
    with pcscd.slot() as slot:
        slot.insert(made)
        pcscd.wait_for("present")
        named = run("opensc-tool", "--reader", "0", "--name")
        if name != "sim_2g":  # opensc knows class 00 alone
            explored = run("opensc-explorer", "-r", "0", "-c", "default", words="cat 2FE2\nquit\n")
            assert f"00000000: {swapped(made.iccid)}" in explored.stdout
            assert explored.stderr == ""
    pcscd.wait_for("absent")
    assert (named.stdout, named.stderr) == ("Unsupported card\n", "")
    assert len(made.log) > 40
    assert made.retries() == before


def swapped(number):
    """The digits as they are in a file, byte by byte."""
    pairs = [number[at : at + 2] for at in range(0, len(number), 2)]
    return " ".join(pair[::-1] for pair in pairs)


def test_pcsc_scan_shows_the_card(pcscd, card):
    seen = run("pcsc_scan", "-c").stdout
    first = seen[seen.index(pcscd.name(0)) : seen.index(pcscd.name(1))]
    assert "Card inserted" in first
    assert card.atr.hex(" ").upper() in first


def test_scriptor_talks_to_the_card(pcscd, card):
    words = "reset\n00 A4 00 04 02 3F 00\n00 A4 00 0C 02 2F E2\n00 B0 00 00 0A\n"
    said = run("scriptor", "-r", pcscd.name(0), words=words).stdout
    assert "61 25" in said
    assert "98 00 01 01 00 00 00 00 00 81 90 00" in said
    assert card.asked(0xB0) == 1


@pytest.mark.parametrize("name", ["euicc", "euicc_empty"])
def test_lpac_and_simward_say_the_same_of_an_euicc(pcscd, name, monkeypatch):
    monkeypatch.setenv("LPAC_APDU", "pcsc")
    monkeypatch.setenv("LPAC_HTTP", "stdio")
    if shutil.which("lpac") is None:
        pytest.skip("lpac is not installed (Debian 12 has none)")
    with pcscd.slot() as slot:
        slot.insert(SimulatedCard.from_toml(CARDS / f"{name}.toml"))
        pcscd.wait_for("present")
        ours = read_card_in_reader("0")["euicc"]
        chip, listed = (
            json.loads(run("lpac", *words).stdout)["payload"]["data"]
            for words in (("chip", "info"), ("profile", "list"))
        )
    pcscd.wait_for("absent")
    assert ours["eid"] == chip["eidValue"]
    members = {
        "iccid": "iccid", "state": "profileState", "class": "profileClass", "name": "profileName",
        "nickname": "profileNickname", "provider": "serviceProviderName",
    }  # fmt: skip
    theirs = [{key: profile[word] for key, word in members.items()} for profile in listed]
    assert ours["profiles"] == theirs


# Our own command line


def test_sim_read_and_status_read_the_card_in_a_reader(pcscd, card):
    read = json.loads(simward("sim", "read", "--reader", "0", "--json").stdout)
    assert (read["iccid"], read["reader"]["name"]) == (card.iccid, pcscd.name(0))
    status = json.loads(simward("status", "--reader", pcscd.name(0), "--json").stdout)
    assert (status["sim"]["iccid"], status["sim"]["mnc"]) == (card.iccid, "01")
    assert "modem" not in status
    text = simward("status", "--reader", "0").stdout
    assert card.iccid not in text
    assert "00101********89" in text


def test_the_configured_reader_is_taken_where_no_modem_is_configured(card, tmp_path):
    config = tmp_path / "simward.toml"
    config.write_text('[reader]\nname = "00 00"\n')
    read = simward("--config", str(config), "sim", "read", "--json")
    assert json.loads(read.stdout)["iccid"] == card.iccid


@pytest.mark.usefixtures("card")
def test_an_empty_reader_is_exit_4_and_a_missing_one_exit_3():
    read = simward("sim", "read", "--reader", "1", code=4)
    assert read.stderr == "simward: no card\n"
    status = simward("status", "--reader", "1", "--json", code=4)
    assert json.loads(status.stdout)["sim"]["state"] == "absent"
    missing = simward("status", "--reader", "7", code=3)
    assert missing.stderr.startswith("simward: which card reader is 7? There are 0: ")
    assert simward("status", "--reader", "0", "--port", "/dev/null", code=2).stdout == ""


def test_a_service_that_hangs_is_exit_3_and_the_program_ends(pcscd, card):
    with pcscd.frozen():
        told = simward("sim", "read", "--reader", "0", code=3)
    assert told.stderr == "simward: card reader: the reader did not answer within 10 s\n"
    assert card.log == ()


def test_without_pcscd_the_command_line_says_so(tmp_path):
    pytest.importorskip("smartcard", reason="pyscard is not installed")
    environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(tmp_path / "none")}
    done = subprocess.run(
        simward_command("sim", "read", "--reader", "0"),
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "simward: card reader: the PC/SC service (pcscd) does not run\n"


def test_a_trace_is_for_its_owner_alone_and_reads_like_the_card(card, tmp_path):
    trace = tmp_path / "card.trace"
    trace.write_text("old")
    trace.chmod(0o644)
    done = simward("sim", "read", "--reader", "0", "--json", "--trace", str(trace))
    assert "holds the data of the card" in done.stderr
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600
    assert trace.read_text().count("\n> ") == len(card.log)
    again = json.loads(simward("sim", "read", "--replay", str(trace), "--json").stdout)
    assert again["files"] == json.loads(done.stdout)["files"]


def test_a_card_is_served_to_a_virtual_reader_taken_out_and_put_back(pcscd, tmp_path):
    log = tmp_path / "asked.log"
    place = f"127.0.0.1:{pcscd.ports[0]}"
    process = start(
        tmp_path,
        "card",
        "fixture",
        "simulate",
        "--card",
        "sim_2g",
        "--vpcd",
        place,
        "--log",
        str(log),
    )
    try:
        wait_until(lambda: pcscd.state().card == "present", process)
        read = json.loads(simward("sim", "read", "--reader", "0", "--json").stdout)
        assert (read["kind"], read["iccid"]) == ("sim", "8900101000000000001")
        assert "\tA0A40000023F00\t9F17\n" in log.read_text()
        process.send_signal(signal.SIGUSR1)
        wait_until(lambda: pcscd.state().card == "absent", process)
        process.send_signal(signal.SIGUSR1)
        wait_until(lambda: pcscd.state().card == "present", process)
    finally:
        assert end(process) == 0
    assert (tmp_path / "card.out").read_text() == f"reader: {place}\n"
    pcscd.wait_for("absent")


@pytest.mark.parametrize(
    "options",
    [
        ["--modem", "quectel_ec25"],
        ["--scenario", "retry_storm"],
        ["--do", "profile=''"],
        ["--stdin"],
        ["--pty"],
        ["--tcp", "127.0.0.1:0"],
        ["--link", "here"],
        ["--latency", "20"],
        ["--baud", "9600"],
        ["--fault", "echo"],
    ],
    ids=lambda options: options[0],
)
def test_what_only_a_modem_has_is_refused_beside_a_virtual_reader(options):
    card = ["fixture", "simulate", "--card", "usim_test", "--vpcd", "127.0.0.1:1"]
    told = simward(*card, *options, code=2).stderr
    assert told == f"simward: --vpcd does not go with {options[0]}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--vpcd", "127.0.0.1:1"],
        ["--vpcd", "127.0.0.1:1", "--card", "usim_test"],
        ["--vpcd", "127.0.0.1", "--card", "usim_test"],
        ["--card", "usim_test"],
    ],
    ids=["no card", "nobody listens", "no port", "neither"],
)
def test_a_card_that_cannot_be_served_is_a_usage_error(arguments):
    assert simward("fixture", "simulate", *arguments, code=2).stderr.startswith("simward: ")
