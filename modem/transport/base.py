"""The whole contract of a way to a modem."""

from typing import Protocol


class ByteStream(Protocol):
    """Bytes to and from a modem; one owner at a time."""

    def read(self, timeout_s: float) -> bytes:
        """What arrived, as soon as anything did; `b""` where nothing did within `timeout_s`.

        Raises:
            PortLost: the other end is gone.
        """
        ...

    def write(self, data: bytes) -> None:
        """Write all of `data`.

        Raises:
            PortLost: the other end is gone.
        """
        ...

    def close(self) -> None:
        """Give the port back; calling it twice is harmless."""
        ...
