"""Reading and writing the content of one file, with the status words of either class.

ETSI TS 102 221 clause 11.1.3 to 11.1.6, 3GPP TS 51.011 clause 9.2.3 to 9.2.6, both unread.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.simulator.tree import SimulatedFile

Answer = tuple[bytes, int]
UPDATE_BINARY, UPDATE_RECORD = 0xD6, 0xDC
_NEXT, _PREVIOUS, _ABSOLUTE = 0x02, 0x03, 0x04


@dataclass(frozen=True)
class Command:
    """One command of a card's contact plate, taken apart."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int

    @property
    def gsm(self) -> bool:
        """Whether it is of class A0."""
        return self.cla == 0xA0

    @classmethod
    def parse(cls, apdu: bytes) -> Command | None:
        """From a short command; Le 00 is 256. None where the lengths do not fit."""
        if len(apdu) < 4:
            return None
        cla, ins, p1, p2 = apdu[:4]
        body = apdu[4:]
        if len(body) <= 1:
            return cls(cla, ins, p1, p2, b"", (body[0] if body else 0) or 256)
        count = body[0]
        data, end = body[1 : 1 + count], body[1 + count :]
        if len(data) != count or len(end) > 1:
            return None
        return cls(cla, ins, p1, p2, data, (end[0] if end else 0) or 256)


def refusal(file: SimulatedFile, command: Command, *, transparent: bool, allowed: bool) -> int:
    """The status word that forbids to read or to write, or 0; `allowed`: by the access rules."""
    if not allowed:
        return 0x9804 if command.gsm else 0x6982
    if file.deactivated:
        return 0x9810 if command.gsm else 0x6984
    if (file.structure == "transparent") != transparent:
        return 0x9408 if command.gsm else 0x6981
    return 0


def read_binary(
    file: SimulatedFile, offset: int, command: Command, *, le_zero: str, overlong: str
) -> Answer:
    """Bytes from `offset` on; the two words say how the card differs, see `Behaviour`."""
    left = len(file.content) - offset
    if left <= 0:
        return b"", 0x9402 if command.gsm else 0x6B00
    if command.le == 256 and le_zero != "6c":
        return (b"", 0x9000) if le_zero == "empty" else (file.content[offset:][:256], 0x9000)
    if command.le <= left:
        return file.content[offset : offset + command.le], 0x9000
    if overlong == "6282":
        return file.content[offset:], 0x6282
    return b"", (0x6700 if command.gsm else 0x6C00) | left & 0xFF


def write_binary(file: SimulatedFile, offset: int, command: Command) -> int:
    """Put the command's bytes at `offset`; the status word."""
    end = offset + len(command.data)
    if end > len(file.content):
        return 0x6700 if command.gsm else 0x6B00
    file.content = file.content[:offset] + command.data + file.content[end:]
    return 0x9000


def access_record(file: SimulatedFile, command: Command, pointer: int) -> tuple[Answer, int]:
    """Read or write one record, and where the record pointer is afterwards.

    `pointer` is the record that was used last in the modes next and previous, 0 for none. A cyclic
    file is written in mode previous alone: in place of its oldest record, which becomes the first.
    """
    writes = command.ins == UPDATE_RECORD
    if writes and file.structure == "cyclic":
        return _turn(file, command, pointer)
    number = _number(file, command, pointer)
    if number > len(file.records):  # a status word
        return (b"", number), pointer
    if command.p2 & 0x07 != _ABSOLUTE:
        pointer = number
    if not writes:
        return _read_record(file.records[number - 1], command), pointer
    if len(command.data) != file.record_length:
        return (b"", 0x6700), pointer
    file.records[number - 1] = command.data
    return (b"", 0x9000), pointer


def _turn(file: SimulatedFile, command: Command, pointer: int) -> tuple[Answer, int]:
    if command.p2 & 0x07 != _PREVIOUS or command.p1:
        return (b"", 0x6B00 if command.gsm else 0x6A86), pointer
    if len(command.data) != file.record_length:
        return (b"", 0x6700), pointer
    file.records = [command.data, *file.records[:-1]]
    return (b"", 0x9000), 1


def _number(file: SimulatedFile, command: Command, pointer: int) -> int:
    """Which record is meant, or a status word."""
    mode, count = command.p2 & 0x07, len(file.records)
    beyond = 0x9402 if command.gsm else 0x6A83
    if mode == _ABSOLUTE:
        number = command.p1 or pointer
        return number if 1 <= number <= count else beyond
    if mode not in {_NEXT, _PREVIOUS} or command.p1:
        return 0x6B00 if command.gsm else 0x6A86
    back = pointer - 1 if pointer else count
    number = pointer + 1 if mode == _NEXT else back
    if 1 <= number <= count:
        return number
    if file.structure != "cyclic":
        return beyond
    return 1 if number > count else count


def _read_record(record: bytes, command: Command) -> Answer:
    if command.le != len(record):
        return b"", (0x6700 if command.gsm else 0x6C00) | len(record) & 0xFF
    return record, 0x9000
