"""Rules of carriers' platforms: as shipped; refused with file and key where they are wrong."""

import json
from datetime import date

import pytest

from agent.unbind import account_state
from agent.unbind.account_state import state_of
from agent.unbind.platform import PlatformError, find, platform_of
from agent.unbind.platform_files import all_platforms
from agent.unbind.stop_reasons import STOP_REASONS, weight_of
from cloud_bridge.orders import STATES, read_account

ICCID = "89001010000000000018"
BY_NAME = {each.name: each for each in all_platforms()}
PROMISED = {
    "cmcc_onelink_ct", "cmcc_onelink_pb", "ctcc_cmp", "ctcc_dcp", "cucc_cmp", "cucc_jasper",
    "huawei_gsl", "soracom", "emnify", "1nce", "hologram", "generic",
}  # fmt: skip
ORIGIN = {"source": "x", "recorded": date(2026, 1, 1), "old_after": date(2027, 1, 1)}


def account(**facts):
    document = {"schema": "simward/account/1", "iccid": ICCID, "as_of": "2026-11-22T01:00:00Z"}
    return read_account(json.dumps({**document, **facts}).encode())


def state(**facts) -> tuple[str, str | None]:
    found = state_of(account(**facts), all_platforms())
    return found.state, found.why_unknown


def test_all_promised_platforms_are_there() -> None:
    assert set(BY_NAME) == PROMISED


# The hazard that was seen in the field: the same number means something else on each platform.
@pytest.mark.parametrize(
    ("platform", "code", "expected"),
    [
        ("China Mobile OneLink CT", 4, "suspended"),
        ("ctcc_cmp", 4, "active"),
        ("cucc_cmp", 4, "cancelled"),
        ("emnify", 4, "test_ready"),
        ("onelink", 9, "cancelled"),
        ("onelink", 8, "pre_cancelled"),
        ("onelink_pb", "00", "active"),
        ("onelink_pb", "04", "cancelled"),
        ("onelink-pb", "05", "transferred"),
        ("DCP", "拆机", "cancelled"),
        ("dcp", "Deactivated", "ready"),
        ("jasper", "RETIRED", "cancelled"),
        ("Jasper", "activated", "active"),
        ("华为云GSL", 30, "cancelled"),
        ("gsl", "20", "active"),
        ("Soracom", "standby", "suspended"),
        ("1NCE", "Enabled", "active"),
        ("hologram", "PAUSED-SYS", "suspended"),
    ],
)
def test_a_code_means_what_it_means_on_its_platform(platform, code, expected) -> None:
    assert state(platform=platform, raw_code=code) == (expected, None)


@pytest.mark.parametrize("platform", sorted(PROMISED - {"generic"}))
@pytest.mark.parametrize("code", ["3-", "44", "", "在用了", "0x2", "none"])
def test_a_code_that_is_not_listed_is_unknown_whatever_stands_beside_it(platform, code) -> None:
    expected = ("unknown", account_state.CODE_UNKNOWN)
    assert state(platform=platform, raw_code=code, state="active") == expected


def test_a_zero_that_a_spreadsheet_dropped_makes_no_card_active() -> None:
    assert state(platform="onelink_pb", raw_code=0)[0] == "unknown"
    assert state(platform="onelink_pb", raw_code=2)[0] == "unknown"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"raw_code": "4", "state": "active"}, ("unknown", account_state.NO_PLATFORM)),
        (
            {"platform": "nobody", "raw_code": "4", "state": "active"},
            ("unknown", account_state.NOT_LISTED),
        ),
        (
            {"platform": "cucc", "raw_code": "4", "state": "active"},
            ("unknown", account_state.CONTRADICTED),
        ),
        ({"platform": "nobody", "state": "active"}, ("active", None)),
        ({"platform": "generic", "raw_code": "4", "state": "active"}, ("active", None)),
        ({"platform": "onelink"}, ("unknown", account_state.NO_STATE)),
        ({"platform": "onelink", "raw_code": "4", "state": "suspended"}, ("suspended", None)),
    ],
)
def test_a_state_without_code_or_platform_or_against_its_code(facts, expected) -> None:
    assert state(**facts) == expected


def test_the_order_names_the_platform_where_the_facts_do_not() -> None:
    found = state_of(account(raw_code="2"), all_platforms(), named="onelink")
    assert found.state == "active"
    found = state_of(account(raw_code="2", platform="ctcc"), all_platforms(), named="onelink")
    assert found.state == "test_ready"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"platform": "onelink", "stop_reasons": ["020020000000"]}, ("separated", "arrears")),
        ({"platform": "onelink", "stop_reasons": ["000000000000"]}, ()),
        ({"platform": "onelink", "stop_reasons": ["002000000000"]}, ("002000000000[2]",)),
        ({"platform": "onelink", "stop_reasons": ["ARREARS", "arrears"]}, ("arrears",)),
        ({"platform": "gsl", "stop_reasons": ["7", "主动停机"]}, ("separated", "requested")),
        ({"platform": "ctcc", "raw_code": "6", "stop_reasons": []}, ("carrier_managed",)),
        ({"platform": "pb", "stop_reasons": ["whatever"]}, ("whatever",)),
    ],
)
def test_stop_reasons_are_said_in_the_common_words(facts, expected) -> None:
    assert state_of(account(**facts), all_platforms()).reasons == expected


def test_a_reason_that_nobody_knows_excuses_nothing() -> None:
    assert weight_of("whatever") == "vague"
    assert weight_of("separated") == "blocks"


def test_every_section_says_where_it_is_from_and_is_called_old_one_day() -> None:
    for platform in all_platforms():
        assert platform.is_old(date(2026, 11, 27)) == ()
        assert "states" in platform.is_old(date(2030, 1, 1))
        for section in (platform.states, platform.binding, platform.cancel, platform.documents):
            assert section.origin.source
            assert section.origin.recorded < section.origin.old_after


def test_no_two_platforms_have_a_name_in_common() -> None:
    names = [name for platform in all_platforms() for name in platform.names]
    for name in names:
        assert find(all_platforms(), name.upper()) == find(all_platforms(), f" {name} ")
    assert all(
        find(all_platforms(), name) is each for each in all_platforms() for name in each.names
    )


def test_every_word_of_the_platforms_is_of_the_common_lists() -> None:
    words = {word for each in all_platforms() for word in each.states.codes.values()}
    assert words <= set(STATES) - {"unknown"}
    reasons = {word for each in all_platforms() for word in each.states.implies.values()}
    assert reasons <= set(STOP_REASONS)


WHOLE = {
    "name": "x",
    "title": {"zh": "某", "en": "x"},
    "names": [],
    "states": {**ORIGIN, "codes": {"1": "active"}},
    "binding": {
        **ORIGIN, "sides": ["network_side"], "asks": "all", "way": {"zh": "某", "en": "x"},
    },
    "cancel": {**ORIGIN, "from": ["active"], "way": {"zh": "某", "en": "x"}},
    "documents": {**ORIGIN, "individual": [], "enterprise": []},
    "auto_cancel": ORIGIN,
}  # fmt: skip


def changed(path: str, value) -> dict:
    table = json.loads(json.dumps(WHOLE, default=str))
    for section in ("states", "binding", "cancel", "documents", "auto_cancel"):
        table[section] |= {key: ORIGIN[key] for key in ("recorded", "old_after")}
    *parents, last = path.split(".")
    place = table
    for each in parents:
        place = place[each]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return table


def test_a_whole_file_is_taken() -> None:
    assert platform_of("x.toml", WHOLE, None).state_of("1") == "active"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("color", "red", "no such key"),
        ("states.color", "red", "no such key"),
        ("states", None, "missing"),
        ("states", [], "no table"),
        ("states.source", None, "no text"),
        ("states.recorded", "yesterday", "no date"),
        ("states.old_after", None, "no date"),
        ("states.codes.1", "alive", "alive is not on the list"),
        ("states.codes.1", "unknown", "unknown is not on the list"),
        ("states.implies", {"1": "keep"}, "not the code of a suspended card"),
        ("binding.sides", [], "empty"),
        ("binding.sides", ["device_lock"], "device_lock is not on the list"),
        ("binding.asks", "some", "neither all nor any"),
        ("binding.per_month", 0, "no whole number above 0"),
        ("binding.way", {"en": "x"}, "not a text in both languages"),
        ("cancel.from", ["dead"], "dead is not on the list"),
        ("cancel.working_days", True, "no whole number above 0"),
        ("cycle", {**ORIGIN, "first_day": 32}, "no day of a month"),
        ("cycle", {**ORIGIN, "first_day": 1, "zone": "CST"}, "not like +08:00"),
        ("stop_reasons", {**ORIGIN, "places": {"a": "keep"}}, "no whole number"),
        ("names", "x", "no list of texts"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(path, value, reason) -> None:
    with pytest.raises(PlatformError) as caught:
        platform_of("x.toml", changed(path, value), None)
    assert caught.value.file == "x.toml"
    assert path.startswith(caught.value.key) or caught.value.key.startswith(path)
    assert caught.value.reason == reason
