"""Which instructions a card may be given, and by whom: the guard at every door to a card.

Whatever reads may be sent by anybody. Everything else is an `OrderedApdu`, and for these there is
one builder a kind: `sim.pin` (PINs) and `sim.update` (records). AUTHENTICATE, TERMINATE,
DEACTIVATE, DELETE and the like have no builder, so nothing can send them.

`simward status` passes through here: nothing that is slow to import.
Sources: ISO/IEC 7816-4 (unread); ETSI TS 102 221 clauses 10.1.2 and 11.1 (unread).
"""

from typing import NoReturn, Self

from sim.errors import ApduProtocolError

SELECT = 0xA4
READ_BINARY = 0xB0
READ_RECORD = 0xB2
GET_RESPONSE = 0xC0
STATUS = 0xF2
MANAGE_CHANNEL = 0x70
STORE_DATA = 0xE2

VERIFY = 0x20
CHANGE_PIN = 0x24
DISABLE_PIN = 0x26
ENABLE_PIN = 0x28
UNBLOCK_PIN = 0x2C
UPDATE_RECORD = 0xDC

READING = frozenset({SELECT, READ_BINARY, READ_RECORD, GET_RESPONSE, STATUS, MANAGE_CHANNEL})
# STORE DATA carries to an eUICC what enables, deletes and renames profiles as well as what asks: of
# its requests these can be written down, whole, and no other. GSMA SGP.22, ASN.1 module
# RSPDefinitions (read): GetEuiccDataRequest, ProfileInfoListRequest.
ASK_EID = bytes.fromhex("BF3E035C015A")
ASK_PROFILES = bytes.fromhex("BF2D095C075A9F7090919295")
ASK_PROFILES_WHOLE = bytes.fromhex("BF2D00")
WHOLE_QUESTION = (0x91, 0x00)
_QUESTIONS = frozenset({ASK_EID, ASK_PROFILES, ASK_PROFILES_WHOLE})

PIN_INSTRUCTIONS = frozenset({VERIFY, CHANGE_PIN, DISABLE_PIN, ENABLE_PIN, UNBLOCK_PIN})
WRITING = frozenset({UPDATE_RECORD})
_BUILDERS = {"sim.pin": PIN_INSTRUCTIONS, "sim.update": WRITING}


class OrderedApdu(bytes):
    """The bytes of a command that does more than read, as the one module made them that may.

    Each of those modules has one subclass of its own; another module cannot have one. A copy
    (a slice, `bytes(...)`) is no order any more: the doors take this very object. `repr` shows the
    header alone.
    """

    _allowed: frozenset[int] = frozenset()

    def __init_subclass__(cls) -> None:
        """Refuse a builder that is none of the table's.

        Raises:
            TypeError: it is.
        """
        allowed = _BUILDERS.get(cls.__module__)
        if allowed is None:
            raise TypeError(f"{cls.__module__} may build no such command")
        cls._allowed = allowed

    def __new__(cls, cla: int, ins: int, p1: int, p2: int, data: bytes = b"") -> Self:
        """The command in its short form, without Le; without data P3 is 00.

        Raises:
            ApduProtocolError: an instruction that is not this builder's, or a value out of range.
        """
        if ins not in cls._allowed:
            raise ApduProtocolError(f"INS {ins:02X} is not for {cls.__module__}")
        if len(data) > 255 or not all(0 <= value <= 0xFF for value in (cla, p1, p2)):
            raise ApduProtocolError("a value out of range")
        return super().__new__(cls, bytes((cla, ins, p1, p2, len(data))) + data)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self[:5].hex().upper()})"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("an order is not copied")


def only_reads(ins: int, p1: int, p2: int, data: bytes) -> bool:
    """Whether a command with this header and data leaves a card as it is."""
    asks = ins == STORE_DATA and (p1, p2) == WHOLE_QUESTION and data in _QUESTIONS
    return ins in READING or asks


def check_may_be_sent(command: bytes) -> None:
    """Nothing, where `command` reads or was ordered.

    Raises:
        ApduProtocolError: it does something else, or is no command.
    """
    if len(command) < 4:
        raise ApduProtocolError("no command APDU")
    if isinstance(command, OrderedApdu):
        return
    data = command[5 : 5 + command[4]] if len(command) > 5 else b""
    if not only_reads(command[1], command[2], command[3], data):
        raise ApduProtocolError(f"INS {command[1]:02X} is not one that only reads")
