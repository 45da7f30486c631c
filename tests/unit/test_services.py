"""What of data, messages and voice works: each tried once, and kept as the baseline."""

import json
from collections.abc import Iterable

import pytest

from agent.errors import RefusedError, UsageError
from agent.verification.baseline import baseline_bodies, baseline_of
from agent.verification.services import look_at_services
from agent.verification.trial import Wish
from cloud_bridge.certificate import Head, sign, verify
from cloud_bridge.evidence_entries import When
from cloud_bridge.signing import SigningKey
from modem.errors import AtUsageError
from tests.diagnosis_world import Bench

NUMBER = "+99900000002"
HOSTS = {
    "hosts": ["hub.example:8883"],
    "air": {"host": {"hub.example": {"address": "198.51.100.10"}}},
}
REFUSED = {"network": {"cs": {"reject": 2}, "eps": {"reject": 8}, "ps": {"reject": 8}}}


def look(bench: Bench, **wish: str) -> dict:
    return look_at_services(bench.session(), bench.setup(), Wish(**wish), machine=bench.machine())


def states(document: dict) -> dict[str, tuple[str, str | None]]:
    return {name: (each["state"], each["how"]) for name, each in document["services"].items()}


def sent(bench: Bench, *heads: str) -> list[str]:
    return [line for _, line in bench.modem.log if line.upper().startswith(heads)]


def test_data_is_tried_over_the_modem_and_nothing_is_sent_or_called() -> None:
    bench = Bench(HOSTS)
    document = look(bench)
    assert states(document) == {
        "data": ("works", "hosts"),
        "sms": ("not_tested", None),
        "voice": ("not_tested", None),
    }
    assert bench.air.by_others == 0 < bench.air.sent
    assert sent(bench, "AT+CMGS", "ATD", "AT+CFUN=") == []
    assert document["iccid"] == "89001010000000000018"


def test_where_it_works_is_told() -> None:
    tables = {**HOSTS, "apn": "iot.example", "before": ["AT+CEREG=2"]}
    where = look(Bench(tables))["where"]
    assert where["plmn"] == "00101"
    assert where["act"] == "lte"
    assert where["host"] == "hub.example:8883"
    assert where["imei"] == "356938035643809"
    assert where["registration"]["eps"] == "home"
    assert all(where[name] is not None for name in ("tac", "ci", "rsrp_dbm", "apn"))


def test_without_hosts_a_context_that_the_network_granted_counts() -> None:
    assert states(look(Bench({})))["data"] == ("works", "context")


def test_hosts_that_do_not_answer_are_no_data() -> None:
    silent = {"hub.example": {"address": "198.51.100.10", "does": "silent"}}
    document = look(Bench({**HOSTS, "air": {"host": silent}}))
    assert states(document)["data"] == ("fails", "hosts")


def test_a_refused_context_is_no_data_and_the_cause_says_why() -> None:
    tables = {
        "start": {"network": {"sessions": [{"cause": 33}]}},
        "before": ["AT+CGACT=0,1"],
    }
    data = look(Bench(tables))["services"]["data"]
    assert (data["state"], data["how"]) == ("fails", "context")
    assert any(each.endswith("=33") for each in data["because"])


def test_a_card_that_is_refused_is_not_asked_again() -> None:
    bench = Bench({**HOSTS, "start": REFUSED})
    document = look(bench, sms_to=NUMBER, voice_to=NUMBER)
    assert {state for state, _ in states(document).values()} == {"fails"}
    assert "registration.eps.reject_cause=8" in document["services"]["data"]["because"]
    tried = ("AT+CGACT=", "AT+CGATT=", "AT+CFUN=", "AT+COPS=")
    assert sent(bench, *tried) == []
    assert len(sent(bench, "AT+CMGS")) == len(sent(bench, "ATD")) == 1


def test_a_message_is_sent_where_a_number_is_given() -> None:
    bench = Bench({})
    assert states(look(bench, sms_to=NUMBER))["sms"] == ("works", "sent")
    assert [tuple(each) for each in bench.modem.sent_messages] == [(NUMBER, "SIMWARD")]


@pytest.mark.parametrize(
    ("answer", "state"),
    [("connect", "works"), ("busy", "works"), ("no_answer", "works"), ("no_carrier", "fails")],
)
def test_a_call_is_made_where_a_number_is_given_and_ended_at_once(answer, state) -> None:
    bench = Bench({"start": {"network": {"calls": {"answer": answer, "cause": 21}}}})
    document = look(bench, voice_to=NUMBER)
    assert states(document)["voice"] == (state, "called")
    assert sent(bench, "ATD") == [f"ATD{NUMBER};"]
    assert len(sent(bench, "AT+CHUP")) == 1
    assert bench.modem.state.settings.calling == ""


def test_a_call_that_only_rings_is_put_through_and_one_that_never_rings_is_not() -> None:
    ringing = {"command": "AT+CLCC", "lines": ["+CLCC: 1,0,3,0,0"]}
    dialling = {"command": "AT+CLCC", "lines": ["+CLCC: 1,0,2,0,0"]}
    for answer, state in ((ringing, "works"), (dialling, "fails")):
        start = {"network": {"calls": {"answer": "connect"}}, "answer": answer}
        bench = Bench({"start": start})
        assert states(look(bench, voice_to=NUMBER))["voice"] == (state, "called")
        assert sent(bench, "AT+CHUP")


def test_a_modem_without_chup_hangs_up_by_ath() -> None:
    start = {
        "network": {"calls": {"answer": "connect"}},
        "answer": {"command": "AT+CHUP", "final": "ERROR"},
    }
    bench = Bench({"start": start})
    look(bench, voice_to=NUMBER)
    assert sent(bench, "ATH") == ["ATH"]


@pytest.mark.parametrize("number", ["112", "110", "+86 119", "12110"])
@pytest.mark.parametrize("option", ["sms_to", "voice_to"])
def test_nothing_goes_to_an_emergency_number(option, number) -> None:
    with pytest.raises(RefusedError):
        Wish.from_json({option: number})


@pytest.mark.parametrize("option", ["sms_to", "voice_to"])
def test_nothing_goes_to_what_the_card_calls_an_emergency_number(option) -> None:
    bench = Bench({"card": "usim_test"})
    with pytest.raises(RefusedError):
        look(bench, **{option: "112"})  # as if no list of ours had it
    assert sent(bench, "AT+CMGS", "ATD") == []


@pytest.mark.parametrize("number", ["*#06#", "10086;ls", "call me"])
def test_only_a_telephone_number_is_dialled(number) -> None:
    with pytest.raises((UsageError, AtUsageError)):
        Wish.from_json({"voice_to": number})


def test_a_message_that_came_in_counts_for_what_it_is() -> None:
    message = {"at_s": 1.0, "message": {"from": NUMBER, "text": "hello"}}
    bench = Bench({"step": [message], "before": ["AT+CNMI=2,1"]})
    session = bench.session()
    session.engine.poll(5.0)
    document = look_at_services(session, bench.setup(), machine=bench.machine())
    assert states(document)["sms"] == ("works", "received")
    silent = look_at_services(session, bench.setup(), Wish(history=False), machine=bench.machine())
    assert states(silent)["sms"] == ("not_tested", None)


# The baseline


def signed(bodies: Iterable[dict]) -> list[dict]:
    key = SigningKey.new()
    head = Head(
        gw="gw1", store="0A0B0C0D", boot=1, kind="unbind", made_at="2026-11-22T01:02:03.456Z",
        clock_synchronized=True, up_s=5, software="simward 0",
    )  # fmt: skip
    return list(verify(sign(head, bodies, key), public_key=key.public).bodies)


def test_the_baseline_goes_into_signed_evidence_and_comes_out_again() -> None:
    document = json.loads(json.dumps(look(Bench({**HOSTS, "apn": "iot.example"}))))
    document["where"]["rsrp_dbm"] = -100.5
    bodies = signed(baseline_bodies(document, When(12.5, "2026-11-22T01:02:03.456Z")))
    baseline = baseline_of(bodies, document["iccid"])
    assert baseline.has_any
    assert baseline.rsrp_dbm == -100.5
    assert baseline.at == "2026-11-22T01:02:03.456Z"
    for name in ("plmn", "act", "tac", "ci", "apn", "host", "imei", "slot", "registration"):
        assert getattr(baseline, name) == document["where"][name]
    assert {each["command"] for each in bodies} > {"simward services"}
    assert type(baseline).from_json(json.loads(json.dumps(baseline.to_json()))) == baseline


def test_where_nothing_worked_there_is_nothing_to_miss() -> None:
    baseline = baseline_of(baseline_bodies(look(Bench({"start": REFUSED})), When(1.0, None)))
    assert not baseline.has_any
    assert baseline.of("data").state == "fails"
    assert baseline_of([]).of("voice").state == "not_tested"
