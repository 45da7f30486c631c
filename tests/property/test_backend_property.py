"""Whatever bytes come from the broker, the backend stores them or puts them aside."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_bridge.backend.consumer import Consumer
from cloud_bridge.backend.settings import ConsumerSettings
from cloud_bridge.backend.store import BackendStore
from cloud_bridge.link import Message
from tests.effort import examples
from tests.system.uplink_helpers import Watcher

GW = "gw1"
ROW = {"v": 1, "gw": GW, "store": "0f3c9a11", "boot": 7, "seq": 1, "up_s": 1.0}
VALID: dict[str, dict[str, Any]] = {
    "report": {**ROW, "reg": {"eps": [1, None]}, "rsrp": -101, "tx": 5, "at": None, "gap": False},
    "event": {**ROW, "code": "reports_dropped", "args": {"ranges": [[1, 4]]}},
    "state": {**ROW, "on": True, "software": "x", "budget": {"bytes": 1}},
    "birth": {**ROW, "modems": [{"imei": "490154203237518"}], "cards": [{"slot": 1}]},
}

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


def take(kind: str, payload: bytes) -> tuple[Watcher, BackendStore]:
    watcher, store = Watcher(), BackendStore(":memory:")
    consumer = Consumer(ConsumerSettings(url="mqtt://192.0.2.1"), store, watcher)
    message = Message(f"sw/1/{GW}/{kind}", payload, retained=False, again=False, mid=1, qos=1)
    consumer._take([message])
    consumer.close()
    return watcher, store


@settings(max_examples=examples(60))
@given(kind=st.sampled_from(sorted(VALID)), payload=st.binary(min_size=1, max_size=80))
def test_any_bytes_are_put_aside(kind: str, payload: bytes) -> None:
    watcher, store = take(kind, payload)
    assert len(watcher.dead) == store.counts().dead_letters == 1
    assert watcher.problems == []
    store.close()


@settings(max_examples=examples(200))
@given(data=st.data(), kind=st.sampled_from(sorted(VALID)), value=JSON)
def test_a_message_with_any_value_in_any_field_is_stored_or_put_aside(
    data: st.DataObject, kind: str, value: Any
) -> None:
    field = data.draw(st.sampled_from([*sorted(VALID[kind]), "columns", "same", "why"]))
    payload = json.dumps({**VALID[kind], field: value}).encode()
    watcher, store = take(kind, payload)
    assert len(watcher.arrivals) + len(watcher.dead) == 1
    assert watcher.problems == []
    store.close()


@settings(max_examples=examples(200))
@given(data=st.data(), value=JSON)
def test_a_batch_with_one_bad_cell_loses_no_other_row(data: st.DataObject, value: Any) -> None:
    columns: dict[str, list[Any]] = {
        "seq": [1, 2, 3],
        "up_s": [1, 2, 3],
        "rsrp": [-101, -99, None],
        "reg": [{"eps": [1, None]}] * 3,
    }
    column = data.draw(st.sampled_from(["up_s", "rsrp", "reg"]))
    columns[column] = [columns[column][0], value, columns[column][2]]
    head = {name: ROW[name] for name in ("v", "gw", "store", "boot")}
    payload = json.dumps({**head, "same": {}, "columns": columns}).encode()
    watcher, store = take("report", payload)
    if len(watcher.dead) == 1 and not watcher.arrivals:
        # Bytes that are no JSON, or nested too deeply, spoil all of it.
        assert store.ack_position(GW, "0f3c9a11") == 0
    else:
        assert set(store.report_seqs(GW, "0f3c9a11")) >= {1, 3}
        assert store.ack_position(GW, "0f3c9a11") == 3
    store.close()
