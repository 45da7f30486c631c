import json
from typing import Any

import pytest

from cloud_bridge import encoding, messages, schema
from cloud_bridge.errors import MessageError
from cloud_bridge.events import CODES
from cloud_bridge.messages import Birth, Event, Report, State

ROW = {"v": 1, "gw": "gw1", "store": "0f3c9a11", "boot": 7, "seq": 41, "up_s": 900.25}


def raw(**fields: Any) -> bytes:
    return encoding.encode({**ROW, **fields})


def only(kind: str, payload: bytes) -> messages.Message:
    (message,) = messages.read(kind, payload)
    return message


def test_a_report_with_every_field_of_the_contract_is_read() -> None:
    fields = {
        "at": "2026-11-22T01:02:03.456Z",
        "slot": 1,
        "sim_state": "ready",
        "reg": {"cs": [1, None], "ps": None, "eps": [3, 8], "nr5g": None},
        "plmn": "00101",
        "act": "lte",
        "tac": "00A1",
        "ci": "01A2B3C4",
        "rssi": -73,
        "rsrp": -101,
        "rsrq": -10.5,
        "sinr": None,
        "tx": 1234,
        "rx": 5678,
        "reset": False,
        "gap": True,
    }
    report = only("report", raw(**fields))
    assert isinstance(report, Report)
    assert report.model_dump(include=set(fields)) == fields


def test_a_report_needs_only_what_names_it() -> None:
    report = only("report", raw())
    assert isinstance(report, Report)
    assert (report.seq, report.rsrp, report.at) == (41, None, None)


def test_unknown_fields_are_ignored() -> None:
    assert only("report", raw(battery=55)) == only("report", raw())


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"gw": "a/b"},
        {"store": "0f3c9a1"},
        {"seq": 0},
        {"seq": -1},
        {"seq": "41"},
        {"seq": 41.0},
        {"seq": True},
        {"seq": 2**53},
        {"up_s": -1},
        {"boot": None},
        {"at": "2026-11-22 01:02:03"},
        {"at": "2026-11-22T01:02:03+08:00"},
        {"sim_state": "fine"},
        {"reg": {"eps": [1]}},
        {"reg": {"eps": [1, 2, 3]}},
        {"reg": {"eps": [256, None]}},
        {"reg": []},
        {"plmn": "1"},
        {"ci": "0x1"},
        {"tx": -1},
        {"rsrp": "-101"},
        {"rsrp": 1e6},
        {"reset": 1},
    ],
    ids=str,
)
def test_a_report_with_a_wrong_value_is_refused_and_the_field_is_named(
    fields: dict[str, Any],
) -> None:
    with pytest.raises(MessageError, match=next(iter(fields))):
        messages.read("report", raw(**fields))


def test_a_refusal_never_repeats_the_value() -> None:
    with pytest.raises(MessageError) as raised:
        messages.read("report", raw(plmn="460001234567890"))
    assert "460001234567890" not in str(raised.value)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "unknown encoding"),
        (b"\xa1\x01\x02", "unknown encoding"),
        (b"[1]", "unknown encoding"),
        (b"{", "not JSON"),
        (b"{}x", "not JSON"),
        (b'{"a":\xff}', "not JSON"),
        (b'{"v":NaN}', "not JSON"),
        (b'{"v":-Infinity}', "not JSON"),
        (b'{"v":' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "not JSON"),
        (b'{"a":' + b"[" * 50 + b"]" * 50 + b"}", "nested too deeply"),
        (b'{"a":"\\ud800"}', "cannot be encoded as JSON"),
        (b'{"a":"' + b"x" * 66_000 + b'"}', "longer than 64 KiB"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_bytes_that_are_no_message_are_refused_with_the_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(MessageError) as raised:
        messages.read("report", payload)
    assert raised.value.reason == reason


def test_a_level_that_overflows_is_refused() -> None:
    with pytest.raises(MessageError, match="rsrp"):
        messages.read("report", raw()[:-1] + b',"rsrp":1e999}')


def test_a_kind_of_a_later_version_is_refused() -> None:
    with pytest.raises(MessageError, match="does not read"):
        messages.read("account", raw())


@pytest.mark.parametrize("code", CODES)
def test_every_event_of_the_contract_is_read(code: str) -> None:
    event = only("event", raw(code=code, args={"ranges": []}))
    assert isinstance(event, Event)
    assert event.code == code


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(MessageError, match="code"):
        messages.read("event", raw(code="sim_swapped"))


def test_dropped_ranges_are_read() -> None:
    event = only("event", raw(code="reports_dropped", args={"ranges": [[1, 4], [6, 6]]}))
    assert isinstance(event, Event)
    assert messages.dropped_ranges(event) == ((1, 4), (6, 6))


@pytest.mark.parametrize("ranges", [5, [[2, 1]], [[1]], [[0, 1]], [["1", 2]], [[1, 2**60]], [1]])
def test_dropped_ranges_that_are_none_are_refused(ranges: object) -> None:
    event = only("event", raw(code="reports_dropped", args={"ranges": ranges}))
    assert isinstance(event, Event)
    with pytest.raises(MessageError):
        messages.dropped_ranges(event)


def test_state_and_will_are_read() -> None:
    base = {"v": 1, "gw": "gw1", "boot": 7, "store": "0f3c9a11", "software": "simward 0.1"}
    alive = only("state", encoding.encode({**base, "on": True}))
    lost = only("state", encoding.encode({**base, "on": False, "why": "lost"}))
    assert isinstance(alive, State)
    assert isinstance(lost, State)
    assert (alive.on, alive.why, lost.on, lost.why) == (True, None, False, "lost")


def test_a_birth_names_modems_and_cards() -> None:
    birth = only(
        "birth",
        encoding.encode(
            {
                "v": 1,
                "gw": "gw1",
                "boot": 7,
                "store": "0f3c9a11",
                "modems": [{"imei": "490154203237518", "model": "EC25"}],
                "cards": [{"iccid": "89001010000000000018", "imsi": None, "slot": 1}],
                "clock": {"synchronized": False, "at": None, "up_s": 12.5},
            }
        ),
    )
    assert isinstance(birth, Birth)
    assert (birth.modems[0].model, birth.cards[0].slot) == ("EC25", 1)


def test_a_batch_is_read_as_its_reports() -> None:
    payload = (
        b'{"v":1,"gw":"gw1","store":"0f3c9a11","boot":7,"same":{"plmn":"00101"},'
        b'"columns":{"seq":[41,42],"up_s":[900.25,1800],"rsrp":[-101,null]}}'
    )
    reports = messages.read("report", payload)
    assert [(r.seq, r.up_s, r.rsrp, r.plmn) for r in reports if isinstance(r, Report)] == [
        (41, 900.25, -101, "00101"),
        (42, 1800, None, "00101"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"columns": []},
        {"columns": {}},
        {"columns": {"seq": []}},
        {"columns": {"seq": [1], "up_s": [1, 2]}},
        {"columns": {"seq": [1], "up_s": 5}},
        {"columns": {"seq": list(range(1000))}},
        {"columns": {"seq": [1]}, "same": []},
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_batch_without_form_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(MessageError, match="batch"):
        messages.read("report", raw(**fields))


def test_a_row_keeps_its_bytes_and_gains_its_name() -> None:
    row = encoding.Row(41, "report", 7, b'{"boot":7,"up_s":900.25}')
    assert encoding.envelope("gw1", "0f3c9a11", row) == (
        b'{"v":1,"gw":"gw1","store":"0f3c9a11","seq":41,"boot":7,"up_s":900.25}'
    )


def test_a_batch_never_mixes_boots() -> None:
    rows = [encoding.Row(n, "report", n, b'{"boot":1}') for n in (1, 2)]
    with pytest.raises(ValueError, match="one boot"):
        encoding.batch("gw1", "0f3c9a11", rows)


def test_ninety_six_rows_are_a_fraction_of_as_many_messages() -> None:
    rows = [
        encoding.Row(
            n,
            "report",
            7,
            encoding.encode(
                {
                    "boot": 7,
                    "up_s": 900.0 * n,
                    "slot": 1,
                    "sim_state": "ready",
                    "reg": {"eps": [1, None]},
                    "plmn": "00101",
                    "act": "lte",
                    "rsrp": -100 + n % 5,
                    "tx": n * 1000,
                    "rx": n * 3000,
                }
            ),
        )
        for n in range(1, 97)
    ]
    single = sum(len(encoding.envelope("gw1", "0f3c9a11", row)) for row in rows)
    assert len(encoding.batch("gw1", "0f3c9a11", rows)) < single / 5


@pytest.mark.parametrize("name", schema.names())
def test_every_message_has_a_schema_that_describes_its_fields(name: str) -> None:
    document = schema.json_schema(name)
    assert document["$id"] == f"urn:simward:schema:{name}:1"
    assert {"v", "gw"} <= set(document["properties"])
    json.dumps(document)


def test_a_mark_that_is_null_is_not_set():
    (report,) = messages.read("report", raw(reset=None, gap=None))
    assert (report.reset, report.gap) == (False, False)


def test_a_store_in_capitals_is_taken_as_it_is():
    (report,) = messages.read("report", raw(store="0F3C9A11"))
    assert report.store == "0F3C9A11"
