"""`simward sim decode` as a user sees it; the bytes are our own, made after the clauses."""

import json

import pytest

from agent.cli import main
from agent.i18n import set_language


@pytest.fixture(autouse=True)
def _english():
    yield
    set_language("en")


def decode(capsys, *arguments):
    """(exit code, value, what was said on standard error)."""
    code = main(["--lang", "en", "sim", "decode", *arguments, "--json"])
    told = capsys.readouterr()
    return code, json.loads(told.out)["value"] if told.out else None, told.err


GOOD = [
    ("EF.IMSI", "080910101032547698", {"imsi": "001010123456789"}),
    ("EF.IMSI", "0801101010325476F8FF", {"imsi": "00101012345678"}),
    ("EF.IMSI", "08FFFFFFFFFFFFFFFF", {"imsi": None}),
    ("EF.ICCID", "980001010000000000FF", {"iccid": "890010100000000000"}),
    (
        "EF.AD",
        "0100000300",
        {"ms_operation_mode": "normal_and_specific_facilities", "mnc_length": 3},
    ),
    (
        "EF.FPLMN",
        "130014FFFFFF64F000",
        {"plmns": [{"mcc": "310", "mnc": "410"}, {"mcc": "460", "mnc": "00"}]},
    ),
    (
        "EF.LOCI",
        "FFFFFFFF130014ABCDFF02",
        {
            "tmsi": None,
            "lai": {"mcc": "310", "mnc": "410", "lac": "ABCD"},
            "status": "plmn_not_allowed",
        },
    ),
    (
        "EF.PLMNwAcT",
        "13001480800000000000",
        {
            "entries": [
                {"mcc": "310", "mnc": "410", "act": ["utran", "gsm", "ec_gsm_iot"]},
                {"mcc": "000", "mnc": "000", "act": []},
            ]
        },
    ),
    (
        "EF.MSISDN",
        "81031041C2C3FFFF05A11032547698FFFFFFFFFFFFFF",
        {"alpha": "A\u0842\u0843", "number": "01234567", "ton_npi": "A1", "empty": False},
    ),
    (
        "EF.MSISDN",
        "82030410C2C341FF04811A2BFCFFFFFFFFFFFFFFFF02",
        {"alpha": "\u0452\u0453A", "number": "*1#2p", "ton_npi": "81", "empty": False},
    ),
    (
        "EF.MSISDN",
        "001B65021103FFFF02812BFFFFFFFFFFFFFFFFFFFFFF",
        {"alpha": "@\u20ac$_\u00a5", "number": "#2", "ton_npi": "81", "empty": False},
    ),
    (
        "EF.SPN",
        "0380624B8BD5FFFFFFFFFFFFFFFFFFFFFF",
        {"spn": "\u624b\u8bd5", "hide_in_oplmn": True, "show_in_hplmn": True},
    ),
    ("EF.DIR", "610E4F05A0000000875005414263FFFF", {"aid": "A000000087", "label": "ABc"}),
    (
        "EF.DIR",
        "61124F10A0000000871002FFFFFFFF8907090000",
        {"aid": "A0000000871002FFFFFFFF8907090000", "label": None},
    ),
    ("EF.DIR", "610E4F05A00000008773055003414243FFFF", {"aid": "A000000087", "label": None}),
    ("EF.ACC", "0400", {"classes": [10]}),
    (
        "EF.SMS",
        "05069110900000F11105048121430000AA05E8329BFD06",
        {
            "status": "stored_sent",
            "pdu": "069110900000F11105048121430000AA05E8329BFD06",
            "address": "1234",
            "text": "hello",
        },
    ),
    (
        "EF.SMS",
        "0100040DD0D4F29C0E6AD7E9000062112201020300024834",
        {
            "status": "received_read",
            "pdu": "00040DD0D4F29C0E6AD7E9000062112201020300024834",
            "address": "Test mu",
            "text": "Hh",
        },
    ),
    (
        "EF.OPL",
        "13001400010002FF",
        {"mcc": "310", "mnc": "410", "lac_min": "0001", "lac_max": "0002", "pnn_record": None},
    ),
    ("EF.PNN", "430590004D0065450590004D0066", {"full_name": "Me", "short_name": "Mf"}),
]


@pytest.mark.parametrize(
    ("file", "content", "value"), GOOD, ids=[f"{file}-{content[:16]}" for file, content, _ in GOOD]
)
def test_bytes_of_a_file_become_the_fields_of_the_contract(capsys, file, content, value):
    assert decode(capsys, file, content) == (0, value, "")


BAD = [
    ("EF.IMSI", "0809101010", 5),
    ("EF.IMSI", "07091010103254F6FF", 7),
    ("EF.LOCI", "FFFFFFFF130014ABCDFF", 10),
    ("EF.EPSLOCI", "0BF664F000800101C2AB34CD64F000ABCD", 17),
    ("EF.PSLOCI", "FFFFFFFFFFFFFFFFFFFF0000FF", 13),
    ("EF.FPLMN", "130014FFFFFF13A014", 7),
    ("EF.AD", "0000", 2),
    ("EF.ICCID", "98684010325476", 7),
    ("EF.PL", "7A688068", 2),
    ("EF.DIR", "61064F04A0000000", 2),
    ("EF.MSISDN", "FF0C8121436587092143658709FFFF", 1),
    ("EF.SMS", "01FFFFFFFF", 5),
]


@pytest.mark.parametrize(("file", "content", "offset"), BAD, ids=[f"{f}-{c}" for f, c, _ in BAD])
def test_bad_bytes_are_exit_4_and_name_file_and_offset(capsys, file, content, offset):
    code, value, told = decode(capsys, file, content)
    assert (code, value) == (4, None)
    assert told.startswith(f"simward: {file}: offset {offset}: ")
    assert told.count("\n") == 1


EVERY_FILE = [
    "EF.ICCID",
    "EF.IMSI",
    "EF.AD",
    "EF.SPN",
    "EF.MSISDN",
    "EF.ADN",
    "EF.FDN",
    "EF.SDN",
    "EF.LND",
    "EF.LOCI",
    "EF.PSLOCI",
    "EF.EPSLOCI",
    "EF.FPLMN",
    "EF.HPLMNwAcT",
    "EF.PLMNwAcT",
    "EF.OPLMNwAcT",
    "EF.ACC",
    "EF.UST",
    "EF.EST",
    "EF.IST",
    "EF.SST",
    "EF.DIR",
    "EF.PL",
    "EF.LI",
    "EF.ARR",
    "EF.SMS",
    "EF.SMSP",
    "EF.ECC",
    "EF.GID1",
    "EF.GID2",
    "EF.PNN",
    "EF.OPL",
    "EF.HPPLMN",
]


def leaves(value):
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in leaves(member)]
    return [value]


@pytest.mark.parametrize("name", EVERY_FILE)
def test_every_file_of_the_contract_can_be_named_in_three_ways_and_be_unset(capsys, name):
    blank = "FF" * 32
    code, value, _ = decode(capsys, name, blank)
    assert code == 0
    assert all(leaf in (None, []) or leaf is True for leaf in leaves(value))
    assert decode(capsys, name.replace(".", "_").lower(), blank)[:2] == (0, value)
    assert main(["sim", "decode", name, blank, "--json"]) == 0
    fid = json.loads(capsys.readouterr().out)["fid"]
    assert main(["sim", "decode", fid.lower(), blank, "--json"]) == 0


@pytest.mark.parametrize("name", EVERY_FILE)
def test_no_byte_at_all_is_no_file(capsys, name):
    code, _, told = decode(capsys, name, "")
    assert code == 4
    assert told.startswith(f"simward: {name}: offset 0: ")


def test_a_message_shows_neither_number_nor_pdu_unless_full(capsys):
    pdu = "069110900000F1240B919909000000F100006211220102030004D4F29C0E"
    main(["--lang", "en", "sim", "decode", "EF.SMS", "01" + pdu])
    masked = capsys.readouterr().out
    main(["--lang", "en", "sim", "decode", "EF.SMS", "01" + pdu, "--full"])
    full = capsys.readouterr().out
    assert pdu in full
    assert "+99900000001" in full
    assert "99900000" not in masked
    assert "9909000000" not in masked
    assert "Test" in masked


def test_what_moves_a_cursor_is_not_sent_to_the_terminal(capsys):
    name = "80001B005B00320041FFFFFFFFFFFFFF"  # ESC [ 2 A in UCS2
    main(["--lang", "en", "sim", "decode", "EF.SPN", "00" + name])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\ufffd[2A" in out


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["\u4f4d\u7f6e\u533a", "460 00 LAC 1A2B", "\u4f4d\u7f6e\u533a\u4e0d\u5141\u8bb8"]),
        ("en", ["location area", "460 00 LAC 1A2B", "location area not allowed"]),
    ],
)
def test_people_read_words_not_names_of_fields(capsys, lang, words):
    main(["--lang", lang, "sim", "decode", "EF.LOCI", "FFFFFFFF64F0001A2BFF03"])
    out = capsys.readouterr().out
    assert [word for word in words if word not in out] == []
    assert "location_area_not_allowed" not in out


def test_a_directory_says_which_of_two_files_is_meant(capsys):
    assert decode(capsys, "EF.ECC", "11F2FF00")[1] == {"number": "112"}
    assert decode(capsys, "DF.GSM/EF.ECC", "11F2FF19F1FF")[1] == {"numbers": ["112", "911"]}
    assert decode(capsys, "df.5gs/4f01", "FF" * 19 + "01")[1]["status"] == "not_updated"
    code, _, told = decode(capsys, "DF.GSM/EF.UST", "01")
    assert (code, told) == (2, "simward: DF.GSM/EF.UST: no card file that simward decodes\n")


def test_a_file_whose_identifier_the_card_chooses_has_none(capsys):
    assert main(["sim", "decode", "EF.ANR", "FF" * 15, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fid"] is None
    main(["--lang", "en", "sim", "decode", "EF.ANR", "FF" * 15])
    assert capsys.readouterr().out.startswith("EF.ANR\n")


@pytest.mark.parametrize("name", ["EF.Keys", "6F08", "EF.EPSNSC", "DF.GSM/EF.Kc"])
def test_what_holds_keys_is_not_decoded(capsys, name):
    assert decode(capsys, name, "07" * 33)[0] == 2


def test_services_are_numbers_for_programs_and_names_for_people(capsys):
    assert decode(capsys, "EF.UST", "02")[1] == {"services": [2]}
    main(["--lang", "zh", "sim", "decode", "EF.UST", "0200000000000000000000000000000040"])
    out = capsys.readouterr().out
    assert "2 固定拨号（FDN）" in out
    assert "、135 " in out


def test_rules_are_said_in_words(capsys):
    rules = "8001019000800102A010A406830181950108A40683010A950108840132A406830101950108"
    main(["--lang", "en", "sim", "decode", "EF.ARR", rules])
    assert "read always; update PIN2 or ADM1; increase PIN1" in capsys.readouterr().out
