"""Three ways through a modem to its card, each an ApduTransport.

`CsimTransport` (AT+CSIM) passes APDUs on the channel that the modem itself uses.
`CrsmTransport` (AT+CRSM) has the modem do the file commands; SELECT is kept here and goes into
each of them. `LogicalChannelTransport` (AT+CCHO, +CGLA, +CCHC) has a channel of its own.
3GPP TS 27.007 clauses 8.17, 8.18, 8.43-8.45 (unread).

A refusal, a silence and an answer that is no APDU become errors of `sim`; that the port is gone
stays the modem's `PortLost`, because it is not the card that is to blame.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from modem.at.command import Command
from modem.causes import cme_code
from modem.commands.sim_access import (
    AccessFile,
    ChangeFile,
    CloseChannel,
    FileAnswer,
    OpenChannel,
    TransmitApdu,
    TransmitOnChannel,
)
from modem.errors import AtCommandError, AtProtocolError, AtTimeout
from sim.apdu import CommandApdu
from sim.errors import ApduProtocolError, CardAbsent, ReaderError, ReaderStuck, SimError
from sim.euicc import Euicc, IsdR, isd_r
from sim.exchange import exchange, is_success
from sim.files.directories import ISD_R
from sim.instructions import (
    GET_RESPONSE,
    READ_BINARY,
    READ_RECORD,
    SELECT,
    WRITING,
    OrderedApdu,
    check_may_be_sent,
)
from sim.transport.base import ApduTransport

T = TypeVar("T")

_NOT_INSERTED = 10
_USIM = bytes.fromhex("A0000000871002")
_CURRENT_APPLICATION = "7FFF"
_TELECOM, _GSM = "7F10", "7F20"
_MF = 0x3F00
_OK, _NOT_FOUND, _NO_SUCH_INSTRUCTION, _NOTHING_SELECTED = 0x9000, 0x6A82, 0x6D00, 0x6986


class _Engine(Protocol):
    """What a way to the card needs of an engine."""

    def run(self, command: Command[T], timeout_s: float | None = None) -> T:
        """The command's answer, or one of `modem.errors`."""
        ...


def _run(engine: _Engine, command: Command[T]) -> T:
    """The answer, with the modem's errors said as those of a reader.

    Raises:
        CardAbsent, ReaderStuck, ReaderError: the modem refuses, or does not answer.
        ApduProtocolError: an answer that is none.
        PortLost: the port went away.
    """
    try:
        return engine.run(command)
    except AtTimeout as silence:
        raise ReaderStuck(f"timeout {silence.timeout_s:g} s") from silence
    except AtCommandError as refusal:
        kind = CardAbsent if cme_code(refusal.final) == _NOT_INSERTED else ReaderError
        raise kind(refusal.final) from refusal
    except AtProtocolError as confusion:
        raise ApduProtocolError(confusion.reason) from confusion


class CsimTransport:
    """APDUs through AT+CSIM.

    The basic channel is shared: the modem may select another file between two commands of ours,
    and finds selected what we selected last. `CardFilesystem.leave` says what to do about that.
    """

    name = "AT+CSIM"

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to `command`.

        Raises:
            ReaderError, ApduProtocolError, PortLost: see `_run`.
        """
        return _run(self._engine, TransmitApdu(command))

    def close(self) -> None:
        """Nothing to give back."""


class LogicalChannelTransport:
    """APDUs through a logical channel that is opened for the first of them.

    `aid` names the application that opening selects, whole or shortened from the right; `session`
    is a channel that was opened with it before.
    """

    name = "AT+CGLA"

    def __init__(self, engine: _Engine, aid: bytes = _USIM, *, session: int | None = None) -> None:
        self._engine = engine
        self._aid = aid
        self._session = session

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to `command`.

        Raises:
            ReaderError, ApduProtocolError, PortLost: see `_run`.
        """
        if self._session is None:
            self._session = _run(self._engine, OpenChannel(self._aid))
        return _run(self._engine, TransmitOnChannel(self._session, command))

    def close(self) -> None:
        """Close the channel, if one was opened; a modem that refuses has closed it already."""
        if self._session is None:
            return
        session, self._session = self._session, None
        try:
            _run(self._engine, CloseChannel(session))
        except SimError:
            return


class CrsmTransport:
    """File commands through AT+CRSM; what is selected is remembered here."""

    name = "AT+CRSM"

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine
        self._path = ""
        self._fid: int | None = None
        self._has_usim = False

    def transmit(self, command: bytes) -> bytes:
        """The answer that a card would give to `command`: SELECT, READ, and UPDATE if ordered.

        Raises:
            ReaderError, ApduProtocolError, PortLost: see `_run`.
        """
        check_may_be_sent(command)
        instruction = command[1]
        if instruction == SELECT:
            return self._select(command[2], command[5:])
        if isinstance(command, OrderedApdu) and instruction in WRITING and self._fid is not None:
            # The path that describing or reading the file has shown to lead to it.
            change = ChangeFile(command, self._fid, path=self._directories)
            return _whole(_run(self._engine, change))
        if instruction not in {READ_BINARY, READ_RECORD}:
            return _answer(_NO_SUCH_INSTRUCTION)
        if self._fid is None:
            return _answer(_NOTHING_SELECTED)
        wanted = command[4] if len(command) > 4 else 0
        return _whole(self._access(instruction, command[2], command[3], wanted))

    def close(self) -> None:
        """Nothing to give back."""

    def _select(self, by: int, data: bytes) -> bytes:
        self._fid = None
        if by == 0x04:  # by AID: the modem's own application is the USIM
            self._path = _CURRENT_APPLICATION
            self._has_usim = data.startswith(_USIM)
            return _answer(_OK if self._has_usim else _NOT_FOUND)
        if by != 0x00 or len(data) < 2:
            return _answer(_NO_SUCH_INSTRUCTION)
        fid = int.from_bytes(data[:2], "big")
        if fid == _MF:
            self._path = ""
        elif fid >> 8 == 0x7F:
            self._path = f"{fid:04X}"
        elif fid >> 8 == 0x5F:
            self._path += f"{fid:04X}"
        else:
            self._fid = fid
            return self._describe()
        return _answer(_OK)

    def _describe(self) -> bytes:
        """What the card says of the selected file; nothing where the modem will not ask."""
        try:
            answer = self._access(GET_RESPONSE, 0, 0, 0)
            if answer.sw >> 8 in {0x6C, 0x67} and answer.sw & 0xFF:
                answer = self._access(GET_RESPONSE, 0, 0, answer.sw & 0xFF)
        except CardAbsent:
            raise
        except (ReaderError, ApduProtocolError):
            return _answer(_OK)
        if answer.sw in {_NOT_FOUND, 0x9404}:
            return _answer(answer.sw)
        return _whole(answer) if answer.sw == _OK else _answer(_OK)

    @property
    def _directories(self) -> str:
        """The path to name; none where the modem finds the file by itself."""
        return "" if self._path == _CURRENT_APPLICATION else self._path

    def _access(self, instruction: int, p1: int, p2: int, p3: int) -> FileAnswer:
        """One file command; a modem that takes no path is asked without one.

        Not where that would find a file of the same identifier in another directory: without a
        path a modem looks in the USIM first, and 6F38 is EF.UST there and EF.SST in DF.GSM.
        """
        fid = self._fid or 0
        path = self._directories
        if path:
            try:
                return _run(self._engine, AccessFile(instruction, fid, p1, p2, p3, path=path))
            except CardAbsent:
                raise
            except ReaderError:
                if path != _TELECOM and (path != _GSM or self._has_usim):
                    raise
                self._path = ""
        return _run(self._engine, AccessFile(instruction, fid, p1, p2, p3))


def _answer(sw: int) -> bytes:
    return sw.to_bytes(2, "big")


def _whole(answer: FileAnswer) -> bytes:
    return answer.data + _answer(answer.sw)


def read_euicc(
    engine: _Engine, wrapped: Callable[[ApduTransport], ApduTransport] = lambda inner: inner
) -> Euicc:
    """What an eUICC in the modem says of itself: by AT+CGLA, else over a channel by AT+CSIM.

    Raises:
        StatusWordError: the card has no ISD-R (6A82), or opens no channel.
        ReaderError, ApduProtocolError: the modem lets nobody at it.
        PortLost: the port went away.
    """
    channel = wrapped(LogicalChannelTransport(engine, ISD_R))
    try:
        return IsdR(channel).read()
    except (CardAbsent, ReaderStuck):
        raise
    except ReaderError as refusal:
        channel.close()
        try:
            with isd_r(wrapped(CsimTransport(engine))) as ours:
                return ours.read()
        except ReaderError:
            raise refusal from None  # both are refusals of the modem; the first names the rule
    finally:
        channel.close()


def read_ef_iccid(transport: ApduTransport) -> bytes | None:
    """EF.ICCID in five commands, of a UICC or (class A0) a SIM; None where it cannot be read.

    The last one selects what the modem works in: see `CardFilesystem.leave`.

    Raises:
        PortLost: the port went away.
    """
    for cla, p2, home in ((0x00, 0x0C, _CURRENT_APPLICATION), (0xA0, 0x00, "7F20")):
        content = None
        try:
            if not _selected(transport, cla, p2, "3F00"):
                continue
            if _selected(transport, cla, p2, "2FE2"):
                content = exchange(transport, CommandApdu(cla, READ_BINARY, 0, 0, le=10))
            _selected(transport, cla, p2, home)
        except SimError:
            pass  # what was read before stands
        return content.data or None if content and is_success(content.sw) else None
    return None


def _selected(transport: ApduTransport, cla: int, p2: int, fid: str) -> bool:
    command = bytes([cla, SELECT, 0, p2, 2]) + bytes.fromhex(fid)
    return transport.transmit(command)[-2] in {0x90, 0x91, 0x61, 0x9F}
