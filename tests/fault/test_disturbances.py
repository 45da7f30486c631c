"""Every disturbance that breaks other programs, on simulated modems: right here.

The rows are those of the peers' comparison that this project measures itself against: an unknown
unsolicited line before the data line made two libraries report `^RSSI:14` as IMEI and IMSI without
an error; one command that was never answered stopped a daemon for ever; no card cost the identity.
"""

from dataclasses import replace

import pytest

from modem.engine import Engine
from modem.errors import PortLost
from modem.service import ModemService
from modem.simulator.faults import (
    Drop,
    EchoOn,
    LateAnswer,
    OneByteAtATime,
    Reboot,
    SeededCuts,
    UrcAtEveryBoundary,
    Wrapper,
)
from modem.simulator.modem import SimulatedModem
from modem.simulator.profile import ModemProfile
from tests.device_stream import TAKEN_AT, DeviceStream, leaves, status_of

CARD = "usim_test"
MODEMS = (
    "quectel_ec25",
    "fibocom_fm350",
    "quectel_rm500u",
    "ublox_sara_r4",
    "simcom_a7670",
    "sierra_em7455",
    "telit_le910c",
)
# They grow with time, and a disturbance takes time.
GROWING = {"usage.tx_bytes", "usage.rx_bytes"}


def modem(name: str, card: str = CARD) -> SimulatedModem:
    return SimulatedModem.load(name, card)


def verbose_for_ever(name: str) -> SimulatedModem:
    """Its +CMEE is stuck at words, and there is no card."""
    profile = ModemProfile.load(name)
    style = replace(profile.style, cmee=2, cmee_fixed=True)
    return SimulatedModem(replace(profile, style=style), None)


def facts(document: dict) -> dict:
    return {path: value for path, value in leaves(document).items() if path not in GROWING}


@pytest.fixture(params=MODEMS)
def name(request):
    return request.param


@pytest.fixture
def undisturbed(name):
    document = status_of(modem(name))
    assert document["modem"]["imei"]
    assert document["sim"]["iccid_source"] == "ef_iccid"
    assert document["sim"]["imsi"]
    return facts(document)


@pytest.mark.parametrize(
    "urc", ["^RSSI:14", "+CREG: 1", '+CREG: 1,"00A1","0A1B2C3D",7', "+CGREG: 0"]
)
def test_an_unsolicited_line_at_every_boundary_changes_nothing(name, undisturbed, urc):
    assert facts(status_of(UrcAtEveryBoundary(modem(name), urc))) == undisturbed


def test_three_bytes_at_a_time_change_nothing(name, undisturbed):
    assert facts(status_of(SeededCuts(modem(name), seed=7, longest=3))) == undisturbed


def test_one_byte_at_a_time_changes_nothing(name, undisturbed):
    assert facts(status_of(OneByteAtATime(modem(name), gap_s=0.0001))) == undisturbed


def test_echo_changes_nothing(name, undisturbed):
    assert facts(status_of(EchoOn(modem(name)))) == undisturbed


def test_identity_is_kept_without_a_card(name):
    document = status_of(modem(name, card=""))
    whole = status_of(modem(name))
    assert document["modem"] == whole["modem"]
    assert document["sim"]["state"] == "absent"
    assert document["sim"]["iccid"] is None
    assert document["absent"]["sim.iccid"] == "no card"


def test_identity_is_kept_without_a_card_when_errors_come_in_words_for_ever():
    document = status_of(verbose_for_ever("quectel_ec25"))
    assert document["modem"]["imei"] == status_of(modem("quectel_ec25"))["modem"]["imei"]
    assert document["sim"]["state"] == "absent"


def commands_of(name: str) -> list[str]:
    device = modem(name)
    status_of(device)
    return list(dict.fromkeys(command for _, command in device.log))


COMMANDS = commands_of("quectel_ec25")
# What a silent command changes beside losing its own facts: the next rung of its ladder answers,
# +CESQ in half decibels where +QCSQ has whole ones.
BY_ANOTHER_RUNG = {"modem.profile", "sim.iccid_source", "signal.rsrq_db"}


def changed(found: dict, whole: dict) -> dict:
    """Values that are not those of the undisturbed modem; a card of unknown state is no value."""
    return {
        path: value
        for path, value in found.items()
        if whole.get(path, value) != value
        and path not in BY_ANOTHER_RUNG
        and (path, value) != ("sim.state", "unknown")
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_never_answered_costs_its_own_facts_only(command):
    whole = facts(status_of(modem("quectel_ec25")))
    found = facts(status_of(Drop(modem("quectel_ec25"), command)))
    assert changed(found, whole) == {}
    lost = {path.split(".")[0] for path in whole.keys() - found.keys()}
    assert len(lost) <= 1, lost


# Not the first command: a modem that is silent for so long at first is reported as silent.
@pytest.mark.parametrize("command", COMMANDS[1:])
def test_a_late_answer_never_reaches_another_command(command):
    whole = facts(status_of(modem("quectel_ec25")))
    found = facts(status_of(LateAnswer(modem("quectel_ec25"), command, 7.0)))
    assert changed(found, whole) == {}


@pytest.mark.parametrize("count", range(1, 34))
def test_a_restart_of_the_modem_in_the_middle_gives_no_wrong_value(count):
    whole = facts(status_of(modem("quectel_ec25")))
    found = facts(status_of(Reboot(modem("quectel_ec25"), count)))
    # While the modem starts again its card is busy and the network is searched: true, not wrong.
    true_while_booting = ("sim.state", "registration.", "last_error.", "packet.", "modem.profile",
                          "sim.iccid_source", "operator.")  # fmt: skip
    wrong = {
        path: value
        for path, value in changed(found, whole).items()
        if not path.startswith(true_while_booting)
    }
    assert wrong == {}


class Silent(Wrapper):
    """A port with nobody behind it."""

    def receive(self, data: bytes, now: float) -> None:
        pass


def test_a_silent_modem_ends_within_its_deadlines():
    stream = DeviceStream(Silent(modem("quectel_ec25")))
    service = ModemService(Engine(stream, clock=stream.clock), now=lambda: TAKEN_AT)
    with pytest.raises(PortLost):
        service.read(None)
    assert stream.now < 20
