"""Cards in PC/SC readers, through pyscard (the extra `pcsc`), which is imported at the first use.

A reader is taken in shared mode, and then a transaction keeps everybody else away until it is given
back: whoever has a connection keeps it, nobody comes between two of our commands, and the card is
left powered as it was found. Calls may block without limit in the driver: a thread of their own,
`card-io`, makes them, and whoever wants one waits with a deadline. One that does not come back is
said (`ReaderStuck`) and left alone.

Sources: PC/SC Workgroup part 5 (unread), the manual of pcsc-lite's winscard.h.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sim.errors import (
    CardAbsent,
    CardMute,
    CardReset,
    ReaderError,
    ReaderUnavailable,
)
from sim.instructions import PIN_INSTRUCTIONS, SELECT, STORE_DATA, check_may_be_sent
from sim.transport.desk import Desk

DEADLINE_S: Final = 10.0
NO_PYSCARD = "pyscard is not installed"
NO_SERVICE = "the PC/SC service (pcscd) does not run"
NO_READER = "no card reader is connected"
HELD = "another program holds the reader"
NOT_ALLOWED = "no permission to use the reader"
SILENT = "the card does not answer"
_NO_DATA_WANTED = 0x0C

_OK = 0
# Result codes of pcsc-lite, which are those of Microsoft's winscard.
_SERVICE_GONE = frozenset({0x8010001D, 0x8010001E})
_NO_READERS = 0x8010002E
_READER_GONE = frozenset({0x80100009, 0x80100017})
_SHARING_VIOLATION = 0x8010000B
_FORBIDDEN = frozenset({0x8010006A, 0x80100027})
_NO_CARD = frozenset({0x8010000C, 0x80100069})
_WAS_RESET = 0x80100068
_UNRESPONSIVE = frozenset({0x80100066, 0x80100067, 0x8010000F, 0x80100014, 0x80100013})
_NOT_TRANSACTED = 0x80100016
_TIMEOUT = 0x8010000A
_CANCELLED = 0x80100002

_LOOKS_AGAIN_MS = 1000
_PRESENT, _EXCLUSIVE, _MUTE = 0x20, 0x80, 0x200
_PNP = "\\\\?PnP?\\Notification"


class ReaderState(NamedTuple):
    """A reader: `card` is `absent`, `present`, `mute` or `held` (by another program alone)."""

    name: str
    card: str
    atr: bytes | None


class CardMoved(NamedTuple):
    """A card came into a reader, or went out of it."""

    reader: str
    inserted: bool
    atr: bytes | None


def list_readers(deadline_s: float = DEADLINE_S) -> tuple[ReaderState, ...]:
    """All readers, in the order of pcscd.

    Raises:
        ReaderUnavailable: no pyscard, or no service.
        ReaderStuck: the service does not answer.
    """
    desk = Desk()
    try:
        return desk.run(_list, deadline_s)
    finally:
        desk.close()


class PcscTransport:
    """The card in one reader, for us alone until `close`."""

    name = "PC/SC"

    def __init__(
        self, reader: str, *, connect_s: float = DEADLINE_S, answer_s: float = DEADLINE_S
    ) -> None:
        """Connects; `reader` is the whole name.

        Raises:
            ReaderUnavailable: no service, no such reader, or another program holds it.
            CardAbsent, CardMute: no card, or one that says nothing.
            ReaderStuck: no answer in time.
        """
        self.reader = reader
        self._answer_s = answer_s
        self._session = _Session(reader)
        self._desk = Desk()
        try:
            self.atr, self._protocol = self._desk.run(self._session.connect, connect_s)
        except BaseException:
            self._desk.close(self._session.disconnect)
            raise

    @property
    def protocol(self) -> str:
        """`T=0` or `T=1`."""
        return "T=1" if self._protocol == 2 else "T=0"

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to `command`.

        Raises:
            CardAbsent, CardReset, CardMute, ReaderStuck, ReaderError: see `sim.errors`.
            ApduProtocolError: the command does more than read, and nobody ordered it.
        """
        check_may_be_sent(command)
        sent = for_t1(command) if self.protocol == "T=1" else command
        return self._desk.run(lambda: self._session.transmit(sent), self._answer_s)

    def close(self) -> None:
        """Give the reader back; calling it twice is harmless."""
        self._desk.close(self._session.disconnect)


class ReaderWatch:
    """Tells of cards that come and go, of all readers; `changes` blocks in the caller's thread."""

    def __init__(self) -> None:
        """Asks for the service.

        Raises:
            ReaderUnavailable: no pyscard, or no service.
        """
        self._scard = _scard()
        self._context = _establish(self._scard)
        self._states: dict[str, int] = {}
        self._began = False

    def changes(self, timeout_s: float) -> list[CardMoved]:
        """What happened, as soon as something did; nothing at the end of the time, or of `stop`.

        The first call tells of the cards that are in already, at once.

        Raises:
            ReaderUnavailable: the service went away.
        """
        for name in _names(self._scard, self._context):
            self._states.setdefault(name, 0)
        wanted = [*self._states.items()]
        if self._began:
            wanted.append((_PNP, len(self._states) << 16))
        result, states = self._scard.SCardGetStatusChange(
            self._context, int(timeout_s * 1000) if self._began else 0, wanted
        )
        self._began = True
        if _code(result) in {_TIMEOUT, _CANCELLED}:
            return []
        if _code(result) in _READER_GONE:  # one was unplugged: look again
            self._states.clear()
            return []
        _check(self._scard, result)
        return [moved for state in states if state[0] != _PNP for moved in self._compared(state)]

    def stop(self) -> None:
        """Have `changes` return; from any thread."""
        self._scard.SCardCancel(self._context)

    def close(self) -> None:
        """Let go of the service."""
        self._scard.SCardReleaseContext(self._context)

    def _compared(self, state: tuple[str, int, list[int]]) -> list[CardMoved]:
        name, now, atr = state[0], state[1], bytes(value & 0xFF for value in state[2])
        before = self._states.get(name, 0)
        self._states[name] = now
        was_in, is_in = bool(before & _PRESENT), bool(now & _PRESENT)
        # pcsc-lite counts insertions and removals in the upper half: in, out and in again between
        # two looks is another card.
        exchanged = was_in and is_in and before >> 16 != now >> 16
        moved = []
        if (was_in and not is_in) or exchanged:
            moved.append(CardMoved(name, inserted=False, atr=None))
        if (is_in and not was_in) or exchanged:
            moved.append(CardMoved(name, inserted=True, atr=atr or None))
        return moved


def for_t1(command: bytes) -> bytes:
    """The command as T=1 has it: one that brings data back says so by its Le.

    Over T=0 SELECT and STORE DATA have none, and the answer is fetched with GET RESPONSE. VERIFY
    without a PIN has four bytes, where T=0 says 00 for "no data".
    """
    if len(command) == 5 and command[1] in PIN_INSTRUCTIONS:
        return command[:4]
    brings = len(command) > 5 and command[1] in {SELECT, STORE_DATA}
    if brings and len(command) == 5 + command[4] and command[3] & _NO_DATA_WANTED != 0x0C:
        return command + b"\x00"
    return command


# The calls, made in the thread `card-io`


class _Session:
    """One connection, in shared mode and with a transaction."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._scard: Any = None
        self._context: Any = None
        self._card: Any = None
        self._protocol = 0

    def connect(self) -> tuple[bytes, int]:
        """The answer to reset, and the protocol."""
        self._scard = scard = _scard()
        self._context = _establish(scard)
        try:
            both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            result, card, protocol = scard.SCardConnect(
                self._context, self._reader, scard.SCARD_SHARE_SHARED, both
            )
            _check(scard, result)
            self._card, self._protocol = card, protocol
            self._begin()
            result, _, _, _, atr = scard.SCardStatus(card)
            _check(scard, result)
        except BaseException:
            self.disconnect()
            raise
        return bytes(value & 0xFF for value in atr), protocol

    def _begin(self) -> None:
        """Wait for our turn; a card that another program reset before is taken as it is."""
        scard = self._scard
        result = scard.SCardBeginTransaction(self._card)
        if _code(result) == _WAS_RESET:
            both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            result, self._protocol = scard.SCardReconnect(
                self._card, scard.SCARD_SHARE_SHARED, both, scard.SCARD_LEAVE_CARD
            )
            _check(scard, result)
            result = scard.SCardBeginTransaction(self._card)
        _check(scard, result)

    def transmit(self, command: bytes) -> bytes:
        scard = self._scard
        if self._card is None:
            raise ReaderError("the reader was given back")
        header = scard.SCARD_PCI_T1 if self._protocol == 2 else scard.SCARD_PCI_T0
        result, answer = scard.SCardTransmit(self._card, header, list(command))
        if _code(result) == _NOT_TRANSACTED:
            raise CardMute(SILENT) if self._is_there() else CardAbsent
        _check(scard, result)
        return bytes(value & 0xFF for value in answer)

    def _is_there(self) -> bool:
        """Whether the card has contact; a reader may need a moment to see that it has not."""
        scard = self._scard
        _, states = scard.SCardGetStatusChange(self._context, 0, [(self._reader, 0)])
        if states and states[0][1] & _PRESENT:
            seen = [(self._reader, states[0][1])]
            _, states = scard.SCardGetStatusChange(self._context, _LOOKS_AGAIN_MS, seen)
        return bool(states and states[0][1] & _PRESENT)

    def disconnect(self) -> None:
        """Give everything back, as far as it was taken; errors change nothing any more."""
        scard = self._scard
        if self._card is not None:
            scard.SCardEndTransaction(self._card, scard.SCARD_LEAVE_CARD)
            scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)
            self._card = None
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
            self._context = None


def _scard() -> Any:
    try:
        from smartcard import scard
    except ImportError as error:
        raise ReaderUnavailable(NO_PYSCARD) from error
    return scard


def _establish(scard: Any) -> Any:
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _check(scard, result)
    return context


def _list() -> tuple[ReaderState, ...]:
    scard = _scard()
    context = _establish(scard)
    try:
        return tuple(_states(scard, context, _names(scard, context)))
    finally:
        scard.SCardReleaseContext(context)


def _names(scard: Any, context: Any) -> list[str]:
    result, names = scard.SCardListReaders(context, [])
    if _code(result) == _NO_READERS:
        return []
    _check(scard, result)
    return list(names)


def _states(scard: Any, context: Any, names: list[str]) -> list[ReaderState]:
    if not names:
        return []
    result, states = scard.SCardGetStatusChange(context, 0, [(name, 0) for name in names])
    if _code(result) != _TIMEOUT:
        _check(scard, result)
    return [
        ReaderState(name, _words(flags), bytes(value & 0xFF for value in atr) or None)
        for name, flags, atr in states
    ]


def _words(flags: int) -> str:
    if not flags & _PRESENT:
        return "absent"
    if flags & _MUTE:
        return "mute"
    return "held" if flags & _EXCLUSIVE else "present"


def _code(result: int) -> int:
    """The code as it is written: pyscard may give it as a signed number."""
    return int(result) & 0xFFFFFFFF


def _check(scard: Any, result: int) -> None:
    """Nothing, where the call went well.

    Raises:
        ReaderError: one of its kinds, by the code.
    """
    code = _code(result)
    if code == _OK:
        return
    if code in _NO_CARD:
        raise CardAbsent
    if code == _WAS_RESET:
        raise CardReset("another program reset the card")
    if code in _UNRESPONSIVE:
        raise CardMute(SILENT)
    if code in _SERVICE_GONE:
        raise ReaderUnavailable(NO_SERVICE)
    if code == _NO_READERS:
        raise ReaderUnavailable(NO_READER)
    if code == _SHARING_VIOLATION:
        raise ReaderUnavailable(HELD)
    if code in _FORBIDDEN:
        raise ReaderUnavailable(NOT_ALLOWED)
    words = f"{scard.SCardGetErrorMessage(result)} ({code:08X})"
    raise ReaderUnavailable(words) if code in _READER_GONE else ReaderError(words)
