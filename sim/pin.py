"""PINs: the one policy under which they are sent, and the one place that builds the APDUs.

The policy, for a card in a reader as for one in a modem (`modem.pin`, which sends AT commands):

- Nothing is sent without a `PinOrder`, and an order is good for one sending. Nothing is repeated:
  no T=0 step, no second way. A PIN is never guessed; there is no default.
- The tries are read first. With fewer than two left, or where the card does not tell, the order is
  refused unless it names the card's ICCID (`forced`), which a person has to type.
- A blocked PIN is left blocked: no PUK is ever sent, and there is no code that could.
- A PIN that the card does not ask for is not shown to it.

The tries of a UICC are asked by VERIFY without data, which a card answers with 63Cx and counts
nothing (ETSI TS 102 221 clause 11.1.9, unread). That is trusted of cards alone that describe their
PINs as that specification has it; of a SIM (class A0) the answer to SELECT tells them.
"""

from typing import Literal, NamedTuple, NoReturn, TypeVar

from sim.apdu import CLA_GSM, ResponseApdu
from sim.errors import PinFormatError, PinRefused, PinWrong, StatusWordError
from sim.fcp import FileInfo
from sim.filesystem import CardFilesystem
from sim.identifiers import Iccid
from sim.instructions import (
    CHANGE_PIN,
    DISABLE_PIN,
    ENABLE_PIN,
    UNBLOCK_PIN,
    VERIFY,
    OrderedApdu,
)
from sim.reading import Absent, Reading, absent
from sim.status_words import meaning
from sim.transport.base import ApduTransport

T = TypeVar("T")
Action = Literal["verify", "change", "enable", "disable"]

NOT_TOLD = "the card does not tell"
SHOWN_ALREADY = "shown already"
ASKS_FOR_NONE = "the card asks for no PIN"
NOT_ASKED_WHILE_TRIES_ARE_LEFT = "asked only where PIN1 is blocked"
_PIN1 = 0x01
_BLOCKED = frozenset({0x6983, 0x9840})
_FEWEST_TRIES = 2
_FIELD = 8


class PinValue:
    """A PIN of four to eight digits. No text, log, error or copy of it shows them."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        """Take the digits.

        Raises:
            PinFormatError: they are no PIN.
        """
        if not (4 <= len(digits) <= _FIELD and digits.isascii() and digits.isdecimal()):
            raise PinFormatError("a PIN has 4 to 8 digits")
        self._digits = digits

    def __repr__(self) -> str:
        return "PinValue(****)"

    def __str__(self) -> str:
        return "****"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a PIN is not copied")

    def spelled(self) -> str:
        """The digits, for the two modules that send them."""
        return self._digits


class PinOrder:
    """What somebody ordered: `action` with PIN1, once.

    `new_value` is for `change`. `forced` is the ICCID that was typed to go on with fewer than two
    tries left.
    """

    __slots__ = ("_used", "action", "forced", "new_value", "value")

    def __init__(
        self,
        action: Action,
        value: PinValue,
        new_value: PinValue | None = None,
        forced: Iccid | None = None,
    ) -> None:
        if (new_value is None) == (action == "change"):
            raise PinFormatError("a new PIN is needed to change it, and for nothing else")
        self.action = action
        self.value = value
        self.new_value = new_value
        self.forced = forced
        self._used = False

    def take(self) -> None:
        """Use the order up.

        Raises:
            PinRefused: it was used before.
        """
        if self._used:
            raise PinRefused("a PIN is sent once")
        self._used = True


class PinCounters(NamedTuple):
    """PIN1 of a card: whether it is asked for, tries left, tries of its PUK."""

    enabled: Reading[bool]
    retries: Reading[int]
    puk_retries: Reading[int]


def permit(order: PinOrder, iccid: Iccid | None, pin: PinCounters) -> None:
    """Use the order up, where the policy lets it through; `iccid` is what the card shows.

    Raises:
        PinRefused: it does not.
    """
    tries = pin.retries.known
    if tries == 0:
        raise PinRefused("PIN1 is blocked; the PUK is for the card's owner to enter")
    if order.action == "enable" and pin.enabled.known is True:
        raise PinRefused("the card asks for its PIN already")
    shown = order.action == "verify" and pin.retries.reason == SHOWN_ALREADY
    if shown or (order.action != "enable" and pin.enabled.known is False):
        raise PinRefused(ASKS_FOR_NONE)
    if order.forced is not None and order.forced != iccid:
        raise PinRefused("this is another card than the one that was named")
    if order.forced is None and tries is None:
        raise PinRefused("the tries left are not known")
    if order.forced is None and tries is not None and tries < _FEWEST_TRIES:
        raise PinRefused("too few tries are left", tries)
    order.take()


# The APDUs


class _PinApdu(OrderedApdu):
    """VERIFY and its like."""


def _apdu(ins: int, cla: int, data: bytes = b"") -> _PinApdu:
    """The command for PIN1; UNBLOCK only without data, as a question."""
    assert ins != UNBLOCK_PIN or not data
    return _PinApdu(cla, ins, 0x00, _PIN1, data)


_INSTRUCTIONS: dict[Action, int] = {
    "verify": VERIFY,
    "change": CHANGE_PIN,
    "enable": ENABLE_PIN,
    "disable": DISABLE_PIN,
}


def _field(value: PinValue) -> bytes:
    return value.spelled().encode("ascii").ljust(_FIELD, b"\xff")


def read_pin1(transport: ApduTransport, cla: int, root: FileInfo) -> PinCounters:
    """PIN1 as the card tells it; `root` is what SELECT of the MF answered in class `cla`.

    What is selected stays so.

    One command where the card is a UICC that describes its PINs, a second where PIN1 is blocked.

    Raises:
        ReaderError, ApduProtocolError: no answer, or none that is one.
    """
    if cla == CLA_GSM or root.pin1_enabled is None:
        return _as_selected(root)
    tries = _ask_tries(transport, cla, VERIFY)
    puk: Reading[int] = absent(NOT_ASKED_WHILE_TRIES_ARE_LEFT)
    if tries.known == 0:
        puk = _ask_tries(transport, cla, UNBLOCK_PIN)
    return PinCounters(_told(root.pin1_enabled), tries, puk)


def _as_selected(root: FileInfo) -> PinCounters:
    return PinCounters(_told(root.pin1_enabled), _told(root.pin1_retries), _told(root.puk1_retries))


def _told(value: T | None) -> Reading[T]:
    return absent(NOT_TOLD) if value is None else Reading(value, "SELECT")


def _ask_tries(transport: ApduTransport, cla: int, ins: int) -> Reading[int]:
    """Tries left, by a command without data; an answer of another kind is none (6985, 6900)."""
    source = "VERIFY" if ins == VERIFY else "UNBLOCK"
    answer = ResponseApdu.from_bytes(transport.transmit(_apdu(ins, cla)))
    if answer.sw >> 4 == 0x63C:
        return Reading(answer.sw & 0xF, source)
    if answer.sw in _BLOCKED:
        return Reading(0, source)
    if answer.sw1 in {0x90, 0x91}:
        return Reading(Absent(SHOWN_ALREADY), source)
    return Reading(Absent(meaning(answer.sw)), source)


def carry_out(
    transport: ApduTransport, filesystem: CardFilesystem, order: PinOrder, iccid: Iccid | None
) -> None:
    """Send the order to the card in a reader, once, under the policy.

    Raises:
        PinRefused: the policy does not let it through; nothing was sent.
        PinWrong: the card did not take it.
        StatusWordError: the card did not do it for another reason.
        ReaderError, ApduProtocolError: no answer; whether it counted is for the tries to tell.
    """
    cla = filesystem.cla
    permit(order, iccid, read_pin1(transport, cla, filesystem.root))
    data = _field(order.value) + (_field(order.new_value) if order.new_value else b"")
    command = _apdu(_INSTRUCTIONS[order.action], cla, data)
    # Not by `exchange`: whatever the card answers, this is not sent a second time.
    answer = ResponseApdu.from_bytes(transport.transmit(command))
    if answer.sw1 in {0x90, 0x91}:
        return
    if answer.sw >> 4 == 0x63C:
        raise PinWrong(answer.sw & 0xF)
    if answer.sw in _BLOCKED:
        raise PinWrong(0)
    if answer.sw == 0x9804:
        raise PinWrong(None)
    raise StatusWordError(answer.sw, meaning(answer.sw), order.action.upper() + " PIN")
