"""APDUs have the four short forms, and what does not only read cannot be written down."""

import pytest

from sim.apdu import (
    CLA_GSM,
    CommandApdu,
    ResponseApdu,
    close_channel,
    get_response,
    open_channel,
    read_binary,
    read_record,
    select_by_aid,
    select_by_fid,
    select_by_path,
    status,
)
from sim.errors import ApduProtocolError, StatusWordError
from sim.exchange import checked
from sim.status_words import is_class_refused, is_not_found, meaning

WRITTEN = {
    "case 1": (CommandApdu(0x00, 0xA4, 0x00, 0x0C), "00A4000C00"),
    "case 2": (read_binary(0, 9), "00B0000009"),
    "case 2, 256 bytes": (read_binary(0x0102, 256), "00B0010200"),
    "case 3, UICC": (select_by_fid(0x3F00), "00A40004023F00"),
    "case 3, SIM": (select_by_fid(0x2FE2, CLA_GSM), "A0A40000022FE2"),
    "case 4": (CommandApdu(0x00, 0xA4, 0x04, 0x04, b"\xa0\x01", 256), "00A4040402A00100"),
    "by AID": (select_by_aid(bytes.fromhex("A0000000871002")), "00A4040407A0000000871002"),
    "by path": (select_by_path((0x7F20, 0x6F07)), "00A40804047F206F07"),
    "record": (read_record(3, 28), "00B203041C"),
    "get response": (get_response(256), "00C0000000"),
    "status": (status(), "80F2000000"),
    "open channel": (open_channel(), "0070000001"),
    "close channel": (close_channel(2), "0070800200"),
}


@pytest.mark.parametrize(("command", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_a_command_is_written_in_its_short_form(command, expected):
    assert command.to_bytes().hex().upper() == expected


@pytest.mark.parametrize(
    "ins",
    [
        0x20,
        0x24,
        0x26,
        0x28,
        0x2C,
        0xD6,
        0xDC,
        0x88,
        0x89,
        0xE4,
        0x04,
        0x44,
        0xFE,
        0xE6,
        0xE2,
        0x32,
    ],
    ids=lambda ins: f"{ins:02X}",
)
def test_an_instruction_that_burns_a_retry_or_writes_is_refused(ins):
    with pytest.raises(ApduProtocolError, match=f"{ins:02X}"):
        CommandApdu(0x00, ins, 0x00, 0x01, b"1234\xff\xff\xff\xff")


@pytest.mark.parametrize(
    "arguments",
    [(0x100, 0xB0, 0, 0), (0, 0xB0, -1, 0), (0, 0xA4, 0, 0, bytes(256)), (0, 0xB0, 0, 0, b"", 257)],
    ids=["CLA", "P1", "data", "Le"],
)
def test_a_value_out_of_range_is_refused(arguments):
    with pytest.raises(ApduProtocolError):
        CommandApdu(*arguments)


def test_an_offset_beyond_15_bits_is_refused():
    with pytest.raises(ApduProtocolError):
        read_binary(0x8000, 1)


def test_a_response_is_data_and_a_status_word():
    response = ResponseApdu.from_bytes(bytes.fromhex("98014491F2"))
    assert (response.data, response.sw) == (bytes.fromhex("980144"), 0x91F2)
    assert (response.sw1, response.sw2) == (0x91, 0xF2)


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_a_response_without_a_status_word_is_a_protocol_error(raw):
    with pytest.raises(ApduProtocolError):
        ResponseApdu.from_bytes(raw)


def test_an_error_names_command_and_status_word_but_no_data():
    command = select_by_aid(bytes.fromhex("A0000000871002"))
    with pytest.raises(StatusWordError) as caught:
        checked(ResponseApdu(b"", 0x6A82), command.text)
    assert (caught.value.sw, caught.value.meaning) == (0x6A82, "file not found")
    assert "A0000000871002" not in str(caught.value)
    assert "SELECT" in str(caught.value)


@pytest.mark.parametrize(
    ("sw", "expected"),
    [
        (0x9000, "success"),
        (0x910F, "success, proactive command pending"),
        (0x63C2, "wrong PIN"),
        (0x63C0, "PIN blocked"),
        (0x6983, "PIN blocked"),
        (0x9804, "PIN or key required"),
        (0x9404, "file not found"),
        (0x6F12, "no diagnosis"),
        (0x1234, "unknown status word"),
    ],
    ids=lambda value: f"{value:04X}" if isinstance(value, int) else None,
)
def test_a_status_word_has_a_meaning(sw, expected):
    assert meaning(sw) == expected


def test_not_found_and_class_refused_are_told_from_other_refusals():
    assert is_not_found(0x6A82)
    assert is_not_found(0x9404)
    assert not is_not_found(0x6982)
    assert is_class_refused(0x6E00)
    assert not is_class_refused(0x6A82)
