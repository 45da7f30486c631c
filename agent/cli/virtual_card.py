"""A simulated card in a virtual reader, with its log, for `simward fixture simulate --vpcd`."""

import time
from types import TracebackType
from typing import Self, TextIO

from modem.simulator.card_slot import load_card
from sim.simulator.vpcd import VirtualSlot


class VirtualCard:
    """The shipped card `name` (or one of a file) in the reader at an address; a context manager."""

    def __init__(self, name: str, host: str, port: int, log_file: TextIO | None) -> None:
        """Puts it in.

        Raises:
            FixtureError: no such card.
            OSError: no virtual reader listens there.
        """
        self._card = load_card(name)
        self._log_file = log_file
        self._slot = VirtualSlot(host, port, self._heard)
        self._slot.insert(self._card)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._slot.remove()

    def turn(self) -> None:
        """Take the card out, or put it back."""
        if self._slot.occupied:
            self._slot.remove()
        else:
            self._slot.insert(self._card)

    def _heard(self, command: bytes, answer: bytes) -> None:
        if self._log_file is not None:
            line = f"{time.monotonic():.3f}\t{command.hex().upper()}\t{answer.hex().upper()}\n"
            self._log_file.write(line)
            self._log_file.flush()
