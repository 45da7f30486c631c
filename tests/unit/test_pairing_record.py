import pytest

from agent.binding.rebinding import platform_of_card, rules_of
from agent.binding.record import (
    REBIND_LIMIT,
    SEPARATION,
    SEPARATION_KNOWN,
    SOLDERED,
    UNKNOWN_BINDING,
    UNKNOWN_LIMIT,
    Known,
    Pairing,
    PlatformSays,
    change_of,
    costs_of,
    same_device,
)

A, B = "89001010000000000018", "89001010000000000026"
MODEM, OTHER = "356938035643809", "490154203237518"
HERE = Pairing(1, MODEM, A)
CMCC_CARD, CTCC_CARD, CUCC_CARD = (
    f"{prefix}0000000000001" for prefix in ("898600", "898603", "898601")
)


@pytest.mark.parametrize(
    ("now", "in_slot", "of_card", "changed", "was"),
    [
        pytest.param(HERE, None, None, None, None, id="the first ever"),
        pytest.param(HERE, HERE, HERE, None, None, id="the same"),
        pytest.param(HERE._replace(iccid=B), HERE, None, ("card",), HERE, id="another card"),
        pytest.param(HERE._replace(imei=OTHER), HERE, HERE, ("imei",), HERE, id="another modem"),
        pytest.param(Pairing(1, OTHER, B), HERE, None, ("imei", "card"), HERE, id="both"),
        pytest.param(Pairing(2, OTHER, A), None, HERE, ("imei", "slot"), HERE, id="to a new slot"),
        pytest.param(
            Pairing(2, OTHER, A), Pairing(2, OTHER, B), HERE, ("card", "slot"),
            Pairing(2, OTHER, B), id="to a used slot",
        ),
        pytest.param(Pairing(2, MODEM, A), None, HERE, ("slot",), HERE, id="modem and card moved"),
    ],
)  # fmt: skip
def test_what_changed_is_told_apart(now, in_slot, of_card, changed, was):
    change = change_of(now, Known(in_slot, of_card))
    assert (change and change.changed) == changed
    assert (change and change.was) == was


CMCC = rules_of(platform_of_card(CMCC_CARD, None))
CTCC = rules_of(platform_of_card(CTCC_CARD, None))


@pytest.mark.parametrize(
    ("of_card", "says", "rules", "expected"),
    [
        pytest.param(HERE, None, CMCC, (), id="back where it was"),
        pytest.param(
            HERE._replace(imei=OTHER), None, CMCC, (SEPARATION, SOLDERED, REBIND_LIMIT),
            id="from another modem, China Mobile",
        ),
        pytest.param(
            HERE._replace(imei=OTHER), None, CTCC, (SEPARATION, REBIND_LIMIT),
            id="from another modem, China Telecom",
        ),
        pytest.param(
            None, None, None, (UNKNOWN_BINDING, SOLDERED, UNKNOWN_LIMIT), id="nothing is known"
        ),
        pytest.param(
            HERE, PlatformSays("ctwing", {"billing_side": OTHER}), CTCC,
            (SEPARATION_KNOWN, REBIND_LIMIT), id="the platform names another IMEI",
        ),
        pytest.param(
            None, PlatformSays("onelink", {"network_side": MODEM}), CMCC, (),
            id="the platform names this IMEI",
        ),
        pytest.param(None, PlatformSays("onelink", {}), CMCC, (), id="not bound at the platform"),
        pytest.param(
            None, PlatformSays("onelink", {"network_side": None}), CMCC,
            (UNKNOWN_BINDING, SOLDERED, REBIND_LIMIT), id="bound, not said to what",
        ),
    ],
)  # fmt: skip
def test_what_a_change_may_cost_is_no_more_than_is_known(of_card, says, rules, expected):
    assert costs_of(HERE, Known(None, of_card), says, rules) == expected


def test_imeis_are_compared_without_check_digit_and_software_version():
    assert same_device("356938035643809", "35693803564380")
    assert same_device("356938035643809", "3569380356438001")
    assert not same_device("356938035643809", "356938035643817")


@pytest.mark.parametrize(
    ("iccid", "platform", "name"),
    [
        (CMCC_CARD, None, "cmcc_onelink_ct"),
        (CTCC_CARD, None, "ctcc_cmp"),
        (CUCC_CARD, None, "cucc_cmp"),
        (A, "CTWing", "ctcc_cmp"),
        (CMCC_CARD, "somebody", None),
        (A, None, None),
    ],
)
def test_rules_are_found_by_platform_else_by_the_cards_carrier(iccid, platform, name):
    found = platform_of_card(iccid, platform)
    assert (found and found.name) == name
