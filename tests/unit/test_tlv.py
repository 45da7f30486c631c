"""TLV and what SELECT answers, of both kinds of cards."""

import pytest

from sim.errors import FileDecodeError
from sim.fcp import FileInfo, parse_fcp, parse_gsm_select
from sim.tlv import read_tlvs, write_tlv

BROKEN = {
    "no length": ("62", 1),
    "runs over the end": ("620380", 0),
    "inner value runs over the end": ("6203800401", 2),
    "length of lengths missing": ("6282", 1),
    "indefinite length": ("6280800100", 1),
    "unfinished tag": ("9F", 0),
    "another template": ("61028000", 0),
    "nothing": ("", 0),
}


@pytest.mark.parametrize(("raw", "offset"), BROKEN.values(), ids=BROKEN)
def test_a_broken_fcp_names_the_offset(raw, offset):
    with pytest.raises(FileDecodeError) as caught:
        parse_fcp(bytes.fromhex(raw))
    assert caught.value.offset == offset


@pytest.mark.parametrize("size", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF])
@pytest.mark.parametrize("tag", [0x4F, 0x9F65, 0x5F2D])
def test_what_is_written_is_read(tag, size):
    written = write_tlv(tag, b"\x01" * size)
    (tlv,) = read_tlvs(b"\xff\xff" + written + b"\xff")
    assert (tlv.tag, tlv.value, tlv.offset) == (tag, b"\x01" * size, 2)


def test_a_value_of_more_than_64_kib_is_refused():
    with pytest.raises(ValueError, match="65535"):
        write_tlv(0x80, bytes(0x10000))


FCPS = {
    "transparent, no SFI": (
        "62168202412183026F078A01058B036F060B800200098800",
        FileInfo("transparent", 0x6F07, 9, life_cycle="activated", access=(0x6F06, 11)),
    ),
    "linear fixed, SFI by the FID": (
        "62178205422100280283022F008A01058B032F060880020050",
        FileInfo(
            "linear_fixed", 0x2F00, 80, 40, 2, sfi=0, life_cycle="activated", access=(0x2F06, 8)
        ),
    ),
    "cyclic, SFI": (
        "62168205462100030383026F398A01048B036F06078801E0",
        FileInfo(
            "cyclic",
            0x6F39,
            None,
            3,
            3,
            sfi=28,
            life_cycle="deactivated",
            access=(0x6F06, 7),
        ),
    ),
    "access rule by security environment": (
        "62138202412183026F068A01058B066F0601020003",
        FileInfo("transparent", 0x6F06, None, sfi=6, life_cycle="activated", access=(0x6F06, 2)),
    ),
    "access rule by security environment, PIN1 off first": (
        "62138202412183026F068A01058B066F0600030102",
        FileInfo("transparent", 0x6F06, None, sfi=6, life_cycle="activated", access=(0x6F06, 2)),
    ),
    "access rule by its number alone": (
        "620B8202412183026F078B0103",
        FileInfo("transparent", 0x6F07, sfi=7, access=(0x6F06, 3)),
    ),
    "access rule in itself, compact": (
        "620D8202412183026F078C03031090",
        FileInfo(
            "transparent",
            0x6F07,
            sfi=7,
            rules=(
                {"access": ["update"], "condition": "user_auth"},
                {"access": ["read"], "condition": "user_auth"},
            ),
        ),
    ),
    "access rule in itself, expanded": (
        "620F8202412183026F07AB058001019000",
        FileInfo(
            "transparent",
            0x6F07,
            sfi=7,
            rules=({"access": ["read"], "condition": "always"},),
        ),
    ),
    "directory": (
        "62158202782183027F208A01058B032F0606C60383010A",
        FileInfo("df", 0x7F20, life_cycle="activated", access=(0x2F06, 6)),
    ),
    "application": (
        "62148202782183027FF08407A00000008710028A010C",
        FileInfo("adf", 0x7FF0, aid=bytes.fromhex("A0000000871002"), life_cycle="terminated"),
    ),
    "security domain": (
        "6F108408A000000003000000A5049F6501FF",
        FileInfo("adf", aid=bytes.fromhex("A000000003000000")),
    ),
}


@pytest.mark.parametrize(("raw", "expected"), FCPS.values(), ids=FCPS)
def test_an_fcp_says_what_the_file_is(raw, expected):
    assert parse_fcp(bytes.fromhex(raw)) == expected


def gsm_rules(read, update, increase, activate, deactivate):
    named = {"read": read, "update": update, "increase": increase}
    named |= {"activate": activate, "deactivate": deactivate}
    return tuple({"access": [word], "condition": what} for word, what in named.items())


GSM = {
    "transparent": (
        "0000000A2FE2040005FF5501020000",
        FileInfo(
            "transparent",
            0x2FE2,
            10,
            life_cycle="activated",
            rules=gsm_rules("always", "adm_5", "never", "adm_5", "adm_5"),
        ),
    ),
    "linear fixed": (
        "00001E466F3A040011F0220102011F",
        FileInfo(
            "linear_fixed",
            0x6F3A,
            7750,
            31,
            250,
            life_cycle="activated",
            rules=gsm_rules("pin1", "pin1", "never", "pin2", "pin2"),
        ),
    ),
    "cyclic": (
        "0000000F6F39040012105501020303",
        FileInfo(
            "cyclic",
            0x6F39,
            15,
            3,
            5,
            life_cycle="activated",
            rules=gsm_rules("pin1", "pin2", "pin1", "adm_5", "adm_5"),
        ),
    ),
    "master file": (
        "0000125C3F000100000000000A9303020C00838A838A00",
        FileInfo("df", 0x3F00, pin1_enabled=False, pin1_retries=3, puk1_retries=10),
    ),
}


@pytest.mark.parametrize(("raw", "expected"), GSM.values(), ids=GSM)
def test_the_answer_of_class_a0_says_what_the_file_is(raw, expected):
    assert parse_gsm_select(bytes.fromhex(raw)) == expected


def test_an_answer_of_class_a0_that_is_cut_short_is_refused():
    with pytest.raises(FileDecodeError) as caught:
        parse_gsm_select(bytes.fromhex("0000000A2FE2040005FF"))
    assert caught.value.offset == 10


PIN_STATES = {
    "asked for": ("62 11 8202 7821 8302 3F00 C606 9001 80 83 01 01", True),
    "not asked for": ("62 11 8202 7821 8302 3F00 C606 9001 00 83 01 01", False),
    "the second of two": ("62 14 8202 7821 8302 3F00 C609 9001 40 830181 830101", True),
    "no PIN1 among them": ("62 11 8202 7821 8302 3F00 C606 9001 80 83 01 0A", None),
    "a status that is cut short": ("62 0C 8202 7821 8302 3F00 C601 90", None),
}


@pytest.mark.parametrize(("fcp", "enabled"), PIN_STATES.values(), ids=PIN_STATES)
def test_a_directory_says_whether_pin1_is_asked_for(fcp, enabled):
    content = bytes.fromhex(fcp.replace(" ", ""))
    body = content[2:]
    assert parse_fcp(bytes((0x62, len(body))) + body).pin1_enabled is enabled


def test_a_directory_of_class_a0_tells_pin1_and_its_tries():
    # The MF of a real sample card (osmocom/pysim test suite).
    info = parse_gsm_select(bytes.fromhex("0000125C3F000100000000000A9303020C00838A838A00"))
    assert (info.pin1_enabled, info.pin1_retries, info.puk1_retries) == (False, 3, 10)
    short = parse_gsm_select(bytes.fromhex("0000125C3F0001000000000000"[:26] + "00"))
    assert (short.structure, short.pin1_enabled) == ("df", None)
