"""Which of NetworkManager's connections are this card's. Pure; by what the settings themselves say.

Sources: NetworkManager 1.42, nm-settings(5): `gsm.sim-id` and `gsm.device-id` are what
ModemManager calls `SimIdentifier` (the ICCID) and `DeviceIdentifier`; `connection.interface-name`
of a gsm connection is the modem's control port or network interface.
"""

from typing import Any, Final, NamedTuple

Settings = dict[str, dict[str, tuple[str, Any]]]

OURS: Final = "ours"
OTHERS: Final = "others"
UNCLEAR: Final = "unclear"


class Owner(NamedTuple):
    """The card and the modem that a release is about.

    `names` are what the kernel calls the modem's parts, `device_id` is ModemManager's (None where
    nobody knows it), `told` are connections that the operator says are the card's (UUID or name).
    """

    iccid: str
    names: frozenset[str]
    device_id: str | None
    told: tuple[str, ...]


def value_of(settings: Settings, section: str, key: str) -> Any:
    """A setting's value; None where it is not set."""
    return settings.get(section, {}).get(key, (None, None))[1]


def is_cellular(settings: Settings) -> bool:
    """Whether it is a connection over a modem with a card."""
    return bool(value_of(settings, "connection", "type") == "gsm")


def name_of(settings: Settings) -> str:
    """What people call it."""
    return str(value_of(settings, "connection", "id"))


def uuid_of(settings: Settings) -> str:
    """What it is for ever."""
    return str(value_of(settings, "connection", "uuid"))


def connects_by_itself(settings: Settings) -> bool:
    """True where nothing is said: NetworkManager's default."""
    return value_of(settings, "connection", "autoconnect") is not False


def whose(settings: Settings, owner: Owner) -> str:
    """Whose connection it is: `ours`, `others`, or `unclear` where nothing in it tells."""
    if {uuid_of(settings), name_of(settings)} & set(owner.told):
        return OURS
    card = value_of(settings, "gsm", "sim-id")
    if card:
        return OURS if _same_number(card, owner.iccid) else OTHERS
    device = value_of(settings, "gsm", "device-id")
    interface = value_of(settings, "connection", "interface-name")
    if device and owner.device_id is not None:
        return OURS if device == owner.device_id else OTHERS
    if interface and owner.names:
        return OURS if interface in owner.names else OTHERS
    return UNCLEAR


def _same_number(text: str, iccid: str) -> bool:
    """ModemManager may leave the filler in: it shows what the modem says."""
    return text.upper().rstrip("F") == iccid.upper()
