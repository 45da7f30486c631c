"""The only commands that delete what a modem has stored; `modem.stores` and `modem.books` say when.

3GPP TS 27.005 clause 3.5.4 (+CMGD) and TS 27.007 clause 8.14 (+CPBW), both unread. One message or
entry a command: never the flags that delete all, and nothing that writes another entry.
"""

from modem.commands.base import SettingCommand


class DeleteMessage(SettingCommand):
    """AT+CMGD=<index>: the message at this place of the chosen store."""

    timeout_s = 10.0

    def __init__(self, index: int) -> None:
        self.text = f"AT+CMGD={index}"


class DeleteEntry(SettingCommand):
    """AT+CPBW=<index>: the entry at this place of the chosen phone book."""

    timeout_s = 10.0

    def __init__(self, index: int) -> None:
        self.text = f"AT+CPBW={index}"
