"""Which command lines only one module may write: the guard at the one door to a modem.

A PIN costs tries, and what is deleted is gone. So the channel sends such a line for a command
class of the module that is named here and for nobody else, neither a profile's text nor a class of
another module; `sim.instructions` is the same for a card's own commands.

Sources: 3GPP TS 27.007 clauses 7.4 (+CLCK), 7.5 (+CPWD), 8.3 (+CPIN), 8.14 (+CPBW); TS 27.005
clauses 3.5.4 (+CMGD) and 3.5.3 (+CMGW); vendors' own forms of the first three; all unread. ^SPBW
and ^SPBD write and clear phone books: Multi-Tech's AT manuals S000474A, chapter 15, and S000371B,
clause 16.4.
"""

import re

from modem.errors import AtUsageError

_BUILDERS = {
    "modem.commands.pin": ("+CPIN", "+CPIN2", "+CLCK", "+CPWD", "^CPIN", "*CPIN", "^SLCK", "^SPWD"),
    "modem.commands.changing": ("+CMGD", "+CMGW", "+CPBW", "^SPBW", "^SPBD"),
}
_OWNER = {name: module for module, names in _BUILDERS.items() for name in names}
_SETTING = re.compile(r"([+^*#%$!&][A-Z0-9]+) *= *(?!\?)", re.IGNORECASE)
_ASKS_A_LOCK = re.compile(r'"?[A-Z0-9]{2}"? *, *2 *(?![0-9])', re.IGNORECASE)


def check_ordered(text: str, module: str) -> None:
    """Nothing, where a command class of `module` may have `text` sent.

    Raises:
        AtUsageError: another module alone may; the line itself is not told.
    """
    for setting in _SETTING.finditer(text):
        name = setting.group(1).upper()
        owner = _OWNER.get(name)
        if owner is None or owner == module:
            continue
        if name == "+CLCK" and _ASKS_A_LOCK.match(text, setting.end()):
            continue
        raise AtUsageError(f"{name}: to be sent by {owner} alone")
