"""How many lines a second simward's reading side takes, in one thread, without any port.

    .venv/bin/python benchmarks/lines.py [--seconds 2]

The lines are the answers of a status of a simulated EC25 (echo on, blank lines between, as a port
delivers them), told apart, owned by their commands and parsed into values; and unsolicited lines.
Lines without text are not counted. Seconds are those of the processor, since others may use it too.
benchmarks/README.md holds results.
"""

import argparse
import sys
import time
from collections.abc import Callable

from rig import ROOT

sys.path.insert(0, str(ROOT))

from modem.at.channel import Channel, Completed, Urc
from modem.at.command import Command
from modem.at.framer import Framer
from modem.commands.identity import ReadImei, ReadManufacturer, ReadModel
from modem.commands.packet_domain import ReadContexts
from modem.commands.registration import ReadOperator, ReadRegistration
from modem.commands.signal import ReadSignalQuality
from modem.commands.sim_access import AccessFile, ReadImsi, ReadSimState
from modem.commands.vendor.quectel import ReadServingCell, ReadUsage
from modem.simulator.modem import SimulatedModem
from modem.urcs import parse_urc

COMMANDS: tuple[Callable[[], Command], ...] = (
    ReadManufacturer,
    ReadModel,
    ReadImei,
    ReadSimState,
    ReadImsi,
    lambda: AccessFile(176, 0x2FE2, 0, 0, 10),
    lambda: ReadRegistration("cs"),
    lambda: ReadRegistration("eps"),
    ReadOperator,
    ReadSignalQuality,
    ReadServingCell,
    ReadContexts,
    ReadUsage,
)
URCS = (
    '+CREG: 1,"00A1","01A2B301",7',
    "+CEREG: 3,,,,0,8",
    "^RSSI:20",
    "+CGEV: NW DETACH",
    '^REJINFO:00101,1,8,2,4,8,"00A1","FF","01A2B301"',
    '+CMTI: "SM",3',
)


def answers() -> list[tuple[Command, bytes]]:
    """Each command with what the modem sends after it."""
    modem = SimulatedModem.load("quectel_ec25", "usim_test")
    pairs = []
    for make in COMMANDS:
        command = make()
        modem.receive(command.text.encode() + b"\r", 0.0)
        pairs.append((command, modem.poll(0.0)))
    return pairs


def lines_in(data: bytes) -> int:
    """Lines with text in them."""
    return sum(bool(line.strip()) for line in data.splitlines())


def rate(turn: Callable[[], object], lines: int, seconds: float) -> float:
    """Lines a second, when one `turn` takes `lines`."""
    turn()
    turns, started = 0, time.process_time()
    while (passed := time.process_time() - started) < seconds:
        turn()
        turns += 1
    return turns * lines / passed


def framed(whole: bytes) -> None:
    """Bytes to lines."""
    Framer().feed(whole)


def told_apart(pairs: list[tuple[Command, bytes]]) -> list[tuple[Command, Completed]]:
    """Lines to answers of their commands."""
    channel = Channel()
    found = []
    for command, data in pairs:
        channel.send(command)
        events = channel.receive_data(data)
        found += [(command, event) for event in events if isinstance(event, Completed)]
    return found


def parsed(pairs: list[tuple[Command, bytes]]) -> None:
    """Answers to values."""
    for command, answer in told_apart(pairs):
        command.parse(answer.lines)


def reported(said: bytes) -> None:
    """Unsolicited lines to events."""
    for event in Channel().receive_data(said):
        if isinstance(event, Urc):
            parse_urc(event.line)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    pairs = answers()
    whole = b"".join(data for _, data in pairs)
    said = b"".join(f"\r\n{line}\r\n".encode() for line in URCS)
    rows = (
        ("framer", lambda: framed(whole), whole),
        ("framer and channel", lambda: told_apart(pairs), whole),
        ("framer, channel and values", lambda: parsed(pairs), whole),
        ("unsolicited lines to events", lambda: reported(said), said),
    )
    print(f"{'':28} {'lines a second':>15} {'MB a second':>12}")
    for name, turn, data in rows:
        per_second = rate(turn, lines_in(data), seconds)
        bytes_a_line = len(data) / lines_in(data)
        print(f"{name:28} {per_second:15,.0f} {per_second * bytes_a_line / 1e6:12.2f}")


if __name__ == "__main__":
    main()
