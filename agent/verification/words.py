"""The words for exclusions, services and their states, by their ids."""

from typing import Final

from agent.i18n import mark

EXCLUSION_NAMES: Final = {
    "right_card": mark("another card than the one of the evidence"),
    "same_card": mark("another slot or profile that took its place"),
    "same_modem": mark("another modem than at the baseline"),
    "radio_on": mark("a radio that is off"),
    "power_cycle": mark("an old session or refusal that lasts until a restart"),
    "coverage": mark("no coverage, or less than at the baseline"),
    "control": mark("a fault of modem or place"),
    "no_restriction": mark("a restriction of roaming or area"),
    "no_congestion": mark("passing trouble in the network"),
    "apn": mark("another APN than the baseline's"),
    "path": mark("data over another way than the modem"),
    "forbidden_memory": mark("a refusal that only the card remembers"),
    "quota_cycle": mark("a used-up quota that the next cycle renews"),
    "refused": mark("a network that still serves the card, or does not say why not"),
    "tried": mark("a service that was not tried"),
    "platform": mark("a platform that says otherwise"),
}
"""What else could make a card look as if it was gone."""
SERVICE_NAMES: Final = {
    "data": mark("data"),
    "sms": mark("short messages"),
    "voice": mark("voice"),
}
STATE_NAMES: Final = {
    "works": mark("works"),
    "fails": mark("does not work"),
    "not_tested": mark("not tried"),
    "not_applicable": mark("never worked"),
}
