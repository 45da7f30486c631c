"""Messages as they were shipped: every consumer from now on takes each of them.

A sample is never changed or taken out. A new version of a message adds a sample.
"""

import pytest

from cloud_bridge.backend.store import BackendStore
from cloud_bridge.messages import Birth, Event, Evidence, Report, State, read
from tests.unit.evidence_helpers import RAW

# version it shipped with, topic kind, bytes on the air, rows it stores
SHIPPED = [
    pytest.param(
        "report",
        b'{"v":1,"gw":"a1b2c3d4e5","store":"0f3c9a11","seq":41,"boot":7,"up_s":900.25,'
        b'"at":"2026-11-22T01:02:03.456Z","slot":1,"sim_state":"ready",'
        b'"reg":{"cs":[1,null],"ps":[1,null],"eps":[1,null],"nr5g":null},"plmn":"00101",'
        b'"act":"lte","tac":"00A1","ci":"01A2B3C4","rssi":-73,"rsrp":-101,"rsrq":-10.5,'
        b'"sinr":null,"tx":1234,"rx":5678,"reset":false,"gap":false}',
        1,
        id="0.1 report",
    ),
    pytest.param(
        "report",
        b'{"v":1,"gw":"a1b2c3d4e5","store":"0f3c9a11","seq":42,"boot":7,"up_s":12}',
        1,
        id="0.1 report with nothing but its name",
    ),
    pytest.param(
        "report",
        b'{"v":1,"gw":"a1b2c3d4e5","store":"0f3c9a11","boot":7,'
        b'"same":{"slot":1,"sim_state":"ready","reg":{"eps":[3,8]},"plmn":"00101"},'
        b'"columns":{"seq":[43,44,45],"up_s":[1800.2,2700.2,3600.2],"rsrp":[-101,-99,null]}}',
        3,
        id="0.1 report batch",
    ),
    pytest.param(
        "event",
        b'{"v":1,"gw":"a1b2c3d4e5","store":"0f3c9a11","seq":46,"boot":7,"up_s":3600.5,"at":null,'
        b'"code":"registration_denied","args":{"slot":1,"domain":"eps","cause":8}}',
        1,
        id="0.1 event",
    ),
    pytest.param(
        "event",
        b'{"v":1,"gw":"a1b2c3d4e5","store":"0f3c9a11","seq":47,"boot":7,"up_s":3600.5,"at":null,'
        b'"code":"reports_dropped","args":{"count":5,"ranges":[[1,4],[6,6]],"why":"bound"}}',
        1,
        id="0.1 event reports_dropped",
    ),
    pytest.param(
        "evidence",
        b'{"v":1,"gw":"a1b2c3d4e5","store":"0f3c9a11","seq":48,"boot":7,"up_s":86400.5,'
        b'"at":"2026-11-22T01:02:03.456Z","kind":"unbind","document":' + RAW.strip() + b"}",
        1,
        id="0.1 evidence",
    ),
    pytest.param(
        "evidence",
        b'{"v":1,"gw":"a1b2c3d4e5","store":"0f3c9a11","seq":49,"boot":7,"up_s":86400.5,'
        b'"kind":"closing","document":{}}',
        1,
        id="0.1 evidence that holds nothing",
    ),
    pytest.param(
        "state",
        b'{"v":1,"gw":"a1b2c3d4e5","on":true,"boot":7,"store":"0f3c9a11",'
        b'"software":"simward 0.1.0"}',
        1,
        id="0.1 state",
    ),
    pytest.param(
        "state",
        b'{"v":1,"gw":"a1b2c3d4e5","on":false,"boot":7,"store":"0f3c9a11",'
        b'"software":"simward 0.1.0","why":"lost"}',
        1,
        id="0.1 last will",
    ),
    pytest.param(
        "birth",
        b'{"v":1,"gw":"a1b2c3d4e5","boot":7,"store":"0f3c9a11",'
        b'"modems":[{"imei":"490154203237518","manufacturer":"Quectel","model":"EC25",'
        b'"revision":"EC25EFAR06A03M4G","profile":"quectel_ec2x"}],'
        b'"cards":[{"iccid":"89001010000000000018","imsi":"001010123456789","msisdn":null,'
        b'"eid":null,"slot":1}],"clock":{"synchronized":true,"at":"2026-11-22T01:02:03Z",'
        b'"up_s":12.5}}',
        1,
        id="0.1 birth",
    ),
]


@pytest.mark.parametrize(("kind", "payload", "rows"), SHIPPED)
def test_a_message_that_was_shipped_is_taken_and_stored(
    kind: str, payload: bytes, rows: int
) -> None:
    store = BackendStore(":memory:")
    taken = 0
    with store.transaction():
        for message in read(kind, payload):
            match message:
                case Report():
                    taken += store.add_report(message, "2026-11-22T01:02:04Z")
                case Event():
                    taken += store.add_event(message, "2026-11-22T01:02:04Z")
                case Evidence():
                    taken += store.add_evidence(message, "2026-11-22T01:02:04Z").new
                case State():
                    taken += store.set_state(message, "2026-11-22T01:02:04Z")
                case Birth():
                    store.set_birth(message, "2026-11-22T01:02:04Z")
                    taken += 1
    assert taken == rows
    store.close()


def test_an_ack_that_was_shipped_is_taken() -> None:
    (ack,) = read("ack", b'{"v":1,"gw":"a1b2c3d4e5","store":"0f3c9a11","seq":47}')
    shipped = {"v": 1, "gw": "a1b2c3d4e5", "store": "0f3c9a11", "seq": 47}
    assert ack.model_dump() == {**shipped, "again": False}
