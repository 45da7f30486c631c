import pytest

from modem.commands.pin import EnterPin
from modem.engine import (
    FENCE_S,
    FLOOD_BYTES,
    FLOODED,
    GARBLED,
    NO_ANSWER,
    PATIENCE,
    SILENCE_S,
    Engine,
)
from modem.errors import (
    AtCommandError,
    AtProtocolError,
    AtTimeout,
    AtUsageError,
    CmeError,
    PortLost,
)
from modem.transport.memory import ScriptedStream, UnexpectedWriteError
from modem.transport.trace import TraceStream, masked
from sim.pin import PinValue
from tests.unit.at_helpers import Ask, csq, imsi

CSQ = b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n"
IMSI = b"\r\n001010123456789\r\n\r\nOK\r\n"
CMEE = b"\r\n+CMEE: 1\r\n\r\nOK\r\n"
PROBES = (b"CMEE", b"CSCS", b"CMGF", b"CNMI")


def engine_on(stream, **options):
    return Engine(stream, clock=stream.clock, **options)


def test_a_command_gives_its_value():
    stream = ScriptedStream({b"AT+CSQ\r": [(0.02, CSQ)]})
    engine = engine_on(stream)
    assert engine.run(csq()) == "+CSQ: 18,99"
    assert stream.now == pytest.approx(0.02)
    assert engine.commands_sent == 1


def test_a_refusal_raises_with_the_modems_words():
    stream = ScriptedStream({b"AT+CIMI\r": [(0, b"+CME ERROR: SIM not inserted\r\n")]})
    with pytest.raises(CmeError) as caught:
        engine_on(stream).run(imsi())
    assert (caught.value.code, caught.value.final) == (10, "+CME ERROR: SIM not inserted")


def test_a_silent_command_costs_its_own_deadline_and_the_last_one_nothing_else():
    stream = ScriptedStream({b"AT+CSQ\r": [(0.1, CSQ)], b"AT+CIMI\r": []})
    engine = engine_on(stream)
    engine.run(csq())
    with pytest.raises(AtTimeout) as caught:
        engine.run(imsi(), timeout_s=3)
    assert caught.value.timeout_s == 3
    assert stream.now == pytest.approx(3.1)
    assert stream.written == [b"AT+CSQ\r", b"AT+CIMI\r"]


def test_a_command_that_a_person_interrupts_does_not_block_the_next():
    stream = ScriptedStream(
        {
            b"AT+CIMI\r": [(0.1, b"RING\r\n"), (1, IMSI)],
            b"AT+CMEE?\r": [(1, CMEE)],
            b"AT+CSQ\r": [(0.1, CSQ)],
        }
    )

    def interrupt(line):
        raise KeyboardInterrupt(line)

    engine = engine_on(stream, on_urc=interrupt)
    with pytest.raises(KeyboardInterrupt):
        engine.run(imsi())
    assert engine.run(csq()) == "+CSQ: 18,99"


class InterruptedOnce(ScriptedStream):
    """The user's Ctrl-C comes when the first command has just been written."""

    def write(self, data: bytes) -> None:
        super().write(data)
        if len(self.written) == 1:
            raise KeyboardInterrupt


def test_a_command_that_is_interrupted_while_it_is_written_does_not_block_the_next():
    stream = InterruptedOnce(
        {b"AT+CIMI\r": [(1, IMSI)], b"AT+CMEE?\r": [(1, CMEE)], b"AT+CSQ\r": [(0.1, CSQ)]}
    )
    engine = engine_on(stream)
    with pytest.raises(KeyboardInterrupt):
        engine.run(imsi())
    assert engine.run(csq()) == "+CSQ: 18,99"


def test_a_late_answer_does_not_reach_the_next_command():
    stream = ScriptedStream(
        {
            b"AT+CSQ\r": [[(0.1, CSQ)], [(1.4, b"\r\n+CSQ: 31,99\r\n\r\nOK\r\n")], [(0.1, CSQ)]],
            b"AT+CMEE?\r": [(0.5, CMEE)],
        }
    )
    engine = engine_on(stream)
    engine.run(csq())
    with pytest.raises(AtTimeout):
        engine.run(csq(), timeout_s=1)
    assert engine.run(csq()) == "+CSQ: 18,99"
    assert stream.written[2:] == [b"AT+CMEE?\r", b"AT+CSQ\r"]


def test_a_modem_that_is_busy_for_minutes_keeps_the_fence_up():
    # AT+COPS=? answers after 30 s, and only then what was asked meanwhile.
    late = 30.0
    stream = ScriptedStream(
        {
            b"AT\r": [(0, b"OK\r\n")],
            b"AT+COPS=?\r": [(late, b'+COPS: (2,"x","y","00101",7)\r\n\r\nOK\r\n')],
            b"AT+CMEE?\r": [(late - 5, CMEE)],
            b"AT+CSCS?\r": [(late - 6, b'+CSCS: "IRA"\r\nOK\r\n')],
            b"AT+CIMI\r": [(0.1, IMSI)],
        }
    )
    engine = engine_on(stream)
    engine.run(Ask("AT"))
    with pytest.raises(AtTimeout):
        engine.run(Ask("AT+COPS=?", r"\+COPS: .*"))
    with pytest.raises(AtTimeout):
        engine.run(imsi())
    assert b"AT+CIMI\r" not in stream.written
    engine.poll(60)
    assert engine.run(imsi()) == "001010123456789"
    assert stream.written.count(b"AT+CMEE?\r") == 1


def test_a_modem_that_refuses_the_probes_is_fenced_by_silence():
    refused = [(0.01, b"ERROR\r\n")]
    stream = ScriptedStream(
        {
            b"AT+CSQ\r": [[(0, CSQ)], [(2.0, CSQ)]],
            b"AT+CIMI\r": [(0, IMSI)],
            **{b"AT+%s?\r" % name: refused for name in PROBES},
            b"AT\r": [(0.01, b"OK\r\n")],
        }
    )
    engine = engine_on(stream)
    engine.run(csq())
    with pytest.raises(AtTimeout):
        engine.run(csq(), timeout_s=1)
    assert engine.run(imsi()) == "001010123456789"
    assert stream.now < 1 + FENCE_S


def silent_after_one_answer():
    return ScriptedStream(
        {b"AT+CSQ\r": [[(0, CSQ)], []]} | {b"AT+%s?\r" % name: [] for name in PROBES}
    )


def test_a_modem_that_fell_silent_is_lost_after_a_bounded_time():
    stream = silent_after_one_answer()
    engine = engine_on(stream)
    engine.run(csq())
    for _ in range(PATIENCE):
        with pytest.raises(AtTimeout):
            engine.run(csq(), timeout_s=5)
    with pytest.raises(PortLost, match="does not answer"):
        engine.run(csq())
    assert stream.closed
    assert stream.now <= 5 + PATIENCE * FENCE_S + 0.01


def test_a_modem_that_fell_silent_is_opened_again():
    stream = silent_after_one_answer()
    fresh = ScriptedStream({b"AT+CSQ\r": [(0, CSQ)], b"AT+CMEE?\r": [(0, CMEE)]})
    engine = Engine(stream, clock=lambda: stream.now + fresh.now, reopen=lambda: fresh)
    engine.run(csq())
    for _ in range(PATIENCE):
        with pytest.raises(AtTimeout):
            engine.run(csq())
    assert engine.run(csq()) == "+CSQ: 18,99"
    assert fresh.written == [b"AT+CMEE?\r", b"AT+CSQ\r"]
    assert fresh.now == pytest.approx(SILENCE_S)


def test_no_modem_behind_the_port_is_said_after_the_first_command():
    stream = ScriptedStream({b"AT\r": [], b"AT+CMEE?\r": [], b"AT+CSCS?\r": []})
    with pytest.raises(PortLost, match="does not answer"):
        engine_on(stream).run(Ask("AT"))
    assert stream.now == pytest.approx(5 + FENCE_S)


def unanswered(noise: bytes) -> ScriptedStream:
    """A port that gives `noise` to whatever is written, and no answer."""
    return ScriptedStream(
        {b"AT\r": [(0.1, noise)]} | {b"AT+%s?\r" % name: [(0.1, noise)] for name in PROBES}
    )


@pytest.mark.parametrize(
    ("noise", "reason"),
    [
        pytest.param(b"\xf8\x80\xfe\x00\x78", GARBLED, id="another speed"),
        pytest.param(b"~\x92\x01\x00\xd3\x1f~", GARBLED, id="a diagnostic port"),
        pytest.param(b"\x00" * 40, NO_ANSWER, id="a line without power"),
        pytest.param(b"$GPRMC,,V,,,,,,,,,,N*53\r\n", NO_ANSWER, id="a positioning port"),
        pytest.param(b"", NO_ANSWER, id="silence"),
    ],
)
def test_what_came_instead_of_an_answer_is_said(noise, reason):
    with pytest.raises(PortLost) as caught:
        engine_on(unanswered(noise)).run(Ask("AT"))
    assert str(caught.value) == reason


def test_garbage_after_answers_is_told_from_silence_too():
    stream = ScriptedStream(
        {b"AT+CSQ\r": [[(0, CSQ)], [(0, b"\x80\xf8\xff" * 9)]]}
        | {b"AT+%s?\r" % name: [(0.1, b"\xf0\xfe\x80")] for name in PROBES}
    )
    engine = engine_on(stream)
    engine.run(csq())
    for _ in range(PATIENCE):
        with pytest.raises(AtTimeout):
            engine.run(csq())
    with pytest.raises(PortLost, match="only garbage"):
        engine.run(csq())


def test_a_port_that_never_stops_sending_is_given_up_before_the_deadline():
    piece = b"x" * 8000
    flood = [(i / 1000, piece) for i in range(10_000)]
    stream = ScriptedStream({b"AT+CSQ\r": [[(0, CSQ)], []]}, arrivals=flood)
    engine = engine_on(stream)
    engine.run(csq())
    with pytest.raises(PortLost, match=FLOODED):
        engine.run(csq())
    assert stream.now * 1000 * len(piece) <= 2 * FLOOD_BYTES
    assert stream.closed


def test_a_modem_that_talks_much_for_a_long_time_is_no_flood():
    talk = [(float(i), b"^RSSI:14\r\n" * 1000) for i in range(200)]
    stream = ScriptedStream({b"AT+CSQ\r": [(0, CSQ)]}, arrivals=talk)
    engine = engine_on(stream)
    engine.poll(300)
    assert engine.run(csq()) == "+CSQ: 18,99"


def test_a_restart_is_shouted_at_a_modem_that_does_not_answer():
    stream = silent_after_one_answer()
    stream._replies[b"AT+CFUN=1,1\r"] = [[(1, b"\r\nOK\r\n"), (2, b"\r\nRDY\r\n")]]
    heard = []
    engine = engine_on(stream, on_urc=heard.append)
    engine.run(csq())
    with pytest.raises(AtTimeout):
        engine.run(csq())
    engine.shout("AT+CFUN=1,1")
    engine.poll(3.0)
    assert heard == ["RDY"]
    assert engine._channel.fenced
    with pytest.raises(AtUsageError):
        engine.shout("AT+CFUN=1,1\r")


def test_a_dropped_port_is_opened_again_behind_the_fence():
    stream = ScriptedStream({b"AT+CSQ\r": [[(0, CSQ)], []]})
    late = b"\r\n+CSQ: 31,99\r\n\r\nOK\r\n"
    fresh = ScriptedStream(
        {b"AT+CSQ\r": [(0, CSQ)], b"AT+CMEE?\r": [(0.1, CMEE)]}, arrivals=[(0.05, late)]
    )
    engine = Engine(stream, clock=lambda: stream.now + fresh.now, reopen=lambda: fresh)
    engine.run(csq())
    with pytest.raises(AtTimeout):
        engine.run(csq())
    engine.drop()
    assert stream.closed
    assert engine.run(csq()) == "+CSQ: 18,99"
    assert (engine.times_reopened, engine.fences_closed) == (1, 1)


def test_the_engine_knows_whether_the_modem_echoes():
    stream = ScriptedStream(
        {b"AT+CSQ\r": [[(0, b"AT+CSQ\r" + CSQ)], [(0, CSQ)]]},
    )
    engine = engine_on(stream)
    for echoes in (True, False):
        engine.run(csq())
        assert engine.echo_is_on is echoes


def test_the_first_command_is_repeated_once_where_left_over_bytes_spoilt_it():
    # EC2x gateway: the first AT after opening answers ERROR.
    stream = ScriptedStream({b"AT\r": [[(0, b"ERROR\r\n")], [(0, b"OK\r\n")]]})
    assert engine_on(stream).run(Ask("AT")) == ""
    always = ScriptedStream({b"AT\r": [(0, b"ERROR\r\n")]})
    with pytest.raises(AtCommandError):
        engine_on(always).run(Ask("AT"))
    assert always.written == [b"AT\r", b"AT\r"]


def test_only_the_first_command_is_repeated_and_never_one_that_may_burn_a_try():
    stream = ScriptedStream({b"AT\r": [[(0, b"OK\r\n")], [(0, b"ERROR\r\n")]]})
    engine = engine_on(stream)
    engine.run(Ask("AT"))
    with pytest.raises(AtCommandError):
        engine.run(Ask("AT"))
    pin = ScriptedStream({b'AT+CPIN="0000"\r': [(0, b"ERROR\r\n")]})
    with pytest.raises(AtCommandError):
        engine_on(pin).run(EnterPin(PinValue("0000")))
    assert len(pin.written) == 1


def test_the_answer_to_somebody_elses_last_command_is_not_ours():
    stream = ScriptedStream(
        {
            b"AT+CIMI\r": [[(0, CSQ), (0.1, IMSI)], [(0, IMSI)]],
            b"AT+CMEE?\r": [(0.2, CMEE)],
        }
    )
    assert engine_on(stream).run(imsi()) == "001010123456789"


def test_ok_without_data_leaves_doubt_and_the_next_command_is_right():
    stream = ScriptedStream(
        {
            b"AT+CSQ\r": [(0, CSQ)],
            b"AT+CIMI\r": [(0, b"OK\r\n"), (0.3, IMSI)],
            b"AT+CMEE?\r": [(0.4, CMEE)],
        }
    )
    engine = engine_on(stream)
    engine.run(csq())
    with pytest.raises(AtProtocolError):
        engine.run(imsi())
    assert engine.run(csq()) == "+CSQ: 18,99"
    assert stream.written == [b"AT+CSQ\r", b"AT+CIMI\r", b"AT+CMEE?\r", b"AT+CSQ\r"]


def test_data_behind_ok_are_reported_and_not_given_to_the_next_command():
    heard = []
    stream = ScriptedStream({b"AT+CSQ\r": [(0, CSQ + b"+CSQ: 1,1\r\n")], b"AT+CIMI\r": [(0, IMSI)]})
    engine = engine_on(stream, on_urc=heard.append)
    engine.run(csq())
    assert engine.run(imsi()) == "001010123456789"
    assert heard == ["+CSQ: 1,1"]


def test_an_answer_without_ok_takes_a_short_silence():
    stream = ScriptedStream({b"AT+CPIN?\r": [(0.1, b"\r\n+CPIN: READY\r\n")]})
    command = Ask("AT+CPIN?", r"\+CPIN: .*", final_optional=True)
    assert engine_on(stream).run(command) == "+CPIN: READY"
    assert stream.now == pytest.approx(0.1 + SILENCE_S)


def test_an_answer_of_one_line_counts_though_its_ok_never_comes():
    stream = ScriptedStream(
        {
            b"AT+CSQ\r": [(0.1, b"\r\n+CSQ: 18,99\r\n")],
            b"AT+CMEE?\r": [(0, CMEE)],
            b"AT+CIMI\r": [(0, IMSI)],
        }
    )
    engine = engine_on(stream)
    command = Ask("AT+CSQ", r"\+CSQ: .*", one_line=True)
    assert engine.run(command, timeout_s=3) == "+CSQ: 18,99"
    assert stream.now == pytest.approx(3)
    assert engine.run(imsi()) == "001010123456789"


def test_an_answer_behind_its_own_ok_is_taken():
    stream = ScriptedStream({b"AT+CSQ\r": [(0.1, b"\r\nOK\r\n+CSQ: 18,99\r\n")]})
    command = Ask("AT+CSQ", r"\+CSQ: .*", one_line=True)
    assert engine_on(stream).run(command) == "+CSQ: 18,99"
    assert stream.now == pytest.approx(0.1 + SILENCE_S)


EC25 = b"\r\nEC25\r\n\r\nOK\r\n"


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        (b"\r\nBoot\r\n" + EC25, EC25, "EC25"),
        (b"\r\nV 08.62\r\nRM-348\r\n\r\nOK\r\n",) * 2 + ("V 08.62|RM-348",),
        (b"\r\nBoot\r\n" + EC25, b"\r\nERROR\r\n", "Boot|EC25"),
        (b"\r\nBoot\r\n" + EC25, b"\r\nother\r\n\r\nOK\r\n", "Boot|EC25"),
    ],
)
def test_of_several_lines_of_any_text_those_count_that_come_twice(first, second, value):
    stream = ScriptedStream({b"AT+CGMM\r": [[(0, first)], [(0, second)]]})
    assert engine_on(stream).run(Ask("AT+CGMM", r"[^+]*", any_text=True)) == value
    assert stream.written == [b"AT+CGMM\r"] * 2


def test_the_payload_goes_out_at_the_prompt():
    stream = ScriptedStream(
        {b"AT+CMGS=9\r": [(0, b"\r\n> ")], b"00FF\x1a": [(1, b"\r\n+CMGS: 7\r\n\r\nOK\r\n")]}
    )
    command = Ask("AT+CMGS=9", r"\+CMGS: .*", payload=b"00FF\x1a")
    assert engine_on(stream).run(command) == "+CMGS: 7"


def test_unsolicited_lines_are_handed_on_in_order_also_while_idle():
    heard = []
    stream = ScriptedStream(
        {b"AT+CSQ\r": [(0, b"^RSSI:14\r\n" + CSQ)]},
        arrivals=[(0, b"RDY\r\n"), (5, b"+CREG: 2\r\n")],
    )
    engine = engine_on(stream, on_urc=heard.append)
    engine.run(csq())
    engine.poll(10)
    assert heard == ["RDY", "^RSSI:14", "+CREG: 2"]
    assert stream.now == pytest.approx(10)


def test_the_guard_time_is_kept_between_commands():
    stream = ScriptedStream({b"AT+CSQ\r": [(0, CSQ)]})
    engine = engine_on(stream)
    engine.configure(extra_finals=(), urc_prefixes=(), guard_s=0.1)
    engine.run(csq())
    engine.run(csq())
    assert stream.now == pytest.approx(0.1)


def test_an_answer_too_long_is_an_error_and_no_value():
    stream = ScriptedStream({b"AT+CSQ\r": [(0, b"x" * 9000 + b"\r\n" + CSQ)]})
    with pytest.raises(AtProtocolError, match="too long"):
        engine_on(stream).run(csq())


def test_a_lost_port_is_opened_again_for_the_next_command():
    stream = ScriptedStream(arrivals=[(1, None)])
    fresh = ScriptedStream({b"AT+CSQ\r": [(0, CSQ)]})
    engine = engine_on(stream, reopen=lambda: fresh)
    with pytest.raises(PortLost):
        engine.poll(2)
    assert stream.closed
    assert engine.run(csq()) == "+CSQ: 18,99"


def test_a_lost_port_stays_lost_without_a_way_to_open_it():
    stream = ScriptedStream(arrivals=[(1, None)])
    engine = engine_on(stream)
    for _ in range(2):
        with pytest.raises(PortLost):
            engine.poll(2)
    with pytest.raises(PortLost):
        engine.run(csq())


def test_a_closed_engine_is_closed_for_good():
    stream = ScriptedStream()
    engine = engine_on(stream, reopen=ScriptedStream)
    engine.close()
    engine.close()
    assert stream.closed
    with pytest.raises(PortLost):
        engine.run(csq())


def test_the_script_fails_a_test_that_writes_what_it_does_not_know():
    with pytest.raises(UnexpectedWriteError):
        engine_on(ScriptedStream()).run(csq())


def test_a_trace_shows_whole_lines_with_identifiers_and_secrets_hidden():
    told = []
    stream = TraceStream(
        ScriptedStream({b"AT+CIMI\r": [(0, IMSI[:9]), (0.1, IMSI[9:] + b"> ")]}), told.append
    )
    stream.write(b"AT+CIMI\r")
    received = stream.read(1) + stream.read(1)
    stream.close()
    assert received == IMSI + b"> "
    assert told == ["> AT+CIMI", "< 0010*********89", "< OK", "< > "]
    assert masked('AT+CPIN="1234"') == "AT+CPIN=***"
    assert "A0A40000023F00" not in masked('+CSIM: 14,"A0A40000023F00"')
    assert masked('+CPBR: 3,"12345678",129,"738B5C0F"') == "+CPBR: 3,***"
    assert masked('+CGAUTH: 1,2,"gateway","hunter2"') == "+CGAUTH:***"
    assert masked('AT+QICSGP=1,1,"iot.example","gateway","hunter2",1') == "AT+QICSGP=***"
    assert masked("+CPBR: (1-250),40,14") == "+CPBR: (1-250),40,14"
