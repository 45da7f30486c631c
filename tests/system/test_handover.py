"""Evidence from a gateway to the backend: real broker, real consumer, and everything in between."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import jsonschema
import pytest

from agent.config import Settings
from agent.device_key import device_key
from agent.errors import UsageError
from agent.handover import ACKED, NO_ACK, NO_BROKER, QUEUED, UNREACHABLE, HandedOver, hand_over
from agent.state_dir import StateDir
from agent.store import reading_store
from cloud_bridge import link
from cloud_bridge.backend.judgement import INTACT, OTHER_KEY, VERIFIED, file_of
from cloud_bridge.backend.store import BackendStore
from cloud_bridge.evidence_entries import was_read
from cloud_bridge.refusals import CLOSES, NOT_ALLOWED, TOO_LONG
from cloud_bridge.schema import json_schema
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.system.broker import mosquitto
from tests.system.programs import end, running, start, wait_until
from tests.unit.evidence_helpers import BODIES, HEAD_OF_UNBIND, KEY, RAW, WHEN, sign

pytestmark = pytest.mark.system

OTHER = sign(HEAD_OF_UNBIND._replace(kind="closing"), BODIES, KEY)
LONG = sign(HEAD_OF_UNBIND, [was_read(WHEN, "x", "测" * 18_000, "AT")], KEY)
ENOUGH_S = 60.0


class Place:
    """A gateway's configuration, and the database of a backend."""

    def __init__(self, folder: Path, port: str = "/dev/null") -> None:
        self.folder = folder
        self.port = port
        self.state = folder / "state"
        self.db = folder / "backend.db"
        self.config = folder / "simward.toml"

    def settings(self, url: str | None) -> Settings:
        return Settings.model_validate(
            {
                "device": {"state_dir": self.state, "id": HEAD_OF_UNBIND.gw},
                "broker": {} if url is None else {"url": url},
                "report": {"interval_s": 2},
                "modem": [{"port": self.port}],
            }
        )

    def write(self, url: str | None) -> list[str]:
        broker = "" if url is None else f'[broker]\nurl = "{url}"\n'
        self.config.write_text(
            f'device.state_dir = "{self.state}"\ndevice.id = "{HEAD_OF_UNBIND.gw}"\n'
            f'report.interval_s = 2\n{broker}[[modem]]\nport = "{self.port}"\n',
            encoding="utf-8",
        )
        return ["--config", str(self.config), "run"]

    def consume(self, url: str) -> list[str]:
        every = ["--ack-every", "3600", "--wait", "60"]
        return ["backend", "consume", "--broker", url, "--db", str(self.db), *every]

    def evidence(self):
        store = BackendStore(self.db)
        try:
            return [(each.file, each.verdict) for each in store.evidence.all()]
        finally:
            store.close()

    def rows(self) -> list[tuple[int, str]]:
        """Rows of evidence that the gateway still holds, and the `why` of what it gave up."""
        with reading_store(self.state) as connection:
            assert connection is not None
            return connection.execute(
                "SELECT seq, kind FROM outbox WHERE kind = 'evidence' ORDER BY seq"
            ).fetchall()

    def given_up(self) -> list[str]:
        with reading_store(self.state) as connection:
            assert connection is not None
            bodies = connection.execute("SELECT body FROM outbox WHERE code = 'reports_dropped'")
            return [json.loads(body)["args"]["why"] for (body,) in bodies]


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def gateway(tmp_path):
    """With a simulated modem, for the daemon."""
    with serve_tcp(SimulatedModem.load("quectel_ec25", "usim_test")) as port:
        yield Place(tmp_path, port.url)


@pytest.fixture
def broker(tmp_path):
    with mosquitto(tmp_path) as running_broker:
        yield running_broker


# Without a daemon


def test_without_a_daemon_the_command_itself_hands_over_and_waits_for_the_ack(place, broker):
    with running(place.folder, "backend", *place.consume(broker.url)) as backend:
        wait_until(lambda: "connected" in said(place.folder / "backend.out"), backend)
        handed = hand_over(place.settings(broker.url), "unbind", RAW, ENOUGH_S)
        assert (handed.state, handed.seq, handed.reason) == (ACKED, 1, None)
        assert place.evidence() == [(RAW, INTACT)]
        assert place.rows() == []
        # Again: nothing more is sent.
        assert hand_over(place.settings(broker.url), "unbind", RAW, ENOUGH_S) == handed
        assert hand_over(place.settings(broker.url), "unbind", RAW, 0) == handed
    assert said(place.folder / "backend.out").count("evidence 1 ") == 1


def test_a_broker_that_takes_it_while_the_backend_is_away_leaves_it_queued(place, broker):
    settings = place.settings(broker.url)
    handed = hand_over(settings, "unbind", RAW, 3)
    assert (handed.state, handed.seq) == (QUEUED, 1)
    with running(place.folder, "backend", *place.consume(broker.url)) as backend:
        wait_until(lambda: "connected" in said(place.folder / "backend.out"), backend)
        assert hand_over(settings, "unbind", RAW, ENOUGH_S).state == ACKED
    assert place.evidence() == [(RAW, INTACT)]


def test_without_a_broker_the_row_waits_and_that_is_said(place, broker):
    assert hand_over(place.settings(None), "unbind", RAW, ENOUGH_S).reason == NO_BROKER
    nobody = hand_over(place.settings("mqtt://127.0.0.1:1"), "unbind", RAW, 2)
    assert (nobody.state, nobody.seq) == (QUEUED, 1)
    assert nobody.reason == "nobody listens at the broker's port"
    with running(place.folder, "backend", *place.consume(broker.url)):
        assert hand_over(place.settings(broker.url), "unbind", RAW, ENOUGH_S).state == ACKED
    assert place.evidence() == [(RAW, INTACT)]


def test_a_store_without_room_is_said_and_the_file_remains(place, broker):
    settings = place.settings(broker.url)
    tight = settings.model_copy(
        update={"outbox": settings.outbox.model_copy(update={"max_bytes": 20_000})}
    )
    handed = hand_over(tight, "unbind", LONG, ENOUGH_S)
    assert handed == HandedOver(UNREACHABLE, reason="the outbox is full of events")
    assert place.rows() == []
    assert hand_over(settings, "unbind", LONG, 0).state == QUEUED


def test_time_is_not_spent_where_none_is_given(place, broker):
    handed = hand_over(place.settings(broker.url), "unbind", RAW, 0)
    assert handed == HandedOver(QUEUED, handed.store, 1, NO_ACK)


@pytest.mark.parametrize(
    ("extra", "acl", "why"),
    [
        pytest.param("message_size_limit 2000", None, CLOSES, id="hangs up without a word"),
        pytest.param("max_packet_size 2000", None, TOO_LONG, id="CONNACK says how long"),
        pytest.param("", "topic readwrite sw/1/+/state\ntopic read sw/1/+/ack\n", NOT_ALLOWED,
                     id="no right"),
    ],
)  # fmt: skip
def test_a_broker_that_refuses_it_is_named_and_holds_up_nothing(tmp_path, place, extra, acl, why):
    with mosquitto(tmp_path, acl, extra) as broker:
        handed = hand_over(place.settings(broker.url), "unbind", RAW, ENOUGH_S)
        assert (handed.state, handed.seq, handed.reason) == (UNREACHABLE, 1, why)
    assert place.rows() == []
    assert place.given_up() == ["refused"]
    # With another broker it goes, under another number.
    (tmp_path / "kind").mkdir()
    with (
        mosquitto(tmp_path / "kind") as broker,
        running(place.folder, "backend", *place.consume(broker.url)),
    ):
        handed = hand_over(place.settings(broker.url), "unbind", RAW, ENOUGH_S)
        assert (handed.state, handed.seq) == (ACKED, 3)


DIES = """
import os, sys
from pathlib import Path
from agent.config import Settings
from agent.handover import hand_over
import cryptography.hazmat.primitives.asymmetric.ed25519, json
config, raw, left = json.loads(sys.argv[1]), Path(sys.argv[2]).read_bytes(), int(sys.argv[3])
rooms = ("/agent/", "/cloud_bridge/")
calls = 0
def count(frame, event, _arg):
    global calls
    if event == "call" and any(room in frame.f_code.co_filename for room in rooms):
        calls += 1
        if calls == left:
            os._exit(9)
settings = Settings.model_validate(config)
sys.setprofile(count)
handed = hand_over(settings, "unbind", raw, 60)
sys.setprofile(None)
print(handed.state, handed.seq, calls)
"""


def test_killed_between_any_two_steps_it_has_one_row_and_arrives_once(place, broker):
    """Each crash point: as many calls as that were made, and the process died there."""
    (place.folder / "raw").write_bytes(RAW)
    config = {
        "device": {"state_dir": str(place.state), "id": HEAD_OF_UNBIND.gw},
        "broker": {"url": broker.url},
    }

    def run(left):
        command = [sys.executable, "-c", DIES, json.dumps(config), place.folder / "raw", str(left)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    with running(place.folder, "backend", *place.consume(broker.url)) as backend:
        wait_until(lambda: "connected" in said(place.folder / "backend.out"), backend)
        codes = [run(left).returncode for left in range(30, 3300, 270)]
        assert codes.count(9) > 5
        last = run(0)
    assert (last.returncode, last.stdout.split()[:2]) == (0, ["acked", "1"]), last.stderr
    assert place.evidence() == [(RAW, INTACT)]
    assert place.rows() == []


# With a daemon


@pytest.fixture
def settings(gateway, broker):
    return gateway.settings(broker.url)


def started(gateway, broker, name="daemon"):
    """A daemon that answers."""
    daemon = start(gateway.folder, name, *gateway.write(broker.url))
    log = gateway.folder / f"{name}.err"
    wait_until(lambda: "sample slot=1" in said(log), daemon)
    return daemon


def test_the_daemon_hands_over_and_birth_makes_the_verdict(gateway, broker, settings):
    key = StateDir(gateway.state)
    signed = sign(HEAD_OF_UNBIND, BODIES, device_key(key))
    key.close()
    with running(gateway.folder, "backend", *gateway.consume(broker.url)):
        daemon = started(gateway, broker)
        handed = hand_over(settings, "unbind", signed, ENOUGH_S)
        assert handed.state == ACKED
        assert hand_over(settings, "unbind", signed, ENOUGH_S) == handed
        assert end(daemon) == 0
    assert gateway.evidence() == [(signed, VERIFIED)]
    assert said(gateway.folder / "backend.out").count("verified with the gateway's key") == 1


def test_the_longest_document_goes_through_daemon_broker_and_backend(gateway, broker, settings):
    with running(gateway.folder, "backend", *gateway.consume(broker.url)):
        daemon = started(gateway, broker)
        assert hand_over(settings, "unbind", LONG, ENOUGH_S).state == ACKED
        assert end(daemon) == 0
    assert [file for file, _ in gateway.evidence()] == [LONG]


def test_a_daemon_whose_broker_refuses_evidence_still_reports(gateway, tmp_path):
    """Every topic but one; the backend may listen to all."""
    kinds = ("state", "birth", "report", "event", "ack")
    acl = "".join(f"topic readwrite sw/1/+/{kind}\n" for kind in kinds)
    acl += "topic read sw/1/+/evidence\n"
    (tmp_path / "strict").mkdir()
    with (
        mosquitto(tmp_path / "strict", acl) as broker,
        running(gateway.folder, "backend", *gateway.consume(broker.url)),
    ):
        daemon = started(gateway, broker)
        handed = hand_over(gateway.settings(broker.url), "unbind", RAW, ENOUGH_S)
        assert (handed.state, handed.reason) == (UNREACHABLE, NOT_ALLOWED)
        out = gateway.folder / "backend.out"
        wait_until(lambda: "the broker refuses evidence" in said(out), daemon)
        reports = said(out).count("report ")
        wait_until(lambda: said(out).count("report ") > reports + 1, daemon)
        assert end(daemon) == 0
    assert "evidence refused by the broker" in said(gateway.folder / "daemon.err")


def test_a_daemon_without_a_broker_says_so_at_once(gateway, settings):
    with running(gateway.folder, "daemon", *gateway.write(None)) as daemon:
        wait_until(lambda: "sample slot=1" in said(gateway.folder / "daemon.err"), daemon)
        handed = hand_over(settings, "unbind", RAW, ENOUGH_S)
    assert (handed.state, handed.reason) == (UNREACHABLE, NO_BROKER)
    assert len(gateway.rows()) == 1


def test_a_daemon_that_is_killed_in_the_middle_has_the_row_once(gateway, broker, settings):
    daemon = started(gateway, broker)
    queued = hand_over(settings, "unbind", RAW, 0)
    assert queued.state == QUEUED
    daemon.send_signal(signal.SIGKILL)
    daemon.wait(60)
    # Nobody is there: this process does it itself, with the row that the dead one gave.
    alone = hand_over(settings, "unbind", RAW, 2)
    assert (alone.state, alone.seq) == (QUEUED, queued.seq)
    with running(gateway.folder, "backend", *gateway.consume(broker.url)):
        daemon = started(gateway, broker, "second")
        handed = hand_over(settings, "unbind", RAW, ENOUGH_S)
        assert (handed.state, handed.store, handed.seq) == (ACKED, queued.store, queued.seq)
        daemon.send_signal(signal.SIGKILL)
        daemon.wait(60)
        daemon = started(gateway, broker, "third")
        assert hand_over(settings, "unbind", RAW, ENOUGH_S) == handed
        assert end(daemon) == 0
    assert gateway.evidence() == [(RAW, OTHER_KEY)]


def test_an_ack_that_is_lost_comes_again(gateway, broker, settings):
    """The backend stores and dies before it acknowledges; then the broker forgets everything."""
    daemon = started(gateway, broker)
    assert hand_over(settings, "unbind", RAW, 0).state == QUEUED
    with running(gateway.folder, "backend", *gateway.consume(broker.url)) as backend:
        wait_until(lambda: "evidence " in said(gateway.folder / "backend.out"), backend)
        backend.send_signal(signal.SIGKILL)
        backend.wait(60)
    broker.stop()
    broker.start()
    with running(gateway.folder, "backend", *gateway.consume(broker.url)):
        assert hand_over(settings, "unbind", RAW, ENOUGH_S).state == ACKED
    assert end(daemon) == 0
    assert gateway.evidence() == [(RAW, OTHER_KEY)]


def test_a_broker_that_goes_away_in_the_middle_is_said_and_comes_back(gateway, broker, settings):
    daemon = started(gateway, broker)
    broker.stop()
    wait_until(lambda: "broker reason=" in said(gateway.folder / "daemon.err"), daemon)
    queued = hand_over(settings, "closing", OTHER, 1)
    assert queued.state == QUEUED
    assert queued.reason in {
        "nobody listens at the broker's port",
        "the broker closed the connection",
    }
    broker.start()
    with running(gateway.folder, "backend", *gateway.consume(broker.url)):
        assert hand_over(settings, "closing", OTHER, ENOUGH_S).state == ACKED
        assert end(daemon) == 0


def test_whoever_else_uses_the_state_directory_is_waited_for(place, broker):
    other = StateDir(place.state)
    waits = []

    def pause(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            other.close()

    handed = hand_over(place.settings(broker.url), "unbind", RAW, 6, pause=pause)
    assert (handed.state, len(waits) >= 2) == (QUEUED, True)


def test_what_is_no_evidence_of_this_kind_is_not_handed_over(place):
    for raw in (RAW.replace(b"WO-2026-0001", b"WO-2026-0009"), OTHER, b"{}\n"):
        with pytest.raises(UsageError, match="no evidence"):
            hand_over(place.settings(None), "unbind", raw, 0)
    assert not place.state.exists()


def test_what_goes_over_the_air_is_what_the_published_schema_says(place, broker):
    """Every live message of the gateway against `simward schema`; evidence is among them."""
    heard = []
    client = link.Link(
        link.Target("127.0.0.1", broker.port, client_id="ear"), link.MQTT_5, clock=monotonic
    )
    client.open()
    events = client.step(10)
    assert any(isinstance(each, link.Connected) for each in events)
    client.subscribe("sw/1/+/+")
    client.step(10)
    seen_by = hand_over(place.settings(broker.url), "unbind", RAW, 2)
    while not any(topic.endswith("/evidence") for topic, _ in heard):
        heard += [(e.topic, e.payload) for e in client.step(10) if isinstance(e, link.Message)]
    client.close()
    for topic, payload in heard:
        jsonschema.validate(json.loads(payload), json_schema(topic.rpartition("/")[2]))
    (message,) = [json.loads(raw) for topic, raw in heard if topic.endswith("/evidence")]
    assert file_of(message["document"]) == RAW
    assert (message["store"], message["seq"]) == (seen_by.store, seen_by.seq)
    broken = {**message, "document": {**message["document"], "signature": "00"}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, json_schema("evidence"))


def said(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
