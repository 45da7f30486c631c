"""Work orders and account facts: read, or refused with the member that is wrong."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from cloud_bridge import orders
from cloud_bridge.orders import OrderError, age_of, read_account, read_order

ICCID = "89001010000000000018"
NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
ORDER = {
    "schema": "simward/order/1", "order_id": "W-1", "iccid": ICCID, "imei": None, "imsi": None,
    "msisdn": None, "subject": "enterprise", "platform": "onelink", "reason": None,
    "channel": None, "issued_at": "2026-11-21T00:00:00Z", "expires_at": None,
}  # fmt: skip
ACCOUNT = {
    "schema": "simward/account/1", "iccid": ICCID, "as_of": "2026-11-22T09:00:00+08:00",
    "platform": "ctcc_cmp", "raw_code": "4", "raw_text": "在用", "state": "active",
    "stop_reasons": [], "net_blocked": None, "arrears": "0.00", "balance": "0.00",
    "currency": "CNY", "auto_renew": False, "real_name": None,
    "bindings": [{"kind": "network_side", "bound": True, "imei": "356938035643809"}],
    "plan": {"quota_bytes": 30_000_000, "expires_at": None, "cycle_day": 27}, "documents": {},
}  # fmt: skip


def as_bytes(document: dict, **changes) -> bytes:
    return json.dumps({**document, **changes}).encode()


def test_the_documents_of_the_contract_are_read() -> None:
    order = read_order(as_bytes(ORDER))
    assert (order.order_id, order.iccid, order.subject) == ("W-1", ICCID, "enterprise")
    account = read_account(as_bytes(ACCOUNT))
    assert account.as_of == datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    assert account.bindings[0].imei == "356938035643809"
    assert account.plan is not None
    assert account.plan.cycle_day == 27


def test_only_card_and_time_are_needed_of_an_account() -> None:
    least = {key: ACCOUNT[key] for key in ("schema", "iccid", "as_of")}
    account = read_account(as_bytes(least, stop_reasons=None, bindings=None, documents=None))
    assert (account.state, account.stop_reasons, account.bindings) == ("unknown", (), ())


def test_an_iccid_is_compared_without_blanks_and_filler() -> None:
    assert read_order(as_bytes(ORDER, iccid="8900 1010 0000 0000 0018 F")).iccid == ICCID


def test_a_file_of_windows_is_read() -> None:
    assert read_order(b"\xef\xbb\xbf" + as_bytes(ORDER)).iccid == ICCID


@pytest.mark.parametrize("word", ["在用", "4", "", None, "retired"])
def test_a_state_that_nobody_knows_is_unknown(word) -> None:
    assert read_account(as_bytes(ACCOUNT, state=word)).state == "unknown"


def test_a_code_that_is_a_number_is_kept_as_text() -> None:
    account = read_account(as_bytes(ACCOUNT, raw_code=4, arrears=12.5))
    assert (account.raw_code, account.arrears) == ("4", "12.5")


def test_newer_members_are_passed_over() -> None:
    assert read_account(as_bytes(ACCOUNT, colour="blue")).iccid == ICCID


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"iccid": "356938035643809"}, "iccid", orders.IS_IMEI),
        ({"iccid": "8900101"}, "iccid", orders.NOT_ICCID),
        ({"iccid": 89001010000000000018}, "iccid", orders.WRONG_TYPE),
        ({"schema": "simward/order/1"}, "schema", orders.WRONG_SCHEMA),
        ({"as_of": "yesterday"}, "as_of", orders.NO_TIME),
        ({"as_of": "2026-11-22T01:02:03"}, "as_of", orders.NO_TIME),
        ({"bindings": [{"kind": "network_side", "imei": "12"}]}, "bindings.0.imei", orders.NO_IMEI),
        ({"bindings": [{"kind": "love"}]}, "bindings.0.kind", orders.WRONG_TYPE),
        ({"plan": {"cycle_day": 40}}, "plan.cycle_day", orders.WRONG_TYPE),
        ({"arrears": "much"}, "arrears", orders.NO_AMOUNT),
        ({"net_blocked": "perhaps"}, "net_blocked", orders.WRONG_TYPE),
    ],
)
def test_what_is_wrong_is_named(changes: dict, key: str, reason: str) -> None:
    with pytest.raises(OrderError) as caught:
        read_account(as_bytes(ACCOUNT, **changes))
    assert (caught.value.key, caught.value.reason) == (key, reason)


def test_a_missing_member_and_a_broken_file_are_named() -> None:
    with pytest.raises(OrderError) as caught:
        read_order(b'{"schema": "simward/order/1", "iccid": "89001010000000000018"}')
    assert (caught.value.key, caught.value.reason) == ("order_id", orders.MISSING)
    for data in (b"", b"{", b"\xff\xfe", b"[1]", b"null"):
        with pytest.raises(OrderError) as caught:
            read_order(data)
        assert caught.value.reason in {orders.NOT_JSON, orders.WRONG_TYPE}


def test_facts_grow_old_after_a_day_and_have_no_age_without_a_clock() -> None:
    hour = timedelta(hours=1)
    assert age_of(NOW - 24 * hour, NOW, synchronized=True) == ("fresh", 24.0)
    assert age_of(NOW - 25 * hour, NOW, synchronized=True) == ("old", 25.0)
    assert age_of(NOW + timedelta(minutes=2), NOW, synchronized=True) == ("fresh", 0.0)
    assert age_of(NOW + hour, NOW, synchronized=True) == ("unknown", None)
    assert age_of(NOW - hour, NOW, synchronized=False) == ("unknown", None)
