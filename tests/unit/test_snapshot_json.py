import json
from datetime import timedelta
from typing import Any

import pytest

from agent.cli.status import why_unusable
from agent.cli.status_text import render
from agent.i18n import set_language
from agent.snapshot import to_json
from modem.snapshot import ModemSnapshot, UsageCounters
from sim.identifiers import Iccid
from sim.reading import Absent, Reading, absent
from tests.device_stream import leaves
from tests.unit.snapshot_helpers import (
    CARD,
    DENIED,
    HOME,
    MODEM,
    REFUSAL,
    REMEMBERED,
    TAKEN_AT,
    gateway,
    read,
    registered,
    with_card,
)


def nulls(value: Any, path: str = "") -> set[str]:
    """The dotted path of every null in a document."""
    if value is None:
        return {path}
    if isinstance(value, dict):
        return {p for k, v in value.items() for p in nulls(v, f"{path}.{k}".lstrip("."))}
    if isinstance(value, list):
        return {p for i, v in enumerate(value) for p in nulls(v, f"{path}.{i}")}
    return set()


def everything_absent(value: Any) -> Any:
    """A snapshot's part with each leaf replaced by an absence."""
    if isinstance(value, Absent) or not hasattr(value, "_fields"):
        return Absent("ERROR")
    if hasattr(value, "taken_at"):
        return absent("ERROR")
    return value._make(map(everything_absent, value))


MUTE = ModemSnapshot(
    profile="generic_3gpp",
    **{
        name: everything_absent(getattr(MODEM, name))
        for name in (
            "identity",
            "sim",
            "registration",
            "operator",
            "signal",
            "packet",
            "usage",
            "locks",
            "last_error",
        )
    },
)


def test_the_document_is_the_contracts_field_by_field():
    document = to_json(gateway(registered(eps=DENIED)._replace(rejects=(REFUSAL,))))
    assert list(document) == [
        "schema",
        "taken_at",
        "clock_synchronized",
        "modem",
        "sim",
        "registration",
        "rejects",
        "operator",
        "signal",
        "packet",
        "usage",
        "locks",
        "last_error",
        "read",
        "absent",
    ]
    assert document["schema"] == "simward/snapshot/1"
    assert document["taken_at"] == "2026-11-22T01:02:03.456Z"
    assert document["modem"] == {
        "manufacturer": "Quectel",
        "model": "EC25",
        "revision": "EC25EFAR06A03M4G",
        "imei": "356938035643809",
        "port": "/dev/ttyUSB2",
        "profile": "quectel_ec2x",
        "functionality": 1,
    }
    assert document["sim"] == {
        "state": "ready",
        "slot": 1,
        "iccid": "89001010000000000018",
        "iccid_source": "ef_iccid",
        "iccid_modem": "89001010000000000018",
        "iccid_checks": {"luhn": True, "at_agrees": True},
        "imsi": "001010123456789",
        "mcc": "001",
        "mnc": "01",
        "msisdn": None,
        "eid": None,
        "spn": None,
        "carrier": None,
        "smsc": "+12025550100",
        "pin1": {"enabled": False, "retries": 3, "puk_retries": 10},
    }
    assert document["registration"]["eps"] == {
        "stat": 3,
        "state": "denied",
        "tac": None,
        "ci": None,
        "act": None,
        "cause_type": 0,
        "reject_cause": 8,
        "reject_name": "EPS services and non-EPS services not allowed",
    }
    assert document["rejects"] == [
        {
            "domain": "emm",
            "plmn": "00101",
            "cause": 15,
            "name": "No suitable cells in tracking area",
            "rat": "lte",
            "kind": "attach",
            "source": "^REJINFO",
            "at": "2026-11-22T01:02:03.456Z",
        }
    ]
    assert document["signal"] == {
        "rssi_dbm": -73,
        "rsrp_dbm": -101,
        "rsrq_db": -10.5,
        "sinr_db": None,
        "ber": 0,
    }
    assert document["packet"]["contexts"][0] == {
        "cid": 1,
        "pdp_type": "IPV4V6",
        "apn": "iot.example",
        "active": True,
        "addresses": ["10.0.0.2"],
    }
    assert document["usage"]["source"] == "AT+QGDCNT?"
    assert document["last_error"] == {
        "source": "AT+CEER",
        "text": "EMM reject",
        "domain": "emm",
        "cause": 8,
    }
    assert document["absent"]["packet.contexts.1.apn"] == "the modem gave none"
    assert document["absent"]["registration.eps.tac"] == "not registered"
    assert document["absent"]["locks.pu"] == "+CME ERROR: 4"


def test_numbers_have_no_needless_decimals():
    assert '"rsrp_dbm": -101,' in json.dumps(to_json(gateway()))


@pytest.mark.parametrize(
    "modem",
    [
        pytest.param(MODEM, id="registered"),
        pytest.param(registered(eps=DENIED), id="denied"),
        pytest.param(MUTE, id="nothing was answered"),
        pytest.param(with_card(iccid=absent("no card")), id="no ICCID"),
        pytest.param(MODEM._replace(rejects=(REFUSAL, REMEMBERED)), id="refused"),
    ],
)
def test_every_null_has_its_reason_and_nothing_else_has_one(modem):
    document = to_json(gateway(modem))
    reasons = document.pop("absent")
    assert set(reasons) == nulls(document)
    assert all(reasons.values())


def test_parts_that_were_not_asked_for_are_left_out():
    document = to_json(gateway(ModemSnapshot("generic_3gpp", sim=CARD)))
    assert list(document) == ["schema", "taken_at", "clock_synchronized", "sim", "read", "absent"]


@pytest.mark.parametrize(
    ("facts", "checks", "source", "why"),
    [
        pytest.param(
            {"modem_iccid": read(Iccid("89001010000000000026"))},
            {"luhn": True, "at_agrees": False},
            "ef_iccid",
            {},
            id="the modem says otherwise",
        ),
        pytest.param(
            {"iccid": read(Iccid("8986002412345678A012"), "EF.ICCID")},
            {"luhn": None, "at_agrees": False},
            "ef_iccid",
            {"luhn": "letters in the ICCID"},
            id="letters inside",
        ),
        pytest.param(
            {"iccid": read(Iccid("89001010000000000018"), "AT+CCID")},
            {"luhn": True, "at_agrees": None},
            "modem",
            {"at_agrees": "EF.ICCID was not read"},
            id="only the modem's word",
        ),
        pytest.param(
            {"modem_iccid": absent("+CME ERROR: 4")},
            {"luhn": True, "at_agrees": None},
            "ef_iccid",
            {"at_agrees": "+CME ERROR: 4"},
            id="the modem refuses",
        ),
    ],
)
def test_the_card_is_the_authority_over_the_modems_iccid(facts, checks, source, why):
    document = to_json(gateway(with_card(**facts)))
    assert document["sim"]["iccid_checks"] == checks
    assert document["sim"]["iccid_source"] == source
    for name, reason in why.items():
        assert document["absent"][f"sim.iccid_checks.{name}"] == reason


def test_mnc_length_is_the_cards_and_else_the_countrys():
    long = to_json(gateway(with_card(mnc_length=read(3))))
    country = to_json(gateway(with_card(mnc_length=absent("not on the card"))))
    assert long["sim"]["mnc"] == "010"
    assert country["sim"]["mnc"] == "01"


def test_the_carrier_of_a_chinese_card_is_named_in_lower_case():
    document = to_json(gateway(with_card(iccid=read(Iccid("89860300000000000000"), "EF.ICCID"))))
    assert document["sim"]["carrier"] == "ctcc"


def test_a_doubt_about_the_counters_is_passed_on():
    modem = MODEM._replace(usage=read(UsageCounters(1, 2, "sources dispute the unit"), "AT+X"))
    document = to_json(gateway(modem))
    assert document["usage"]["doubt"] == "sources dispute the unit"
    assert "usage.doubt" not in document["absent"]


@pytest.mark.parametrize(
    ("modem", "expected"),
    [
        pytest.param(MODEM, 0, id="ready"),
        pytest.param(with_card(state=read("absent")), 4, id="no card"),
        pytest.param(with_card(state=absent("ERROR")), 4, id="state unknown"),
        pytest.param(
            with_card(iccid=absent("ERROR"), imsi=absent("ERROR")), 4, id="card without identity"
        ),
        pytest.param(with_card(imsi=absent("ERROR")), 0, id="ICCID alone"),
        pytest.param(ModemSnapshot("generic_3gpp", signal=MODEM.signal), 0, id="not asked"),
    ],
)
def test_the_exit_code_says_whether_the_card_can_be_used(modem, expected):
    trouble = why_unusable(to_json(gateway(modem)))
    assert (0 if trouble is None else trouble.exit_code) == expected


def test_text_for_people_masks_identifiers_unless_full():
    document = to_json(gateway())
    masked, full = render(document), render(document, full=True)
    for identifier in ("89001010000000000018", "001010123456789", "356938035643809"):
        assert identifier not in masked
        assert identifier in full


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "modem",
    [MODEM, MUTE, registered(eps=DENIED), MODEM._replace(rejects=(REFUSAL, REMEMBERED))],
    ids=["ok", "mute", "denied", "refused"],
)
def test_text_for_people_exists_in_both_languages_for_any_snapshot(lang, modem):
    set_language(lang)
    try:
        text = render(to_json(gateway(modem)))
    finally:
        set_language("en")
    assert ("模块" in text) == (lang == "zh")
    assert "None" not in text


LATER = TAKEN_AT + timedelta(seconds=2)


def test_values_carry_by_which_command_and_when_they_were_read():
    sample = MODEM._replace(
        identity=MODEM.identity._replace(model=Reading("EC25", "AT+CGMM", LATER)),
        registration=MODEM.registration._replace(eps=Reading(HOME, "AT+CEREG?", LATER)),
    )
    read_by = to_json(gateway(sample))["read"]
    first, second = "2026-11-22T01:02:03.456Z", "2026-11-22T01:02:05.456Z"
    assert read_by["modem.manufacturer"] == {"by": "AT", "at": first}
    assert read_by["modem.model"] == {"by": "AT+CGMM", "at": second}
    assert read_by["sim.iccid"] == {"by": "EF.ICCID", "at": first}
    assert read_by["sim.iccid_modem"] == {"by": "AT+QCCID", "at": first}
    assert read_by["registration.eps"] == {"by": "AT+CEREG?", "at": second}
    assert read_by["usage"] == {"by": "AT+QGDCNT?", "at": first}
    assert read_by["last_error"] == {"by": "AT+CEER", "at": first}


def test_a_section_of_one_answer_has_one_entry_and_a_gap_has_none():
    read_by = to_json(gateway())["read"]
    assert read_by["signal"] == {"by": "AT", "at": "2026-11-22T01:02:03.456Z"}
    assert [path for path in read_by if path.startswith("signal.")] == []
    assert "sim.msisdn" not in read_by
    assert "sim.slot" not in read_by or read_by["sim.slot"]["by"] == "AT"


def test_what_follows_from_another_value_is_not_read():
    read_by = to_json(gateway())["read"]
    assert {"sim.mcc", "sim.mnc", "sim.carrier", "sim.iccid_checks"} & set(read_by) == set()


def test_every_value_is_accounted_for_by_an_entry_or_follows_from_one():
    document = to_json(gateway())
    follows = {"modem.port", "modem.profile", "sim.slot", "sim.mcc", "sim.mnc", "sim.carrier",
               "sim.iccid_source", "sim.iccid_checks.luhn", "sim.iccid_checks.at_agrees",
               "schema", "taken_at", "clock_synchronized"}  # fmt: skip
    unaccounted = {
        path
        for path in leaves(document)
        if path not in follows
        and not any(path == at or path.startswith(at + ".") for at in document["read"])
    }
    assert unaccounted == set()
