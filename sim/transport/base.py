"""The whole contract of a way to a card."""

from typing import Protocol


class ApduTransport(Protocol):
    """Command APDUs to a card, response APDUs back; one owner at a time."""

    name: str
    """How this way is called in reports: `AT+CSIM`, `AT+CRSM`, `PC/SC`."""

    def transmit(self, command: bytes) -> bytes:
        """The card's whole answer: data, then SW1 SW2. T=0 procedure bytes are the caller's.

        Raises:
            ReaderError: the way to the card is broken.
            ApduProtocolError: what came back is no response APDU.
        """
        ...

    def close(self) -> None:
        """Give the card back; calling it twice is harmless."""
        ...
