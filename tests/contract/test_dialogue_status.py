"""`status` on every dialogue of the module makers: right, in few commands, whatever disturbs it."""

import tomllib
from pathlib import Path

import pytest

from modem.engine import Engine
from modem.service import ModemService
from modem.simulator.device import same_command
from modem.simulator.dialogue import Dialogue, DialoguePlayer
from modem.simulator.faults import OneByteAtATime, UrcAtEveryBoundary
from modem.simulator.modem import SimulatedModem
from modem.vendors.select import load_profile
from tests.device_stream import TAKEN_AT, DeviceStream, leaves, status_of

ROOT = Path(__file__).resolve().parents[2] / "hardware_fixtures"
FAMILIES = (
    *("cinterion", "nordic", "quectel", "sequans", "sierra", "simcom", "telit", "ublox"),
    *("fibocom", "gosuncn", "huawei", "meig", "neoway", "onemo", "openluat", "tdtech", "zte"),
)
FACTS = tomllib.loads(Path(__file__).with_name("dialogue_facts.toml").read_text("utf-8"))
DIALOGUES = sorted(
    f"{family}/{path.stem}"
    for family in FAMILIES
    for path in (ROOT / "dialogues" / family).glob("*.dialogue")
)
MODEMS = sorted(
    path.stem
    for path in (ROOT / "modems").glob("*.toml")
    if path.stem.partition("_")[0] in FAMILIES
)
BRIEF = frozenset({"modem", "sim", "registration", "signal"})
FEW, ALL = 11, 35
DOMAINS = ("cs", "ps", "eps", "nr5g")
REGISTERED = {1, 5, 6, 7}
STRANGE_LINES = ["^RSSI:14", '+CREG: 1,"00A1","0A1B2C3D",7', '+CMTI: "SM",3', "RDY", "#QSS: 1"]


def player(name: str, *, echo: bool | None = None) -> DialoguePlayer:
    dialogue = Dialogue.load(name)
    return DialoguePlayer(dialogue, **({} if echo is None else {"echo": echo}))


def summary(document: dict) -> dict:
    """What a technician wants of a status, without what is not there."""
    found = leaves(document)
    told = {
        "who": [found.get(f"modem.{key}", "") for key in
                ("profile", "manufacturer", "model", "revision", "imei")],
        "card": [found.get(f"sim.{key}", "") for key in ("state", "slot", "iccid", "imsi")],
        "registration": {
            domain: found[f"registration.{domain}.stat"]
            for domain in DOMAINS
            if f"registration.{domain}.stat" in found
        },
        "cause": {
            domain: found[f"registration.{domain}.reject_cause"]
            for domain in DOMAINS
            if f"registration.{domain}.reject_cause" in found
        },
        "operator": found.get("operator.plmn"),
        "signal": {
            key.removeprefix("signal."): value
            for key, value in found.items()
            if key.startswith("signal.") and not key.endswith(("_source", "_at"))
        },
        "addresses": [value for key, value in found.items() if ".addresses." in key],
        "usage": [found[f"usage.{key}"] for key in ("tx_bytes", "rx_bytes")
                  if f"usage.{key}" in found],
        "tries": found.get("sim.pin1.retries"),
        "error": {
            key.removeprefix("last_error."): value
            for key, value in found.items()
            if key.startswith("last_error.") and not key.endswith(("source", "_at"))
        },
    }  # fmt: skip
    return {key: value for key, value in told.items() if value not in (None, {}, [])}


@pytest.mark.parametrize("name", DIALOGUES)
def test_status_finds_what_the_dialogue_holds(name):
    assert summary(status_of(player(name))) == FACTS[name]


@pytest.mark.parametrize("name", DIALOGUES)
@pytest.mark.parametrize("urc", STRANGE_LINES)
def test_an_unsolicited_line_at_every_boundary_changes_nothing(name, urc):
    assert summary(status_of(UrcAtEveryBoundary(player(name), urc))) == FACTS[name]


@pytest.mark.parametrize("name", DIALOGUES)
@pytest.mark.parametrize("echo", [False, True])
def test_echo_changes_nothing(name, echo):
    assert summary(status_of(player(name, echo=echo))) == FACTS[name]


@pytest.mark.parametrize("name", DIALOGUES)
def test_one_byte_at_a_time_changes_nothing(name):
    assert summary(status_of(OneByteAtATime(player(name), gap_s=0.0001))) == FACTS[name]


def commands_of(device, parts: frozenset[str] | None) -> int:
    stream = DeviceStream(device)
    return (
        ModemService(Engine(stream, clock=stream.clock), now=lambda: TAKEN_AT)
        .read(parts)
        .commands_sent
    )


def is_well(facts: dict) -> bool:
    return facts["card"][0] != "absent" and not REGISTERED.isdisjoint(
        facts["registration"].values()
    )


@pytest.mark.parametrize("name", [name for name in DIALOGUES if is_well(FACTS[name])])
def test_a_registered_modem_is_asked_little(name):
    assert commands_of(player(name), BRIEF) <= FEW
    assert commands_of(player(name), None) <= ALL


@pytest.mark.parametrize("name", MODEMS)
def test_a_simulated_modem_is_asked_little(name):
    assert commands_of(SimulatedModem.load(name, "usim_test"), BRIEF) <= FEW
    assert commands_of(SimulatedModem.load(name, "usim_test"), None) <= ALL


@pytest.mark.parametrize("name", MODEMS)
def test_a_simulated_modem_restarts_by_its_familys_command(name):
    device = SimulatedModem.load(name, "usim_test")
    restart = load_profile(status_of(device)["modem"]["profile"]).restart
    assert restart is None or same_command(restart) in device.profile.reboot_commands
