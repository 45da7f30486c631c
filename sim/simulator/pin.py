"""The simulated card's PINs: values, tries left, and the commands that use them up."""

from __future__ import annotations

from dataclasses import dataclass

PIN_TRIES, PUK_TRIES = 3, 10
_DIGITS = 8


@dataclass
class Pin:
    """One PIN with its PUK: values, tries left, and whether it was shown since the last reset.

    A key without a PUK (`puk` empty) cannot be unblocked.
    """

    enabled: bool = False
    value: str = "1234"
    retries: int = PIN_TRIES
    puk: str = "12345678"
    puk_retries: int = PUK_TRIES
    verified: bool = False

    @property
    def state(self) -> str:
        """`ready`, `pin`, `puk` or `blocked`, as a modem would say it."""
        if not self.puk_retries:
            return "blocked"
        if not self.retries:
            return "puk"
        return "pin" if self.enabled and not self.verified else "ready"

    def verify(self, value: str) -> bool:
        """Show the PIN: whether it was right. A wrong one costs a try."""
        if not self.retries:
            return False
        if value != self.value:
            self.retries -= 1
            return False
        self.retries = PIN_TRIES
        self.verified = True
        return True

    def change(self, value: str, new_value: str) -> bool:
        """Put `new_value` in place of `value`; as `verify`, and only an enabled PIN is changed."""
        if not self.enabled or not self.verify(value):
            return False
        self.value = new_value
        return True

    def switch(self, value: str, *, enabled: bool) -> bool:
        """Have the card ask for the PIN or not; as `verify`."""
        if not self.verify(value):
            return False
        self.enabled = enabled
        return True

    def unblock(self, puk: str, new_value: str) -> bool:
        """Show the PUK and set a new PIN: whether it was right. A wrong one costs a try."""
        if not self.puk_retries:
            return False
        if puk != self.puk:
            self.puk_retries -= 1
            return False
        self.value, self.retries, self.puk_retries = new_value, PIN_TRIES, PUK_TRIES
        self.enabled = self.verified = True
        return True


def pin_command(pin: Pin, ins: int, data: bytes, *, gsm: bool) -> int:
    """The status word of VERIFY, CHANGE, DISABLE, ENABLE or UNBLOCK (INS 20, 24, 26, 28, 2C).

    ETSI TS 102 221 clause 11.1.9 to 11.1.13, 3GPP TS 51.011 clause 9.2.9 to 9.2.13, both unread.
    Without data VERIFY and UNBLOCK tell the tries left and use none.
    """
    tries = "puk_retries" if ins == 0x2C else "retries"
    if ins == 0x2C and not pin.puk:
        return 0x9808 if gsm else 0x6984
    if not getattr(pin, tries):
        return 0x9840 if gsm else 0x6983
    if not data and ins in {0x20, 0x2C} and not gsm:
        return _wrong(getattr(pin, tries), gsm=gsm)
    if len(data) != _DIGITS * (2 if ins in {0x24, 0x2C} else 1):
        return 0x6700
    if ins in {0x24, 0x26} and not pin.enabled:
        return 0x9808 if gsm else 0x6984
    right = _use(pin, ins, _digits(data[:_DIGITS]), _digits(data[_DIGITS:]))
    return 0x9000 if right else _wrong(getattr(pin, tries), gsm=gsm)


def _use(pin: Pin, ins: int, value: str, new_value: str) -> bool:
    if ins == 0x20:
        return pin.verify(value)
    if ins == 0x24:
        return pin.change(value, new_value)
    if ins == 0x2C:
        return pin.unblock(value, new_value)
    return pin.switch(value, enabled=ins == 0x28)


def _wrong(tries: int, *, gsm: bool) -> int:
    if gsm:
        return 0x9804 if tries else 0x9840
    return 0x63C0 | tries


def _digits(field: bytes) -> str:
    return field.rstrip(b"\xff").decode("ascii", "replace")
