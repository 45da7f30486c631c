"""Command and response APDUs, short form, of the commands that only read.

Sources: ISO/IEC 7816-4 (cases 1-4, unread); ETSI TS 102 221 clauses 10 and 11 (unread); 3GPP
TS 51.011 clause 9.2 (class A0, unread).
"""

from dataclasses import dataclass

from sim.errors import ApduProtocolError
from sim.instructions import (
    GET_RESPONSE,
    MANAGE_CHANNEL,
    READ_BINARY,
    READ_RECORD,
    SELECT,
    STATUS,
    STORE_DATA,
    WHOLE_QUESTION,
    only_reads,
)

CLA_UICC = 0x00
CLA_UICC_STATUS = 0x80
CLA_GSM = 0xA0


@dataclass(frozen=True)
class CommandApdu:
    """One command; `le` is the number of bytes wanted, 1-256, or None where no answer is due.

    VERIFY, UPDATE and whatever else can burn a try or change a card cannot be written down as one:
    see `sim.instructions`.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be sent, and what must not be sent.

        Raises:
            ApduProtocolError: a value out of range, or an instruction that does not only read.
        """
        if not only_reads(self.ins, self.p1, self.p2, self.data):
            raise ApduProtocolError(f"INS {self.ins:02X} is not one that only reads")
        if not all(0 <= value <= 0xFF for value in (self.cla, self.p1, self.p2)):
            raise ApduProtocolError("CLA, P1 and P2 are one byte each")
        if len(self.data) > 255:
            raise ApduProtocolError("more than 255 bytes of data")
        if self.le is not None and not 1 <= self.le <= 256:
            raise ApduProtocolError("Le is not 1-256")

    def to_bytes(self) -> bytes:
        """The bytes on the wire: header, then Lc and data, then Le (256 is written 00)."""
        header = bytes((self.cla, self.ins, self.p1, self.p2))
        body = bytes((len(self.data),)) + self.data if self.data else b""
        end = b"" if self.le is None else bytes((self.le & 0xFF,))
        return header + body + end if body or end else header + b"\x00"

    @property
    def text(self) -> str:
        """The header in words, for errors and logs: data is left out, it may name a subscriber."""
        return f"{_NAMES[self.ins]} {self.cla:02X} {self.p1:02X} {self.p2:02X}"


_NAMES = {
    SELECT: "SELECT",
    READ_BINARY: "READ BINARY",
    READ_RECORD: "READ RECORD",
    GET_RESPONSE: "GET RESPONSE",
    STATUS: "STATUS",
    MANAGE_CHANNEL: "MANAGE CHANNEL",
    STORE_DATA: "STORE DATA",
}


@dataclass(frozen=True)
class ResponseApdu:
    """One answer: `data`, and the status word as a number."""

    data: bytes
    sw: int

    @classmethod
    def from_bytes(cls, raw: bytes) -> "ResponseApdu":
        """From what a transport brought.

        Raises:
            ApduProtocolError: shorter than a status word.
        """
        if len(raw) < 2:
            raise ApduProtocolError(f"an answer of {len(raw)} bytes has no status word")
        return cls(bytes(raw[:-2]), int.from_bytes(raw[-2:], "big"))

    @property
    def sw1(self) -> int:
        """The first byte of the status word."""
        return self.sw >> 8

    @property
    def sw2(self) -> int:
        """The second byte of the status word."""
        return self.sw & 0xFF


def select_by_fid(fid: int, cla: int = CLA_UICC) -> CommandApdu:
    """SELECT of a file by its identifier; a UICC is asked for the FCP.

    Without Le, as T=0 sends it: the answer comes by GET RESPONSE, and modems pass it unchanged.
    """
    return CommandApdu(cla, SELECT, 0x00, _select_p2(cla), fid.to_bytes(2, "big"))


def select_by_path(fids: tuple[int, ...], cla: int = CLA_UICC) -> CommandApdu:
    """SELECT by path from the MF (which is not named in it); UICC only."""
    path = b"".join(fid.to_bytes(2, "big") for fid in fids)
    return CommandApdu(cla, SELECT, 0x08, _select_p2(cla), path)


def select_by_aid(aid: bytes, cla: int = CLA_UICC) -> CommandApdu:
    """SELECT of an application by its AID, whole or shortened from the right."""
    return CommandApdu(cla, SELECT, 0x04, _select_p2(cla), aid)


def read_binary(offset: int, length: int, cla: int = CLA_UICC) -> CommandApdu:
    """READ BINARY of the selected file; `length` 1-256 bytes from `offset`, which has 15 bits.

    Raises:
        ApduProtocolError: a value out of range.
    """
    if not 0 <= offset <= 0x7FFF:
        raise ApduProtocolError("an offset has 15 bits")
    return CommandApdu(cla, READ_BINARY, offset >> 8, offset & 0xFF, le=length)


def read_record(number: int, length: int, cla: int = CLA_UICC) -> CommandApdu:
    """READ RECORD `number` (from 1) of the selected file, by absolute number."""
    return CommandApdu(cla, READ_RECORD, number, 0x04, le=length)


def get_response(length: int, cla: int = CLA_UICC) -> CommandApdu:
    """GET RESPONSE of `length` bytes (256 where the card's number was 00)."""
    return CommandApdu(cla, GET_RESPONSE, 0x00, 0x00, le=length)


def status(length: int = 256, cla: int = CLA_UICC_STATUS) -> CommandApdu:
    """STATUS: what is selected now."""
    return CommandApdu(cla, STATUS, 0x00, 0x00, le=length)


def open_channel() -> CommandApdu:
    """MANAGE CHANNEL that opens the next free logical channel; the answer is its number."""
    return CommandApdu(CLA_UICC, MANAGE_CHANNEL, 0x00, 0x00, le=1)


def close_channel(number: int) -> CommandApdu:
    """MANAGE CHANNEL that closes logical channel `number`."""
    return CommandApdu(CLA_UICC, MANAGE_CHANNEL, 0x80, number)


def ask_euicc(question: bytes, channel: int = 0) -> CommandApdu:
    """STORE DATA with one of the questions above, for an ISD-R that is selected on `channel`.

    Raises:
        ApduProtocolError: it is none of them.
    """
    return CommandApdu(class_on_channel(0x80, channel), STORE_DATA, *WHOLE_QUESTION, question)


def class_on_channel(cla: int, channel: int) -> int:
    """The class `cla` (00 or 80) on a logical channel, 0-19.

    ISO/IEC 7816-4 clause 5.4.1, ETSI TS 102 221 clause 10.1.1 (unread).
    """
    return cla | channel if channel < 4 else cla | 0x40 | (channel - 4)


def _select_p2(cla: int) -> int:
    return 0x00 if cla == CLA_GSM else 0x04
