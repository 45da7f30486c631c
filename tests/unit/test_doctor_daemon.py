"""Checks of the daemon, its unit, its store and what it last sent."""

import os
import shutil
import sqlite3
from contextlib import contextmanager
from datetime import timedelta

import pytest

from agent.binding.history import SEEN, History
from agent.binding.record import Pairing
from agent.doctor.checks import outbox, pairings, service
from agent.doctor.examine import Check, examine
from agent.doctor.finding import FAIL, NOT_APPLICABLE, OK, UNKNOWN, WARN
from agent.pulse import Pulse
from agent.store import Store
from cloud_bridge.outbox import Bounds, Outbox
from tests.unit.doctor_helpers import NOW, House, daemon, health, said, systemd

MODEM = {"modem": [{"port": "/dev/ttyUSB2"}], "broker": {"url": "mqtt://broker.example"}}


@pytest.fixture
def house(tmp_path) -> House:
    return House(tmp_path)


def look(function, surroundings):
    return examine(surroundings, (Check("x", "system", "load", function, 60.0),))[0].finding


# systemd


def unit(house, config=MODEM, hardware="0", **changes):
    return house.seen(config, programs=systemd(house, hardware, **changes))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OK),
        ({"LoadState": "not-found"}, WARN),
        ({"ActiveState": "failed"}, FAIL),
        ({"UnitFileState": "disabled"}, WARN),
        ({"Restart": "no"}, WARN),
    ],
)
def test_the_unit_starts_the_daemon_at_boot_and_again(house, changes, state):
    assert look(service.unit, unit(house, **changes)).state == state


def test_without_systemd_or_configuration_no_unit_is_missed(house):
    assert look(service.unit, house.seen(MODEM)).state == NOT_APPLICABLE
    assert look(service.watchdog, house.seen(MODEM)).state == NOT_APPLICABLE
    assert look(service.unit, unit(house, None, LoadState="not-found")).state == NOT_APPLICABLE
    assert look(service.watchdog, unit(house, LoadState="not-found")).state == NOT_APPLICABLE


def test_a_systemctl_that_does_not_answer_is_unknown(house):
    house.make("/run/systemd/system")
    finding = look(service.unit, house.seen(MODEM))
    assert said(finding) == (UNKNOWN, "systemctl does not answer")


@pytest.mark.parametrize(
    ("changes", "hardware", "device", "state"),
    [
        ({}, "15s", True, OK),
        ({}, "0", False, OK),
        ({}, "0", True, WARN),
        ({"WatchdogUSec": "0"}, "15s", True, WARN),
        ({"Type": "simple"}, "15s", True, WARN),
    ],
)
def test_what_hangs_is_restarted(house, changes, hardware, device, state):
    if device:
        house.write("/dev/watchdog", "")
    surroundings = unit(house, hardware=hardware, **changes)
    assert look(service.watchdog, surroundings).state == state


# The daemon


def test_a_daemon_that_answers_runs_and_one_that_is_configured_should(house):
    assert look(service.daemon, house.seen()).state == NOT_APPLICABLE
    assert look(service.daemon, house.seen(MODEM)).state == FAIL
    with daemon(house, health()):
        finding = look(service.daemon, house.seen(MODEM))
    assert (finding.state, finding.seen[0].value) == (OK, "pid 700")


def test_a_daemon_of_an_older_version_is_not_taken_for_dead(house):
    answer = {"v": 1, "error": {"text": "the daemon is too busy", "exit": 70, "fields": {}}}
    with daemon(house, answer):
        finding = look(service.daemon, house.seen(MODEM))
    assert said(finding) == (UNKNOWN, "the daemon is too busy")


@pytest.mark.parametrize(
    ("ages", "state", "words"),
    [
        ({"last_report_s": 60.0}, OK, "the last report is 60 s old"),
        ({"last_report_s": 9000.0}, WARN, "the last report is 2 h old"),
        ({"last_report_s": None}, WARN, "no report since the daemon started"),
        (
            {"last_report_s": None, "running_s": 20.0},
            UNKNOWN,
            "the daemon started only 20 s ago",
        ),
    ],
)
def test_the_age_of_the_last_report_is_measured_by_the_period(house, ages, state, words):
    with daemon(house, health(**ages)):
        assert said(look(outbox.last_report, house.seen(MODEM))) == (state, words)


def test_the_pulse_tells_ages_and_what_never_happened():
    now = [100.0]
    pulse = Pulse(lambda: now[0])
    now[0] = 107.0
    pulse.beat("report")
    now[0] = 110.0
    assert pulse.document() == {
        "schema": "simward/health/1",
        "pid": os.getpid(),
        "running_s": 10.0,
        "last_report_s": 3.0,
        "last_broker_s": None,
        "last_ack_s": None,
    }


# The store


@contextmanager
def stored(house, bounds=None, boot=7):
    """A store of the daemon's, open as if it ran."""
    house.state.mkdir(exist_ok=True, mode=0o750)
    store = Store(house.state, boot=boot)
    box = Outbox(
        store.connection,
        stamp=lambda: {"boot": boot, "up_s": 900.0, "at": None},
        bounds=bounds or Bounds(),
    )
    try:
        yield store, box
    finally:
        store.close()


def report(store, box, count=1, *, boot=7, up_s=900.0, at=None):
    with store.transaction():
        for _ in range(count):
            box.append("report", {"boot": boot, "up_s": up_s, "at": at})


def in_boot(house, number=7):
    house.write("/proc/sys/kernel/random/boot_id", "abc\n")
    house.write("/state/boot", f"{number} abc\n")


def iso(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_without_a_store_there_is_nothing_to_judge(house):
    assert look(outbox.outbox, house.seen()).state == NOT_APPLICABLE


@pytest.mark.parametrize("running", [True, False])
def test_what_waits_is_counted_while_the_daemon_writes_and_after(house, running):
    in_boot(house)
    with stored(house) as (store, box):
        assert said(look(outbox.outbox, house.seen())) == (OK, "nothing waits")
        report(store, box, 3, up_s=400.0)
        if running:
            finding = look(outbox.outbox, house.seen())
    if not running:
        finding = look(outbox.outbox, house.seen())
    assert said(finding) == (OK, "3 rows wait, the oldest for 10 min")
    assert not running or finding.seen[2].value == "ok"


def test_what_a_power_cut_left_is_read_and_stays_as_it_is(house, tmp_path):
    in_boot(house)
    with stored(house) as (store, box):
        report(store, box, 2, up_s=400.0)
        left = tmp_path / "left"
        shutil.copytree(house.state, left)
    before = {file.name: file.stat().st_mtime_ns for file in left.iterdir()}
    assert "simward.db-wal" in before
    finding = look(outbox.outbox, house.seen({"device": {"state_dir": str(left)}}))
    assert said(finding) == (OK, "2 rows wait, the oldest for 10 min")
    assert {file.name: file.stat().st_mtime_ns for file in left.iterdir()} == before


@pytest.mark.parametrize(
    ("at", "synchronized", "expected"),
    [
        (NOW - timedelta(days=3), True, (WARN, "the oldest row has waited for 3 d")),
        (NOW - timedelta(hours=2), True, (OK, "1 rows wait, the oldest for 2 h")),
        (
            NOW - timedelta(days=3),
            False,
            (OK, "1 rows wait; since when is not known: the clock was not right"),
        ),
        (None, True, (OK, "1 rows wait; since when is not known: the clock was not right")),
    ],
)
def test_rows_of_an_earlier_boot_are_dated_by_the_clock_alone(house, at, synchronized, expected):
    in_boot(house, 8)
    with stored(house) as (store, box):
        report(store, box, at=iso(at) if at else None)
        finding = look(outbox.outbox, house.seen(synchronized=synchronized))
    assert said(finding) == expected


def test_an_outbox_that_is_nearly_full_and_one_that_dropped(house):
    config = {"outbox": {"max_rows": 10}}
    with stored(house, Bounds(max_rows=10)) as (store, box):
        report(store, box, 9)
        assert look(outbox.outbox, house.seen(config)).state == FAIL
        report(store, box, 4)
        words = "4 reports were dropped and will never arrive"
        dropped = look(outbox.outbox, house.seen())
        assert dropped.state == WARN
        assert words.split(" ", 1)[1] in dropped.said.in_words()


def test_a_damaged_store_is_a_fault_and_one_moved_aside_is_remembered(house):
    house.state.mkdir()
    (house.state / "simward.db").write_bytes(b"no database at all" * 100)
    assert said(look(outbox.outbox, house.seen())) == (FAIL, "the store is damaged")
    (house.state / "simward.db").unlink()
    (house.state / "simward.db.bad-6").touch()
    with stored(house):
        assert look(outbox.outbox, house.seen()).state == WARN


def test_a_database_that_is_none_of_ours_is_unknown(house):
    house.state.mkdir()
    connection = sqlite3.connect(house.state / "simward.db")
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    assert look(outbox.outbox, house.seen()).state == UNKNOWN


def test_without_the_daemon_the_last_report_that_is_kept_is_told(house):
    in_boot(house)
    assert look(outbox.last_report, house.seen(MODEM)).state == NOT_APPLICABLE
    with stored(house) as (store, box):
        report(store, box, up_s=400.0)
    words = "the daemon does not run; the last report that is kept is 10 min old"
    assert said(look(outbox.last_report, house.seen(MODEM))) == (WARN, words)


@pytest.mark.parametrize(
    ("acked", "ages", "state"),
    [
        (True, {"last_ack_s": 30.0}, OK),
        (True, {"last_ack_s": 9000.0}, WARN),
        (True, {"last_ack_s": None}, WARN),
        (False, {"last_ack_s": None}, WARN),
        (False, {"last_ack_s": None, "last_broker_s": None, "running_s": 9.0}, UNKNOWN),
    ],
)
def test_the_backends_ack_is_fresh_late_or_never_came(house, acked, ages, state):
    with stored(house) as (store, box):
        report(store, box)
        if acked:
            with store.transaction():
                box.acknowledge(box.store, 1)
        with daemon(house, health(**ages)):
            assert look(outbox.last_ack, house.seen(MODEM)).state == state


def test_without_a_broker_or_a_daemon_no_ack_is_judged(house):
    assert look(outbox.last_ack, house.seen()).state == NOT_APPLICABLE
    assert look(outbox.last_ack, house.seen(MODEM)).state == NOT_APPLICABLE
    with stored(house):
        assert look(outbox.last_ack, house.seen(MODEM)).state == UNKNOWN


# The pairing history


def paired(house, times):
    """A store with so many entries."""
    house.state.mkdir(exist_ok=True)
    store = Store(house.state, boot=1)
    Outbox(store.connection, stamp=lambda: {"boot": 1, "up_s": 1.0})
    history = History(store.connection)
    with store.transaction():
        for number in range(times):
            card = f"8900101000000000{number:04}"
            history.append(SEEN, Pairing(1, "356938035643809", card), {"boot": 1, "up_s": 1.0})
    store.close()


def test_a_history_that_holds_is_in_order(house):
    assert look(pairings.pairings, house.seen()).state == NOT_APPLICABLE
    paired(house, 0)
    assert said(look(pairings.pairings, house.seen()))[0] == NOT_APPLICABLE
    paired(house, 3)
    assert said(look(pairings.pairings, house.seen())) == (OK, "the chain is whole (entries: 3)")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM pairings WHERE n = 2", "broken at entry 2"),
        ("UPDATE pairings SET imei = '490154203237518' WHERE n = 3", "broken at entry 3"),
        ("DELETE FROM pairings", "broken at entry 1"),
    ],
)
def test_a_history_that_somebody_changed_is_a_fault_and_stays_as_it_is(house, statement, words):
    paired(house, 3)
    connection = sqlite3.connect(house.state / "simward.db")
    with connection:
        connection.execute("DROP TRIGGER pairings_are_kept")
        connection.execute("DROP TRIGGER pairings_stay")
        connection.execute(statement)
    connection.close()
    before = (house.state / "simward.db").read_bytes()
    finding = look(pairings.pairings, house.seen())
    assert finding.state == FAIL
    assert words in finding.said.in_words()
    assert (house.state / "simward.db").read_bytes() == before


def test_of_a_damaged_store_the_history_is_unknown(house):
    paired(house, 1)
    (house.state / "simward.db").write_bytes(b"SQLite format 3\0" + b"\x07" * 8192)
    assert look(pairings.pairings, house.seen()).state == UNKNOWN
