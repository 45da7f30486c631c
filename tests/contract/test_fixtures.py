"""Every shipped fixture, and the recordings against the simulated modems."""

import json
import os
import re
from pathlib import Path
from typing import get_args

import pytest

from agent.i18n.zh import TEXTS
from modem.simulator.card_slot import load_card
from modem.simulator.dialogue import Dialogue, DialoguePlayer
from modem.simulator.fixture import PROVENANCES, Reason, shipped_names
from modem.simulator.modem import SimulatedModem
from modem.simulator.scenario import load_scenario

ROOT = Path(__file__).resolve().parents[2] / "hardware_fixtures"
FILES = sorted(path for path in ROOT.rglob("*") if path.suffix in {".toml", ".dialogue"})
MODEMS = shipped_names("modems", ".toml")
DIALOGUES = sorted(
    f"{path.parent.name}/{path.stem}" for path in ROOT.glob("dialogues/*/*.dialogue")
)
CORPUS = Path(os.environ.get("SIMWARD_CORPUS", ROOT.parents[1] / "shared")) / "at/dialogues.json"

# The dialogue, the simulated modem that it is a witness for, and what is not comparable: a
# recording has the state of its day, for example no coverage.
WITNESSES = {
    "quectel/ec25": ("quectel_ec25", {"AT+CNUM"}),
    "quectel/em12": ("quectel_em12", {"AT+CGCONTRDP=1"}),
    "quectel/bg96": ("quectel_bg96", {"AT+CGDCONT?", "AT+CGACT?", "AT+CGPADDR"}),
    "quectel/rm500u": ("quectel_rm500u", {"AT+CNUM"}),
    "huawei/e3372": ("huawei_e3372", {"AT+CNUM"}),
    "fibocom/fm350": ("fibocom_fm350", {"AT+CNUM"}),
    "fibocom/l860": ("fibocom_l860", {"AT+CNUM"}),
    "simcom/a7670": ("simcom_a7670", set()),
    "ublox/sara_r4": ("ublox_sara_r4", {"AT+COPS?", "AT+UGCNTRD"}),
    "nordic/nrf9160": ("nordic_nrf9160", {"AT+CEREG?", "AT+COPS?"}),
    "onemo/ml307": ("onemo_ml307", {"AT+CNUM"}),
    "quectel/bc95": ("quectel_bc95", set()),
    "simcom/sim800": ("simcom_sim800", {"AT+CNUM"}),
    "simcom/sim7000": ("simcom_sim7000", {"AT+CNUM"}),
    "simcom/sim7600": ("simcom_sim7600", {"AT+CGMR", "AT+CNUM", "AT+CPSI?"}),
    "ublox/sara_r510": ("ublox_sara_r5", {"AT+CNUM"}),
    "telit/lm960": ("telit_le910c", {"AT+CNUM"}),
    "sierra/em7455": ("sierra_em7455", {"AT+CNUM"}),
    "cinterion/els61": ("cinterion_els61", {"AT+CNUM"}),
    "sequans/gm02s": ("sequans_gm02s", {"AT+CNUM"}),
    "generic/generic_3gpp": ("generic_3gpp", set()),
    "tdtech/mt5700m": ("tdtech_mt5700m", {"AT+CNUM"}),
    "fibocom/fm150": ("fibocom_fm150", {"AT+CNUM"}),
    "zte/mf833": ("zte_mf833", {"AT+CNUM"}),
    "meig/slm770a": ("meig_slm770a", {"AT+CNUM"}),
    "neoway/nu313": ("neoway_nu313", {"AT+CNUM", "AT+NETDMSGEX"}),
    "onemo/ml302": ("onemo_ml302", {"AT+CNUM"}),
    "openluat/air780e": ("openluat_air780e", set()),
}
CORPUS_WITNESSES = {
    "rm500u-cnv-qmodem": ("quectel_rm500u", {"AT+CNUM"}),
    "em12-g-asus": ("quectel_em12", {"AT+CGCONTRDP=1"}),
    "fm350-pr70": ("fibocom_fm350", {"AT+GTCCINFO?"}),
    "ec25-modeminfo45": ("quectel_ec25", {"AT+COPS?"}),
    "ec25-manual": ("quectel_ec25", {"AT+COPS?"}),
    "nrf9160-nordic-tests": (
        "nordic_nrf9160",
        {"AT+CEREG?", "AT+CGDCONT?", "AT+COPS?", "AT+COPS=?", "AT%XMONITOR"},
    ),
    "l860-3ginfo39": ("fibocom_l860", set()),
    "mm-generic-port": (
        "generic_3gpp",
        {"AT+CGDCONT?", "AT+COPS=3,0;+COPS?", "AT+CNMI=?", "AT+CUSD=?"},
    ),
    "ml307-manual": ("onemo_ml307", set()),
}
# IMSI and IMEI (15 digits), ICCID as printed and with swapped nibbles; IPv4 addresses.
NUMBERS = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9]{15}|89[0-9]{16,20}|98[0-9]{18})(?![0-9A-Fa-f])")
ADDRESS = re.compile(r"(?<![0-9._])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])")
REGISTRATION = re.compile(r"AT(\+C(?:5G|[GE])?REG)\?")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_fixture_states_provenance_and_source(path) -> None:
    text = path.read_text("utf-8")
    provenance = re.search(r'^provenance\s*[:=]\s*"?(\w+)', text, re.MULTILINE)
    assert provenance is not None
    assert provenance[1] in PROVENANCES
    assert re.search(r'^source\s*[:=]\s*"?\S', text, re.MULTILINE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_identifier_is_a_test_one(path) -> None:
    text = path.read_text("utf-8")
    for number in NUMBERS.findall(text):
        allowed = ("00101", "8900101", "98000101", "35693803", "490154203237518")
        assert number.startswith(allowed) or is_cmcc_sample(path, number), number
    for address in ADDRESS.findall(text):
        assert address.startswith(("10.", "0.0.0.0")), address


def is_cmcc_sample(path: Path, number: str) -> bool:
    """A card of China Mobile's older number scheme needs its prefix; the rest is zeros and ours."""
    return path.stem == "cmcc_hex_iccid" and number.startswith("8986")


@pytest.mark.parametrize("name", MODEMS)
def test_every_modem_loads_and_says_who_it_is(name) -> None:
    modem = SimulatedModem.load(name)
    answers = [answer_of(modem, command) for command in ("AT+CGMM", "AT+CGMM?")]
    assert any(modem.profile.identity.model in " ".join(answer) for answer in answers)
    assert luhn_ok(modem.profile.identity.imei)


@pytest.mark.parametrize("name", shipped_names("cards", ".toml"))
def test_every_card_loads_into_a_modem(name) -> None:
    assert load_card(name).pin1_state() in {"ready", "pin", "puk", "blocked"}


@pytest.mark.parametrize("name", shipped_names("scenarios", ".toml"))
def test_every_scenario_loads(name) -> None:
    assert load_scenario(name)


@pytest.mark.parametrize("name", DIALOGUES)
def test_every_dialogue_plays_each_of_its_commands(name) -> None:
    dialogue = Dialogue.load(name)
    player = DialoguePlayer(dialogue)
    player.poll(0.0)
    for command, answers in dialogue.exchanges.items():
        player.receive(command.encode() + b"\r", 0.0)
        assert bool(player.poll(0.0).replace(command.encode(), b"").strip()) != answers[0].never


def answer_of(device, command: str) -> list[str]:
    """The non-blank lines that follow `command`, echo and unsolicited boot lines left out."""
    device.poll(0.0)
    device.receive(command.encode() + b"\r", 0.0)
    said = [line.strip() for line in device.poll(0.0).decode().splitlines()]
    return [line for line in said if line and line != command]


def is_error(answer: list[str]) -> bool:
    return answer[-1:] != [] and bool(re.match(r"ERROR|\+CM[ES] ERROR|COMMAND NOT", answer[-1]))


def shape(line: str) -> str:
    """What is left of a line when texts and numbers are taken out."""
    if line == "OK" or is_error([line]):
        return line[:2]
    found = re.match(r"[+^%#!*][A-Z0-9]+\s*[:=]\s?", line)
    if not found:
        return re.match(r"(?:[A-Z][A-Za-z]+: )?", line)[0] + "text"
    prefix = found[0]
    rest = re.sub(r'"[^"]*"', '"S"', line[len(prefix) :])
    return prefix + re.sub(r"-?\b(?:0x)?[0-9A-F]+(?:\.-?[0-9]+)*\b", "0", rest)


def assert_same_shapes(dialogue, recorded: DialoguePlayer, name: str, skipped: set[str]) -> None:
    modem = SimulatedModem.load(name)
    compared = 0
    for command in dialogue:
        witness = answer_of(recorded, command)
        if command in skipped or not witness:
            continue
        read = REGISTRATION.fullmatch(command)
        if read and not is_error(witness):
            # The recording's <n> and <stat> first: they decide the form.
            n, stat = re.match(r"[^:]*:\s*(\d),(\d+)", witness[0]).groups()
            domain = {"+CREG": "cs", "+CGREG": "ps", "+CEREG": "eps", "+C5GREG": "nr5g"}[read[1]]
            answer_of(modem, f"AT{read[1]}={n}")
            modem.set_registration(domain, int(stat))
        answer = answer_of(modem, command)
        if is_error(answer) and answer == answer_of(modem, "AT+NOSUCH"):
            continue  # the simulated modem lacks the command
        assert [shape(line) for line in answer] == [shape(line) for line in witness], command
        compared += 1
    assert compared >= 3


@pytest.mark.parametrize("name", WITNESSES)
def test_the_simulated_modem_writes_what_the_dialogue_shows(name) -> None:
    modem, skipped = WITNESSES[name]
    dialogue = Dialogue.load(name)
    assert_same_shapes(dialogue.exchanges, DialoguePlayer(dialogue), modem, skipped)


@pytest.mark.parametrize("name", CORPUS_WITNESSES)
def test_the_simulated_modem_writes_what_the_real_one_wrote(name) -> None:
    if not CORPUS.is_file():
        pytest.skip("no corpus of recordings (SIMWARD_CORPUS)")
    modem, skipped = CORPUS_WITNESSES[name]
    [recording] = [entry for entry in json.loads(CORPUS.read_text()) if entry["id"] == name]
    exchanges = recording["exchanges"]
    player = DialoguePlayer.from_exchanges(exchanges, echo=False, raw=recording.get("raw"))
    assert_same_shapes(exchanges, player, modem, skipped)


def luhn_ok(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_against_a_fixture_has_a_chinese_text(reason) -> None:
    assert reason in TEXTS
