"""Rows that a broker took while nobody was subscribed: they come as soon as the backend is there.

The backend acknowledges as it does by default: once an hour, but at once where rows are missing.
"""

import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.system.broker import Embedded, Mosquitto
from tests.system.programs import end, running, start, wait_until
from tests.system.uplink_helpers import Backend, Gateway, drive

pytestmark = pytest.mark.system

HOURLY = {"ack_every_s": 3600.0, "eager_s": 5.0}


@pytest.fixture(params=[Mosquitto, Embedded], ids=["mosquitto, MQTT 5", "amqtt, MQTT 3.1.1"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mosquitto]:
    broker = request.param(tmp_path)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def test_a_gateway_that_is_back_before_the_backend_sends_again_without_a_new_row(
    forgetful: Mosquitto,
) -> None:
    backend, gateway = Backend(forgetful.url, **HOURLY), Gateway(forgetful.url)
    with closing(backend), closing(gateway):
        drive(backend, until=lambda: backend.consumer.online)
        gateway.report()
        drive(backend, gateway, until=lambda: backend.seqs(gateway.outbox.store) == (1,))
        forgetful.stop()
        drive(gateway, until=lambda: not gateway.uplink._online)
        for _ in range(6):
            gateway.report()
        forgetful.start()
        drive(gateway, until=lambda: 7 in gateway.delivered)
        drive(
            backend,
            gateway,
            until=lambda: backend.seqs(gateway.outbox.store) == tuple(range(1, 8)),
            why="the rows that nobody heard wait for the next one",
        )


def test_a_gap_is_closed_at_once_where_the_broker_does_not_say_that_nobody_hears(
    tmp_path: Path,
) -> None:
    broker = Embedded(tmp_path)
    broker.start()
    with ExitStack() as stack:
        stack.callback(broker.stop)
        gateway = stack.enter_context(closing(Gateway(broker.url)))
        for _ in range(6):
            gateway.report()
        drive(gateway, until=lambda: gateway.delivered == [1, 2, 3, 4, 5, 6])
        backend = stack.enter_context(closing(Backend(broker.url, **HOURLY)))
        drive(backend, until=lambda: backend.consumer.online)
        gateway.report()
        drive(
            backend,
            gateway,
            until=lambda: backend.seqs(gateway.outbox.store) == tuple(range(1, 8)),
            why="the gap stays",
        )


def seqs(db: Path) -> list[int]:
    both = "SELECT seq FROM reports UNION ALL SELECT seq FROM events ORDER BY seq"
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=5)) as connection:
        return [seq for (seq,) in connection.execute(both)]


def last_seq(state: Path) -> int:
    """The highest number that the gateway gave; its database is only looked at."""
    db = f"file:{state / 'simward.db'}?mode=ro"
    with closing(sqlite3.connect(db, uri=True, timeout=5)) as connection:
        found = connection.execute("SELECT seq FROM sqlite_sequence").fetchone()
        return int(found[0]) if found else 0


def samples(log: Path) -> int:
    return len(re.findall(r"\tAT\+QGDCNT\?\t", log.read_text()))


def test_a_backend_started_after_the_gateways_or_slower_than_they_are_gets_every_row(
    broker: Mosquitto, tmp_path: Path
) -> None:
    log, link, db, state = (tmp_path / name for name in ("modem.log", "modem", "db", "state"))
    config = tmp_path / "simward.toml"
    config.write_text(
        f"""
        [device]
        id = "gw-late"
        state_dir = "{state}"
        [[modem]]
        port = "{link}"
        [report]
        interval_s = 1
        [broker]
        url = "{broker.url}"
        """
    )
    simulate = ("fixture", "simulate", "--modem", "quectel_ec25", "--pty", "--link", str(link))
    consume = ("backend", "consume", "--broker", broker.url, "--db", str(db))

    def more_samples(count: int) -> None:
        goal = samples(log) + count
        wait_until(lambda: samples(log) >= goal, daemon)

    def nothing_is_missing() -> bool:
        found = seqs(db)
        return len(found) > 0 and found == list(range(1, found[-1] + 1)) and found[-1] >= wanted

    with ExitStack() as stack:
        modem = stack.enter_context(running(tmp_path, "modem", *simulate, "--log", str(log)))
        wait_until(link.exists, modem)
        daemon = stack.enter_context(running(tmp_path, "run", "--config", str(config), "run"))
        wait_until(log.exists, daemon)
        more_samples(5)
        backend = start(tmp_path, "backend", *consume)
        stack.callback(end, backend)
        wait_until(lambda: "connected" in (tmp_path / "backend.out").read_text(), backend)
        wanted = last_seq(state)
        wait_until(nothing_is_missing, backend)

        # Once more with a backend that sleeps while the broker restarts and the gateway returns.
        backend.send_signal(signal.SIGSTOP)
        try:
            broker.stop()
            more_samples(2)
            broker.start()
            more_samples(5)
        finally:
            backend.send_signal(signal.SIGCONT)
        wanted = last_seq(state)
        wait_until(nothing_is_missing, backend)
