"""Sending a short message (3GPP TS 27.005 clause 4.3, TS 23.040 clause 9.2, unread).

PDU mode: text mode would depend on the character set that the modem is set to.
"""

from modem.at.syntax import to_int
from modem.commands.base import PrefixedCommand

_SUBMIT, _ANY_REFERENCE, _NO_PROTOCOL, _GSM_ALPHABET = 0x01, 0x00, 0x00, 0x00
_INTERNATIONAL, _UNKNOWN_TYPE = 0x91, 0x81
_CTRL_Z = b"\x1a"


class SendMessage(PrefixedCommand[int]):
    """AT+CMGS in PDU mode: one short message to `number`; the answer is its reference."""

    prefixes = ("+CMGS",)
    timeout_s = 60.0

    def __init__(self, number: str, text: str) -> None:
        tpdu = submit(number, text)
        self.text = f"AT+CMGS={len(tpdu)}"
        # 00: the service centre that the card names
        self.payload = b"00" + tpdu.hex().upper().encode() + _CTRL_Z

    def parse(self, lines: tuple[str, ...]) -> int:
        """The message's reference."""
        reference = to_int(next(iter(self.rows(lines)[-1]), None))
        if reference is None:
            raise self.refuse(lines)
        return reference


def submit(number: str, text: str) -> bytes:
    """An SMS-SUBMIT TPDU; `number` is digits, `+` in front of an international one.

    `text` may hold ASCII letters, digits and blanks: they are the same in the GSM alphabet.
    """
    digits = number.removeprefix("+")
    kind = _INTERNATIONAL if number.startswith("+") else _UNKNOWN_TYPE
    padded = digits + "F" * (len(digits) % 2)
    swapped = "".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2))
    return bytes(
        [
            _SUBMIT,
            _ANY_REFERENCE,
            len(digits),
            kind,
            *bytes.fromhex(swapped),
            _NO_PROTOCOL,
            _GSM_ALPHABET,
            len(text),
            *_septets(text),
        ]
    )


def _septets(text: str) -> bytes:
    bits = sum(ord(char) << (7 * place) for place, char in enumerate(text))
    return bits.to_bytes((7 * len(text) + 7) // 8, "little")
