"""What the gateway says of itself: clock, certificates, own bytes; on virtual time."""

from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from agent.config import Settings
from agent.jobs import Sample
from agent.notices.board import NoticeBoard
from agent.notices.clock import Moment
from agent.recording import Recorder
from agent.report import Stamp
from agent.store import Store
from agent.usage.meter import plan_of
from cloud_bridge import asyncapi
from cloud_bridge.encoding import decode, envelope
from cloud_bridge.outbox import Outbox
from tests.unit.snapshot_helpers import gateway

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY_S = 86_400.0
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DOCUMENT = asyncapi.document("0.1.0")


def certificate(*ends: datetime) -> str:
    """A PEM file with a certificate for each end."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gw")])
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 1)
    made = [
        builder.not_valid_before(end - timedelta(days=400)).not_valid_after(end).sign(KEY, None)
        for end in ends
    ]
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in made)


class Gateway:
    """A store and its board; time goes on only when a sample is taken."""

    def __init__(self, path, **settings) -> None:
        self.path = path
        self.settings = Settings.model_validate({"usage": {"idle_days": 0}} | settings)
        self.boot, self.up_s, self.wall, self.synchronized = 1, 100.0, NOON, True
        self.start()

    def start(self) -> None:
        """The daemon starts."""
        self.store = Store(self.path, boot=self.boot)
        self.outbox = Outbox(self.store.connection, stamp=lambda: {"boot": self.boot, "up_s": 1.0})
        self.said = self.last_seq()
        board = NoticeBoard(self.store.connection, self.settings, moment=self.moment)
        plan = plan_of(self.settings)
        self.recorder = Recorder(self.store, self.outbox, boot=self.boot, plan=plan, board=board)
        self.recorder.begin()

    def moment(self) -> Moment:
        return Moment(self.boot, self.up_s, self.wall, self.synchronized)

    def last_seq(self) -> int:
        return max((row.seq for row in self.outbox.unsent(0, 10_000)), default=0)

    def restart(self, off_s: float = 5.0) -> None:
        """The daemon ends, and starts again in the same boot."""
        self.store.close()
        self.up_s += off_s
        self.wall += timedelta(seconds=off_s)
        self.start()

    def reboot(self, off_s: float) -> None:
        self.store.close()
        self.boot, self.up_s = self.boot + 1, 20.0
        self.wall += timedelta(seconds=off_s)
        self.start()

    def sample(self, after_s: float = 900.0, jump_s: float = 0.0) -> list[tuple[str, dict]]:
        """(code, args) of the events that a sample brings about, as they go on the air."""
        self.up_s += after_s
        self.wall += timedelta(seconds=after_s + jump_s)
        at = self.wall.strftime("%Y-%m-%dT%H:%M:%SZ") if self.synchronized else None
        stamp = Stamp(self.boot, self.up_s, at)
        self.recorder._do(Sample(1, gateway(), stamp, full=False))
        rows = self.outbox.unsent(self.said, 1000)
        self.said = self.last_seq()
        messages = [decode(envelope("gw1", "0f3c9a11", row)) for row in rows if row.kind == "event"]
        for each in messages:
            payload = f"#/components/messages/event_{each['code']}/payload"
            jsonschema.Draft202012Validator({**DOCUMENT, "$ref": payload}).validate(each)
        return [(each["code"], each["args"]) for each in messages]

    def book_own(self, day: str, sent: int) -> None:
        self.store.connection.execute("INSERT INTO usage_own VALUES (?, ?, 0, 1)", (day, sent))


@pytest.fixture
def gateways(tmp_path):
    made = []

    def make(**settings) -> Gateway:
        made.append(Gateway(tmp_path, **settings))
        return made[-1]

    yield make
    for each in made:
        each.store.close()


# The clock


def test_a_clock_that_goes_on_is_not_said(gateways):
    gateway = gateways()
    assert [gateway.sample(jump_s=0.4) for _ in range(100)] == [[]] * 100


@pytest.mark.parametrize(("jump_s", "direction"), [(3600.0, "forward"), (-12.0, "back")])
def test_a_jump_is_said_with_its_size_and_direction(gateways, jump_s, direction):
    gateway = gateways()
    gateway.sample()
    args = {"by_s": abs(jump_s), "direction": direction, "synchronized": True}
    assert gateway.sample(jump_s=jump_s) == [("clock_stepped", args)]
    assert gateway.sample() == []


def test_a_jump_of_less_than_ten_seconds_is_none(gateways):
    gateway = gateways()
    assert gateway.sample(jump_s=9.9) == []
    assert [code for code, _ in gateway.sample(jump_s=10.0)] == ["clock_stepped"]


def test_a_clock_that_is_led_slowly_over_a_week_does_not_jump(gateways):
    gateway = gateways()
    assert gateway.sample(after_s=7 * DAY_S, jump_s=7 * DAY_S * 0.0005) == []


def test_the_first_synchronisation_of_a_boot_is_said_where_it_moves_time(gateways):
    gateway = gateways()
    gateway.synchronized = False
    gateway.reboot(off_s=0)
    assert gateway.sample(60) == []
    gateway.synchronized = True
    args = {"by_s": 86_000.0, "direction": "forward", "synchronized": True, "first_sync": True}
    assert gateway.sample(60, jump_s=86_000) == [("clock_stepped", args)]


def test_a_first_synchronisation_that_finds_the_time_right_is_not_said(gateways):
    gateway = gateways()
    gateway.synchronized = False
    gateway.reboot(off_s=300)
    gateway.synchronized = True
    assert gateway.sample(60) == []


def test_time_between_two_boots_is_no_jump(gateways):
    gateway = gateways()
    gateway.sample()
    gateway.reboot(off_s=-7200)
    assert gateway.sample() == []


def test_a_boot_that_got_the_number_of_another_is_not_compared_with_it(gateways):
    gateway = gateways()
    gateway.sample(DAY_S)
    gateway.boot -= 1
    gateway.reboot(7200)
    assert gateway.sample() == []


def test_a_jump_while_the_daemon_was_down_is_said(gateways):
    gateway = gateways()
    gateway.sample()
    gateway.wall += timedelta(hours=1)
    gateway.restart()
    assert [args["by_s"] for _, args in gateway.sample()] == [3600.0]
    gateway.restart()
    assert gateway.sample() == []


def test_a_broken_clock_is_said_four_times_a_day_and_the_rest_counted(gateways):
    gateway = gateways()
    said = []
    for number in range(4 * 96):
        found = gateway.sample(jump_s=500.0 if number % 2 else -500.0)
        said += [(gateway.up_s, args.get("left_out", 0)) for _, args in found]
        if number % 7 == 0:
            gateway.restart(0)
    times = [at for at, _ in said]
    assert len(said) >= 4 * 4
    assert all(later - first >= DAY_S for first, later in zip(times, times[4:], strict=False))
    assert sum(left_out for _, left_out in said) > 3 * 90


def test_a_jump_that_went_back_before_there_was_room_is_not_said(gateways):
    gateway = gateways()
    assert gateway.sample(jump_s=100)
    assert gateway.sample(jump_s=50) == []
    assert gateway.sample(jump_s=-50) == []
    assert gateway.sample(3600) == []


def test_a_jump_that_lasts_is_said_when_there_is_room(gateways):
    gateway = gateways()
    assert gateway.sample(jump_s=100)
    assert gateway.sample(jump_s=50) == []
    ((code, args),) = gateway.sample(3600)
    assert (code, args["by_s"], args["left_out"]) == ("clock_stepped", 50.0, 1)


# Certificates


@pytest.fixture
def dated(gateways, tmp_path):
    """A gateway whose certificate ends after so many days."""

    def make(days: float, *more: float, key: str = "cert") -> Gateway:
        file = tmp_path / f"{key}.pem"
        file.write_text(certificate(*(NOON + timedelta(days=each) for each in (days, *more))))
        return gateways(broker={key: str(file)})

    return make


def thresholds(gateway: Gateway, days: int) -> list[int]:
    return [args["threshold"] for _ in range(days) for _, args in gateway.sample(DAY_S)]


def test_a_certificate_is_said_at_thirty_fourteen_seven_and_one_day_and_when_it_ended(dated):
    gateway = dated(40)
    assert thresholds(gateway, 60) == [30, 14, 7, 1, 0]


def test_each_threshold_is_said_once_however_often_the_daemon_starts(dated):
    gateway = dated(13)
    found = []
    for _ in range(20):
        found += gateway.sample(3600)
        gateway.restart()
        gateway.reboot(3600)
    end = "2026-12-03T12:00:00.000Z"
    args = {"key": "broker.cert", "not_after": end, "days": 12, "threshold": 14}
    assert found == [("certificate_expires", args)]


def test_who_was_off_for_long_is_told_the_nearest_threshold_alone(dated):
    gateway = dated(40)
    gateway.sample()
    gateway.reboot(35 * DAY_S)
    ((_, args),) = gateway.sample()
    assert (args["threshold"], args["days"]) == (7, 4)
    gateway.reboot(30 * DAY_S)
    ((_, args),) = gateway.sample()
    assert (args["threshold"], args["days"], args["expired"]) == (0, 0, True)


def test_a_renewed_certificate_begins_anew(dated, tmp_path):
    gateway = dated(5)
    assert thresholds(gateway, 1) == [7]
    (tmp_path / "cert.pem").write_text(certificate(NOON + timedelta(days=20)))
    assert thresholds(gateway, 1) == [30]


def test_nothing_is_said_of_a_certificate_while_the_clock_is_not_right(dated):
    gateway = dated(5)
    gateway.synchronized = False
    assert gateway.sample(DAY_S) == []
    gateway.synchronized = True
    assert [args["days"] for _, args in gateway.sample(DAY_S)] == [3]


def test_of_several_authorities_the_next_to_end_is_said_and_old_ones_are_passed_over(dated):
    gateway = dated(-500, 20, 900, key="ca")
    ((_, args),) = gateway.sample()
    assert (args["key"], args["days"], args["threshold"]) == ("broker.ca", 19, 30)
    assert thresholds(gateway, 25) == [14, 7, 1]


def test_authorities_that_all_ended_are_said_once(dated):
    gateway = dated(-500, -3, key="ca")
    ((_, args),) = gateway.sample()
    assert (args["not_after"], args["expired"]) == ("2026-11-17T12:00:00.000Z", True)
    assert gateway.sample(DAY_S) == []


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!!\n"])
def test_a_file_without_a_certificate_says_nothing(gateways, tmp_path, text):
    file = tmp_path / "cert.pem"
    file.write_text(text)
    assert gateways(broker={"cert": str(file)}).sample() == []
    file.unlink()
    assert gateways(broker={"cert": str(file)}).sample() == []


# Our own bytes


BUDGET = {"broker": {"url": "mqtt://broker.example", "budget_bytes": 1_000_000}}


def test_own_bytes_are_said_at_eighty_and_a_hundred_percent_once_a_cycle(gateways):
    gateway = gateways(**BUDGET)
    gateway.book_own("2026-11-05", 799_999)
    assert gateway.sample() == []
    gateway.book_own("2026-11-06", 1)
    args = {"cycle": "2026-11-01", "percent": 80, "used_bytes": 800_000, "bound_bytes": 1_000_000}
    assert gateway.sample() == [("budget_near", args)]
    gateway.restart()
    assert gateway.sample() == []
    gateway.book_own("2026-11-07", 300_000)
    assert [args["percent"] for _, args in gateway.sample()] == [100]
    gateway.sample(15 * DAY_S)
    gateway.book_own("2026-12-01", 900_000)
    assert [(args["cycle"], args["percent"]) for _, args in gateway.sample()] == [
        ("2026-12-01", 80)
    ]


def test_a_cycle_of_own_bytes_begins_on_the_plans_day(gateways):
    gateway = gateways(**BUDGET, usage={"cycle_day": 15, "idle_days": 0})
    gateway.book_own("2026-11-14", 5_000_000)
    assert gateway.sample() == []
    gateway.book_own("2026-11-15", 800_000)
    assert [args["cycle"] for _, args in gateway.sample()] == ["2026-11-15"]


def test_a_bound_that_is_raised_is_a_new_one(gateways):
    gateway = gateways(**BUDGET)
    gateway.book_own("2026-11-05", 900_000)
    assert [args["percent"] for _, args in gateway.sample()] == [80]
    gateway.settings = Settings.model_validate({"broker": {"budget_bytes": 900_000}})
    gateway.restart()
    assert [args["percent"] for _, args in gateway.sample()] == [100]


def test_without_a_bound_nothing_is_said_and_without_a_clock_neither(gateways):
    gateway = gateways(broker={"url": "mqtt://broker.example"})
    gateway.book_own("2026-11-05", 10**12)
    assert gateway.sample() == []
    gateway.settings = Settings.model_validate(BUDGET)
    gateway.restart()
    gateway.synchronized = False
    assert gateway.sample() == []


def test_what_the_state_says_of_own_bytes_is_known_at_the_start(gateways):
    gateway = gateways(**BUDGET)
    gateway.book_own("2026-11-05", 1234)
    gateway.restart()
    own = gateway.recorder._board.own.to_json()
    assert own == {
        "cycle": "2026-11-01",
        "used_bytes": 1234,
        "bound_bytes": 1_000_000,
        "day_bytes": own["day_bytes"],
    }
    assert own["day_bytes"] > 10_000
    gateway.synchronized = False
    gateway.restart()
    assert gateway.recorder._board.own is None
