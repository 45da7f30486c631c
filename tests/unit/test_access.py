"""Access rules of all three forms become conditions that a person can be told."""

import pytest

from agent.cli.access_text import condition_text
from agent.i18n import set_language
from sim.access import compact_rules, condition_for, expanded_rules, gsm_rules
from sim.errors import FileDecodeError

RECORDS = {
    "read for all, the rest for the maker": (
        "800101900080015AA40683010A950108FFFF",
        {"read": "always", "update": "adm1", "increase": "never"},
    ),
    "alternatives": (
        "800101A406830101950108800102A010A406830181950108A40683010A950108",
        {"read": "pin1", "update": {"any": ["pin2", "adm1"]}},
    ),
    "together": (
        "800103AF10A406830101950108A40683010A950108",
        {"read": {"all": ["pin1", "adm1"]}, "update": {"all": ["pin1", "adm1"]}},
    ),
    "by instruction": (
        "840132A4068301019501088001019000",
        {"read": "always", "update": "never", "increase": "pin1"},
    ),
    "two rules for one access are alternatives": (
        "8001019000800101A406830101950108",
        {"read": {"any": ["always", "pin1"]}},
    ),
    "the same rule twice": ("80010190008001019000", {"read": "always"}),
    "another application's PIN": ("800101A406830102950108", {"read": "pin1_app2"}),
    "a key that has no name": ("800101A406830199950108", {"read": "key_99"}),
    "a condition of no known form": ("8001019E0107", {"read": "condition_9E_07"}),
}


@pytest.mark.parametrize(("raw", "expected"), RECORDS.values(), ids=RECORDS)
def test_a_record_of_ef_arr_says_what_each_access_asks_for(raw, expected):
    rules = expanded_rules(bytes.fromhex(raw), "EF.ARR")
    assert {access: condition_for(rules, access) for access in expected} == expected


# ETSI TS 102 221: one byte says which accesses, then a byte for each says what they ask for.
COMPACT = {
    "read and update for all": ("030000", {"read": "always", "update": "always"}),
    "only read": ("7FFFFFFFFFFFFF00", {"read": "always", "update": "never", "delete": "never"}),
    "a PIN, by environment": ("031A11", {"read": "user_auth_se1", "update": "user_auth_se10"}),
    "any of two": ("0130", {"read": {"any": ["external_auth", "user_auth"]}}),
    "all of two": ("01B2", {"read": {"all": ["external_auth_se2", "user_auth_se2"]}}),
    "secure messaging": ("0140", {"read": "secure_messaging"}),
    "nothing that has a name": ("0105", {"read": "condition_05"}),
    "two sets are alternatives": ("01000110", {"read": {"any": ["always", "user_auth"]}}),
    "nothing allowed": ("00", {"read": "never", "update": "never"}),
    # Seen on a sample card: the maker's own meaning of the upper bits, and one byte left over.
    "the maker's own": (
        "BB1A1A11111111",
        {"read": "user_auth_se1", "update": "user_auth_se1", "activate": "never"},
    ),
}


@pytest.mark.parametrize(("raw", "expected"), COMPACT.values(), ids=COMPACT)
def test_the_compact_form_says_the_same(raw, expected):
    rules = compact_rules(bytes.fromhex(raw))
    assert {access: condition_for(rules, access) for access in expected} == expected


def test_a_sim_has_half_a_byte_for_each_access():
    rules = gsm_rules(bytes.fromhex("12F043"))
    words = ("read", "update", "increase", "activate", "deactivate")
    found = [condition_for(rules, word) for word in words]
    assert found == ["pin1", "pin2", "never", "adm_4", "condition_3"]


def test_half_a_rule_is_refused_with_its_place():
    with pytest.raises(FileDecodeError) as caught:
        expanded_rules(bytes.fromhex("9000"), "FCP", 10)
    assert (caught.value.file, caught.value.offset) == ("FCP", 10)


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        ("always", "always", "始终允许"),
        ("never", "never", "禁止"),
        ("adm1", "ADM1", "ADM1"),
        ("adm_4", "ADM 4", "ADM 4"),
        ("pin1_app2", "PIN1 (#2)", "PIN1 (#2)"),
        ({"any": ["pin2", "adm1"]}, "PIN2 or ADM1", "PIN2或ADM1"),
        ({"all": ["pin1", "key_99"]}, "PIN1 and key 99", "PIN1与密钥 99"),
        ("user_auth_se1", "user authentication, environment 1", "用户认证，环境 1"),
        ({"any": []}, "never", "禁止"),
    ],
)
def test_a_condition_is_said_in_words(condition, english, chinese):
    assert condition_text(condition) == english
    set_language("zh")
    try:
        assert condition_text(condition) == chinese
    finally:
        set_language("en")
