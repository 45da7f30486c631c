"""The only commands that show a PIN to the card in a modem; `modem.pin` says when.

3GPP TS 27.007 clauses 8.3 (+CPIN), 7.4 (+CLCK) and 7.5 (+CPWD), all unread. There is none for a
PUK: +CPIN takes one beside a new PIN, and nothing here writes two codes.
"""

from modem.commands.base import SettingCommand
from sim.pin import PinValue


class _ShowsPin(SettingCommand):
    # A card that takes its time, and a modem that starts the USIM before it answers.
    timeout_s = 30.0

    @property
    def shown(self) -> str:
        """The command without its codes."""
        return self.text.partition("=")[0] + "=***"


class EnterPin(_ShowsPin):
    """AT+CPIN="<pin>": PIN1, for a card that asks for it."""

    def __init__(self, value: PinValue) -> None:
        self.text = f'AT+CPIN="{value.spelled()}"'


class SetCardLock(_ShowsPin):
    """AT+CLCK="SC",<mode>,"<pin>": have the card ask for PIN1, or not any more."""

    def __init__(self, value: PinValue, *, enabled: bool) -> None:
        self.text = f'AT+CLCK="SC",{int(enabled)},"{value.spelled()}"'


class ChangePin(_ShowsPin):
    """AT+CPWD="SC","<old>","<new>": another PIN1."""

    def __init__(self, value: PinValue, new_value: PinValue) -> None:
        self.text = f'AT+CPWD="SC","{value.spelled()}","{new_value.spelled()}"'
