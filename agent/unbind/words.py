"""What the words of documents are called on a screen: keys of the catalogue. Pure."""

from typing import Final

from agent.i18n import mark

CARD_STATES: Final = {
    "inventory": mark("in stock"),
    "test_ready": mark("in its test period"),
    "ready": mark("not activated yet"),
    "active": mark("in use"),
    "suspended": mark("suspended"),
    "pre_cancelled": mark("in its last days"),
    "cancelled": mark("ended on the platform"),
    "transferred": mark("transferred"),
    "unknown": mark("state unknown"),
}
SIM_STATES: Final = {
    "ready": mark("ready"),
    "absent": mark("no card"),
    "pin_required": mark("it asks for its PIN"),
    "puk_required": mark("it asks for its PUK"),
    "ph_sim_lock": mark("the device is locked to another card"),
    "network_lock": mark("the device is locked to another network"),
    "no_profile": mark("an eUICC without an enabled profile"),
    "faulty": mark("faulty"),
    "busy": mark("busy"),
    "blocked": mark("blocked for good"),
    "unknown": mark("state unknown"),
}
SIDES: Final = {
    "billing_side": mark("billing side (call records)"),
    "network_side": mark("network side"),
    "device_lock": mark("lock of the device"),
    "asset_register": mark("own asset register"),
}
LOCKS: Final = {
    "ps": mark("to one card (PS)"),
    "pf": mark("to its first card (PF)"),
    "pn": mark("to a network (PN)"),
    "pu": mark("to a part of a network (PU)"),
    "pp": mark("to a service provider (PP)"),
    "pc": mark("to a company (PC)"),
}
