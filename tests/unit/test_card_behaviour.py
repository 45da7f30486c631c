"""What a simulated card does beyond reading: rights, writing, the toolkit, damage, an eUICC."""

from pathlib import Path

import pytest

from sim.simulator import SimulatedCard

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
VERIFY, SELECT, UPDATE_RECORD = 0x20, 0xA4, 0xDC
PIN1 = "0020000108" + "31323334FFFFFFFF"
PIN2 = "0020008108" + "35363738FFFFFFFF"
ADM = "0020000A08" + "3838383838383838"
USIM = "00A4040C07A0000000871002"


def shipped(name):
    return SimulatedCard.from_toml(CARDS / f"{name}.toml")


def card(*files, **words):
    identity = {"iccid": "89001010000000000018", "imsi": "001010123456789", "mnc_length": 2}
    return SimulatedCard.load({"name": "t", "identity": identity, "file": list(files), **words})


def say(target, *dialogue):
    for command, expected in dialogue:
        assert target.transmit(bytes.fromhex(command)).hex().upper() == expected, command


def record_file(structure, **words):
    return {"path": "MF/6F44", "records": ["A1", "B2", "C3"], "structure": structure, **words}


def test_records_are_read_one_after_the_other_and_a_linear_file_has_an_end():
    say(
        card(record_file("linear_fixed")),
        ("00A4000C026F44", "9000"),
        ("00B2000401", "6A83"),  # the current record: there is none yet
        ("00B2000201", "A19000"),
        ("00B2000201", "B29000"),
        ("00B2000401", "B29000"),
        ("00B2030401", "C39000"),
        ("00B2000201", "C39000"),  # a number does not move the pointer
        ("00B2000201", "6A83"),
        ("00B2000301", "B29000"),
        ("00A4000C026F44", "9000"),
        ("00B2000301", "C39000"),
        ("00B2000501", "6A86"),
    )


def test_a_cyclic_file_has_no_end_and_its_newest_record_is_the_first():
    say(
        card(record_file("cyclic", update="always")),
        ("00A4000C026F44", "9000"),
        ("00B2000301", "C39000"),
        ("00B2000201", "A19000"),
        ("00DC000301D4", "9000"),
        ("00B2000401", "D49000"),
        ("00B2000201", "A19000"),
        ("00DC000302D4D5", "6700"),
        ("00DC000201D4", "6A86"),
    )


def test_records_of_a_linear_file_are_written_by_number_and_by_pointer():
    target = card(record_file("linear_fixed", update="always"))
    say(
        target,
        ("00A4000C026F44", "9000"),
        ("00DC020401D4", "9000"),
        ("00DC000201E5", "9000"),
        ("00DC040401E5", "6A83"),
    )
    assert [r.hex() for r in target.file("6F44").records] == ["e5", "d4", "c3"]


def test_a_short_identifier_names_a_file_of_records():
    say(
        card({"path": "MF/2F44", "records": ["A1", "B2"], "sfi": 9}),
        ("00B2024C01", "B29000"),
        ("00B2025401", "6A82"),
    )


RIGHTS = {
    "always": ("always", []),
    "pin1": ("pin1", [PIN1]),
    "pin2": ("pin2", [PIN2]),
    "adm": ("adm", [ADM]),
    "either of two, by one": ("pin2 or adm", [PIN2]),
    "either of two, by the other": ("pin2 or adm", [ADM]),
}


@pytest.mark.parametrize(("words", "keys"), RIGHTS.values(), ids=RIGHTS)
def test_a_file_is_written_by_who_may_and_by_nobody_else(words, keys):
    file = {"path": "ADF.USIM/6F7B", "hex": "FFFFFF", "update": words}
    target = card(file, pin1={"enabled": True})
    say(target, (USIM, "9000"), ("00A4000C026F7B", "9000"))
    if words != "always":
        say(target, ("00D600000300F110", "6982"))
    for key in keys:
        say(target, (key, "9000"))
    say(target, ("00D600000300F110", "9000"), ("00B0000003", "00F1109000"))


def test_never_is_never():
    target = card({"path": "MF/6F7B", "hex": "FF", "read": "never", "update": "never"})
    say(target, (PIN1, "9000"), (PIN2, "9000"), (ADM, "9000"), ("00A4000C026F7B", "9000"))
    say(target, ("00B0000001", "6982"), ("00D600000100", "6982"))


def test_a_word_that_is_no_right_is_refused():
    with pytest.raises(ValueError, match="no such right: chv1"):
        card({"path": "MF/6F7B", "hex": "FF", "read": "chv1"})


def test_the_fcp_names_the_rule_and_the_rule_says_who_may():
    file = {"path": "ADF.USIM/6F7B", "hex": "FF", "read": "pin1", "update": "pin2 or adm"}
    target = card(file)
    say(target, (USIM, "9000"), ("00A40004026F7B", "6118"))
    fcp = target.transmit(bytes.fromhex("00C0000018"))
    at = fcp.index(bytes.fromhex("8B036F06"))
    rule = target.file("A0000000871002/6F06").records[fcp[at + 4] - 1].hex().upper()
    assert rule.startswith(
        "800101A406830101950108" + "800102A010A406830181950108A40683010A950108" + "800118"
    )


REAL_RULES = {
    # The records of EF.ARR that real sample cards have (osmocom/pysim test suite).
    "read always, write PIN1": (
        "8001019000800102A406830101950108800158A40683010A950108",
        "always",
        "pin1",
    ),
    "both PIN1": ("800103A406830101950108800158A40683010A950108FFFF", "pin1", "pin1"),
    "write PIN2 or ADM": (
        "800101A406830101950108800102A010A406830181950108A40683010A950108",
        "pin1",
        "pin2 or adm",
    ),
    "read always, write never": ("80010190008001029700800118A40683010A950108", "always", "never"),
    "an instruction comes before": ("840132A406830101950108800103A406830101950108", "pin1", "pin1"),
}
KEYS = {"pin1": PIN1, "pin2": PIN2, "adm": ADM}


@pytest.mark.parametrize(("record", "read", "update"), REAL_RULES.values(), ids=REAL_RULES)
def test_the_rules_of_real_cards_are_kept(record, read, update):
    def made():
        target = SimulatedCard.from_files(
            [
                {"fids": "3f00/2f06", "records": {"1": record}, "structure": "linear_fixed"},
                {"fids": "3f00/6f7b", "raw_hex": "ff", "fcp": "6205" + "8b032f0601"},
            ]
        )
        target.switch_pin("1234", enabled=True)
        target.reset()
        say(target, ("00A4000C026F7B", "9000"))
        return target

    for command, words in (("00B0000001", read), ("00D6000001FF", update)):
        for key, shown in KEYS.items():
            target = made()
            say(target, (shown, "9000"))
            may = words == "always" or key in words.split(" or ")
            assert (target.transmit(bytes.fromhex(command))[-2:] == b"\x90\x00") == may, (
                key,
                command,
            )


def test_compact_rules_and_those_of_class_a0_are_kept_too():
    target = SimulatedCard.from_files(
        [
            {"fids": "3f00/6f7e", "raw_hex": "aa", "fcp": "6209" + "8c07bb1a1a11111111"},
            {"fids": "3f00/6f07", "raw_hex": "bb", "fcp": "000000016f07040014ff4401020000"},
        ]
    )
    target.switch_pin("1234", enabled=True)
    target.reset()
    say(target, ("00A4000C026F7E", "9000"), ("00B0000001", "6982"), ("A0A40000026F07", "9F0F"))
    say(target, ("A0B0000001", "9804"), (PIN1, "9000"), ("A0B0000001", "BB9000"))
    say(target, ("A0D6000001CC", "9804"), (ADM, "9000"), ("A0D6000001CC", "9000"))
    say(target, ("00A4000C026F7E", "9000"), ("00D6000001CC", "9000"))


def test_a_deactivated_file_is_found_and_not_read():
    target = shipped("usim_isim")
    say(target, (USIM, "9000"), ("00A40004026F3E", "6283"))
    fcp = target.transmit(bytes.fromhex("00C0000018"))
    assert bytes.fromhex("8A0104") in fcp
    say(target, ("00B0000001", "6984"), ("A0A40000027F20", "9404"))


def test_selection_takes_the_next_application_with_the_same_beginning():
    target = shipped("usim_isim")
    say(
        target,
        ("00A4040C05A000000087", "9000"),
        ("80F2000112", "8410A0000000871002FF86FF0389FFFFFFFF9000"),
        ("00A4040E05A000000087", "9000"),
        ("80F2000112", "8410A0000000871004FF86FF0389FFFFFFFF9000"),
        ("00A4040E05A000000087", "6A82"),
        ("00A4030C", "9000"),
        ("00A4030C", "6A82"),
    )


def test_a_channel_opened_from_another_one_stands_where_that_one_stands():
    say(
        shipped("euicc"),
        ("0070000001", "019000"),
        ("01A4000C022FE2", "9000"),
        ("0170000001", "029000"),
        ("02B000000A", "980001010000000000579000"),
        ("0070000001", "039000"),
        ("0070000001", "049000"),
        ("0070000001", "6A81"),
        ("40A4000C022FE2", "9000"),
        ("40B000000A", "980001010000000000579000"),
        ("0C70000001", "6882"),
        ("60B000000A", "6E00"),
    )


def test_a_proactive_command_waits_until_it_was_fetched_and_answered():
    more_time = "D009810301020082028182"
    target = card(behaviour={"proactive": [more_time]})
    response = "810301020002028281030100"
    say(
        target,
        ("00A4000C022FE2", "910B"),
        ("00B000000A", "98000101000000000081910B"),
        ("80140000" + "0C" + response, "6985"),
        ("801200000C", "6C0B"),
        ("801200000B", more_time + "9000"),
        ("00B000000A", "980001010000000000819000"),
        ("80140000" + "0C" + response, "9000"),
        ("801200000B", "6985"),
    )
    assert [each.hex() for each in target.terminal_responses] == [response]


def test_the_issuers_key_has_tries_and_no_puk():
    wrong = "0020000A08" + "30" * 8
    say(card(), ("0020000A00", "63C3"), (wrong, "63C2"), ("002C000A00", "6984"), (ADM, "9000"))


def test_a_challenge_is_never_believed():
    challenge = "0088008122" + "10" + "00" * 16 + "10" + "00" * 16
    say(card(pin1={"enabled": True}), (USIM, "9000"), (challenge, "6982"), (PIN1, "9000"))
    say(card(), (USIM, "9000"), (challenge, "9862"), ("A088000010" + "00" * 16, "6D00"))


def test_what_a_card_was_asked_is_counted_and_kept_in_order():
    target = card()
    say(target, ("00A4000C022FE2", "9000"), ("0020000100", "63C3"), ("00A4000C022FE3", "6A82"))
    assert (target.asked(SELECT), target.asked(VERIFY), target.asked(UPDATE_RECORD)) == (2, 1, 0)
    assert [(a.command.hex(), a.answer.hex()) for a in target.log][1:] == [
        ("0020000100", "63c3"),
        ("00a4000c022fe3", "6a82"),
    ]


def test_a_failing_card_fails_at_its_files_and_then_for_good_until_it_is_reset():
    target = shipped("failing")
    say(target, (USIM, "9000"), ("00A4000C026F46", "9000"), ("00B0000011", "6581"))
    say(target, ("00A4000C026F78", "9000"), ("00B0000002", "6F00"), ("00A4000C026F7B", "9000"))
    garbage = target.transmit(bytes.fromhex("00B000000C"))
    assert garbage not in {b"", bytes.fromhex("FFFFFFFFFFFFFFFFFFFFFFFF9000")}
    say(target, ("00B000000C", "FFFFFFFFFFFFFFFFFFFFFFFF9000"))
    for _ in range(52):
        assert target.transmit(bytes.fromhex("80F2000C00")) == b"\x90\x00"
    say(target, ("80F2000C00", ""))
    target.reset()
    say(target, ("80F2000C00", "9000"))


def test_a_card_that_is_pulled_answers_nothing_until_it_is_back():
    target = card(fault=[{"after": 2, "answer": "pulled", "times": 1}])
    say(target, ("80F2000C00", "9000"), ("80F2000C00", "9000"), ("80F2000C00", ""))
    assert not target.present
    target.insert()
    say(target, ("80F2000C00", "9000"))


@pytest.mark.parametrize("fault", [{"answer": "65XY"}, {"answer": "none", "ins": "read"}])
def test_a_fault_that_is_none_is_refused(fault):
    with pytest.raises(ValueError, match="invalid literal"):
        card(fault=[fault])


# eUICC

ISD_R = "01A4040010A0000005591010FFFFFFFF8900000100"


def eu(name="euicc"):
    target = shipped(name)
    say(target, ("0070000001", "019000"))
    assert target.transmit(bytes.fromhex(ISD_R))[0] == 0x61
    return target


def stored(target, data):
    body = bytes.fromhex(data)
    answer = target.transmit(bytes.fromhex("81E29100") + bytes((len(body),)) + body + b"\x00")
    whole = b""
    while answer[-2] == 0x61:
        answer = target.transmit(bytes.fromhex("01C00000") + answer[-1:])
        whole += answer[:-2]
    assert answer[-2:] == b"\x90\x00"
    return whole.hex().upper()


def test_an_euicc_tells_its_eid_and_its_servers():
    target = eu()
    assert stored(target, "BF3E035C015A") == "BF3E125A1089001012012341234012345678901224"
    smdp, smds = (name.encode().hex().upper() for name in ("smdp.example.com", "smds.example.com"))
    assert stored(target, "BF3C00") == f"BF3C248010{smdp}8110{smds}"


def test_an_euicc_lists_its_profiles_and_which_one_is_enabled():
    listed = stored(eu(), "BF2D00")
    assert "5A0A98000101000000000057" in listed
    assert listed.count("9F700101") == 1
    assert listed.count("9F700100") == 1
    assert b"IoT 100".hex().upper() in listed
    assert listed.endswith("950101")


def test_a_profile_exchanged_behind_our_back_is_another_card_that_asks_for_a_refresh():
    target = eu()
    before = target.iccid
    target.enable_profile("89001010000000000091")
    assert (before, target.iccid) == ("89001010000000000075", "89001010000000000091")
    say(target, ("00A4000C022FE2", "910B"), ("801200000B", "D0098103010104820281829000"))
    target.enable_profile(None)
    assert (target.iccid, target.imsi) == (None, None)
    say(target, ("00A4000C022FE2", "6A82"))
    with pytest.raises(KeyError):
        target.enable_profile("89001010000000000018")
    with pytest.raises(KeyError):
        card().enable_profile(None)


def test_without_an_enabled_profile_there_is_an_eid_and_no_iccid():
    target = eu("euicc_empty")
    say(target, ("00A4000C022FE2", "6A82"), ("00A4000C022F00", "6A82"))
    assert stored(target, "BF3E035C015A").endswith("89001012012341234012345678901321")
    assert "9F700100" in stored(target, "BF2D00")


def test_store_data_comes_in_blocks_and_to_the_isd_r_alone():
    target = eu()
    say(target, ("81E2110003BF3E03", "9000"), ("81E29101035C015A", "6115"))
    say(target, ("81E2910003BF2000", "6A88"), ("81E2000003BF2000", "6A86"))
    say(shipped("usim_test"), ("80E2910003BF2000", "6D00"))
