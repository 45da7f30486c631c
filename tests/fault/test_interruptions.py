"""A card that is changed, or a modem that restarts, in the middle of a reading: never half of each.

The change comes behind each command in turn. A modem that says so lets it be seen at once; one that
says nothing (no hot-plug detection) is found out at the end.
"""

import pytest

from agent.modem_session import ModemSession
from modem.interview import CARD_MOVED, RESTARTED
from modem.simulator.faults import Latency
from modem.simulator.modem import SimulatedModem
from tests.device_stream import leaves, status_of
from tests.fault.cards import card, owners
from tests.fault.meddling import Meddler, pull, restart, swap, swap_in_silence
from tests.fault.world import PORT, Gateway, World

MODEMS = ("quectel_ec25", "fibocom_fm350", "nordic_nrf9160", "simcom_sim7600", "generic_3gpp")
CORE = frozenset({"modem", "sim", "registration", "signal"})


def with_card_a(name: str) -> SimulatedModem:
    modem = SimulatedModem.load(name)
    modem.state.card = card("A")
    return modem


def commands_of(name: str) -> int:
    modem = with_card_a(name)
    status_of(modem)
    return len(modem.log)


PLACES = [(name, number) for name in MODEMS for number in range(1, commands_of(name) + 1)]


@pytest.mark.parametrize(("name", "number"), PLACES)
@pytest.mark.parametrize("meddle", [swap, swap_in_silence], ids=["said", "silent"])
def test_a_card_that_is_changed_in_the_middle_gives_no_half_of_each(name, number, meddle):
    document = status_of(Meddler(with_card_a(name), meddle, number))
    assert len(owners(document)) == 1
    assert document["sim"]["state"] == "ready"


@pytest.mark.parametrize(("name", "number"), PLACES)
def test_a_card_that_is_pulled_in_the_middle_leaves_nothing_behind(name, number):
    document = status_of(Meddler(with_card_a(name), pull, number))
    assert document["sim"]["state"] in {"absent", "ready"}
    gone = document["sim"]["state"] == "absent"
    assert owners(document) == (set() if gone else {"A"})
    if number < commands_of(name):
        assert gone


def test_a_card_that_is_changed_in_the_second_reading_too_is_nobodys():
    document = status_of(Meddler(with_card_a("quectel_ec25"), swap_in_silence, 20, 55))
    assert owners(document) == set()
    assert document["sim"]["state"] == "unknown"
    for path in ("sim.iccid", "sim.imsi", "registration.eps", "usage.tx_bytes"):
        assert document["absent"][path] == CARD_MOVED
    assert document["modem"]["imei"] == "356938035643809"


def test_a_brief_reading_that_took_long_is_checked_too():
    slow = Latency(Meddler(with_card_a("quectel_ec25"), swap_in_silence, 7), 0.5)
    assert owners(status_of(slow, CORE)) == {"B"}


# The other two have no boot lines: what they forgot cannot be told.
@pytest.mark.parametrize("name", ["quectel_ec25", "simcom_sim7600", "quectel_bg96"])
def test_a_restart_in_the_middle_is_read_anew(name):
    undisturbed = {path.split(".")[0] for path in leaves(status_of(with_card_a(name)))}
    for number in range(2, commands_of(name), 5):
        document = status_of(Meddler(with_card_a(name), restart, number))
        assert owners(document) == {"A"}
        assert {path.split(".")[0] for path in leaves(document)} >= undisturbed - {"last_error"}


def test_a_modem_that_restarts_in_the_second_reading_too_shows_who_it_is_and_nothing_old():
    modem = with_card_a("quectel_ec25")
    document = status_of(Meddler(modem, restart, 20, 60))
    assert document["modem"]["imei"] == "356938035643809"
    assert document["absent"]["registration.eps"] == RESTARTED
    assert document["absent"]["usage.tx_bytes"] == RESTARTED


# The daemon


@pytest.fixture
def gateway_of(tmp_path):
    made = []

    def make(device, **options) -> Gateway:
        made.append(Gateway(World(device), tmp_path, **options))
        return made[-1]

    yield make
    for gateway in made:
        gateway.close()


def commands_of_a_full_sample() -> int:
    modem = with_card_a("quectel_ec25")
    world = World(modem)
    session = ModemSession(world.open, PORT, clock=world.clock, now=world.moment)
    session.snapshot(sample=True)
    session.close()
    return len(modem.log)


FULL_SAMPLE = commands_of_a_full_sample()


@pytest.mark.parametrize("later", range(1, 25))
@pytest.mark.parametrize("meddle", [swap, swap_in_silence], ids=["said", "silent"])
def test_no_sample_of_the_daemon_mixes_two_cards(gateway_of, later, meddle):
    gateway = gateway_of(Meddler(with_card_a("quectel_ec25"), meddle, FULL_SAMPLE + later))
    gateway.run_until(200)
    cards = []
    for sample in gateway.samples:
        facts = sample.snapshot.modem.sim
        cards.append(facts.iccid.known.value[-2:] + facts.imsi.known.value[-1:])
    assert set(cards) == {"189", "261"}
    assert gateway.codes.count("card_changed") == 1
    changed = next(args for code, args in gateway.events if code == "card_changed")
    assert (changed["was"][-2:], changed["iccid"][-2:]) == ("18", "26")
    full = [sample for sample in gateway.samples if sample.full]
    assert full[1].snapshot.modem.sim.iccid.known.value[-2:] == "26"
    first_of_b = cards.index("261")
    assert gateway.samples[first_of_b].full  # its identity is told with it


def test_usage_is_never_booked_to_the_card_that_was_there_before(gateway_of):
    modem = with_card_a("quectel_ec25")
    gateway = gateway_of(modem, interval_s=60.0)
    gateway.world.at(300, lambda: swap_in_silence(modem, 300))
    gateway.run_until(290)
    before = gateway.store.connection.execute("SELECT iccid, tx FROM usage_cards").fetchall()
    gateway.run_until(900)
    totals = dict(gateway.store.connection.execute("SELECT iccid, tx FROM usage_cards"))
    assert totals[before[0][0]] == before[0][1]
    marks = [row["gap"] for row in gateway.rows if row.get("gap")]
    assert marks == [True, True]
