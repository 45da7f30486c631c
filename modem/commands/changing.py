"""The only commands that delete what a modem has stored; `modem.stores` says when.

3GPP TS 27.005 clause 3.5.4 (+CMGD), unread. One message a command: never the flags that delete all.
"""

from modem.commands.base import SettingCommand


class DeleteMessage(SettingCommand):
    """AT+CMGD=<index>: the message at this place of the chosen store."""

    timeout_s = 10.0

    def __init__(self, index: int) -> None:
        self.text = f"AT+CMGD={index}"
