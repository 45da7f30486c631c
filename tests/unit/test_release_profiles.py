"""Whose connection it is, by what its settings say; and values of D-Bus kept as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.release.nm_files import settings_of
from agent.release.nm_profiles import Owner, connects_by_itself, is_cellular, whose
from agent.release.prepared import joined
from agent.release.variants import from_json, to_json

ICCID = "89001010000000000018"
OWN_DEVICE, OTHER_DEVICE = "a" * 40, "b" * 40
OWNER = Owner(ICCID, frozenset({"ttyUSB2", "wwan0", "cdc-wdm0"}), OWN_DEVICE, ("told", "uuid-2"))


def settings(name="x", uuid="uuid-1", interface=None, **gsm):
    connection = {"id": ("s", name), "uuid": ("s", uuid), "type": ("s", "gsm")}
    if interface is not None:
        connection["interface-name"] = ("s", interface)
    values = {key.replace("_", "-"): ("s", value) for key, value in gsm.items()}
    return {"connection": connection, "gsm": values}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (settings(sim_id=ICCID), "ours"),
        (settings(sim_id=f"{ICCID}F"), "ours"),
        (settings(sim_id="89001010000000000026"), "others"),
        (settings(device_id=OWN_DEVICE), "ours"),
        (settings(device_id=OTHER_DEVICE), "others"),
        (settings(interface="cdc-wdm0"), "ours"),
        (settings(interface="ttyUSB6"), "others"),
        (settings(), "unclear"),
        (settings(network_id="00101"), "unclear"),
        # The card is said: whatever else is said.
        (settings(sim_id="89001010000000000026", device_id=OWN_DEVICE), "others"),
        (settings(sim_id=ICCID, interface="ttyUSB6"), "ours"),
        (settings(device_id=OTHER_DEVICE, interface="ttyUSB2"), "others"),
        # The operator's word, by name or UUID.
        (settings("told"), "ours"),
        (settings(uuid="uuid-2", sim_id="89001010000000000026"), "ours"),
    ],
)
def test_whose_a_connection_is(given_, expected):
    assert whose(given_, OWNER) == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (settings(device_id=OWN_DEVICE), "unclear"),
        (settings(interface="ttyUSB2"), "unclear"),
        (settings(sim_id=ICCID), "ours"),
    ],
)
def test_where_the_modem_is_not_known_the_card_alone_tells(given_, expected):
    assert whose(given_, OWNER._replace(names=frozenset(), device_id=None)) == expected


def test_a_file_of_networkmanagers_is_read_as_its_settings():
    text = "[connection]\nid=a=b\ntype=gsm\nautoconnect=false\n[gsm]\npassword=50%\n"
    found = settings_of(text)
    assert is_cellular(found)
    assert not connects_by_itself(found)
    assert found["gsm"]["password"] == ("v", "50%")
    assert not is_cellular(settings_of("no section\n"))
    assert connects_by_itself(settings())


def test_what_two_tries_prepared_is_undone_together():
    first = {
        "profiles": [{"uuid": "a", "active": True}],
        "rows": [[1, ["IP", "x"]]],
        "active": [1],
        "attached": True,
        "on": None,
    }
    later = {
        "profiles": [{"uuid": "b", "active": False}, {"uuid": "a", "active": False}],
        "rows": [[1, ["IP", ""]], [3, ["IP", "y"]]],
        "active": [],
        "attached": False,
        "on": True,
    }
    assert joined(first, later) == {
        "profiles": [{"uuid": "a", "active": True}, {"uuid": "b", "active": False}],
        "rows": [[1, ["IP", "x"]], [3, ["IP", "y"]]],
        "active": [1],
        "attached": True,
        "on": True,
    }
    assert joined({}, later) == later
    assert joined(first, {}) == first


plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.binary()
values = st.recursive(
    plain,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(values)
def test_any_value_of_the_bus_survives_a_journal(value):
    assert from_json(json.loads(json.dumps(to_json(value)))) == value
