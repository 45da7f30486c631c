import pytest

from modem.at.framer import Framer, Line, Overlong
from modem.at.syntax import (
    has_prefix,
    is_prefixed,
    prefix_of,
    split_fields,
    strip_prefix,
    to_hex,
    to_int,
    unquote,
)
from tests.unit.at_helpers import bytewise

# Line ends: V.250 defaults; echo ended `\r\r\n` by RM500U, `\r\n` by Air724UG; ATV0 ends with `\r`.
STREAMS = [
    pytest.param(b"\r\n+CSQ: 1,2\r\n\r\nOK\r\n", ["+CSQ: 1,2", "OK"], id="v250"),
    pytest.param(b"AT\r\r\nOK\r\n", ["AT", "OK"], id="cr_cr_lf"),
    pytest.param(b"AT\rOK\r", ["AT", "OK"], id="cr_only"),
    pytest.param(b"one\ntwo\n", ["one", "two"], id="lf_only"),
    pytest.param(b"\0\0\xff\0RDY\r\n", ["ÿ\0RDY"], id="power_up_noise"),
    pytest.param(b"\0\0RDY\0\r\n", ["RDY"], id="leading_nuls"),
    pytest.param('+COPS: 0,0,"中国移动"\r\n'.encode(), ['+COPS: 0,0,"中国移动"'], id="utf8"),
    pytest.param(b"caf\xe9\r\n", ["café"], id="latin1"),
    pytest.param(b" \r\n\t\r\n", [], id="blank_lines"),
]


@pytest.mark.parametrize(("data", "lines"), STREAMS)
def test_lines_are_the_same_whole_and_byte_by_byte(data, lines):
    wanted = [Line(text) for text in lines]
    assert Framer().feed(data) == wanted
    framer = Framer()
    assert [found for piece in bytewise(data) for found in framer.feed(piece)] == wanted


@pytest.mark.parametrize(("data", "lines"), STREAMS)
def test_trailing_bytes_wait_for_their_end(data, lines):
    framer = Framer()
    assert framer.feed(data + b"+CRE") == [Line(text) for text in lines]
    assert framer.feed(b"G: 1\r") == [Line("+CREG: 1")]


def test_a_line_of_the_longest_size_is_kept_and_a_longer_one_reported_once():
    framer = Framer(max_line=10)
    assert framer.feed(b"0123456789\r") == [Line("0123456789")]
    assert framer.feed(b"0123456789a") == []
    assert framer.feed(b"bcd") == []
    assert framer.feed(b"\rOK\r") == [Overlong(14), Line("OK")]


def test_memory_stays_bounded_without_a_line_end():
    framer = Framer(max_line=100)
    for _ in range(1000):
        framer.feed(b"x" * 99)
        assert len(framer._partial) <= 100


def test_a_prompt_has_no_line_end():
    framer = Framer()
    framer.feed(b"\r\n>")
    assert framer.take_prompt()
    assert not framer.take_prompt()
    assert framer.feed(b" \r\nOK\r\n") == [Line("OK")]


def test_text_behind_a_greater_sign_is_no_prompt():
    framer = Framer()
    framer.feed(b"> x")
    assert not framer.take_prompt()


@pytest.mark.parametrize(
    ("line", "prefix", "rest"),
    [
        pytest.param("+COPS:0,2", "+COPS", "0,2", id="no_space_FM350"),
        pytest.param("+GTDUALSIM : 0, x", "+GTDUALSIM", "0, x", id="space_before_colon_FM350"),
        pytest.param("%XCONNSTAT=2,3", "%XCONNSTAT", "2,3", id="equals_Nordic"),
        pytest.param("^REJINFO：46000,2", "^REJINFO", "46000,2", id="full_width_colon_Balong"),
        pytest.param("^NDISSTATQry:1", "^NDISSTATQRY", "1", id="case_Huawei"),
        pytest.param("+CREG: ", "+CREG", "", id="empty"),
        pytest.param("+CREGX: 1", "+CREG", None, id="longer_name"),
        pytest.param("+CREG", "+CREG", None, id="no_separator"),
        pytest.param("x+CREG: 1", "+CREG", None, id="not_at_the_head"),
    ],
)
def test_what_follows_a_prefix(line, prefix, rest):
    assert strip_prefix(line, prefix) == rest
    assert has_prefix(line, prefix) == (rest is not None)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("+creg: 1", "+CREG"),
        ("*ATREADY: 1", "*ATREADY"),
        ("$MYCCID: x", "$MYCCID"),
        ("+PBREADY", "+PBREADY"),
        ("+8613800000000", None),
        ("RDY", None),
        ("", None),
    ],
)
def test_the_name_at_the_head_of_a_line(line, name):
    assert prefix_of(line) == name
    assert is_prefixed(line) == (name is not None)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        pytest.param('1,"a,b",,(1,2)', ("1", "a,b", None, "(1,2)"), id="plain"),
        pytest.param('2,1,"0B,"0100701",7', ("2", "1", "0B", "0100701", "7"), id="Samsung_quotes"),
        pytest.param('0B",7', ("0B", "7"), id="quote_closed_only"),
        pytest.param('"0B,7', ("0B", "7"), id="quote_opened_only"),
        pytest.param('"",', ("", None), id="empty_quotes_are_a_value"),
        pytest.param('(1,"x)","c"),(2),,(0-4)', ('(1,"x)","c")', "(2)", None, "(0-4)"), id="lists"),
        pytest.param("(1,2", ("(1", "2"), id="open_parenthesis"),
        pytest.param(' 9, "99" ', ("9", "99"), id="blanks"),
        pytest.param("", (), id="nothing"),
        pytest.param("1,", ("1", None), id="trailing_comma"),
    ],
)
def test_fields_between_commas(text, fields):
    assert split_fields(text) == fields


def test_numbers_are_numbers_or_none():
    assert [to_int(t) for t in ("007", " -5 ", "", None, "1a", "²")] == [
        7,
        -5,
        None,
        None,
        None,
        None,
    ]
    assert [to_hex(t) for t in ("00A1", "fe", "", None, "xyz")] == [0xA1, 0xFE, None, None, None]
    assert unquote(' "a" ') == "a"
