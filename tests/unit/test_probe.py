import pytest

from modem.simulator.dialogue import DialoguePlayer
from modem.transport.memory import ScriptedStream
from modem.transport.probe import (
    ANSWERS,
    BINARY,
    GONE,
    NMEA,
    NOT_AT,
    SILENT,
    TRIES,
    TRY_S,
    ask_at,
)

AT = b"AT\r"


def asked(replies, arrivals=()) -> tuple[str, ScriptedStream]:
    stream = ScriptedStream({AT: replies}, arrivals)
    return ask_at(stream, stream.clock), stream


@pytest.mark.parametrize(
    "answer",
    [
        b"\r\nOK\r\n",
        b"AT\r\r\nOK\r\n",  # echo
        b"AT\r\nOK\r\n",
        b"at\r\r\r\nOK\r\n",
        b"\r\n+CREG: 1\r\n\r\nOK\r\n",  # a line of its own in between
        b"AT\r0\r",  # ATV0
        b"0\r",
        b"\x00\r\nOK\r\n",  # noise of the line
    ],
    ids=repr,
)
def test_a_modem_is_found_whatever_its_echo_and_style(answer) -> None:
    verdict, stream = asked([(0.02, answer)])
    assert verdict == ANSWERS
    assert stream.written == [AT]


def test_every_cut_of_the_answer_is_understood() -> None:
    answer = b"AT\r\r\nOK\r\n"
    verdict, _ = asked([(0.01 * i, answer[i : i + 1]) for i in range(len(answer))])
    assert verdict == ANSWERS


@pytest.mark.parametrize(
    "first", [[(0.01, b"\r\nERROR\r\n")], [(0.01, b"xyAT\r\r\nERROR\r\n")], []], ids=repr
)
def test_the_first_try_may_meet_what_somebody_left_in_the_line(first) -> None:
    verdict, stream = asked([first, [(0.01, b"\r\nOK\r\n")]])
    assert verdict == ANSWERS
    assert stream.written == [AT, AT]


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ([], SILENT),
        ([(0.1, b"AT\r")], NOT_AT),  # an echo alone
        ([(0.1, b"\r\nlogin: ")], NOT_AT),
        ([(0.1, b"\r\nERROR\r\n")], NOT_AT),
        ([(0.1, b"BOOK\r\n")], NOT_AT),
        ([(0.1, b"0\r\n")], NOT_AT),  # a sensor's number, not a numeric result
        ([(0.1, b"\x13\x41\x54\x0d\x8f\x77\x7e")], BINARY),  # a diagnostic frame ends in 7E
        ([(0.1, b"\xf8\x80\xfe\x00\xf8\x1f")], BINARY),  # another baud rate
        ([(0.1, b"$GPRMC,,V,,,,,,,,,,N*53\r\n")], NMEA),
        ([(0.1, None)], GONE),
    ],
    ids=repr,
)
def test_what_is_no_modem_is_not_taken_for_one(answer, verdict) -> None:
    found, stream = asked(answer)
    assert found == verdict
    assert len(stream.written) <= TRIES
    assert stream.now <= TRIES * TRY_S


@pytest.mark.parametrize(
    ("said", "verdict"),
    [(b"$GNGGA,,,,,,0,,,,,,,,*78\r\n", NMEA), (b"\x7e\x01\x02\x03\x7e", BINARY)],
)
def test_a_port_that_speaks_something_else_by_itself_is_not_even_asked(said, verdict) -> None:
    found, stream = asked([], [(0.0, said)])
    assert found == verdict
    assert stream.written == []


def test_asking_a_flood_of_text_ends_and_stays_small() -> None:
    flood = [(0.001 * i, b"x" * 4000) for i in range(400)]
    verdict, stream = asked(flood)
    assert verdict == NOT_AT
    assert stream.now <= TRIES * TRY_S


def test_the_players_dialogues_answer() -> None:
    device = DialoguePlayer.from_exchanges({"AT": ["OK"]}, echo=True)
    device.receive(AT, 0.0)
    said = b""
    while data := device.poll(0.0):
        said += data
    verdict, _ = asked([(0.0, said)])
    assert verdict == ANSWERS
