import hashlib
import json

import pytest

from cloud_bridge.errors import MessageError
from cloud_bridge.evidence import (
    CHANGED,
    CUT_OFF,
    MISPLACED,
    ChainBrokenError,
    Entry,
    canonical,
    check_chain,
    next_entry,
    start_of,
)

START = start_of({"chain": "test/1"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"b": 1, "a": [True, None, "x"]}, '{"a":[true,null,"x"],"b":1}', id="order"),
        # RFC 8785 clause 3.2.3: by UTF-16 code units, not by code points
        pytest.param(
            {"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "1": 4, "\r": 5, "\u00f6": 6},
            '{"\\r":5,"1":4,"\u00f6":6,"\u20ac":3,"\U0001f600":2,"\ufb33":1}',
            id="UTF-16",
        ),
        pytest.param('\u0001"\\\n\x7f\u5361', '"\\u0001\\"\\\\\\n\x7f\u5361"', id="text"),
        pytest.param(
            [1.0, -0.0, -10.5, 0.0001, 2**53 - 1],
            "[1,0,-10.5,0.0001,9007199254740991]",
            id="numbers",
        ),
        pytest.param((), "[]", id="empty"),
    ],
)
def test_a_value_has_one_canonical_form(value, expected):
    assert canonical(value) == expected.encode()
    assert json.loads(canonical(value)) == (list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 1e300, 1e-9, 2**53, "\ud800", {"\ud800": 1}, {1: 2}, b"x", {1}],
    ids=repr,
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(MessageError):
        canonical([value])


def test_a_value_that_is_nested_without_end_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(MessageError, match="too deeply"):
        canonical(value)


def chain(*bodies: dict[str, object]) -> list[Entry]:
    entries, last = [], START
    for number, body in enumerate(bodies, start=1):
        entries.append(next_entry(last, number, body))
        last = entries[-1].hash
    return entries


WHOLE = chain({"a": 1}, {"b": 2}, {"c": 3})


def test_anybody_can_compute_an_entrys_hash():
    text = f'{{"body":{{"a":1}},"n":1,"prev":"{START}"}}'
    assert WHOLE[0].hash == hashlib.sha256(text.encode()).hexdigest()


def test_a_whole_chain_ends_in_its_head():
    assert check_chain(START, WHOLE) == WHOLE[-1].hash
    assert check_chain(START, WHOLE, WHOLE[-1].hash) == WHOLE[-1].hash
    assert check_chain(START, []) == START


@pytest.mark.parametrize(
    ("entries", "number", "reason"),
    [
        pytest.param([WHOLE[0], WHOLE[1]._replace(body={"b": 3}), WHOLE[2]], 2, CHANGED, id="body"),
        pytest.param([WHOLE[0]._replace(hash="0" * 64), *WHOLE[1:]], 1, CHANGED, id="hash"),
        pytest.param([WHOLE[0], WHOLE[2]], 2, MISPLACED, id="dropped"),
        pytest.param(WHOLE[1:], 1, MISPLACED, id="first dropped"),
        pytest.param([WHOLE[1], WHOLE[0], WHOLE[2]], 1, MISPLACED, id="reordered"),
        pytest.param([*WHOLE, WHOLE[2]], 4, MISPLACED, id="added"),
        pytest.param(WHOLE[:2], 3, CUT_OFF, id="cut off"),
    ],
)
def test_a_chain_that_was_meddled_with_is_broken_where_it_was(entries, number, reason):
    with pytest.raises(ChainBrokenError) as caught:
        check_chain(START, entries, WHOLE[-1].hash)
    assert (caught.value.number, caught.value.reason) == (number, reason)


def test_a_chain_of_something_else_is_none_of_ours():
    with pytest.raises(ChainBrokenError):
        check_chain(start_of({"chain": "other/1"}), WHOLE)
