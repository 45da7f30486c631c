"""What codes about pairings mean, as texts for people."""

from typing import Final

from agent.binding import hold, record
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
NOT_HELD: Final[dict[str, str]] = {
    hold.OWN_UPLINK: mark("this machine's own way out leads over the modem"),
    hold.NOTHING_AT_STAKE: mark("nothing is known that it may cost"),
}
