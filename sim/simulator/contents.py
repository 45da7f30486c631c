"""Reading and writing the content of one file, with the status words of either class.

ETSI TS 102 221 clause 11.1.3 to 11.1.6, 3GPP TS 51.011 clause 9.2.3 to 9.2.6, both unread.
"""

from dataclasses import dataclass

from sim.simulator.tree import SimulatedFile

Answer = tuple[bytes, int]
UPDATE_BINARY, UPDATE_RECORD = 0xD6, 0xDC
_PREVIOUS, _ABSOLUTE = 0x03, 0x04


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


def refusal(file: SimulatedFile, command: Command, *, transparent: bool, open_: bool) -> int:
    """The status word that forbids to read or to write, or 0; `open_`: PIN1 was shown."""
    writes = command.ins in {UPDATE_BINARY, UPDATE_RECORD}
    wanted = file.update if writes else file.read
    if wanted == "never" or (wanted == "pin1" and not open_):
        return 0x9804 if command.gsm else 0x6982
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


def read_record(file: SimulatedFile, command: Command) -> Answer:
    """One record, by its number."""
    if command.p2 & 0x07 != _ABSOLUTE:
        return b"", 0x6B00 if command.gsm else 0x6A86
    if not 1 <= command.p1 <= len(file.records):
        return b"", 0x9402 if command.gsm else 0x6A83
    record = file.records[command.p1 - 1]
    if command.le != len(record):
        return b"", (0x6700 if command.gsm else 0x6C00) | len(record) & 0xFF
    return record, 0x9000


def write_binary(file: SimulatedFile, offset: int, command: Command) -> int:
    """Put the command's bytes at `offset`; the status word."""
    end = offset + len(command.data)
    if end > len(file.content):
        return 0x6700 if command.gsm else 0x6B00
    file.content = file.content[:offset] + command.data + file.content[end:]
    return 0x9000


def write_record(file: SimulatedFile, command: Command) -> int:
    """Put the command's bytes into a record, by number; in a cyclic file into the oldest one."""
    cyclic = file.structure == "cyclic"
    if command.p2 & 0x07 != (_PREVIOUS if cyclic else _ABSOLUTE):
        return 0x6B00 if command.gsm else 0x6A86
    if len(command.data) != file.record_length:
        return 0x6700
    if cyclic:
        file.records = [command.data, *file.records[:-1]]
    elif not 1 <= command.p1 <= len(file.records):
        return 0x9402 if command.gsm else 0x6A83
    else:
        file.records[command.p1 - 1] = command.data
    return 0x9000
