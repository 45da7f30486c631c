import pytest

from agent.report import (
    Seen,
    Stamp,
    birth_body,
    counters_of,
    event_body,
    events,
    report_body,
    seen,
)
from agent.usage.counters import Booked, Counters, Delta
from cloud_bridge.messages import Report, validate
from modem.snapshot import ModemSnapshot, Registration, UsageCounters
from sim.identifiers import Iccid, Imei
from sim.reading import Absent, absent
from tests.unit.snapshot_helpers import (
    DENIED,
    HOME,
    MODEM,
    REFUSAL,
    SEARCHING,
    domain,
    read,
    registered,
    with_card,
)

STAMP = Stamp(boot=7, up_s=12.3456, at="2026-11-22T01:02:03.456Z")
OTHER_CARD = Iccid("89001010000000000026")


def booked(step: Delta) -> Booked:
    return Booked(Counters(1234, 5678), step)


def test_a_report_has_the_contracts_fields():
    body = report_body(MODEM, 2, STAMP, booked(Delta(10, 20)))
    assert body == {
        "boot": 7,
        "up_s": 12.346,
        "at": "2026-11-22T01:02:03.456Z",
        "slot": 2,
        "sim_state": "ready",
        "reg": {"eps": [1, None], "ps": [1, None], "cs": [1, None]},
        "plmn": "00101",
        "act": "lte",
        "tac": "1A2B",
        "ci": "01A2B3C4",
        "rssi": -73,
        "rsrp": -101,
        "rsrq": -10.5,
        "tx": 1234,
        "rx": 5678,
    }


def test_a_report_names_no_subscriber():
    body = repr(report_body(MODEM, 1, STAMP, None))
    for identifier in ("89001010000000000018", "001010123456789", "356938035643809"):
        assert identifier not in body


def test_a_denied_report_carries_stat_and_cause_by_domain():
    body = report_body(registered(cs=SEARCHING, eps=DENIED), 1, STAMP, None)
    assert body["reg"] == {"eps": [3, 8], "cs": [2, None]}
    assert "tac" not in body


def test_a_cause_that_was_only_heard_is_reported_of_a_domain_that_is_not_registered():
    refused = registered(cs=HOME, eps=SEARCHING)._replace(rejects=(REFUSAL,))
    assert report_body(refused, 1, STAMP, None)["reg"] == {"eps": [2, 15], "cs": [1, None]}


def test_a_denial_has_the_cause_that_was_heard():
    denied = registered(eps=domain(3, "denied"))._replace(rejects=(REFUSAL,))
    now = seen(denied, Seen())
    assert events(1, None, now) == [("registration_denied", {"slot": 1, "denied": {"eps": 15}})]


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(MODEM._replace(usage=read(UsageCounters(10**30, 1))), id="counter"),
        pytest.param(registered(eps=domain(999, "unknown")), id="stat"),
        pytest.param(registered(eps=domain(3, "denied", 4711)), id="cause"),
    ],
)
def test_numbers_that_no_modem_should_answer_spoil_no_report(snapshot):
    row = {"v": 1, "gw": "gw1", "store": "0f3c9a11", "seq": 1}
    report = validate("report", {**row, **report_body(snapshot, 1, STAMP, None)})
    assert isinstance(report, Report)
    assert report.rsrp == -101


def test_a_counter_beyond_any_that_can_be_stored_is_unknown():
    assert counters_of(MODEM._replace(usage=read(UsageCounters(10**30, 1)))) is None


def test_marks_of_the_counters_are_passed_on():
    assert report_body(MODEM, 1, STAMP, booked(Delta(1, 1, reset=True)))["reset"] is True
    assert report_body(MODEM, 1, STAMP, booked(Delta(0, 0, gap=True)))["gap"] is True


def test_without_a_true_clock_there_is_no_time_of_day():
    assert "at" not in report_body(MODEM, 1, Stamp(7, 1.0, None), None)


def test_a_report_of_a_modem_that_told_nothing_is_still_a_report():
    body = report_body(ModemSnapshot("generic_3gpp"), 1, STAMP, None)
    assert body["sim_state"] == "unknown"
    assert "rssi" not in body


def test_identity_is_in_the_birth():
    body = birth_body({1: MODEM}, {"synchronized": True, "at": None, "up_s": 5.0})
    assert body["modems"][0]["imei"] == "356938035643809"
    assert body["cards"] == [
        {"iccid": "89001010000000000018", "imsi": "001010123456789", "slot": 1}
    ]
    assert body["clock"] == {"synchronized": True, "up_s": 5.0}


def story(*snapshots: ModemSnapshot) -> list[list[str]]:
    """The events of each snapshot after the first."""
    before, codes = None, []
    for snapshot in snapshots:
        now = seen(snapshot, before or Seen())
        codes.append([code for code, _ in events(1, before, now)])
        # As after a restart: what was seen comes back from the store.
        before = Seen.from_json(now.to_json())
    return codes


UNREAD = with_card(state=absent("timeout 5 s"), iccid=absent("timeout 5 s"))
PULLED = with_card(state=read("absent"), iccid=absent("no card"))
STATELESS = with_card(state=read("unknown"))
SWAPPED = with_card(iccid=read(OTHER_CARD, "EF.ICCID"))
OTHER_MODEM = MODEM._replace(identity=MODEM.identity._replace(imei=read(Imei("490154203237518"))))
HOMELY = registered(eps=HOME)
REFUSED = registered(eps=DENIED)
REFUSED_OTHERWISE = registered(eps=DENIED._replace(reject_cause=15))
WITHOUT_CAUSE = registered(eps=DENIED._replace(reject_cause=Absent("the modem gave none")))
SILENT_DOMAIN = MODEM._replace(
    registration=Registration(
        read(SEARCHING), absent("+CME ERROR: 4"), absent("timeout 5 s"), absent("ERROR")
    ),
)
LOOKING = registered(eps=SEARCHING)


@pytest.mark.parametrize(
    ("snapshots", "expected"),
    [
        pytest.param([MODEM, MODEM, MODEM], [[], [], []], id="nothing changes"),
        pytest.param(
            [HOMELY, REFUSED, REFUSED, HOMELY],
            [[], ["registration_denied"], [], ["registration_restored"]],
            id="denied and restored, each once",
        ),
        pytest.param([REFUSED], [["registration_denied"]], id="denied from the start"),
        pytest.param(
            [REFUSED, REFUSED_OTHERWISE],
            [["registration_denied"], ["registration_denied"]],
            id="another cause is another event",
        ),
        pytest.param(
            [HOMELY, LOOKING, HOMELY], [[], [], ["registration_restored"]], id="lost and back"
        ),
        pytest.param(
            [REFUSED, WITHOUT_CAUSE, REFUSED],
            [["registration_denied"], [], []],
            id="a cause that was not read is no other cause",
        ),
        pytest.param([HOMELY, SILENT_DOMAIN, HOMELY], [[], [], []], id="a silent domain"),
        pytest.param([LOOKING, LOOKING], [[], []], id="searching is no event"),
        pytest.param(
            [MODEM, PULLED, PULLED, MODEM],
            [[], ["card_removed"], [], ["card_inserted"]],
            id="card out and in again",
        ),
        pytest.param([MODEM, SWAPPED], [[], ["card_changed"]], id="another card"),
        pytest.param(
            [MODEM, PULLED, SWAPPED],
            [[], ["card_removed"], ["card_inserted", "card_changed"]],
            id="another card after a removal",
        ),
        pytest.param([MODEM, UNREAD, MODEM], [[], [], []], id="a bad reading is no event"),
        pytest.param(
            [STATELESS, PULLED, STATELESS],
            [[], ["card_removed"], ["card_inserted"]],
            id="a modem that says no state has a card where it reads one",
        ),
        pytest.param([MODEM, OTHER_MODEM], [[], ["modem_changed"]], id="another modem"),
        pytest.param([PULLED, PULLED], [[], []], id="no card from the start"),
    ],
)
def test_events_are_the_edges_between_samples(snapshots, expected):
    assert story(*snapshots) == expected


def test_a_denial_names_the_cause_by_domain():
    before, now = seen(HOMELY, Seen()), seen(REFUSED, Seen())
    ((code, args),) = events(3, before, now)
    assert event_body(code, args, STAMP) == {
        "boot": 7,
        "up_s": 12.346,
        "at": "2026-11-22T01:02:03.456Z",
        "code": "registration_denied",
        "args": {"slot": 3, "denied": {"eps": 8}, "stop_retrying": True},
    }


def test_a_denial_that_may_pass_asks_nobody_to_stop():
    for now in (registered(eps=domain(3, "denied", 11)), registered(cs=DENIED, eps=HOME)):
        ((_, args),) = events(1, seen(HOMELY, Seen()), seen(now, Seen()))
        assert "stop_retrying" not in args


@pytest.mark.parametrize(("level", "told"), [(1, None), (4, 4), (0, 0), (900, None)])
def test_a_radio_that_is_not_fully_on_is_in_the_report(level, told):
    asked = MODEM._replace(identity=MODEM.identity._replace(functionality=read(level)))
    alone = MODEM._replace(identity=None, functionality=read(level))
    for snapshot in (asked, alone):
        assert report_body(snapshot, 1, STAMP, None).get("fun") == told
