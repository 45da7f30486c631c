"""One story, a short status with one command that times out, over many kinds of bad line."""

import random

import pytest

from modem.engine import Engine
from modem.errors import AtTimeout, PortLost
from modem.transport.memory import ScriptedStream
from tests.unit.at_helpers import Ask, csq, imsi, model

URC = b"\r\n^RSSI:14\r\n"
ANSWERS = {
    b"AT+CGMM\r": [b"EC25", b"OK"],
    b"AT+CIMI\r": [b"001010123456789", b"OK"],
    b"AT+CSQ\r": [b"+CSQ: 18,99", b"OK"],
    b"AT+CMEE?\r": [b"+CMEE: 1", b"OK"],
    b"AT+CREG?\r": [b"+CREG: 0,1", b"OK"],
}


def plain(lines, _):
    return b"".join(b"\r\n" + line + b"\r\n" for line in lines)


def with_echo(lines, command):
    return command + plain(lines, command).replace(b"\r\n", b"\r\r\n", 1)


def with_urcs(lines, command):
    return URC + command + b"\r\n" + b"".join(URC + line + b"\r\n" + URC for line in lines)


def with_bare_cr(lines, _):
    return b"".join(line + b"\r" for line in lines)


def with_noise(lines, command):
    return b"\x00\x00\r\n\xff\xfe\x80\r\n" + plain(lines, command)


def whole(data, _):
    return [data]


def bytewise(data, _):
    return [data[i : i + 1] for i in range(len(data))]


def seeded_cuts(data, seed):
    cuts = random.Random(seed)
    pieces = []
    while data:
        size = cuts.randint(1, 6)
        pieces.append(data[:size])
        data = data[size:]
    return pieces


def line_of(shape, cutter):
    """The stream of a modem whose answers look like `shape`, in pieces 1 ms apart.

    Its answer to AT+CREG? comes after 6 s, when the command was given up for one.
    """
    replies = {}
    for number, (command, lines) in enumerate(ANSWERS.items()):
        start = 6.0 if command == b"AT+CREG?\r" else 0.01
        pieces = cutter(shape(lines, command), number)
        replies[command] = [(start + i / 1000, piece) for i, piece in enumerate(pieces)]
    return ScriptedStream(replies)


@pytest.mark.parametrize("cutter", [whole, bytewise, seeded_cuts])
@pytest.mark.parametrize("shape", [plain, with_echo, with_urcs, with_bare_cr, with_noise])
def test_the_same_values_over_every_line(shape, cutter):
    stream = line_of(shape, cutter)
    engine = Engine(stream, clock=stream.clock)
    assert engine.run(Ask("AT+CGMM", "EC25")) == "EC25"
    with pytest.raises(AtTimeout):
        engine.run(Ask("AT+CREG?", r"\+CREG: \d,\d"))
    assert engine.run(imsi()) == "001010123456789"
    engine.poll(6)  # the late answer comes now
    assert engine.run(csq()) == "+CSQ: 18,99"
    assert engine.commands_sent == 5


def test_a_hang_up_in_the_middle_of_a_line_is_a_lost_port():
    stream = ScriptedStream({b"AT+CSQ\r": [(0, b"+CSQ: 1"), (0.1, None)]})
    engine = Engine(stream, clock=stream.clock)
    with pytest.raises(PortLost):
        engine.run(csq())
    assert stream.closed


def test_a_modem_that_reboots_in_mid_command_is_asked_again_later():
    heard = []
    stream = ScriptedStream(
        {
            b"AT+CGMM\r": [(0, b"EC25\r\nOK\r\n")],
            b"AT+CSQ\r": [[(1, b"\x00\r\nRDY\r\n")], [(0, b"+CSQ: 18,99\r\nOK\r\n")]],
            b"AT+CMEE?\r": [(0, b"+CMEE: 0\r\nOK\r\n")],
        }
    )
    engine = Engine(stream, clock=stream.clock, on_urc=heard.append)
    engine.run(Ask("AT+CGMM", "EC25"))
    with pytest.raises(AtTimeout):
        engine.run(csq())
    assert engine.run(csq()) == "+CSQ: 18,99"
    assert heard == ["RDY"]


def test_a_flood_of_unsolicited_lines_does_not_stretch_a_deadline():
    flood = [(i / 100, b"^RSSI:14\r\n") for i in range(3000)]
    answers = [[(0.0, b"EC25\r\nOK\r\n")], []]
    stream = ScriptedStream({b"AT+CGMM\r": answers}, arrivals=flood)
    engine = Engine(stream, clock=stream.clock)
    assert engine.run(model()) == "EC25"
    with pytest.raises(AtTimeout):
        engine.run(model(), timeout_s=3)
    assert stream.now == pytest.approx(3, abs=0.02)
