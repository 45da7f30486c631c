"""What codes about pairings mean, as texts for people."""

from typing import Final

from agent.binding import record
from agent.i18n import mark

COSTS: Final[dict[str, str]] = {
    record.SEPARATION: mark(
        "the card may count as separated from its device (stopped or data cut)"
    ),
    record.SEPARATION_KNOWN: mark("the platform binds this card to another IMEI"),
    record.SOLDERED: mark("if it is a solder-down card, it may be stopped for good"),
    record.REBIND_LIMIT: mark("rebinding is limited"),
    record.UNKNOWN_BINDING: mark("whether the card is bound to a device is not known"),
    record.UNKNOWN_LIMIT: mark("how often it may be rebound is not known"),
}
CHANGED: Final[dict[str, str]] = {
    record.IMEI: "IMEI",
    record.CARD: mark("card"),
    record.SLOT: mark("slot"),
}
