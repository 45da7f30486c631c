"""Gateway and backend around a real broker."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.system.broker import Mosquitto, free_port, mosquitto, wait_until_listening
from tests.system.uplink_helpers import GW, Backend, Gateway, drive

pytestmark = pytest.mark.system


@contextmanager
def ends(*things: Gateway | Backend) -> Iterator[None]:
    with ExitStack() as stack:
        for thing in things:
            stack.callback(thing.close)
        yield


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path) as running:
        yield running


def online(backend: Backend) -> None:
    drive(backend, until=lambda: backend.consumer.online)


def test_a_report_is_stored_once_and_leaves_the_outbox_when_the_backend_acknowledged(
    broker: Mosquitto,
) -> None:
    backend, gateway = Backend(broker.url), Gateway(broker.url)
    with ends(backend, gateway):
        online(backend)
        gateway.uplink.set_birth({"modems": [], "cards": [{"iccid": "89001010000000000018"}]})
        gateway.report(rsrp=-101, reg={"eps": [1, None]})
        drive(backend, gateway, until=lambda: gateway.outbox.rows == 0)
        assert backend.seqs(gateway.outbox.store) == (1,)
        assert gateway.connections == ["MQTT 5"]
        kinds = {arrival.kind for arrival in backend.watcher.arrivals}
        assert kinds == {"state", "birth", "report"}
        assert not backend.watcher.dead


def test_a_backlog_goes_out_in_batches_and_arrives_whole(broker: Mosquitto) -> None:
    backend, gateway = Backend(broker.url), Gateway(broker.url)
    with ends(backend, gateway):
        online(backend)
        for up_s in range(500):
            gateway.report(up_s=float(up_s), rsrp=-90 - up_s % 7, act="lte")
        drive(backend, gateway, until=lambda: gateway.outbox.rows == 0)
        assert backend.seqs(gateway.outbox.store) == tuple(range(1, 501))
        reports = [a.message for a in backend.watcher.arrivals if a.kind == "report"]
        assert [report.up_s for report in reports] == [float(n) for n in range(500)]


def test_a_broker_that_forgets_loses_no_row(broker: Mosquitto) -> None:
    backend = Backend(broker.url, ack_every_s=3600.0, eager_s=0.0)
    gateway = Gateway(broker.url)
    with ends(backend, gateway):
        online(backend)
        gateway.report()
        drive(backend, gateway, until=lambda: backend.watcher.acks != [])
        for _ in range(3):
            gateway.report()
        # The broker takes them; the backend is not there to fetch them, then all is forgotten.
        drive(gateway, until=lambda: gateway.delivered[-3:] == [2, 3, 4])
        broker.stop()
        drive(
            backend,
            gateway,
            until=lambda: not backend.consumer.online and not gateway.uplink._online,
        )
        gateway.report()
        broker.start()
        drive(backend, gateway, until=lambda: gateway.outbox.rows == 0, why="rows left behind")
        assert backend.seqs(gateway.outbox.store) == (1, 2, 3, 4, 5)


def test_a_backend_that_comes_late_for_the_first_time_still_gets_every_row(
    broker: Mosquitto,
) -> None:
    gateway = Gateway(broker.url)
    with ends(gateway):
        for _ in range(7):
            gateway.report()
        drive(gateway, until=lambda: len(gateway.delivered) == 7)
        assert "nobody is subscribed at the broker" in gateway.problems
        assert gateway.outbox.unsent(0, 100) == ()
        backend = Backend(broker.url)
        with ends(backend):
            online(backend)
            gateway.report()
            drive(backend, gateway, until=lambda: gateway.outbox.rows == 0)
            drive(
                backend,
                gateway,
                until=lambda: backend.seqs(gateway.outbox.store) == tuple(range(1, 9)),
            )


def test_what_the_broker_refuses_by_its_access_list_is_not_delivered(tmp_path: Path) -> None:
    acl = f"topic write sw/1/{GW}/state\ntopic read sw/1/{GW}/ack\n"
    with mosquitto(tmp_path, acl=acl) as broker:
        gateway = Gateway(broker.url)
        with ends(gateway):
            seq = gateway.report()
            drive(
                gateway,
                until=lambda: "the broker does not take our messages" in gateway.problems,
            )
            assert gateway.delivered == []
            assert [row.seq for row in gateway.outbox.unsent(0, 10)] == [seq]


def test_a_killed_gateway_is_reported_lost_and_its_rows_come_again_once(
    broker: Mosquitto, tmp_path: Path
) -> None:
    database = tmp_path / "outbox.db"
    backend = Backend(broker.url, ack_every_s=3600.0, eager_s=3600.0)
    gateway = Gateway(broker.url, database)
    with ends(backend):
        online(backend)
        for _ in range(3):
            gateway.report()
        drive(backend, gateway, until=lambda: len(backend.seqs(gateway.outbox.store)) == 3)
        gateway.close()

        def last_state() -> object:
            states = [a.message for a in backend.watcher.arrivals if a.kind == "state"]
            return states[-1]

        drive(backend, until=lambda: not last_state().on)
        assert last_state().why == "lost"
        again = Gateway(broker.url, database)
        with ends(again):
            again.report()
            drive(backend, again, until=lambda: len(backend.seqs(again.outbox.store)) == 4)
            assert backend.seqs(again.outbox.store) == (1, 2, 3, 4)


def test_the_state_and_the_last_will_say_what_our_own_bytes_were(broker: Mosquitto) -> None:
    backend, gateway = Backend(broker.url), Gateway(broker.url)
    own = {"cycle": "2026-11-01", "used_bytes": 812_345, "bound_bytes": None, "day_bytes": 108_500}
    with ends(backend):
        online(backend)
        gateway.uplink.set_budget({name: value for name, value in own.items() if value})
        drive(backend, gateway, until=lambda: gateway.connections != [])
        gateway.close()

        def states() -> list[object]:
            return [a.message for a in backend.watcher.arrivals if a.kind == "state"]

        drive(backend, until=lambda: len(states()) == 2)
        assert [(state.on, state.budget.model_dump()) for state in states()] == [
            (True, own),
            (False, own),
        ]


def test_a_clean_stop_says_so(broker: Mosquitto) -> None:
    backend, gateway = Backend(broker.url), Gateway(broker.url)
    with ends(backend):
        online(backend)
        drive(backend, gateway, until=lambda: gateway.connections != [])
        gateway.uplink.stop()
        gateway.uplink.run()
        gateway.connection.close()
        states = [a for a in backend.watcher.arrivals if a.kind == "state"]
        count = len(states)
        drive(
            backend,
            until=lambda: len([a for a in backend.watcher.arrivals if a.kind == "state"]) > count,
        )
        last = [a.message for a in backend.watcher.arrivals if a.kind == "state"][-1]
        assert (last.on, last.why) == (False, "stopped")


def test_hostile_messages_become_dead_letters_and_stop_nothing(broker: Mosquitto) -> None:
    backend, gateway = Backend(broker.url), Gateway(broker.url)
    with ends(backend, gateway):
        online(backend)
        bad = [
            ("report", b"\xff\x00"),
            ("report", b"{" + b"[" * 60_000),
            ("event", b'{"v":1,"gw":"someone","store":"00000000","seq":1,"boot":1,"up_s":1}'),
            ("report", json.dumps({"v": 1, "gw": GW, "store": "0" * 8, "seq": 2**60}).encode()),
            ("report", b'{"v":1,"gw":"gw00000001","columns":{"seq":[1,2],"up_s":[1]}}'),
        ]
        drive(backend, gateway, until=lambda: gateway.connections != [])
        assert gateway.uplink._link is not None
        for kind, payload in bad:
            gateway.uplink._link.publish(f"sw/1/{GW}/{kind}", payload)
        gateway.report()
        drive(backend, gateway, until=lambda: gateway.outbox.rows == 0)
        assert len(backend.watcher.dead) == len(bad)
        assert backend.store.counts().dead_letters == len(bad)
        assert backend.seqs(gateway.outbox.store) == (1,)


def test_an_ack_beyond_what_was_sent_deletes_nothing(broker: Mosquitto) -> None:
    gateway = Gateway(broker.url)
    with ends(gateway):
        gateway.report()
        drive(gateway, until=lambda: gateway.delivered == [1])
        assert gateway.uplink._link is not None
        forged = {"v": 1, "gw": GW, "store": gateway.outbox.store, "seq": 99}
        gateway.uplink._link.publish(f"sw/1/{GW}/ack", json.dumps(forged).encode())
        drive(gateway, until=lambda: gateway.refused == ["ack beyond what was sent"])
        gateway.report()
        drive(gateway, until=lambda: gateway.delivered == [1, 2])
        assert gateway.outbox.rows == 2


def test_an_ack_that_is_none_or_another_gateways_deletes_nothing(broker: Mosquitto) -> None:
    gateway = Gateway(broker.url)
    with ends(gateway):
        gateway.report()
        drive(gateway, until=lambda: gateway.delivered == [1])
        assert gateway.uplink._link is not None
        good = {"v": 1, "gw": GW, "store": gateway.outbox.store, "seq": 1}
        wrong: list[dict[str, object]] = [
            {"gw": "gw00000002"}, {"v": 2}, {"seq": "1"}, {"seq": True}, {"seq": 1.0},
        ]  # fmt: skip
        payloads = [json.dumps({**good, **change}).encode() for change in wrong]
        for payload in (*payloads, b"", b"\xff", b"[1]"):
            gateway.uplink._link.publish(f"sw/1/{GW}/ack", payload)
        gateway.uplink._link.publish(f"sw/1/{GW}/ack", json.dumps({**good, "seq": 99}).encode())
        drive(gateway, until=lambda: gateway.refused == ["ack beyond what was sent"])
        assert gateway.outbox.rows == 1
        assert gateway.outbox.acked is None


def test_what_the_backends_store_refuses_is_not_acknowledged_and_comes_again(
    broker: Mosquitto,
) -> None:
    backend, gateway = Backend(broker.url), Gateway(broker.url)
    with ends(backend, gateway):
        online(backend)
        backend.store._connection.execute("PRAGMA query_only = ON")
        gateway.report()
        drive(
            backend,
            gateway,
            until=lambda: "the backend's store failed" in backend.watcher.problems,
        )
        assert backend.watcher.acks == []
        backend.store._connection.execute("PRAGMA query_only = OFF")
        drive(backend, gateway, until=lambda: gateway.outbox.rows == 0)
        assert backend.seqs(gateway.outbox.store) == (1,)


def test_a_backend_that_was_away_gets_what_came_meanwhile(
    broker: Mosquitto, tmp_path: Path
) -> None:
    database = tmp_path / "backend.db"
    backend, gateway = Backend(broker.url, database), Gateway(broker.url)
    with ends(gateway):
        online(backend)
        gateway.report()
        drive(backend, gateway, until=lambda: gateway.outbox.rows == 0)
        backend.close()
        for _ in range(3):
            gateway.report()
        drive(gateway, until=lambda: gateway.delivered[-3:] == [2, 3, 4])
        assert gateway.outbox.rows == 3
        again = Backend(broker.url, database)
        with ends(again):
            drive(again, gateway, until=lambda: gateway.outbox.rows == 0)
            assert again.seqs(gateway.outbox.store) == (1, 2, 3, 4)


_AMQTT = """
import asyncio, sys
from amqtt.broker import Broker

async def main():
    broker = Broker({
        "listeners": {"default": {"type": "tcp", "bind": "127.0.0.1:" + sys.argv[1]}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    })
    await broker.start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_on_a_broker_without_mqtt_5_both_ends_fall_back_to_3_1_1() -> None:
    pytest.importorskip("amqtt", reason="the embedded broker is not installed")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _AMQTT, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_listening(port, process)
        url = f"mqtt://127.0.0.1:{port}"
        backend, gateway = Backend(url), Gateway(url)
        with ends(backend, gateway):
            online(backend)
            for _ in range(20):
                gateway.report()
            drive(backend, gateway, until=lambda: gateway.outbox.rows == 0)
            assert backend.seqs(gateway.outbox.store) == tuple(range(1, 21))
            assert gateway.connections == ["MQTT 3.1.1"]
    finally:
        process.kill()
        process.wait(timeout=60)


def test_a_broker_that_is_not_there_is_said_once_and_tried_again() -> None:
    gateway = Gateway(f"mqtt://127.0.0.1:{free_port()}")
    with ends(gateway):
        drive(gateway, until=lambda: gateway.uplink._dialer._backoff._tries >= 3)
        assert gateway.problems == ["nobody listens at the broker's port"]


def test_a_configured_interface_is_the_only_way_to_the_broker(broker: Mosquitto) -> None:
    with socket.socket() as sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
        except PermissionError:
            pytest.skip("this kernel lets only root bind to an interface")
    over_lo, nowhere = Gateway(broker.url, interface="lo"), Gateway(broker.url, interface="nosuch0")
    with ends(over_lo, nowhere):
        over_lo.report()
        drive(over_lo, nowhere, until=lambda: over_lo.delivered == [1] and nowhere.problems != [])
        assert nowhere.connections == []
        assert nowhere.problems == ["the broker cannot be reached"]
