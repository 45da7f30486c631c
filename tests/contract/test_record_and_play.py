"""A modem, its recording, and the recording played back: the same status, but for the names."""

import re
from pathlib import Path

import pytest

from modem.recording.cleaning import cleaned
from modem.recording.dialogue import dialogue_of
from modem.recording.known import known_identifiers
from modem.recording.walk import commands_of_profiles, is_safe, record
from modem.simulator.dialogue import Dialogue, DialoguePlayer
from modem.simulator.dialogue_text import dialogue_text
from modem.simulator.fixture import shipped_names
from modem.simulator.modem import SimulatedModem
from modem.simulator.pacing import Paced
from tests.device_stream import DeviceStream, leaves, status_of

ROOT = Path(__file__).resolve().parents[2] / "hardware_fixtures"
MODEMS = shipped_names("modems", ".toml")
DIALOGUES = sorted(
    f"{path.parent.name}/{path.stem}" for path in ROOT.glob("dialogues/*/*.dialogue")
)
# What names a subscriber, a device or a place; its length and shape stay.
NAMED = re.compile(
    r"modem\.imei|sim\.(iccid|iccid_modem|imsi|mcc|mnc|msisdn|smsc|spn|carrier|eid)"
    r"|operator\.(plmn|name)|registration\..*\.(lac|tac|ci)|packet\.contexts.*(apn|addresses.*)"
)
# Counters grow with time, and to record takes longer than to read.
GROWING = {"usage.tx_bytes", "usage.rx_bytes", "taken_at"}
# Known only after a setting, which a recorder never makes: AT+COPS=3,2 for the number of the
# operator, AT+CxREG=3 for a reject cause.
AFTER_A_SETTING = re.compile(
    r"operator\.plmn|registration\..*\.(cause_type|reject_cause|reject_name)|rejects(\..*)?"
)


def played_back(device) -> DialoguePlayer:
    """The player of what a recording of `device` becomes in a file."""
    stream = DeviceStream(device)
    clean, _ = cleaned(record(stream, clock=stream.clock))
    text = dialogue_text(dialogue_of(clean, source="test"))
    return DialoguePlayer(Dialogue.parse(text, "recording"))


def comparable(document: dict) -> dict[str, object]:
    """Each value by its path; of names only the kind of text that they are."""
    found = {}
    for path, value in leaves(document).items():
        if path in GROWING or AFTER_A_SETTING.fullmatch(path):
            continue
        named = NAMED.fullmatch(path) and isinstance(value, str)
        found[path] = len(value) if named and not path.endswith(("carrier", "name")) else value
        if named and path.endswith(("carrier", "name")):
            found[path] = "some"
        if named and "addresses" in path:
            found[path] = "IPv6" if ":" in value else "IPv4"
    found.pop("sim.carrier", None)  # follows from the ICCID
    return found


def timeless(document: dict) -> dict[str, object]:
    """Each value by its path, but for the times at which values were read."""
    return {
        path: value for path, value in leaves(document).items() if not path.endswith(("_at", ".at"))
    }


@pytest.mark.parametrize("name", MODEMS)
def test_a_simulated_modem_and_its_recording_have_the_same_status(name) -> None:
    before = status_of(SimulatedModem.load(name))
    after = status_of(played_back(SimulatedModem.load(name)))
    assert comparable(after) == comparable(before)
    assert after["sim"]["iccid_checks"] == before["sim"]["iccid_checks"]


@pytest.mark.parametrize("name", DIALOGUES)
def test_a_dialogue_and_its_recording_have_the_same_status(name) -> None:
    before = status_of(DialoguePlayer(Dialogue.load(name)))
    after = status_of(played_back(DialoguePlayer(Dialogue.load(name))))
    assert comparable(after) == comparable(before)


@pytest.mark.parametrize("name", DIALOGUES)
def test_a_dialogue_is_read_back_over_a_slow_line(name) -> None:
    at_once = status_of(DialoguePlayer(Dialogue.load(name)))
    slowly = status_of(Paced(DialoguePlayer(Dialogue.load(name)), 9600))
    assert timeless(slowly) == timeless(at_once)


@pytest.mark.parametrize("name", DIALOGUES)
def test_a_dialogue_is_written_as_it_was_read(name) -> None:
    dialogue = Dialogue.load(name)
    assert Dialogue.parse(dialogue_text(dialogue), name) == dialogue


@pytest.mark.parametrize("name", MODEMS)
def test_what_a_status_names_is_not_in_the_recording(name) -> None:
    stream = DeviceStream(SimulatedModem.load(name))
    recording = record(stream, clock=stream.clock)
    clean, _ = cleaned(recording)
    written = dialogue_text(dialogue_of(clean, source="test")).upper()
    named = known_identifiers(recording.snapshot)
    values = {value.upper() for kind, value in named if kind not in {"place", "name"}}
    assert {value for value in values if value in written} <= {"", "IMS"}
    assert len(values) > 2


@pytest.mark.parametrize("name", MODEMS)
def test_recording_asks_nothing_that_changes_or_reveals_anything(name) -> None:
    modem = SimulatedModem.load(name)
    modem.do(message={"from": "+99900000009", "text": "secret"})
    stream = DeviceStream(modem)
    recording = record(stream, clock=stream.clock)
    asked = {command for _, command in modem.log}
    assert {command for command in asked if not is_safe(command, commands_of_profiles())} == set()
    assert modem.state.settings == SimulatedModem.load(name).state.settings
    assert b"secret" not in b"".join(exchange.data for exchange in recording.exchanges)


@pytest.mark.parametrize(
    "command",
    ["AT+CMEE=1", "AT+CEREG=3", "AT+COPS=3,2", "AT+COPS=?", "AT+CFUN=0", "AT+CFUN=1,1", "AT+QPOWD",
     "AT+CPIN=1234", 'AT+CLCK="SC",1,"1234"', "AT+CMGL=4", "AT+CMGR=1", "AT+CPBR=1,9", "AT+CPBR?",
     "AT+CUSD?", "AT+CGACT=1,1", "ATD10086;", 'AT+CSIM=14,"0020000108"', "AT+CRSM=214,28539,0,0,3",
     'AT+CSIM=26,"0024000110"', "AT+CMGD=1", 'AT+CPMS="ME"', "AT+CGDCONT=1", "ATZ", "AT&F"],
)  # fmt: skip
def test_what_sets_spends_or_shows_something_is_not_asked(command) -> None:
    assert not is_safe(command, commands_of_profiles())


@pytest.mark.parametrize(
    "command",
    ['AT+CLCK="PN",2', "AT+CRSM=176,12258,0,0,10", 'AT+CSIM=14,"00A4000C022FE2"', "AT+CGPADDR=1",
     'AT+CPINR="SIM PIN"', "AT#QSS?", "AT%XICCID", "AT+QURCCFG=?"],
)  # fmt: skip
def test_what_only_reads_is_asked(command) -> None:
    assert is_safe(command, commands_of_profiles())
