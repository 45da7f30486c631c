"""The baseline of a card: in evidence, in a case of this machine, in a request to the daemon."""

import json
from pathlib import Path

from agent.unbind import machine
from agent.verification.baseline import baseline_bodies
from agent.verification.known import EVIDENCE, before_of, newest_before, seen_cancelled
from agent.verification.record import before_of_case
from agent.verification.seen import Answers
from agent.verification.services import look_at_services
from agent.verification.trial import Wish
from agent.verification.verify import Request, verify
from cloud_bridge.certificate import Head, sign
from cloud_bridge.certificate import verify as verified
from cloud_bridge.evidence_entries import When, was_read
from cloud_bridge.orders import read_account
from cloud_bridge.signing import SigningKey
from tests.diagnosis_world import Bench
from tests.unit.unbind_helpers import ICCID, OTHER_ICCID, case_of, done, kept, upto
from tests.verification_world import GONE, HOSTS, Verification, account

KEY = SigningKey.new()
OLD, NEW = "2026-11-20T08:00:00.000Z", "2026-11-21T08:00:00.000Z"


def services() -> dict:
    bench = Bench(HOSTS)
    return look_at_services(bench.session(), bench.setup(), machine=bench.machine())


def evidence(made_at: str, iccid: str = ICCID) -> bytes:
    head = Head(
        gw="gw1", store="0A0B0C0D", boot=1, kind="unbind", made_at=made_at,
        clock_synchronized=True, up_s=5, software="simward", order_id="W-1", iccid=iccid,
        imei="356938035643809",
    )  # fmt: skip
    when = When(5.0, made_at)
    bodies = [was_read(when, "order.platform", "onelink", "work order")]
    return sign(head, [*bodies, *baseline_bodies(services(), when)], KEY)


def put(state_dir: Path, name: str, raw: bytes) -> None:
    folder = state_dir / "unbind" / name
    folder.mkdir(parents=True)
    (folder / EVIDENCE).write_bytes(raw)


def test_the_newest_evidence_of_the_card_that_holds_counts(tmp_path) -> None:
    put(tmp_path, "a", evidence(NEW))
    put(tmp_path, "b", evidence(OLD))
    put(tmp_path, "c", evidence("2026-11-22T08:00:00.000Z").replace(b"W-1", b"W-2"))
    put(tmp_path, "d", evidence("2026-11-22T08:00:00.000Z", OTHER_ICCID))
    found = newest_before(tmp_path, ICCID)
    assert found is not None
    assert (found.made_at, found.order_id, found.platform) == (NEW, "W-1", "onelink")
    assert found.public_key == KEY.public
    assert found.baseline.has_any
    assert newest_before(tmp_path, "89001010000000000034") is None
    assert newest_before(tmp_path / "nowhere", ICCID) is None


def test_without_evidence_given_the_one_on_this_machine_is_taken(tmp_path) -> None:
    put(tmp_path, "a", evidence(NEW))
    bench = Verification({"start": GONE})
    setup = bench.setup()._replace(state_dir=tmp_path)
    document = verify(bench.session(), Request(), setup, machine=bench.machine())
    assert (document["verdict"], document["target"]) == ("consistent", ICCID)
    assert document["baseline"]["made_at"] == NEW


def test_where_nobody_says_which_card_it_is_about_nothing_is_touched(tmp_path) -> None:
    bench = Verification({})
    setup = bench.setup()._replace(state_dir=tmp_path)
    document = verify(bench.session(), Request(), setup, machine=bench.machine())
    assert document["verdict"] == "not_testable"
    assert document["target"] is None
    assert [line for _, line in bench.modem.log if line.startswith(("AT+CFUN=", "AT+CGACT="))] == []


def test_a_request_is_the_same_for_the_daemon() -> None:
    request = Request(
        before_of(verified(evidence(NEW))),
        read_account(json.dumps({"schema": "simward/account/1", **account()}).encode()),
        Answers(control=True, power_cycled=None),
        Wish(sms_to="+99900000002", ssh=("203.0.113.9", "10.0.0.1")),
    )
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_when_the_platform_said_so_is_in_the_case(tmp_path) -> None:
    kept(tmp_path, upto(machine.CANCEL_SEEN))
    seen = seen_cancelled(tmp_path, ICCID)
    assert seen is not None
    assert seen.isoformat() == "2026-11-24T08:00:00+00:00"
    assert seen_cancelled(tmp_path, OTHER_ICCID) is None


def test_the_next_look_counts_from_there(tmp_path) -> None:
    road = upto(machine.CANCEL_SEEN)
    kept(tmp_path, [*road[:-1], done(machine.CANCEL_SEEN, cancelled_at="2026-11-22T01:00:00Z")])
    bench = Verification({"start": GONE})
    setup = bench.setup()._replace(state_dir=tmp_path)
    document = verify(bench.session(), bench.request(), setup, machine=bench.machine())
    assert document["cancelled_at"] == "2026-11-22T01:00:00.000Z"
    assert document["next_check_at"] == "2026-11-22T01:30:00.000Z"


def test_a_case_without_a_baseline_still_names_card_and_modem() -> None:
    before = before_of_case(case_of(*upto(machine.BE_READY)))
    assert not before.baseline.has_any
    assert (before.baseline.iccid, before.baseline.imei) == (ICCID, "356938035643809")
