"""The daemon's looks after a cancellation: each once, kept, signed, and an alarm at once."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from agent.clock import iso
from agent.config import Settings
from agent.device_key import device_key
from agent.errors import AgentError, ModemUnreachable, RefusedError
from agent.recording import Recorder, StoreQuestion
from agent.report import Stamp
from agent.sampling import Question
from agent.signer import Signer
from agent.state_dir import StateDir
from agent.store import Store
from agent.unbind import machine
from agent.unbind.facts import After
from agent.unbind.folder import Found, cases
from agent.unbind.journal import Journal
from agent.unbind.platform_files import all_platforms
from agent.usage.meter import plan_of
from agent.verification import verify as verification
from agent.verification.alone import keep_alone
from agent.verification.duty import LOST_FOR, Duty
from agent.verification.keeping import NO_CERTIFICATE, after_of
from agent.verification.near import near
from agent.verification.services import look_at_services
from agent.verification.watch import Clock, Gateway, VerificationWatch
from cloud_bridge.certificate import verify
from cloud_bridge.encoding import decode
from cloud_bridge.events import args_schema
from cloud_bridge.messages import Event
from cloud_bridge.outbox import Outbox
from tests.diagnosis_world import Bench
from tests.fault.world import EPOCH, PORT
from tests.gates_world import ACCOUNT
from tests.unit.unbind_helpers import ICCID, done, entry, kept, upto
from tests.verification_world import GONE, HOSTS, Verification

ORDER = {
    "schema": "simward/order/1", "order_id": "W-1", "iccid": ICCID, "platform": "onelink",
}  # fmt: skip


class Gate:
    """A daemon worked by hand: one modem, the store, a case; what threads do is done at once."""

    def __init__(self, folder: Path, tables: dict[str, Any], bodies: list[dict[str, Any]]) -> None:
        self.folder = kept(folder, bodies)
        self.state_dir = folder
        self.bench = Verification(tables)
        self.session = self.bench.session()
        self.lost = False
        self.port, self.slot, self.mailbox = PORT, 1, self
        self.settings = Settings.model_validate({"device": {"state_dir": str(folder)}})
        self.store = Store(folder, boot=1)
        self.outbox = Outbox(self.store.connection, stamp=lambda: {"boot": 1, "up_s": 1.0})
        self.recorder = Recorder(self.store, self.outbox, boot=1, plan=plan_of(self.settings))
        self.signs_in = StateDir(folder)
        self.key = device_key(self.signs_in).public
        self.duty = self.made()

    @property
    def gateway(self) -> Gateway:
        """Who signs."""
        return Gateway(
            Signer(self.signs_in, "gw1", self.bench.world.moment), "0A0B0C0D", self.stamp
        )

    def stamp(self) -> Stamp:
        moment = self.bench.world.moment()
        return Stamp(1, self.bench.world.now, iso(moment))

    def made(self) -> Duty:
        """The daemon after a (new) start."""
        return Duty(
            self.settings, {1: self}, _AtOnce(self.recorder), self.gateway,  # type: ignore[dict-item, arg-type]
            machine=self.bench.machine(),
        )  # fmt: skip

    def put(self, question: Question) -> bool:
        """The modem's thread, at once."""
        try:
            if self.lost:
                raise ModemUnreachable("{port}: {reason}", port=PORT, reason="gone")
            question.answer.set_result(question.read(self.session))
        except AgentError as error:
            question.answer.set_exception(error)
        return True

    def at(self, after: timedelta) -> Found:
        """So long after the cancellation the daemon does its duty; the case then."""
        self.bench.world.pass_to(after.total_seconds())
        (found,) = cases(self.state_dir)
        self.duty.do(found, EPOCH + after)
        (found,) = cases(self.state_dir)
        return found

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        rows = [row for row in self.rows if "code" in row]
        for number, row in enumerate(rows, start=1):
            Event.model_validate({**row, "gw": "gw1", "store": "0A0B0C0D", "seq": number})
            validate(row["args"], args_schema(row["code"]))
        return [(row["code"], row["args"]) for row in rows]

    @property
    def sent(self) -> list[list[str]]:
        """The looks of each evidence on its way."""
        documents = [row["document"] for row in self.rows if row.get("kind") == "verification"]
        return [each["entries"][0]["body"]["value"] for each in documents]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [decode(row.body) for row in self.outbox.unsent(0, 1000)]


class _AtOnce:
    """The store's thread, at once."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.mailbox = self

    def put(self, job: StoreQuestion, *, force: bool) -> bool:
        self._recorder._do(job)
        return force


def baseline() -> dict[str, Any]:
    bench = Bench(HOSTS)
    return look_at_services(bench.session(), bench.setup(), machine=bench.machine())


def cancelled(**opening: Any) -> list[dict[str, Any]]:
    """A case whose card was cancelled when the world began."""
    road = upto(machine.CANCEL_SEEN)
    road[0] = {**road[0], "order": ORDER, **opening}
    road[2] = done(machine.BASELINE, services=baseline())
    road = [each for each in road[:-1] if each["what"] != "account"]
    return [*road, done(machine.CANCEL_SEEN, cancelled_at=EPOCH.isoformat())]


MONTH = [
    timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=29), timedelta(minutes=31),
    timedelta(hours=23), timedelta(hours=25), timedelta(days=2), timedelta(days=3, hours=1),
    timedelta(days=7, hours=1), timedelta(days=11), timedelta(days=20), timedelta(days=31),
    timedelta(days=40),
]  # fmt: skip


def test_each_look_is_taken_once_and_kept_with_its_evidence(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, cancelled())
    for after in MONTH:
        found = gate.at(after)
        gate.duty = gate.made()  # and the daemon starts anew
    looks = [name for look in found.case.looks for name in look["looks"]]
    assert looks == [
        "verify_now", "verify_30min", "verify_24h", "verify_3wd", "verify_7d",
        "verify_next_cycle", "verify_30d",
    ]  # fmt: skip
    assert {look["verdict"] for look in found.case.looks} == {"consistent"}
    for number, look in enumerate(found.case.looks, start=1):
        name = f"verification-{number}.json"
        assert look["evidence"]["name"] == name
        evidence = verify((found.folder / name).read_bytes(), public_key=gate.key)
        assert (evidence.head["kind"], evidence.head["iccid"]) == ("verification", ICCID)
        read = {body["path"]: body["value"] for body in evidence.bodies}
        assert read["verification.looks"] == look["looks"]
        assert read["verification.verdict"] == "consistent"
        assert read["verification.services.data"]["now"] == "fails"
    assert [code for code, _ in gate.events if code == "verification_contradicted"] == []
    cycles = [line for _, line in gate.bench.modem.log if line == "AT+CFUN=0"]
    assert len(cycles) == len(found.case.looks)
    assert gate.sent == [look["looks"] for look in found.case.looks]


def test_evidence_that_a_kill_kept_from_its_way_goes_at_the_next_start(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, cancelled())
    document = verification.verify(
        gate.session, gate.bench.request(), gate.bench.setup(), machine=gate.bench.machine()
    )
    (found,) = cases(tmp_path)
    gate.duty.keeper.written(found, ("verify_now",), document)
    assert gate.sent == []  # killed
    gate.at(timedelta(minutes=2))
    gate.at(timedelta(minutes=3))
    assert gate.sent == [["verify_now"]]


def test_what_the_platform_says_in_the_case_counts_as_long_as_it_is_fresh(tmp_path) -> None:
    facts = {**ACCOUNT, "raw_code": "9", "state": "cancelled", "as_of": EPOCH.isoformat()}
    gate = Gate(tmp_path, {"start": GONE}, [*cancelled(), entry("account", account=facts)])
    gate.at(timedelta(minutes=1))
    looks = gate.at(timedelta(hours=25)).case.looks
    assert [look["verdict"] for look in looks] == ["confirmed", "consistent"]


def test_looks_that_were_missed_are_one_look(tmp_path) -> None:
    found = Gate(tmp_path, {"start": GONE}, cancelled()).at(timedelta(days=8))
    assert len(found.case.looks) == 1
    assert found.case.looks[0]["looks"][-1] == "verify_7d"


def test_before_the_cancellation_and_of_a_lost_device_nothing_is_looked_at(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, upto(machine.BE_READY))
    assert gate.at(timedelta(days=8)).case.looks == ()
    assert gate.bench.modem.log == []


def test_a_service_that_still_works_is_an_alarm_once_a_look(tmp_path) -> None:
    gate = Gate(tmp_path, {}, cancelled())
    for after in (timedelta(minutes=1), timedelta(minutes=2), timedelta(hours=1)):
        found = gate.at(after)
        gate.duty = gate.made()
    alarms = [args for code, args in gate.events if code == "verification_contradicted"]
    assert [each["looks"] for each in alarms] == [["verify_now"], ["verify_30min"]]
    assert alarms[0] == {
        "case": found.folder.name, "iccid": ICCID, "order_id": "W-1", "slot": 1,
        "looks": ["verify_now"], "services": ["data"],
    }  # fmt: skip
    assert [look["verdict"] for look in found.case.looks] == ["contradicted"] * 2


def test_a_kill_between_alarm_and_journal_takes_the_look_again_and_no_alarm(tmp_path) -> None:
    gate = Gate(tmp_path, {}, cancelled())
    with Journal(gate.folder), pytest.raises(RefusedError):
        gate.at(timedelta(minutes=1))  # a command works on the case
    gate.duty = gate.made()
    assert len(gate.at(timedelta(minutes=2)).case.looks) == 1
    assert len([code for code, _ in gate.events if code == "verification_contradicted"]) == 1


def test_a_modem_that_does_not_answer_is_waited_for_and_then_said_to_be_gone(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, cancelled())
    gate.lost = True
    assert gate.at(timedelta(minutes=5)).case.looks == ()
    found = gate.at(LOST_FOR + timedelta(hours=1))
    assert [look["verdict"] for look in found.case.looks] == ["not_testable"]
    gate.lost = False
    assert gate.at(timedelta(hours=25)).case.looks[-1]["verdict"] == "consistent"


def test_another_card_in_the_slot_is_left_alone(tmp_path) -> None:
    other = "89001010000000000026"
    gate = Gate(tmp_path, {}, cancelled(iccid=other, order={**ORDER, "iccid": other}))
    (look,) = gate.at(timedelta(minutes=1)).case.looks
    assert look["verdict"] == "inconclusive"
    assert look["exclusions"]["right_card"] is False
    assert set(look["services"].values()) == {"not_tested"}
    assert [line for _, line in gate.bench.modem.log if line.startswith("AT+CFUN=")] == []


def test_deadlines_are_said_once_a_threshold_also_after_a_restart(tmp_path) -> None:
    order = {**ORDER, "expires_at": (EPOCH + timedelta(days=10)).isoformat()}
    road = upto(machine.BE_READY)
    road[0] = {**road[0], "order": order}
    gate = Gate(tmp_path, {"start": GONE}, road)
    for day in (0, 1, 4, 5, 8, 9.5, 10.2, 10.4, 12):
        gate.at(timedelta(days=day))
        gate.duty = gate.made()
    said = [args for code, args in gate.events if code == "deadline_near"]
    told = [each["threshold"] for each in said if each["deadline"] == "order_expires"]
    assert told == [7, 3, 1, 0]
    assert all(each.get("overdue", False) is (each["threshold"] == 0) for each in said)


def test_what_is_long_past_is_not_said_and_neither_are_looks(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, cancelled())
    (found,) = cases(gate.state_dir)
    platforms = all_platforms()
    day = [*near("c", found.case, platforms, EPOCH + timedelta(days=6, hours=2))]
    assert [(each.args["deadline"], each.threshold) for each in day] == [("refund", 1)]
    assert [*near("c", found.case, platforms, EPOCH + timedelta(days=9))] == []


def test_without_a_clock_that_is_right_nothing_is_due(tmp_path) -> None:
    kept(tmp_path, cancelled())
    settings = Settings.model_validate({"device": {"state_dir": str(tmp_path)}})
    asked: list[datetime] = []

    def now() -> datetime:
        asked.append(EPOCH)
        return EPOCH

    watch = VerificationWatch(
        settings,
        {},
        None,
        None,
        Clock(now, lambda: False),  # type: ignore[arg-type]
    )
    watch.tick()
    assert asked == []


def test_the_watch_looks_where_the_clock_is_right(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, cancelled())
    now = EPOCH + timedelta(minutes=1)
    watch = VerificationWatch(
        gate.settings,
        {1: gate},  # type: ignore[dict-item]
        _AtOnce(gate.recorder),  # type: ignore[arg-type]
        gate.gateway,
        Clock(lambda: now, lambda: True),
    )
    watch.tick()
    watch.tick()
    (found,) = cases(tmp_path)
    assert [look["looks"] for look in found.case.looks] == [["verify_now"]]
    watch.stop()
    watch.run()  # ends at once


def test_a_case_that_is_damaged_is_complained_of_once(tmp_path, caplog) -> None:
    gate = Gate(tmp_path, {"start": GONE}, cancelled())
    journal = gate.folder / "journal"
    journal.write_bytes(journal.read_bytes().replace(b"W-1", b"W-2"))
    watch = VerificationWatch(
        gate.settings,
        {},
        None,
        None,
        Clock(lambda: EPOCH, lambda: True),  # type: ignore[arg-type]
    )
    watch.tick()
    watch.tick()
    assert [each for each in caplog.messages if "does not hold" in each] == caplog.messages
    assert len(caplog.messages) == 1


def test_a_look_that_somebody_asked_for_is_kept_like_one_that_was_due(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, cancelled())
    document = verification.verify(
        gate.session, gate.bench.request(), gate.bench.setup(), machine=gate.bench.machine()
    )
    gate.duty.keeper.keep_asked(tmp_path, document, EPOCH + timedelta(minutes=31))
    gate.duty.keeper.keep_asked(tmp_path, document, EPOCH + timedelta(minutes=32))
    gate.duty.keeper.keep_asked(tmp_path, {**document, "target": "89001010000000000026"}, EPOCH)
    (found,) = cases(tmp_path)
    assert [look["looks"] for look in found.case.looks] == [
        ["verify_now", "verify_30min"],
        ["asked"],
    ]
    names = [look["evidence"]["name"] for look in found.case.looks]
    assert names == ["verification-1.json", "verification-2.json"]


def test_before_the_cancellation_a_look_that_somebody_asked_for_is_not_kept(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, upto(machine.BE_READY))
    document = verification.verify(
        gate.session, gate.bench.request(), gate.bench.setup(), machine=gate.bench.machine()
    )
    gate.duty.keeper.keep_asked(tmp_path, document, EPOCH)
    (found,) = cases(tmp_path)
    assert found.case.looks == ()


def test_the_gates_learn_the_last_verdict_and_how_many_looks_are_left(tmp_path) -> None:
    gate = Gate(tmp_path, {"start": GONE}, cancelled())
    (found,) = cases(tmp_path)
    assert after_of(found.case) == After(NO_CERTIFICATE)
    known = after_of(gate.at(timedelta(hours=25)).case)
    assert (known.verdict.known, known.looks_left.known) == ("consistent", 4)
    known = after_of(gate.at(timedelta(days=31)).case)
    assert known.looks_left.known == 0


def test_where_no_daemon_runs_a_command_keeps_its_look_itself(tmp_path) -> None:
    bench = Verification({"start": GONE})
    kept(tmp_path, cancelled())
    settings = Settings.model_validate({"device": {"state_dir": str(tmp_path)}})
    document = verification.verify(
        bench.session(), bench.request(), bench.setup(), machine=bench.machine()
    )
    assert keep_alone(settings, document)
    assert not keep_alone(settings, {**document, "target": "89001010000000000026"})
    (found,) = cases(tmp_path)
    assert len(found.case.looks) == 1
    store = Store(tmp_path, boot=9)
    outbox = Outbox(store.connection, stamp=lambda: {"boot": 1, "up_s": 1.0})
    rows = [decode(row.body) for row in outbox.unsent(0, 10)]
    assert [row["kind"] for row in rows] == ["verification"]
    store.close()


def test_without_a_case_nothing_is_kept_and_nothing_is_made(tmp_path) -> None:
    settings = Settings.model_validate({"device": {"state_dir": str(tmp_path / "none")}})
    assert not keep_alone(settings, {})
    assert not (tmp_path / "none").exists()
