"""Talking to a simulated modem in memory."""

from modem.simulator.modem import SimulatedModem


def lines(modem: SimulatedModem, now: float = 0.0) -> list[str]:
    return [line for line in modem.poll(now).decode().splitlines() if line]


def ask(modem: SimulatedModem, command: str, now: float = 0.0) -> list[str]:
    """The non-blank lines that follow `command`."""
    modem.receive(command.encode() + b"\r", now)
    return lines(modem, now)


def quiet(name: str = "quectel_ec25", card: str | None = None, **options) -> SimulatedModem:
    """A modem with its echo off and numbered errors."""
    modem = SimulatedModem.load(name, card, **options)
    ask(modem, "ATE0")
    return modem


def numbered(name: str = "quectel_ec25", card: str | None = None, **options) -> SimulatedModem:
    """The same, with numbered errors."""
    modem = quiet(name, card, **options)
    ask(modem, "AT+CMEE=1")
    return modem
