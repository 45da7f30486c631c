"""Numbering plans: where the MNC ends, and whose prefix an ICCID has."""

import pytest

from sim.numbering import carrier_of_iccid, mnc_length_of_country, split_imsi


@pytest.mark.parametrize(
    ("mcc", "length"), [("001", 2), ("460", 2), ("310", 3), ("302", 3), ("262", 2), ("334", 3)]
)
def test_an_mnc_is_as_long_as_its_country_has_it(mcc, length):
    assert mnc_length_of_country(mcc) == length


@pytest.mark.parametrize(
    ("imsi", "from_card", "expected"),
    [
        ("001010123456789", 2, ("001", "01")),
        ("001010123456789", 3, ("001", "010")),
        ("001010123456789", None, ("001", "01")),
        ("310150123456789", None, ("310", "150")),
        ("310150123456789", 2, ("310", "15")),
    ],
    ids=["card says 2", "card says 3", "country says 2", "country says 3", "the card wins"],
)
def test_the_card_says_where_the_mnc_ends_or_else_the_country(imsi, from_card, expected):
    assert split_imsi(imsi, from_card) == expected


@pytest.mark.parametrize(
    ("prefix", "carrier"),
    [
        ("898600", "CMCC"),
        ("898608", "CMCC"),
        ("898606", "CUCC"),
        ("898611", "CTCC"),
        ("890010", None),
    ],
)
def test_a_chinese_prefix_names_its_carrier_and_no_other_is_guessed(prefix, carrier):
    assert carrier_of_iccid(prefix + "1010000000000") == carrier
