import pytest

from modem.at.channel import (
    MAX_ANSWER,
    PROBES,
    Channel,
    Completed,
    Prompt,
    Refused,
    Resynced,
    Urc,
)
from modem.at.finals import is_ok, refusal
from modem.at.framer import Overlong
from modem.errors import AtUsageError, CmeError, CmsError
from tests.unit.at_helpers import Ask, bytewise, csq, feed, imsi, model

# (command, bytes, own lines, final, lines reported beside). Shapes from the field: ModemManager's
# test-at-serial-port.c, QModem's recordings, python-gsmmodem's fake modems, vendor manuals.
ANSWERS = [
    pytest.param(
        csq, b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n", ["+CSQ: 18,99"], "OK", [], id="echo_off"
    ),
    pytest.param(
        csq, b"AT+CSQ\r\r\n+CSQ: 18,99\r\n\r\nOK\r\n", ["+CSQ: 18,99"], "OK", [], id="echo_RM500U"
    ),
    pytest.param(
        csq, b"at+csq\r\n\r\n+CSQ: 18,99\r\nOK\r\n", ["+CSQ: 18,99"], "OK", [], id="echo_lower_case"
    ),
    pytest.param(
        csq, b"AT+CSQ\rAT+CSQ\r\r\n+CSQ: 1,9\r\nOK\r\n", ["+CSQ: 1,9"], "OK", [], id="echo_twice"
    ),
    pytest.param(
        csq, b"AT+CSQ+CSQ: 1,9\r\nOK\r\n", ["+CSQ: 1,9"], "OK", [], id="echo_glued_to_the_answer"
    ),
    pytest.param(
        csq, b"^RSSI:1AT+CSQ\r+CSQ: 1,9\r\nOK\r\n", ["+CSQ: 1,9"], "OK", ["^RSSI:1"], id="echo_late"
    ),
    pytest.param(
        imsi,
        b"^RSSI:14\r\n001010123456789\r\n^RSSI:15\r\nOK\r\n+CREG: 1\r\n",
        ["001010123456789"],
        "OK",
        ["^RSSI:14", "^RSSI:15", "+CREG: 1"],
        id="unsolicited_everywhere",
    ),
    pytest.param(csq, b"+CSQ: 1,9\r0\r", ["+CSQ: 1,9"], "0", [], id="atv0_ok"),
    pytest.param(csq, b"4\r", [], "4", [], id="atv0_error"),
    pytest.param(
        csq, b"+CMT: PRIVATE\r\nOK\r\n+CSQ: 18,0\r\nOK\r\n", ["+CSQ: 18,0"], "OK",
        ["+CMT: PRIVATE\nOK"], id="message_says_OK",
    ),
    pytest.param(
        csq, b"+CBM: 1,50,1,1,1\r\nERROR\r\n+CSQ: 18,0\r\nOK\r\n", ["+CSQ: 18,0"], "OK",
        ["+CBM: 1,50,1,1,1\nERROR"], id="broadcast_says_ERROR",
    ),
    pytest.param(
        csq, b'+CDS: 6,24,"10086",129\r\n+CSQ: 18,0\r\nOK\r\n', ["+CSQ: 18,0"], "OK",
        ['+CDS: 6,24,"10086",129'], id="report_in_text_mode_has_no_body",
    ),
    pytest.param(csq, b"ERRORS: none\r\nOK\r\n", [], "OK", ["ERRORS: none"], id="word_in_a_line"),
    pytest.param(
        csq, b"UNKNOWN COMMAND\r\nERROR\r\n", [], "ERROR", ["UNKNOWN COMMAND"], id="not_a_final"
    ),
    pytest.param(csq, b"ERROR\r\noooops\r\n", [], "ERROR", ["oooops"], id="text_behind_error"),
]  # fmt: skip


@pytest.mark.parametrize("cut", [lambda data: [data], bytewise], ids=["whole", "bytewise"])
@pytest.mark.parametrize(("command", "data", "lines", "final", "beside"), ANSWERS)
def test_an_answer_is_told_from_what_stands_beside_it(*, cut, command, data, lines, final, beside):
    channel = Channel()
    channel.send(command())
    events = feed(channel, cut(data))
    assert [e for e in events if isinstance(e, Completed)] == [
        Completed(tuple(lines), final, False)
    ]
    assert [e.line for e in events if isinstance(e, Urc)] == beside
    assert not channel.busy


# ModemManager src/tests/test-at-serial-port.c parse_ok_tests, parse_error_tests; Neoway M590;
# Huawei E1752; V.250 table 1 (unread).
@pytest.mark.parametrize(
    ("final", "ok"),
    [
        ("OK", True),
        ("OK ", True),
        ("ERROR", False),
        ("ERROR: 902", False),
        ("+CME ERROR: 123", False),
        ("+CME ERROR:10", False),
        ("+CME ERROR: invalid command line", False),
        ("+CMS ERROR: bananas", False),
        ("+CMS ERROR: ", False),
        ("MODEM ERROR: 5", False),
        ("COMMAND NOT SUPPORT", False),
        ("TOO MANY PARAMETERS", False),
    ],
)
def test_a_final_result_ends_the_answer(final, ok):
    channel = Channel()
    channel.send(csq())
    events = channel.receive_data(b"\r\n" + final.encode() + b"\r\n")
    assert events == [Completed((), final.strip(), False)]
    assert is_ok(final.strip()) is ok


CALL_ENDS = ["BUSY", "NO CARRIER", "NO DIALTONE", "NO ANSWER", "CONNECT 115200"]


@pytest.mark.parametrize("line", CALL_ENDS)
def test_the_end_of_a_call_ends_the_command_that_dialled(line):
    channel = Channel()
    channel.send(Ask("ATD*99#", may_dial=True))
    assert channel.receive_data(line.encode() + b"\r\n") == [Completed((), line, False)]


@pytest.mark.parametrize("line", CALL_ENDS)
def test_the_end_of_somebody_elses_call_ends_nothing(line):
    channel = Channel()
    channel.send(Ask("AT+CGMM", ".*"))
    events = channel.receive_data(line.encode() + b"\r\nEC25\r\nOK\r\n")
    assert events == [Urc(line), Completed(("EC25",), "OK", False)]
    assert not channel.fenced


@pytest.mark.parametrize(
    "line", ["+CME ERROR:", "+CMS ERROR:", "MODEM ERROR: ", "OKAY", "1", "0,1"]
)
def test_what_is_no_final_result_ends_nothing(line):
    channel = Channel()
    channel.send(csq())
    assert channel.receive_data(line.encode() + b"\r\n") == [Urc(line)]
    assert channel.busy


def test_a_digit_is_no_final_result_once_the_modem_spoke_in_words():
    channel = Channel()
    channel.send(csq())
    channel.receive_data(b"OK\r\n")
    channel.send(csq())
    assert channel.receive_data(b"0\r\n") == [Urc("0")]


def test_the_profile_adds_final_results_and_unsolicited_words():
    channel = Channel()
    channel.configure(extra_finals=("NOT NOW",), urc_prefixes=("PB DONE", "+QIND", "MODEM:"))
    channel.send(model())
    events = channel.receive_data(b"PB DONE\r\nMODEM:STARTUP\r\nEC25\r\nNOT NOW\r\n")
    assert events == [Urc("PB DONE"), Urc("MODEM:STARTUP"), Completed(("EC25",), "NOT NOW", False)]


def test_cme_and_cms_errors_carry_their_code():
    words = ({"SIM not inserted": 10}.get, {"SIM busy": 314}.get)
    error = refusal("AT+CPIN?", "+CME ERROR: SIM not inserted", *words)
    assert isinstance(error, CmeError)
    assert (error.code, error.final) == (10, "+CME ERROR: SIM not inserted")
    numbered = refusal("AT+CGACT=1,1", "+CME ERROR: 5847", *words)
    assert isinstance(numbered, CmeError)
    assert numbered.code == 5847
    message = refusal("AT+CMGS=41", "+CMS ERROR: 350", *words)
    assert isinstance(message, CmsError)
    assert message.code == 350
    spoken = refusal("AT+CMGS=41", "+CMS ERROR: SIM busy", *words)
    assert isinstance(spoken, CmsError)
    assert spoken.code == 314
    assert not isinstance(refusal("AT", "COMMAND NOT SUPPORT", *words), CmeError | CmsError)


@pytest.mark.parametrize("text", ["", "AT\r", "AT+CSQ\nAT", "AT+X=\x1a", "AT+X=é"])
def test_what_is_no_command_line_is_not_sent(text):
    with pytest.raises(AtUsageError):
        Channel().send(Ask(text))


def test_only_one_command_is_in_flight():
    channel = Channel()
    assert channel.send(csq()) == b"AT+CSQ\r"
    with pytest.raises(AtUsageError):
        channel.send(imsi())


def test_what_comes_while_idle_is_unsolicited_also_when_it_looks_like_the_last_answer():
    channel = Channel()
    channel.send(csq())
    events = channel.receive_data(b"OK\r\n+CSQ: 18,99\r\n")
    assert events == [Completed((), "OK", False), Urc("+CSQ: 18,99")]
    channel.send(imsi())
    assert channel.receive_data(b"+CSQ: 17,99\r\n") == [Urc("+CSQ: 17,99")]


def test_lines_before_the_echo_are_no_answer():
    channel = Channel()
    channel.send(csq())
    events = channel.receive_data(b"+CSQ: 1,1\r\nAT+CSQ\r\r\n+CSQ: 2,2\r\nOK\r\n")
    assert events == [Urc("+CSQ: 1,1"), Completed(("+CSQ: 2,2",), "OK", False)]


def test_a_prompt_is_seen_only_where_the_command_expects_one():
    plain = Channel()
    plain.send(csq())
    assert plain.receive_data(b"\r\n> ") == []
    channel = Channel()
    channel.send(Ask("AT+CMGS=41", r"\+CMGS: .*", payload=b"00\x1a"))
    assert feed(channel, bytewise(b"AT+CMGS=41\r\r\n> ")) == [Prompt()]
    assert channel.receive_data(b"\r\n> \r\n+CMGS: 7\r\nOK\r\n")[-1] == Completed(
        ("+CMGS: 7",), "OK", False
    )


def test_an_answer_without_final_result_ends_with_silence():
    channel = Channel()
    channel.send(Ask("AT+CPIN?", r"\+CPIN: .*", final_optional=True))
    assert not channel.waits_for_silence
    channel.receive_data(b"+CPIN: READY\r\n")
    assert channel.waits_for_silence
    assert channel.fall_silent() == [Completed(("+CPIN: READY",), "", False)]


class TestOneLine:
    def asked(self) -> Channel:
        channel = Channel()
        channel.send(Ask("AT+CSQ", r"\+CSQ: .*", one_line=True))
        return channel

    def test_ok_before_the_line_is_waited_for_no_longer_than_a_short_silence(self):
        channel = self.asked()
        assert channel.receive_data(b"OK\r\n") == []
        assert channel.waits_for_silence
        channel.receive_data(b"+CSQ: 18,99\r\n")
        assert channel.fall_silent() == [Completed(("+CSQ: 18,99",), "OK", False)]

    def test_ok_before_the_line_may_be_a_stray_one_and_the_real_one_follow(self):
        channel = self.asked()
        events = channel.receive_data(b"OK\r\n+CSQ: 18,99\r\n\r\nOK\r\n")
        assert events == [Completed(("+CSQ: 18,99",), "OK", False)]

    def test_ok_alone_ends_with_silence(self):
        channel = self.asked()
        channel.receive_data(b"OK\r\n")
        assert channel.fall_silent() == [Completed((), "OK", False)]

    def test_a_refusal_behind_a_stray_ok_is_the_answer(self):
        channel = self.asked()
        events = channel.receive_data(b"OK\r\n+CME ERROR: 10\r\n")
        assert events == [Completed((), "+CME ERROR: 10", False)]

    def test_the_line_stands_where_its_final_result_never_came(self):
        channel = self.asked()
        channel.receive_data(b"+CSQ: 18,99\r\n")
        assert channel.time_out() == Completed(("+CSQ: 18,99",), "", False)
        assert channel.fenced

    def test_half_a_line_does_not(self):
        channel = self.asked()
        channel.receive_data(b"+CSQ: 1")
        assert channel.time_out() is None


def test_a_part_of_a_longer_answer_is_not_given_when_its_time_is_over():
    channel = Channel()
    channel.send(Ask("AT+CGDCONT?", r"\+CGDCONT: .*"))
    channel.receive_data(b'+CGDCONT: 1,"IP"\r\n')
    assert channel.time_out() is None


def test_a_numbered_refusal_says_nothing_about_how_the_modem_writes_ok():
    channel = Channel()
    channel.send(Ask("AT+C5GREG?", r"\+C5GREG: .*"))
    channel.receive_data(b"+CME ERROR: 100\r\n")
    channel.send(csq())
    assert channel.receive_data(b"+CSQ: 18,99\r\n0\r") == [Completed(("+CSQ: 18,99",), "0", False)]


def test_an_answer_without_end_is_bounded_and_said_to_be_cut():
    channel = Channel()
    channel.send(Ask("AT+CLAC", r"\+.*"))
    for _ in range(MAX_ANSWER // 1000 + 50):
        channel.receive_data(b"+" + b"x" * 999 + b"\r\n")
    assert channel._answer is not None
    assert sum(map(len, channel._answer.lines)) <= MAX_ANSWER
    (done,) = channel.receive_data(b"OK\r\n")
    assert isinstance(done, Completed)
    assert done.cut


def test_a_line_too_long_cuts_the_answer():
    channel = Channel(max_line=20)
    channel.send(csq())
    events = channel.receive_data(b"x" * 21 + b"\r\n+CSQ: 1,1\r\nOK\r\n")
    assert events == [Overlong(21), Completed(("+CSQ: 1,1",), "OK", True)]


class TestFence:
    def fenced(self, command=csq) -> Channel:
        channel = Channel()
        channel.send(command())
        channel.time_out()
        return channel

    def test_nothing_is_sent_behind_a_command_that_was_given_up(self):
        with pytest.raises(AtUsageError):
            self.fenced().send(imsi())

    def test_the_probes_own_answer_closes_it_and_the_late_one_is_dropped(self):
        channel = self.fenced()
        assert channel.fence() == b"AT+CMEE?\r"
        assert channel.receive_data(b"+CSQ: 31,99\r\n\r\nOK\r\n") == []
        events = channel.receive_data(b"AT+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n")
        assert events == [Resynced(("+CSQ: 31,99", "OK", "+CMEE: 1"))]
        assert channel.send(imsi()) == b"AT+CIMI\r"

    def test_only_the_latest_probe_closes_it(self):
        channel = self.fenced()
        channel.fence()
        assert channel.fence() == b"AT+CSCS?\r"
        channel.receive_data(b"+CMEE: 1\r\nOK\r\n")
        assert channel.fenced
        assert isinstance(channel.receive_data(b'+CSCS: "IRA"\r\nOK\r\n')[-1], Resynced)

    def test_an_error_does_not_close_it(self):
        channel = self.fenced()
        channel.fence()
        assert channel.receive_data(b"ERROR\r\n") == [Refused("ERROR")]
        assert channel.receive_data(b"+CMEE: 1\r\nERROR\r\n") == [Refused("ERROR")]
        assert channel.fenced

    def test_the_text_that_was_given_up_is_no_probe(self):
        channel = self.fenced(lambda: Ask("AT+CMEE?", r"\+CMEE: ."))
        assert channel.fence() == b"AT+CSCS?\r"

    def test_no_probe_is_sent_twice_while_a_modem_is_silent(self):
        channel = self.fenced()
        asked = [channel.fence() for _ in PROBES]
        assert asked == [probe.encode() + b"\r" for probe in PROBES]
        assert channel.fence() is None

    def test_a_modem_that_refuses_all_probes_is_asked_at_and_must_fall_silent(self):
        channel = self.fenced()
        for _ in PROBES:
            channel.fence()
            channel.receive_data(b"ERROR\r\n")
        assert channel.fence() == b"AT\r"
        assert not channel.waits_for_silence
        channel.receive_data(b"OK\r\n")
        assert channel.waits_for_silence
        assert isinstance(channel.fall_silent()[-1], Resynced)

    def test_unsolicited_lines_are_still_reported(self):
        channel = self.fenced()
        channel.fence()
        assert channel.receive_data(b"+CREG: 2\r\nRDY\r\n") == [Urc("+CREG: 2"), Urc("RDY")]

    def test_escape_goes_first_where_a_prompt_may_be_open(self):
        channel = self.fenced(lambda: Ask("AT+CMGS=41", payload=b"00\x1a"))
        assert channel.fence() == b"\x1bAT+CMEE?\r"
        shown = Channel()
        shown.send(csq())
        shown.receive_data(b"\r\n> ")
        shown.time_out()
        assert shown.fence() == b"\x1bAT+CMEE?\r"

    def test_the_end_of_a_call_may_be_somebody_elses_and_leaves_doubt(self):
        channel = Channel()
        channel.send(Ask("ATD*99#", may_dial=True))
        assert channel.receive_data(b"NO CARRIER\r\n") == [Completed((), "NO CARRIER", False)]
        assert channel.fenced

    def test_a_message_that_says_ok_does_not_close_it(self):
        channel = self.fenced()
        channel.fence()
        channel.receive_data(b"+CMEE: 1\r\n+CMT: x\r\nOK\r\n")
        assert channel.fenced

    def test_late_lines_kept_for_the_report_are_bounded(self):
        channel = self.fenced()
        channel.fence()
        channel.receive_data(b"+CSQ: 1,1\r\n" * 10_000)
        (done,) = channel.receive_data(b"+CMEE: 1\r\nOK\r\n")
        assert isinstance(done, Resynced)
        assert len(done.dropped) == 64
