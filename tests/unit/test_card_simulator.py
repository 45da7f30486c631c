"""The simulated card answers as cards do, byte by byte, and by +CRSM as modems pass it on."""

import functools
import operator
from pathlib import Path

import pytest

from sim.simulator import SimulatedCard

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"


def card(name="usim_test", **behaviour):
    loaded = SimulatedCard.from_toml(CARDS / f"{name}.toml")
    if not behaviour:
        return loaded
    return SimulatedCard.load({**minimal(), "behaviour": behaviour})


def minimal():
    return {
        "name": "minimal",
        "identity": {"iccid": "89001010000000000018", "imsi": "001010123456789", "mnc_length": 2},
        "file": [{"path": "ADF.USIM/6FB7", "records": ["11F2FF00", "FFFFFFFF"]}],
    }


def say(target, *dialogue):
    for command, expected in dialogue:
        assert target.transmit(bytes.fromhex(command)).hex().upper() == expected, command


def test_a_file_is_selected_and_read_as_over_t0():
    say(
        card(),
        ("00A40004023F00", "6125"),
        ("00C0000026", "6C25"),
        ("00A40004022FE2", "6119"),
        ("00C0000019", "62178202412183022FE28A01058B032F06018002000A8801109000"),
        ("00C0000019", "6F00"),
        ("00B0000000", "6C0A"),
        ("00B000000A", "980001010000000000819000"),
        ("00B0000803", "6C02"),
        ("00B0000901", "819000"),
        ("00B0000A01", "6B00"),
        ("00B2010400", "6981"),
        ("00A40004026FFF", "6A82"),
        ("00A4000C022FE2", "9000"),
    )


def test_class_a0_has_its_own_words():
    say(
        card("sim_2g"),
        ("00A40004023F00", "6E00"),
        ("A0A40000023F00", "9F17"),
        ("A0A40000022FE2", "9F0F"),
        ("A0C000000F", "0000000A2FE2040004F044010200009000"),
        ("A0B000000A", "980001010000000000F19000"),
        ("A0B000000B", "670A"),
        ("A0A40000026FFF", "9404"),
        ("A0A40000027F10", "9F17"),
        ("A0A40000026F40", "9F0F"),
        ("A0B201041C", "FFFFFFFFFFFFFFFFFFFFFFFFFFFF07819909000000F2FFFFFFFFFFFF9000"),
        ("A0B203041C", "9402"),
        ("A0B0000001", "9408"),
    )


def test_an_application_is_selected_by_a_shortened_aid():
    say(
        card(),
        ("00A40004027FFF", "6A82"),
        ("00A4040407A0000000871002", "6133"),
        ("00A4000C026F07", "9000"),
        ("00B0000009", "0809101010325476989000"),
        ("00A4040407A0000000871004", "6A82"),
        ("00A4000C023F00", "9000"),
        ("00A40004027FFF", "6133"),
        ("00A40804047F206FAD", "6118"),
        ("00B0000003", "0000009000"),
        ("00A4000C027F20", "9000"),
    )


def test_a_short_file_identifier_reads_without_select():
    say(card(), ("00A4040C07A0000000871002", "9000"), ("00B0870009", "0809101010325476989000"))


def test_logical_channels_select_apart_from_each_other():
    target = card()
    say(
        target,
        ("0070000001", "019000"),
        ("01A4000C022FE2", "9000"),
        ("00B000000A", "6986"),
        ("01B000000A", "980001010000000000819000"),
        ("0070000001", "029000"),
        ("0070000001", "039000"),
        ("0070000001", "6A81"),
        ("0070800100", "9000"),
        ("01B000000A", "6881"),
    )
    target.reset()
    say(target, ("02B000000A", "6881"))


QUIRKS = {
    "FCP inline": (
        {"answer": "inline"},
        ("00A40004022FE2", "62178202412183022FE28A01058B032F06018002000A8801109000"),
    ),
    "empty 9000 at Le 00": ({"le_zero": "empty"}, ("00B0000000", "9000")),
    "data at Le 00": ({"le_zero": "data"}, ("00B0000000", "980001010000000000819000")),
    "6282 past the end": ({"overlong": "6282"}, ("00B0000014", "980001010000000000816282")),
    "91xx for 9000": ({"proactive": ["D009810301020082028182"]}, ("00B0000001", "98910B")),
    "6985 to a question for tries": ({"pin_query": "6985"}, ("0020000100", "6985")),
    "no class A0": ({"class_gsm": False}, ("A0A40000023F00", "6E00")),
    "no logical channels": ({"logical_channels": 0}, ("0070000001", "6881")),
}


@pytest.mark.parametrize(("behaviour", "exchange"), QUIRKS.values(), ids=QUIRKS)
def test_a_card_may_differ_from_the_book(behaviour, exchange):
    target = card(**behaviour)
    target.transmit(bytes.fromhex("00A4000C022FE2"))
    say(target, exchange)


def test_a_locked_card_gives_its_iccid_and_nothing_personal():
    target = card("pin_locked")
    say(
        target,
        ("00A4000C022FE2", "9000"),
        ("00B000000A", "980001010000000000629000"),
        ("00A4040C07A0000000871002", "9000"),
        ("00A4000C026F07", "9000"),
        ("00B0000009", "6982"),
        ("0020000100", "63C2"),
    )
    assert target.pin1_state() == "pin"
    assert not target.verify_pin("0000")
    assert target.retries() == {"pin1": 1, "puk1": 10, "pin2": 3, "puk2": 10, "adm": 3}
    assert target.verify_pin("1234")
    assert (target.pin1_state(), target.retries()["pin1"]) == ("ready", 3)
    say(target, ("00B0000009", "0809101010325476189000"))
    target.reset()
    assert target.pin1_state() == "pin"


def test_three_wrong_pins_ask_for_the_puk_and_ten_wrong_puks_block():
    target = card("pin_locked")
    target.verify_pin("0000")
    target.verify_pin("0000")
    assert target.pin1_state() == "puk"
    assert not target.verify_pin("1234")
    say(target, ("0020000100", "6983"))
    assert target.unblock_pin("12345678", "4321")
    assert target.pin1_state() == "ready"
    assert target.verify_pin("4321")
    for _ in range(10):
        assert not target.unblock_pin("00000000", "1111")
    assert target.pin1_state() == "blocked"


@pytest.mark.parametrize("apdu", ["", "00A4", "00A40004", "00A4000405 3F00", "00200001"])
def test_a_crippled_command_gets_a_status_word_and_nothing_breaks(apdu):
    answer = card().transmit(bytes.fromhex(apdu))
    assert len(answer) == 2
    assert answer != b"\x90\x00"


CRSM = {
    "EF.ICCID": ((176, 0x2FE2, 0, 0, 10), (0x90, 0x00, "98000101000000000081")),
    "EF.IMSI without a path": ((176, 0x6F07, 0, 0, 9), (0x90, 0x00, "080910101032547698")),
    "EF.AD of DF.GSM": ((176, 0x6FAD, 0, 0, 3, b"", "3F007F20"), (0x90, 0x00, "000000")),
    "EF.IMSI by path": ((176, 0x6F07, 0, 0, 9, b"", "7FFF"), (0x90, 0x00, "080910101032547698")),
    "a record": ((178, 0x6FB7, 1, 4, 10), (0x90, 0x00, "11F2FF506F6C69636501")),
    "wrong length": ((176, 0x2FE2, 0, 0, 11), (0x6C, 0x0A, "")),
    "no such file": ((176, 0x6FFF, 0, 0, 1), (0x6A, 0x82, "")),
    "FCP": (
        (192, 0x2FE2),
        (0x90, 0x00, "62178202412183022FE28A01058B032F06018002000A880110"),
    ),
    "writing what nobody may": ((214, 0x6F07, 0, 0, 1, b"\x00"), (0x69, 0x82, "")),
    "writing": ((214, 0x6F7B, 0, 3, 3, b"\x00\xf1\x20"), (0x90, 0x00, "")),
    "writing past the end": ((214, 0x6F7B, 0, 11, 2, b"\x00\xf1"), (0x6B, 0x00, "")),
    "writing another length": ((214, 0x6F7B, 0, 0, 2, b"\x00"), (0x67, 0x00, "")),
    "a record that is none": ((220, 0x6F7B, 1, 4, 1, b"\x00"), (0x69, 0x81, "")),
}


@pytest.mark.parametrize(("arguments", "expected"), CRSM.values(), ids=CRSM)
def test_crsm_reads_what_a_modem_would(arguments, expected):
    sw1, sw2, data = card().crsm(*arguments)
    assert (sw1, sw2, data.hex().upper()) == expected


def test_crsm_of_a_2g_card_answers_in_its_words():
    target = card("sim_2g")
    assert target.crsm(176, 0x6F46, 0, 0, 17) == (0x94, 0x04, b"")
    sw1, _, answer = target.crsm(192, 0x6F07)
    assert (sw1, len(answer)) == (0x90, 15)
    assert target.crsm(178, 0x6F40, 1, 4, 28)[0] == 0x90


@pytest.mark.parametrize("path", sorted(CARDS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_card_loads_and_says_where_it_comes_from(path):
    import tomllib

    profile = tomllib.loads(path.read_text("utf-8"))
    assert profile["provenance"] in {"recorded", "manual", "synthetic"}
    assert profile["source"]
    loaded = SimulatedCard.load(profile)
    enabled = profile["euicc"].get("enabled") if "euicc" in profile else None
    assert loaded.iccid == profile.get("identity", {}).get("iccid", enabled)
    assert loaded.imsi is None or loaded.imsi.startswith("00101")


@pytest.mark.parametrize("path", sorted(CARDS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_answer_to_reset_has_its_check_byte(path):
    atr = SimulatedCard.from_toml(path).reset()
    assert atr[0] == 0x3B
    speaks_only_t0 = atr[3] == 0x00  # then there is none (ISO/IEC 7816-3 clause 8.2.5, unread)
    assert speaks_only_t0 or functools.reduce(operator.xor, atr[1:]) == 0


def test_a_right_pin_over_the_contact_plate_opens_the_card_and_a_wrong_one_costs_a_try():
    target = card("pin_locked")
    say(
        target,
        ("0020000108" + "30303030FFFFFFFF", "63C1"),
        ("0020000108" + "31323334FFFFFFFF", "9000"),
    )
    assert target.retries()["pin1"] == 3
    assert target.pin1_enabled


def test_class_a0_says_no_to_a_wrong_pin_in_its_own_words():
    target = SimulatedCard.load(
        {"name": "2g", "kind": "sim", "identity": {}, "pin1": {"enabled": True, "retries": 2}}
    )
    say(
        target,
        ("A020000108" + "30303030FFFFFFFF", "9804"),
        ("A020000108" + "30303030FFFFFFFF", "9840"),
    )
    assert target.pin1_state() == "puk"


def test_a_card_is_made_of_the_files_of_a_dump():
    target = SimulatedCard.from_files(
        [
            {"fids": "3f00/2fe2", "raw_hex": "98000101000000000081", "fcp": "62028000"},
            {"fids": "3f00/a0000000871002", "fcp": "62098407a0000000871002"},
            {"fids": "3f00/a0000000871002/6f40", "records": {"2": "BB", "10": "CC", "1": "AA"}},
        ]
    )
    say(
        target,
        ("00A40004022FE2", "6104"),
        ("00C0000004", "620280009000"),
        ("00A4040407A0000000871002", "610B"),
        ("00A4000C026F40", "9000"),
        ("00B2010401", "AA9000"),
        ("00B2020401", "BB9000"),
        ("00B2030401", "CC9000"),
    )


def test_status_describes_the_current_directory():
    target = card()
    fcp = "62238202782183023F00A5038001718A01058B032F0601C60C90016083010183018183010A"
    say(target, ("80F2000000", "6C25"), ("80F2000025", fcp + "9000"), ("80F2000C00", "9000"))


def test_a_record_is_written_and_read_back():
    target = card()
    entry = bytes.fromhex("4E6577FFFFFF07919909000000F2FFFFFFFFFFFF")
    assert target.crsm(220, 0x6F3A, 2, 4, 20, entry, "3F007F10") == (0x90, 0x00, b"")
    assert target.crsm(178, 0x6F3A, 2, 4, 20, b"", "3F007F10") == (0x90, 0x00, entry)
    assert target.crsm(220, 0x6F3A, 3, 4, 20, entry, "3F007F10")[:2] == (0x6A, 0x83)
    assert target.crsm(220, 0x6F3A, 1, 2, 20, entry, "3F007F10")[:2] == (0x6A, 0x86)
    assert target.crsm(220, 0x6F3A, 1, 4, 1, b"\x00", "3F007F10")[:2] == (0x67, 0x00)


def test_a_cyclic_file_takes_the_newest_record_in_place_of_the_oldest():
    file = {"path": "MF/6F44", "records": ["AA", "BB"], "structure": "cyclic", "update": "always"}
    target = SimulatedCard.load({"name": "c", "identity": {}, "file": [file]})
    say(
        target,
        ("00A4000C026F44", "9000"),
        ("00DC010401CC", "6A86"),
        ("00DC000301CC", "9000"),
        ("00B2010401", "CC9000"),
        ("00B2020401", "AA9000"),
    )


PIN = {"1234": "31323334FFFFFFFF", "4321": "34333231FFFFFFFF", "0000": "30303030FFFFFFFF"}
PUK = "3132333435363738"


def test_the_pin_is_switched_changed_and_unblocked_over_the_contact_plate():
    say(
        card(),
        ("0024000110" + PIN["1234"] + PIN["4321"], "6984"),  # nothing asks for it
        ("0028000108" + PIN["0000"], "63C2"),
        ("0028000108" + PIN["1234"], "9000"),
        ("0024000110" + PIN["1234"] + PIN["4321"], "9000"),
        ("0026000108" + PIN["1234"], "63C2"),
        ("0026000108" + PIN["4321"], "9000"),
        ("0020000107" + PIN["4321"][:14], "6700"),
        ("002C000100", "63CA"),
        ("002C000110" + PUK[::-1] + PIN["1234"], "63C9"),
        ("002C000110" + PUK + PIN["1234"], "9000"),
        ("0020008100", "63C3"),  # PIN2
        ("0020000900", "6A88"),
    )


def test_class_a0_switches_and_unblocks_in_its_own_words():
    say(
        card(),
        ("A026000108" + PIN["1234"], "9808"),
        ("A028000108" + PIN["0000"], "9804"),
        ("A02C000010" + PUK + PIN["1234"], "9000"),
        ("A0200009", "6B00"),
    )
