"""What the world does to a modem in the middle of a reading."""

from itertools import count

from modem.simulator.device import CommandReader, pieces
from modem.simulator.faults import Wrapper
from modem.simulator.modem import SimulatedModem
from tests.fault.cards import card


class Meddler(Wrapper):
    """Does something to the modem behind the answer to its `number`-th command, and later ones."""

    def __init__(self, modem: SimulatedModem, meddle, *numbers: int) -> None:
        super().__init__(modem)
        self.modem = modem
        self._meddle = meddle
        self._numbers = set(numbers)
        self._reader = CommandReader()
        self._count = count(1)
        self._said = b""

    def receive(self, data: bytes, now: float) -> None:
        for piece in pieces(data):
            self.device.receive(piece, now)
            if self._reader.feed(piece) is not None and next(self._count) in self._numbers:
                self._said += self.device.poll(now)
                self._meddle(self.modem, now)

    def poll(self, now: float) -> bytes:
        said, self._said = self._said, b""
        return said + self.device.poll(now)

    def next_event_at(self) -> float | None:
        return float("-inf") if self._said else self.device.next_event_at()


def swap_in_silence(modem: SimulatedModem, now: float) -> None:
    """Another card, and not a word."""
    del now
    known = modem.state.card
    modem.state.card = card("B" if known is None or known.iccid.endswith("18") else "A")
    modem.state.forget_card_sessions()


def swap(modem: SimulatedModem, now: float) -> None:
    """Another card, and the modem says so."""
    known = modem.state.card
    modem.remove_card()
    modem.state.card = known
    swap_in_silence(modem, now)
    modem.insert_card(modem.state.card)


def pull(modem: SimulatedModem, now: float) -> None:
    del now
    modem.state.card = None


def restart(modem: SimulatedModem, now: float) -> None:
    modem.reboot(now)
