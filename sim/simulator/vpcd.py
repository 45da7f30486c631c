"""A simulated card in the virtual reader of a real pcscd (Debian's `vsmartcard-vpcd`).

The reader listens at a TCP port (35963 if nobody said another); the card connects, which is its
insertion, and hangs up, which is its removal. Each message is two bytes of length, the highest
first, and so many bytes. From the reader one byte is 00 power off, 01 power on, 02 reset, 04 what
is your answer to reset; anything longer is a command APDU. The card answers 04 and APDUs alone.
Source: the documentation of vsmartcard, "virtual smart card", protocol between vpcd and vicc.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

PORT = 35963
_POWER_OFF, _POWER_ON, _RESET, _GET_ATR = 0x00, 0x01, 0x02, 0x04
_CONNECT_S = 5.0
_RETRY_S = 1.0


class Card(Protocol):
    """What a reader needs of a card."""

    @property
    def atr(self) -> bytes:
        """Its answer to reset."""
        ...

    @property
    def present(self) -> bool:
        """Whether it has contact."""
        ...

    def reset(self) -> object:
        """Power off and on, or a warm reset."""
        ...

    def transmit(self, apdu: bytes, /) -> bytes:
        """The answer; empty: there is none."""
        ...


class VirtualSlot:
    """The slot of a virtual reader, and the card that is put into it; a context manager.

    While a card is in it one thread answers; a reader that went away is tried again every second.
    `heard` is called with each command APDU and its answer.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = PORT,
        heard: Callable[[bytes, bytes], None] = lambda _command, _answer: None,
    ) -> None:
        self._address = (host, port)
        self._heard = heard
        self._connection: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._out = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    @property
    def occupied(self) -> bool:
        """Whether a card is in it and answers."""
        return self._thread is not None and self._thread.is_alive()

    def insert(self, card: Card) -> None:
        """Put `card` in, in place of one that is there.

        Raises:
            OSError: no virtual reader listens there.
        """
        self.remove()
        self._out.clear()
        connection = self._connect()
        self._thread = threading.Thread(
            target=self._serve, args=(card, connection), name="virtual-card", daemon=True
        )
        self._thread.start()

    def remove(self) -> None:
        """Take the card out; harmless where none is."""
        self._out.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):  # the reader may have hung up before
                connection.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self._address, timeout=_CONNECT_S)
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        return connection

    def _serve(self, card: Card, connection: socket.socket) -> None:
        while True:
            with connection:
                self._converse(card, connection)
            self._connection = None
            while card.present and not self._out.wait(_RETRY_S):
                with contextlib.suppress(OSError):
                    connection = self._connect()
                    break
            else:
                return

    def _converse(self, card: Card, connection: socket.socket) -> None:
        """Answer until either side hangs up."""
        with contextlib.suppress(OSError):
            while not self._out.is_set() and card.present:
                message = _receive(connection)
                if message is None:
                    return
                answer = self._answer(card, message)
                if answer:
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)

    def _answer(self, card: Card, message: bytes) -> bytes:
        """Empty where nothing is to be said: a mute card is silent."""
        if len(message) > 1:
            answer = card.transmit(message)
            self._heard(message, answer)
            return answer
        if message[0] in {_POWER_ON, _RESET, _POWER_OFF}:
            card.reset()
            return b""
        return card.atr if message[0] == _GET_ATR else b""


def _receive(connection: socket.socket) -> bytes | None:
    """One message; None where the other side hung up."""
    head = _exactly(connection, 2)
    if not head:
        return None
    return _exactly(connection, int.from_bytes(head, "big")) or None


def _exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes, or nothing."""
    received = b""
    while len(received) < count:
        # The reader writes length and content apart, and waits with the second until the first is
        # acknowledged: 40 ms a command, unless that is done at once.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = connection.recv(count - len(received))
        if not piece:
            return b""
        received += piece
    return received
