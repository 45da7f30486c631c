"""What the gates want of the device, read from a simulated modem, a store and a table of routes."""

import ipaddress
import json
from pathlib import Path

import pytest

from agent.binding.history import BOUND, History
from agent.binding.record import Pairing
from agent.modem_session import ModemSession
from agent.own_uplink import Route, Uplinks
from agent.store import Store
from agent.unbind.device import device_of
from agent.unbind.facts import FROM_CARD, Uplink
from agent.unbind.readings import read_device, request_of, ssh_in
from modem.simulator.modem import SimulatedModem
from tests.device_stream import DeviceStream

ICCID, OTHER_ICCID = "89001010000000000018", "89001010000000000026"
IMEI, OTHER_IMEI = "356938035643809", "490154203237518"
ANYWHERE = ipaddress.ip_network("0.0.0.0/0")
BY_ETHERNET = Uplinks((Route(ANYWHERE, "eth0", 100),), {"eth0": frozenset({"192.0.2.1"})})
BY_CARD = Uplinks((Route(ANYWHERE, "wwan0", 100),), {"wwan0": frozenset({"10.0.0.2"})})


@pytest.fixture
def modem():
    return SimulatedModem.load("quectel_ec25")


def device(modem, folder: Path, *, uplinks=BY_ETHERNET, ssh=None, interface=None):
    session = ModemSession(lambda: DeviceStream(modem), "sim", profile="quectel_ec2x")
    try:
        document = read_device(session, interface, ssh, folder, uplinks=lambda: uplinks)
    finally:
        session.close()
    return device_of(json.loads(json.dumps(document)))


def test_modem_and_card_are_read_with_source_and_time(modem, tmp_path) -> None:
    found = device(modem, tmp_path)
    assert (found.iccid.known, found.iccid.source) == (ICCID, FROM_CARD)
    assert (found.imei.known, found.imei.source) == (IMEI, "AT+CGSN")
    assert (found.sim_state.known, found.luhn) == ("ready", True)
    assert found.locks.known == ()
    assert found.iccid.taken_at is not None


def test_a_card_that_is_not_there_leaves_reasons(modem, tmp_path) -> None:
    modem.do(card="remove")
    found = device(modem, tmp_path)
    assert found.iccid.reason
    assert (found.personal.known, found.personal.reason) == (None, "no card")


def test_personal_data_are_counted(tmp_path) -> None:
    counts = device(SimulatedModem.load("quectel_ec25", "personal"), tmp_path).personal.known
    assert counts is not None
    assert counts["phonebook"] > 0
    assert counts["messages"] > 0


@pytest.mark.parametrize(
    ("uplinks", "ssh", "interface", "expected"),
    [
        (BY_ETHERNET, None, None, Uplink(("eth0",))),
        (BY_CARD, None, None, Uplink(("wwan0",), "route", "wwan0")),
        (BY_ETHERNET, None, "eth0", Uplink(("eth0",), "route", "eth0")),
        (Uplinks((), {}), None, None, Uplink(())),
        (
            Uplinks(BY_ETHERNET.routes, BY_CARD.addresses),
            ("198.51.100.7", "10.0.0.2"),
            None,
            Uplink(("eth0",), "ssh", "wwan0", "198.51.100.7"),
        ),
    ],
)
def test_what_a_release_would_cut_is_seen(tmp_path, uplinks, ssh, interface, expected) -> None:
    modem = SimulatedModem.load("quectel_ec25")
    found = device(modem, tmp_path, uplinks=uplinks, ssh=ssh, interface=interface)
    assert found.uplink.known == expected


def paired(folder: Path, *pairings: Pairing) -> None:
    store = Store(folder, boot=1)
    for each in pairings:
        with store.transaction():
            History(store.connection).append(BOUND, each, {})
    store.close()


@pytest.mark.parametrize(
    ("pairings", "expected"),
    [
        ((Pairing(1, IMEI, ICCID),), 0),
        ((Pairing(1, OTHER_IMEI, ICCID),), 1),
        ((Pairing(1, IMEI, ICCID), Pairing(1, OTHER_IMEI, ICCID)), 2),
        ((Pairing(1, IMEI, ICCID), Pairing(1, "3569380356438017", ICCID)), 0),
        ((Pairing(1, OTHER_IMEI, OTHER_ICCID),), "the pairing history does not know this card"),
        ((), "the pairing history does not know this card"),
    ],
)
def test_changes_of_device_are_counted_in_the_pairing_history(
    modem, tmp_path, pairings, expected
) -> None:
    paired(tmp_path, *pairings)
    found = device(modem, tmp_path).imei_changes
    assert expected in {found.known, found.reason}


def test_a_history_that_is_broken_or_not_there_counts_nothing(modem, tmp_path) -> None:
    assert device(modem, tmp_path / "none").imei_changes.reason == "there is no pairing history"
    paired(tmp_path, Pairing(1, IMEI, ICCID), Pairing(1, OTHER_IMEI, ICCID))
    store = Store(tmp_path, boot=2)
    for (name,) in store.connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'pairings'"
    ).fetchall():
        store.connection.execute(f"DROP TRIGGER {name}")
    store.connection.execute("DELETE FROM pairings WHERE n = 2")
    store.close()
    assert device(modem, tmp_path).imei_changes.reason == "the pairing history is broken"


def test_a_callers_session_travels_with_the_request() -> None:
    request = json.loads(json.dumps(request_of(("198.51.100.7", "10.0.0.2"))))
    assert ssh_in(request) == ("198.51.100.7", "10.0.0.2")
    assert ssh_in(request_of(None)) is None
    assert ssh_in({"ssh": "x"}) is None
