"""`simward bind` on a real store, without a modem: what is refused, recorded and told."""

import json
from datetime import UTC, datetime

import pytest

from agent.binding.four import NO_ACCOUNT, NOT_IN_ACCOUNT, four_bindings
from agent.binding.history import BOUND, History
from agent.binding.installation import AGE_UNKNOWN, Shown, Wish, bind
from agent.cli.bind_text import render
from agent.errors import CardUnreadable, ModemUnreachable, RefusedError
from agent.i18n import set_language
from agent.report import Stamp
from agent.snapshot import to_json
from agent.store import Store
from cloud_bridge.orders import OrderError, read_account, read_order
from modem.snapshot import FacilityLocks, ModemSnapshot
from sim.identifiers import Iccid, Imei
from sim.reading import absent
from tests.unit.snapshot_helpers import MODEM, gateway, read, with_card

A, B = "89001010000000000018", "89001010000000000026"
IMEI, OTHER_IMEI = "356938035643809", "490154203237518"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
OTHER_CARD = with_card(iccid=read(Iccid(B), "EF.ICCID"))
OTHER_MODEM = MODEM._replace(identity=MODEM.identity._replace(imei=read(Imei(OTHER_IMEI))))
NAMELESS = MODEM._replace(identity=MODEM.identity._replace(imei=absent("timeout 5 s")))
PULLED = with_card(state=read("absent"), iccid=absent("no card"))
UNSAID = absent("+CME ERROR: 4")


def shown(modem: ModemSnapshot = MODEM, at: str | None = "2026-11-22T02:00:00.000Z") -> Shown:
    return Shown(to_json(gateway(modem)), 1, Stamp(1, 60.0, at), NOW)


def order(**fields):
    whole = {"schema": "simward/order/1", "order_id": "WO-1", "iccid": A, **fields}
    return read_order(json.dumps(whole).encode())


def account(*bindings, **fields):
    whole = {
        "schema": "simward/account/1", "iccid": A, "as_of": "2026-11-22T01:00:00Z",
        "platform": "onelink", "state": "active", "real_name": "somebody", "bindings": bindings,
        "documents": {"id": "somebody's"}, **fields,
    }  # fmt: skip
    return read_account(json.dumps(whole).encode())


class Bench:
    def __init__(self, folder):
        self.store = Store(folder, boot=1)
        self.events = []

    def bind(self, what: Shown, wish: Wish = Wish()):  # noqa: B008 - frozen
        with self.store.transaction():
            return bind(self.store.connection, what, wish, self._emit)

    def _emit(self, code, args):
        assert args["slot"] == 1
        self.events.append(code)

    @property
    def history(self):
        return History(self.store.connection)


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


def test_a_pairing_is_recorded_behind_what_was_seen(bench):
    facts = account({"kind": "billing_side", "bound": True, "imei": IMEI})
    document = bench.bind(shown(), Wish(order=order(), account=facts, technician="Li"))
    assert [entry.body["what"] for entry in bench.history.entries()] == ["seen", BOUND]
    entry = bench.history.entries()[-1]
    assert (document["entry"], document["hash"]) == (entry.n, entry.hash)
    assert (entry.body["order_id"], entry.body["technician"]) == ("WO-1", "Li")
    assert entry.body["account"]["platform"] == "onelink"
    assert document["history"] == {"entries": 2, "head": entry.hash, "broken": None}
    assert (document["changed"], document["costs"], document["warnings"]) == ([], [], [])
    assert bench.events == []


def test_nothing_that_names_a_person_is_recorded(bench):
    bench.bind(shown(), Wish(account=account()))
    assert "somebody" not in repr(bench.history.entries())


def test_looking_records_nothing(bench):
    document = bench.bind(shown(), Wish(record=False))
    assert not document["recorded"]
    assert "entry" not in document
    assert bench.history.entries() == []


def test_another_card_than_the_bound_one_is_told_and_its_event_goes_out(bench):
    bench.bind(shown())
    document = bench.bind(shown(OTHER_CARD))
    assert document["changed"] == ["card"]
    assert document["was"] == {"slot": 1, "imei": IMEI, "iccid": A}
    assert bench.events == ["pairing_changed"]
    assert bench.bind(shown(OTHER_CARD))["changed"] == []
    assert bench.events == ["pairing_changed"]


def test_account_facts_stay_known_with_their_card(bench):
    bench.bind(
        shown(), Wish(account=account({"kind": "network_side", "bound": True, "imei": IMEI}))
    )
    document = bench.bind(shown(OTHER_MODEM), Wish(record=False))
    codes = [each["code"] for each in document["costs"]]
    assert codes == ["separation_known", "soldered_card", "rebind_limit"]
    assert document["rebinding"]["platform"]["en"] == "China Mobile OneLink (CT)"
    assert document["bindings"]["network_side"]["at"] == "2026-11-22T01:00:00Z"
    assert bench.bind(shown(OTHER_CARD))["bindings"]["network_side"]["reason"] == NO_ACCOUNT


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param(Wish(order=order(iccid=B)), id="another card's order"),
        pytest.param(Wish(order=order(imei=OTHER_IMEI)), id="another modem's order"),
        pytest.param(Wish(order=order(expires_at="2026-11-22T01:59:59Z")), id="expired order"),
        pytest.param(Wish(account=account(iccid=B)), id="another card's account"),
    ],
)
def test_what_is_not_of_this_card_or_modem_is_refused_and_nothing_recorded(bench, wish):
    with pytest.raises(RefusedError) as caught:
        bench.bind(shown(), wish)
    assert A not in str(caught.value)
    assert bench.history.entries() == []


def test_without_a_clock_nobody_knows_that_an_order_expired(bench):
    wish = Wish(order=order(expires_at="2026-11-22T01:59:59Z"))
    assert bench.bind(shown(at=None), wish)["recorded"]


@pytest.mark.parametrize(
    ("modem", "error"),
    [
        pytest.param(PULLED, CardUnreadable, id="no card"),
        pytest.param(with_card(state=read("pin_required")), CardUnreadable, id="locked"),
        pytest.param(with_card(iccid=absent("timeout 5 s")), CardUnreadable, id="unread"),
        pytest.param(NAMELESS, ModemUnreachable, id="modem without IMEI"),
    ],
)
def test_who_does_not_say_who_it_is_cannot_be_bound(bench, modem, error):
    with pytest.raises(error):
        bench.bind(shown(modem))
    assert bench.history.entries() == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (account(as_of="2026-11-20T02:00:00Z"), ["the account facts are 48.0 hours old"]),
        (account(as_of="2026-11-23T02:00:00Z"), [AGE_UNKNOWN]),
        (
            account({"kind": "asset_register", "bound": True, "imei": OTHER_IMEI}),
            ["asset register (owner): the account facts name another IMEI"],
        ),
        (
            account({"kind": "device_lock", "bound": True}),
            ["device lock: the account facts say otherwise than the modem"],
        ),
    ],
    ids=["old", "of tomorrow", "another IMEI", "lock"],
)  # fmt: skip
def test_doubts_about_account_facts_are_told(bench, facts, words):
    document = bench.bind(shown(), Wish(account=facts))
    assert [each["en"] for each in document["warnings"]] == words


def test_a_request_carries_all_that_the_caller_knows():
    wish = Wish(record=True, order=order(), account=account(), technician="Li")
    assert Wish.from_json(json.loads(json.dumps(wish.to_json()))) == wish
    with pytest.raises(OrderError):
        Wish.from_json({"ask": "bind", "order": {"schema": "simward/order/1"}})


# The four bindings


def locked(**locks):
    unlocked = dict.fromkeys(FacilityLocks._fields, UNSAID)
    return MODEM._replace(locks=FacilityLocks(**{**unlocked, **locks}))


@pytest.mark.parametrize(
    ("modem", "bound", "source", "reason"),
    [
        (locked(ps=read(True)), True, 'AT+CLCK="PS",2', None),
        (locked(ps=read(False)), False, 'AT+CLCK="PS",2', None),
        (locked(ps=read(False), pn=read(True)), True, 'AT+CLCK="PN",2', None),
        (locked(pn=read(False)), None, 'AT+CLCK="PS",2', "+CME ERROR: 4"),
        (MODEM._replace(locks=None), None, None, "not asked"),
    ],
    ids=["locked", "free", "to a network", "not said", "not asked"],
)
def test_the_device_lock_is_the_modems_word(modem, bound, source, reason):
    lock = four_bindings(None, to_json(gateway(modem)))["device_lock"]
    assert (lock["bound"], lock["source"], lock["reason"]) == (bound, source, reason)


def test_the_four_are_told_apart_and_each_has_its_source_and_time(bench):
    facts = account(
        {"kind": "billing_side", "bound": True, "imei": OTHER_IMEI},
        {"kind": "network_side", "bound": False},
    )
    four = bench.bind(shown(), Wish(account=facts))["bindings"]
    assert [(kind, each["bound"], each["source"], each["at"]) for kind, each in four.items()] == [
        ("billing_side", True, "onelink", "2026-11-22T01:00:00Z"),
        ("network_side", False, "onelink", "2026-11-22T01:00:00Z"),
        ("device_lock", False, 'AT+CLCK="PS",2', "2026-11-22T01:02:03.456Z"),
        ("asset_register", None, "onelink", "2026-11-22T01:00:00Z"),
    ]
    assert four["asset_register"]["reason"] == NOT_IN_ACCOUNT


# For people


def test_the_page_masks_identifiers_unless_all_is_wanted(bench):
    document = bench.bind(shown())
    assert A not in render(document, full=False)
    assert A in render(document, full=True)


def test_the_page_in_chinese_names_which_of_the_four_bindings(bench):
    bench.bind(shown())
    document = bench.bind(shown(OTHER_MODEM), Wish(record=False))
    set_language("zh")
    try:
        page = render(document, full=True)
    finally:
        set_language("en")
    for word in ("话单侧绑定", "网络侧绑定", "设备锁卡", "资产台账", "可能被判机卡分离", IMEI):
        assert word in page


def test_a_broken_history_is_on_the_page(bench):
    bench.bind(shown())
    bench.store.connection.execute("DROP TRIGGER pairings_stay")
    bench.store.connection.execute("UPDATE pairings SET imei = 'x' WHERE n = 1")
    document = bench.bind(shown(), Wish(record=False))
    assert document["history"]["broken"]["entry"] == 1
    assert "broken at entry 1: what it says is not what was recorded" in render(
        document, full=False
    )
