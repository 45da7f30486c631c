"""Columns on a terminal: Chinese is two wide, colours take no room, long texts go on below."""

import io

import pytest

from agent.cli.table import columns, paint, printable, width, wrapped

LONG = "registered, home network, lte, TAC 00A1, CI 01A2B301"
CHINESE = (
    "\u88ab\u62d2\u7edd\uff0c\u62d2\u7edd\u539f\u56e0 8 \u4e0d\u5141\u8bb8"
    " EPS \u4e1a\u52a1\u548c\u975e EPS \u4e1a\u52a1"
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_width_counts_chinese_twice_and_colours_not_at_all(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert width("\u5361 SIM\uff0c") == 8
    assert width(paint("ready", "good", Terminal())) == 5


def test_colours_are_for_terminals_and_those_who_want_them(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert paint("x", "bad", io.StringIO()) == "x"
    assert paint("x", "bad", Terminal()) == "\x1b[31mx\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert paint("x", "bad", Terminal()) == "x"


@pytest.mark.parametrize("limit", [40, 48, 60, 80])
@pytest.mark.parametrize("text", [LONG, CHINESE], ids=["English", "Chinese"])
def test_no_line_is_wider_than_the_screen_and_nothing_is_lost(limit, text):
    lines = columns([("\u8fd0\u8425\u5546 (ICCID)", "1"), ("b", text)], limit=limit)
    assert max(map(width, lines)) <= limit
    assert "".join("".join(lines).split()).endswith("".join(text.split()))


def test_without_a_terminal_a_row_is_one_line():
    assert columns([("a", LONG * 9)]) == [f"  a  {LONG * 9}"]


def test_a_line_of_chinese_does_not_begin_with_a_comma():
    for limit in range(6, 40):
        assert not any(line.startswith("\uff0c") for line in wrapped(CHINESE, limit))


def test_a_word_that_is_longer_than_the_line_stays_whole():
    assert wrapped("to /dev/serial/by-id/usb-Quectel", 10) == [
        "to",
        "/dev/serial/by-id/usb-Quectel",
    ]


def test_characters_that_cannot_be_seen_are_replaced():
    assert printable("a\x1b[2J\n\u202eb") == "a\ufffd[2J\ufffd\ufffdb"
