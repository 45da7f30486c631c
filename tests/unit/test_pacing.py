"""A line of a given speed: when bytes arrive, by a virtual clock."""

import pytest

from modem.simulator.dialogue import DialoguePlayer
from modem.simulator.faults import Latency
from modem.simulator.modem import SimulatedModem
from modem.simulator.pacing import Paced

ANSWER = b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
BYTE_S = 10 / 9600


def player() -> DialoguePlayer:
    return DialoguePlayer.from_exchanges({"AT+CSQ": ["+CSQ: 20,99", "", "OK"]}, echo=False)


def arrivals(device, until: float) -> list[tuple[float, bytes]]:
    """What leaves `device`, with the times at which it does."""
    found = []
    now = 0.0
    while (due := device.next_event_at()) is not None and due <= until:
        now = max(now, due)
        if data := device.poll(now):
            found.append((now, data))
    return found


def test_each_byte_takes_its_time_in_both_directions() -> None:
    line = Paced(player(), 9600)
    line.receive(b"AT+CSQ\r", 1.0)
    came = arrivals(line, 10.0)
    assert b"".join(data for _, data in came) == ANSWER
    assert all(len(data) == 1 for _, data in came)
    assert came[0][0] == pytest.approx(1.0 + 8 * BYTE_S)  # seven bytes there, one back
    assert came[-1][0] == pytest.approx(1.0 + (7 + len(ANSWER)) * BYTE_S)


def test_the_modems_own_latency_lies_between() -> None:
    line = Paced(Latency(player(), 0.02), 9600)
    line.receive(b"AT+CSQ\r", 1.0)
    assert arrivals(line, 10.0)[-1][0] == pytest.approx(1.02 + (7 + len(ANSWER)) * BYTE_S)


def test_an_echo_comes_while_the_rest_is_still_being_typed() -> None:
    line = Paced(SimulatedModem.load("quectel_ec25"), 9600)
    line.receive(b"AT\r", 0.0)
    came = arrivals(line, 1.0)
    assert b"".join(data for _, data in came) == b"AT\r\r\nOK\r\n"
    assert came[0][0] == pytest.approx(2 * BYTE_S)
    assert came[-1][0] == pytest.approx((3 + 1 + 6) * BYTE_S)


def test_late_polling_loses_nothing_and_keeps_the_order() -> None:
    line = Paced(player(), 9600)
    line.receive(b"AT+CSQ\rAT+CSQ\r", 0.0)
    assert line.poll(10.0) == ANSWER + ANSWER
    assert line.next_event_at() is None


def test_what_is_on_the_line_is_lost_when_it_drops() -> None:
    modem = SimulatedModem.load("quectel_ec25")
    line = Paced(modem, 9600)
    line.receive(b"AT+CSQ\r", 0.0)
    line.poll(3 * BYTE_S)
    modem.do(unplug=True)
    assert line.take_hang_up()
    assert line.poll(10.0) == b""
