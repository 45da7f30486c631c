import pytest

from agent.cli.backend_lines import line_of
from agent.i18n import set_language
from cloud_bridge.backend.consumer import Arrival
from cloud_bridge.messages import validate

ROW = {"v": 1, "gw": "gw1", "store": "0f3c9a11", "boot": 7, "seq": 14, "up_s": 1.0}
DENIED = {"code": "registration_denied", "args": {"slot": 1, "denied": {"cs": 2, "eps": 8}}}
RESTORED = {"slot": 2, "was_denied": {"eps": 8, "ps": None}}
DROPPED = {"count": 3, "ranges": [[1, 2], [9, 9]], "why": "bound"}
CHANGED = {"slot": 1, "iccid": "89001010000000000026", "was": "89001010000000000018"}


def line(kind, fields, *, full=False, new=True):
    return line_of(Arrival("gw1", kind, validate(kind, {**ROW, **fields}), new), full=full)


@pytest.fixture
def chinese():
    set_language("zh")
    yield
    set_language("en")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            DENIED,
            "registration_denied  eps 8 EPS services and non-EPS services not allowed,"
            " cs 2 IMSI unknown in HLR",
            id="denied",
        ),
        pytest.param(
            {
                "code": "registration_denied",
                "args": {"denied": {"eps": 3}, "stop_retrying": True},
            },
            "registration_denied  eps 3 Illegal UE, retrying does not help",
            id="denied for good",
        ),
        pytest.param(
            {"code": "registration_restored", "args": RESTORED},
            "registration_restored  was denied: eps 8 EPS services and non-EPS services not"
            " allowed, ps without a cause, slot 2",
            id="restored, second slot",
        ),
        pytest.param(
            {"code": "reports_dropped", "args": DROPPED},
            "reports_dropped  3 rows will never come (no room in the outbox): 1-2, 9-9",
            id="dropped",
        ),
        pytest.param(
            {"code": "modem_lost", "args": {"slot": 1, "reason": "timeout 5 s"}},
            "modem_lost  timeout 5 s",
            id="lost",
        ),
        pytest.param(
            {"code": "card_changed", "args": CHANGED},
            "card_changed  iccid 890010**********0026, was 890010**********0018",
            id="card",
        ),
        pytest.param(
            {"code": "modem_restarted", "args": {"slot": 1}}, "modem_restarted", id="bare"
        ),
    ],
)
def test_an_event_is_told_in_words(fields, expected):
    assert line("event", fields) == f"gw1  event 14  {expected}"


@pytest.mark.usefixtures("chinese")
def test_an_event_is_told_in_chinese():
    told = line("event", {"code": "registration_restored", "args": RESTORED})
    assert "此前被拒绝\uff1aeps 8" in told
    assert "ps 无原因值" in told
    report = line("report", {"sim_state": "ready", "reg": {"eps": [3, 8]}})
    assert report.endswith("卡 就绪  eps 被拒绝 8")


def test_a_report_says_where_the_card_is_registered_and_how_well():
    fields = {"sim_state": "ready", "reg": {"cs": [1, None], "eps": [3, 8]}, "rsrp": -101, "tx": 5}
    assert (
        line("report", fields, new=False)
        == "gw1  report 14  card ready  eps denied 8, cs home, rsrp -101, tx 5  (again)"
    )


def test_identifiers_are_whole_only_where_they_are_asked_for():
    event = {"code": "card_changed", "args": CHANGED}
    assert "89001010000000000018" not in line("event", event)
    assert "89001010000000000018" in line("event", event, full=True)


@pytest.mark.parametrize(
    "args",
    [
        {"reason": "\x1b[2J\r\nroot"},
        {"\x1b[2J": "\x07"},
        {"denied": {"\x1b[2J": "x", "eps": True}},
        {"ranges": [1, ["\x1b[2J", 2]], "count": "\n", "why": "\x9b"},
        {"was_denied": [1], "slot": {"a": "\x1b"}},
        {"reason": "x" * 5000},
    ],
    ids=["reason", "name", "causes", "ranges", "shapes", "length"],
)
def test_a_hostile_event_writes_one_harmless_line(args):
    told = line("event", {"code": "modem_lost", "args": args})
    assert told.isprintable()
    assert len(told) < 400
